// What the workers of one home's tabs say to each other, over a channel:
//
//   { build, from, asked: { id, method, params }, until }   to the holder, which does it by then or never
//   { build, to, id, taken }                          it has it, and will do it
//   { build, to, id, answer | error }                 it has done it, or not
//   { build, from, hello }                            who is new asks whether a home is up
//   { build, from, ping } { build, to, alive }        whether the holder is awake, and it is
//   { build, awake }                                  a page is seen again: to the holder
//   { build, leads }                                  who has the home from now on: ask again
//   { build, to?, event | starting | trouble }        what the holder tells, to one or all
//   { build, holds }                                  to a tab of another build: the home is up in one of this
//
// Tabs of two builds understand `build`, `hello`, `leads` and `holds` of each other, and nothing else: so
// these stay as they are.

import { BUILD } from "./build.js";

const NAME = "myrhiza home";

const channel = new BroadcastChannel(NAME);

/** Who this worker is. */
export const own = crypto.randomUUID();

/** Says something to the workers of all other tabs. */
export function toOthers(said) {
  channel.postMessage({ build: BUILD, ...said });
}

/**
 * Hears what is for this worker. `hello` is called where a tab of another build is new, `foreign` where
 * the home is up in one.
 */
export function hear(what, hello, foreign) {
  channel.onmessage = ({ data: said }) => {
    if (said.build === BUILD) {
      if (said.to === undefined || said.to === own) what(said);
    } else if (said.hello) hello();
    else if (said.leads || said.holds) foreign();
  };
}

/**
 * Waits until this worker has the home, and keeps it. `lost` is called where another has taken it over,
 * while this one slept. `leave` of what is returned ends the wait.
 */
export function queue(lead, lost, { steal = false } = {}) {
  const wait = new AbortController();
  const held = () => {
    lead();
    return new Promise(() => {});
  };
  // What steals does not wait, so that it cannot be told to leave either.
  const options = steal ? { steal } : { signal: wait.signal };
  navigator.locks.request(NAME, options, held).catch(() => {
    if (!wait.signal.aborted) lost();
  });
  return { leave: () => wait.abort() };
}

/**
 * Whether nobody can write into a home: its files are there for one worker alone, so who has them has it,
 * asleep or not. A worker that sleeps before it has them can be passed over.
 */
export async function isFree() {
  const root = await navigator.storage.getDirectory();
  let homes;
  try {
    homes = await root.getDirectoryHandle("home");
  } catch (error) {
    if (error.name === "NotFoundError") return true;
    throw error;
  }
  for await (const folder of homes.values()) {
    for await (const file of folder.values()) {
      try {
        (await file.createSyncAccessHandle()).close();
      } catch {
        return false;
      }
    }
  }
  return true;
}
