// A worker beside the page that runs the kernel: see protocol.ts.

import { lacking, unable } from "./able.js";
import { type Fault, type Hearer, type Host, type Method, Refused } from "./interface.js";
import { keep } from "./keep.js";
import type { Answers, Params } from "./methods.js";
import type { Asked, Said } from "./protocol.js";
import { trustedScript } from "./trusted.js";

/** Of the worker that was built with this page; empty where none was. */
declare const BUILD: string;

const ENDED: Fault = {
  code: "worker",
  what: "The part of this page that runs the kernel has ended",
  cause: "it could not go on",
  next: "Load the page again: what was done is kept.",
};
/** Of the page that a node serves, which has no worker. */
const NO_TOKEN: Fault = {
  code: "no-token",
  what: "The node does not let this page in",
  cause: "the address lacks the part that lets you in, “#token=…”",
  next: "Open the whole address: “myrhiza ui” prints it.",
};
const STALE: Fault = {
  code: "stale",
  what: "This page was not started",
  cause: "it was updated, and this browser has kept an old part of it",
  next: "Load it again, past what the browser has kept (Ctrl+Shift+R, or Cmd+Shift+R). All that was done is kept.",
};
const ANEW: Fault = {
  code: "interrupted",
  what: "It is not known whether that was done",
  cause: "another tab has taken this browser’s home over while this one slept",
  next: "Look whether it was, and do it again if not.",
};

/** What is worth keeping from then on. */
const KEEPING: ReadonlySet<Method> = new Set<Method>(["join", "found"]);

interface Open {
  answered(answer: Answers[Method]): void;
  refused(error: Refused): void;
}

export class WorkerHost implements Host {
  readonly kind = "browser";
  private worker: Worker | null = null;
  private readonly open = new Map<number, Open>();
  private readonly hearers = new Set<Hearer>();
  private next = 0;
  private ended: Fault | null = null;
  /** The worker has said something: there is one. */
  private heard = false;
  private asksToKeep = true;
  /** Done when the worker is there, or cannot be. */
  private readonly begun: Promise<void>;

  /** `starting` hears how far the start is. */
  constructor(private readonly starting: (words: string) => void) {
    this.begun = this.begin();
    // A node that could not be reached is tried again when somebody looks, and when the machine wakes.
    const awake = (): void => {
      if (!document.hidden) this.worker?.postMessage({ awake: true });
    };
    for (const event of ["visibilitychange", "resume"]) document.addEventListener(event, awake);
    for (const event of ["online", "pageshow"]) window.addEventListener(event, awake);
  }

  async call<M extends Method>(method: M, params: Params[M]): Promise<Answers[M]> {
    if (this.asksToKeep && KEEPING.has(method)) {
      this.asksToKeep = false;
      // Before anything is waited for: who is asked has to have just pressed something.
      void keep();
    }
    await this.begun;
    const { worker, ended } = this;
    if (!worker || ended) throw new Refused(ended ?? ENDED);
    const asked: Asked = { id: this.next++, method, params };
    return new Promise((resolve, reject) => {
      this.open.set(asked.id, {
        answered: (answer) => resolve(answer as Answers[M]),
        refused: reject,
      });
      worker.postMessage(asked);
    });
  }

  events(hearer: Hearer): () => void {
    this.hearers.add(hearer);
    if (this.ended) hearer.reach("lost", this.ended);
    return () => this.hearers.delete(hearer);
  }

  private async begin(): Promise<void> {
    const why = await unable();
    if (why) this.end(why);
    else this.start();
  }

  private start(): void {
    // A browser that knows of modules reads that it is one; another would run it as something else.
    let isRead = false;
    const options = {
      get type(): "module" {
        isRead = true;
        return "module";
      },
    };
    const worker = new Worker(trustedScript("worker.js") as string, options);
    worker.onmessage = ({ data }: MessageEvent<Said>) => this.hear(data);
    worker.onerror = (event) => {
      this.end(BUILD === "" && !this.heard ? NO_TOKEN : { ...ENDED, cause: event.message || ENDED.cause });
    };
    this.worker = worker;
    if (!isRead) this.end(lacking(["workers that are modules"]));
  }

  private hear(said: Said): void {
    this.heard = true;
    if ("build" in said) {
      if (said.build !== BUILD) this.end(STALE);
    } else if ("anew" in said) {
      this.refuse(ANEW);
      this.start();
    } else if ("starting" in said) {
      this.starting(said.starting);
    } else if ("lost" in said) {
      for (const hearer of this.hearers) hearer.reach("lost", said.lost);
    } else if ("trouble" in said) {
      for (const hearer of this.hearers) hearer.trouble(said.trouble);
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

  private refuse(why: Fault): void {
    for (const open of this.open.values()) open.refused(new Refused(why));
    this.open.clear();
  }

  private end(why: Fault): void {
    this.ended = why;
    this.worker?.terminate();
    this.refuse(why);
    for (const hearer of this.hearers) hearer.reach("lost", why);
  }
}
