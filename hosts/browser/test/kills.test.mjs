// The browser's end, whenever it comes: what was acknowledged is there, and what was begun can be done.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { BrowserHome, end, profile, tally } from "../../../tests/browser/harness/browser-home.mjs";

const EVENTS = 400;

let server, way, ann, topic, ticket;

before(async () => ({ server, way, ann, topic, ticket } = await tally()));
after(() => end({ server, way, ann }));

test("a browser that is killed between keeping relays and joining joins the next time", { timeout: 120_000 }, async () => {
  const { path, remove } = profile();
  try {
    let browser = await BrowserHome.open(server, path);
    const who = await browser.ask("who");
    // The home is opened anew once the relays are kept, and joins after that.
    await browser.page.evaluate(async (ticket) => {
      const before = globalThis.heard.length;
      globalThis.ask("join", { ticket, name: null, even_if_expired: false }).catch(() => {});
      const begun = () => globalThis.heard.slice(before).some((said) => said.starting);
      while (!begun()) await new Promise((resolve) => setTimeout(resolve, 1));
    }, ticket);
    await browser.kill();
    browser = await BrowserHome.open(server, path);
    try {
      assert.deepEqual(await browser.ask("who"), who);
      assert.deepEqual((await browser.ask("relays")).relays.length, 1);
      assert.equal(await browser.enter(ticket), topic);
      await browser.until("act", { topic, intent: ["increment", "1"] }, (done) => done.verdict === "accept");
    } finally {
      await browser.close();
    }
  } finally {
    remove();
  }
});

test("a browser that is killed amid a history goes on with it, and has what it acknowledged", { timeout: 300_000 }, async () => {
  for (let done = ann.run("root", topic).events; done < EVENTS; done += 1) {
    ann.run("do", topic, "increment", "1");
  }
  const { path, remove } = profile();
  try {
    let browser = await BrowserHome.open(server, path);
    const who = await browser.ask("who");
    await browser.enter(ticket);
    let acted = null;
    for (const wait of [0, 40, 120]) {
      await new Promise((resolve) => setTimeout(resolve, wait));
      await browser.kill();
      browser = await BrowserHome.open(server, path);
      assert.deepEqual(await browser.ask("who"), who);
      if (acted) assert.equal((await browser.ask("event", { topic, event: acted })).id, acted);
      const done = await browser.ask("act", { topic, intent: ["increment", "1"] }).catch(() => null);
      acted = done?.event ?? acted;
    }
    const there = (root) => root.events >= EVENTS && root.root !== null;
    await browser.until("root", { topic }, there);
    const same = async () => {
      const [here, away] = [await browser.ask("root", { topic }), ann.run("root", topic)];
      return here.events === away.events && here.root === away.root;
    };
    for (let tries = 0; !(await same()); tries += 1) {
      assert.ok(tries < 200, "the two homes have other roots");
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    if (acted) assert.equal((await browser.ask("event", { topic, event: acted })).id, acted);
    await browser.close();
  } finally {
    remove();
  }
});
