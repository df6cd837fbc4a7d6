// Which host this page has: the node that printed its address, or a worker of its own.

import type { Host } from "./interface.js";
import { LocalApi } from "./local.js";
import { WorkerHost } from "./worker.js";

const KEPT = "myrhiza-token";

/** The token that came with the address, which it is taken out of, or was kept of this tab. */
function token(): string | null {
  const given = /^#token=([0-9a-f]+)$/.exec(location.hash)?.[1];
  if (given) {
    sessionStorage.setItem(KEPT, given);
    history.replaceState(null, "", location.pathname);
  }
  return sessionStorage.getItem(KEPT);
}

export function chooseHost(starting: (words: string) => void): Host {
  const known = token();
  return known ? new LocalApi(known) : new WorkerHost(starting);
}
