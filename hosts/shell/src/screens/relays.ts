// The relays that others reach a home through. Those of a browser's own home are used at once, those of a
// node, which are in its settings, when it is started again.

import { html, type TemplateResult } from "lit";

import { desk } from "../data/desk.js";
import { Doing } from "../data/doing.js";
import { LISTS, Live } from "../data/live.js";
import { announce } from "../frame/announce.js";
import type { Relays as Shown } from "../host/methods.js";
import { fault, waiting } from "../parts/fault.js";
import { Part } from "../parts/part.js";
import { line } from "../parts/words.js";

class Relays extends Part {
  private readonly doing = new Doing(this);
  private readonly relays = new Live(this, {
    method: "relays",
    pause: LISTS,
    params: () => ({}),
    ofReach: true,
    concerns: ({ kind }) => kind === "peers",
  });

  protected override render(): TemplateResult {
    const { answer } = this.relays;
    return html`<section class="apart" aria-labelledby="relays-heading">
      <h2 id="relays-heading">Relays</h2>
      <p class="muted">
        ${desk.kind === "node"
          ? "Servers that pass on what they cannot read, so that this node is reached from behind any router."
          : "A browser is reached through relays alone: servers that pass on what they cannot read. Those of tickets that you join by are taken by themselves."}
      </p>
      ${fault(this.doing.fault)} ${answer ? this.list(answer) : waiting(this.relays.fault)}
      <form class="form" @submit=${(event: Event) => this.add(event)}>
        <label class="field"
          ><span>Another relay, such as https://relay.example</span
          ><input name="relay" required autocomplete="off" spellcheck="false"
        /></label>
        <button type="submit" ?disabled=${this.doing.busy}>Add it</button>
      </form>
    </section>`;
  }

  private list({ relays, running, away, pending }: Shown): TemplateResult {
    if (!pending) return this.rows(relays, away);
    return html`${running ? inUse(running) : null}
      <p>This home goes on with these when the node is started again:</p>
      ${this.rows(relays, away)}`;
  }

  private rows(relays: readonly string[], away: readonly string[]): TemplateResult {
    if (relays.length === 0) {
      return html`<p>${desk.kind === "node" ? "None: it is reached at its addresses alone." : "None yet: nobody gets here."}</p>`;
    }
    return html`<ul class="rows">
      ${relays.map(
        (relay) => html`<li class="row">
          <span><code class="break">${line(relay)}</code>${away.includes(relay) ? html` <span class="chip bad">does not answer</span>` : null}</span>
          <button
            type="button"
            class="danger quiet"
            aria-label=${`Remove ${line(relay)}`}
            ?disabled=${this.doing.busy}
            @click=${() => this.set(relays.filter((other) => other !== relay), "The relay was removed")}
          >Remove</button>
        </li>`,
      )}
    </ul>`;
  }

  private async add(event: Event): Promise<void> {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const relay = String(new FormData(form).get("relay")).trim();
    const relays = this.relays.answer?.relays ?? [];
    if (await this.set([...relays.filter((other) => other !== relay), relay], "The relay was added")) form.reset();
  }

  private set(relays: readonly string[], done: string): Promise<boolean> {
    return this.doing.run(async () => {
      await desk.call("set-relays", { relays });
      announce(done);
    });
  }
}

/** Those that a node was started with stay its own until it ends. */
function inUse(running: readonly string[]): TemplateResult {
  if (running.length === 0) return html`<p>None is in use now.</p>`;
  return html`<p>In use now:</p>
    <ul>
      ${running.map((relay) => html`<li><code class="break">${line(relay)}</code></li>`)}
    </ul>`;
}

customElements.define("m-relays", Relays);
