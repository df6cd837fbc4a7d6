// The page: who one is, where one can go, and the screen one is at.

import { html, type TemplateResult } from "lit";
import { keyed } from "lit/directives/keyed.js";

import { desk, faultOf } from "../data/desk.js";
import { LISTS, Live } from "../data/live.js";
import { me, readMe } from "../data/me.js";
import type { Fault } from "../host/interface.js";
import { fault } from "../parts/fault.js";
import { person } from "../parts/name.js";
import { Part } from "../parts/part.js";
import { line } from "../parts/words.js";
import "../screens/about.js";
import "../screens/apps.js";
import "../screens/join.js";
import "../screens/journal.js";
import "../screens/peers.js";
import "../screens/topic.js";
import "../screens/topics.js";
import { announce, region } from "./announce.js";
import { readRoute, type Route } from "./route.js";

const PLACES: readonly (readonly [Route["at"], string])[] = [
  ["topics", "Topics"],
  ["apps", "Apps"],
  ["peers", "Peers"],
  ["journal", "Journal"],
  ["about", "About"],
];

/** Faults that last until something is kept again. */
const LASTING: readonly string[] = ["disk-full", "store-lost"];

export class Shell extends Part {
  private route = readRoute(location.hash);
  private lost: Fault | null = null;
  /** What is wrong for now with a home that is there: what keeps others away, and what was not kept. */
  private trouble: Fault | null = null;
  private fault: Fault | null = null;
  /** What waits for a word. */
  private readonly offers = new Live(this, {
    method: "offers",
    pause: LISTS,
    params: () => ({}),
    concerns: ({ kind }) => kind === "offer" || kind === "topic",
  });
  /** How far a start is, of a page that runs the kernel itself. */
  private starting = "";
  private end: (() => void) | null = null;

  override connectedCallback(): void {
    super.connectedCallback();
    document.body.append(region());
    window.addEventListener("hashchange", this.moved);
    this.end = desk.listen({
      notice: (notice) => {
        if (notice.kind === "offer") announce("An app has come and waits for your word");
        if (notice.kind === "withdrawn") announce(`The author of ${line(notice.name)} has withdrawn it`);
        if (notice.kind === "drift") announce("Another home has another state than this one");
        if (notice.kind === "fault") announce(line(notice.what));
        // What comes is not kept until there is room; what comes after that was.
        if (notice.kind === "fault" && LASTING.includes(notice.code)) this.tellFault(notice);
        if (notice.kind === "topic" && this.fault) this.tellFault(null);
      },
      trouble: (trouble) => {
        this.trouble = trouble;
        this.requestUpdate();
      },
      reach: (reach, why) => {
        this.lost = reach === "lost" ? why : null;
        this.requestUpdate();
      },
      again: () => void this.begin(),
    });
    void this.begin();
  }

  override disconnectedCallback(): void {
    window.removeEventListener("hashchange", this.moved);
    this.end?.();
    super.disconnectedCallback();
  }

  private tellFault(fault: Fault | null): void {
    this.fault = fault;
    this.requestUpdate();
  }

  says(starting: string): void {
    this.starting = starting;
    this.requestUpdate();
  }

  private async begin(): Promise<void> {
    try {
      if (!me()) await readMe();
      this.lost = null;
    } catch (error) {
      this.lost = faultOf(error);
    }
    this.requestUpdate();
  }

  private readonly moved = (): void => {
    const before = this.route;
    this.route = readRoute(location.hash);
    this.requestUpdate();
    // Another place is read from its start; another part of one where the reader is.
    const there = (route: Route): string => (route.at === "topic" ? route.topic : route.at);
    if (there(before) !== there(this.route)) {
      window.scrollTo(0, 0);
      void this.arrive();
    }
  };

  /** The keyboard goes on at the heading of where one came to, as soon as that is there. */
  private async arrive(): Promise<void> {
    const route = this.route;
    for (let tries = 0; tries < 40 && this.route === route; tries++) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
      const heading = this.querySelector<HTMLElement>("main h1");
      if (heading) {
        document.title = `${heading.textContent?.trim() ?? ""} – Myrhiza`;
        return heading.focus();
      }
    }
  }

  protected override render(): TemplateResult {
    const [who, waits] = [me(), this.offers.answer?.length ?? 0];
    return html`<a class="skip" href="#main" @click=${(event: Event) => this.skip(event)}>To the content</a>
      <header class="top">
        <a class="brand" href="#/topics"><img src="icon.svg" alt="" width="24" height="24" />Myrhiza</a>
        <nav aria-label="Main">
          <ul>
            ${PLACES.map(
              ([at, name]) => html`<li>
                <a href=${`#/${at}`} aria-current=${this.isAt(at) ? "page" : "false"}
                  >${name}${at === "apps" && waits > 0
                    ? html`<span class="badge"><span class="unseen">, </span>${waits}<span class="unseen"> waiting</span></span>`
                    : null}</a
                >
              </li>`,
            )}
          </ul>
        </nav>
        ${who ? html`<a class="you" href="#/about"><span class="unseen">You: </span>${person(who.id, who.name)}</a>` : null}
      </header>
      <main id="main">
        ${this.lost ? html`<div class="lost">${fault(this.lost)}</div>` : null}
        ${this.lost ? null : [this.fault, this.trouble].map((wrong) => (wrong ? html`<div class="lost">${fault(wrong)}</div>` : null))}
        ${who ? this.screen() : this.lost ? html`<h1 class="unseen" tabindex="-1">Not started</h1>` : html`<p class="muted">${this.starting || "Starting…"}</p>`}
      </main>`;
  }

  private isAt(at: Route["at"]): boolean {
    return this.route.at === at || (at === "topics" && (this.route.at === "topic" || this.route.at === "join"));
  }

  private screen(): TemplateResult {
    const { route } = this;
    switch (route.at) {
      case "topic":
        return html`${keyed(
          route.topic,
          html`<m-topic .topic=${route.topic} .tab=${route.tab} .event=${route.event}></m-topic>`,
        )}`;
      case "join":
        return html`<m-join></m-join>`;
      case "apps":
        return html`<m-apps .choosing=${route.choosing}></m-apps>`;
      case "peers":
        return html`<m-peers></m-peers>`;
      case "journal":
        return html`<m-journal></m-journal>`;
      case "about":
        return html`<m-about></m-about>`;
      default:
        return html`<m-topics></m-topics>`;
    }
  }

  private skip(event: Event): void {
    event.preventDefault();
    this.querySelector<HTMLElement>("main h1")?.focus();
  }
}

customElements.define("m-shell", Shell);
