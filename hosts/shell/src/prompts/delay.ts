// Time to read: what is weighty cannot be agreed to at once, nor by a click that was meant for
// something else. The time runs anew when what is shown changes, or was out of sight.

import type { ReactiveController, ReactiveControllerHost } from "lit";

/** Milliseconds that it is in sight before it can be agreed to. */
export const READING = 2000;

export class Delay implements ReactiveController {
  private until = 0;
  private timer = 0;
  private what = "";

  constructor(private readonly part: ReactiveControllerHost) {
    part.addController(this);
  }

  hostConnected(): void {
    document.addEventListener("visibilitychange", this.seen);
    window.addEventListener("focus", this.seen);
    this.start();
  }

  hostDisconnected(): void {
    document.removeEventListener("visibilitychange", this.seen);
    window.removeEventListener("focus", this.seen);
    clearTimeout(this.timer);
  }

  /** What is shown now; other than before, it has to be read first. */
  shows(what: string): void {
    if (what === this.what) return;
    this.what = what;
    this.start();
  }

  get over(): boolean {
    return performance.now() >= this.until && document.visibilityState === "visible";
  }

  private readonly seen = (): void => this.start();

  private start(): void {
    this.until = performance.now() + READING;
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.part.requestUpdate(), READING + 20);
    this.part.requestUpdate();
  }
}
