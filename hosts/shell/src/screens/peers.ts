// The nodes that this one is connected to, and how far what they exchange is.

import { html, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";

import { desk } from "../data/desk.js";
import { Doing } from "../data/doing.js";
import { Live } from "../data/live.js";
import { announce } from "../frame/announce.js";
import type { Peer, Peers as Shown, PeerTopic } from "../host/methods.js";
import { copyButton } from "../parts/copy.js";
import { fault, waiting } from "../parts/fault.js";
import { icon } from "../parts/icon.js";
import { id } from "../parts/name.js";
import { Part } from "../parts/part.js";
import { bytes, count, lasting, line, short } from "../parts/words.js";
import "./relays.js";

const MOST_POINTS = 1000;

class Peers extends Part {
  private readonly doing = new Doing(this);
  private readonly peers = new Live(this, {
    method: "peers",
    params: () => ({}),
    ofReach: true,
    concerns: ({ kind }) => kind === "peers" || kind === "progress" || kind === "fetch" || kind === "offer",
  });
  private timer = 0;

  override connectedCallback(): void {
    super.connectedCallback();
    // Times and counts go on without a notice.
    this.timer = window.setInterval(() => this.peers.refresh(), 5000);
  }

  override disconnectedCallback(): void {
    clearInterval(this.timer);
    super.disconnectedCallback();
  }

  protected override render(): TemplateResult {
    const { answer } = this.peers;
    return html`<header class="heading"><h1 tabindex="-1">Peers</h1></header>
      ${answer ? this.shown(answer) : waiting(this.peers.fault)}`;
  }

  private shown(shown: Shown): TemplateResult {
    // One that leads to this home alone is all that a browser's has before it has a relay.
    const addresses = shown.addresses.filter((address) => !address.startsWith("memory:"));
    const isNode = desk.kind === "node";
    return html`<section aria-labelledby="own-heading">
        <h2 id="own-heading">${isNode ? "This node" : "This home"}</h2>
        <dl class="facts">
          <dt>Key</dt>
          <dd class="break"><code>${shown.id}</code></dd>
          <dt>Reached at</dt>
          <dd class="break">
            ${addresses.length > 0
              ? html`<code>${addresses.join(", ")}</code>
                  ${copyButton(`${shown.id}@${addresses.join(",")}`, isNode ? "this node’s address" : "this home’s address")}`
              : shown.addresses.length > 0
                ? "nowhere yet: it has no relay"
                : "nowhere yet"}
          </dd>
        </dl>
      </section>
      ${this.fetching(shown)}
      <section aria-labelledby="peers-heading">
        <h2 id="peers-heading">${count(shown.peers.length, "connection")}</h2>
        ${shown.peers.length === 0
          ? html`<p class="muted">Connected to nobody. Peers that tickets name are tried again and again.</p>`
          : html`<ul class="rows">
              ${repeat(
                shown.peers,
                (peer) => peer.id,
                (peer) => row(peer),
              )}
            </ul>`}
      </section>
      ${isNode ? this.form() : null}<m-relays></m-relays>`;
  }

  private fetching({ fetches }: Shown): TemplateResult | null {
    if (fetches.length === 0) return null;
    return html`<section aria-labelledby="fetches-heading">
      <h2 id="fetches-heading">On their way</h2>
      <ul class="rows">
        ${fetches.map(
          (fetch) => html`<li class="row">
            <span>Bundle ${id(fetch.bundle)}</span>${progress(fetch.bytes, fetch.total, `Bundle ${short(fetch.bundle)}`)}
            <span class="muted">${bytes(fetch.bytes)} of ${bytes(fetch.total)}</span>
          </li>`,
        )}
      </ul>
    </section>`;
  }

  private form(): TemplateResult {
    return html`<section class="apart" aria-labelledby="connect-heading">
      <h2 id="connect-heading">Connect to a node</h2>
      ${fault(this.doing.fault)}
      <form class="form" @submit=${(event: Event) => this.connect(event)}>
        <label class="field"
          ><span>KEY@ADDRESS, as it is copied from the other node</span
          ><input name="peer" required autocomplete="off" spellcheck="false"
        /></label>
        <button type="submit" ?disabled=${this.doing.busy}>Connect</button>
      </form>
    </section>`;
  }

  private async connect(event: Event): Promise<void> {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const done = await this.doing.run(async () => {
      await desk.call("connect", { peer: String(new FormData(form).get("peer")) });
    });
    if (done) {
      announce("The node is tried, and kept being tried");
      form.reset();
    }
  }
}

function row(peer: Peer): TemplateResult {
  return html`<li class="row peer">
    <div>
      <p>
        ${icon(peer.id)} ${id(peer.id, 16)}
        <span class="muted">for ${lasting(peer.seconds)}, opened ${peer.role === "dialer" ? "from here" : "from there"}</span>
      </p>
      <p class="muted">
        sent ${bytes(peer.sent)}, received ${bytes(peer.received)} with ${count(peer.events, "new event")}
      </p>
      ${peer.points > 0
        ? html`<p class="remark warning">Misbehaves: ${peer.points} of ${MOST_POINTS} points until it is left</p>`
        : null}
    </div>
    ${peer.topics.length === 0 ? null : html`<ul class="exchanges">${peer.topics.map((topic) => exchange(topic))}</ul>`}
  </li>`;
}

function exchange(topic: PeerTopic): TemplateResult {
  const name = line(topic.name) || short(topic.topic);
  switch (topic.state) {
    case "complete":
      return html`<li><span dir="auto">${name}</span> <span class="chip good">complete, ${count(topic.total, "event")}</span></li>`;
    case "denied":
      return html`<li><span dir="auto">${name}</span> <span class="chip">not shared: one of the two is not let in</span></li>`;
    default:
      return html`<li>
        <span dir="auto">${name}</span> ${progress(topic.known, topic.total, name)}
        <span class="muted">${topic.known.toLocaleString("en")} of ${count(topic.total, "event")}</span>
      </li>`;
  }
}

function progress(done: number, of: number, what: string): TemplateResult {
  return html`<progress aria-label=${what} max=${Math.max(of, 1)} .value=${Math.min(done, of)}></progress>`;
}

customElements.define("m-peers", Peers);
