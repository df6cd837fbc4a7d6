// The page of a browser's own home, with the kernel in it, beside a node's: what one person does the
// other sees.
//
// MYRHIZA_PAGE names the folder with the page, as `cargo xtask build browser` makes it.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { folder, relay, site } from "../../../tests/browser/harness/browser-home.mjs";
import { Home, shots } from "../../../tests/browser/harness/home.mjs";
import { agree, faults, launch, open } from "../../../tests/browser/harness/look.mjs";

let browser, server, way, ada;

before(async () => {
  [browser, server, way] = await Promise.all([launch(), site(), relay()]);
  ada = new Home("ada");
  ada.install("counter");
  ada.run("topic", "create", "counter", "--name", "tally");
  await ada.up("--relay", way.url, "--listen", "127.0.0.1:0", "--browser-page", folder);
});

after(async () => {
  await browser?.close();
  await ada?.end();
  await way?.end();
  await server?.close();
});

test("who opens the page joins by a ticket and acts with whoever runs a node", { timeout: 180_000 }, async () => {
  const { ticket } = ada.run("topic", "invite", "tally");
  const { page, wrong, close } = await open(browser, `${server.origin}/peer/index.html`);
  await page.getByText("There are no topics here yet.").waitFor();
  await page.getByRole("link", { name: "Join by ticket" }).click();
  await page.getByLabel(/The ticket/).fill(ticket);
  await page.getByRole("button", { name: "Join" }).click();
  await page.getByRole("button", { name: "Look at it" }).click({ timeout: 60_000 });
  const prompt = page.getByRole("dialog");
  await prompt.getByText("for the first time here").waitFor();
  await agree(page);
  await page.getByRole("button", { name: "Add 1" }).click();
  const shows = (value) =>
    page.waitForFunction((value) => document.querySelector(".app .text")?.textContent === value, value);
  await shows("1");
  ada.run("do", "tally", "increment", "40");
  await shows("41");
  await page.screenshot({ path: join(shots, "browser-topic.png") });
  await page.getByRole("link", { name: "Peers" }).click();
  await page.getByText(/complete, \d+ events/).waitFor();
  await page.getByText(way.url.replace(/\/$/, "")).first().waitFor();
  await page.screenshot({ path: join(shots, "browser-peers.png"), fullPage: true });
  assert.deepEqual(await faults(page), []);
  // The home stays: what was there is there after the page was loaded anew.
  await page.reload();
  await page.getByRole("link", { name: "Topics" }).click();
  await page.getByRole("link", { name: "tally" }).click();
  await shows("41");
  await page.getByRole("link", { name: "About" }).click();
  await page.getByText("in this browser").waitFor();
  assert.deepEqual(wrong, []);
  await close();
});

test("the page that a node serves has a home of its own, whatever its tab showed before", { timeout: 120_000 }, async () => {
  const { page, wrong, close } = await open(browser, ada.started.page);
  await page.getByRole("link", { name: "tally" }).waitFor();
  await page.goto(ada.started.browser_page);
  await page.getByText("There are no topics here yet.").waitFor();
  await page.getByRole("link", { name: "About" }).click();
  await page.getByText("in this browser").waitFor();
  const reached = await page.evaluate(async (node) => {
    const asked = (url, how) => fetch(url, how).then(({ status }) => status, () => "no answer");
    const token = sessionStorage.getItem("myrhiza-token");
    return [token, await asked("/v1/events"), await asked("/"), await asked(`${node}/health`)];
  }, ada.started.api);
  assert.deepEqual(reached, [null, 403, 403, "no answer"]);
  assert.deepEqual(wrong.splice(0).filter((problem) => !/403|CORS|ERR_FAILED/.test(problem)), []);
  await close();
});
