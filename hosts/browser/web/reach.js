// Whether a home's relays answer. What an endpoint does about one that does not is its own affair; here it
// is found out for the person who waits.

import { OFFLINE, relaysAway } from "./words.js";

// Milliseconds that a relay is waited for.
const ANSWER_MS = 5000;
// Milliseconds between two looks, while nobody is connected.
const PAUSE_MS = 15_000;

async function answers(url) {
  // Every relay has it for browsers to ask, from any page; what it says is not looked at, and where it leads to
  // elsewhere it is no relay.
  const asked = { mode: "cors", redirect: "error", credentials: "omit", cache: "no-store", signal: AbortSignal.timeout(ANSWER_MS) };
  try {
    await fetch(new URL("/ping", url), asked);
    return true;
  } catch {
    return false;
  }
}

/** Those that do not answer. */
export async function away(urls) {
  const there = await Promise.all(urls.map(answers));
  return urls.filter((_, at) => !there[at]);
}

/**
 * Looks again and again at how a home is reached. `peers` and `relays` resolve to what it has;
 * `tell` hears what keeps everybody away, or null. Whoever calls what is returned has it looked at once.
 */
export function watch({ peers, relays, tell }) {
  let last = null;
  const say = (trouble) => {
    if (trouble?.cause === last?.cause) return;
    last = trouble;
    tell(trouble);
  };
  const look = async () => {
    if ((await peers()).length > 0) return say(null);
    const urls = await relays();
    // It has nobody to reach yet.
    if (urls.length === 0) return say(null);
    if (!navigator.onLine) return say(OFFLINE);
    const missing = await away(urls);
    say(missing.length === urls.length ? relaysAway(urls) : null);
  };
  // A home that is just being opened anew is looked at the next time.
  const tried = () => look().catch(() => {});
  setInterval(tried, PAUSE_MS);
  tried();
  return tried;
}
