// What the workers of one home's tabs say to each other, over a channel:
//
//   { version, from, asked: { id, method, params }, until }   to the holder, which does it by then or never
//   { version, to, id, taken }                          it has it, and will do it
//   { version, to, id, answer | error }                 it has done it, or not
//   { version, from, hello }                            who is new asks whether a home is up
//   { version, from, ping } { version, to, alive }      whether the holder is awake, and it is
//   { version, awake }                                  a page is seen again: to the holder
//   { version, leads }                                  who has the home from now on: ask again
//   { version, to?, event | starting | trouble }        what the holder tells, to one or all
//
// A tab of another version of this talk is told that it is one, and nothing else.

const NAME = "myrhiza home";
const VERSION = 2;

const channel = new BroadcastChannel(NAME);

/** Who this worker is. */
export const own = crypto.randomUUID();

/** Says something to the workers of all other tabs. */
export function toOthers(said) {
  channel.postMessage({ version: VERSION, ...said });
}

/** Hears what is for this worker; `other` is called where a tab has another version. */
export function hear(what, other) {
  channel.onmessage = ({ data: said }) => {
    if (said.version !== VERSION) return other();
    if (said.to === undefined || said.to === own) what(said);
  };
}

/**
 * Waits until this worker has the home, and keeps it. `lost` is called where another has taken it over,
 * while this one slept.
 */
export function queue(lead, lost, options = {}) {
  const held = () => {
    lead();
    return new Promise(() => {});
  };
  navigator.locks.request(NAME, options, held).catch(lost);
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
