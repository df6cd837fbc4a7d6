// The worker beside a page: it runs the home of this browser, or passes on what its page asks to the
// worker of another tab that does.
//
// A home is of one worker at a time, the one that holds the lock. All others wait for the lock, and talk
// to its holder over a channel; once its tab is gone, the next one has the home. What a page says to its
// worker is written in `protocol.ts` of the shell; what workers say to each other is:
//
//   { version, from, asked: { id, method, params } }    to the holder
//   { version, to, id, taken }                          it has it, and will do it
//   { version, to, id, answer | error }                 it has done it, or not
//   { version, from, hello }                            who is new asks whether a home is up
//   { version, to?, event } { version, starting }       what the holder tells, to one or all

import init, { Peer, keep_relays, relays, relays_of } from "./myrhiza_browser.js";

const NAME = "myrhiza home";
// Of what workers say to each other. Tabs of two versions of the page do not talk.
const VERSION = 1;
// Most relays of a home, as in `relays.rs`.
const RELAYS = 4;
const STORE = new URL(location.href).searchParams.get("store") ?? "opfs";

const own = crypto.randomUUID();
const channel = new BroadcastChannel(NAME);
// What the page asked and the holder has to answer, by id.
const asked = new Map();
// The home that is up or is coming up, in the worker that has it.
let home = null;
// Why nobody can be asked, if that is so.
let fault = null;

function toPage(said) {
  postMessage(said);
}

function toOthers(said) {
  channel.postMessage({ version: VERSION, ...said });
}

function toAll(said) {
  toPage(said);
  toOthers(said);
}

// What was thrown by Rust is an error as JSON; anything else is this program's own fault.
function told(error) {
  if (typeof error === "string") return JSON.parse(error);
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

// Ends the home and opens it with other relays. What was asked before is answered first.
function reopen(urls) {
  home = home.then(async ({ peer, asked }) => {
    await Promise.allSettled(asked);
    await peer.stop();
    await keep_relays(urls);
    return open();
  });
  return home;
}

// A ticket's author chooses what its addresses say.
function isRelay(url) {
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
}

// As JSON, like what the kernel refuses.
function refused(cause, next) {
  const what = "the relays were not changed";
  return JSON.stringify({ code: "relays", what, cause, next });
}

// What the host itself answers; all else is the kernel's.
const ANSWERS = {
  async relays() {
    return { relays: (await home).relays };
  },
  async "set-relays"({ relays: urls }) {
    if (urls.length > RELAYS) throw refused(`${RELAYS} are the most`, "remove one first");
    const wrong = urls.find((url) => !isRelay(url));
    if (wrong !== undefined) {
      throw refused(`${wrong} is no address of a relay`, "give one that begins with https:// or http://");
    }
    await reopen(urls);
    return {};
  },
  // A home without a relay reaches nobody, so that of a ticket's peers becomes its own.
  async join(params) {
    // Those it has stay: no ticket cuts it off from others.
    const known = (await home).relays;
    const relays = relays_of(params.ticket).filter(isRelay);
    if (relays.length > 0 && !relays.some((url) => known.includes(url))) {
      if (known.length >= RELAYS) {
        throw refused(
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
  const { peer, asked } = await home;
  const answer = peer.call(JSON.stringify({ method, params }));
  asked.add(answer);
  try {
    return JSON.parse(await answer);
  } finally {
    asked.delete(answer);
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
  home = init().then(open);
  try {
    await home;
  } catch (error) {
    // Whoever asks is told.
    fault = told(error);
  }
  for (const [id, { request, taken }] of asked) {
    asked.delete(id);
    toPage(taken ? { id, error: interrupted() } : await answered(request));
  }
}

function interrupted() {
  return {
    code: "interrupted",
    what: "it is not known whether that was done",
    cause: "the tab that was doing it was closed",
    next: "look whether it was, and do it again if not",
  };
}

onmessage = async ({ data: request }) => {
  if (home) return toPage(await answered(request));
  if (fault) return toPage({ id: request.id, error: fault });
  asked.set(request.id, { request, taken: false });
  toOthers({ from: own, asked: request });
};

channel.onmessage = async ({ data: said }) => {
  if (said.version !== VERSION) return otherVersion();
  if (said.to !== undefined && said.to !== own) return;
  if (home) {
    if (said.hello) {
      if (!fault) await home;
      toOthers({ to: said.from, event: { kind: "here" } });
    } else if (said.asked) {
      toOthers({ to: said.from, id: said.asked.id, taken: true });
      toOthers({ to: said.from, ...(await answered(said.asked)) });
    }
  } else if (said.event || said.starting) {
    toPage(said.event ? { event: said.event } : { starting: said.starting });
  } else if (said.taken) {
    const open = asked.get(said.id);
    if (open) open.taken = true;
  } else if (said.id !== undefined && asked.delete(said.id)) {
    toPage("answer" in said ? { id: said.id, answer: said.answer } : { id: said.id, error: said.error });
  }
};

function otherVersion() {
  if (home) return;
  fault = {
    code: "version",
    what: "this page was not started",
    cause: "another tab has an older or newer version of this page open",
    next: "close the other tabs of this page, and load this one again",
  };
  for (const id of asked.keys()) toPage({ id, error: fault });
  asked.clear();
}

// After a fault of the program what it held may be half changed: the page is told by the error itself,
// and the lock goes to whoever waits for it.
for (const fatal of ["error", "unhandledrejection"]) {
  addEventListener(fatal, (event) => {
    if (fatal === "unhandledrejection") throw event.reason;
    setTimeout(() => close());
  });
}

navigator.locks.request(NAME, () => {
  lead();
  return new Promise(() => {});
});
toOthers({ from: own, hello: true });
