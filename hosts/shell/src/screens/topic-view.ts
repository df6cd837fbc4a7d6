// What a topic's app shows. Where it fails, that is said here, and the rest of the page goes on.

import { html, type TemplateResult } from "lit";

import { desk } from "../data/desk.js";
import { Doing } from "../data/doing.js";
import { Live } from "../data/live.js";
import { announce } from "../frame/announce.js";
import { readRoute, topicPath } from "../frame/route.js";
import type { Fault } from "../host/interface.js";
import type { Acted, Hex, View, ViewNode } from "../host/methods.js";
import { fault } from "../parts/fault.js";
import { Part } from "../parts/part.js";
import { line } from "../parts/words.js";
import { settle } from "../prompts/asking.js";
import { branches } from "../view/render.js";
import { MOST, rest } from "../view/rest.js";
import { type Branch, tree } from "../view/tree.js";

/** Nodes, and rows of each table, that are shown at first. */
const LIMIT = 300;

class TopicView extends Part {
  static override properties = { topic: {}, waits: {} };
  declare topic: Hex;
  /** It waits for its app, which is said above. */
  declare waits: boolean;

  private limit = LIMIT;
  private refusal = "";
  private last: Promise<unknown> = Promise.resolve();
  private nodes: readonly ViewNode[] | null = null;
  private tree: Branch[] = [];
  private readonly doing = new Doing(this);
  private readonly view = new Live(this, {
    method: "view",
    params: (known) => ({ topic: this.topic, known: known?.version ?? null, limit: this.limit }),
    concerns: (notice) => notice.kind === "topic" && notice.topic === this.topic,
    merge: (known: View | null, came: View) => (came.nodes ? came : (known ?? came)),
  });

  override connectedCallback(): void {
    super.connectedCallback();
    // What was asked before the page was loaded again still waits.
    this.last = this.doing.run(async () => settle(await desk.call("asked", { topic: this.topic }), this));
  }

  protected override render(): TemplateResult {
    const { answer, fault: failed } = this.view;
    return html`
      ${this.refusal ? html`<div class="fault" role="alert"><p>${this.refusal}</p></div>` : null}
      ${fault(this.doing.fault)} ${failed ? this.failing(failed) : null}
      ${failed && answer?.nodes ? html`<h2>As it was last shown</h2>` : null}
      ${answer?.nodes ? this.shown(answer, answer.nodes) : failed ? null : html`<p class="muted">Loading…</p>`}
    `;
  }

  private failing(failed: Fault): TemplateResult {
    if (failed.code === "not-installed" && this.waits) {
      return html`<p class="muted">What the app shows is here once it is installed.</p>`;
    }
    const kept = html`What was done in the topic is kept: see its
      <a href=${topicPath(this.topic, "history")}>history</a> and its <a href=${topicPath(this.topic, "state")}>state</a>.`;
    // Such a fault says to look there, but does not lead there.
    if (failed.code === "app-failed") return fault(failed, html`${kept} A later version of the app may mend it.`) ?? kept;
    return html`${fault(failed)}<p class="muted">${kept}</p>`;
  }

  private shown(view: View, nodes: readonly ViewNode[]): TemplateResult {
    if (this.nodes !== nodes) [this.nodes, this.tree] = [nodes, tree(nodes)];
    const act = (intent: readonly string[]) => this.act(intent);
    const more = this.limit < MOST ? () => this.more() : null;
    const acting = { busy: this.doing.busy, act, more, topic: this.topic, level: 2 };
    return html`<div class="app" aria-busy=${this.doing.busy}>
      ${nodes.length === 0 ? html`<p class="muted">The app shows nothing.</p>` : branches(this.tree, acting)}
      ${rest(view.more, "part", more)}
    </div>`;
  }

  private more(): void {
    this.limit = Math.min(this.limit * 4, MOST);
    this.view.refresh();
  }

  /** True once it is done; else the reason is shown. Where something is under way, it comes after that. */
  private act(words: readonly string[]): Promise<boolean> {
    const acted = this.last.then(() => this.actNow(words));
    this.last = acted;
    return acted;
  }

  private async actNow(words: readonly string[]): Promise<boolean> {
    this.refusal = "";
    const done = await this.doing.run(async () => {
      const { acted, asked } = await desk.call("press", { topic: this.topic, words });
      this.tell(acted);
      await settle(asked, this);
    });
    return done && this.refusal === "";
  }

  /** Also while the page is on its way elsewhere, and this is still there. */
  get isShown(): boolean {
    const route = readRoute(location.hash);
    return this.isConnected && route.at === "topic" && route.topic === this.topic && route.tab === "view";
  }

  /** Says what became of what was proposed, if anything was. The app may show something else in any case. */
  tell(acted: Acted | null): void {
    this.view.refresh();
    if (acted === null) return;
    if (acted.verdict === "accept") return announce("Done");
    this.refusal = `Not done: ${line(acted.reason) || acted.verdict}`;
    announce(this.refusal);
  }
}

customElements.define("m-topic-view", TopicView);
