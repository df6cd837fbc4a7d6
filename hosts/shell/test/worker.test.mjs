// The page over a worker, with one of everything there is to show.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

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

test("a view that fails is said to, while all else of the topic is there", async () => {
  await at(`/topic/${id("02")}`, async (page, wrong) => {
    await page.getByText("Interaction failed: the component trapped.").waitFor();
    await page.screenshot({ path: join(shots, "failing.png") });
    assert.deepEqual(await faults(page), []);
    await page.getByRole("link", { name: "History", exact: true }).click();
    await page.getByText("rejected: nobody may").waitFor();
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

describe("a surface", () => {
  /** Its frame, once the square is drawn. */
  async function surface(page) {
    const element = await page.waitForSelector("m-surface iframe");
    const frame = await element.contentFrame();
    // What is out of sight is not drawn.
    await element.scrollIntoViewIfNeeded();
    await frame.waitForFunction(() => {
      const context = document.querySelector("canvas").getContext("2d");
      return context.getImageData(3, 3, 1, 1).data[0] === 255;
    });
    return { element, frame, canvas: frame.locator("canvas") };
  }

  /** The colour at a place, in units. */
  const colour = (frame, x, y) =>
    frame.evaluate(([x, y]) => {
      const canvas = document.querySelector("canvas");
      const at = [(x / 400) * canvas.width, (y / 200) * canvas.height].map(Math.floor);
      return [...canvas.getContext("2d").getImageData(...at, 1, 1).data].slice(0, 3).join(" ");
    }, [x, y]);

  test("draws what is whole, in the page's colours, and leaves out what is not", async () => {
    const seen = [];
    for (const colorScheme of ["light", "dark"]) {
      await at(
        `/topic/${id("01")}`,
        async (page, wrong) => {
          const { frame } = await surface(page);
          assert.equal(await colour(frame, 10, 10), "255 0 0");
          assert.equal(await colour(frame, 45, 105), "0 0 255");
          assert.equal(await colour(frame, 65, 105), "0 255 0");
          seen.push(await colour(frame, 300, 150), await colour(frame, 210, 110), await colour(frame, 270, 170));
          assert.notEqual(await colour(frame, 140, 40), await colour(frame, 300, 150), "a path");
          assert.deepEqual(wrong, []);
        },
        { colorScheme, deviceScaleFactor: 2 },
      );
    }
    // The last comes after what the browser refuses.
    assert.deepEqual(seen.slice(0, 3), ["255 255 255", "161 42 34", "31 107 67"]);
    assert.deepEqual(seen.slice(3), ["26 32 29", "242 162 155", "138 211 167"]);
  });

  test("has as many pixels as the screen, its own shape, and fits", async () => {
    for (const viewport of [
      { width: 320, height: 640 },
      { width: 1280, height: 300 },
    ]) {
      await at(
        `/topic/${id("01")}`,
        async (page, wrong) => {
          const { element, frame } = await surface(page);
          const { width, height } = await element.boundingBox();
          assert.ok(Math.abs(width / height - 2) < 0.03, `${width} by ${height}`);
          assert.ok(height <= 0.76 * viewport.height && (await overflow(page)) <= 0);
          // As on a finer screen: the emulated one does not reach frames of another process.
          const pixels = await frame.evaluate(async () => {
            Object.defineProperty(window, "devicePixelRatio", { value: 3 });
            window.dispatchEvent(new Event("resize"));
            await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
            return document.querySelector("canvas").width;
          });
          assert.ok(Math.abs(pixels - 3 * (width - 2)) <= 3, `${pixels} of ${width}`);
          assert.equal(await colour(frame, 10, 10), "255 0 0");
          assert.deepEqual(wrong, []);
        },
        { viewport },
      );
    }
  });

  test("tells what is pointed at and typed, in its own units, and the keyboard gets in and out", async () => {
    await at(`/topic/${id("01")}`, async (page, wrong) => {
      const { element, frame, canvas } = await surface(page);
      const { x, y, width, height } = await element.boundingBox();
      const place = (across, down) => [x + 1 + ((width - 2) * across) / 400, y + 1 + ((height - 2) * down) / 200];
      await page.mouse.move(...place(100, 50));
      await page.mouse.down();
      await page.mouse.move(...place(200, 100));
      await page.mouse.up();
      const said = page.getByText(/^heard /).first();
      const heard = JSON.parse((await said.textContent()).replace("heard ", ""));
      assert.deepEqual(heard.map(({ phase }) => phase), ["down", "move", "up"]);
      const near = (one, across, down) => Math.abs(one.x - across) <= 1 && Math.abs(one.y - down) <= 1;
      assert.ok(near(heard[0], 100, 50) && near(heard[2], 200, 100), JSON.stringify(heard));
      assert.deepEqual([heard[0].buttons, heard[2].buttons], [1, 0]);

      await page.getByRole("heading", { level: 1 }).focus();
      let inside = false;
      for (let tabs = 0; tabs < 40 && !inside; tabs++) {
        await page.keyboard.press("Tab");
        inside = await frame.evaluate(() => document.hasFocus() && document.activeElement.tagName === "CANVAS");
      }
      assert.ok(inside, "Tab leads in");
      await page.keyboard.press("Shift+A");
      await page.getByText(/^heard .*"name":"Shift"/).waitFor();
      await page.keyboard.press("Tab");
      assert.ok(!(await frame.evaluate(() => document.hasFocus())), "Tab leads out");
      await canvas.focus();
      await page.keyboard.press("Escape");
      await page.waitForFunction(() => document.activeElement?.textContent === "The surface ends here.");
      assert.deepEqual(wrong, []);
    });
  });

  test("goes on where it could not be drawn", async () => {
    await at(`/topic/${id("01")}`, async (page) => {
      const { element, frame } = await surface(page);
      await frame.evaluate(() => {
        CanvasRenderingContext2D.prototype.clearRect = () => {
          throw new Error("the canvas is gone");
        };
      });
      for (const times of [1, 2]) {
        await element.click();
        await page.waitForFunction((times) => document.querySelector(".app").textContent.match(/heard \[/g)?.length === times, times);
      }
    });
  });

  test("does what is made of a press, also while the page asks what waits", async () => {
    await at(`/topic/${id("07")}`, async (page, wrong) => {
      const { element } = await surface(page);
      await element.click();
      await page.getByText("noted").waitFor();
      assert.deepEqual(wrong, []);
    });
  });

  test("has a name, words for what is on it, and nothing an accessibility checker finds", async () => {
    await at(`/topic/${id("01")}`, async (page, wrong) => {
      const { element, frame, canvas } = await surface(page);
      assert.equal(await element.getAttribute("title"), "Board \\u{202e}");
      assert.equal(await canvas.getAttribute("aria-label"), "Board \\u{202e}");
      assert.match(await frame.locator("#text").textContent(), /^One of everything\. Press Escape/);
      assert.deepEqual([...(await faults(page)), ...(await faults(frame))], []);
      assert.deepEqual(wrong, []);
    });
  });

  test("reaches nothing: not the page, not what it keeps, not the network, and runs nothing else", async () => {
    await at(`/topic/${id("01")}`, async (page) => {
      const { element, frame } = await surface(page);
      assert.equal(await element.getAttribute("sandbox"), "allow-scripts");
      const tried = await frame.evaluate(async () => {
        const of = (what) => {
          try {
            return String(what());
          } catch (error) {
            return error.name;
          }
        };
        const script = document.createElement("script");
        // The debugger's own code may what the document's may not: what runs later is the document's.
        await new Promise((later) => setTimeout(later));
        return {
          origin: self.origin,
          page: of(() => parent.document.title),
          place: of(() => (top.location.hash = "#/apps")),
          kept: of(() => localStorage.length),
          cookie: of(() => document.cookie),
          window: of(() => open("about:blank")),
          script: of(() => (script.textContent = "globalThis.ran = true")),
          text: of(() => (document.body.innerHTML = "<b>")),
          code: of(() => Function("return 1")()),
          fetched: await fetch("main.js").then(() => "fetched", (error) => error.name),
          image: await new Promise((done) => {
            const image = new Image();
            image.onload = () => done("loaded");
            image.onerror = () => done("refused");
            image.src = "icon.svg";
          }),
          frame: of(() => {
            const inner = document.body.appendChild(document.createElement("iframe"));
            inner.src = "index.html";
            return "added";
          }),
          ran: of(() => "ran" in globalThis),
        };
      });
      assert.deepEqual(tried, {
        origin: "null", page: "SecurityError", place: "SecurityError", kept: "SecurityError", cookie: "SecurityError",
        window: "null", script: "TypeError", text: "TypeError", code: "EvalError", fetched: "TypeError",
        image: "refused", frame: "added", ran: "false",
      });
      assert.match(page.url(), /#\/topic\//, "the page stayed where it was");
    });
  });

  test("is behind every prompt: it is neither seen nor heard before one, and cannot answer it", async () => {
    await at(`/topic/${id("05")}`, async (page, wrong) => {
      const { element, frame, canvas } = await surface(page);
      const box = await element.boundingBox();
      await canvas.focus();
      await page.getByRole("button", { name: "Look at it" }).click();
      const prompt = page.getByRole("dialog");
      await prompt.getByRole("button", { name: "Install" }).waitFor();
      // Over the surface, and above it.
      const above = await page.evaluate(({ x, y, width, height }) => {
        const prompt = document.querySelector("dialog.prompt");
        const { left, top, right, bottom } = prompt.getBoundingClientRect();
        const over = left < x + width && right > x && top < y + height && bottom > y;
        const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
        return { over, hit: prompt.contains(hit) };
      }, box);
      assert.deepEqual(above, { over: true, hit: true });
      await page.screenshot({ path: join(shots, "surface-behind-prompt.png") });
      // What is pressed goes to the prompt, beside it to nobody.
      await page.keyboard.press("b");
      await page.mouse.click(box.x + 5, box.y + 5);
      assert.ok(!(await frame.evaluate(() => document.hasFocus())));
      // What the frame says to the page, where it has no port for it, nobody hears.
      await frame.evaluate(() => {
        parent.postMessage({ kind: "leave" }, "*");
        parent.postMessage("surface", "*", [new MessageChannel().port2]);
      });
      await page.waitForTimeout(2500);
      assert.ok(await prompt.isVisible());
      await page.keyboard.press("Escape");
      await prompt.waitFor({ state: "detached" });
      assert.equal(await page.getByText(/^heard /).count(), 0);
      assert.deepEqual(wrong, []);
    });
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
