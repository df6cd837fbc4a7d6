// Runs the tests of the browser tier in Chromium.
//
//   node run.mjs CHROMIUM MODULES GOLDEN [only TEXT | measure]
//
// MODULES is the folder of the modules that `myrhiza-bindgen web` made, GOLDEN that of histories. Prints
// a line for each check, and fails if one does, if a page or worker says an error, or if something asks
// for what the content security policy forbids. `only` runs the checks whose names begin so;
// `measure` times the store.
//
// A suite is a function in a file of `suites/` that gets what is in `subject` below. What it needs a
// browser for is in `harness/`: one is started, folders are served to it, modules run in its workers, and
// what goes wrong in it is watched.

import { readdirSync } from "node:fs";
import { join } from "node:path";

import { start } from "./harness/chromium.mjs";
import { Report } from "./harness/report.mjs";
import { serve } from "./harness/serve.mjs";
import { Watch } from "./harness/watch.mjs";
import { backend } from "./suites/backend.mjs";
import { harness } from "./suites/harness.mjs";
import { kills } from "./suites/kills.mjs";
import { measured } from "./suites/measured.mjs";
import { quota } from "./suites/quota.mjs";
import { store } from "./suites/store.mjs";

const [chromium, modules, golden, mode, only] = process.argv.slice(2);
const SUITES = [harness, backend, store, quota, kills];
// All of it takes two or three.
const MINUTES = 30;

const server = await serve({
  backend: join(modules, "myrhiza-web-tests"),
  golden,
  page: join(import.meta.dirname, "page"),
  tests: join(modules, "myrhiza-browser-tests"),
});
const context = await start(chromium);
const late = setTimeout(async () => {
  console.log(`FAILED  not done within ${MINUTES} minutes`);
  await context.close();
  process.exit(1);
}, MINUTES * 60_000);
try {
  const watch = new Watch(context, server.reports);
  const report = new Report(watch, only);
  const subject = {
    apps: readdirSync(golden).sort(),
    chromium,
    context,
    origin: server.origin,
    report,
    watch,
  };
  if (mode === "measure") {
    await measured(subject);
  } else {
    for (const suite of SUITES) {
      if (only === undefined || only.startsWith(suite.name)) await suite(subject);
    }
    await report.check("nothing_went_wrong_beside_the_checks", async () => {});
    console.log(`${report.ran} checks ran in Chromium, ${report.failed} failed`);
    process.exitCode = report.failed > 0 ? 1 : 0;
  }
} finally {
  clearTimeout(late);
  await context.close();
  await server.close();
}
// A check that failed may have left something open, which is not waited for.
process.exit();
