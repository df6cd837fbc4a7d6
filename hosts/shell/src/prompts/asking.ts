// What an app asks after something a person did, put to them one after the other. Each is put once,
// however often it is found to wait, and what was carried out is not carried out again.

import { desk } from "../data/desk.js";
import { Refused } from "../host/interface.js";
import type { Acted, Asking, Came, Hex, Reply } from "../host/methods.js";
import { unwakable } from "../push/subscribe.js";
import { Question } from "./question.js";
import { Weighty } from "./weighty.js";

/** Milliseconds after which a host that is busy is told again. */
const AGAIN = 500;

/** Tokens of what is before the person, or answered and on its way to the host. */
const open = new Set<Hex>();
/** Tokens of what was carried out and the host has not taken yet. */
const done = new Set<Hex>();

/** Who shows the topic in which something is asked. */
export interface Asker {
  /** Whether the page is still there: what is not put waits for who comes back. */
  readonly isShown: boolean;
  /** Hears of each answer that was taken, with what became of what was proposed. */
  tell(acted: Acted | null): void;
}

/** Has the person answer until nothing is asked. Throws what first went wrong when all were put. */
export async function settle(asked: readonly Asking[], asker: Asker): Promise<void> {
  const waiting = [...asked];
  const wrong: unknown[] = [];
  for (let asking = waiting.shift(); asking && asker.isShown; asking = waiting.shift()) {
    try {
      const came = await once(asking);
      if (!came) continue;
      asker.tell(came.acted);
      waiting.push(...came.asked);
    } catch (error) {
      wrong.push(error);
    }
  }
  if (wrong.length > 0) throw wrong[0];
}

/** What came of the answer; null where there was none, or somebody else sees to it. */
async function once(asking: Asking): Promise<Came | null> {
  const { token } = asking;
  if (open.has(token)) return null;
  open.add(token);
  try {
    const said: Reply | null = done.has(token) ? { kind: "done" } : await put(asking);
    if (!said) return null;
    if (said.kind === "done") done.add(token);
    const came = await complete(token, said);
    done.delete(token);
    return came;
  } finally {
    open.delete(token);
  }
}

async function put(asking: Asking): Promise<Reply | null> {
  const cannot = asking.kind === "subscribe" ? unwakable(desk.kind) : null;
  if (cannot) return cannot;
  if (asking.kind === "choose" || asking.kind === "ask") {
    const part = new Question();
    part.asking = asking;
    return part.ask();
  }
  const part = new Weighty();
  part.asking = asking;
  return part.ask();
}

/** Tells the host, as often as it is busy. */
async function complete(token: Hex, said: Reply): Promise<Came> {
  for (;;) {
    try {
      return await desk.call("complete", { token, said });
    } catch (error) {
      if (!(error instanceof Refused) || error.fault.code !== "busy") throw error;
      await new Promise((later) => setTimeout(later, AGAIN));
    }
  }
}
