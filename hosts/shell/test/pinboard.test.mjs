// The pinboard over a real node: what its component asks, the person answers at the page.

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { Home, shots } from "../../../tests/browser/harness/home.mjs";
import { faults, launch, open } from "../../../tests/browser/harness/look.mjs";

let browser, ada, address;

before(async () => {
  mkdirSync(shots, { recursive: true });
  browser = await launch();
  ada = new Home("ada");
  ada.install("pins");
  ada.board = ada.run("topic", "create", "pins", "--name", "board").topic;
  address = await ada.up();
});

after(async () => {
  await browser?.close();
  await ada?.end();
});

async function at(what) {
  const opened = await open(browser, address);
  try {
    await opened.page.evaluate((place) => (location.hash = place), `#/topic/${ada.board}`);
    await opened.page.locator(".app").waitFor();
    await what(opened.page, opened.page.getByRole("dialog"));
    assert.deepEqual(opened.wrong, []);
  } finally {
    await opened.close();
  }
}

const press = (page, name) => page.locator(".app").getByRole("button", { name, exact: true }).first().click();

test("a name is asked for, kept on the device, and goes with what is pinned", async () => {
  await at(async (page, prompt) => {
    await press(page, "Change");
    await prompt.getByRole("heading", { name: "pins asks" }).waitFor();
    await prompt.getByRole("textbox").fill("Ada");
    await page.keyboard.press("Enter");
    await page.getByText("You pin as Ada").waitFor();
    await page.locator(".app").getByLabel("Text").fill("https://example.org/menu");
    await press(page, "Pin");
    await page.locator(".app").getByText("https://example.org/menu").waitFor();
    assert.match(JSON.stringify(ada.run("view", "board")), /"Ada"/);
    assert.deepEqual(await faults(page), []);
  });
});

test("a question that waits is there again after the page is loaded anew", async () => {
  await at(async (page, prompt) => {
    await press(page, "How much is shown");
    await prompt.getByText("How much of the board is shown?").waitFor();
    await page.reload();
    await prompt.getByRole("button", { name: "The last few" }).click();
    await prompt.waitFor({ state: "detached" });
  });
});

test("what is pinned is copied, opened and pinned from a file, each once the person agreed", async () => {
  await at(async (page, prompt) => {
    await press(page, "Copy");
    await prompt.getByText("https://example.org/menu").waitFor();
    await prompt.getByRole("button", { name: "Copy" }).click({ timeout: 6000 });
    await page.locator(".app").getByText("Done.").waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), "https://example.org/menu");

    await press(page, "Open");
    const tab = page.context().waitForEvent("page");
    await prompt.getByRole("button", { name: "Open" }).click({ timeout: 6000 });
    assert.equal(await (await tab).evaluate(() => window.opener), null);

    const file = join(ada.folder, "note.txt");
    writeFileSync(file, "From a file");
    await press(page, "Pin a file");
    await page.waitForFunction(() => document.querySelector("dialog input")?.disabled === false, null, { timeout: 6000 });
    await prompt.locator("input[type=file]").setInputFiles(file);
    await prompt.getByRole("button", { name: "Give it the file" }).click();
    await page.locator(".app").getByText("From a file").waitFor();
  });
});

test("a no is taken for one, and what a page over a node cannot do is said", async () => {
  await at(async (page, prompt) => {
    await press(page, "Copy");
    await prompt.waitFor();
    await page.keyboard.press("Escape");
    await page.locator(".app").getByText("As you like.").waitFor();
    await press(page, "Wake me");
    await prompt.getByRole("button", { name: "Let it" }).click({ timeout: 6000 });
    await page.locator(".app").getByText(/this page belongs to a node/).waitFor();
  });
});
