// Whether all homes have the same: the state's root, what others say of theirs, where they part, who
// signed two events with one number, and what is still missing.

import { html, type TemplateResult } from "lit";

import { desk } from "../data/desk.js";
import { Doing } from "../data/doing.js";
import { Live } from "../data/live.js";
import { announce } from "../frame/announce.js";
import { topicPath } from "../frame/route.js";
import type { Notice } from "../host/notices.js";
import type { Drift, DriftReport, Hex, Root } from "../host/methods.js";
import { copyButton } from "../parts/copy.js";
import { engineName } from "../parts/engine.js";
import { fault, waiting } from "../parts/fault.js";
import { id } from "../parts/name.js";
import { Part } from "../parts/part.js";
import { count, line } from "../parts/words.js";
import { excerpt, keyOf } from "./event.js";

/** How long who has another state is waited for: who has the same says nothing. As the command `drift` does. */
const COMPARE = { most: 5000, look: 250 };

class Agreement extends Part {
  static override properties = { topic: {} };
  declare topic: Hex;

  private compared = "";
  private readonly doing = new Doing(this);
  private readonly ofTopic = {
    params: () => ({ topic: this.topic }),
    concerns: (notice: Notice) =>
      (notice.kind === "topic" || notice.kind === "drift") && notice.topic === this.topic,
  };
  private readonly root = new Live(this, { method: "root", ...this.ofTopic });
  private readonly drift = new Live(this, { method: "drift", ...this.ofTopic });
  private readonly forks = new Live(this, { method: "forks", ...this.ofTopic });
  private readonly pending = new Live(this, { method: "pending", ...this.ofTopic });

  protected override render(): TemplateResult {
    const [root, drift] = [this.root.answer, this.drift.answer];
    return html`<h2>Agreement</h2>
      <p class="muted">With the same events every home has the same state. Its digest shows it.</p>
      ${root ? this.digest(root) : waiting(this.root.fault)} ${fault(this.doing.fault)}
      <div class="actions">
        <button type="button" ?disabled=${this.doing.busy} @click=${() => this.compare()}>Compare with peers now</button>
        <span class="muted" role="status">${this.compared}</span>
      </div>
      ${drift ? this.drifts(drift) : waiting(this.drift.fault)}
      <h3>Forks</h3>
      ${this.forked()}
      <h3>Missing</h3>
      ${this.missing()}`;
  }

  private digest(root: Root): TemplateResult {
    return html`<dl class="facts">
      <dt>Events</dt>
      <dd>${root.events.toLocaleString("en")}, of height ${root.height}</dd>
      <dt>Last event</dt>
      <dd>${root.tip ? html`<a href=${topicPath(this.topic, "history", root.tip)}>${id(root.tip)}</a>` : "none"}</dd>
      <dt>State</dt>
      <dd class="break">
        ${root.root ? html`<code>${root.root}</code> ${copyButton(root.root, "the digest")}` : "not there: not every event is judged"}
      </dd>
    </dl>`;
  }

  private async compare(): Promise<void> {
    await this.doing.run(async () => {
      const { nodes } = await desk.call("compare", { topic: this.topic });
      const compared = count(nodes, "node");
      this.compared = nodes === 0 ? "" : `Comparing with ${compared}…`;
      this.requestUpdate();
      this.compared =
        nodes === 0
          ? "No connected node has the same events: nothing was compared."
          : (await this.differs())
            ? `Compared with ${compared}: who has another state is shown here.`
            : `Compared with ${compared}: all have the same state as this home.`;
      announce(this.compared);
    });
  }

  /** Whether anybody is found to have another state, in the time that is given them to say. */
  private async differs(): Promise<boolean> {
    for (const end = performance.now() + COMPARE.most; performance.now() < end && this.isConnected; ) {
      await new Promise((later) => setTimeout(later, COMPARE.look));
      if (this.drift.answer?.reports.some(({ until }) => until === null)) return true;
    }
    return false;
  }

  private drifts(drift: Drift): TemplateResult {
    return html`<h3>What others have</h3>
      ${drift.votes.length === 0
        ? html`<p class="muted">Nobody has said yet; they do every so many events.</p>`
        : html`<ul>
            ${drift.votes.map(
              (vote) => html`<li>
                ${id(vote.scope)} after ${count(vote.count, "event")}:
                ${vote.agrees === true
                  ? html`<span class="chip good">the same</span>`
                  : vote.agrees === false
                    ? html`<span class="chip bad">another state</span>`
                    : html`<span class="chip">not the same events, or not yet</span>`}
              </li>`,
            )}
          </ul>`}
      ${drift.reports.length === 0
        ? html`<p class="message good">No home is known to have another state.</p>`
        : drift.reports.map((report) => this.report(report))}`;
  }

  private report(report: DriftReport): TemplateResult {
    const why = report.explanation;
    const side = (name: string, at: DriftReport["here"]): TemplateResult => html`<dt>${name}</dt>
      <dd class="break"><code>${at.root}</code> <span class="muted">by ${line(at.engine)} (<span title=${at.engine_version}>${line(engineName(at.engine_version))}</span>), code ${id(at.code)}</span></dd>`;
    return html`<section class="message bad" aria-label="Another state">
      <p><strong>${id(report.scope)} has another state after ${count(report.here.count, "event")}.</strong></p>
      <dl class="facts">${side("Here", report.here)} ${side("There", report.there)}</dl>
      ${why === null
        ? html`<p>Why is not known; a node that is connected to it asks.</p>`
        : html`<p>
              ${why.event
                ? html`They part at event <a href=${topicPath(this.topic, "history", why.event)}>${id(why.event)}</a>.`
                : "No event that was looked at wrote something else."}
              ${why.here && why.there ? `Judged ${why.here.verdict} here, ${why.there.verdict} there, says the peer.` : ""}
              ${why.again === null ? "" : why.again ? "Judged here once more, it gave the same." : "Judged here once more, it gave something else: this machine is at fault."}
            </p>
            ${why.keys.length === 0
              ? null
              : html`<div class="scroll" tabindex="0" role="region" aria-label="Keys that differ">
                  <table>
                    <thead><tr><th scope="col">Key</th><th scope="col">Here</th><th scope="col">There, says the peer</th></tr></thead>
                    <tbody>
                      ${why.keys.map(
                        (key) => html`<tr>
                          <td class="break">${keyOf(key)}</td>
                          <td class="break">${key.here ? excerpt(key.here) : "not there"}</td>
                          <td class="break">${key.there ? excerpt(key.there) : "not there"}</td>
                        </tr>`,
                      )}
                    </tbody>
                  </table>
                </div>`}`}
      ${report.until === null ? null : html`<p>Both had one state again after ${count(report.until, "event")}.</p>`}
    </section>`;
  }

  private forked(): TemplateResult {
    const forks = this.forks.answer;
    if (!forks) return waiting(this.forks.fault);
    if (forks.length === 0) return html`<p class="muted">Nobody is known to have signed two events with one number.</p>`;
    return html`<ul>
      ${forks.map(
        (fork) => html`<li class="message bad">
          Key ${id(fork.scope)} signed two events with number ${fork.seq}:
          ${fork.events.map((event) => html`<a href=${topicPath(this.topic, "history", event)}>${id(event)}</a> `)}
          ${copyButton(fork.proof, "the proof")}
        </li>`,
      )}
    </ul>`;
  }

  private missing(): TemplateResult {
    const pending = this.pending.answer;
    if (!pending) return waiting(this.pending.fault);
    if (pending.length === 0) return html`<p class="muted">No event waits for another.</p>`;
    return html`<ul>
      ${pending.map((event) => html`<li>${id(event.id)} waits for ${event.missing.map((one) => html`${id(one)} `)}</li>`)}
    </ul>`;
  }
}

customElements.define("m-agreement", Agreement);
