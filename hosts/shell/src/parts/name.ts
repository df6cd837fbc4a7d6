// People and other keys, as they are named everywhere.

import { html, type TemplateResult } from "lit";

import type { Hex } from "../host/methods.js";
import { icon } from "./icon.js";
import { short } from "./words.js";

/** Characters of a name that tell people apart in nearly every topic. */
const SHORT = 12;

/** A person by icon and the start of their name; the whole name is had by pointing or reading. */
export function person(key: Hex, name: string, you = false): TemplateResult {
  return html`<span class="who" title=${name}
    >${icon(key)}<span class="name">${short(name, SHORT)}</span>${you ? html` <span class="chip">you</span>` : null}</span
  >`;
}

/** The same with the name in full, where it matters who it is. */
export function wholePerson(key: Hex, name: string): TemplateResult {
  return html`<span class="who whole">${icon(key)}<span class="name">${name}</span></span>`;
}

/** An id or key in hex. */
export function id(hex: Hex, characters = 8): TemplateResult {
  return html`<code class="id" title=${hex}>${short(hex, characters)}</code>`;
}
