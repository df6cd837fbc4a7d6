// A prompt for something that an app asks.

import { announce } from "../frame/announce.js";
import type { Asking, Reply } from "../host/methods.js";
import { line } from "../parts/words.js";
import { Modal } from "./modal.js";
import { Waits } from "./waits.js";

/** The answer is null where it goes unanswered: it may wait on. */
export abstract class Asked<A extends Asking = Asking> extends Modal<Reply | null> {
  asking!: A;
  protected readonly dismissed: Reply = { kind: "declined" };
  protected readonly waits = new Waits(this, () => this.over());

  protected override gone(): null {
    return null;
  }

  private over(): void {
    announce(`What ${line(this.asking.app)} asked waits no more`);
    this.answer(null);
  }
}
