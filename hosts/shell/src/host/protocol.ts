// The messages between the page and the worker that runs the kernel.
//
// The page starts `worker.js`, a module in the page's own folder, and never shares it with another
// page. Each message is one plain object as below, in JSON's types alone: what the worker hands to
// the kernel and gets from it is the text of `params`, `answer`, `error` and `event`, as the node's
// local API has them in HTTP.
//
// - A request is answered once, by its `id`, in any order, with an answer or an error.
// - The worker takes requests from its start on: what comes before the kernel is up waits for it.
//   A kernel that cannot be started answers each with an error.
// - Once the kernel is up the worker tells the event `{ kind: "here" }`, and every other from then on.
//   It tells `here` again where it may have missed some: then the page reads everything anew.
// - It first tells its `{ build }`, where it was built with a page: one of another build is not gone on with.
// - `{ lost }` says that nobody answers for now, since the tab that has the home sleeps; `here` is told once
//   it is awake. What was asked meanwhile is refused. `{ anew }` asks to be started anew: another tab has
//   taken the home over while this one slept.
// - `{ trouble }` is what keeps everybody away from a home that is up, or null when that is over.
// - The page says `{ awake }` when somebody looks at it again, or the network is back.
// - `{ starting }` says how far the start is, for the person who waits. None needs to come.
// - What ends the worker shows as its `error` event; the page then says so, and to load it again.
//
// In Rust: `myrhiza_api::Request` is `{ method, params }`, `Error` is `error`, `Notice` is `event`.

import type { Fault, Method } from "./interface.js";
import type { Answers, Params } from "./methods.js";
import type { Notice } from "./notices.js";

/** From the page. `id` is a number that the page has not used before. */
export interface Asked<M extends Method = Method> {
  readonly id: number;
  readonly method: M;
  readonly params: Params[M];
}

/** From the page, without an answer. */
export interface Awake {
  readonly awake: true;
}

/** From the worker. */
export type Said =
  | { readonly id: number; readonly answer: Answers[Method] }
  | { readonly id: number; readonly error: Fault }
  | { readonly build: string }
  | { readonly anew: true }
  | { readonly lost: Fault }
  | { readonly trouble: Fault | null }
  | { readonly event: Notice }
  | { readonly starting: string };
