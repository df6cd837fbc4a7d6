// The answers about what happened in a topic: its log, its state, and how far others have the same.

import type { Hex } from "./methods.js";

export interface LogEvent {
  readonly id: Hex;
  readonly height: number;
  readonly kind: string;
  readonly author: Hex;
  readonly seq: number;
  readonly prev: Hex | null;
  readonly parents: readonly Hex[];
  readonly verdict: "accept" | "reject" | "trap" | null;
  readonly reason: string;
  readonly fuel: number | null;
  readonly person: Hex | null;
  readonly person_name: string | null;
  readonly scope_name: string | null;
  /** More than a number holds exactly; `at` is what it says of the time. */
  readonly hlc: number;
  readonly at: number;
  readonly payload_bytes: number;
  readonly payload_start: Hex;
  readonly variant: number;
  readonly says: string;
  /** Whom that is done to or by, to be read after what it says. */
  readonly whom: Hex | null;
  readonly whom_name: string | null;
}

export interface Excerpt {
  readonly bytes: number;
  readonly start: Hex;
}

export interface Changed {
  readonly side: "app" | "kernel";
  readonly key: Hex;
  readonly before: Excerpt | null;
  readonly after: Excerpt | null;
  readonly after_is_known: boolean;
}

export interface WholeEvent extends LogEvent {
  readonly generation: number;
  readonly code: number | null;
  readonly payload: Excerpt;
  readonly changed: readonly Changed[];
  readonly more: number;
}

export interface LogPage {
  readonly events: readonly LogEvent[];
  readonly earlier: boolean;
  readonly later: boolean;
}

export interface StateEntries {
  readonly entries: readonly { readonly key: Hex; readonly value: Excerpt }[];
  readonly later: boolean;
}

export interface Root {
  readonly topic: Hex;
  readonly events: number;
  readonly height: number;
  readonly tip: Hex | null;
  readonly root: Hex | null;
}

export interface StateAt {
  readonly count: number;
  readonly event: Hex;
  readonly root: Hex;
  readonly code: Hex;
  readonly engine: string;
  readonly engine_version: string;
}

export interface Ruling {
  readonly verdict: string;
  readonly code: number;
  readonly fuel: number;
}

export interface Explanation {
  readonly peer: Hex;
  readonly agreed: number | null;
  readonly event: Hex | null;
  readonly here: Ruling | null;
  readonly there: Ruling | null;
  readonly keys: readonly {
    readonly side: "app" | "kernel";
    readonly key: Hex;
    readonly here: Excerpt | null;
    readonly there: Excerpt | null;
  }[];
  readonly more: boolean;
  readonly again: boolean | null;
}

export interface DriftReport {
  readonly scope: Hex;
  readonly here: StateAt;
  readonly there: StateAt;
  readonly until: number | null;
  readonly explanation: Explanation | null;
}

export interface Drift {
  readonly topic: Hex;
  readonly anchors: readonly StateAt[];
  readonly votes: readonly (StateAt & { readonly scope: Hex; readonly agrees: boolean | null })[];
  readonly reports: readonly DriftReport[];
}
