// One home in several tabs, and what ends a tab.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { BrowserHome, end, relay, tally } from "../../../tests/browser/harness/browser-home.mjs";

const EVENTS = 400;

let server, way, ann, topic, ticket;

before(async () => ({ server, way, ann, topic, ticket } = await tally()));
after(() => end({ server, way, ann }));

function add(browser, page = browser.page) {
  const accepted = (done) => done.verdict === "accept";
  return browser.until("act", { topic, intent: ["increment", "1"] }, accepted, page);
}

/** Until a home has so many events, folded; its root. */
async function folded(browser, events, page = browser.page) {
  const there = (root) => root.events >= events && root.root !== null;
  return browser.until("root", { topic }, there, page);
}

test("what was acknowledged is there after a reload and in another tab", { timeout: 120_000 }, async () => {
  const browser = await BrowserHome.open(server);
  try {
    await browser.enter(ticket);
    const { event } = await add(browser);
    const who = await browser.ask("who");
    const before = await browser.ask("root", { topic });
    await browser.page.reload();
    await browser.page.waitForFunction(() => globalThis.ask);
    assert.deepEqual(await browser.ask("who"), who);
    const after = await folded(browser, before.events);
    if (after.events === before.events) assert.deepEqual(after, before);
    assert.equal((await browser.ask("event", { topic, event })).id, event);

    // Both tabs show the one home, and both act on it.
    const other = await browser.tab();
    assert.deepEqual(await browser.ask("who", {}, other), who);
    const { event: second } = await add(browser, other);
    assert.equal((await browser.ask("event", { topic, event: second })).id, second);

    // The tab with the home goes; the other one has it then, with all that was done.
    await browser.page.close();
    assert.deepEqual(await browser.ask("who", {}, other), who);
    assert.equal((await browser.ask("event", { topic, event: second }, other)).id, second);
    await add(browser, other);
    assert.deepEqual(browser.watch.take(), []);
  } finally {
    await browser.close();
  }
});

test("no relay that is none keeps a home from opening, and joining waits for what is asked", { timeout: 120_000 }, async () => {
  const browser = await BrowserHome.open(server);
  try {
    const who = await browser.ask("who");
    for (const relays of [["nonsense"], ["javascript:alert(1)"], Array(5).fill("https://relay.example")]) {
      await assert.rejects(browser.ask("set-relays", { relays }), /"code":"relays"/);
    }
    const join = { ticket, name: null, even_if_expired: false };
    const asked = browser.page.evaluate(
      (join) => Promise.all([...Array(40).fill(["topics"]), ["join", join], ...Array(40).fill(["topics"])].map((one) => globalThis.ask(...one))),
      join,
    );
    assert.equal((await asked)[40].topic, topic);
    // As an older page, or somebody at the browser's files, may have left them.
    await browser.page.evaluate(async () => {
      const request = indexedDB.open("myrhiza", 1);
      await new Promise((done) => (request.onsuccess = done));
      const rows = request.result.transaction("rows", "readwrite").objectStore("rows");
      await new Promise((done) => (rows.put(["::", "https://[", 7], "relays").onsuccess = done));
      request.result.close();
    });
    await browser.page.reload();
    await browser.page.waitForFunction(() => globalThis.ask);
    assert.deepEqual(await browser.ask("who"), who);
    assert.deepEqual((await browser.ask("relays")).relays, []);
    assert.equal(await browser.page.evaluate(() => globalThis.ended), null);
  } finally {
    await browser.close();
  }
});

test("a tab that ends amid a history goes on with it", { timeout: 240_000 }, async () => {
  for (let done = ann.run("root", topic).events; done < EVENTS; done += 1) {
    ann.run("do", topic, "increment", "1");
  }
  const browser = await BrowserHome.open(server);
  try {
    await browser.enter(ticket);
    for (const wait of [10, 60, 150]) {
      await new Promise((resolve) => setTimeout(resolve, wait));
      // The worker ends as if it had been killed.
      await browser.page.evaluate(() => globalThis.terminate());
      browser.page = await browser.tab();
      await browser.ask("who");
    }
    const { events, root } = await folded(browser, EVENTS);
    let there = ann.run("root", topic);
    for (let tries = 0; there.events !== events && tries < 100; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      there = ann.run("root", topic);
    }
    assert.deepEqual([there.events, there.root], [events, root]);
  } finally {
    await browser.close();
  }
});

test("a home goes on offline, and what was done meanwhile reaches others", { timeout: 240_000 }, async () => {
  const browser = await BrowserHome.open(server);
  try {
    await browser.enter(ticket);
    await add(browser);
    await way.end();
    await browser.until("peers", {}, ({ peers }) => peers.length === 0, browser.page, 90);
    const { event } = await add(browser);
    const { port } = new URL(way.url);
    way = await relay(port);
    const has = () => ann.run("log", topic, "--limit", "5000").some(({ id }) => id === event);
    for (let tries = 0; !has() && tries < 400; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    assert.ok(has(), "what was done offline did not come");
  } finally {
    await browser.close();
  }
});

test("what is asked is done only while whoever asked is there, and nothing else on the channel ends a home", { timeout: 60_000 }, async () => {
  const browser = await BrowserHome.open(server);
  try {
    await browser.enter(ticket);
    await add(browser);
    const own = async () => {
      const [{ id }, log] = [await browser.ask("who"), await browser.ask("log", { topic, after: null, before: null, limit: 1000 })];
      return log.events.filter(({ person, kind }) => person === id && kind === "app").length;
    };
    const before = await own();
    const talk = (go) =>
      browser.page.evaluate(
        async ([topic, go]) => {
          const { build } = globalThis.heard.find((said) => said.build);
          const channel = new BroadcastChannel("myrhiza home");
          const said = [];
          const over = new Promise((over) => {
            channel.onmessage = ({ data }) => {
              if (data.to !== "other") return;
              said.push(Object.keys(data).filter((key) => key !== "build" && key !== "to").sort().join());
              if (data.ready && !go) over();
              const request = { id: 7, method: "act", params: { topic, intent: ["increment", "1"] } };
              if (data.ready && go) channel.postMessage({ build, from: "other", to: data.from, go: request });
              if (data.answer || data.error) over();
            };
          });
          for (const odd of [null, undefined, 7, "build", [], { build }, { build, to: {} }]) channel.postMessage(odd);
          channel.postMessage({ build, from: "other", asked: 7 });
          await over;
          channel.close();
          return said;
        },
        [topic, go],
      );
    // Asked by one that has given up since.
    assert.deepEqual(await talk(false), ["from,id,ready"]);
    assert.equal(await own(), before);
    assert.deepEqual(await talk(true), ["from,id,ready", "answer,id"]);
    assert.equal(await own(), before + 1);
    for (const [method, params] of [["set-relays", {}], ["set-relays", null], ["set-relays", { relays: { length: 1 } }], ["join", null]]) {
      await assert.rejects(browser.ask(method, params), /"code":"bad-request"/);
    }
    assert.equal(await browser.page.evaluate(() => globalThis.ended), null);
  } finally {
    await browser.close();
  }
});

test("a trouble that ends while the home goes to another tab is told to be over", { timeout: 120_000 }, async () => {
  const browser = await BrowserHome.open(server);
  let own = await relay();
  const { port } = new URL(own.url);
  try {
    await browser.ask("set-relays", { relays: [own.url] });
    const other = await browser.tab();
    await own.end();
    const last = (code) =>
      other.waitForFunction(
        (code) => {
          const last = globalThis.heard.findLast((said) => "trouble" in said);
          return last && (last.trouble?.code ?? null) === code;
        },
        code,
        { timeout: 45_000 },
      );
    await last("relay-away");
    own = await relay(port);
    await browser.page.close();
    await last(null);
  } finally {
    await own.end();
    await browser.close();
  }
});

test("the keys lie there encrypted, by a key that the browser gives to nobody", { timeout: 60_000 }, async () => {
  const browser = await BrowserHome.open(server);
  try {
    await browser.ask("who");
    const kept = await browser.page.evaluate(async () => {
      const request = indexedDB.open("myrhiza", 1);
      await new Promise((done) => (request.onsuccess = done));
      const row = request.result.transaction("rows").objectStore("rows").get("keys");
      await new Promise((done) => (row.onsuccess = done));
      const { key, iv, sealed } = row.result;
      const exported = await crypto.subtle.exportKey("raw", key).then(() => true, () => false);
      const additionalData = new TextEncoder().encode("myrhiza home keys 1");
      const file = new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData }, key, sealed));
      // Of any part of the file, nothing is to be seen in what is kept.
      const text = (bytes) => new TextDecoder("latin1").decode(bytes);
      const seen = text(new Uint8Array(sealed)).includes(text(file.subarray(0, 8)));
      return { extractable: key.extractable, exported, seen, bytes: file.length, columns: Object.keys(row.result).sort() };
    });
    assert.ok(kept.bytes > 64);
    assert.deepEqual({ ...kept, bytes: 0 }, {
      extractable: false, exported: false, seen: false, bytes: 0, columns: ["iv", "key", "sealed"],
    });
  } finally {
    await browser.close();
  }
});

test("who has the lock and not the files is passed over, and who loses it so starts anew", { timeout: 120_000 }, async () => {
  const browser = await BrowserHome.open(server);
  try {
    const who = await browser.ask("who");
    // A document of the site without a worker: as a tab that froze before it opened its home, or a worker
    // that took the home over while another slept.
    const frozen = await browser.context.newPage();
    await frozen.goto(`${server.origin}/page/home.js`);
    await frozen.evaluate(() => {
      navigator.locks.request("myrhiza home", { steal: true }, () => new Promise(() => {})).catch(() => (globalThis.passed = true));
    });
    await browser.page.waitForFunction(() => globalThis.heard.some((said) => said.anew));
    // It waits for a holder that does not answer, and finds the files free.
    assert.deepEqual(await browser.until("who", {}, (answer) => typeof answer !== "string"), who);
    assert.ok(await browser.page.evaluate(() => globalThis.heard.some((said) => said.lost?.code === "asleep")));
    assert.ok(await frozen.evaluate(() => globalThis.passed));
    // Another tab comes to the one that has it now.
    assert.deepEqual(await browser.ask("who", {}, await browser.tab()), who);
  } finally {
    await browser.close();
  }
});

function lostIsTold(browser) {
  return browser.page.evaluate(() => globalThis.heard.some((said) => said.event?.code === "store-lost"));
}

test("a home whose files are gone is told so, and signs nothing a second time", { timeout: 120_000 }, async () => {
  const browser = await BrowserHome.open(server);
  try {
    await browser.enter(ticket);
    await add(browser);
    const before = await browser.ask("who");
    await browser.page.goto(`${server.origin}/page/home.js`);
    await browser.page.evaluate(async () => {
      const root = await navigator.storage.getDirectory();
      for (let tries = 0; ; tries += 1) {
        try {
          await root.removeEntry("home", { recursive: true });
          return;
        } catch (error) {
          // The worker that had them is about to end.
          if (tries > 100) throw error;
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      }
    });
    browser.page = await browser.tab();
    const after = await browser.ask("who");
    assert.equal(after.id, before.id);
    assert.notEqual(after.scope, before.scope);
    assert.deepEqual(await browser.ask("topics"), []);
    assert.ok(await lostIsTold(browser));
    await browser.enter(ticket);
    await add(browser);
    assert.deepEqual(ann.run("forks", topic), []);
    // It is told once.
    await browser.page.reload();
    await browser.page.waitForFunction(() => globalThis.ask);
    assert.deepEqual(await browser.ask("who"), after);
    assert.ok(!(await lostIsTold(browser)));
    // What is left by a browser that was killed once the new keys were kept and before the new store was.
    await browser.page.evaluate(async (folder) => {
      const open = indexedDB.open("myrhiza");
      await new Promise((resolve) => (open.onsuccess = resolve));
      const change = open.result.transaction("rows", "readwrite");
      change.objectStore("rows").put(folder, "store");
      await new Promise((resolve) => (change.oncomplete = resolve));
      open.result.close();
    }, `home/${before.scope}`);
    await browser.page.reload();
    await browser.page.waitForFunction(() => globalThis.ask);
    assert.deepEqual(await browser.ask("who"), after);
    assert.ok(await lostIsTold(browser));
  } finally {
    await browser.close();
  }
});

test("a tab that could not open the home does not keep others from it", { timeout: 60_000 }, async () => {
  const browser = await BrowserHome.open(server);
  try {
    const who = await browser.ask("who");
    await browser.page.goto(`${server.origin}/page/home.js`);
    // In the first of two tabs the home cannot be opened.
    const first = await browser.context.newPage();
    await browser.page.evaluate(async () => {
      const request = indexedDB.open("myrhiza", 1);
      await new Promise((done) => (request.onsuccess = done));
      const rows = request.result.transaction("rows", "readwrite").objectStore("rows");
      await new Promise((done) => (rows.put(7, "opening").onsuccess = done));
      request.result.close();
    });
    await first.goto(`${server.origin}/page/home.html`);
    await first.waitForFunction(() => globalThis.ask);
    await assert.rejects(browser.ask("who", {}, first), /"code":"store".*clear this site's data/);
    const second = await browser.tab();
    assert.deepEqual(await browser.ask("who", {}, second), who);
    await first.reload();
    await first.waitForFunction(() => globalThis.ask);
    assert.deepEqual(await browser.ask("who", {}, first), who);
  } finally {
    await browser.close();
  }
});
