// An app's surface of pixels, over a worker that draws one of every command.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { shots } from "../../../tests/browser/harness/home.mjs";
import { faults, overflow } from "../../../tests/browser/harness/look.mjs";
import { Gallery, id } from "./gallery.mjs";

let gallery;
before(async () => (gallery = await Gallery.open()));
after(() => gallery?.close());

const at = (place, what, options) => gallery.at(place, what, options);

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

test("a surface draws what is whole, in the page's colours, and leaves out what is not", async () => {
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

test("a surface has as many pixels as the screen, its own shape, and fits", async () => {
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

test("a surface tells what is pointed at and typed, in its own units, and the keyboard gets in and out", async () => {
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

test("a surface goes on where it could not be drawn", async () => {
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

test("a surface does what is made of a press, also while the page asks what waits", async () => {
  await at(`/topic/${id("07")}`, async (page, wrong) => {
    const { element } = await surface(page);
    await element.click();
    await page.getByText("noted").waitFor();
    assert.deepEqual(wrong, []);
  });
});

test("a surface has a name, words for what is on it, and nothing an accessibility checker finds", async () => {
  await at(`/topic/${id("01")}`, async (page, wrong) => {
    const { element, frame, canvas } = await surface(page);
    assert.equal(await element.getAttribute("title"), "Board \\u{202e}");
    assert.equal(await canvas.getAttribute("aria-label"), "Board \\u{202e}");
    assert.match(await frame.locator("#text").textContent(), /^One of everything\. Press Escape/);
    assert.deepEqual([...(await faults(page)), ...(await faults(frame))], []);
    assert.deepEqual(wrong, []);
  });
});

test("a surface reaches nothing: not the page, not what it keeps, not the network, and runs nothing else", async () => {
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

test("a surface is behind every prompt: it is neither seen nor heard before one, and cannot answer it", async () => {
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
