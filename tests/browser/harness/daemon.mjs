// A process that goes on until it is told to end, and says as one line of JSON that it is ready.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

// Of what it said for a person, the last: enough for a panic and the panic in that one.
const KEPT = 65536;

export class Daemon {
  #process;
  #said = "";
  #over;

  constructor(program, args, env = {}) {
    this.#process = spawn(program, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    this.#process.stderr.setEncoding("utf8").on("data", (text) => (this.#said = (this.#said + text).slice(-KEPT)));
    // Once all that it said was read. It may be long over when that is asked for.
    this.#over = new Promise((over) => this.#process.once("close", (code, signal) => over(code ?? signal)));
    this.name = `${program} ${args.join(" ")}`;
  }

  /** What it says once it is ready. */
  async ready() {
    for await (const line of createInterface({ input: this.#process.stdout })) return JSON.parse(line);
    throw this.#ended(await this.#over);
  }

  /** Ends it, gently. It fails if that happened before, or does not happen. */
  async end() {
    const asked = this.#process.kill("SIGTERM");
    const late = setTimeout(() => this.#process.kill("SIGKILL"), 30_000);
    // Nobody reads on, and it is not over before that is closed.
    this.#process.stdout.resume();
    const how = await this.#over;
    clearTimeout(late);
    if (!asked || how !== 0) throw this.#ended(how);
  }

  #ended(how) {
    return new Error(`${this.name} ended by ${how}, and said last:\n${this.#said}`);
  }
}
