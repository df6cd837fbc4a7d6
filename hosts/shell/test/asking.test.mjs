// What an app asks after something its user did, over a worker that asks everything there is to ask.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { Gallery, id } from "./gallery.mjs";
import { until } from "./shown.mjs";

let gallery;
before(async () => (gallery = await Gallery.open()));
after(() => gallery?.close());

/** Has the app ask, and sees that nothing went wrong meanwhile. */
function asked(kind, what, options) {
  const ask = async (page, wrong) => {
    asked.since = Date.now();
    await page.getByRole("button", { name: `Asks to ${kind}` }).click();
    const prompt = page.getByRole("dialog");
    await prompt.waitFor();
    await what(page, prompt);
    assert.deepEqual(wrong, []);
  };
  return gallery.at(`/topic/${id("01")}`, ask, options);
}

const said = (page, reply) => page.locator(".app").getByText(`said ${JSON.stringify(reply)}`, { exact: true }).waitFor();

/** Its button, once it could be read; whatever is pressed before does nothing. */
async function read(page, prompt, name) {
  const yes = prompt.getByRole("button", { name, exact: true });
  // Looked at and pressed in the page itself: from here, time would pass between the two.
  await yes.evaluate(async (button, since) => {
    while (button.disabled && Date.now() < since + 1500) {
      button.dispatchEvent(new Event("click"));
      await new Promise((later) => setTimeout(later, 50));
    }
  }, asked.since);
  await page.waitForFunction(() => !document.querySelector("dialog .reading").textContent, null, { timeout: 6000 });
  const shown = Date.now() - asked.since;
  assert.ok(shown >= 2000, `after ${shown} ms`);
  return yes;
}

test("an ordinary question names the app and takes a text or a choice", async () => {
  await asked("ask", async (page, prompt) => {
    await prompt.getByRole("heading", { name: "Gallery \\u{202e} asks" }).waitFor();
    const input = prompt.getByRole("textbox");
    assert.equal(await input.inputValue(), "Ada");
    await input.fill("Bob");
    await page.keyboard.press("Enter");
    await said(page, { kind: "text", text: "Bob" });
  });
  await asked("choose", async (page, prompt) => {
    await prompt.getByRole("button", { name: "that" }).click();
    await said(page, { kind: "chosen", index: 1 });
  });
});

test("what reaches out of the page says who asks and for what, and is read first", async () => {
  await asked("copy", async (page, prompt) => {
    const words = await prompt.textContent();
    for (const part of ["Gallery \\u{202e} 1.0.0", "myr1b2b2", "rm -rf \\u{202e} /"]) assert.ok(words.includes(part), words);
    assert.equal(await prompt.locator("svg.icon").count(), 1);
    await page.evaluate(() => navigator.clipboard.writeText("before"));
    const yes = await read(page, prompt, "Copy");
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), "before");
    await yes.click();
    await said(page, { kind: "done" });
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), "rm -rf \u202e /");
  });
});

test("what is copied is read to its end, however long it is", async () => {
  await asked("much", async (page, prompt) => {
    await prompt.getByText("401 lines").waitFor();
    await prompt.getByText("Read on: there is more below.").waitFor({ timeout: 6000 });
    const yes = prompt.getByRole("button", { name: "Copy", exact: true });
    assert.ok(await yes.isDisabled());
    await prompt.locator(".prompt-text").focus();
    await page.keyboard.press("End");
    await yes.click({ timeout: 6000 });
    await said(page, { kind: "done" });
  });
});

test("an address is opened in a tab that knows nothing of the page", async () => {
  await asked("open", async (page, prompt) => {
    await prompt.getByText("https://a.example/b?c=d").waitFor();
    const yes = await read(page, prompt, "Open");
    const tab = page.context().waitForEvent("page");
    await yes.click();
    await said(page, { kind: "done" });
    assert.equal(await (await tab).evaluate(() => window.opener), null);
  });
});

test("a file is given once it was chosen and the prompt was read, and not a large one", async () => {
  await asked("pick", async (page, prompt) => {
    const [small, large] = ["small.txt", "large.txt"].map((name) => join(gallery.folder, name));
    writeFileSync(small, "hi");
    writeFileSync(large, "x".repeat((1 << 20) + 1));
    const give = await read(page, prompt, "Give it the file");
    const input = prompt.locator("input[type=file]");
    assert.equal(await input.getAttribute("accept"), "text/plain");
    assert.ok(await give.isDisabled(), "nothing is chosen");
    await input.setInputFiles(large);
    await give.click();
    await prompt.getByText("Choose a smaller one").waitFor();
    await input.setInputFiles(small);
    await give.click();
    await said(page, { kind: "file", name: "small.txt", bytes: "6869" });
  });
});

test("where a server cannot wake this browser, the app is told so in words", async () => {
  await asked("subscribe", async (page, prompt) => {
    await prompt.getByText("04".repeat(65)).waitFor();
    await (await read(page, prompt, "Let it")).click();
    await page.locator(".app").getByText(/^said \{"kind":"unavailable","why":"the browser d/).waitFor();
  });
});

// No push service can be had here: what one gives the browser stands in for it, and the debugger wakes the worker.
const SUBSCRIPTION = { endpoint: "https://push.example/1", expirationTime: null, keys: { p256dh: "BA", auth: "AA" } };

test("a subscription goes to the app, and who wakes the browser puts no words of theirs before its person", async () => {
  const before = `PushManager.prototype.subscribe = async ({ applicationServerKey }) => {
    globalThis.given = [...new Uint8Array(applicationServerKey)];
    return { toJSON: () => (${JSON.stringify(SUBSCRIPTION)}) };
  };`;
  const subscribed = async (page, prompt) => {
    await page.context().grantPermissions(["notifications"]);
    const session = await page.context().newCDPSession(page);
    const registered = new Promise((registered) => {
      session.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
        for (const { registrationId, scopeURL } of registrations) registered({ registrationId, scopeURL });
      });
    });
    await session.send("ServiceWorker.enable");
    await (await read(page, prompt, "Let it")).click();
    await said(page, { kind: "subscribed", subscription: JSON.stringify(SUBSCRIPTION) });
    assert.deepEqual(await page.evaluate(() => globalThis.given), Array(65).fill(4));
    const { registrationId, scopeURL } = await registered;
    assert.match(scopeURL, /\/shell\/push\/[0-9a-f]{64}\/$/);
    const data = "Your bank: log in at https://evil.example";
    await session.send("ServiceWorker.deliverPushMessage", { origin: gallery.site.origin, registrationId, data });
    const shows = async (scope) => {
      const registration = await navigator.serviceWorker.getRegistration(scope);
      const [first] = await registration.getNotifications();
      return first && { title: first.title, body: first.body };
    };
    const shown = await until(() => page.evaluate(shows, scopeURL), Boolean);
    assert.deepEqual(shown, { title: "Myrhiza", body: "An app has something new for you." });
    // Once the app is gone nobody wakes the browser for it.
    await page.evaluate(() => (location.hash = "#/apps"));
    await page.getByRole("button", { name: "Remove Gallery 1.0.0" }).click();
    await prompt.getByRole("button", { name: "Remove", exact: true }).click();
    await page.getByText("No app is installed.").waitFor();
    const isThere = async (scope) => (await navigator.serviceWorker.getRegistration(scope)) !== undefined;
    await until(() => page.evaluate(isThere, scopeURL), (there) => !there);
  };
  await asked("subscribe", subscribed, { before });
});

test("a no is an answer, also by Escape, and what waits comes next", async () => {
  await asked("twice", async (page, prompt) => {
    await prompt.getByRole("heading", { name: "wants to copy something" }).waitFor();
    await page.keyboard.press("Escape");
    await prompt.getByRole("heading", { name: "asks" }).waitFor();
    await prompt.getByRole("button", { name: "Not now" }).click();
    await prompt.waitFor({ state: "detached" });
    await page.waitForFunction(() => document.querySelector(".app").textContent.match(/"declined"/g)?.length === 2);
  });
});

/** Counts what is written on the clipboard. */
const counting = () => {
  globalThis.writes = 0;
  const write = Clipboard.prototype.writeText;
  Clipboard.prototype.writeText = function (text) {
    globalThis.writes += 1;
    return write.call(this, text);
  };
};
const writes = (page) => page.evaluate(() => globalThis.writes);
const agree = (prompt) => prompt.getByRole("button", { name: "Copy", exact: true }).click({ timeout: 6000 });

test("a question goes with the topic that asked it, unanswered, and comes back with it once", async () => {
  const leaves = async (page, prompt) => {
    await page.evaluate(() => (location.hash = "#/topics"));
    await prompt.waitFor({ state: "detached" });
    await page.getByRole("heading", { level: 1, name: "Topics" }).waitFor();
    await page.goBack();
    await prompt.waitFor();
    assert.equal(await prompt.count(), 1);
    await page.goForward();
    await prompt.waitFor({ state: "detached" });
    await page.goBack();
    await agree(prompt);
    await said(page, { kind: "done" });
    assert.equal(await page.getByText(/^said /).count(), 1);
    assert.equal(await writes(page), 1);
  };
  await asked("copy", leaves, { before: counting });
});

test("what was answered in one tab is not done in another, where it was asked too", async () => {
  const twice = async (page, prompt) => {
    const other = await page.context().newPage();
    await other.addInitScript(counting);
    await other.goto(page.url());
    const same = other.getByRole("dialog");
    await same.getByText("rm -rf").waitFor();
    await agree(prompt);
    await said(page, { kind: "done" });
    await page.evaluate(() => navigator.clipboard.writeText("since"));
    // Both are in sight here: as when its window is gone to.
    await other.evaluate(() => window.dispatchEvent(new Event("focus")));
    await same.waitFor({ state: "detached" });
    assert.equal(await writes(other), 0);
    assert.equal(await other.getByRole("alert").count(), 0);
  };
  await asked("copy", twice, { before: counting });
});

test("what was done is told once the host is not busy, and is not done again", async () => {
  const late = async (page, prompt) => {
    await agree(prompt);
    await said(page, { kind: "done" });
    assert.equal(await writes(page), 1);
    assert.equal(await prompt.count(), 0);
    assert.equal(await page.getByRole("alert").count(), 0);
  };
  await asked("late", late, { before: counting });
});

test("where one answer is not taken the next question is put, and what was done is not done again", async () => {
  const fails = async (page, prompt) => {
    await agree(prompt);
    await prompt.getByRole("heading", { name: "asks" }).waitFor();
    await page.keyboard.press("Enter");
    await said(page, { kind: "text", text: "Ada" });
    await page.getByRole("alert").getByText("The app failed").waitFor();
    // The host still has it open, and hears again what came of it.
    await page.getByRole("link", { name: "History", exact: true }).click();
    await page.getByRole("link", { name: "App", exact: true }).click();
    await page.getByRole("alert").getByText("The app failed").waitFor();
    assert.equal(await prompt.count(), 0);
    assert.equal(await writes(page), 1);
  };
  await asked("fail", fails, { before: counting });
});
