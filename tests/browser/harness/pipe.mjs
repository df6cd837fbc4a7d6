// Chromium without a driver between: playwright keeps pages awake and in sight, and here they sleep.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { FLAGS } from "./chromium.mjs";

export class Chromium {
  constructor(executable) {
    this.profile = mkdtempSync(join(tmpdir(), "myrhiza-chromium-"));
    const own = ["--headless=new", "--no-sandbox", "--remote-debugging-pipe", `--user-data-dir=${this.profile}`];
    const stdio = ["ignore", "ignore", "ignore", "pipe", "pipe"];
    this.process = spawn(executable, [...FLAGS, ...own, "about:blank"], { stdio });
    this.gone = new Promise((gone) => this.process.once("exit", gone));
    this.open = new Map();
    this.workers = new Map();
    this.next = 0;
    let rest = "";
    this.process.stdio[4].setEncoding("utf8").on("data", (text) => {
      const messages = (rest + text).split("\0");
      rest = messages.pop();
      for (const message of messages) this.#hear(JSON.parse(message));
    });
  }

  #hear({ id, result, error, method, params, sessionId }) {
    if (method === "Target.attachedToTarget" && params.targetInfo.type === "worker") {
      this.workers.set(sessionId, params.sessionId);
    }
    const open = this.open.get(id);
    this.open.delete(id);
    if (error) open?.reject(new Error(error.message));
    else open?.resolve(result);
  }

  send(method, params = {}, sessionId) {
    const id = this.next++;
    return new Promise((resolve, reject) => {
      this.open.set(id, { resolve, reject });
      this.process.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  }

  // Another tab, which comes before all others; they are out of sight from then on.
  async tab(url) {
    const { targetId } = await this.send("Target.createTarget", { url });
    const { sessionId } = await this.send("Target.attachToTarget", { targetId, flatten: true });
    const attach = { autoAttach: true, waitForDebuggerOnStart: false, flatten: true };
    await this.send("Target.setAutoAttach", attach, sessionId);
    return new Tab(this, targetId, sessionId);
  }

  async close() {
    // Whoever is killed leaves processes that still write into the profile.
    this.send("Browser.close").catch(() => {});
    const late = setTimeout(() => this.process.kill("SIGKILL"), 10_000);
    await this.gone;
    clearTimeout(late);
    // What it leaves behind may still have their other ends.
    for (const pipe of this.process.stdio) pipe?.destroy();
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

class Tab {
  constructor(browser, targetId, sessionId) {
    Object.assign(this, { browser, targetId, sessionId });
  }

  send(method, params) {
    return this.browser.send(method, params, this.sessionId);
  }

  // Calls a function in the page.
  async run(what, ...given) {
    const expression = `(${what})(...${JSON.stringify(given)})`;
    const way = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails: thrown } = await this.send("Runtime.evaluate", way);
    if (thrown) throw new Error(thrown.exception?.description ?? thrown.text);
    return result.value;
  }

  // Until it gives something.
  async until(what, ...given) {
    for (let tries = 0; tries < 1200; tries += 1) {
      const value = await this.run(what, ...given).catch(() => null);
      if (value) return value;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`never: ${what}`);
  }

  // Neither the page nor its worker does anything, until it is thawed.
  async freeze() {
    await this.until(() => document.hidden);
    await this.send("Page.setWebLifecycleState", { state: "frozen" });
    // The worker sleeps a little later than its page.
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }

  thaw() {
    return this.send("Page.setWebLifecycleState", { state: "active" });
  }

  // Takes the network from the page and its worker, or gives it back; what is open stays so. The worker
  // has `navigator.onLine` from the page, and rules of its own for what it asks for.
  async offline(offline) {
    const none = { offline, latency: 0, downloadThroughput: -1, uploadThroughput: -1 };
    await this.send("Network.enable");
    await this.send("Network.emulateNetworkConditions", none);
    const worker = this.browser.workers.get(this.sessionId);
    await this.browser.send("Network.enable", {}, worker);
    const rule = { ...none, urlPattern: "" };
    await this.browser.send("Network.emulateNetworkConditionsByRule", { offline, matchedNetworkConditions: [rule] }, worker);
  }

  close() {
    return this.browser.send("Target.closeTarget", { targetId: this.targetId });
  }
}
