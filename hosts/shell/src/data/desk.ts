// The one host of this page, and who listens to what it tells.

import { type Fault, type Host, type Method, type Reach, Refused } from "../host/interface.js";
import type { Answers, Params } from "../host/methods.js";
import type { Notice } from "../host/notices.js";

/** Whoever shows something that can change. */
export interface Listener {
  notice?(notice: Notice): void;
  /** All that was read is to be read again. */
  again?(): void;
  reach?(reach: Reach, why: Fault | null): void;
  trouble?(trouble: Fault | null): void;
}

/** Requests after which lists are others. What is done in a topic the host tells by itself. */
const CHANGING: ReadonlySet<Method> = new Set<Method>([
  "found", "leave", "upgrade", "join", "remove", "take", "confirm", "refuse", "pin", "uninstall", "connect",
  "set-relays",
]);

class Desk {
  private at: Host | null = null;
  private readonly listeners = new Set<Listener>();

  open(host: Host): void {
    this.at = host;
    host.events({
      notice: (notice) => this.tell((listener) => listener.notice?.(notice)),
      reach: (reach, why) =>
        this.tell((listener) => {
          listener.reach?.(reach, why);
          if (reach === "here") listener.again?.();
        }),
      trouble: (trouble) => this.tell((listener) => listener.trouble?.(trouble)),
    });
  }

  get kind(): Host["kind"] {
    return this.at?.kind ?? "node";
  }

  async call<M extends Method>(method: M, params: Params[M]): Promise<Answers[M]> {
    if (!this.at) throw new Refused(UNOPENED);
    const answer = await this.at.call(method, params);
    if (CHANGING.has(method)) this.tell((listener) => listener.again?.());
    return answer;
  }

  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private tell(what: (listener: Listener) => void): void {
    for (const listener of [...this.listeners]) what(listener);
  }
}

const UNOPENED: Fault = {
  code: "not-open",
  what: "Nothing was done",
  cause: "the page has not started yet",
  next: "Try again.",
};

export const desk = new Desk();

/** What a failure says; one that is nobody's answer is a fault of this page. */
export function faultOf(error: unknown): Fault {
  if (error instanceof Refused) return error.fault;
  console.error(error);
  return {
    code: "page",
    what: "This page made a mistake",
    cause: error instanceof Error ? error.message : String(error),
    next: "Load it again; if it stays, report it.",
  };
}
