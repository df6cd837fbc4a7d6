// Chromium with a profile of its own, which reaches nothing but this machine.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const FLAGS = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
];

// Starts it. `context` is playwright's; `close` ends it and removes the profile. A context that is not
// bound to a profile on disk would keep the pages' files in memory.
export async function start(executable) {
  const profile = await mkdtemp(join(tmpdir(), "myrhiza-chromium-"));
  const remove = () => rm(profile, { recursive: true, force: true, maxRetries: 5 });
  try {
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: executable,
      headless: true,
      // It cannot be had where this runs as root.
      chromiumSandbox: false,
      args: FLAGS,
    });
    const close = async () => {
      await context.close();
      await remove();
    };
    return { context, close };
  } catch (error) {
    await remove();
    throw error;
  }
}
