// The store over a browser's files: the kit, and what no kit can bring about.

import assert from "node:assert/strict";

import { Tab } from "../harness/workers.mjs";

export const MODULE = "/tests/myrhiza_browser_tests.js";

export async function store({ context, origin, report }) {
  const tab = await Tab.open(context, origin);
  let worker = await tab.worker(MODULE);
  const names = await worker.call("kit_checks");
  for (const [number, name] of names.entries()) {
    const held = await report.check(`store::kit::${name}`, () => worker.call("kit_check", number));
    if (!held) {
      await worker.end();
      worker = await tab.worker(MODULE);
    }
  }
  await worker.end();

  await report.check("store::a_second_worker_is_refused_with_words", async () => {
    const first = await tab.worker(MODULE);
    await first.call("hold", "taken");
    const second = await tab.worker(MODULE);
    const words = /another tab or window of this browser has taken open/;
    await assert.rejects(second.call("hold", "taken"), words);
    await first.end();
    await second.call("hold", "taken");
    await second.end();
  });

  await report.check("store::a_second_tab_is_refused_with_words_and_has_it_after_the_first", async () => {
    const first = await tab.worker(MODULE);
    await first.call("hold", "home");
    assert.equal(await first.call("put", "home", 1), "ok");
    const other = await Tab.open(context, origin);
    const second = await other.worker(MODULE);
    const words = /another tab or window of this browser has home open/;
    await assert.rejects(second.call("hold", "home"), words);
    assert.equal(await first.call("put", "home", 2), "ok");
    const { held } = await tab.page.evaluate(() => navigator.locks.query());
    assert.deepEqual(held.map((lock) => lock.name), ["myrhiza-store-opfs/home/store.redb"]);
    await first.call("let_go", "home");
    await second.call("hold", "home");
    assert.deepEqual(await second.call("numbers", "home", 5), [1, 2]);
    await other.close();
    await first.end();
  });

  await report.check("store::a_folder_is_open_once_and_only_after_it_is_made_ready", async () => {
    const worker = await tab.worker(MODULE);
    await assert.rejects(worker.call("open_again", "once"), /was not made ready in this worker/);
    await worker.call("make_ready", "once");
    await worker.call("make_ready", "once");
    await worker.call("open_again", "once");
    await worker.call("hold", "once");
    await assert.rejects(worker.call("open_again", "once"), /is open in this worker/);
    await assert.rejects(worker.call("try_release", "once"), /is open in this worker/);
    await worker.call("let_go", "once");
    await assert.rejects(worker.call("open_again", "once"), /was not made ready in this worker/);
    await worker.end();
  });

  await report.check("store::a_handle_that_somebody_else_has_is_waited_for", async () => {
    const other = await tab.worker("/page/by_hand.js");
    await other.call("take", "lent", "store.redb");
    await other.call("leave", 1000);
    const worker = await tab.worker(MODULE);
    await worker.call("hold", "lent");
    await worker.end();
    await other.call("take", "lent", "store.redb");
    const next = await tab.worker(MODULE);
    const words = /another tab or window of this browser has lent open/;
    await assert.rejects(next.call("hold", "lent"), words);
    await other.end();
    await next.call("hold", "lent");
    await next.end();
  });

  await report.check("store::what_a_browser_refuses_is_told_in_words", async () => {
    const told = async (change, words) => {
      const worker = await tab.worker(MODULE);
      await tab.page.workers().at(-1).evaluate(change);
      await assert.rejects(worker.call("hold", "refused"), words);
      await worker.end();
    };
    await told(() => {
      navigator.storage.getDirectory = async () => {
        throw new DOMException("denied", "SecurityError");
      };
    }, /lets this page keep no files \(denied\); leave the private window/);
    await told(() => {
      navigator.storage.getDirectory = undefined;
    }, /there is no navigator.storage.getDirectory here/);
    await told(() => {
      delete WorkerNavigator.prototype.locks;
    }, /there is no navigator.locks here/);
  });

  await report.check("store::a_page_is_told_that_there_are_no_files_for_it", async () => {
    // A page itself has no handles; it says so as a browser without any would.
    const told = await tab.page.evaluate(async (module) => {
      const loaded = await import(module);
      await loaded.default();
      return loaded.make_ready("page").catch((error) => error.message);
    }, MODULE);
    assert.match(told, /no createSyncAccessHandle here/);
    assert.match(told, /a dedicated worker/);
  });

  await report.check("store::a_file_cut_short_at_its_making_is_made_again", async () => {
    await tab.page.evaluate(async () => {
      const root = await navigator.storage.getDirectory();
      const folder = await root.getDirectoryHandle("cut", { create: true });
      const file = await folder.getFileHandle("store.redb", { create: true });
      const stream = await file.createWritable();
      const bytes = new Uint8Array(1 << 20);
      bytes.set([1, 2, 3], 9);
      await stream.write(bytes);
      await stream.close();
    });
    let worker = await tab.worker(MODULE);
    await worker.call("hold", "cut");
    assert.equal(await worker.call("put", "cut", 1), "ok");
    await worker.end();
    worker = await tab.worker(MODULE);
    await worker.call("hold", "cut");
    assert.deepEqual(await worker.call("numbers", "cut", 3), [1]);
    await worker.end();
  });

  await tab.close();
}
