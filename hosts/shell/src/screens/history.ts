// A topic's events as a graph one can walk, newest first, each with its verdict.

import { html, type PropertyValues, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";

import { Live } from "../data/live.js";
import { go, topicPath } from "../frame/route.js";
import { madeOn, rows } from "../graph/lanes.js";
import { picture, width } from "../graph/picture.js";
import type { Hex, LogEvent } from "../host/methods.js";
import { waiting } from "../parts/fault.js";
import { id, person } from "../parts/name.js";
import { Part } from "../parts/part.js";
import { readable } from "../parts/value.js";
import { line, short, time } from "../parts/words.js";
import "./event.js";

const PAGE = 100;
/** Characters of what an event says, in its row. */
const START = 80;

/** Which part of the log: the last events, those before one, or those after one. */
interface Place {
  readonly after: Hex | null;
  readonly before: Hex | null;
}
const END: Place = { after: null, before: null };

class History extends Part {
  static override properties = { topic: {}, event: {} };
  declare topic: Hex;
  declare event: Hex | null;

  private place = END;
  /** The row that the keyboard is at. */
  private at: Hex | null = null;
  private readonly log = new Live(this, {
    method: "log",
    params: () => ({ topic: this.topic, ...this.place, limit: PAGE }),
    concerns: (notice) => notice.kind === "topic" && notice.topic === this.topic,
  });

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has("event") && this.event) this.at = this.event;
  }

  protected override render(): TemplateResult {
    const page = this.log.answer;
    if (!page) return waiting(this.log.fault);
    const events = [...page.events].reverse();
    return html`<div class="history ${this.event ? "with-detail" : ""}">
      ${this.event
        ? html`<m-event .topic=${this.topic} .event=${this.event} .page=${events} @closed=${() => this.close()}></m-event>`
        : null}
      <section aria-labelledby="history-heading">
        <h2 id="history-heading" class="unseen">Event graph</h2>
        <p class="muted" id="history-keys">
          Every event in the one order that all members have, newest first. <kbd>↑</kbd> <kbd>↓</kbd> walk along it,
          <kbd>←</kbd> to what an event was made on, <kbd>→</kbd> to what was made on it.
        </p>
        ${this.paging(page.later, page.earlier)} ${this.rows(events)} ${this.paging(page.later, page.earlier)}
      </section>
    </div>`;
  }

  private rows(events: readonly LogEvent[]): TemplateResult {
    const drawn = rows(events);
    const pixels = width(drawn);
    const at = events.some((event) => event.id === this.at) ? this.at : events[0]?.id;
    return html`<ol class="events" reversed aria-describedby="history-keys" @keydown=${(event: KeyboardEvent) => this.walk(event, events)}>
      ${repeat(
        events,
        (event) => event.id,
        (event, number) => {
          const row = drawn[number];
          const verdict = event.verdict ?? "unfolded";
          return html`<li>
            <a
              href=${topicPath(this.topic, "history", event.id)}
              data-event=${event.id}
              tabindex=${event.id === at ? 0 : -1}
              aria-current=${event.id === this.event ? "true" : "false"}
              @focus=${() => this.reach(event.id)}
            >
              ${row ? picture(row, pixels, verdict) : null}
              <span class="event-words">
                <span class="event-what">
                  ${event.person ? person(event.person, event.person_name ?? "") : id(event.author)}
                  ${what(event)}
                </span>
                <span class="muted">${time(event.at)} · ${id(event.id)} ${verdictChip(event)}</span>
              </span>
            </a>
          </li>`;
        },
      )}
    </ol>`;
  }

  private paging(later: boolean, earlier: boolean): TemplateResult | null {
    if (!later && !earlier) return null;
    return html`<div class="actions paging">
      <button type="button" ?disabled=${!later} @click=${() => this.turn("later")}>Newer</button>
      <button type="button" ?disabled=${!earlier} @click=${() => this.turn("earlier")}>Older</button>
      ${later ? html`<button type="button" class="quiet" @click=${() => this.show(END)}>Newest</button>` : null}
    </div>`;
  }

  private turn(where: "later" | "earlier"): void {
    const events = this.log.answer?.events ?? [];
    const [first, last] = [events[0]?.id ?? null, events.at(-1)?.id ?? null];
    this.show(where === "earlier" ? { after: null, before: first } : { after: last, before: null });
  }

  private show(place: Place): void {
    this.place = place;
    this.log.refresh();
  }

  private reach(event: Hex): void {
    if (this.at === event) return;
    this.at = event;
    this.requestUpdate();
  }

  private walk(key: KeyboardEvent, events: readonly LogEvent[]): void {
    const number = events.findIndex((event) => event.id === this.at);
    const here = events[Math.max(number, 0)];
    if (!here || key.altKey || key.ctrlKey || key.metaKey) return;
    // Of several, the nearest: so one way leads back by the other.
    const below = madeOn(here);
    const target = {
      ArrowUp: events[number - 1]?.id,
      ArrowDown: events[number + 1]?.id,
      ArrowLeft: events.find((event) => below.includes(event.id))?.id,
      ArrowRight: events.findLast((event) => madeOn(event).includes(here.id))?.id,
      Home: events[0]?.id,
      End: events.at(-1)?.id,
    }[key.key];
    if (target === undefined) return;
    key.preventDefault();
    this.querySelector<HTMLElement>(`[data-event="${target}"]`)?.focus();
  }

  private close(): void {
    const event = this.event;
    go(topicPath(this.topic, "history"));
    requestAnimationFrame(() => this.querySelector<HTMLElement>(`[data-event="${event}"]`)?.focus());
  }
}

/** What an event does, in words; what one of the app means only the app knows. */
export function what(event: LogEvent): TemplateResult {
  if (event.says) {
    return html`<span>${line(event.says)}</span> ${event.whom ? person(event.whom, event.whom_name ?? "") : null}`;
  }
  const said = readable(event.payload_start, event.payload_bytes);
  const whole = event.payload_start.length === 2 * event.payload_bytes;
  return html`<span
    >acts in the app: variant ${event.variant} <code class="break">${whole ? short(said, START) : `${said.slice(0, START)}…`}</code></span
  >`;
}

export function verdictChip(event: LogEvent): TemplateResult | null {
  switch (event.verdict) {
    case "accept":
      return null;
    case null:
      return html`<span class="chip">not judged yet</span>`;
    case "trap":
      return html`<span class="chip bad">ended by a fault of the app</span>`;
    default:
      return html`<span class="chip bad">rejected: ${line(event.reason)}</span>`;
  }
}

customElements.define("m-history", History);
