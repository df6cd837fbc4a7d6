import { html, type TemplateResult } from "lit";

import type { Fault } from "../host/interface.js";
import { line, sentence } from "./words.js";

/** What was not done, why, and what can be done: as the fault says, if not otherwise. */
export function fault(fault: Fault | null, next?: TemplateResult): TemplateResult | null {
  if (!fault) return null;
  return html`<div class="fault" role="alert">
    <p><strong>${sentence(line(fault.what))}</strong> ${sentence(line(fault.cause))}</p>
    <p>${next ?? sentence(fault.next)}</p>
  </div>`;
}

/** What is there before an answer has come, or instead of one. */
export function waiting(error: Fault | null): TemplateResult {
  return error ? (fault(error) ?? html``) : html`<p class="muted">Loading…</p>`;
}
