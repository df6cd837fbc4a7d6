// A home in a browser of its own, asked through its worker without a shell; and a relay.
//
// MYRHIZA_PAGE names the folder with the page, as `cargo xtask build browser` makes it.

import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { start } from "./chromium.mjs";
import { Daemon } from "./daemon.mjs";
import { command, Home } from "./home.mjs";
import { serve } from "./serve.mjs";
import { Watch } from "./watch.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");
const target = process.env.CARGO_TARGET_DIR ?? join(root, "target");
export const folder = process.env.MYRHIZA_PAGE ?? join(target, "browser/page");
export const chromium = process.env.CHROMIUM ?? "/usr/bin/chromium";

/** Serves the page, as any server of files would; another than was built, where one is named. */
export function site({ peer = folder, hold } = {}) {
  const page = join(root, "tests/browser/page");
  return serve({ peer, page }, { connect: ["ws:", "http:"], hold });
}

/** A copy of the page, to change things in. */
export function copy() {
  const peer = mkdtempSync(join(tmpdir(), "myrhiza-page-"));
  cpSync(folder, peer, { recursive: true });
  return { peer, remove: () => rmSync(peer, { recursive: true, force: true }) };
}

/** A profile that outlives its browser. */
export function profile() {
  const path = mkdtempSync(join(tmpdir(), "myrhiza-profile-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** A relay on loopback; its URL, and what ends it. */
export async function relay(port = 0) {
  const relay = new Daemon(command, ["relay", "--listen", `127.0.0.1:${port}`, "--json"]);
  const { url } = await relay.ready();
  return { url, end: () => relay.end() };
}

/** A site, a relay, and a node behind it with a counter that whoever has the ticket may join. */
export async function tally() {
  const there = { server: await site(), way: await relay(), ann: new Home("ann") };
  const { ann, way } = there;
  try {
    await ann.up("--relay", way.url, "--listen", "127.0.0.1:0");
    ann.install("counter");
    const { topic } = ann.run("topic", "create", "counter");
    const { ticket } = ann.run("topic", "invite", topic, "--uses", "0");
    return { ...there, topic, ticket };
  } catch (error) {
    await end(there);
    throw error;
  }
}

/** Ends what there is of it. */
export async function end({ server, way, ann }) {
  try {
    await ann?.end();
  } finally {
    await way?.end();
    await server?.close();
  }
}

/** A browser with a home in it. */
export class BrowserHome {
  static async open(server, profile = "") {
    const home = new BrowserHome();
    home.server = server;
    home.context = await start(chromium, profile);
    home.watch = new Watch(home.context, server.reports);
    home.page = await home.tab();
    return home;
  }

  /** Another tab of it. */
  async tab() {
    const page = await this.context.newPage();
    await page.goto(`${this.server.origin}/page/home.html`);
    await page.waitForFunction(() => globalThis.ask);
    return page;
  }

  /** Asks its worker. What is refused is thrown, with the error as JSON. */
  ask(method, params = {}, page = this.page) {
    return page.evaluate(([method, params]) => globalThis.ask(method, params), [method, params]);
  }

  /** Asks until the answer is as wished. */
  async until(method, params, wished, page = this.page, seconds = 60) {
    const end = Date.now() + seconds * 1000;
    for (;;) {
      // What is refused now may not be in a moment.
      const answer = await this.ask(method, params, page).catch((error) => error.message);
      if (wished(answer)) return answer;
      if (Date.now() > end) {
        const peers = JSON.stringify(await this.ask("peers"));
        const journal = JSON.stringify(await this.ask("journal", { after: null }));
        throw new Error(`${method} is still ${JSON.stringify(answer)}; peers ${peers}; ${journal}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Joins by a ticket, and installs what comes for it. */
  async enter(ticket) {
    const { topic } = await this.ask("join", { ticket, name: null, even_if_expired: false });
    const known = (await this.ask("apps")).map((app) => app.bundle);
    const missing = (topics) => topics.find((one) => one.id === topic && !known.includes(one.bundle));
    if (missing(await this.ask("topics"))) {
      const [{ bundle }] = await this.until("offers", {}, (offers) => offers.length > 0);
      const { shown } = await this.ask("offer", { bundle });
      await this.ask("confirm", { bundle, shown, pin: false });
    }
    return topic;
  }

  /** Ends the browser, all of it, as when a machine loses its power or the system ends it. */
  async kill() {
    const session = await this.context.browser().newBrowserCDPSession();
    const { processInfo } = await session.send("SystemInfo.getProcessInfo");
    const gone = new Promise((gone) => this.context.once("close", gone));
    // The processes that it started, and no others.
    for (const { id } of processInfo) {
      try {
        process.kill(id, "SIGKILL");
      } catch {
        // Ended with the one before.
      }
    }
    await gone;
  }

  close() {
    return this.context.close();
  }
}
