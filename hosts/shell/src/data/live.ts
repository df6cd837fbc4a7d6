// Something that was asked for and is asked for again when it may have changed, while somebody sees it.
// What was there stays until the next answer is: nothing flickers.

import type { ReactiveController, ReactiveControllerHost } from "lit";

import type { Fault, Method } from "../host/interface.js";
import type { Answers, Params } from "../host/methods.js";
import type { Notice } from "../host/notices.js";
import { desk, faultOf } from "./desk.js";

/** Milliseconds between two requests for the same thing: changes come in swarms. */
const PAUSE = 150;
/** The same for what is of all topics, which costs more and matters less. */
export const LISTS = 1000;

export interface Asking<M extends Method> {
  readonly method: M;
  /** By what is known, which is nothing where all is to be read again. */
  params(known: Answers[M] | null): Params[M];
  /** Whether it may have changed. */
  concerns(notice: Notice): boolean;
  /** Whether it may be another when it is told what keeps others away, or that nothing does. */
  readonly ofReach?: boolean;
  /** Milliseconds between two requests, if not the usual. */
  readonly pause?: number;
  /** What is shown, by what was known when it was asked for and what came. */
  merge?(known: Answers[M] | null, came: Answers[M]): Answers[M];
}

export class Live<M extends Method> implements ReactiveController {
  answer: Answers[M] | null = null;
  fault: Fault | null = null;
  private asking = false;
  private again = false;
  /** What is shown may be of a home that was opened anew since. */
  private anew = false;
  private end: (() => void) | null = null;

  constructor(
    private readonly part: ReactiveControllerHost,
    private readonly what: Asking<M>,
  ) {
    part.addController(this);
  }

  hostConnected(): void {
    this.end = desk.listen({
      notice: (notice) => {
        if (this.what.concerns(notice)) this.refresh();
      },
      trouble: () => {
        if (this.what.ofReach) this.refresh();
      },
      again: () => {
        this.anew = true;
        this.refresh();
      },
    });
    this.refresh();
  }

  hostDisconnected(): void {
    this.end?.();
    this.end = null;
  }

  refresh(): void {
    this.again = true;
    if (!this.asking) void this.ask();
  }

  private async ask(): Promise<void> {
    this.asking = true;
    while (this.again && this.end) {
      this.again = false;
      await seen();
      const known = this.anew ? null : this.answer;
      this.anew = false;
      try {
        const came = await desk.call(this.what.method, this.what.params(known));
        this.answer = this.what.merge ? this.what.merge(known, came) : came;
        this.fault = null;
      } catch (error) {
        this.fault = faultOf(error);
        this.anew ||= known === null;
      }
      this.part.requestUpdate();
      await new Promise((resolve) => setTimeout(resolve, this.what.pause ?? PAUSE));
    }
    this.asking = false;
  }
}

/** Is done at once, or as soon as the page comes into sight. */
async function seen(): Promise<void> {
  while (document.hidden) {
    await new Promise((resolve) => document.addEventListener("visibilitychange", resolve, { once: true }));
  }
}
