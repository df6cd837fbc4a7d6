// A row's part of the picture: it is as high as the row, whatever the size of the letters.

import { html, svg, type TemplateResult } from "lit";

import type { Row } from "./lanes.js";

/** Pixels between lanes. */
const LANE = 14;
/** Lanes that are drawn apart; what is further right lies on the last. */
const LANES = 10;

const at = (lane: number): number => LANE / 2 + LANE * Math.min(lane, LANES - 1);
const colour = (lane: number): string => `lane lane-${lane % 6}`;

export function width(rows: readonly Row[]): number {
  const lanes = rows.flatMap(({ lane, from, to, past }) => [lane, ...from, ...to, ...past]);
  return LANE * Math.min(LANES, 1 + Math.max(0, ...lanes));
}

export function picture(row: Row, pixels: number, verdict: string): TemplateResult {
  const x = at(row.lane);
  const line = (lane: number, path: string): TemplateResult =>
    svg`<path class=${colour(lane)} d=${path}></path>`;
  // The first holds its place, the second is as high as the row comes to be.
  return html`<span class="graph" aria-hidden="true"
    ><svg width=${pixels} height="1"></svg
    ><svg class="drawn" viewBox=${`0 0 ${pixels} 100`} preserveAspectRatio="none">
    ${row.past.map((lane) => line(lane, `M${at(lane)} 0V100`))}
    ${row.from.map((lane) => line(lane, `M${at(lane)} 0C${at(lane)} 35 ${x} 15 ${x} 50`))}
    ${row.to.map((lane) => line(lane, `M${x} 50C${x} 85 ${at(lane)} 65 ${at(lane)} 100`))}
    <path class="dot rim" d=${`M${x} 50h.01`}></path>
    <path class=${`dot ${verdict}`} d=${`M${x} 50h.01`}></path></svg
  ></span>`;
}
