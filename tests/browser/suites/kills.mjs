// Workers that are ended, and tabs and browsers that crash, while they commit.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { crash, start } from "../harness/chromium.mjs";
import { Tab } from "../harness/workers.mjs";
import { MODULE } from "./store.mjs";

// A worker that is busy takes two seconds to end, so several are ended side by side.
const SIDE_BY_SIDE = 8;
const ROUNDS = 14;
const CRASHES = 12;
const BROWSERS = 8;

export async function kills({ chromium, context, origin, report }) {
  const name = `kills::${SIDE_BY_SIDE * ROUNDS}_ended_workers_lose_nothing_acknowledged`;
  await report.check(
    name,
    async () => {
      const tab = await Tab.open(context, origin);
      const folders = Array.from({ length: SIDE_BY_SIDE }, (_, number) => `ended/${number}`);
      await Promise.all(folders.map((folder) => ended(tab, folder)));
      await tab.close();
    },
    900,
  );

  await report.check(`kills::${CRASHES}_crashed_tabs_lose_nothing_acknowledged`, async () => {
    let committed = 0;
    for (let round = 0; round < CRASHES; round += 1) {
      const tab = await Tab.open(context, origin);
      committed = await committing(tab, "crashed", committed);
      await tab.crash();
    }
    const tab = await Tab.open(context, origin);
    await found(await tab.worker(MODULE), "crashed", committed);
    await tab.close();
  }, 300);

  await report.check(`kills::${BROWSERS}_crashed_browsers_lose_nothing_acknowledged`, async () => {
    const profile = await mkdtemp(join(tmpdir(), "myrhiza-chromium-"));
    let own;
    try {
      let committed = 0;
      for (let round = 0; round < BROWSERS; round += 1) {
        own = await start(chromium, profile);
        committed = await committing(await Tab.open(own, origin), "crashed", committed);
        await crash(own);
      }
      own = await start(chromium, profile);
      const tab = await Tab.open(own, origin);
      await found(await tab.worker(MODULE), "crashed", committed);
    } finally {
      await own?.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    }
  }, 300);
}

// Starts a worker that commits to a folder, and after a moment resolves to the last that it told.
async function committing(tab, folder, committed) {
  const worker = await tab.worker(MODULE);
  const last = await found(worker, folder, committed);
  await worker.begin("write_until_ended", [folder], last + 1);
  await pause(Math.random() * 60);
  return worker.told();
}

// Ends a worker that commits to a folder, and looks for all that it told, again and again.
async function ended(tab, folder) {
  let committed = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const worker = await tab.worker(MODULE);
    committed = await found(worker, folder, committed);
    await worker.begin("write_until_ended", [folder], committed + 1);
    committed = await worker.end(Math.random() * 40);
  }
  const worker = await tab.worker(MODULE);
  await found(worker, folder, committed);
  await worker.end();
}

// The last batch of a folder, which is not before what was acknowledged.
async function found(worker, folder, acknowledged) {
  const last = await worker.call("last_batch", folder);
  assert.ok(last >= acknowledged, `batch ${acknowledged} was acknowledged, and ${last} is the last`);
  return last;
}

const pause = (milliseconds) => new Promise((resume) => setTimeout(resume, milliseconds));
