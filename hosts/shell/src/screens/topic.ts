// One topic: its name, what is to be said of it, and its parts.

import { html, type TemplateResult } from "lit";
import { keyed } from "lit/directives/keyed.js";

import { desk } from "../data/desk.js";
import { Doing } from "../data/doing.js";
import { LISTS, Live } from "../data/live.js";
import { me } from "../data/me.js";
import { announce } from "../frame/announce.js";
import { go, type Tab, TABS, topicPath } from "../frame/route.js";
import type { App, Hex, Topic as Shown, Waiting } from "../host/methods.js";
import { fault, waiting } from "../parts/fault.js";
import { Part } from "../parts/part.js";
import { remarks } from "../parts/state.js";
import { count, line } from "../parts/words.js";
import { confirm } from "../prompts/confirm.js";
import { install } from "../prompts/install.js";
import "./agreement.js";
import "./history.js";
import "./invite.js";
import "./members.js";
import "./state.js";
import "./topic-view.js";

const NAMES: Record<Tab, string> = {
  view: "App",
  history: "History",
  members: "Members",
  invite: "Invite",
  state: "State",
  agreement: "Agreement",
};

class Topic extends Part {
  static override properties = { topic: {}, tab: {}, event: {} };
  declare topic: Hex;
  declare tab: Tab;
  declare event: Hex | null;

  private readonly doing = new Doing(this);
  private readonly topics = new Live(this, {
    method: "topics",
    pause: LISTS,
    params: () => ({}),
    concerns: (notice) =>
      (notice.kind === "topic" && notice.topic === this.topic) ||
      notice.kind === "offer" ||
      notice.kind === "withdrawn",
  });
  private readonly offers = new Live(this, {
    method: "offers",
    pause: LISTS,
    params: () => ({}),
    concerns: ({ kind }) => kind === "offer" || kind === "topic",
  });
  private readonly apps = new Live(this, {
    method: "apps",
    pause: LISTS,
    params: () => ({}),
    concerns: ({ kind }) => kind === "offer" || kind === "topic",
  });

  protected override render(): TemplateResult {
    const topic = this.topics.answer?.find(({ id }) => id === this.topic);
    const title = topic ? line(topic.name) : this.topics.answer ? "No such topic" : "Topic";
    document.title = `${title} – Myrhiza`;
    // The heading is there from the first: the keyboard may be at it already.
    return html`<header class="heading">
        <div>
          <h1 tabindex="-1" dir="auto">${title}</h1>
          ${topic ? facts(topic) : null}
        </div>
      </header>
      ${topic ? this.found(topic) : this.topics.answer ? GONE : waiting(this.topics.fault)}`;
  }

  private found(topic: Shown): TemplateResult {
    const offer = this.offers.answer?.find(({ bundle }) => bundle === topic.waits);
    // That the app has come says that it is not installed, too.
    const said = remarks(topic).filter(({ ofApp }) => !(ofApp && offer));
    return html`${said.map(({ tone, words }) => html`<p class="message ${tone}">${words}</p>`)}
      ${offer ? offered(offer) : null} ${this.tab === "view" ? this.newer(topic) : null} ${fault(this.doing.fault)}
      <nav class="tabs" aria-label="Parts of this topic">
        ${TABS.map(
          (tab) =>
            html`<a href=${topicPath(this.topic, tab)} aria-current=${tab === this.tab ? "page" : "false"}
              >${NAMES[tab]}</a
            >`,
        )}
      </nav>
      ${keyed(`${this.topic} ${this.tab}`, this.shownPart(topic))} ${this.tab === "members" ? this.leaving(topic) : null}`;
  }

  private shownPart({ waits }: Shown): TemplateResult {
    switch (this.tab) {
      case "history":
        return html`<m-history .topic=${this.topic} .event=${this.event}></m-history>`;
      case "members":
        return html`<m-members .topic=${this.topic}></m-members>`;
      case "invite":
        return html`<m-invite .topic=${this.topic}></m-invite>`;
      case "state":
        return html`<m-state .topic=${this.topic}></m-state>`;
      case "agreement":
        return html`<m-agreement .topic=${this.topic}></m-agreement>`;
      default:
        return html`<m-topic-view .topic=${this.topic} .waits=${waits !== null}></m-topic-view>`;
    }
  }

  /** A later version of the app is installed, and the founder can go on with it. */
  private newer(topic: Shown): TemplateResult | null {
    const apps = this.apps.answer ?? [];
    const now = apps.find(({ id }) => id === topic.bundle);
    if (!now || topic.waits || topic.founder !== me()?.id) return null;
    const later = apps.filter((app) => app.name === now.name && app.author === now.author && above(app, now));
    const next = later.sort((a, b) => (above(a, b) ? -1 : 1))[0];
    if (!next) return null;
    return html`<div class="call">
      <p>${line(next.name)} ${next.version} is installed. This topic runs ${now.version}.</p>
      <button type="button" ?disabled=${this.doing.busy} @click=${() => this.upgrade(next)}>Go on with it</button>
    </div>`;
  }

  private async upgrade(next: App): Promise<void> {
    const sure = await confirm({
      title: `Go on with ${line(next.name)} ${next.version}?`,
      text: "Every member’s home goes on with it as soon as it is installed there. Nothing leads back to the version before.",
      yes: "Go on with it",
    });
    if (!sure) return;
    await this.doing.run(async () => {
      const done = await desk.call("upgrade", { topic: this.topic, bundle: next.id });
      announce(done.verdict === "accept" ? "Upgraded" : `Not upgraded: ${line(done.reason)}`);
    });
  }

  private leaving(topic: Shown): TemplateResult {
    return html`<section class="apart">
      <h2>Leave</h2>
      <p class="muted">This home forgets the topic. The others keep it, and your part in it.</p>
      <button type="button" class="danger" ?disabled=${this.doing.busy} @click=${() => this.leave(topic)}>
        Leave this topic
      </button>
    </section>`;
  }

  private async leave(topic: Shown): Promise<void> {
    const sure = await confirm({
      title: `Leave ${line(topic.name)}?`,
      text: `Its ${count(topic.events, "event")} are forgotten here. Only an export from another member brings them back.`,
      yes: "Leave",
    });
    if (!sure) return;
    const done = await this.doing.run(async () => {
      await desk.call("leave", { topic: this.topic });
    });
    if (done) {
      announce(`${line(topic.name)} was left`);
      go("#/topics");
    }
  }
}

const GONE = html`<p>It is not in this home, or was left. <a href="#/topics">See those that are.</a></p>`;

const facts = (topic: Shown): TemplateResult => html`<p class="muted">
  ${topic.app === null ? "App not installed" : `${line(topic.app)} ${topic.version ?? ""}`} · ${count(topic.events, "event")}
</p>`;

/** The app it waits for has come. */
const offered = (offer: Waiting): TemplateResult => html`<div class="call" role="status">
  <p>${line(offer.name)} ${offer.version} has come from a peer. It runs once you agree to what it may do.</p>
  <button type="button" class="main" @click=${() => install(offer.bundle)}>Look at it</button>
</div>`;

/** Whether one version is above another, number by number. */
function above(one: App, other: App): boolean {
  const numbers = (app: App): number[] => app.version.split(".").map(Number);
  const [a, b] = [numbers(one), numbers(other)];
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return false;
}

customElements.define("m-topic", Topic);
