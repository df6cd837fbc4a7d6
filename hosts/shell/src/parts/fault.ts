import { html, type TemplateResult } from "lit";

import type { Fault } from "../host/interface.js";
import { line } from "./words.js";

const sentence = (text: string): string => {
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…”]$/.test(first) ? first : `${first}.`;
};

/** What was not done, why, and what can be done. */
export function fault(fault: Fault | null): TemplateResult | null {
  if (!fault) return null;
  return html`<div class="fault" role="alert">
    <p><strong>${sentence(line(fault.what))}</strong> ${sentence(line(fault.cause))}</p>
    <p>${sentence(fault.next)}</p>
  </div>`;
}

/** What is there before an answer has come, or instead of one. */
export function waiting(error: Fault | null): TemplateResult {
  return error ? (fault(error) ?? html``) : html`<p class="muted">Loading…</p>`;
}
