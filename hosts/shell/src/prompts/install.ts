// Whether an app is to be installed: who signed it, what it may do, what is new. Weighty, so it is
// read before it can be agreed to (delay.ts), to its end (read.ts), and the yes carries the digest of what
// was shown.

import { html, type TemplateResult } from "lit";

import { desk, faultOf } from "../data/desk.js";
import { Doing } from "../data/doing.js";
import { Live } from "../data/live.js";
import { announce } from "../frame/announce.js";
import type { Hex, May, Offer, ShortApp } from "../host/methods.js";
import { fault, waiting } from "../parts/fault.js";
import { wholePerson } from "../parts/name.js";
import { count, fit, lasting, line, time } from "../parts/words.js";
import { Delay } from "./delay.js";
import { Modal } from "./modal.js";
import { Read, reading } from "./read.js";

/** Milliseconds after which what is known of an author is called old. */
const STALE = 86_400_000;
/** The component's part in an app, for people. */
const PARTS: Record<string, string> = {
  "state-apply": "Its rules",
  "state-propose": "What you do",
  interaction: "What it shows",
  migrate: "Its move from an older version",
};

class Install extends Modal<ShortApp | null> {
  static override properties = { bundle: {} };
  declare bundle: Hex;

  protected readonly dismissed = null;
  private pin = false;
  private readonly delay = new Delay(this);
  private readonly read = new Read(this);
  private readonly doing = new Doing(this);
  private readonly offer = new Live(this, {
    method: "offer",
    params: () => ({ bundle: this.bundle }),
    // What its author says of it may come while one reads.
    concerns: ({ kind }) => kind === "peers" || kind === "withdrawn" || kind === "topic",
  });

  protected content(heading: string): TemplateResult {
    const { answer: offer } = this.offer;
    if (!offer) {
      return html`<h2 id=${heading}>Install an app</h2>
        ${waiting(this.offer.fault)}
        <div class="actions"><button type="button" autofocus @click=${() => this.answer(null)}>Close</button></div>`;
    }
    this.delay.shows(offer.shown);
    this.read.shows(offer.shown);
    const withdrawn = offer.revoked !== null && !offer.pinned;
    const ready = this.delay.over && this.read.whole && !this.doing.busy && (!withdrawn || this.pin);
    return html`<h2 id=${heading}>Install ${line(offer.name)} ${offer.version}?</h2>
      ${this.read.shown(
        "What it is and may do",
        html`${this.asks(offer)} ${withdrawn ? this.withdrawn(offer) : null}
        <h3>It may</h3>
        ${may(offer.may)} ${offer.no_more.length > 0 ? html`<h3>It may no more</h3>${may(offer.no_more)}` : null}
        <p class="muted">
          It reaches nothing else: no file, no network, no key of yours. ${this.freshness(offer)}
        </p>
        ${offer.description ? this.described(offer) : null}`,
      )}
      ${fault(this.doing.fault)}
      <p class="muted reading" role="status">${reading(this.delay, this.read)}</p>
      <div class="actions">
        <button type="button" autofocus ?disabled=${!this.delay.over} @click=${() => this.refuse(offer)}>
          Not now
        </button>
        <button type="button" class="main" ?disabled=${!ready} @click=${() => this.agree(offer)}>Install</button>
      </div>`;
  }

  private asks(offer: Offer): TemplateResult {
    const known = offer.author_is_known
      ? html`<span class="chip">known here</span>`
      : html`<span class="chip warning">for the first time here</span>`;
    return html`<p class="muted">Signed by</p>
      <p>${wholePerson(offer.author, offer.author_name)} ${known}</p>
      ${offer.previous ? html`<p>After version ${offer.previous}, which is installed.</p>` : null}
      ${offer.topics.length > 0
        ? html`<p>Needed by ${count(offer.topics.length, "topic")}: ${offer.topics.map(line).join(", ")}.</p>`
        : null}
      ${offer.notices.map((notice) => html`<p class="message warning">${line(notice)}</p>`)}`;
  }

  /** After what it may do, and set apart: whoever wrote it would like it to be installed. */
  private described({ description }: Offer): TemplateResult {
    return html`<h3>Its author says</h3>
      <blockquote dir="auto">${fit(description).replaceAll(/\n{3,}/g, "\n\n")}</blockquote>`;
  }

  private withdrawn({ revoked }: Offer): TemplateResult {
    return html`<div class="message bad">
      <p>
        <strong>Its author has withdrawn it</strong>, ${time(revoked?.at ?? 0)}: ${line(revoked?.reason ?? "")}
      </p>
      <label class="check"
        ><input
          type="checkbox"
          .checked=${this.pin}
          @change=${(event: Event) => {
            this.pin = (event.target as HTMLInputElement).checked;
            this.requestUpdate();
          }}
        /><span>Install it all the same, and keep to it</span></label
      >
    </div>`;
  }

  /** How new what is known of its author is: it may be withdrawn without this home knowing. */
  private freshness({ as_of }: Offer): string {
    if (as_of === null) return "Nothing was heard from its author yet.";
    const age = Date.now() - as_of;
    return age > STALE ? `What is known from its author is ${lasting(age / 1000)} old.` : "";
  }

  private async agree(offer: Offer): Promise<void> {
    // However the button came to be pressed.
    if (!this.delay.over || !this.read.whole) return;
    let installed: ShortApp | null = null;
    const done = await this.doing.run(async () => {
      installed = await desk.call("confirm", { bundle: offer.bundle, shown: offer.shown, pin: this.pin });
    });
    if (!done) return this.offer.refresh();
    announce(`${line(offer.name)} is installed`);
    this.answer(installed);
  }

  private refuse(offer: Offer): void {
    if (!this.delay.over) return;
    // What no topic needs is let go; else it waits, and is found under Apps.
    desk.call("refuse", { bundle: offer.bundle }).catch(faultOf);
    this.answer(null);
  }
}

function may(all: readonly May[]): TemplateResult {
  const parts = [...new Set(all.map((one) => one.profile))];
  return html`<dl class="may">
    ${parts.map(
      (part) => html`<dt>${PARTS[part] ?? line(part)}</dt>
        <dd>
          <ul>
            ${all
              .filter((one) => one.profile === part)
              .map((one) => html`<li>${line(one.words)}${one.new ? html` <span class="chip warning">new</span>` : null}</li>`)}
          </ul>
        </dd>`,
    )}
  </dl>`;
}

customElements.define("m-install", Install);

let open = false;

/** Asks about a bundle that waits; what was installed, if it was. One at a time. */
export async function install(bundle: Hex): Promise<ShortApp | null> {
  if (open) return null;
  open = true;
  const part = new Install();
  part.bundle = bundle;
  const installed = await part.ask();
  open = false;
  return installed;
}
