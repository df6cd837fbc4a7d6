// One event: who made it, on what, how it was judged and what it changed.

import { html, type PropertyValues, type TemplateResult } from "lit";

import { Live } from "../data/live.js";
import { topicPath } from "../frame/route.js";
import { madeOn } from "../graph/lanes.js";
import type { Changed, Excerpt, Hex, LogEvent, WholeEvent } from "../host/methods.js";
import { copyButton } from "../parts/copy.js";
import { waiting } from "../parts/fault.js";
import { id, wholePerson } from "../parts/name.js";
import { Part } from "../parts/part.js";
import { readable, readableKey } from "../parts/value.js";
import { bytes, count, line, short, time } from "../parts/words.js";
import { verdictChip, what } from "./history.js";

class EventDetail extends Part {
  static override properties = { topic: {}, event: {}, page: {} };
  declare topic: Hex;
  declare event: Hex;
  /** The events around it, to find those made on it. */
  declare page: readonly LogEvent[];

  private shownFor: Hex | null = null;
  private readonly whole = new Live(this, {
    method: "event",
    params: () => ({ topic: this.topic, event: this.event }),
    concerns: (notice) => notice.kind === "topic" && notice.topic === this.topic,
  });

  protected override updated(changed: PropertyValues): void {
    if (changed.has("event") && changed.get("event") !== undefined) this.whole.refresh();
    // Who opened it reads on here.
    if (this.shownFor !== this.event) {
      this.shownFor = this.event;
      this.querySelector<HTMLElement>("h2")?.focus();
    }
  }

  protected override render(): TemplateResult {
    const event = this.whole.answer?.id === this.event ? this.whole.answer : null;
    return html`<section class="detail" aria-labelledby="event-heading">
      <header class="heading">
        <h2 id="event-heading" tabindex="-1">Event ${id(this.event)}</h2>
        <button type="button" class="quiet" @click=${() => this.dispatchEvent(new Event("closed"))}>Close</button>
      </header>
      ${event ? this.facts(event) : waiting(this.whole.fault)}
    </section>`;
  }

  private facts(event: WholeEvent): TemplateResult {
    const links = (ids: readonly Hex[]): unknown =>
      ids.length === 0
        ? "nothing"
        : ids.map((one) => html`<a href=${topicPath(this.topic, "history", one)}>${id(one)}</a> `);
    const after = this.page.filter((other) => madeOn(other).includes(event.id)).map((other) => other.id);
    return html`<p>${what(event)} ${event.verdict === "accept" ? html`<span class="chip good">accepted</span>` : verdictChip(event)}</p>
      <dl class="facts">
        <dt>Made by</dt>
        <dd>
          ${event.person ? wholePerson(event.person, event.person_name ?? "") : "nobody that is known"}
          <span class="muted">${event.scope_name ? `on ${line(event.scope_name)}, ` : ""}number ${event.seq} of key ${id(event.author)}</span>
        </dd>
        <dt>When</dt>
        <dd>${time(event.at)} <span class="muted">by its author’s clock</span></dd>
        <dt>Made on</dt>
        <dd>${links(madeOn(event))}</dd>
        <dt>Made on it</dt>
        <dd>${links(after)}</dd>
        <dt>Height</dt>
        <dd>${event.height}${event.generation > 0 ? `, for version ${event.generation + 1} of the app` : ""}</dd>
        <dt>Judging it</dt>
        <dd>${event.fuel === null ? "not done yet" : `${event.fuel.toLocaleString("en")} units of fuel`}${event.code ? `, code ${event.code}` : ""}</dd>
        <dt>Id</dt>
        <dd class="break"><code>${event.id}</code> ${copyButton(event.id, "the id")}</dd>
        <dt>Payload</dt>
        <dd class="break">
          ${folded(event.payload)}
          <span class="muted">kind ${event.kind}${event.kind === "app" ? `, variant ${event.variant}` : ""}</span>
        </dd>
      </dl>
      <h3>What it changed in the state</h3>
      ${this.changes(event)}`;
  }

  private changes(event: WholeEvent): TemplateResult {
    if (event.verdict === null) return html`<p class="muted">Nothing yet: it is not judged.</p>`;
    if (event.changed.length === 0) return html`<p class="muted">Nothing.</p>`;
    return html`<div class="scroll" tabindex="0" role="region" aria-label="What it changed">
        <table>
          <thead>
            <tr><th scope="col">Key</th><th scope="col">Before</th><th scope="col">After</th></tr>
          </thead>
          <tbody>
            ${event.changed.map((changed) => html`<tr>
              <td class="break">${keyOf(changed)}</td>
              <td class="break">${changed.before ? excerpt(changed.before) : html`<span class="muted">not there</span>`}</td>
              <td class="break">${left(changed)}</td>
            </tr>`)}
          </tbody>
        </table>
      </div>
      ${event.more > 0 ? html`<p class="muted">And ${count(event.more, "more key")}.</p>` : null}`;
  }
}

/** What the kernel writes down for itself, by the first byte of its keys: see `docs/spec/fold.md`. */
const KERNEL: Record<string, string> = {
  "61": "a use of an invitation",
  "64": "a home of a person",
  "69": "an invitation",
  "6a": "a join",
  "6d": "a member",
  "70": "a bundle that was published",
  "73": "a home’s key",
  "74": "an author’s clock",
  "75": "the bundle in force",
  "76": "a person’s invitation",
  "77": "a bundle that was withdrawn",
};

/** A key in words, as far as it has any. */
export function keyOf({ side, key }: { readonly side: "app" | "kernel"; readonly key: Hex }): TemplateResult {
  if (side === "app") return html`<code>${readableKey(key)}</code>`;
  const what = KERNEL[key.slice(0, 2)] ?? "a key";
  return html`<span title=${key}>${what} <code>${short(key.slice(2), 16)}</code></span> <span class="chip">kernel</span>`;
}

/** Bytes that are shown without being asked for. */
const SHOWN = 64;

function folded(value: Excerpt): TemplateResult {
  if (value.bytes <= SHOWN) return excerpt(value);
  return html`<details>
    <summary>${bytes(value.bytes)}</summary>
    ${excerpt(value)}
  </details>`;
}

function left({ after, after_is_known }: Changed): TemplateResult {
  if (!after_is_known) return html`<span class="muted">too far back to be looked up</span>`;
  return after ? excerpt(after) : html`<span class="muted">deleted</span>`;
}

/** A value, or the start of a long one. */
export function excerpt({ bytes: length, start }: Excerpt): TemplateResult {
  if (length === 0) return html`<span class="muted">empty</span>`;
  const cut = start.length / 2 < length;
  return html`<code>${readable(start, length)}${cut ? "…" : ""}</code>${cut ? html` <span class="muted">${bytes(length)}</span>` : null}`;
}

customElements.define("m-event", EventDetail);
