// The worker beside a page: it runs the home of this browser, or passes on what its page asks to the
// worker of another tab that does.
//
// A home is of one worker at a time, the one that holds the lock. All others wait for the lock, and talk
// to its holder over a channel (talk.js); once its tab is gone, the next one has the home. One whose tab
// sleeps keeps the home, and whoever asks it is told so: its files are its own until it ends. What a page
// says to its worker is written in `protocol.ts` of the shell.

import { BUILD } from "./build.js";
import { Home, told } from "./home.js";
import { allHeard, hear, isFree, own, queue, toOthers } from "./talk.js";
import { ASLEEP, OTHER_BUILD, interrupted } from "./words.js";

const STORE = new URL(location.href).searchParams.get("store") ?? "opfs";
// Milliseconds between two looks at whether the holder is awake, and how many it may miss.
const LOOK_MS = 2000;
const MISSED = 3;

// What the page asked and the holder has to answer, by id: the request, and whether the holder was told
// to do it.
const asked = new Map();
// The home, in the worker that has it.
let home = null;
// Why nobody can be asked, if that is so.
let fault = null;
// How often the holder has not answered since it last did.
let missed = 0;

function toPage(said) {
  postMessage(said);
}

function toAll(said) {
  toPage(said);
  toOthers(said);
}

async function answered({ id, method, params }) {
  try {
    if (!home) return { id, error: fault };
    return { id, answer: await home.answer(method, params) };
  } catch (error) {
    return { id, error: told(error) };
  }
}

// Has the lock: from here on the home is this worker's.
async function lead() {
  home = new Home(STORE, toAll, failed);
  toOthers({ leads: true });
  try {
    await home.ready();
  } catch (error) {
    return failed(error);
  }
  // The one before may have answered and gone.
  await allHeard();
  for (const [id, { request, going }] of asked) {
    asked.delete(id);
    toPage(going ? { id, error: gone() } : await answered(request));
  }
}

// The home is not open, or not any more. Whoever asks is told why, and another tab may try.
function failed(error) {
  home = null;
  giveUp(told(error));
}

// The home is up in a tab of another build. What this one would say or keep may mean something else there.
function passUp() {
  if (!home && !fault) giveUp(OTHER_BUILD);
}

function giveUp(why) {
  fault = why;
  place.leave();
  for (const id of asked.keys()) toPage({ id, error: fault });
  asked.clear();
  toPage({ lost: fault });
}

function gone() {
  return interrupted("the tab that was doing it was closed");
}

function awake() {
  return home ? home.awake() : toOthers({ awake: true });
}

function ask(request) {
  if (asked.size === 0) missed = 0;
  asked.set(request.id, { request, going: false });
  toOthers({ from: own, asked: request.id });
}

onmessage = async ({ data: request }) => {
  if (request.awake) return awake();
  if (home) return toPage(await answered(request));
  if (fault) return toPage({ id: request.id, error: fault });
  ask(request);
};

hear(
  (said) => {
    if (said.to === own && asked.has(said.id)) return heardOfOwn(said);
    if (home) return heardByHolder(said);
    if (fault || !isOfHolder(said)) return;
    missed = 0;
    if (said.leads) askAgain();
    else if (said.event || said.starting || "trouble" in said) toPage(forOwnPage(said));
  },
  () => {
    if (home) toOthers({ holds: true });
  },
  passUp,
);

function isOfHolder(said) {
  return said.leads || said.alive || said.event || said.starting || "trouble" in said;
}

// Of something that was asked, also before this worker had the home.
function heardOfOwn(said) {
  const open = asked.get(said.id);
  missed = 0;
  if (!said.ready) {
    asked.delete(said.id);
    toPage("answer" in said ? { id: said.id, answer: said.answer } : { id: said.id, error: said.error });
  } else if (!home && !open.going) {
    open.going = true;
    toOthers({ from: own, to: said.from, go: open.request });
  }
}

function forOwnPage({ event, starting, trouble }) {
  return event ? { event } : starting ? { starting } : { trouble };
}

async function heardByHolder(said) {
  if (said.ping) return toOthers({ to: said.from, alive: true });
  if (said.awake) return awake();
  if (said.hello) {
    await home.settled();
    toOthers({ to: said.from, event: { kind: "here" } });
    return toOthers({ to: said.from, trouble: home?.trouble ?? null });
  }
  if (said.asked !== undefined) return toOthers({ from: own, to: said.from, id: said.asked, ready: true });
  if (said.go) toOthers({ to: said.from, ...(await answered(said.go)) });
}

// Another worker has the home now: what the one before was told to do may be done.
function askAgain() {
  const open = [...asked];
  asked.clear();
  for (const [id, { request, going }] of open) {
    if (going) toPage({ id, error: gone() });
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
  for (const [id, { going }] of asked) {
    toPage({ id, error: going ? interrupted("the tab that was doing it sleeps") : ASLEEP });
  }
  asked.clear();
  toPage({ lost: ASLEEP });
  // Is answered once it is awake.
  toOthers({ from: own, hello: true });
  if (STORE === "opfs" && (await isFree().catch(() => false)) && !home) {
    place = queue(lead, passedOver, { steal: true });
  }
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
let place = queue(lead, passedOver);
toOthers({ from: own, hello: true });
