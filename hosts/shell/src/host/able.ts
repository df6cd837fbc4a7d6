// What a home in a browser needs of the browser, and what is said where it is missing.

import type { Fault } from "./interface.js";

const NOT_STARTED = "This page was not started";

function missing(): string[] {
  const all: [string, boolean][] = [
    ["WebAssembly", "WebAssembly" in globalThis],
    ["files for a page (OPFS)", typeof navigator.storage?.getDirectory === "function"],
    ["locks between tabs (Web Locks)", "locks" in navigator && !!navigator.locks],
    ["a channel between tabs (BroadcastChannel)", "BroadcastChannel" in globalThis],
    ["a database (IndexedDB)", !!globalThis.indexedDB],
    ["encryption (Web Crypto)", !!globalThis.crypto?.subtle],
    ["workers", "Worker" in globalThis],
  ];
  return all.filter(([, has]) => !has).map(([name]) => name);
}

/** What is said of what this browser does not have. */
export function lacking(names: readonly string[]): Fault {
  return {
    code: "browser",
    what: NOT_STARTED,
    cause: `this browser has no ${names.join(", no ")}`,
    next: "Use a browser of 2023 or later, such as Chromium, Firefox or Safari, or update this one.",
  };
}

/** Why a home cannot be in this browser, or null where it can. */
export async function unable(): Promise<Fault | null> {
  if (!globalThis.isSecureContext) {
    return {
      code: "insecure",
      what: NOT_STARTED,
      cause: "it came by http: from another machine, and a browser keeps keys and files for pages that came by https: alone",
      next: "Open it by https:, or serve it from this machine.",
    };
  }
  const lacks = missing();
  if (lacks.length > 0) return lacking(lacks);
  try {
    await navigator.storage.getDirectory();
  } catch (error) {
    return {
      code: "refused-storage",
      what: NOT_STARTED,
      cause: `the browser lets this page keep no files (${error instanceof Error ? error.message : String(error)})`,
      next: "Leave the private window, or allow this site to keep data, and load the page again.",
    };
  }
  return null;
}
