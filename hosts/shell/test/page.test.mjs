// The page over a real node: what is seen, pressed and typed.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { apps, Home, shots } from "../../../tests/browser/harness/home.mjs";
import { agree, faults, launch, looks, open, overflow } from "../../../tests/browser/harness/look.mjs";

let browser, ada, address;

before(async () => {
  mkdirSync(shots, { recursive: true });
  browser = await launch();
  ada = new Home("ada");
  ada.install("counter");
  ada.install("poll");
  ada.tally = ada.run("topic", "create", "counter", "--name", "tally").topic;
  ada.lunch = ada.run("topic", "create", "poll", "--name", "lunch").topic;
  address = await ada.up();
});

after(async () => {
  await browser?.close();
  await ada?.end();
});

/** Opens the page at a place, does something, and sees that nothing went wrong meanwhile. */
async function at(place, what, options) {
  const opened = await open(browser, address, options);
  try {
    await opened.page.evaluate((place) => (location.hash = place), place);
    await what(opened.page);
    assert.deepEqual(opened.wrong, []);
  } finally {
    await opened.close();
  }
}

const heading = (page, name) => page.getByRole("heading", { level: 1, name });

test("the token leaves the address bar at once and lets the tab in again", async () => {
  await at("#/topics", async (page) => {
    await heading(page, "Topics").waitFor();
    assert.equal(new URL(page.url()).hash, "#/topics");
    await page.reload();
    await page.getByRole("link", { name: "tally" }).waitFor();
  });
});

test("what is pressed changes the view, and so does what is done elsewhere", async () => {
  await at(`#/topic/${ada.tally}`, async (page) => {
    const value = page.locator(".app .text").first();
    await value.waitFor();
    const start = Number(await value.textContent());
    await page.getByRole("button", { name: "Add 1" }).click();
    await page.waitForFunction((want) => document.querySelector(".app .text")?.textContent === want, String(start + 1));
    ada.run("do", "tally", "increment", "40");
    await page.waitForFunction((want) => document.querySelector(".app .text")?.textContent === want, String(start + 41));
  });
});

test("a ticket for a topic that is here is used without a second one being made", async () => {
  const { ticket } = ada.run("topic", "invite", "tally");
  await at("#/join", async (page) => {
    await page.getByLabel(/The ticket/).fill(`Come in:\n> “${ticket.slice(0, 40)}\n> ${ticket.slice(40)}”\nSee you`);
    await page.getByRole("link", { name: /It is here already, as tally/ }).waitFor();
    assert.equal(await page.getByLabel(/What it is called here/).count(), 0);
    await page.getByRole("button", { name: "Use it" }).click();
    await heading(page, "tally").waitFor();
    assert.equal(ada.run("topic", "list").filter(({ id }) => id === ada.tally).length, 1);
  });
});

test("what does not change is not drawn anew, and what is being typed stays", async () => {
  await at(`#/topic/${ada.lunch}`, async (page) => {
    const inputs = page.locator(".app input");
    await inputs.first().waitFor();
    await inputs.first().fill("Where?");
    await page.evaluate(() => {
      window.kept = [...document.querySelectorAll(".app .title, .app input")];
    });
    // An event that the app rejects or takes: the topic changes, the form does not.
    ada.run("topic", "invite", "lunch");
    await page.waitForTimeout(500);
    const same = await page.evaluate(() => {
      const now = [...document.querySelectorAll(".app .title, .app input")];
      return now.length === window.kept.length && now.every((element, at) => element === window.kept[at]);
    });
    assert.ok(same, "elements were made anew");
    assert.equal(await inputs.first().inputValue(), "Where?");
  });
});

test("a refusal of the app is said where the person is", async () => {
  await at(`#/topic/${ada.lunch}`, async (page) => {
    const submit = page.locator(".app form button[type=submit]").first();
    await submit.waitFor();
    await submit.click();
    const alert = page.getByRole("alert");
    await alert.waitFor();
    assert.match(await alert.textContent(), /Not done: ./);
  });
});

describe("the install prompt", () => {
  /** Chooses the bundle of a second version, which waits for a word then. */
  async function choose(page) {
    await heading(page, "Apps").waitFor();
    await page.locator("input[type=file]").setInputFiles(join(apps, "counter2.myr"));
    const prompt = page.getByRole("dialog");
    await prompt.getByRole("button", { name: "Install" }).waitFor();
    return prompt;
  }

  test("cannot be agreed to in its first two seconds, whatever is pressed", async () => {
    await at("#/apps", async (page) => {
      const since = Date.now();
      const prompt = await choose(page);
      const yes = prompt.getByRole("button", { name: "Install" });
      await page.keyboard.press("Enter");
      // Looked at and pressed in the page itself: from here, time would pass between the two.
      const early = await yes.evaluate(async (button, since) => {
        for (; Date.now() < since + 1500; await new Promise((later) => setTimeout(later, 50))) {
          if (!button.disabled) return Date.now() - since;
          button.dispatchEvent(new Event("click"));
        }
        return 0;
      }, since);
      assert.equal(early, 0, `after ${early} ms`);
      assert.ok(await prompt.isVisible());
      assert.equal(ada.run("app", "list").length, 2);
      await page.screenshot({ path: join(shots, "prompt.png") });
      const found = await faults(page);
      assert.deepEqual(found, []);
      await page.waitForFunction(() => !document.querySelector("dialog .main").disabled, null, { timeout: 5000 });
      assert.match(await prompt.textContent(), /After version 1\.0\.0/);
      await page.keyboard.press("Escape");
      await prompt.waitFor({ state: "detached" });
      assert.equal(ada.run("app", "list").length, 2);
    });
  });

  test("installs what was shown once it was read, and the keyboard goes on where it was", async () => {
    await at("#/apps", async (page) => {
      const prompt = await choose(page);
      await agree(page);
      await prompt.waitFor({ state: "detached" });
      await page.getByRole("heading", { name: "3 apps installed" }).waitFor();
      assert.equal(ada.run("app", "list").length, 3);
    });
  });
});

test("a second home joins by the ticket of the page, and agrees to the app before it runs", async () => {
  const bob = new Home("bob");
  try {
    const other = await bob.up();
    let ticket;
    await at(`#/topic/${ada.tally}/invite`, async (page) => {
      await page.getByRole("button", { name: "Make a ticket" }).click();
      const made = page.getByLabel("The ticket", { exact: true });
      ticket = await made.inputValue();
      assert.equal(await made.evaluate((field) => field.scrollTop), 0);
      await page.getByRole("img", { name: "The ticket as a QR code" }).waitFor();
      await page.screenshot({ path: join(shots, "invite.png"), fullPage: true });
      await page.locator(".qr").screenshot({ path: join(shots, "qr.png") });
    });
    const opened = await open(browser, other);
    const { page, wrong } = opened;
    await page.getByRole("link", { name: "Join by ticket" }).click();
    // As a picture it is the same ticket.
    await page.locator("input[type=file]").setInputFiles(join(shots, "qr.png"));
    await page.getByRole("heading", { name: "tally" }).waitFor();
    assert.equal((await page.getByLabel(/The ticket/).inputValue()).toLowerCase(), ticket);
    // One without a code takes its place.
    await page.locator("input[type=file]").setInputFiles({ name: "none.png", mimeType: "image/png", buffer: await page.screenshot() });
    await page.getByText("No QR code was found in it").waitFor();
    assert.equal(await page.getByRole("heading", { name: "tally" }).count(), 0);
    await page.locator("input[type=file]").setInputFiles(join(shots, "qr.png"));
    await page.getByRole("heading", { name: "tally" }).waitFor();
    assert.deepEqual(bob.run("topic", "list"), [], "reading a ticket joins nothing");
    await page.screenshot({ path: join(shots, "join.png"), fullPage: true });
    assert.deepEqual(await faults(page), []);
    await page.getByRole("button", { name: "Join" }).click();
    await page.getByRole("button", { name: "Look at it" }).click({ timeout: 20_000 });
    const prompt = page.getByRole("dialog");
    await prompt.getByText("for the first time here").waitFor();
    assert.deepEqual(bob.run("app", "list"), []);
    await agree(page);
    await page.getByRole("button", { name: "Add 1" }).click();
    await page.getByRole("link", { name: "History" }).click();
    await page.getByText("comes in, invited by").waitFor();
    await page.getByRole("link", { name: "Peers" }).click();
    await page.getByText(/complete, \d+ events/).waitFor();
    await page.screenshot({ path: join(shots, "peers.png"), fullPage: true });
    assert.deepEqual(await faults(page), []);
    assert.deepEqual(wrong, []);
    await opened.close();
  } finally {
    await bob.end();
  }
});

test("a node that is gone is said to be, and one that came back with another token is told apart", async () => {
  const eve = new Home("eve");
  try {
    const page = await eve.up("--api", "127.0.0.1:0");
    const opened = await open(browser, page);
    await heading(opened.page, "Topics").waitFor();
    const { api } = eve.started;
    await eve.down();
    await opened.page.getByText("The node is not reached").waitFor();
    await eve.up("--api", api.replace("http://", ""));
    await opened.page.getByText("The node does not let this page in").waitFor({ timeout: 15_000 });
    await opened.page.getByText("“myrhiza ui” prints it whole").first().waitFor();
    await opened.close();
  } finally {
    await eve.end();
  }
});

test("a page whose token nobody gave starts no node and says what to do", async () => {
  const opened = await open(browser, new URL(address).origin);
  await opened.page.getByText("The address lacks the part that lets you in").waitFor();
  await opened.page.getByText("Open the whole address: “myrhiza ui” prints it.").waitFor();
  await opened.close();
});

describe("every screen", () => {
  const screens = () => [
    ["topics", "#/topics", "Topics"],
    ["counter", `#/topic/${ada.tally}`, "tally"],
    ["poll", `#/topic/${ada.lunch}`, "lunch"],
    ["history", `#/topic/${ada.tally}/history`, "tally"],
    ["event", `#/topic/${ada.tally}/history/${ada.tally}`, "tally"],
    ["members", `#/topic/${ada.tally}/members`, "tally"],
    ["invite-form", `#/topic/${ada.tally}/invite`, "tally"],
    ["state", `#/topic/${ada.tally}/state`, "tally"],
    ["agreement", `#/topic/${ada.tally}/agreement`, "tally"],
    ["apps", "#/apps", "Apps"],
    ["join-form", "#/join", "Join by ticket"],
    ["journal", "#/journal", "Journal"],
    ["about", "#/about", "About"],
  ];
  for (const [look, options] of looks) {
    test(`is sound and fits, ${look}`, async () => {
      const found = [];
      for (const [name, place, title] of screens()) {
        await at(
          place,
          async (page) => {
            await heading(page, title).waitFor();
            await page.waitForFunction(() => !/Loading…/.test(document.querySelector("main").textContent));
            await page.waitForTimeout(250);
            await page.screenshot({ path: join(shots, `${name}-${look}.png`), fullPage: true });
            found.push(...(await faults(page)).map((fault) => `${name}: ${fault}`));
            if ((await overflow(page)) > 0) found.push(`${name} sticks out`);
          },
          options,
        );
      }
      assert.deepEqual(found, []);
    });
  }
});

test("the relays of a node are changed on the page, which says when they count, and no wrong one is kept", async () => {
  const kept = () => ada.run("config", "relays").relays;
  await at("#/peers", async (page) => {
    const relays = page.getByRole("region", { name: "Relays" });
    await relays.getByText("None: it is reached").waitFor();
    const add = async (url) => {
      await relays.getByLabel(/Another relay/).fill(url);
      await relays.getByRole("button", { name: "Add it" }).click();
    };
    await add("ftp://relay.example");
    const alert = relays.getByRole("alert");
    await alert.waitFor();
    assert.match(await alert.textContent(), /`ftp:\/\/relay\.example` is of the kind ftp/);
    assert.equal(kept(), "");

    await add("http://127.0.0.1:1");
    await relays.getByText("None is in use now").waitFor();
    await relays.getByText("goes on with these when the node is started again").waitFor();
    assert.equal(await alert.count(), 0);
    assert.equal(kept(), "http://127.0.0.1:1");
    assert.deepEqual(await faults(page), []);

    await relays.getByRole("button", { name: "Remove http://127.0.0.1:1" }).click();
    await relays.getByText("None: it is reached").waitFor();
    assert.equal(kept(), "");
    assert.equal(await relays.getByText("started again").count(), 0);
  });
});
