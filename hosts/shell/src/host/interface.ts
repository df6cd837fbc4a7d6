// What the page asks of whoever runs the kernel: a node's local API, or a worker beside the page.
//
// Both answer the requests of the crate `myrhiza-api` (hosts/api) and tell its notices; the page
// knows no other difference between them.

import type { Answers, Params } from "./methods.js";
import type { Notice } from "./notices.js";

/** Why something was not done, in words for the person at the page. */
export interface Fault {
  /** For programs: stable, in lower case with dashes. */
  readonly code: string;
  /** What was not done. */
  readonly what: string;
  /** Why. */
  readonly cause: string;
  /** What the person can do now. */
  readonly next: string;
}

/** A fault, thrown. */
export class Refused extends Error {
  constructor(readonly fault: Fault) {
    super(`${fault.what}: ${fault.cause}`);
  }
}

export type Method = keyof Params & keyof Answers;

/** Whether there is somebody to ask. After `lost` and `here` all that was read is to be read again. */
export type Reach = "here" | "lost";

/** Hears what the kernel tells unasked, and whether it is there. */
export interface Hearer {
  notice(notice: Notice): void;
  reach(reach: Reach, why: Fault | null): void;
  /** What is wrong for now with a home that is there, or null when that is over. */
  trouble(trouble: Fault | null): void;
}

/** Whoever runs the kernel. */
export interface Host {
  /** What it is called on the page. */
  readonly kind: "node" | "browser";

  /** Does something, and answers; throws `Refused` where it was not done. */
  call<M extends Method>(method: M, params: Params[M]): Promise<Answers[M]>;

  /** Tells from now on; the function returned ends it. */
  events(hearer: Hearer): () => void;
}
