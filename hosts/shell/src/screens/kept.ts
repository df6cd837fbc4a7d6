// Whether the browser keeps what is done here, and what to do where it may throw it away.

import { html, type TemplateResult } from "lit";

import { Doing } from "../data/doing.js";
import { announce } from "../frame/announce.js";
import { type Kept, keep, kept } from "../host/keep.js";
import { fault } from "../parts/fault.js";
import { Part } from "../parts/part.js";
import { bytes } from "../parts/words.js";
import { Refused } from "../host/interface.js";

class KeptHere extends Part {
  private kept: Kept | null = null;
  private readonly doing = new Doing(this);

  override connectedCallback(): void {
    super.connectedCallback();
    void this.read();
  }

  private async read(): Promise<void> {
    this.kept = await kept();
    this.requestUpdate();
  }

  protected override render(): TemplateResult | null {
    if (!this.kept) return null;
    const { lasts, used, most } = this.kept;
    return html`<section aria-labelledby="kept-heading">
      <h2 id="kept-heading">What is kept here</h2>
      ${lasts
        ? html`<p>This browser keeps this home until you remove the site’s data.</p>`
        : html`<p class="remark warning">
              This browser may throw this home away, with its keys, when it runs out of room${lasts === null ? ": it does not say" : ""}.
            </p>
            <p>
              Ask it to keep it. Some browsers say yes once the page is a bookmark, is installed, or is used often. In a private window none
              does, and all goes when it is closed. Invite another device of yours to each topic: what two have is not lost with one.
            </p>
            ${fault(this.doing.fault)}
            <p><button type="button" ?disabled=${this.doing.busy} @click=${() => this.ask()}>Ask the browser to keep it</button></p>`}
      ${used === null || most === null ? null : html`<p class="muted">This site keeps ${bytes(used)} of the ${bytes(most)} that the browser lets it.</p>`}
    </section>`;
  }

  private ask(): Promise<boolean> {
    return this.doing.run(async () => {
      const lasts = await keep();
      await this.read();
      if (!lasts) throw new Refused(NOT_KEPT);
      announce("The browser keeps it");
    });
  }
}

const NOT_KEPT = {
  code: "not-kept",
  what: "The browser has not said yes",
  cause: "it decides by itself, or a word of yours to this site’s settings says no",
  next: "Make a bookmark of this page or install it, leave a private window, and ask again. Until then, have another device in each topic.",
};

customElements.define("m-kept", KeptHere);
