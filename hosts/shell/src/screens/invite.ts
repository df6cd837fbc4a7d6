// Making a ticket: as text, and as a picture that another device’s camera reads.

import { html, svg, type TemplateResult } from "lit";

import { desk } from "../data/desk.js";
import { Doing } from "../data/doing.js";
import { announce } from "../frame/announce.js";
import type { Hex, Invited } from "../host/methods.js";
import { copyButton } from "../parts/copy.js";
import { fault } from "../parts/fault.js";
import { Part } from "../parts/part.js";
import { line, time } from "../parts/words.js";
import { confirm } from "../prompts/confirm.js";

const HOUR = 3_600_000;
const LASTS: readonly (readonly [string, number | null])[] = [
  ["an hour", HOUR],
  ["a day", 24 * HOUR],
  ["a week", 7 * 24 * HOUR],
  ["no end", null],
];
/** What is wrong with where a ticket leads, and what to do about it. */
function lead(leads: Invited["leads"]): string {
  if (leads === "out") return "";
  const node =
    "For others, say where this home’s node is reached, with “myrhiza config listen ADDRESS:PORT” or a relay under Peers, and start it again.";
  const next = desk.kind === "node" ? node : "For others, add a relay under Peers, and make another.";
  return leads === "nowhere"
    ? `It leads nowhere: who joins by it needs a peer that has the topic. ${next}`
    : `It leads to this machine alone. ${next}`;
}

class Invite extends Part {
  static override properties = { topic: {} };
  declare topic: Hex;

  private made: Invited | null = null;
  private device = false;
  private code: readonly (readonly boolean[])[] | null = null;
  private readonly doing = new Doing(this);

  protected override render(): TemplateResult {
    return html`<h2>Invite</h2>
      ${fault(this.doing.fault)} ${this.made ? this.ticket(this.made) : this.form()}`;
  }

  private form(): TemplateResult {
    return html`<form class="form" @submit=${(event: Event) => this.make(event)}>
      <fieldset>
        <legend>Whom it lets in</legend>
        <label class="check"
          ><input type="radio" name="who" value="1" checked /><span>One person: whoever comes first</span></label
        >
        <label class="check"><input type="radio" name="who" value="5" /><span>Five people</span></label>
        <label class="check"><input type="radio" name="who" value="0" /><span>Any number of people</span></label>
        <label class="check"
          ><input type="radio" name="who" value="device" /><span>Only other devices of yours</span></label
        >
      </fieldset>
      <label class="field"
        ><span>How long it is good for</span
        ><select name="lasts">
          ${LASTS.map(([words, ms]) => html`<option value=${ms ?? ""} ?selected=${words === "a week"}>${words}</option>`)}
        </select></label
      >
      <label class="check"
        ><input type="checkbox" name="inviting" /><span>Those who come in by it may invite others</span></label
      >
      <button type="submit" class="main" ?disabled=${this.doing.busy}>Make a ticket</button>
    </form>`;
  }

  private async make(event: Event): Promise<void> {
    event.preventDefault();
    const given = new FormData(event.target as HTMLFormElement);
    const who = String(given.get("who"));
    const lasts = String(given.get("lasts"));
    this.device = who === "device";
    await this.doing.run(async () => {
      this.made = await desk.call("invite", {
        topic: this.topic,
        uses: this.device ? 1 : Number(who),
        lasts_ms: lasts === "" || this.device ? null : Number(lasts),
        may_invite: given.has("inviting"),
        device: this.device,
      });
      this.code = await draw(this.made.ticket);
      announce("The ticket is made");
    });
    await this.updateComplete;
    const ticket = this.querySelector<HTMLTextAreaElement>("#ticket");
    // Else it is shown from its end, where the cursor is.
    ticket?.setSelectionRange(0, 0);
    ticket?.focus();
  }

  private ticket(made: Invited): TemplateResult {
    return html`<p>
        ${this.device ? "Only another device of yours gets in with it." : "It is a secret: whoever has it may come in."}
        ${made.expires === null ? "" : `It is good until ${time(made.expires)}.`}
      </p>
      ${made.leads === "out" ? null : html`<p class="message warning">${lead(made.leads)}</p>`}
      <div class="ticket">
        ${this.code ? qr(this.code) : html`<p class="muted">It is too long for a QR code: send it as text.</p>`}
        <div>
          <label class="field"
            ><span>The ticket</span><textarea id="ticket" readonly rows="6" .value=${made.ticket}></textarea></label
          >
          <div class="actions">
            ${copyButton(made.ticket, "the ticket")}
            <button type="button" @click=${() => this.another()}>Make another</button>
            ${this.device
              ? null
              : html`<button type="button" class="danger quiet" ?disabled=${this.doing.busy} @click=${() => this.end(made)}>
                  End this ticket
                </button>`}
          </div>
        </div>
      </div>`;
  }

  private another(): void {
    this.made = null;
    this.requestUpdate();
  }

  private async end(made: Invited): Promise<void> {
    const sure = await confirm({
      title: "End this ticket?",
      text: "Who came in by it stays. Nobody else comes in.",
      yes: "End it",
    });
    if (!sure) return;
    await this.doing.run(async () => {
      const done = await desk.call("end-ticket", { ticket: made.ticket });
      announce(done.verdict === "accept" ? "The ticket is ended" : `Not ended: ${line(done.reason)}`);
      if (done.verdict === "accept") this.made = null;
    });
  }
}

/** In capitals, which tickets are read in too, a code holds about half as much again. */
async function draw(text: string): Promise<boolean[][] | null> {
  const { encodeQR } = await import("qr");
  try {
    return encodeQR(text.toUpperCase(), "raw", { ecc: "low", border: 4 });
  } catch {
    return null;
  }
}

function qr(code: readonly (readonly boolean[])[]): TemplateResult {
  const runs = code.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : [])));
  return html`<svg class="qr" viewBox=${`0 0 ${code.length} ${code.length}`} role="img" aria-label="The ticket as a QR code" shape-rendering="crispEdges">
    ${svg`<rect width="100%" height="100%" fill="#fff"></rect><path d=${runs.join("")} fill="#000"></path>`}
  </svg>`;
}

customElements.define("m-invite", Invite);
