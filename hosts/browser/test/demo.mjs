// A home in a browser, for `cargo xtask demo`: what comes as lines of JSON is done by it in turn, and each
// line is answered by one.
//
//   { "enter": TICKET }                 joins, installs what comes for it, and answers with the topic
//   { "ask": METHOD, "params": … }      answers as its worker does
//
// An answer is `{ "answer" }`, or `{ "error" }` in words. The end of the lines ends the browser; it fails if
// anything went wrong beside what was asked.

import { createInterface } from "node:readline";

import { BrowserHome, site } from "../../../tests/browser/harness/browser-home.mjs";
import { within } from "../../../tests/browser/harness/report.mjs";

// Nothing takes half as long.
const SECONDS = 90;

const server = await site();
const home = await BrowserHome.open(server);
for await (const line of createInterface({ input: process.stdin })) {
  const { enter, ask, params } = JSON.parse(line);
  const asked = enter === undefined ? home.ask(ask, params) : home.enter(enter);
  const told = await within(SECONDS, asked).then(
    (answer) => ({ answer }),
    (error) => ({ error: error.message }),
  );
  console.log(JSON.stringify(told));
}
const wrong = home.watch.take();
for (const problem of wrong) console.error(problem);
process.exitCode = wrong.length > 0 ? 1 : 0;
await home.close();
await server.close();
