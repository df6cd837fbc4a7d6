// Joining by a ticket: pasted, or read from a picture of its QR code. What it is for is shown first.

import { html, type TemplateResult } from "lit";

import { desk, faultOf } from "../data/desk.js";
import { Doing } from "../data/doing.js";
import { announce } from "../frame/announce.js";
import { go, topicPath } from "../frame/route.js";
import { type Fault, Refused } from "../host/interface.js";
import type { Ticket } from "../host/methods.js";
import { fault } from "../parts/fault.js";
import { id, wholePerson } from "../parts/name.js";
import { Part } from "../parts/part.js";
import { ticketsIn } from "../parts/ticket.js";
import { count, line, time } from "../parts/words.js";

const NO_CODE: Fault = {
  code: "no-code",
  what: "No ticket was read from the picture",
  cause: "no QR code was found in it",
  next: "Take the picture closer and in better light, or paste the ticket as text.",
};

class Join extends Part {
  private text = "";
  /** What of it was read. */
  private given = "";
  private ticket: Ticket | null = null;
  private fault: Fault | null = null;
  private readonly doing = new Doing(this);

  protected override render(): TemplateResult {
    return html`<header class="heading"><h1 tabindex="-1">Join by ticket</h1></header>
      <label class="field"
        ><span>The ticket, which starts with “myrticket1”</span
        ><textarea
          name="ticket"
          rows="5"
          autocomplete="off"
          spellcheck="false"
          .value=${this.text}
          @input=${(event: Event) => this.read((event.target as HTMLTextAreaElement).value)}
        ></textarea
      ></label>
      <p>
        <label class="button quiet"
          >Or choose a picture of its QR code<input class="unseen" type="file" accept="image/*" @change=${(event: Event) => this.picture(event)}
        /></label>
      </p>
      ${fault(this.fault)} ${fault(this.doing.fault)} ${this.ticket ? this.shown(this.ticket) : null}`;
  }

  private async read(text: string): Promise<void> {
    this.text = text;
    [this.ticket, this.fault] = [null, null];
    this.requestUpdate();
    if (text.trim() === "") return;
    for (const given of ticketsIn(text)) {
      try {
        const ticket = await desk.call("ticket", { ticket: given });
        if (this.text !== text) return;
        [this.ticket, this.given, this.fault] = [ticket, given, null];
        announce(`A ticket for ${line(ticket.name)}`);
        break;
      } catch (error) {
        if (this.text !== text) return;
        // What is wrong with a part of it is nothing that anybody meant.
        this.fault ??= faultOf(error);
      }
    }
    this.requestUpdate();
  }

  private async picture(event: Event): Promise<void> {
    const input = event.target as HTMLInputElement;
    const file = input.files?.[0];
    if (!file) return;
    try {
      await this.read(await decode(file));
    } catch (error) {
      await this.read("");
      this.fault = error instanceof Refused ? error.fault : NO_CODE;
      this.requestUpdate();
    }
    input.value = "";
  }

  private shown(ticket: Ticket): TemplateResult {
    return html`<section class="apart" aria-labelledby="ticket-heading">
      <h2 id="ticket-heading" dir="auto">${line(ticket.name)}</h2>
      <dl class="facts">
        <dt>Founded by</dt>
        <dd>${wholePerson(ticket.founder, ticket.founder_name)}</dd>
        ${ticket.issuer && ticket.issuer !== ticket.founder
          ? html`<dt>You are invited by</dt><dd>${wholePerson(ticket.issuer, ticket.issuer_name ?? "")}</dd>`
          : null}
        <dt>App</dt>
        <dd>
          ${ticket.app
            ? `${line(ticket.app)} ${ticket.version ?? ""}, which is installed`
            : html`bundle ${id(ticket.bundle)}, which is not here: it comes from a peer, and is shown before it is installed`}
        </dd>
        <dt>Lets in</dt>
        <dd>${lets(ticket)}</dd>
        ${ticket.expires === null
          ? null
          : html`<dt>Good until</dt><dd>${time(ticket.expires)} ${ticket.expired ? html`<span class="chip bad">over</span>` : null}</dd>`}
        <dt>Leads to</dt>
        <dd>${ticket.peers === 0 ? "no node: you need a peer that has the topic" : count(ticket.peers, "node")}</dd>
      </dl>
      ${ticket.relayed === false
        ? html`<p class="remark warning">
            It names no relay, and a browser reaches others through one alone. Ask for a ticket from a node that uses a
            relay; this one is of use where you are connected to its peers already.
          </p>`
        : null}
      ${ticket.here === null
        ? null
        : html`<p>
            <a href=${topicPath(ticket.topic)}>It is here already, as ${line(ticket.here)}.</a> The ticket can still lead
            to its peers, or back in for whoever left or was taken out.
          </p>`}
      ${this.form(ticket)}
    </section>`;
  }

  private form(ticket: Ticket): TemplateResult {
    const isNew = ticket.here === null;
    return html`<form class="form" @submit=${(event: Event) => this.join(event, ticket)}>
      ${isNew
        ? html`<label class="field"
            ><span>What it is called here, if not “${line(ticket.name)}”</span
            ><input name="name" maxlength="64" autocomplete="off"
          /></label>`
        : null}
      ${ticket.expired && isNew
        ? html`<label class="check"
            ><input type="checkbox" name="late" required /><span>Use it although its day is over by this machine’s clock</span></label
          >`
        : null}
      <button type="submit" class="main" ?disabled=${this.doing.busy}>${isNew ? "Join" : "Use it"}</button>
    </form>`;
  }

  private async join(event: Event, ticket: Ticket): Promise<void> {
    event.preventDefault();
    const given = new FormData(event.target as HTMLFormElement);
    const name = String(given.get("name") ?? "").trim();
    const done = await this.doing.run(async () => {
      const even_if_expired = given.has("late");
      await desk.call("join", { ticket: this.given, name: name === "" ? null : name, even_if_expired }).catch((error) => {
        // Whoever is a member already had only its peers to learn of, and the host has.
        if (ticket.here === null || !(error instanceof Refused) || error.fault.code !== "have-topic") throw error;
      });
    });
    if (done) {
      announce(ticket.here === null ? `Joined ${line(ticket.name)}` : `The ticket was used for ${line(ticket.here)}`);
      go(topicPath(ticket.topic));
    }
  }
}

function lets(ticket: Ticket): string {
  if (ticket.way === "device") return "devices of one member";
  if (ticket.way === "open") return "whoever has it: the topic is open";
  const people = ticket.uses === 0 ? "any number of people" : ticket.uses === 1 ? "one person" : `${ticket.uses} people`;
  const inviting = ticket.may_invite ? ", who may invite others" : "";
  return `${people}${ticket.uses === 0 ? "" : ", whoever comes first"}${inviting}`;
}

/** Pixels of a picture's longer side: enough for any code, and quickly read. */
const SIDE = 1600;

async function decode(file: File): Promise<string> {
  const { default: decodeQR } = await import("qr/decode.js");
  const bitmap = await createImageBitmap(file);
  const scale = Math.min(1, SIDE / Math.max(bitmap.width, bitmap.height));
  const canvas = new OffscreenCanvas(Math.ceil(bitmap.width * scale), Math.ceil(bitmap.height * scale));
  const context = canvas.getContext("2d");
  if (!context) throw new Refused(NO_CODE);
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return decodeQR(context.getImageData(0, 0, canvas.width, canvas.height));
}

customElements.define("m-join", Join);
