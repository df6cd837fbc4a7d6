// Chromium with a profile of its own, which reaches nothing but this machine.

import { chromium } from "playwright-core";

// A name of this machine that is not known to be its own: of a page that comes from elsewhere.
export const ELSEWHERE = "elsewhere.test";

export const FLAGS = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  `--host-resolver-rules=MAP ${ELSEWHERE} 127.0.0.1 , MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost`,
];

// Resolves to playwright's context; `close` of it ends the browser. The profile is a folder, one for the
// time being unless it is given: without any, what pages write would stay in memory.
export function start(executable, profile = "") {
  return chromium.launchPersistentContext(profile, {
    executablePath: executable,
    headless: true,
    // It cannot be had where this runs as root.
    chromiumSandbox: false,
    args: FLAGS,
  });
}

// Ends the browser as if it had crashed.
export async function crash(context) {
  const session = await context.browser().newBrowserCDPSession();
  const closed = new Promise((closed) => context.once("close", closed));
  // Never answered.
  session.send("Browser.crash").catch(() => {});
  await closed;
}
