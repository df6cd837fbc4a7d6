// What a browser keeps for a home, where it does not keep it, or does not give it to this tab.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { BrowserHome, folder, site } from "../../../tests/browser/harness/browser-home.mjs";

let server;

/** Where the page has the module that keeps it: of each crate's, in a folder of its own. */
function kept() {
  const parts = readdirSync(join(folder, "snippets"));
  return `/peer/snippets/${parts.find((part) => part.startsWith("myrhiza-browser-"))}/web/kept.js`;
}

before(async () => (server = await site()));
after(() => server?.close());

test("what is not kept is told to who keeps it, and ends nothing", { timeout: 60_000 }, async () => {
  const browser = await BrowserHome.open(server);
  try {
    await browser.ask("who");
    const told = await browser.page.evaluate(async (kept) => {
      const { keepRelays } = await import(kept);
      let unhandled = 0;
      addEventListener("unhandledrejection", () => (unhandled += 1));
      await keepRelays([]);
      // Refuses what is there already.
      IDBObjectStore.prototype.put = IDBObjectStore.prototype.add;
      const why = await keepRelays([]).catch((error) => error.name);
      await new Promise((later) => setTimeout(later, 200));
      return [why, unhandled];
    }, kept());
    assert.deepEqual(told, ["ConstraintError", 0]);
  } finally {
    await browser.close();
  }
});

/** Turns the first byte of the home's store around, once nobody has it. */
function turn(page, scope) {
  return page.evaluate(async (scope) => {
    let folder = await navigator.storage.getDirectory();
    for (const name of ["home", scope]) folder = await folder.getDirectoryHandle(name);
    const file = await folder.getFileHandle("store.redb");
    const [first] = new Uint8Array(await (await file.getFile()).slice(0, 1).arrayBuffer());
    for (let tries = 0; ; tries += 1) {
      try {
        const stream = await file.createWritable({ keepExistingData: true });
        await stream.write(Uint8Array.of(first ^ 0xff));
        return await stream.close();
      } catch (error) {
        // The worker that had it is about to end.
        if (tries > 100) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }, scope);
}

test("a tab that could not open the store leaves it to others", { timeout: 60_000 }, async () => {
  const browser = await BrowserHome.open(server);
  try {
    const who = await browser.ask("who");
    await browser.page.goto(`${server.origin}/page/home.js`);
    await turn(browser.page, who.scope);
    const first = await browser.tab();
    await assert.rejects(browser.ask("who", {}, first), /"code":"store"/);
    // What was wrong with it is over, while that tab is still there.
    await turn(browser.page, who.scope);
    assert.deepEqual(await browser.ask("who", {}, await browser.tab()), who);
  } finally {
    await browser.close();
  }
});

test("who finds the files in use is told what to do, and to clear nothing", { timeout: 60_000 }, async () => {
  const browser = await BrowserHome.open(server);
  try {
    const who = await browser.ask("who");
    await browser.page.goto(`${server.origin}/page/home.js`);
    await browser.page.evaluate((scope) => {
      const held = () => new Promise((free) => (globalThis.free = free));
      navigator.locks.request(`myrhiza-store-opfs/home/${scope}/store.redb`, held);
    }, who.scope);
    await browser.page.waitForFunction(() => globalThis.free);
    const tab = await browser.tab();
    const why = await browser.ask("who", {}, tab).catch((error) => error.message);
    assert.match(why, /another tab or window.*what was done before is kept/i);
    assert.doesNotMatch(why, /clear/);
    await browser.page.evaluate(() => globalThis.free());
    await tab.reload();
    await tab.waitForFunction(() => globalThis.ask);
    assert.deepEqual(await browser.ask("who", {}, tab), who);
  } finally {
    await browser.close();
  }
});
