// The pinboard at a real home: what its component asks, the person answers at the page.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { faults } from "../../../tests/browser/harness/look.mjs";
import { hosts, patience, Shown, until } from "./shown.mjs";

/** What a page says of waking it, by host: no server can here. */
const UNWOKEN = { node: /this page belongs to a node/, browser: /the browser (does|did) not/ };

for (const host of hosts) {
  describe(`the pinboard in a ${host}`, patience, () => {
    let shown;
    before(async () => (shown = await Shown.found(host, "pins")), patience);
    after(() => shown?.end());

    const at = (what) => shown.at((page) => what(page, page.getByRole("dialog"), page.locator(".app")));
    const press = (page, name) => page.locator(".app").getByRole("button", { name, exact: true }).first().click();

    test("a name is asked for, kept on the device, and goes with what is pinned", async () => {
      await at(async (page, prompt, app) => {
        await press(page, "Change");
        await prompt.getByRole("heading", { name: "pins asks" }).waitFor();
        await prompt.getByRole("textbox").fill("Ada");
        await page.keyboard.press("Enter");
        await page.getByText("You pin as Ada").waitFor();
        await app.getByLabel("Text").fill("https://example.org/menu");
        await press(page, "Pin");
        await app.getByText("https://example.org/menu").waitFor();
        // At the node too, and without what is the device's.
        const view = await until(() => JSON.stringify(shown.ada.run("view", "shown")), (view) => view.includes("example.org/menu"));
        assert.match(view, /"Ada"/);
        assert.equal(view.includes("You pin as Ada"), shown.isSame);
        assert.deepEqual(await faults(page), []);
      });
    });

    test("what is kept on the device is there after the page is loaded anew", async () => {
      await at(async (page, prompt, app) => {
        await press(page, "How much is shown");
        await prompt.getByRole("button", { name: "The last few" }).click();
        await prompt.waitFor({ state: "detached" });
        for (const text of ["two", "three", "four"]) {
          await app.getByLabel("Text").fill(text);
          await press(page, "Pin");
          await app.getByText(text, { exact: true }).waitFor();
        }
        await page.reload();
        await page.getByText("You pin as Ada").waitFor();
        assert.equal(await app.getByText("https://example.org/menu").count(), 0);
        await press(page, "How much is shown");
        await prompt.getByRole("button", { name: "All of it" }).click();
        await app.getByText("https://example.org/menu").waitFor();
      });
    });

    // The kernel of a browser's home ends with its page, and what waits in it.
    const waits = "a question that waits is there again after the page is loaded anew";
    if (host === "node") test(waits, async () => {
      await at(async (page, prompt) => {
        await press(page, "How much is shown");
        await prompt.getByText("How much of the board is shown?").waitFor();
        await page.reload();
        await prompt.getByRole("button", { name: "All of it" }).click();
        await prompt.waitFor({ state: "detached" });
      });
    });

    test("what is pinned is copied, opened and pinned from a file, each once the person agreed", async () => {
      await at(async (page, prompt, app) => {
        await press(page, "Copy");
        await prompt.getByText("https://example.org/menu").waitFor();
        await prompt.getByRole("button", { name: "Copy" }).click({ timeout: 10_000 });
        await app.getByText("Done.").waitFor();
        assert.equal(await page.evaluate(() => navigator.clipboard.readText()), "https://example.org/menu");

        await press(page, "Open");
        const opened = page.context().waitForEvent("page");
        await prompt.getByRole("button", { name: "Open" }).click({ timeout: 10_000 });
        const tab = await opened;
        assert.equal(await tab.evaluate(() => window.opener), null);
        await tab.close();

        const file = join(shown.ada.folder, "note.txt");
        writeFileSync(file, "From a file");
        await press(page, "Pin a file");
        await page.waitForFunction(() => document.querySelector("dialog input")?.disabled === false, null, { timeout: 10_000 });
        await prompt.locator("input[type=file]").setInputFiles(file);
        await prompt.getByRole("button", { name: "Give it the file" }).click();
        await app.getByText("From a file").waitFor();
      });
    });

    test("a no is taken for one, and what the page cannot do is said", async () => {
      await at(async (page, prompt, app) => {
        await press(page, "Copy");
        await prompt.waitFor();
        await page.keyboard.press("Escape");
        await app.getByText("As you like.").waitFor();
        await press(page, "Wake me");
        // Where it cannot be whatever one says, nothing is asked.
        if (host === "browser") await prompt.getByRole("button", { name: "Let it" }).click({ timeout: 10_000 });
        await app.getByText(UNWOKEN[host]).waitFor();
      });
    });
  });
}
