// What the workers of one home's tabs say to each other, over a channel:
//
//   { build, from, asked: id }                        to the holder: would it do something?
//   { build, from, to, id, ready }                    it would, now
//   { build, from, to, go: { id, method, params } }   then do it: who has said this cannot take it back
//   { build, to, id, answer | error }                 it has done it, or not
//   { build, from, hello }                            who is new asks whether a home is up
//   { build, from, ping } { build, to, alive }        whether the holder is awake, and it is
//   { build, awake }                                  a page is seen again: to the holder
//   { build, leads }                                  who has the home from now on: ask again
//   { build, to?, event | starting | trouble }        what the holder tells, to one or all
//   { build, holds }                                  to a tab of another build: the home is up in one of this
//
// A holder that sleeps hears what was said meanwhile once it wakes. So nothing is done that is only asked
// for: who asked has to be there still to say `go`.
//
// Tabs of two builds understand `build`, `hello`, `leads` and `holds` of each other, and nothing else: so
// these stay as they are.

import { BUILD } from "./build.js";

const NAME = "myrhiza home";

const channel = new BroadcastChannel(NAME);
// What is to be done once this worker has heard a mark of its own.
const marks = new Map();

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
    // Whatever else this site has may use the channel too.
    if (typeof said !== "object" || said === null) return;
    if (said.build !== BUILD) {
      if (said.hello) hello();
      else if (said.leads || said.holds) foreign();
    } else if (said.mark) marks.get(said.mark)?.();
    else if (said.to === undefined || said.to === own) what(said);
  };
}

/** Resolves once all was heard that others have said so far. */
export function allHeard() {
  const mark = crypto.randomUUID();
  // A channel does not hear itself.
  const aside = new BroadcastChannel(NAME);
  return new Promise((resolve) => {
    marks.set(mark, () => {
      marks.delete(mark);
      aside.close();
      resolve();
    });
    aside.postMessage({ build: BUILD, mark });
  });
}

/**
 * Waits until this worker has the home. `lost` is called where another has taken it over, while this one
 * slept. `leave` of what is returned ends the wait, or lets the home go to the next.
 */
export function queue(lead, lost, { steal = false } = {}) {
  const wait = new AbortController();
  let letGo = () => {};
  const held = () => {
    const gone = new Promise((resolve) => (letGo = resolve));
    lead();
    return gone;
  };
  // What steals does not wait, so that it cannot be told to leave either.
  const options = steal ? { steal } : { signal: wait.signal };
  navigator.locks.request(NAME, options, held).catch(() => {
    if (!wait.signal.aborted) lost();
  });
  const leave = () => {
    wait.abort();
    letGo();
  };
  return { leave };
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
