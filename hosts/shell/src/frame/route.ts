// Where one is in the page: the part of the address after `#`.

import type { Hex } from "../host/methods.js";

export const TABS = ["view", "history", "members", "invite", "state", "agreement"] as const;
export type Tab = (typeof TABS)[number];

export type Route =
  | { readonly at: "topics" | "join" | "peers" | "journal" | "about" }
  | { readonly at: "apps"; /** To choose that of a new topic. */ readonly choosing: boolean }
  | { readonly at: "topic"; readonly topic: Hex; readonly tab: Tab; readonly event: Hex | null };

const PLAIN = ["topics", "join", "peers", "journal", "about"] as const;
const ID = /^[0-9a-f]{64}$/;

export function readRoute(hash: string): Route {
  const [at = "", topic = "", tab = "", event = ""] = hash.replace(/^#\/?/, "").split("/");
  if (at === "topic" && ID.test(topic)) {
    const known = TABS.find((name) => name === tab) ?? "view";
    return { at, topic, tab: known, event: known === "history" && ID.test(event) ? event : null };
  }
  if (at === "apps") return { at, choosing: topic === "choose" };
  return { at: PLAIN.find((name) => name === at) ?? "topics" };
}

export function topicPath(topic: Hex, tab: Tab = "view", event: Hex | null = null): string {
  return `#/topic/${topic}${tab === "view" ? "" : `/${tab}`}${event ? `/${event}` : ""}`;
}

/** Where the app of a new topic is chosen. */
export const CHOOSE = "#/apps/choose";

export function go(path: string): void {
  location.hash = path;
}
