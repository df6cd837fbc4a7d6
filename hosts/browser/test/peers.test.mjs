// Browsers and nodes on one topic: homes in two browsers and in two native processes, through a relay
// on loopback.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { BrowserHome, relay, site } from "../../../tests/browser/harness/browser-home.mjs";
import { Home } from "../../../tests/browser/harness/home.mjs";

const INTENTS = {
  counter: [["increment", "5"], ["decrement", "2"], ["increment", "1"]],
  poll: [["vote", "0"], ["vote", "1"], ["vote", "1"]],
};

let server, way, nodes, browsers;

before(async () => {
  server = await site();
  way = await relay();
  nodes = [new Home("ann"), new Home("bob")];
  // A way to the relay alone: what reaches a browser reaches everybody.
  for (const node of nodes) await node.up("--relay", way.url, "--listen", "127.0.0.1:0");
  browsers = [await BrowserHome.open(server), await BrowserHome.open(server)];
});

after(async () => {
  for (const browser of browsers ?? []) await browser.close();
  for (const node of nodes ?? []) await node.end();
  await way?.end();
  await server?.close();
});

for (const app of ["counter", "poll"]) {
  test(`two browsers and two nodes have one root of ${app}`, { timeout: 120_000 }, async () => {
    const [ann, bob] = nodes;
    ann.install(app);
    const { topic } = ann.run("topic", "create", app);
    if (app === "poll") ann.run("do", topic, "create", "which", "tea", "coffee");
    const { ticket } = ann.run("topic", "invite", topic, "--uses", "0");
    bob.run("app", "install", ticket, "--yes");
    for (const browser of browsers) assert.equal(await browser.enter(ticket), topic);
    const [one, two, three] = INTENTS[app];
    await browsers[0].until("act", { topic, intent: one }, (done) => done.verdict === "accept");
    await browsers[1].until("act", { topic, intent: two }, (done) => done.verdict === "accept");
    bob.run("do", topic, ...three);
    const events = app === "poll" ? 8 : 7;
    const all = (root) => root.events === events && root.root !== null;
    const roots = [];
    for (const browser of browsers) roots.push((await browser.until("root", { topic }, all)).root);
    for (const node of nodes) roots.push(await root(node, topic, events));
    assert.deepEqual(roots, Array(4).fill(roots[0]));
    for (const browser of browsers) assert.deepEqual(browser.watch.take(), []);
  });
}

async function root(node, topic, events) {
  for (let tries = 0; tries < 200; tries += 1) {
    const { events: have, root } = node.run("root", topic);
    if (have === events) return root;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`a node has ${JSON.stringify(node.run("root", topic))}`);
}
