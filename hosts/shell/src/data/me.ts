// Whose home this is. Read once, before anything else is shown.

import type { Who } from "../host/methods.js";
import { desk } from "./desk.js";

let who: Who | null = null;

export async function readMe(): Promise<void> {
  who = await desk.call("who", {});
}

export function me(): Who | null {
  return who;
}
