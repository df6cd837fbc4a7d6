import { html, type TemplateResult } from "lit";

import type { Shape } from "../host/methods.js";
import { fit, line } from "../parts/words.js";
import type { Acting } from "./render.js";
import { rest } from "./rest.js";

/** A table that can be scrolled sideways, also with the keyboard. */
export function table(shape: Extract<Shape, { kind: "table" }>, { more }: Acting): TemplateResult {
  const label = shape.columns.map(line).join(", ") || "Table";
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${label}>
      <table>
        <thead>
          <tr>${shape.columns.map((column) => html`<th scope="col" dir="auto">${line(column)}</th>`)}</tr>
        </thead>
        <tbody>
          ${shape.rows.map((row) => html`<tr>${row.map((cell) => html`<td dir="auto">${fit(cell)}</td>`)}</tr>`)}
        </tbody>
      </table>
    </div>
    ${rest(shape.more ?? 0, "row", more)}`;
}
