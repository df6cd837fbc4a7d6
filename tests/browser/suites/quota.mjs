// A browser that has no more room for a site.

import assert from "node:assert/strict";

import { Tab } from "../harness/workers.mjs";
import { MODULE } from "./store.mjs";

const MOST = 200;
const ROOM = 8 << 20;

export async function quota({ context, origin, report }) {
  const tab = await Tab.open(context, origin);
  const session = await context.newCDPSession(tab.page);
  const used = () => tab.page.evaluate(async () => (await navigator.storage.estimate()).usage);
  const allow = (bytes) =>
    session.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: bytes });
  const give_back = () => session.send("Storage.overrideQuotaForOrigin", { origin });

  await report.check("quota::where_there_is_no_room_writes_fail_and_nothing_is_lost", async () => {
    let worker = await tab.worker(MODULE);
    await worker.call("hold", "full");
    await allow((await used()) + ROOM);
    let count = 0;
    let outcome;
    while (count < MOST) {
      outcome = await worker.call("put", "full", count);
      if (outcome !== "ok") break;
      count += 1;
    }
    assert.equal(outcome, "full");
    assert.ok(count > 0, "nothing was acknowledged");
    const all = Array.from({ length: count }, (_, number) => number);
    const there = async () => assert.deepEqual(await worker.call("numbers", "full", MOST), all);

    // In the worker that met with it, and again and again.
    await there();
    for (let tries = 0; tries < 3; tries += 1) {
      assert.equal(await worker.call("put", "full", count), "full");
      await there();
    }
    // In one that finds it so.
    await worker.end();
    worker = await tab.worker(MODULE);
    await worker.call("hold", "full");
    await there();
    assert.equal(await worker.call("put", "full", count), "full");

    await give_back();
    assert.equal(await worker.call("put", "full", count), "ok");
    all.push(count);
    await there();
    await worker.end();
  });

  await report.check("quota::a_store_is_not_made_where_there_is_no_room", async () => {
    // Far below what is used: a handle keeps more room than it fills, and gives it back some time after.
    await allow(1);
    const worker = await tab.worker(MODULE);
    await assert.rejects(worker.call("hold", "late"), /no space left/);
    await give_back();
    await worker.call("let_go", "late");
    await worker.call("hold", "late");
    assert.equal(await worker.call("put", "late", 1), "ok");
    await worker.end();
  });

  await give_back();
  await tab.close();
}
