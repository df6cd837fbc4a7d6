// Who one is here, what this runs on, and how it looks.

import { html, type TemplateResult } from "lit";

import { desk } from "../data/desk.js";
import { Live } from "../data/live.js";
import type { Notice } from "../host/notices.js";
import { copyButton } from "../parts/copy.js";
import { engineName } from "../parts/engine.js";
import { waiting } from "../parts/fault.js";
import { wholePerson } from "../parts/name.js";
import { Part } from "../parts/part.js";
import { line } from "../parts/words.js";
import "./appearance.js";
import "./kept.js";

const SAME = { params: () => ({}), concerns: () => false };
/** Where a host is reached is among what it says of itself. */
const REACHED = { params: () => ({}), ofReach: true, concerns: ({ kind }: Notice) => kind === "peers" };

class About extends Part {
  private readonly who = new Live(this, { method: "who", ...SAME });
  private readonly about = new Live(this, { method: "about", ...REACHED });

  protected override render(): TemplateResult {
    const [who, about] = [this.who.answer, this.about.answer];
    return html`<header class="heading"><h1 tabindex="-1">About</h1></header>
      <section aria-labelledby="you-heading">
        <h2 id="you-heading">You</h2>
        ${who
          ? html`<dl class="facts">
              <dt>Name</dt>
              <dd>${wholePerson(who.id, who.name)} ${copyButton(who.name, "your name")}</dd>
              <dt>Key</dt>
              <dd class="break"><code>${who.id}</code></dd>
              <dt>This home’s key</dt>
              <dd class="break"><code>${who.scope}</code> <span class="muted">${line(who.scope_name)}</span></dd>
            </dl>`
          : waiting(this.who.fault)}
      </section>
      <section aria-labelledby="host-heading">
        <h2 id="host-heading">This program</h2>
        ${about
          ? html`<dl class="facts">
              <dt>Myrhiza</dt>
              <dd>${about.version}, in ${about.host === "node" ? "a node" : "this browser"}</dd>
              <dt>Kernel</dt>
              <dd>${about.kernel}</dd>
              <dt>Engine</dt>
              <dd>${engine(about.engine)}</dd>
              <dt>Store</dt>
              <dd>${line(about.store)}</dd>
              ${about.more.map(({ name, value }) => html`<dt>${name.charAt(0).toUpperCase() + name.slice(1)}</dt><dd class="break">${value === "" ? html`<span class="muted">none</span>` : line(value)}</dd>`)}
            </dl>`
          : waiting(this.about.fault)}
      </section>
      <m-appearance></m-appearance>
      ${desk.kind === "browser" ? html`<m-kept></m-kept>` : null}
      <p class="muted">Myrhiza is free software under the GNU Affero General Public License, version 3.</p>`;
  }
}

/** In a word, and with all that it says of itself for whoever asks. */
function engine(said: string): TemplateResult {
  const name = engineName(said);
  if (name === said) return html`${line(said)}`;
  return html`<details>
    <summary>${name}</summary>
    ${line(said)}
  </details>`;
}

customElements.define("m-about", About);
