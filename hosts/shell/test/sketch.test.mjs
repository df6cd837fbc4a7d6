// The sketch at a real home: a drag on its surface becomes a stroke that everyone has.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { shots } from "../../../tests/browser/harness/home.mjs";
import { faults, looks, overflow } from "../../../tests/browser/harness/look.mjs";
import { hosts, patience, Shown, until } from "./shown.mjs";

/** A place in units of the sheet, as one of the page. */
async function place(element, [x, y]) {
  const box = await element.boundingBox();
  return [box.x + 1 + ((box.width - 2) * x) / 1200, box.y + 1 + ((box.height - 2) * y) / 750];
}

async function drag(page, element, places) {
  await page.mouse.move(...(await place(element, places[0])));
  await page.mouse.down();
  for (const next of places.slice(1)) await page.mouse.move(...(await place(element, next)), { steps: 5 });
  await page.mouse.up();
}

/** How many pixels around a place, on the way to the canvas's own, are not the ground. */
const inked = (frame, [x, y]) =>
  frame.evaluate(([x, y]) => {
    const canvas = document.querySelector("canvas");
    const context = canvas.getContext("2d");
    const at = [(x / 1200) * canvas.width, (y / 750) * canvas.height].map((n) => Math.round(n) - 2);
    const { data } = context.getImageData(...at, 5, 5);
    const ground = context.getImageData(canvas.width - 2, canvas.height - 2, 1, 1).data;
    let count = 0;
    for (let pixel = 0; pixel < data.length; pixel += 4) if (data[pixel] !== ground[0] || data[pixel + 1] !== ground[1]) count += 1;
    return count;
  }, [x, y]);

/** How many there are in a picture. The page's policy lets nothing parse it there. */
async function paths(page, svg) {
  const blank = await page.context().newPage();
  const count = (svg) => new DOMParser().parseFromString(svg, "image/svg+xml").querySelectorAll("svg > path").length;
  const found = await blank.evaluate(count, svg);
  await blank.close();
  return found;
}

for (const host of hosts) {
  describe(`the sketch in a ${host}`, patience, () => {
    let shown;
    before(async () => (shown = await Shown.found(host, "sketch")), patience);
    after(() => shown?.end());

    /** With the surface, once it can be drawn on. */
    const at = (what, options) =>
      shown.at(async (page) => {
        const element = await page.waitForSelector("m-surface iframe");
        await element.scrollIntoViewIfNeeded();
        const frame = await element.contentFrame();
        await frame.waitForFunction(() => document.querySelector("canvas").getAttribute("role") === "application");
        await what({ page, element, frame });
      }, options);

    // At the node, whoever drew.
    const events = () => shown.ada.run("log", "shown").length;
    const strokes = () => shown.ada.run("state", "shown").filter(({ key }) => key.startsWith(Buffer.from("sheet").toString("hex"))).length;
    const said = () => shown.ada.run("view", "shown").nodes.find(({ kind }) => kind === "text").text;

    test("a drag is seen at once and becomes an event, and what is drawn elsewhere appears", async () => {
      await at(async ({ page, element, frame }) => {
        assert.equal(await inked(frame, [600, 375]), 0);
        await drag(page, element, [[300, 300], [600, 375], [900, 300]]);
        await until(() => inked(frame, [600, 375]), (count) => count > 10);
        await page.getByText("1 stroke, 1 of them yours").waitFor();
        await until(said, (words) => words === (shown.isSame ? "1 stroke, 1 of them yours" : "1 stroke, 0 of them yours"));
        assert.equal(shown.ada.run("log", "shown").at(-1).verdict, "accept");
        // From the command line, as from anyone.
        shown.ada.run("do", "shown", "stroke", "3", "200", "600", "1000", "600");
        await until(() => inked(frame, [600, 600]), (count) => count > 10);
        await page.getByRole("button", { name: "Take back my last stroke" }).click();
        await until(() => inked(frame, shown.isSame ? [600, 600] : [600, 375]), (count) => count === 0);
        await until(strokes, (count) => count === 1);
      });
    });

    test("a colour is chosen on the sheet, and the keyboard draws", async () => {
      await at(async ({ page, element, frame }) => {
        const before = events();
        await page.mouse.click(...(await place(element, [24 + 4 * 96 + 36, 60])));
        await frame.locator("canvas").focus();
        for (const key of [" ", "ArrowDown", "ArrowDown", "ArrowRight", "ArrowRight", " "]) await page.keyboard.press(key);
        await until(events, (count) => count === before + 1);
        await until(() => inked(frame, [625, 425]), (count) => count > 5);
      });
    });

    test("what is drawn is copied once its person agreed, and the surface draws on", async () => {
      await at(async ({ page, element, frame }) => {
        const before = strokes();
        await drag(page, element, [[100, 600], [300, 650]]);
        await until(() => inked(frame, [200, 625]), (count) => count > 5);
        await until(strokes, (count) => count === before + 1);
        await page.getByRole("button", { name: "Copy as SVG" }).click();
        const prompt = page.getByRole("dialog");
        await prompt.getByText("<svg").waitFor();
        await prompt.getByRole("button", { name: "Copy" }).click({ timeout: 10_000 });
        await page.getByText("The picture is on the clipboard.").waitFor();
        const svg = await page.evaluate(() => navigator.clipboard.readText());
        assert.equal(await paths(page, svg), before + 1);
        await drag(page, element, [[500, 600], [700, 650]]);
        await until(() => inked(frame, [600, 625]), (count) => count > 5);
      });
    });

    test("a page that only looks, and one that only moves over it, make no event", async () => {
      await at(async ({ page, element }) => {
        const before = events();
        for (const at of [[100, 300], [500, 500], [900, 400]]) await page.mouse.move(...(await place(element, at)), { steps: 4 });
        await page.waitForTimeout(shown.isSame ? 400 : 1500);
        assert.equal(events(), before);
      });
    });

    for (const [look, options] of host === "node" ? looks : []) {
      test(`it is sound and fits, ${look}`, async () => {
        await at(async ({ page, frame, element }) => {
          if (look === "light") {
            const wave = Array.from({ length: 24 }, (_, n) => [120 + n * 40, 560 + Math.round(60 * Math.sin(n / 2))]);
            await page.mouse.click(...(await place(element, [24 + 96 + 36, 60])));
            await drag(page, element, wave);
            await until(() => inked(frame, wave[12]), (count) => count > 5);
          }
          await page.waitForTimeout(250);
          await page.screenshot({ path: join(shots, `sketch-${look}.png`), fullPage: true });
          assert.deepEqual([...(await faults(page)), ...(await faults(frame))], []);
          assert.ok((await overflow(page)) <= 0);
        }, options);
      });
    }
  });
}
