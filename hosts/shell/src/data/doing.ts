// Something a person has asked for that is under way, and how it ended.

import type { ReactiveController, ReactiveControllerHost } from "lit";

import { announce } from "../frame/announce.js";
import type { Fault } from "../host/interface.js";
import { faultOf } from "./desk.js";

export class Doing implements ReactiveController {
  busy = false;
  fault: Fault | null = null;

  constructor(private readonly part: ReactiveControllerHost) {
    part.addController(this);
  }

  hostConnected(): void {}

  /** Does one thing at a time; a second one meanwhile is not done. Gives back whether it was done. */
  async run(what: () => Promise<void>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.fault = null;
    this.part.requestUpdate();
    try {
      await what();
    } catch (error) {
      this.fault = faultOf(error);
      announce(`${this.fault.what}: ${this.fault.cause}`);
    }
    this.busy = false;
    this.part.requestUpdate();
    return this.fault === null;
  }

  /** Takes back what was said of the last one. */
  clear(): void {
    this.fault = null;
    this.part.requestUpdate();
  }
}
