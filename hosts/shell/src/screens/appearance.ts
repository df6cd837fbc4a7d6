// Whether the page is light or dark.

import { html, type TemplateResult } from "lit";

import { choose, follow, look } from "../look/look.js";
import { type Look, LOOKS } from "../look/which.js";
import { Part } from "../parts/part.js";

const NAMES: Record<Look, string> = { system: "As the system", light: "Light", dark: "Dark" };

class Appearance extends Part {
  private end: (() => void) | null = null;

  override connectedCallback(): void {
    super.connectedCallback();
    this.end = follow(() => this.requestUpdate());
  }

  override disconnectedCallback(): void {
    this.end?.();
    super.disconnectedCallback();
  }

  protected override render(): TemplateResult {
    return html`<section aria-labelledby="look-heading">
      <h2 id="look-heading">Appearance</h2>
      <div class="choice" role="radiogroup" aria-labelledby="look-heading">
        ${LOOKS.map(
          (one) => html`<label class="check"
            ><input type="radio" name="look" .checked=${one === look()} @change=${() => choose(one)} /><span>${NAMES[one]}</span></label
          >`,
        )}
      </div>
    </section>`;
  }
}

customElements.define("m-appearance", Appearance);
