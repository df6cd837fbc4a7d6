// A question among others that the app could have asked itself: for a choice, or for a text.

import { html, type TemplateResult } from "lit";

import type { Asking } from "../host/methods.js";
import { fit, line } from "../parts/words.js";
import { Asked } from "./asked.js";

type Of<K extends Asking["kind"]> = Extract<Asking, { kind: K }>;

export class Question extends Asked<Of<"choose" | "ask">> {
  protected content(heading: string): TemplateResult {
    const { asking } = this;
    return html`<h2 id=${heading}>${line(asking.app)} asks</h2>
      <p class="prompt-text" id="prompt-question" dir="auto">${fit(asking.question)}</p>
      ${asking.kind === "choose" ? this.choices(asking) : this.text(asking)}`;
  }

  private choices({ choices }: Of<"choose">): TemplateResult {
    return html`<div class="choices" role="group" aria-labelledby="prompt-question">
        ${choices.map(
          (choice, index) =>
            html`<button type="button" dir="auto" @click=${() => this.answer({ kind: "chosen", index })}>${line(choice)}</button>`,
        )}
      </div>
      <div class="actions">${this.no()}</div>`;
  }

  private text({ value }: Of<"ask">): TemplateResult {
    const submit = (event: Event): void => {
      event.preventDefault();
      const input = (event.currentTarget as HTMLFormElement).querySelector("input");
      this.answer({ kind: "text", text: input?.value ?? "" });
    };
    return html`<form autocomplete="off" @submit=${submit}>
      <input type="text" maxlength="1000" dir="auto" autofocus aria-labelledby="prompt-question" .defaultValue=${value} />
      <div class="actions">${this.no()}<button type="submit" class="main">Answer</button></div>
    </form>`;
  }

  private no(): TemplateResult {
    return html`<button type="button" @click=${() => this.answer(this.dismissed)}>Not now</button>`;
  }
}

customElements.define("m-question", Question);
