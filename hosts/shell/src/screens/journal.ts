// What the node has told lately.

import { html, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";

import { desk } from "../data/desk.js";
import { Live } from "../data/live.js";
import { topicPath } from "../frame/route.js";
import type { Line } from "../host/methods.js";
import { waiting } from "../parts/fault.js";
import { Part } from "../parts/part.js";
import { line, time } from "../parts/words.js";

const LEVELS: Record<Line["level"], string> = { info: "", warning: "Warning", error: "Error" };

class Journal extends Part {
  private grave = false;
  private readonly journal = new Live(this, {
    method: "journal",
    params: (known) => ({ after: known?.lines.at(-1)?.number ?? null }),
    concerns: () => true,
    merge: (known, came) => ({ lines: [...(known?.lines ?? []), ...came.lines].slice(-500) }),
  });

  protected override render(): TemplateResult {
    const { answer } = this.journal;
    return html`<header class="heading">
        <h1 tabindex="-1">Journal</h1>
        <label class="check"
          ><input type="checkbox" @change=${(event: Event) => this.only((event.target as HTMLInputElement).checked)} /><span
            >Only warnings and errors</span
          ></label
        >
      </header>
      <p class="muted">What this ${desk.kind === "node" ? "node" : "home"} met since it was started, newest first.</p>
      ${answer ? this.lines(answer.lines) : waiting(this.journal.fault)}`;
  }

  private only(grave: boolean): void {
    this.grave = grave;
    this.requestUpdate();
  }

  private lines(all: readonly Line[]): TemplateResult {
    const lines = all.filter(({ level }) => !this.grave || level !== "info").reverse();
    if (lines.length === 0) return html`<p class="muted">Nothing${this.grave ? " of that kind" : " yet"}.</p>`;
    return html`<ol class="lines" reversed>
      ${repeat(
        lines,
        ({ number }) => number,
        (one) => html`<li class=${one.level}>
          <time datetime=${new Date(one.at).toISOString()}>${time(one.at)}</time>
          <span>
            ${LEVELS[one.level] ? html`<strong>${LEVELS[one.level]}:</strong> ` : null}${line(one.text)}
            ${one.topic ? html`<a href=${topicPath(one.topic)}>its topic</a>` : null}
          </span>
        </li>`,
      )}
    </ol>`;
  }
}

customElements.define("m-journal", Journal);
