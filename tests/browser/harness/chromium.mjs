// Chromium with a profile of its own, which reaches nothing but this machine.

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

// Resolves to playwright's context; `close` of it ends the browser and removes its profile.
export function start(executable) {
  // A profile in a folder for the time being. Without one, what pages write would stay in memory.
  const profile = "";
  return chromium.launchPersistentContext(profile, {
    executablePath: executable,
    headless: true,
    // It cannot be had where this runs as root.
    chromiumSandbox: false,
    args: FLAGS,
  });
}
