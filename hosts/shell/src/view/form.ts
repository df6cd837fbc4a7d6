// A form: its intent, followed by the value of each input in order.

import { html, type TemplateResult } from "lit";

import type { Shape } from "../host/methods.js";
import { line } from "../parts/words.js";
import type { Acting } from "./render.js";

type Form = Extract<Shape, { kind: "form" | "button" }>;

export function formOf(shape: Form, inner: unknown, acting: Acting): TemplateResult {
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (acting.busy) return;
    const form = event.currentTarget as HTMLFormElement;
    const typed = new Set<Element>();
    const hear = ({ target }: Event): unknown => typed.add(target as Element);
    form.addEventListener("input", hear);
    const done = await acting.act([...shape.intent, ...values(form)]);
    form.removeEventListener("input", hear);
    if (done) reset(form, typed);
  };
  return html`<form class="form" autocomplete="off" @submit=${submit}>
    ${inner}
    <button type="submit" class="main" ?disabled=${!shape.enabled} aria-disabled=${acting.busy}>${line(shape.label)}</button>
  </form>`;
}

/** All but what was typed since it was sent: that belongs to no form for the moment. */
function reset(form: HTMLFormElement, typed: ReadonlySet<Element>): void {
  for (const input of typed) input.setAttribute("form", "");
  form.reset();
  for (const input of typed) input.removeAttribute("form");
}

function values(form: HTMLFormElement): string[] {
  const inputs = form.querySelectorAll<HTMLInputElement | HTMLSelectElement>("[data-input]");
  // Forms in forms there are none in a document, but an app can write them: those keep their own.
  return [...inputs].filter((input) => input.form === form).map((input) => input.value);
}
