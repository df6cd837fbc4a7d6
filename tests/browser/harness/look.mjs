// A browser in which nothing may go wrong unseen: errors, refused loads and requests to elsewhere fail
// the test that met them.

import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { start } from "./chromium.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const found = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
const executablePath = process.env.CHROMIUM ?? found;

/** How every screen is looked at: names, and what of the browser makes it so. */
export const looks = [
  ["light", { colorScheme: "light" }],
  ["dark", { colorScheme: "dark" }],
  ["narrow", { colorScheme: "light", viewport: { width: 320, height: 640 } }],
];

export async function launch() {
  if (!executablePath) throw new Error("no Chromium: install Debian's package `chromium`, or name one in CHROMIUM");
  return (await start(executablePath)).browser();
}

/** A browser that knows nothing yet, which may use the clipboard. */
export async function fresh(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  return context;
}

/** A page in it, with what goes wrong there. */
export async function tab(context, address) {
  const page = await context.newPage();
  const wrong = [];
  page.on("pageerror", (error) => wrong.push(String(error)));
  page.on("console", (message) => {
    // That a request was refused is an answer like others.
    if (message.type() === "error" && !/status of 422/.test(message.text())) wrong.push(message.text());
  });
  page.on("request", (request) => {
    const { hostname, protocol } = new URL(request.url());
    if (/^https?:$/.test(protocol) && !["127.0.0.1", "localhost"].includes(hostname)) wrong.push(`it asked ${request.url()}`);
  });
  await page.goto(address);
  return { page, wrong };
}

/** A page of its own, with what goes wrong in it. */
export async function open(browser, address, options) {
  const context = await fresh(browser, options);
  return { ...(await tab(context, address)), close: () => context.close() };
}

/** Agrees to the app that the page asks about, once it was read to its end. */
export async function agree(page) {
  const prompt = page.getByRole("dialog");
  const yes = prompt.getByRole("button", { name: "Install" });
  await yes.waitFor();
  await prompt.locator(".prompt-text").press("End");
  await yes.click({ timeout: 10_000 });
}

/** What an accessibility checker finds wrong in a page or a frame, in words. */
export async function faults(page) {
  // The page's policy keeps it out, so it comes by the debugger, which no policy binds.
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(AXE);
  const { violations } = await page.evaluate(() =>
    window.axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
      // One of another origin does not answer, and is waited for: it is looked at by itself.
      iframes: false,
    }),
  );
  return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html).join(" ; ")}`);
}

/** Whether anything sticks out sideways. */
export function overflow(page) {
  return page.evaluate(() => document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth);
}
