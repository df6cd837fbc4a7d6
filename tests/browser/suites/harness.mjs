// What the harness must notice, or all else would be told to be well.

import assert from "node:assert/strict";

import { Tab } from "../harness/workers.mjs";

// Waits for something to have gone wrong that says `part`.
async function noticed(watch, part) {
  const problems = [];
  for (let tries = 0; tries < 100; tries += 1) {
    problems.push(...watch.take());
    if (problems.some((problem) => problem.includes(part))) {
      // What comes of the same cause, a moment later, is not the next check's.
      await new Promise((resume) => setTimeout(resume, 300));
      watch.take();
      return;
    }
    await new Promise((resume) => setTimeout(resume, 50));
  }
  assert.fail(`nothing noticed says ${part}: ${problems.join("; ")}`);
}

export async function harness({ context, origin, report, watch }) {
  await report.check("harness::what_the_policy_forbids_a_page_is_noticed", async () => {
    const tab = await Tab.open(context, origin);
    await tab.page.evaluate(() => {
      const script = document.createElement("script");
      script.src = URL.createObjectURL(new Blob(["1"], { type: "text/javascript" }));
      document.head.append(script);
    });
    await noticed(watch, "policy: script-src");
    await tab.close();
  });

  await report.check("harness::what_the_policy_forbids_a_worker_is_noticed", async () => {
    const tab = await Tab.open(context, origin);
    const worker = await tab.worker("/page/wrong.js");
    await worker.call("reach", "http://127.0.0.1:9/").catch(() => {});
    await noticed(watch, "policy: connect-src");
    await tab.close();
  });

  await report.check("harness::errors_of_a_worker_are_noticed", async () => {
    const tab = await Tab.open(context, origin);
    const worker = await tab.worker("/page/wrong.js");
    await worker.call("complain", "said by a worker");
    await noticed(watch, "said by a worker");
    await worker.call("fail_later", "failed in a worker");
    await noticed(watch, "failed in a worker");
    await tab.close();
  });

  await report.check("harness::nothing_but_this_machine_is_reached", async () => {
    const tab = await Tab.open(context, origin);
    const page = tab.page.goto("http://example.org/");
    await assert.rejects(page, /ERR_NAME_NOT_RESOLVED/);
    await tab.close();
    watch.take();
  });
}
