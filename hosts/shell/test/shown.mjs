// A topic that a node has founded, at one of the two pages that show it: the node's own, or that of a home
// in a browser that has joined it through a relay.

import { mkdirSync } from "node:fs";

import { relay, site } from "../../../tests/browser/harness/browser-home.mjs";
import { Home, shots } from "../../../tests/browser/harness/home.mjs";
import { agree, fresh, launch, tab } from "../../../tests/browser/harness/look.mjs";

export const hosts = ["node", "browser"];

/** Joining takes a relay, and a kernel that is compiled in the browser. */
export const patience = { timeout: 180_000 };

export class Shown {
  static async found(host, app) {
    const shown = new Shown();
    mkdirSync(shots, { recursive: true });
    try {
      await shown.#found(host, app);
    } catch (error) {
      await shown.end();
      throw error;
    }
    return shown;
  }

  async #found(host, app) {
    /** Whether who is at the page is who has the node. */
    this.isSame = host === "node";
    this.browser = await launch();
    this.context = await fresh(this.browser);
    this.ada = new Home("ada");
    this.ada.install(app);
    ({ topic: this.topic } = this.ada.run("topic", "create", app, "--name", "shown"));
    if (this.isSame) {
      this.address = await this.ada.up();
      return;
    }
    [this.server, this.way] = await Promise.all([site(), relay()]);
    await this.ada.up("--relay", this.way.url, "--listen", "127.0.0.1:0");
    this.address = `${this.server.origin}/peer/index.html`;
    await this.#join();
  }

  async #join() {
    const { ticket } = this.ada.run("topic", "invite", this.topic);
    const { page } = await tab(this.context, `${this.address}#/join`);
    await page.getByLabel(/The ticket/).fill(ticket);
    await page.getByRole("button", { name: "Join", exact: true }).click();
    await page.getByRole("button", { name: "Look at it" }).click({ timeout: 60_000 });
    await agree(page);
    await page.locator(".app").waitFor({ timeout: 60_000 });
    await page.close();
  }

  /** Opens a page at the topic; what goes wrong in it is told at its end. */
  async at(what, { colorScheme = "light", viewport = { width: 1280, height: 900 } } = {}) {
    const { page, wrong } = await tab(this.context, this.address);
    try {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize(viewport);
      await page.evaluate((topic) => (location.hash = `#/topic/${topic}`), this.topic);
      await page.locator(".app").waitFor({ timeout: 60_000 });
      await what(page);
      if (wrong.length > 0) throw new Error(wrong.join("\n"));
    } finally {
      await page.close();
    }
  }

  async end() {
    await this.browser?.close();
    await this.ada?.end();
    await this.way?.end();
    await this.server?.close();
  }
}

/** Waits until something is as wished. */
export async function until(what, wish) {
  for (const end = Date.now() + 20_000; ; await new Promise((later) => setTimeout(later, 50))) {
    const is = await what();
    if (wish(is)) return is;
    if (Date.now() > end) throw new Error(`still ${JSON.stringify(is)}`);
  }
}
