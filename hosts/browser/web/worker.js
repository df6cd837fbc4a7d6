// The worker beside a page: it runs the home of this browser, or passes on what its page asks to the
// worker of another tab that does.
//
// A home is of one worker at a time, the one that holds the lock. All others wait for the lock, and talk
// to its holder over a channel (talk.js); once its tab is gone, the next one has the home. One whose tab
// sleeps keeps the home, and whoever asks it is told so: its files are its own until it ends. What a page
// says to its worker is written in `protocol.ts` of the shell.

import { BUILD } from "./build.js";
import init, { Peer, keep_relays, relays, relays_of } from "./myrhiza_browser.js";
import { away, watch } from "./reach.js";
import { hear, isFree, own, queue, toOthers } from "./talk.js";
import { ASLEEP, OTHER_VERSION, forPage, interrupted, notLoaded, refused } from "./words.js";

// Most relays of a home, as in `relays.rs`.
const RELAYS = 4;
const STORE = new URL(location.href).searchParams.get("store") ?? "opfs";
// Milliseconds within which the holder takes what it is asked, or never: who asked is then told.
const TAKEN_MS = 5000;
// Milliseconds between two looks at whether the holder is awake, and how many it may miss.
const LOOK_MS = 2000;
const MISSED = 3;

// What the page asked and the holder has to answer, by id.
const asked = new Map();
// The home that is up or is coming up, in the worker that has it.
let home = null;
// Why nobody can be asked, if that is so.
let fault = null;
// Looks at how the home is reached, in the worker that has it; and what keeps everybody away.
let look = () => {};
let trouble = null;
// How often the holder has not answered since it last did.
let missed = 0;

function toPage(said) {
  postMessage(said);
}

function toAll(said) {
  toPage(said);
  toOthers(said);
}

// What was thrown by Rust is an error as JSON; anything else is this program's own fault.
function told(error) {
  if (typeof error === "string") return forPage(JSON.parse(error));
  throw error;
}

async function open() {
  toAll({ starting: "opening this browser's home" });
  const kept = (await relays()).filter(isRelay);
  const hear = (notice) => toAll({ event: JSON.parse(notice) });
  const opened = async (urls) => {
    const options = { name: "browser", relays: urls, store: STORE };
    const peer = await Peer.open(JSON.stringify(options), hear);
    return { peer, relays: kept, asked: new Set() };
  };
  try {
    return await opened(kept);
  } catch (error) {
    // Without a network there still is all that was done, and the page on which relays are changed.
    if (told(error).code !== "transport" || kept.length === 0) throw error;
    return opened([]);
  }
}

// Ends the home and opens it with other relays. What was asked before is answered first. They are kept
// first: where there is no room for them the home goes on as it is.
async function reopen(urls) {
  await home;
  await keep_relays(urls);
  home = home.then(async ({ peer, asked }) => {
    await Promise.allSettled(asked);
    await peer.stop();
    return open();
  });
  await home;
  look();
}

// A ticket's author chooses what its addresses say.
function isRelay(url) {
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
}

function unchanged(cause, next) {
  return refused("relays", "the relays were not changed", cause, next);
}

// What the host itself answers; all else is the kernel's.
const ANSWERS = {
  async relays() {
    const known = (await home).relays;
    return { relays: known, away: await away(known) };
  },
  async "set-relays"({ relays: urls }) {
    if (urls.length > RELAYS) throw unchanged(`${RELAYS} are the most`, "remove one first");
    const wrong = urls.find((url) => !isRelay(url));
    if (wrong !== undefined) {
      throw unchanged(`${wrong} is no address of a relay`, "give one that begins with https:// or http://");
    }
    await reopen(urls);
    return {};
  },
  async ticket(params) {
    const shown = await call("ticket", params);
    return { ...shown, relayed: relays_of(params.ticket).some(isRelay) };
  },
  // A home without a relay reaches nobody, so that of a ticket's peers becomes its own.
  async join(params) {
    // What is no ticket changes nothing.
    await call("ticket", { ticket: params.ticket });
    // Those it has stay: no ticket cuts it off from others.
    const known = (await home).relays;
    const relays = relays_of(params.ticket).filter(isRelay);
    if (relays.length === 0 && known.length === 0) {
      throw refused(
        "no-relay",
        "no topic was joined",
        "the ticket names no relay, and a browser is reached through one alone",
        "ask for a ticket from a node that uses a relay, or add the relay of its peers under Peers first",
      );
    }
    if (relays.length > 0 && !relays.some((url) => known.includes(url))) {
      if (known.length >= RELAYS) {
        throw unchanged(
          "the ticket's relays are others than this home's, which has as many as it may",
          "remove one under Peers, and join again",
        );
      }
      await reopen([...known, ...relays].slice(0, RELAYS));
    }
    return call("join", params);
  },
};

async function call(method, params) {
  return JSON.parse(await during((peer) => peer.call(JSON.stringify({ method, params }))));
}

// A home ends when all that is done with it is.
async function during(what) {
  const { peer, asked } = await home;
  const done = what(peer);
  asked.add(done);
  try {
    return await done;
  } finally {
    asked.delete(done);
  }
}

async function answered({ id, method, params }) {
  try {
    if (fault) return { id, error: fault };
    const answer = Object.hasOwn(ANSWERS, method) ? ANSWERS[method](params) : call(method, params);
    return { id, answer: await answer };
  } catch (error) {
    return { id, error: told(error) };
  }
}

// Has the lock: from here on the home is this worker's.
async function lead() {
  toAll({ starting: "loading the program" });
  home = init().then(open, (error) => Promise.reject(JSON.stringify(notLoaded(error))));
  toOthers({ leads: true });
  try {
    await home;
    look = watch({
      peers: async () => (await call("peers", {})).peers,
      relays: async () => (await home).relays,
      tell: (found) => toAll({ trouble: (trouble = found) }),
      woke: awake,
    });
  } catch (error) {
    // Whoever asks is told.
    fault = told(error);
  }
  for (const [id, { request, taken }] of asked) {
    asked.delete(id);
    toPage(taken ? { id, error: gone() } : await answered(request));
  }
}

function gone() {
  return interrupted("the tab that was doing it was closed");
}

// The machine slept, has a network again, or somebody looks at the page again.
async function awake() {
  if (!home) return toOthers({ awake: true });
  try {
    await during((peer) => peer.awake());
    look();
  } catch (error) {
    // Where the home was not opened there is nobody to wake, and whoever asks is told why.
    told(error);
  }
}

function ask(request) {
  if (asked.size === 0) missed = 0;
  asked.set(request.id, { request, taken: false });
  toOthers({ from: own, asked: request, until: Date.now() + TAKEN_MS });
}

onmessage = async ({ data: request }) => {
  if (request.awake) return awake();
  if (home) return toPage(await answered(request));
  if (fault) return toPage({ id: request.id, error: fault });
  ask(request);
};

hear(
  async (said) => {
    if (home) return heardByHolder(said);
    // Who waits says nothing that is for all but this.
    if (said.asked || said.hello || said.ping || said.awake) return;
    missed = 0;
    if (said.leads) return askAgain();
    if (said.event || said.starting || "trouble" in said) return toPage(forOwnPage(said));
    if (said.taken) {
      const open = asked.get(said.id);
      if (open) open.taken = true;
    } else if (said.id !== undefined && asked.delete(said.id)) {
      toPage("answer" in said ? { id: said.id, answer: said.answer } : { id: said.id, error: said.error });
    }
  },
  () => {
    if (home) return;
    fault = OTHER_VERSION;
    for (const id of asked.keys()) toPage({ id, error: fault });
    asked.clear();
  },
);

function forOwnPage({ event, starting, trouble }) {
  return event ? { event } : starting ? { starting } : { trouble };
}

async function heardByHolder(said) {
  if (said.ping) return toOthers({ to: said.from, alive: true });
  if (said.awake) return awake();
  if (said.hello) {
    if (!fault) await home.catch(() => {});
    toOthers({ to: said.from, event: { kind: "here" } });
    return toOthers({ to: said.from, trouble });
  }
  // Who asked has been told that it is not done.
  if (!said.asked || Date.now() > said.until) return;
  toOthers({ to: said.from, id: said.asked.id, taken: true });
  toOthers({ to: said.from, ...(await answered(said.asked)) });
}

// Another worker has the home now: what the one before had taken may be done.
function askAgain() {
  const open = [...asked];
  asked.clear();
  for (const [id, { request, taken }] of open) {
    if (taken) toPage({ id, error: gone() });
    else ask(request);
  }
}

// A holder that sleeps answers nothing. Timers do not run while this worker sleeps itself, so it is
// counted, not timed.
setInterval(() => {
  if (home || fault || asked.size === 0) return;
  if (missed >= MISSED) return asleep();
  missed += 1;
  toOthers({ from: own, ping: true });
}, LOOK_MS);

async function asleep() {
  for (const [id, { taken }] of asked) {
    toPage({ id, error: taken ? interrupted("the tab that was doing it sleeps") : ASLEEP });
  }
  asked.clear();
  toPage({ lost: ASLEEP });
  // Is answered once it is awake.
  toOthers({ from: own, hello: true });
  if (STORE === "opfs" && (await isFree().catch(() => false)) && !home) queue(lead, passedOver, { steal: true });
}

// Another worker has the home, since this one slept before it had its files. The page starts it anew.
function passedOver() {
  toPage({ anew: true });
  close();
}

// After a fault of the program what it held may be half changed: the page is told by the error itself,
// and the lock goes to whoever waits for it.
for (const fatal of ["error", "unhandledrejection"]) {
  addEventListener(fatal, (event) => {
    if (fatal === "unhandledrejection") throw event.reason;
    setTimeout(() => close());
  });
}

addEventListener("online", awake);
toPage({ build: BUILD });
queue(lead, passedOver);
toOthers({ from: own, hello: true });
