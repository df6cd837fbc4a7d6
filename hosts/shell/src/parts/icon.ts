// A small picture of a key, so that one is recognised, and another is seen to be another. It proves
// nothing: names and keys are beside it.

import { html, svg, type TemplateResult } from "lit";

import type { Hex } from "../host/methods.js";

const CELLS = 5;

/** Bits and colours from the key's bytes; the last ones, since a chosen start is cheap to make. */
export function icon(key: Hex): TemplateResult {
  const at = (index: number): number => Number.parseInt(key.slice(-2 * (index + 1), -2 * index || undefined), 16) || 0;
  const hue = Math.round((at(0) / 256) * 360);
  const second = (hue + 60 + Math.round((at(1) / 256) * 240)) % 360;
  const cells = [];
  for (let row = 0; row < CELLS; row++) {
    for (let column = 0; column < Math.ceil(CELLS / 2); column++) {
      const value = at(2 + row * 3 + column);
      if (value < 110) continue;
      const fill = `hsl(${value > 200 ? second : hue} 55% ${value % 2 ? 42 : 58}%)`;
      for (const x of new Set([column, CELLS - 1 - column])) {
        cells.push(svg`<rect x=${x} y=${row} width="1" height="1" fill=${fill}></rect>`);
      }
    }
  }
  return html`<svg class="icon" viewBox="0 0 5 5" shape-rendering="crispEdges" aria-hidden="true">
    <rect width="5" height="5" fill=${`hsl(${hue} 40% 88%)`}></rect>${cells}
  </svg>`;
}
