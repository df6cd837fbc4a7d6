// A form: its intent, followed by the value of each input in order.

import { html, type TemplateResult } from "lit";

import type { Shape } from "../host/methods.js";
import { line } from "../parts/words.js";
import type { Acting } from "./render.js";

type Form = Extract<Shape, { kind: "form" | "button" }>;

export function formOf(shape: Form, inner: unknown, acting: Acting): TemplateResult {
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    if (await acting.act([...shape.intent, ...values(form)])) form.reset();
  };
  return html`<form class="form" autocomplete="off" @submit=${submit}>
    ${inner}
    <button type="submit" class="main" ?disabled=${!shape.enabled || acting.busy}>${line(shape.label)}</button>
  </form>`;
}

function values(form: HTMLFormElement): string[] {
  const inputs = form.querySelectorAll<HTMLInputElement | HTMLSelectElement>("[data-input]");
  // Forms in forms there are none in a document, but an app can write them: those keep their own.
  return [...inputs].filter((input) => input.form === form).map((input) => input.value);
}
