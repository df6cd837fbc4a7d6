// Light or dark: as the system is, or as was chosen.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { faults } from "../../../tests/browser/harness/look.mjs";
import { Gallery, id } from "./gallery.mjs";

let gallery;
before(async () => (gallery = await Gallery.open()));
after(() => gallery?.close());

const isDark = (page) => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor === "rgb(18, 22, 20)");
const becomes = (page, dark) =>
  page.waitForFunction((dark) => document.documentElement.hasAttribute("data-dark") === dark, dark);
const choice = (page, name) => page.getByRole("radiogroup", { name: "Appearance" }).getByLabel(name, { exact: true });

test("the look is the system's until another is chosen, in every tab", async () => {
  await gallery.at("/about", async (page, wrong) => {
    await choice(page, "As the system").and(page.locator(":checked")).waitFor();
    assert.ok(!(await isDark(page)));
    await page.emulateMedia({ colorScheme: "dark" });
    await becomes(page, true);
    assert.ok(await isDark(page));
    await choice(page, "Light").check();
    assert.ok(!(await isDark(page)));
    const tab = await page.context().newPage();
    await tab.goto(page.url());
    await choice(tab, "Light").and(tab.locator(":checked")).waitFor();
    await choice(page, "Dark").check();
    await choice(tab, "Dark").and(tab.locator(":checked")).waitFor();
    assert.ok((await isDark(page)) && (await isDark(tab)));
    await tab.close();
    await page.emulateMedia({ colorScheme: "light" });
    assert.ok(await isDark(page));
    assert.deepEqual(await faults(page), []);
    await choice(page, "As the system").check();
    assert.ok(!(await isDark(page)));
    assert.deepEqual(wrong, []);
  });
});

test("what was chosen is there before the page is, and in surfaces and what their apps are told", async () => {
  await gallery.at("/about", async (page, wrong) => {
    await choice(page, "Dark").check();
    await page.route("**/main.js", (route) => route.abort());
    await page.reload();
    assert.ok(await isDark(page));
    assert.equal(await page.locator("m-shell").count(), 0);
    await page.unroute("**/main.js");
    wrong.length = 0;
    await page.goto(gallery.address(`/topic/${id("01")}`));
    await page.reload();
    const element = await page.waitForSelector("m-surface iframe");
    const frame = await element.contentFrame();
    await frame.waitForFunction(() => {
      const context = document.querySelector("canvas").getContext("2d");
      return [...context.getImageData(300, 150, 1, 1).data].join(" ") === "26 32 29 255";
    });
    await element.click();
    await page.getByText("noted in the dark").waitFor();
    assert.deepEqual(wrong, []);
  });
});
