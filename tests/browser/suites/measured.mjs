// What the store costs in Chromium. Printed, not judged: machines are noisy.

import { Tab } from "../harness/workers.mjs";
import { MODULE } from "./store.mjs";

const ROUNDS = 15;

export async function measured({ context, origin }) {
  const tab = await Tab.open(context, origin);
  const other = await tab.worker("/page/by_hand.js");
  await other.call("take", "by-hand", "pages");
  const floor = async () => {
    const each = await other.call("pages", 201);
    console.log(`a page written and flushed by hand: mean ${each.toFixed(2)} ms`);
  };
  const worker = await tab.worker(MODULE);
  await floor();
  for (const line of await worker.call("measure", "measured")) console.log(line);
  await floor();
  await worker.end();
  await other.end();

  const waits = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const writer = await Tab.open(context, origin);
    const ended = await writer.worker(MODULE);
    // It tells nothing, so it is not waited for.
    ended.call("write_events_until_ended", "reopened").catch(() => {});
    await new Promise((resume) => setTimeout(resume, 500 + Math.random() * 200));
    await writer.crash();
    const next = await tab.worker(MODULE);
    const [ready, opened] = await next.call("reopen", "reopened");
    waits.push({ ready, opened });
    await next.end();
  }
  const spread = (of) => {
    const sorted = waits.map(of).sort((a, b) => a - b);
    const [least, middle, most] = [0, sorted.length >> 1, sorted.length - 1].map((at) => sorted[at]);
    return `${least.toFixed(0)} to ${most.toFixed(0)} ms, median ${middle.toFixed(0)}`;
  };
  console.log(`after a kill, ready: ${spread((wait) => wait.ready)}`);
  console.log(`after a kill, open: ${spread((wait) => wait.opened)}`);
  await tab.close();
}
