// An app that does what none should, in a browser's home: that call fails, and everything else lives on.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { BrowserHome, end, tally } from "../../../tests/browser/harness/browser-home.mjs";

const WAYS = ["spin", "recurse", "grab", "abort"];

let server, way, ann, topic, ticket, browser, wreck;

before(async () => {
  ({ server, way, ann, topic, ticket } = await tally());
  ann.install("wrecker");
  ({ topic: wreck } = ann.run("topic", "create", "wrecker", "--name", "wreck"));
  browser = await BrowserHome.open(server);
  await browser.enter(ticket);
  await browser.enter(ann.run("topic", "invite", wreck).ticket);
  await add();
});

after(async () => {
  await browser?.close();
  await end({ server, way, ann });
});

const accepted = (done) => done.verdict === "accept";

/** The rest works. */
function add() {
  return browser.until("act", { topic, intent: ["increment", "1"] }, accepted);
}

function mend() {
  return browser.until("act", { topic: wreck, intent: ["mend"] }, accepted);
}

const view = () => browser.ask("view", { topic: wreck, known: null, limit: null });

for (const way of WAYS) {
  test(`an app that breaks by ${way} breaks nothing else`, { timeout: 120_000 }, async () => {
    await mend();
    const before = await browser.ask("root", { topic: wreck });
    // While it is folded: the try before the event is made says so, and none is made.
    const tried = await browser.ask("act", { topic: wreck, intent: ["fold", way] });
    assert.equal(tried.verdict, "trap");
    assert.equal(tried.event, null);
    assert.deepEqual(await browser.ask("root", { topic: wreck }), before);
    // Where it is pressed.
    await assert.rejects(browser.ask("press", { topic: wreck, words: ["press", way] }), /"code":"app-failed"/);
    assert.ok((await view()).nodes.length > 0);
    // While it is shown, again and again; that is in the state, and the same for all.
    await browser.until("act", { topic: wreck, intent: ["show", way] }, accepted);
    for (let times = 0; times < 3; times += 1) await assert.rejects(view(), /"code":"app-failed"/);
    await add();
    await mend();
    assert.ok((await view()).nodes.length > 0);
    assert.equal(await browser.page.evaluate(() => globalThis.ended), null);
  });
}

test("a page shows such a view as failing, and its other topics as ever", { timeout: 120_000 }, async () => {
  await browser.until("act", { topic: wreck, intent: ["show", "spin"] }, accepted);
  const page = await browser.context.newPage();
  await page.goto(`${server.origin}/peer/index.html#/topic/${wreck}`);
  await page.getByRole("alert").first().waitFor();
  await page.goto(`${server.origin}/peer/index.html#/topic/${topic}`);
  const value = page.locator(".app .text").first();
  await value.waitFor();
  const start = Number(await value.textContent());
  await page.getByRole("button", { name: "Add 1", exact: true }).click();
  await page.waitForFunction((want) => document.querySelector(".app .text")?.textContent === want, String(start + 1));
  await page.close();
  await mend();
});

test("all of it leaves the homes with one root", { timeout: 60_000 }, async () => {
  const { events, root } = await browser.ask("root", { topic: wreck });
  for (let tries = 0; ; tries += 1) {
    const there = ann.run("root", wreck);
    if (there.events === events && there.root === root) return;
    assert.ok(tries < 300, `${JSON.stringify(there)} there, ${events} events and ${root} here`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
});
