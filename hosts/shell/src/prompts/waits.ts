// Whether what an app asks still waits: another tab of the same home may have answered it. It is looked
// at when the prompt comes into sight and whenever the window was left, not in the press that agrees:
// browsers copy and open in the moment of a press alone.

import type { ReactiveController, ReactiveControllerHost } from "lit";

import { desk, faultOf, type Listener } from "../data/desk.js";
import type { Fault } from "../host/interface.js";
import type { Asking } from "../host/methods.js";

export class Waits implements ReactiveController {
  /** It did, since it came into sight. */
  known = false;
  /** Why that is not known. */
  fault: Fault | null = null;
  private turn = 0;
  private deaf: (() => void) | null = null;

  /** `over` is called once it does not. */
  constructor(
    private readonly part: ReactiveControllerHost & { readonly asking: Asking },
    private readonly over: () => void,
  ) {
    part.addController(this);
  }

  hostConnected(): void {
    document.addEventListener("visibilitychange", this.seen);
    window.addEventListener("focus", this.seen);
    const listener: Listener = {
      notice: (notice) => {
        if (notice.kind === "topic" && notice.topic === this.part.asking.topic) void this.look();
      },
      again: this.seen,
    };
    this.deaf = desk.listen(listener);
    this.seen();
  }

  hostDisconnected(): void {
    document.removeEventListener("visibilitychange", this.seen);
    window.removeEventListener("focus", this.seen);
    this.deaf?.();
    this.turn++;
  }

  private readonly seen = (): void => {
    this.known = false;
    this.part.requestUpdate();
    void this.look();
  };

  private async look(): Promise<void> {
    const turn = ++this.turn;
    const { topic, token } = this.part.asking;
    try {
      const all = await desk.call("asked", { topic });
      if (turn !== this.turn) return;
      this.fault = null;
      this.known = all.some((one) => one.token === token);
      if (!this.known) return this.over();
    } catch (error) {
      if (turn !== this.turn) return;
      this.fault = faultOf(error);
    }
    this.part.requestUpdate();
  }
}
