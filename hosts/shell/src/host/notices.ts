// What a host tells unasked: `Notice` of `myrhiza-api`.

import type { Fault } from "./interface.js";
import type { Hex } from "./methods.js";

export type Notice =
  /** From here on it is told what happens; what was before is to be read. */
  | { readonly kind: "here" }
  | { readonly kind: "topic"; readonly topic: Hex; readonly change: "events" | "entered" | "left" }
  | { readonly kind: "peers" }
  | { readonly kind: "progress"; readonly topic: Hex; readonly known: number; readonly total: number }
  | { readonly kind: "fetch"; readonly bundle: Hex; readonly bytes: number; readonly total: number }
  | { readonly kind: "offer"; readonly bundle: Hex }
  | { readonly kind: "withdrawn"; readonly bundle: Hex; readonly name: string; readonly reason: string }
  | { readonly kind: "drift"; readonly topic: Hex }
  | ({ readonly kind: "fault" } & Fault);
