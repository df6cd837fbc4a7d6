// Stands in for the worker that runs the kernel, with one of everything there is to show.

const hex = (pair) => pair.repeat(32);
const ADA = hex("a1");
const BOB = hex("b2");
const named = (key) => `myr1${key.slice(0, 58)}`;
const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);

const topic = (id, name, more) => ({
  id, name, app: "Gallery", version: "1.0.0", bundle: hex("0b"), generation: 0, waits: null, next: null,
  admission: "invite", founder: ADA, founder_name: named(ADA), events: 3, folded: true, member: true,
  revoked: false, denied: false, id_name: "myrtopic1", standing: "member", why: "", ...more,
});
const topics = [
  topic(hex("01"), "gallery"),
  topic(hex("02"), "broken", { denied: true }),
  topic(hex("03"), "waits", { app: null, version: null, waits: hex("0c"), folded: false, member: null, standing: "unknown" }),
  topic(hex("05"), "drawn", { waits: hex("0c") }),
  topic(hex("06"), "long"),
  topic(hex("07"), "slow"),
  topic(hex("04"), "gone \u202etopic", { standing: "removed", revoked: true, member: false }),
];

const text = (depth, tone, text) => ({ depth, kind: "text", tone, text });
let view = [
  { depth: 0, kind: "surface", name: "Board \u202e", text: "One of everything.", width: 400, height: 200 },
  { depth: 0, kind: "panel", title: "Gallery" },
  ...["plain", "strong", "muted", "good", "warning", "bad"].map((tone) => text(1, tone, `A ${tone} text`)),
  ...["plain", "good", "warning", "bad"].map((tone) => ({ depth: 1, kind: "message", tone, text: `A ${tone} message` })),
  text(1, "plain", "exe\u202egnp.\u0007 <img src=x onerror=alert(1)>"),
  { depth: 1, kind: "list", numbered: true },
  text(2, "plain", "one"),
  { depth: 2, kind: "panel", title: "two" },
  text(3, "plain", "deeper"),
  { depth: 1, kind: "list", numbered: false },
  text(2, "plain", "dot"),
  { depth: 1, kind: "menu", title: "Choose" },
  { depth: 2, kind: "button", label: "Take a while", intent: ["slow"], enabled: true },
  { depth: 2, kind: "button", label: "End the worker", intent: ["end"], enabled: true },
  { depth: 2, kind: "button", label: "Break the app", intent: ["break"], enabled: true },
  { depth: 2, kind: "button", label: "Never", intent: ["never"], enabled: false },
  { depth: 1, kind: "menu", title: "Asks" },
  ...["ask", "choose", "copy", "open", "pick", "subscribe", "twice", "late", "fail", "much"].map((kind) => (
    { depth: 2, kind: "button", label: `Asks to ${kind}`, intent: ["asks", kind], enabled: true }
  )),
  { depth: 1, kind: "dialog", title: "Is it so?" },
  { depth: 2, kind: "form", label: "Send", intent: ["send"], enabled: true },
  { depth: 3, kind: "input", label: "Words", value: "some", choices: [] },
  { depth: 3, kind: "input", label: "Which", value: "b", choices: ["a", "b", "c"] },
  { depth: 1, kind: "hologram" },
  text(2, "plain", "below a kind of tomorrow"),
  { depth: 1, kind: "table", columns: ["Who", "How much"], rows: [["ada", "1"], ["bob", "2"]], more: 7 },
];

// A table that is longer than a page shows, and as many parts behind it.
const long = (limit) => {
  const rows = Array.from({ length: 20_100 }, (_, n) => [`row ${n + 1}`]);
  const table = { depth: 0, kind: "table", columns: ["Row"], rows: rows.slice(0, limit), more: rows.length - limit };
  const parts = Array.from({ length: 350 }, (_, n) => text(0, "plain", `part ${n + 1}`));
  const nodes = [table, ...parts];
  return { version: `long ${limit}`, nodes: nodes.slice(0, limit), more: Math.max(0, nodes.length - limit) };
};

// One of every command, some that are none, and a square of 20 units whose colour the tests read.
const RED = "#ff0000ff";
const commands = [
  { kind: "clear", paint: "ground" },
  { kind: "fill-area", area: [0, 0, 20, 20], paint: RED },
  { kind: "stroke-area", area: [40, 20, 60, 40], paint: "accent", width: 4 },
  { kind: "fill-path", path: [0, 120, 60, 1, 160, 60, 1, 140, 20, 3], paint: "good" },
  { kind: "stroke-path", path: [0, 180, 60, 2, 190, 0, 210, 0, 220, 60], paint: "warning", width: 8 },
  { kind: "text", x: 390, y: 60, size: 24, align: "end", paint: "text", text: "exe\u202egnp.<b>" },
  { kind: "image", area: [40, 100, 40, 40], columns: 2, pixels: "0000ffff" + "00ff00ff" + "00ff00ff" + "0000ffff" },
  { kind: "transform", matrix: [65536, 0, 0, 65536, 200, 100] },
  { kind: "fill-area", area: [0, 0, 20, 20], paint: "bad" },
  ...["hologram", "fill-path", "image", "text", "fill-area"].map((kind) => ({ kind, paint: RED, path: [9], area: "all", pixels: "x" })),
  // Which the browser refuses.
  { kind: "image", area: [0, 0, 40, 40], columns: -1, pixels: "0000ffff" },
  { kind: "fill-area", area: [60, 60, 20, 20], paint: "good" },
  { kind: "fill-area", area: [0, 0, 400, 200], paint: "url(https://example.org/)" },
  { kind: "fill-area", area: [0, 0, 400, 200], paint: "constructor" },
];
let drawing = 0;
let dark;
let heard = [];
// Done a while after something was pressed there.
let press;
const pressed = new Promise((done) => (press = () => setTimeout(done, 500)));

// What waits for an answer, by token, as every tab of a home knows it.
const open = new Map();
const tabs = new BroadcastChannel("tabs");
const wait = (one) => {
  open.set(one.token, one);
  tabs.postMessage(one);
};
tabs.onmessage = ({ data }) => {
  if (data === "relay") {
    away = [];
    return postMessage({ trouble: null });
  }
  if (data === "anew") {
    journal = [told(0, "info", "connected with d2d2d2d2…")];
    return postMessage({ event: { kind: "here" } });
  }
  if (data === "new") for (const one of open.values()) tabs.postMessage(one);
  else open.set(data.token, data);
};
tabs.postMessage("new");
const token = () => [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const asking = {
  topic: hex("01"), bundle: hex("0b"), app: "Gallery \u202e", version: "1.0.0", author: BOB, author_name: named(BOB),
};
const ASKED = {
  ask: { question: "Who are\nyou?", value: "Ada" },
  choose: { question: "Which?", choices: ["this", "that"] },
  copy: { text: "rm -rf \u202e /" },
  open: { address: "https://a.example/b?c=d" },
  pick: { accept: "text/plain" },
  subscribe: { server_key: "04".repeat(65) },
};

// Two at once; one that is answered while its topic is being folded; two of which one cannot be answered.
const MANY = { twice: ["copy", "ask"], late: ["copy"], fail: ["copy", "ask"], much: ["copy"] };
// What matters is below what is in sight.
const MUCH = { text: `npm install left-pad${"\n".repeat(400)}rm -rf /\n` };

const BROKEN = {
  code: "app-failed", what: "the app could not show the topic", cause: "the component trapped",
  next: "look at its history and state instead; a later version of the app may mend it",
};
let broken = false;
let loose = [{ bundle: hex("0d"), name: "Loose", version: "1.0.0", author: BOB, author_name: named(BOB), topics: [] }];
let away = ["https://relay.example/"];
let installed = true;
const told = (number, level, text, topic = null) => ({ number, at: NOW, level, text, topic });
let journal = [
  told(0, "info", "connected with d1d1d1d1…"),
  told(1, "error", "c3c3c3c3… has another state", hex("01")),
];

let offers = 0;
const offer = () => ({
  bundle: hex("0c"), name: "Gallery", version: "2.0.0", description: "Shows\neverything.", author: BOB,
  author_name: named(BOB), author_is_known: false, previous: "1.0.0",
  may: [
    { profile: "state-apply", interface: "state", words: "read and change the topic's shared state", new: false },
    { profile: "interaction", interface: "clock", words: "read this device's clock", new: true },
  ],
  no_more: [{ profile: "interaction", interface: "random", words: "draw random numbers", new: false }],
  notices: ["the app was called `Show`"], pinned: false, topics: ["waits"], as_of: null,
  revoked: offers === 0 ? null : { reason: "it leaks", successor: null, at: NOW },
  shown: hex(`0${offers}`),
});

const event = (n, made) => ({
  id: hex(`e${n}`), height: n, kind: "app", author: hex("c1"), seq: n, prev: null, parents: [], verdict: "accept",
  reason: "", fuel: 1234, person: ADA, person_name: named(ADA), scope_name: "desk", at: NOW + n * 1000,
  payload_bytes: 7, payload_start: "8264736f757003", variant: 1, says: "", whom: null, whom_name: null, ...made,
});
const events = [
  event(0, { kind: "genesis", says: "founds the topic gallery" }),
  event(1, { prev: hex("e0") }),
  event(2, { person: BOB, person_name: named(BOB), parents: [hex("e0")], verdict: "reject", reason: "nobody may" }),
  event(3, { kind: "join", says: "comes in, invited by", whom: BOB, whom_name: named(BOB), prev: hex("e1"), parents: [hex("e2")], verdict: null, fuel: null }),
];

const state = (root) => ({ count: 4, event: hex("e3"), root: hex(root), code: hex("0d"), engine: "web", engine_version: "9" });
const answers = {
  who: () => ({ id: ADA, name: named(ADA), scope: hex("c1"), scope_name: "desk" }),
  about: () => ({ host: "browser", version: "0.1.0", kernel: "1.0", engine: "web 9", store: "opfs", more: [] }),
  topics: () => topics,
  apps: () => !installed ? [] : [{
    id: hex("0b"), name: "Gallery", version: "1.0.0", author: BOB, author_name: named(BOB), description: "Shows.",
    revoked: { reason: "it leaks", successor: hex("0c"), at: NOW }, pinned: false, as_of: NOW,
  }],
  uninstall: () => {
    installed = false;
    return {};
  },
  offers: () => [{ bundle: hex("0c"), name: "Gallery", version: "2.0.0", author: BOB, author_name: named(BOB), topics: ["waits"] }, ...loose],
  offer,
  confirm: ({ shown }) => {
    if (shown === offer().shown) return { bundle: hex("0c"), name: "Gallery", version: "2.0.0" };
    throw { code: "changed", what: "Gallery was not installed", cause: "there is more to know", next: "read it again" };
  },
  refuse: ({ bundle }) => {
    const before = loose.length;
    loose = loose.filter((one) => one.bundle !== bundle);
    return { gone: loose.length < before };
  },
  view: ({ topic, known, limit }) => {
    if (topic === hex("06")) return { topic, ...long(Math.min(limit, 20_000)) };
    if (topic === hex("02") || (topic === hex("01") && broken)) throw BROKEN;
    if (![hex("01"), hex("05"), hex("07")].includes(topic)) {
      throw { code: "not-installed", what: "there is no view to show", cause: "bundle is not installed", next: "install the app" };
    }
    const version = String(view.length);
    return { topic, version, nodes: known === version ? null : view, more: 0 };
  },
  surface: ({ topic, known, input }) => {
    dark = input.findLast(({ kind }) => kind === "room")?.dark ?? dark;
    heard.push(...input.filter((one) => one.kind !== "room"));
    const up = input.find((one) => one.kind === "key" ? one.down : one.phase === "up");
    if (up) view = [...view, text(1, "plain", `heard ${JSON.stringify(heard)}`)];
    if (up) heard = [];
    if (up) press();
    const surface = { name: "Board \u202e", text: "One of everything.", width: 400, height: 200, listens: true, commands };
    if (up) drawing += 1;
    const version = String(drawing);
    return { topic, version, surface: known === version ? null : surface, intents: up ? [["noted"]] : [] };
  },
  press: async ({ words }) => {
    if (words.includes("slow")) await new Promise((later) => setTimeout(later, 1500));
    if (words[0] === "end") throw setTimeout(() => { throw new Error("the kernel panicked"); });
    if (words[0] === "asks") {
      const kinds = ASKED[words[1]] ? [words[1]] : MANY[words[1]];
      const how = { busy: words[1] === "late" ? 2 : 0, fails: words[1] === "fail", ...(words[1] === "much" ? MUCH : {}) };
      const asked = kinds.map((kind) => ({ ...asking, token: token(), kind, ...ASKED[kind], ...how }));
      asked.forEach(wait);
      return { acted: null, asked };
    }
    if (words[0] === "break") broken = true;
    if (words[0] === "noted") view = [...view, text(1, "plain", `noted in the ${dark ? "dark" : "light"}`)];
    if (words[0] === "send") view = [...view, text(1, "plain", `sent ${words.slice(1).join(" and ")}`)];
    return { acted: { event: hex("e3"), verdict: "accept", reason: "" }, asked: [] };
  },
  asked: async ({ topic }) => {
    if (topic === hex("07")) await pressed;
    return topic === hex("01") ? [...open.values()].filter((one) => !one.done) : [];
  },
  complete: ({ token, said }) => {
    const one = open.get(token);
    if (!one || one.done) throw { code: "not-asked", what: "nothing was done", cause: "it was answered", next: "look" };
    if (one.busy-- > 0) throw { code: "busy", what: "nothing was done", cause: "it is being folded", next: "wait" };
    if (one.fails && one.kind === "copy") throw { code: "app-failed", what: "nothing was done", cause: "the app failed", next: "try" };
    wait({ ...one, done: true });
    view = [...view, text(1, "plain", `said ${JSON.stringify(said)}`)];
    return { acted: null, asked: [] };
  },
  members: () => ({ members: [], more: 0 }),
  log: () => ({ events, earlier: true, later: false }),
  event: ({ event: id }) => ({
    ...events.find((event) => event.id === id), variant: 1, generation: 0, code: 0, payload: { bytes: 2, start: "6869" },
    changed: [{ side: "app", key: "6b6579", before: { bytes: 1, start: "00" }, after: null, after_is_known: true },
      { side: "app", key: "6b6579206f6c6400ff", before: null, after: null, after_is_known: false }],
    more: 3,
  }),
  state: () => ({ entries: [{ key: "6b6579", value: { bytes: 5000, start: "00".repeat(64) } }], later: true }),
  root: ({ topic }) => ({ topic, events: 4, height: 3, tip: hex("e3"), root: hex("0f") }),
  compare: () => ({ nodes: 1 }),
  drift: ({ topic }) => ({
    topic, anchors: [state("0f")],
    votes: [{ scope: hex("c2"), agrees: true, ...state("0f") }, { scope: hex("c3"), agrees: false, ...state("1f") }],
    reports: topic !== hex("01") ? [] : [{
      scope: hex("c3"), here: state("0f"), there: state("1f"), until: null,
      explanation: {
        peer: hex("d1"), agreed: 2, event: hex("e2"), here: { verdict: "reject", code: 3, fuel: 1 },
        there: { verdict: "accept", code: 0, fuel: 1 }, more: false, again: true,
        keys: [{ side: "app", key: "6b6579", here: { bytes: 1, start: "00" }, there: null }],
      },
    }],
  }),
  forks: () => [{ scope: hex("c3"), seq: 7, events: [hex("e1"), hex("e2")], proof: "00" }],
  pending: () => [{ id: hex("e8"), missing: [hex("e9")] }],
  peers: () => ({
    id: hex("d0"), addresses: ["memory:1"],
    peers: [{
      id: hex("d1"), role: "dialer", seconds: 4000, sent: 1, received: 2_000_000, events: 1, points: 20,
      topics: [
        { topic: hex("01"), name: "gallery", state: "exchanging", known: 40, total: 100 },
        { topic: hex("02"), name: "broken", state: "denied", known: 0, total: 0 },
      ],
    }],
    fetches: [{ bundle: hex("0c"), bytes: 30_000, total: 90_000 }],
  }),
  relays: () => ({ relays: ["https://relay.example/"], away }),
  journal: ({ after }) => ({ lines: journal.filter(({ number }) => number > (after ?? -1)) }),
};

postMessage({ starting: "Opening the home…" });
const up = new Promise((resolve) => setTimeout(resolve, 700));
up.then(() => postMessage({ event: { kind: "here" } }));

onmessage = async ({ data: { id, method, params } }) => {
  await up;
  try {
    postMessage({ id, answer: await answers[method](params) });
  } catch (error) {
    if (error?.code) postMessage({ id, error });
  }
  if (method === "offer" && offers === 0) {
    // What its author says comes while it is read.
    offers = 1;
    setTimeout(() => postMessage({ event: { kind: "withdrawn", bundle: hex("0c"), name: "Gallery", reason: "it leaks" } }), 3500);
  }
};
