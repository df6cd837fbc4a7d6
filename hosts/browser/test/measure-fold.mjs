// What folding costs in a browser and in a node, over the same log and in one run; and the memory of a page
// that has it.
//
//   node measure-fold.mjs APP EVENTS…
//
// With the variables that `home.mjs` and `browser-home.mjs` of the harness name; MYRHIZA should be a release build, and
// TMPDIR memory, since a log is made event by event. A home is joined without the app, gets all events, and
// then installs the app: from then on it folds. The second to join has the first one's join beside the log. What that takes beside (the app is admitted and compiled)
// is in every length, so that two lengths give what an event costs.

import { readFileSync } from "node:fs";

import { BrowserHome, end, relay, site } from "../../../tests/browser/harness/browser-home.mjs";
import { Home } from "../../../tests/browser/harness/home.mjs";

const [app = "counter", ...lengths] = process.argv.slice(2);
const WAYS = {
  counter: { first: null, next: () => ["increment", "1"] },
  poll: { first: ["create", "which", "tea", "coffee"], next: (n) => ["vote", String(n % 2)] },
};

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A node, asked as its page asks it. */
class Node {
  constructor(home) {
    this.home = home;
    const page = new URL(home.started.page);
    [this.url, this.token] = [new URL("/v1/shell", page), page.hash.replace("#token=", "")];
  }

  async ask(method, params = {}) {
    const headers = { "content-type": "application/json", "x-myrhiza-token": this.token };
    const answer = await fetch(this.url, { method: "POST", headers, body: JSON.stringify({ method, params }) });
    const said = await answer.json();
    if (!answer.ok) throw new Error(JSON.stringify(said.error));
    return said;
  }
}

async function until(home, method, params, wished) {
  for (;;) {
    const answer = await home.ask(method, params).catch(() => null);
    if (answer && wished(answer)) return answer;
    await wait(2);
  }
}

/** Milliseconds from having all events to having the app and all of them folded. */
async function fold(home, { topic, ticket, events }) {
  const begun = performance.now();
  await home.ask("join", { ticket, name: null, even_if_expired: false });
  await until(home, "root", { topic }, (root) => root.events >= events);
  const came = performance.now();
  const [{ bundle }] = await until(home, "offers", {}, (offers) => offers.length > 0);
  const { shown } = await home.ask("offer", { bundle });
  const start = performance.now();
  await home.ask("confirm", { bundle, shown, pin: false });
  await until(home, "root", { topic }, (root) => root.root !== null && root.events >= events);
  return { ms: performance.now() - start, joined: came - begun };
}

/** Bytes that a process has to itself, and all that are resident. */
function memory(pid) {
  const of = (name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))[1]) * 1024;
  return { own: of("Private_Clean") + of("Private_Dirty"), resident: of("Rss") };
}

/** The process that runs a page: of all the browser's it is the one that computed most. */
async function renderer(browser) {
  const session = await browser.context.browser().newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  const all = processInfo.filter(({ type }) => type === "renderer");
  return all.sort((a, b) => b.cpuTime - a.cpuTime)[0].id;
}

const MB = (bytes) => (bytes / 1e6).toFixed(0);

const server = await site();
const way = await relay();
const ann = new Home("ann");
await ann.up("--relay", way.url, "--listen", "127.0.0.1:0");
ann.install(app);
const made = [];
for (const length of lengths.map(Number)) {
  const { topic } = ann.run("topic", "create", app, "--name", `${app}${length}`);
  const { ticket } = ann.run("topic", "invite", topic, "--uses", "0");
  const node = new Node(ann);
  const { first, next } = WAYS[app];
  if (first) await node.ask("act", { topic, intent: first });
  for (let n = 0; n < length; n += 1) await node.ask("act", { topic, intent: next(n) });
  const { events } = await node.ask("root", { topic });
  made.push({ topic, ticket, events });
  console.error(`${events} events of ${app} made`);
}
const took = [];
for (const topic of made) {
  const bob = new Home("bob");
  await bob.up("--relay", way.url, "--listen", "127.0.0.1:0");
  const native = await fold(new Node(bob), topic);
  await bob.end();
  const browser = await BrowserHome.open(server);
  await browser.ask("who");
  const empty = memory(await renderer(browser));
  const web = await fold(browser, topic);
  const full = memory(await renderer(browser));
  const usage = await browser.page.evaluate(async () => (await navigator.storage.estimate()).usage);
  await browser.page.reload();
  await browser.page.waitForFunction(() => globalThis.ask);
  const opened = performance.now();
  await browser.ask("view", { topic: topic.topic, known: null, limit: null });
  const view = performance.now() - opened;
  const again = memory(await renderer(browser));
  await browser.close();
  took.push({ events: topic.events, native: native.ms, web: web.ms });
  console.log(
    `${topic.events} events: came in ${native.joined.toFixed(0)} ms (node) and ${web.joined.toFixed(0)} ms (browser), ` +
      `were folded in ${native.ms.toFixed(0)} and ${web.ms.toFixed(0)} ms; ` +
      `the page's process: ${MB(empty.own)} MB of its own with an empty home, ${MB(full.own)} after the fold, ` +
      `${MB(again.own)} (${MB(again.resident)} resident) loaded again; ${MB(usage)} MB kept; its view ${view.toFixed(0)} ms after loading`,
  );
}
for (let at = 1; at < took.length; at += 1) {
  const [a, b] = [took[at - 1], took[at]];
  const each = (what) => ((b[what] - a[what]) * 1000) / (b.events - a.events);
  console.log(
    `an event of ${app}, between ${a.events} and ${b.events}: ${each("native").toFixed(1)} µs in a node, ` +
      `${each("web").toFixed(1)} in the browser, ${(each("web") / each("native")).toFixed(2)} times`,
  );
}
await end({ server, way, ann });
