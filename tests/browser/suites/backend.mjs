// The backend kit and the golden histories on Chromium's engine, in a worker: what `tests/web` runs in
// Node.

import assert from "node:assert/strict";

import { Tab } from "../harness/workers.mjs";

const MODULE = "/backend/myrhiza_web_tests.js";

export async function backend({ context, origin, report, apps }) {
  const tab = await Tab.open(context, origin);
  let worker = await tab.worker(MODULE);
  const names = await worker.call("checks");
  for (const [number, name] of names.entries()) {
    const held = await report.check(`backend::${name}`, () => worker.call("check", number));
    // A check that failed may have left the module as it should not be.
    if (!held) worker = await tab.worker(MODULE);
  }
  for (const app of apps) {
    const file = (name) => ({ file: `/golden/${app}/${name}` });
    await report.check(`backend::golden::${app}`, () =>
      worker.call("golden", file("app.bundle"), file("history.myrtopic"), file("fold.json")),
    );
  }
  const transcripts = await worker.call("transcripts");
  await report.check(`backend::${transcripts.length}_random_components_end_as_on_every_engine`, async () => {
    for (const [seed, expected] of transcripts.entries()) {
      assert.equal(await worker.call("transcript", seed), expected, `seed ${seed}`);
    }
  });
  await report.check("backend::a_panic_of_the_host_ends_the_program", async () => {
    await assert.rejects(worker.call("panic"), { name: "RuntimeError" });
    assert.equal(await worker.call("panics"), 1);
  });
  await tab.close();
}
