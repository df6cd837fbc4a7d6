// With the keyboard alone: Tab, Enter, arrows and letters, and nothing else, over real nodes.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Home } from "../../../tests/browser/harness/home.mjs";
import { launch, open } from "../../../tests/browser/harness/look.mjs";

let browser, ada, address;

before(async () => {
  browser = await launch();
  ada = new Home("ada");
  ada.install("counter");
  ada.run("topic", "create", "counter", "--name", "tally");
  address = await ada.up();
});

after(async () => {
  await browser?.close();
  await ada?.end();
});

/** What the keyboard is at, as it is called. */
const focused = (page) =>
  page.evaluate(() => {
    const at = document.activeElement;
    return (at.labels?.[0] ?? at).textContent.trim();
  });

/** Presses a key until the keyboard is at what is called so. */
async function go(page, name, key = "Tab") {
  const passed = [];
  for (let presses = 0; presses < 60; presses++) {
    const now = await focused(page);
    if (now === name || (name instanceof RegExp && name.test(now))) return;
    passed.push(now.slice(0, 30));
    await page.keyboard.press(key);
  }
  assert.fail(`${name} was not reached by ${key}: ${passed.join(" | ")}`);
}

async function follow(page, name) {
  await go(page, name);
  await page.keyboard.press("Enter");
}

const isAt = (page, heading) => page.waitForFunction((name) => document.activeElement.textContent.trim() === name, heading);

test("a topic is found, acted in, and its history walked", async () => {
  const { page, wrong, close } = await open(browser, address);
  await page.getByRole("link", { name: "tally" }).waitFor();
  await page.keyboard.press("Tab");
  assert.equal(await focused(page), "To the content");
  await follow(page, "tally");
  await page.getByRole("button", { name: "Add 1" }).waitFor();
  await isAt(page, "tally");
  const value = await page.locator(".app .text").first().textContent();
  await follow(page, "Add 1");
  await page.waitForFunction((before) => document.querySelector(".app .text").textContent !== before, value);
  await follow(page, "History");
  await page.locator("[data-event]").first().waitFor();
  const at = () => page.evaluate(() => document.activeElement.dataset.event);
  for (let presses = 0; presses < 20 && !(await at()); presses++) await page.keyboard.press("Tab");
  const newest = await at();
  assert.equal(newest, await page.locator("[data-event]").first().getAttribute("data-event"));
  await page.keyboard.press("ArrowLeft");
  assert.notEqual(await at(), newest, "to what it was made on");
  await page.keyboard.press("ArrowRight");
  assert.equal(await at(), newest, "and back");
  await page.keyboard.press("End");
  assert.notEqual(await at(), newest);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "What it changed in the state" }).waitFor();
  await page.waitForFunction(() => document.activeElement.id === "event-heading");
  assert.deepEqual(wrong, []);
  await close();
});

test("a topic is joined by a ticket, and its app looked at, installed and used", { timeout: 120_000 }, async () => {
  const { ticket } = ada.run("topic", "invite", "tally");
  const bob = new Home("bob");
  try {
    const { page, wrong, close } = await open(browser, await bob.up());
    await page.getByRole("link", { name: "Join by ticket" }).waitFor();
    await follow(page, "Join by ticket");
    await isAt(page, "Join by ticket");
    await go(page, /^The ticket/);
    await page.keyboard.type(ticket);
    await page.getByRole("heading", { name: "tally" }).waitFor();
    await go(page, "Join");
    await go(page, /^What it is called here/, "Shift+Tab");
    await page.keyboard.type("mine");
    await page.keyboard.press("Enter");
    await isAt(page, "mine");
    await page.getByRole("button", { name: "Look at it" }).waitFor({ timeout: 20_000 });
    await follow(page, "Look at it");
    const prompt = page.getByRole("dialog");
    await prompt.getByText("for the first time here").waitFor();
    assert.ok(await prompt.evaluate((dialog) => dialog.contains(document.activeElement)), "the keyboard is in the prompt");
    // What is pressed too early does nothing.
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => !document.querySelector("dialog .main").disabled, null, { timeout: 6000 });
    assert.deepEqual(bob.run("app", "list"), []);
    await follow(page, "Install");
    await prompt.waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Add 1" }).waitFor();
    await follow(page, "Add 1");
    await page.waitForFunction(() => Number(document.querySelector(".app .text")?.textContent) > 0);
    assert.deepEqual(wrong, []);
    await close();
  } finally {
    await bob.end();
  }
});
