// The page over a worker, with one of everything there is to show.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { shots } from "../../../tests/browser/harness/home.mjs";
import { faults, looks, overflow } from "../../../tests/browser/harness/look.mjs";
import { serve } from "../../../tests/browser/harness/serve.mjs";
import { Gallery, id } from "./gallery.mjs";

let gallery;
before(async () => (gallery = await Gallery.open()));
after(() => gallery?.close());

const at = (place, what, options) => gallery.at(place, what, options);

test("what is asked before the kernel is up is answered once it is, and the start is told", async () => {
  await at("/topics", async (page, wrong) => {
    await page.getByText("Opening the home…").waitFor();
    await page.getByRole("link", { name: "gallery" }).waitFor();
    await page.getByText("You were removed").waitFor();
    assert.deepEqual(wrong, []);
  });
});

test("every kind of node is shown, one of tomorrow by what is below it, and nothing steers the page", async () => {
  await at(`/topic/${id("01")}`, async (page, wrong) => {
    const app = page.locator(".app");
    await app.getByText("below a kind of tomorrow").waitFor();
    assert.equal(await app.locator("ol > li").count(), 2);
    assert.equal(await app.locator("tbody tr").count(), 2);
    await app.getByRole("button", { name: "Show more (7 rows)" }).waitFor();
    await app.getByText("exe\\u{202e}gnp.\\u{7} <img src=x onerror=alert(1)>").waitFor();
    assert.ok(await app.getByRole("button", { name: "Never" }).isDisabled());
    // A form is its intent, then the values of its inputs in order.
    assert.equal(await app.getByLabel("Which").inputValue(), "b");
    await app.getByLabel("Words").fill("all of it");
    await app.getByLabel("Which").selectOption("c");
    await app.getByRole("button", { name: "Send" }).click();
    await app.getByText("sent all of it and c").waitFor();
    assert.equal(await app.getByLabel("Words").inputValue(), "some", "and is as it was then");
    await page.screenshot({ path: join(shots, "gallery.png"), fullPage: true });
    assert.deepEqual(await faults(page), []);
    assert.deepEqual(wrong, []);
  });
});

test("what is typed while a form is sent stays, all else in it is as it was", async () => {
  await at(`/topic/${id("01")}`, async (page, wrong) => {
    const app = page.locator(".app");
    const send = app.getByRole("button", { name: "Send" });
    await app.getByLabel("Words").fill("slow");
    await app.getByLabel("Which").selectOption("c");
    await send.click();
    await page.waitForFunction(() => document.querySelector(".app form button").ariaDisabled === "true");
    // What is under way is not sent again, however it is pressed.
    await app.getByLabel("Words").fill("more");
    await page.keyboard.press("Enter");
    await app.getByText("sent slow and c").waitFor();
    assert.ok(await send.isEnabled());
    assert.equal(await app.getByLabel("Words").inputValue(), "more");
    assert.equal(await app.getByLabel("Which").inputValue(), "b");
    await app.getByLabel("Which").selectOption("a");
    await send.click();
    await app.getByText("sent more and a").waitFor();
    assert.equal(await app.getByLabel("Words").inputValue(), "some");
    assert.equal(await app.getByText(/^sent /).count(), 2);
    assert.deepEqual(wrong, []);
  });
});

test("a button that is pressed keeps the keyboard, and does nothing more until that is done", async () => {
  await at(`/topic/${id("01")}`, async (page, wrong) => {
    for (const [name, press] of [["Take a while", "Enter"], ["Send", "Space"]]) {
      const button = page.getByRole("button", { name });
      await page.getByLabel("Words").fill("slow");
      await page.waitForFunction(() => document.querySelector(".app").ariaBusy === "false");
      await button.focus();
      await page.keyboard.press(press);
      await page.waitForFunction(() => document.querySelector(".app").ariaBusy === "true");
      assert.ok(await button.isDisabled(), "it says that it cannot be pressed");
      await page.keyboard.press(press);
      await page.waitForFunction(() => document.querySelector(".app").ariaBusy === "false");
      assert.ok(await button.evaluate((button) => button === document.activeElement), name);
    }
    assert.equal(await page.getByText(/^sent /).count(), 1);
    assert.deepEqual(wrong, []);
  });
});

test("the rows of a long table are reached, and that no more are shown is said", { timeout: 120_000 }, async () => {
  await at(`/topic/${id("06")}`, async (page, wrong) => {
    const shown = (name, count) => page.waitForFunction(([name, count]) => document.querySelectorAll(name).length === count, [name, count]);
    const more = (name) => page.getByRole("button", { name }).click();
    await shown("tbody tr", 300);
    await shown(".app .text", 299);
    await more("Show more (51 parts)");
    await shown("tbody tr", 1200);
    await shown(".app .text", 350);
    await page.getByRole("cell", { name: "row 1000", exact: true }).waitFor();
    await more("Show more (18,900 rows)");
    await shown("tbody tr", 4800);
    await more("Show more (15,300 rows)");
    await shown("tbody tr", 19_200);
    await more("Show more (900 rows)");
    await shown("tbody tr", 20_000);
    await page.getByText("100 more rows not shown: the page shows 20,000 at most.").waitFor();
    assert.equal(await page.getByRole("button", { name: "Show more" }).count(), 0);
    assert.deepEqual(wrong, []);
  });
});

test("a view that fails is said to, once, while all else of the topic is there", async () => {
  await at(`/topic/${id("02")}`, async (page, wrong) => {
    await page.getByText("The component trapped.").waitFor();
    assert.equal((await page.locator("main").textContent()).match(/history/g).length, 1);
    await page.screenshot({ path: join(shots, "failing.png") });
    assert.deepEqual(await faults(page), []);
    await page.getByRole("alert").getByRole("link", { name: "history" }).click();
    await page.getByText("rejected: nobody may").waitFor();
    assert.deepEqual(wrong, []);
  });
});

test("what a failing view showed last is not taken for what is", async () => {
  await at(`/topic/${id("01")}`, async (page, wrong) => {
    const last = page.getByRole("heading", { name: "As it was last shown" });
    await page.getByText("A plain text").waitFor();
    assert.equal(await last.count(), 0);
    await page.getByRole("button", { name: "Break the app" }).click();
    await last.waitFor();
    await page.getByText("A plain text").waitFor();
    assert.deepEqual(await faults(page), []);
    assert.deepEqual(wrong, []);
  });
});

test("a topic that waits for its app says so once", async () => {
  await at(`/topic/${id("03")}`, async (page, wrong) => {
    await page.getByText("Gallery 2.0.0 has come from a peer").waitFor();
    await page.getByText("What the app shows is here once it is installed.").waitFor();
    assert.equal(await page.locator("main :is(.message, .fault, .call)").count(), 1);
    assert.deepEqual(wrong, []);
  });
});

test("an event says what is in it and who it is about, in the list and by itself", async () => {
  await at(`/topic/${id("01")}/history`, async (page, wrong) => {
    await page.getByText("acts in the app: variant 1 [“soup”, 3]").first().waitFor();
    const invited = page.locator(".event-what", { hasText: "comes in, invited by" });
    assert.equal(await invited.locator(".who svg.icon").count(), 2);
    const [author, inviter] = await invited.locator(".who .name").allTextContents();
    assert.deepEqual([author.length, inviter.length], [13, 13]);
    assert.deepEqual(wrong, []);
  });
});

test("whether a relay answers is shown as soon as it is told", async () => {
  await at("/peers", async (page, wrong) => {
    await page.getByText("nowhere yet: it has no relay").waitFor();
    const away = page.getByText("does not answer");
    await away.waitFor();
    await page.evaluate(() => new BroadcastChannel("tabs").postMessage("relay"));
    await away.waitFor({ state: "detached" });
    assert.deepEqual(wrong, []);
  });
});

test("a journal that begins anew takes the place of the one that was shown", async () => {
  await at("/journal", async (page, wrong) => {
    const before = page.getByText("connected with d1d1d1d1…");
    await before.waitFor();
    await page.evaluate(() => new BroadcastChannel("tabs").postMessage("anew"));
    await page.getByText("connected with d2d2d2d2…").waitFor();
    assert.equal(await before.count(), 0);
    assert.deepEqual(wrong, []);
  });
});

test("what came of a comparison is said", async () => {
  const compare = (topic, what) => at(`/topic/${id(topic)}/agreement`, async (page, wrong) => {
    await page.getByRole("button", { name: "Compare with peers now" }).click();
    await page.getByRole("status").getByText(`Compared with 1 node: ${what}`).first().waitFor({ timeout: 10_000 });
    assert.deepEqual(wrong, []);
  });
  await Promise.all([compare("01", "who has another state is shown here."), compare("06", "all have the same state as this home.")]);
});

test("the app of a new topic is chosen, and what nobody needs is thrown away", async () => {
  await at("/topics", async (page, wrong) => {
    await page.getByRole("link", { name: "New topic" }).click();
    await page.getByText("Choose the app of the new topic.").waitFor();
    assert.equal(await page.getByRole("button", { name: "Throw away Gallery 2.0.0" }).count(), 0);
    const loose = page.getByRole("button", { name: "Throw away Loose 1.0.0" });
    await loose.click();
    await loose.waitFor({ state: "detached" });
    await page.getByRole("link", { name: "Apps" }).click();
    await page.getByText("Choose the app of the new topic.").waitFor({ state: "detached" });
    assert.deepEqual(wrong, []);
  });
});

test("what is shown of an app that changes while it is read has to be read again", async () => {
  await at(`/topic/${id("03")}`, async (page, wrong) => {
    await page.getByRole("button", { name: "Look at it" }).click();
    const prompt = page.getByRole("dialog");
    const yes = prompt.getByRole("button", { name: "Install" });
    const enabled = (want) =>
      page.waitForFunction((want) => document.querySelector("dialog button.main").disabled !== want, want, { timeout: 6000 });
    await enabled(true);
    await prompt.getByText("for the first time here").waitFor();
    // Now its author's word has come.
    await prompt.getByText("it leaks").waitFor({ timeout: 6000 });
    assert.ok(await yes.isDisabled());
    const since = Date.now();
    await prompt.getByLabel("Install it all the same").check();
    await enabled(true);
    assert.ok(Date.now() - since > 1500, "it had to be read for two seconds more");
    await page.screenshot({ path: join(shots, "withdrawn.png") });
    assert.deepEqual(await faults(page), []);
    await yes.click();
    await prompt.waitFor({ state: "detached" });
    assert.deepEqual(wrong, []);
  });
});

test("inside another page it does not start, also where the server forbids nothing", async () => {
  writeFileSync(join(gallery.folder, "around.html"), '<!doctype html><title>Around</title><iframe src="index.html#/topics"></iframe>');
  const plain = await serve({ shell: gallery.folder }, { plain: true });
  try {
    await gallery.at("", async (page, wrong) => {
      const frame = await (await page.waitForSelector("iframe")).contentFrame();
      await frame.getByRole("heading", { name: "Myrhiza is not shown inside another page" }).waitFor();
      assert.equal(await frame.locator("m-shell").count(), 0);
      assert.equal(page.workers().length, 0);
      assert.deepEqual(await faults(frame), []);
      const tab = page.context().waitForEvent("page");
      await frame.getByRole("link", { name: "Open Myrhiza by itself" }).click();
      await (await tab).getByRole("link", { name: "gallery" }).waitFor();
      assert.equal(await (await tab).evaluate(() => window.opener), null);
      assert.deepEqual(wrong, []);
    }, { address: `${plain.origin}/shell/around.html` });
  } finally {
    await plain.close();
  }
});

test("a worker that ends is said to have, and what was shown stays", async () => {
  await at(`/topic/${id("01")}`, async (page) => {
    await page.getByRole("button", { name: "End the worker" }).click();
    await page.getByText("The part of this page that runs the kernel has ended").first().waitFor();
    await page.getByText("A plain text").waitFor();
  });
});

for (const [look, options] of looks) {
  test(`where much is wrong every screen is sound and fits, ${look}`, async () => {
    const found = [];
    for (const [name, place] of [
      ["all-topics", "/topics"],
      ["all-event", `/topic/${id("01")}/history/${id("e2")}`],
      ["all-state", `/topic/${id("01")}/state`],
      ["all-agreement", `/topic/${id("01")}/agreement`],
      ["all-apps", "/apps"],
      ["all-peers", "/peers"],
      ["all-journal", "/journal"],
    ]) {
      await at(
        place,
        async (page, wrong) => {
          await page.locator("main h1").waitFor();
          await page.waitForFunction(() => !/Loading…/.test(document.querySelector("main").textContent));
          await page.waitForTimeout(250);
          await page.screenshot({ path: join(shots, `${name}-${look}.png`), fullPage: true });
          found.push(...[...(await faults(page)), ...wrong].map((fault) => `${name}: ${fault}`));
          if ((await overflow(page)) > 0) found.push(`${name} sticks out`);
        },
        options,
      );
    }
    assert.deepEqual(found, []);
  });
}
