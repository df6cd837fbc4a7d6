// What is left out at the end of something long.

import { html, type TemplateResult } from "lit";

import { count } from "../parts/words.js";

/** Nodes, and rows of each table, that are shown at most: a host sends no more. */
export const MOST = 20_000;

/** How many there are more, and what shows them; null where as many are shown as can be. */
export function rest(left: number, thing: string, more: (() => void) | null): TemplateResult | null {
  if (left === 0) return null;
  return more
    ? html`<p><button type="button" @click=${more}>Show more (${count(left, thing)})</button></p>`
    : html`<p class="muted">${count(left, `more ${thing}`)} not shown: the page shows ${MOST.toLocaleString("en")} at most.</p>`;
}
