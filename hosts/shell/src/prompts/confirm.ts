import { html, type TemplateResult } from "lit";

import { Modal } from "./modal.js";

/** What is asked for a yes. */
export interface Question {
  readonly title: string;
  readonly text: TemplateResult | string;
  /** On the button. */
  readonly yes: string;
}

class Confirm extends Modal<boolean> {
  protected readonly dismissed = false;
  question: Question = { title: "", text: "", yes: "" };

  protected content(heading: string): TemplateResult {
    const { title, text, yes } = this.question;
    return html`<h2 id=${heading}>${title}</h2>
      <div class="prompt-text">${text}</div>
      <div class="actions">
        <button type="button" autofocus @click=${() => this.answer(false)}>Cancel</button>
        <button type="button" class="danger" @click=${() => this.answer(true)}>${yes}</button>
      </div>`;
  }
}

customElements.define("m-confirm", Confirm);

/** Asks whether something that cannot be taken back is to be done. */
export function confirm(question: Question): Promise<boolean> {
  const part = new Confirm();
  part.question = question;
  return part.ask();
}
