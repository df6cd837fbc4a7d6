// What the page of a browser's home says where something is missing, refused or wrong.

import assert from "node:assert/strict";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { chromium, copy, relay, site } from "../../../tests/browser/harness/browser-home.mjs";
import { ELSEWHERE, start } from "../../../tests/browser/harness/chromium.mjs";
import { Home } from "../../../tests/browser/harness/home.mjs";
import { agree, faults, launch, open } from "../../../tests/browser/harness/look.mjs";

// A ticket of version 2, with nothing in it that version 1 knows.
const OF_TOMORROW = "myrticket1ssp0da5qlmshsus";

let browser, server, way, ada, bob;

before(async () => {
  [browser, server, way] = await Promise.all([launch(), site(), relay()]);
  [ada, bob] = [new Home("ada"), new Home("bob")];
  ada.install("counter");
  ada.run("topic", "create", "counter", "--name", "tally");
  await ada.up("--relay", way.url, "--listen", "127.0.0.1:0");
  bob.install("counter");
  bob.run("topic", "create", "counter", "--name", "near");
  await bob.up("--listen", "127.0.0.1:0");
});

after(async () => {
  await browser?.close();
  await ada?.end();
  await bob?.end();
  await way?.end();
  await server?.close();
});

/** A page; `before` runs in it before its own scripts do. */
async function at(place, what, { before, origin = server.origin } = {}) {
  const opened = await open(browser, "about:blank");
  try {
    if (before) await opened.page.addInitScript(before);
    await opened.page.goto(`${origin}/peer/index.html#${place}`);
    await what(opened.page, opened.wrong);
  } finally {
    await opened.close();
  }
}

const alert = (page) => page.getByRole("alert").first();

/** Joins on the page, and installs what comes. */
async function enter(page, ticket) {
  await page.goto(page.url().replace(/#.*/, "#/join"));
  await page.getByLabel(/The ticket/).fill(ticket);
  await page.getByRole("button", { name: "Join", exact: true }).click();
  await page.getByRole("button", { name: "Look at it" }).click({ timeout: 60_000 });
  await agree(page);
  await page.getByRole("button", { name: "Add 1" }).waitFor();
}

const shows = (page, value) =>
  page.waitForFunction((value) => document.querySelector(".app .text")?.textContent === value, value);

test("a ticket that is damaged, of tomorrow, or without a relay is said to be", { timeout: 120_000 }, async () => {
  const { ticket } = ada.run("topic", "invite", "tally");
  const { ticket: near } = bob.run("topic", "invite", "near");
  await at("/join", async (page, wrong) => {
    const given = page.getByLabel(/The ticket/);
    await given.fill(ticket.slice(0, -1));
    await page.getByText("misspelled or cut off").waitFor();
    await page.getByText("Ask whoever sent it to send it again").waitFor();
    await given.fill("hello");
    await page.getByText("This is no ticket").waitFor();
    await given.fill(OF_TOMORROW);
    await page.getByText("update needed").waitFor();
    await page.getByText("Load this page again").waitFor();
    await given.fill(near);
    await page.getByText("It names no relay").waitFor();
    assert.deepEqual(await faults(page), []);
    await page.getByRole("button", { name: "Join", exact: true }).click();
    await alert(page).getByText("The ticket names no relay").waitFor();
    await alert(page).getByText("Ask for a ticket from a node that uses a relay").waitFor();
    await page.goto(page.url().replace(/#.*/, "#/topics"));
    await page.getByText("There are no topics here yet.").waitFor();
    assert.deepEqual(wrong, []);
  });
});

for (const [name, words, before] of [
  ["files", "files for a page (OPFS)", () => delete StorageManager.prototype.getDirectory],
  ["locks", "locks between tabs (Web Locks)", () => delete Navigator.prototype.locks],
  ["a channel", "a channel between tabs", () => delete globalThis.BroadcastChannel],
  [
    "workers that are modules",
    "workers that are modules",
    () => {
      const Own = globalThis.Worker;
      globalThis.Worker = class extends Own {
        constructor(address) {
          super(address);
        }
      };
    },
  ],
]) {
  test(`a browser without ${name} is told what it takes`, { timeout: 60_000 }, async () => {
    await at(
      "/topics",
      async (page) => {
        await alert(page).getByText("This page was not started").waitFor();
        await alert(page).getByText(`has no ${words}`).waitFor();
        await alert(page).getByText("Use a browser of 2023 or later").waitFor();
        assert.deepEqual(await faults(page), []);
      },
      { before },
    );
  });
}

test("where the browser lets a page keep no files that is said", { timeout: 60_000 }, async () => {
  const before = () => {
    StorageManager.prototype.getDirectory = () => Promise.reject(new DOMException("it is private", "SecurityError"));
  };
  await at(
    "/topics",
    async (page) => {
      await alert(page).getByText("lets this page keep no files (it is private)").waitFor();
      await alert(page).getByText("Leave the private window").waitFor();
    },
    { before },
  );
});

test("a page that came by http: from elsewhere is told to come by https:", { timeout: 60_000 }, async () => {
  const { port } = new URL(server.origin);
  await at(
    "/topics",
    async (page) => {
      assert.equal(await page.evaluate(() => globalThis.isSecureContext), false);
      await alert(page).getByText("it came by http: from another machine").waitFor();
      await alert(page).getByText("Open it by https:, or serve it from this machine").waitFor();
      assert.deepEqual(await faults(page), []);
    },
    { origin: `http://${ELSEWHERE}:${port}` },
  );
});

test("tabs of two builds do not share a home, and the one that has it goes on", { timeout: 90_000 }, async () => {
  const { peer, remove } = copy();
  const other = await site({ peer });
  const topics = "There are no topics here yet.";
  try {
    await at(
      "/topics",
      async (page) => {
        await page.getByText(topics).waitFor();
        const follower = await page.context().newPage();
        await follower.goto(page.url());
        await follower.getByText(topics).waitFor();
        // The site is updated while the tabs are open.
        rebuild(peer);
        const late = await page.context().newPage();
        await late.goto(page.url());
        await alert(late).getByText("another tab has an older or newer version").waitFor();
        await alert(late).getByText("Close the other tabs of this page").waitFor();
        for (const tab of [page, follower]) {
          await tab.getByRole("link", { name: "About" }).click();
          await tab.locator("dl code").first().waitFor();
          assert.equal(await tab.getByRole("alert").count(), 0);
        }
        // The home goes to the tab of its build, though another one waited too.
        await page.close();
        await follower.getByRole("link", { name: "Topics" }).click();
        await follower.getByText(topics).waitFor();
        await late.reload();
        await alert(late).getByText("another tab has an older or newer version").waitFor();
        // What it is told to do helps.
        await follower.close();
        await late.reload();
        await late.getByText(topics).waitFor();
      },
      { origin: other.origin },
    );
  } finally {
    await other.close();
    remove();
  }
});

/** Makes all parts of a page those of another build. */
function rebuild(folder) {
  const [, build] = /BUILD = "(.+)"/.exec(readFileSync(join(folder, "build.js"), "utf8"));
  for (const name of readdirSync(folder).filter((name) => name.endsWith(".js"))) {
    const path = join(folder, name);
    writeFileSync(path, readFileSync(path, "utf8").replaceAll(build, "of tomorrow"));
  }
}

test("a page of another build than its worker is not gone on with", { timeout: 60_000 }, async () => {
  const { peer, remove } = copy();
  writeFileSync(join(peer, "build.js"), 'export const BUILD = "of before";\n');
  const other = await site({ peer });
  try {
    await at(
      "/topics",
      async (page) => {
        await alert(page).getByText("kept an old part of it").waitFor();
        await alert(page).getByText("Ctrl+Shift+R").waitFor();
      },
      { origin: other.origin },
    );
  } finally {
    await other.close();
    remove();
  }
});

test("whether the browser keeps it is told, and it is asked on a press", { timeout: 120_000 }, async () => {
  // A private window is never kept, so this is in a browser of its own.
  const own = await start(chromium);
  try {
    const page = await own.newPage();
    await page.goto(`${server.origin}/peer/index.html#/about`);
    const here = page.getByRole("region", { name: "What is kept here" });
    await here.getByText("may throw this home away").waitFor();
    assert.deepEqual(await faults(page), []);
    const press = () => here.getByRole("button", { name: "Ask the browser to keep it" }).click();
    await press();
    await here.getByText("The browser has not said yes").waitFor();
    const session = await own.browser().newBrowserCDPSession();
    await session.send("Browser.grantPermissions", { permissions: ["durableStorage"], origin: server.origin });
    await press();
    await here.getByText("keeps this home until you remove").waitFor();
    assert.deepEqual(await faults(page), []);
  } finally {
    await own.close();
  }
  // Joining asks by itself.
  const asks = () => {
    globalThis.asked = 0;
    StorageManager.prototype.persist = () => Promise.resolve(Boolean(++globalThis.asked));
  };
  await at(
    "/join",
    async (page) => {
      const { ticket } = ada.run("topic", "invite", "tally");
      await enter(page, ticket);
      assert.equal(await page.evaluate(() => globalThis.asked), 1);
    },
    { before: asks },
  );
});

test("without room nothing that was acknowledged is lost, and it is said", { timeout: 240_000 }, async () => {
  const { ticket } = ada.run("topic", "invite", "tally");
  const { id: topic } = ada.run("topic", "list").find(({ name }) => name === "tally");
  const own = await start(chromium);
  try {
    const page = await own.newPage();
    await page.goto(`${server.origin}/peer/index.html#/topics`);
    await enter(page, ticket);
    const tab = await own.newPage();
    await tab.goto(`${server.origin}/page/home.html`);
    await tab.waitForFunction(() => globalThis.ask);
    const session = await own.newCDPSession(page);
    await session.send("Storage.overrideQuotaForOrigin", { origin: server.origin, quotaSize: 1 });
    // A file has some room of its own left.
    const [done, error] = await tab.evaluate(async (topic) => {
      let done = 0;
      try {
        for (; done < 20_000; done += 1) await globalThis.ask("act", { topic, intent: ["increment", "1"] });
        return [done, null];
      } catch (error) {
        return [done, JSON.parse(error.message)];
      }
    }, topic);
    assert.equal(error?.code, "disk-full");
    await page.getByRole("button", { name: "Add 1" }).click();
    await page.getByText("no space left").first().waitFor();
    // Nor is there room for what others do; that is told on every screen, until there is.
    const banner = page.locator(".lost").getByText("no space left");
    await page.getByRole("link", { name: "About" }).click();
    ada.run("do", "tally", "increment", "1000");
    await banner.waitFor({ timeout: 60_000 });
    await session.send("Storage.overrideQuotaForOrigin", { origin: server.origin });
    ada.run("do", "tally", "increment", "1000");
    await banner.waitFor({ state: "detached", timeout: 60_000 });
    await tab.close();
    await page.reload();
    await page.goto(page.url().replace(/#.*/, `#/topic/${topic}`));
    await shows(page, String(done + 2000));
  } finally {
    await own.close();
  }
});

test("a relay that is away is named, and no more once it is back", { timeout: 240_000 }, async () => {
  const own = await relay();
  const { port } = new URL(own.url);
  await at("/peers", async (page) => {
    await page.getByLabel(/Another relay/).fill(own.url);
    await page.getByRole("button", { name: "Add it" }).click();
    await page.getByRole("button", { name: /Remove/ }).waitFor();
    await own.end();
    await alert(page).getByText("Nobody is reached").waitFor({ timeout: 60_000 });
    await alert(page).getByText(`127.0.0.1:${port}`).waitFor();
    assert.deepEqual(await faults(page), []);
    await page.reload();
    await page.getByText("does not answer", { exact: true }).waitFor();
    const again = await relay(Number(port));
    try {
      await page.waitForFunction(() => !document.querySelector(".lost"), null, { timeout: 60_000 });
    } finally {
      await again.end();
    }
  });
});

test("a second tab shows the same home, and closing the first is no end", { timeout: 60_000 }, async () => {
  await at("/about", async (page, wrong) => {
    const name = (page) => page.locator("dl code").first().textContent();
    const who = await name(page);
    const other = await page.context().newPage();
    await other.goto(page.url());
    assert.equal(await name(other), who);
    await page.close();
    await other.getByRole("link", { name: "Topics" }).click();
    await other.getByText("There are no topics here yet.").waitFor();
    assert.deepEqual(wrong, []);
  });
});
