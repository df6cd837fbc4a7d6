// Where each event of a history stands beside its rows, and which lines lead past it: newest first, as
// version control draws its graphs.

import type { Hex } from "../host/methods.js";

export interface Made {
  readonly id: Hex;
  readonly prev: Hex | null;
  readonly parents: readonly Hex[];
}

/** One row of the picture. Numbers are lanes, from the left. */
export interface Row {
  readonly lane: number;
  /** Lanes that come from above and end here: of what was made on it. */
  readonly from: readonly number[];
  /** Lanes that go on below from here: to what it was made on. */
  readonly to: readonly number[];
  /** Lanes that pass. */
  readonly past: readonly number[];
}

/** What an event was made on, each once. */
export function madeOn(event: Made): Hex[] {
  return [...new Set(event.prev ? [event.prev, ...event.parents] : event.parents)];
}

/** Rows for events in this order, each before all it was made on. */
export function rows(events: readonly Made[]): Row[] {
  /** By lane, the event whose place it leads to. */
  const open: (Hex | null)[] = [];
  const free = (): number => {
    const at = open.indexOf(null);
    return at < 0 ? open.push(null) - 1 : at;
  };
  return events.map((event) => {
    const from = open.flatMap((id, lane) => (id === event.id ? [lane] : []));
    const lane = from[0] ?? free();
    for (const ended of from) open[ended] = null;
    const past = open.flatMap((id, at) => (id === null ? [] : [at]));
    const to: number[] = [];
    for (const parent of madeOn(event)) {
      let at = open.indexOf(parent);
      if (at < 0) {
        at = open[lane] === null || open[lane] === undefined ? lane : free();
        open[at] = parent;
      }
      to.push(at);
    }
    while (open.length > 0 && open.at(-1) === null) open.pop();
    return { lane, from, to, past };
  });
}
