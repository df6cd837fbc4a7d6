// A worker beside the page that runs the kernel: see protocol.ts.

import { type Fault, type Hearer, type Host, type Method, Refused } from "./interface.js";
import type { Answers, Params } from "./methods.js";
import type { Asked, Said } from "./protocol.js";
import { trustedScript } from "./trusted.js";

const ENDED: Fault = {
  code: "worker",
  what: "The part of this page that runs the kernel has ended",
  cause: "it could not go on",
  next: "Load the page again: what was done is kept. Where a node of yours serves it, open the address that “myrhiza up” prints.",
};

interface Open {
  answered(answer: Answers[Method]): void;
  refused(error: Refused): void;
}

export class WorkerHost implements Host {
  readonly kind = "browser";
  private readonly worker: Worker;
  private readonly open = new Map<number, Open>();
  private readonly hearers = new Set<Hearer>();
  private next = 0;
  private ended: Fault | null = null;

  /** `starting` hears how far the start is. */
  constructor(starting: (words: string) => void) {
    this.worker = new Worker(trustedScript("worker.js") as string, { type: "module" });
    this.worker.onmessage = ({ data }: MessageEvent<Said>) => this.hear(data, starting);
    this.worker.onerror = (event) => this.end(event.message);
  }

  call<M extends Method>(method: M, params: Params[M]): Promise<Answers[M]> {
    if (this.ended) return Promise.reject(new Refused(this.ended));
    const asked: Asked = { id: this.next++, method, params };
    return new Promise((resolve, reject) => {
      this.open.set(asked.id, {
        answered: (answer) => resolve(answer as Answers[M]),
        refused: reject,
      });
      this.worker.postMessage(asked);
    });
  }

  events(hearer: Hearer): () => void {
    this.hearers.add(hearer);
    if (this.ended) hearer.reach("lost", this.ended);
    return () => this.hearers.delete(hearer);
  }

  private hear(said: Said, starting: (words: string) => void): void {
    if ("starting" in said) {
      starting(said.starting);
    } else if ("event" in said) {
      const { event } = said;
      for (const hearer of this.hearers) {
        if (event.kind === "here") hearer.reach("here", null);
        else hearer.notice(event);
      }
    } else {
      const open = this.open.get(said.id);
      this.open.delete(said.id);
      if ("answer" in said) open?.answered(said.answer);
      else open?.refused(new Refused(said.error));
    }
  }

  private end(cause: string): void {
    const why = { ...ENDED, cause: cause || ENDED.cause };
    this.ended = why;
    for (const open of this.open.values()) open.refused(new Refused(why));
    this.open.clear();
    for (const hearer of this.hearers) hearer.reach("lost", why);
  }
}
