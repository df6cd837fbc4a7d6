// Homes and their nodes, as real processes.
//
// MYRHIZA names the command and MYRHIZA_APPS the folder of packed bundles; without, both are where
// `cargo xtask build native` and `cargo xtask guests` leave them.

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { Daemon } from "./daemon.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");
const target = process.env.CARGO_TARGET_DIR ?? join(root, "target");
export const command = process.env.MYRHIZA ?? join(target, "debug/myrhiza");
export const apps = process.env.MYRHIZA_APPS ?? join(target, "apps");
export const shell = process.env.MYRHIZA_SHELL ?? join(target, "shell");
export const shots = process.env.SCREENSHOTS ?? join(target, "screenshots");

// When it is used: what drives the demo's browser has only some of it.
function built(path, how) {
  if (!existsSync(path)) throw new Error(`${path} is not there: run \`${how}\``);
  return path;
}

/** A person's home in a folder that goes away with `end`. */
export class Home {
  constructor(name) {
    this.folder = mkdtempSync(join(tmpdir(), `myrhiza-${name}-`));
    this.run("init", "--no-passphrase", "--name", name);
  }

  /** Runs a command; what it prints with `--json`. What it says to a person is in the error, if it fails. */
  run(...args) {
    const all = ["--home", this.folder, ...args, "--json"];
    const program = built(command, "cargo xtask build native");
    return JSON.parse(execFileSync(program, all, { encoding: "utf8", stdio: "pipe" }));
  }

  install(app) {
    const bundle = built(join(apps, `${app}.myr`), "cargo xtask guests");
    return this.run("app", "install", bundle, "--yes");
  }

  /** Starts its node; the address of its page. */
  async up(...args) {
    const all = ["--home", this.folder, "up", "--json", ...args];
    built(join(shell, "index.html"), "cargo xtask build shell");
    this.node = new Daemon(command, all, { MYRHIZA_SHELL: shell });
    this.started = await this.node.ready();
    return this.started.page;
  }

  async down() {
    const { node } = this;
    this.node = null;
    await node?.end();
  }

  async end() {
    try {
      await this.down();
    } finally {
      rmSync(this.folder, { recursive: true, force: true });
    }
  }
}
