// How a home stands in a topic, in words.

import type { Topic } from "../host/methods.js";
import { line, short } from "./words.js";

export interface Remark {
  readonly tone: "good" | "warning" | "bad" | "muted";
  readonly words: string;
  /** That its app is missing. */
  readonly ofApp?: true;
}

/** What is to be said of a topic beside its name, the most pressing first. */
export function remarks(topic: Topic): Remark[] {
  const all: Remark[] = [];
  const say = (tone: Remark["tone"], words: string): number => all.push({ tone, words });
  switch (topic.standing) {
    case "removed":
      say("bad", "You were removed");
      break;
    case "revoked":
      say("bad", "This home’s key was revoked");
      break;
    case "rejected":
      say("bad", `You were not let in: ${line(topic.why)}`);
      break;
    case "outside":
      say("warning", "You are not a member");
      break;
    case "awaited":
      say("warning", "Waiting for it to come from a peer");
      break;
    default:
  }
  if (topic.denied && topic.standing !== "removed") {
    say("warning", "No peer that was reached shares it with you: you may have been removed, or the ticket was ended");
  }
  if (topic.revoked) say("warning", "The author has withdrawn this version of the app");
  if (topic.next) {
    const words = `Goes on with ${line(topic.next.name)} ${topic.next.version}, which is not installed`;
    all.push({ tone: "warning", words, ofApp: true });
  } else if (topic.app === null) {
    all.push({ tone: "warning", words: `The app is not installed (bundle ${short(topic.bundle)})`, ofApp: true });
  } else if (!topic.folded) {
    say("muted", "Being brought up to date");
  }
  return all;
}
