// Everything that is here: topics, and what waits for a word.

import { html, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";

import { LISTS, Live } from "../data/live.js";
import { CHOOSE, topicPath } from "../frame/route.js";
import type { Topic } from "../host/methods.js";
import { waiting } from "../parts/fault.js";
import { person } from "../parts/name.js";
import { Part } from "../parts/part.js";
import { remarks } from "../parts/state.js";
import { count, line } from "../parts/words.js";

class Topics extends Part {
  private readonly topics = new Live(this, {
    method: "topics",
    pause: LISTS,
    params: () => ({}),
    concerns: ({ kind }) => kind === "topic" || kind === "offer" || kind === "withdrawn",
  });

  protected override render(): TemplateResult {
    const { answer } = this.topics;
    return html`<header class="heading">
        <h1 tabindex="-1">Topics</h1>
        <div class="actions">
          <a class="button" href=${CHOOSE}>New topic</a>
          <a class="button main" href="#/join">Join by ticket</a>
        </div>
      </header>
      ${answer ? this.list(answer) : waiting(this.topics.fault)}`;
  }

  private list(topics: readonly Topic[]): TemplateResult {
    if (topics.length === 0) {
      return html`<div class="empty">
        <p>There are no topics here yet.</p>
        <p class="muted">
          Somebody’s ticket lets you into theirs; or install an app and found one of your own.
        </p>
      </div>`;
    }
    const sorted = [...topics].sort((a, b) => a.name.localeCompare(b.name));
    return html`<ul class="cards">
      ${repeat(
        sorted,
        (topic) => topic.id,
        (topic) => html`<li class="card">
          <a class="card-link" href=${topicPath(topic.id)} dir="auto">${line(topic.name)}</a>
          <p class="muted">
            ${topic.app === null ? "App not installed" : `${line(topic.app)} ${topic.version ?? ""}`} ·
            ${count(topic.events, "event")}
          </p>
          <p class="muted by">by ${person(topic.founder, topic.founder_name)}</p>
          ${remarks(topic).map(({ tone, words }) => html`<p class="remark ${tone}">${words}</p>`)}
        </li>`,
      )}
    </ul>`;
  }
}

customElements.define("m-topics", Topics);
