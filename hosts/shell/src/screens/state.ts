// The app's part of a topic's state, key by key.

import { html, type TemplateResult } from "lit";

import { Live } from "../data/live.js";
import type { Hex } from "../host/methods.js";
import { waiting } from "../parts/fault.js";
import { Part } from "../parts/part.js";
import { readableKey } from "../parts/value.js";
import { excerpt } from "./event.js";

const PAGE = 100;

class State extends Part {
  static override properties = { topic: {} };
  declare topic: Hex;

  /** The keys after which earlier pages ended. */
  private starts: (Hex | null)[] = [null];
  private readonly state = new Live(this, {
    method: "state",
    params: () => ({ topic: this.topic, after: this.starts.at(-1) ?? null, limit: PAGE }),
    concerns: (notice) => notice.kind === "topic" && notice.topic === this.topic,
  });

  protected override render(): TemplateResult {
    const { answer } = this.state;
    if (!answer) return waiting(this.state.fault);
    return html`<h2>State</h2>
      <p class="muted">What the app has written, the same in every member’s home.</p>
      ${answer.entries.length === 0
        ? html`<p class="muted">Nothing${this.starts.length > 1 ? " more" : " yet"}.</p>`
        : html`<div class="scroll" tabindex="0" role="region" aria-label="The state">
            <table>
              <thead>
                <tr><th scope="col">Key</th><th scope="col">Value</th></tr>
              </thead>
              <tbody>
                ${answer.entries.map(
                  ({ key, value }) => html`<tr><td class="break"><code>${readableKey(key)}</code></td><td class="break">${excerpt(value)}</td></tr>`,
                )}
              </tbody>
            </table>
          </div>`}
      ${answer.later || this.starts.length > 1
        ? html`<div class="actions paging">
            <button type="button" ?disabled=${this.starts.length < 2} @click=${() => this.turn(null)}>Before</button>
            <button type="button" ?disabled=${!answer.later} @click=${() => this.turn(answer.entries.at(-1)?.key ?? null)}>
              More
            </button>
          </div>`
        : null}`;
  }

  private turn(after: Hex | null): void {
    if (after === null) this.starts.pop();
    else this.starts.push(after);
    this.state.refresh();
  }
}

customElements.define("m-state", State);
