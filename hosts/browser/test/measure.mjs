// How long it takes from opening a page to a topic's view, and what an act costs.
//
//   node measure.mjs
//
// With the variables that `home.mjs` and `browser-home.mjs` of the harness name. The page has nothing at first; the
// topic's node and the relay are on this machine.

import { BrowserHome, end, tally } from "../../../tests/browser/harness/browser-home.mjs";

const ACTS = 200;

const { server, way, ann, topic, ticket } = await tally();

const browser = await BrowserHome.open(server);
let last = performance.now();
const all = last;
function lap(what) {
  const now = performance.now();
  console.log(`${what}: ${(now - last).toFixed(0)} ms`);
  last = now;
}

await browser.page.reload();
await browser.page.waitForFunction(() => globalThis.ask);
await browser.ask("who");
lap("the page opens its home, which is there");
await browser.ask("join", { ticket, name: null, even_if_expired: false });
lap("it joins by a ticket, and opens the network");
const [{ bundle }] = await browser.until("offers", {}, (offers) => offers.length > 0);
lap("the app's bundle comes");
const { shown } = await browser.ask("offer", { bundle });
await browser.ask("confirm", { bundle, shown, pin: false });
lap("it is shown and installed");
await browser.until("view", { topic, known: null, limit: null }, (view) => typeof view !== "string");
lap("the view is there");
console.log(`from open to view: ${(last - all).toFixed(0)} ms, without what a person takes`);

await browser.until("act", { topic, intent: ["increment", "1"] }, (done) => done.verdict === "accept");
last = performance.now();
for (let n = 0; n < ACTS; n += 1) await browser.ask("act", { topic, intent: ["increment", "1"] });
console.log(`an act, proposed, tried, signed and durable: ${((performance.now() - last) / ACTS).toFixed(1)} ms`);

await browser.close();
await end({ server, way, ann });
