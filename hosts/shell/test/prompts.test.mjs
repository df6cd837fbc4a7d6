// Every prompt, in every look: sound, within the window, and with its buttons in sight.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { shots } from "../../../tests/browser/harness/home.mjs";
import { faults, looks, overflow } from "../../../tests/browser/harness/look.mjs";
import { Gallery, id } from "./gallery.mjs";

let gallery;
before(async () => (gallery = await Gallery.open()));
after(() => gallery?.close());

const prompt = (page) => page.getByRole("dialog");

/** What is wrong with the prompt that is open, once it could be read. */
async function seen(page, name, look) {
  await prompt(page).waitFor();
  await prompt(page).getByText("Take a moment to read it.").waitFor({ state: "detached", timeout: 10_000 });
  if ((await prompt(page).getByText("there is more below").count()) > 0) await readOn(page, name, look);
  await page.screenshot({ path: join(shots, `prompt-${name}-${look}.png`) });
  const wrong = await faults(page);
  if ((await overflow(page)) > 0) wrong.push("the page sticks out");
  const outside = await page.evaluate(() => {
    const parts = [...document.querySelectorAll("dialog, dialog .prompt-text, dialog .actions")];
    const isOut = ({ left, top, right, bottom }) => left < 0 || top < 0 || right > innerWidth || bottom > innerHeight;
    return parts.filter((part) => isOut(part.getBoundingClientRect()) || part.scrollWidth > part.clientWidth).map(({ className }) => className);
  });
  wrong.push(...outside.map((part) => `${part} sticks out`));
  return wrong.map((what) => `${name}: ${what}`);
}

/** Looks in which something was longer than the window. */
const longer = new Set();

/** What is longer than the window cannot be agreed to before its end was in sight; the keyboard leads there. */
async function readOn(page, name, look) {
  assert.ok(await prompt(page).getByRole("button", { name: "Install" }).isDisabled());
  await page.screenshot({ path: join(shots, `prompt-${name}-more-${look}.png`) });
  await page.keyboard.press("End");
  await prompt(page).getByText("there is more below").waitFor({ state: "detached" });
  longer.add(look);
}

for (const [look, options] of looks) {
  test(`what an app asks is sound and fits, ${look}`, { timeout: 120_000 }, async () => {
    const found = [];
    await gallery.at(
      `/topic/${id("01")}`,
      async (page, wrong) => {
        for (const kind of ["ask", "choose", "copy", "open", "pick", "subscribe"]) {
          await page.getByRole("button", { name: `Asks to ${kind}`, exact: true }).click();
          if (kind === "pick") {
            const file = join(gallery.folder, "a.txt");
            writeFileSync(file, "hi");
            await page.locator("dialog input:enabled").setInputFiles(file, { timeout: 10_000 });
          }
          found.push(...(await seen(page, kind, look)));
          await page.keyboard.press("Escape");
          await prompt(page).waitFor({ state: "detached" });
        }
        found.push(...wrong);
      },
      options,
    );
    assert.deepEqual(found, []);
  });

  test(`what the shell asks by itself is sound and fits, ${look}`, { timeout: 120_000 }, async () => {
    const found = [];
    await gallery.at(
      `/topic/${id("03")}`,
      async (page, wrong) => {
        await page.getByRole("button", { name: "Look at it" }).click();
        found.push(...(await seen(page, "install", look)));
        if (look === "narrow") assert.ok(longer.has(look), "it fits, and nothing was tried");
        // Now its author takes it back.
        await prompt(page).getByLabel("Install it all the same").check({ timeout: 10_000 });
        found.push(...(await seen(page, "withdrawn", look)));
        await page.keyboard.press("Escape");
        await page.getByRole("link", { name: "Members" }).click();
        await page.getByRole("button", { name: "Leave this topic" }).click();
        found.push(...(await seen(page, "confirm", look)));
        found.push(...wrong);
      },
      options,
    );
    assert.deepEqual(found, []);
  });
}
