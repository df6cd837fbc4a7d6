// Runs the kit's checks and the golden histories, and with `measure` times calls.
//
//   node run.mjs MODULE GOLDEN [measure APPS]
//
// MODULE is the JavaScript that `myrhiza-bindgen nodejs` made, GOLDEN the folder of histories, APPS
// that of components. Prints a line for each, and fails if one does.

import { readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [module, golden, measure, apps] = process.argv.slice(2);
const suite = await import(pathToFileURL(resolve(module)));

let failed = 0;
function run(name, test) {
  try {
    test();
    console.log(`ok      ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${name}\n${error.stack ?? error}`);
  }
}

function time(name, made) {
  const before = performance.now();
  const subject = made();
  const ready = performance.now() - before;
  subject.call(50000);
  const rounds = Array.from({ length: 101 }, () => {
    const start = performance.now();
    subject.call(1000);
    return performance.now() - start;
  });
  // A millisecond for a thousand calls is a microsecond for one.
  rounds.sort((a, b) => a - b);
  const [median, least] = [rounds[50], rounds[0]].map((time) => time.toFixed(2));
  console.log(`${name}: median ${median} µs, least ${least} µs a call`);
  console.log(`${name}: admitted and compiled in ${ready.toFixed(1)} ms`);
}

if (measure === "measure") {
  time("get and set", () => suite.Measured.get_and_set());
  const counter = readFileSync(join(apps, "counter-state-apply.wasm"));
  time("counter", () => suite.Measured.of(counter, Uint8Array.of(0x81, 1)));
} else {
  const checks = suite.checks();
  checks.forEach((name, number) => run(name, () => suite.check(number)));
  for (const app of readdirSync(golden).sort()) {
    const file = (name) => readFileSync(join(golden, app, name));
    run(`golden::${app}`, () =>
      suite.golden(file("app.bundle"), file("history.myrtopic"), file("fold.json")),
    );
  }
  const transcripts = suite.transcripts();
  run(`${transcripts.length}_random_components_end_as_on_every_engine`, () => {
    transcripts.forEach((expected, seed) => {
      const made = suite.transcript(seed);
      if (made !== expected) throw new Error(`seed ${seed}: ${made}, not ${expected}`);
    });
  });
  // The last: afterwards the module is not to be used.
  run("a_panic_of_the_host_ends_the_program", () => {
    let ended;
    try {
      ended = suite.panic();
    } catch (error) {
      if (error instanceof WebAssembly.RuntimeError && suite.panics() === 1) return;
      throw new Error(`${suite.panics()} panics`, { cause: error });
    }
    throw new Error(`the call returned: ${ended}`);
  });
  console.log(`${checks.length} checks and the golden histories ran, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}
