// The home of this browser, in the worker that has it, and what it is asked. What the host itself answers
// is here; all else is the kernel's.

import init, { Peer, keep_relays, relays, relays_of } from "./myrhiza_browser.js";
import { away, watch } from "./reach.js";
import { forPage, notLoaded, refused } from "./words.js";

// Most relays of a home, as in `relays.rs`.
const RELAYS = 4;
// Characters of a relay's address.
const ADDRESS = 256;
// Milliseconds between two looks at the clock, and how late one is where peers have begun to give this home up: an
// endpoint waits for thirty seconds.
const TICK_MS = 2000;
const SLEPT_MS = 25_000;

/** What was thrown by Rust is an error as JSON; anything else is this program's own fault. */
export function told(error) {
  if (typeof error === "string") return forPage(JSON.parse(error));
  throw error;
}

// The address of a relay in the one form it is kept and compared in, or none where it is none: whoever made
// a ticket chooses what its addresses say.
function relay(address) {
  if (typeof address !== "string" || address.length > ADDRESS || !URL.canParse(address)) return null;
  const { protocol, username, password, href } = new URL(address);
  return /^https?:$/.test(protocol) && !username && !password ? href : null;
}

function among(addresses) {
  return [...new Set(addresses.map(relay))].filter((url) => url !== null);
}

function unchanged(cause, next) {
  return refused("relays", "the relays were not changed", cause, next);
}

export class Home {
  // A promise of the peer, its relays, and what it is doing.
  #up;
  #store;
  #tell;
  #failed;
  #look = () => {};
  #ticked = Date.now();

  /** What keeps everybody away, or null. */
  trouble = null;

  /**
   * Begins to open it in a store of that name. `tell` hears what happens, for every page; `failed` why it
   * cannot go on after all.
   */
  constructor(store, tell, failed) {
    this.#store = store;
    this.#tell = tell;
    this.#failed = failed;
    tell({ starting: "loading the program" });
    this.#up = init().then(
      () => this.#open(),
      (error) => Promise.reject(JSON.stringify(notLoaded(error))),
    );
  }

  /** Resolves once it is up, or throws why it is not. */
  async ready() {
    await this.#up;
    // Whoever had the home before may have told of a trouble that is over.
    this.#tell({ trouble: null });
    this.#look = watch({
      peers: async () => (await this.#call("peers", {})).peers,
      relays: async () => (await this.#up).relays,
      tell: (found) => this.#tell({ trouble: (this.trouble = found) }),
    });
    setInterval(() => {
      if (Date.now() - this.#ticked > SLEPT_MS) this.awake();
      this.#ticked = Date.now();
    }, TICK_MS);
  }

  /** Resolves once it is up or was not opened. */
  async settled() {
    await this.#up.catch(() => {});
  }

  /** The machine slept, has a network again, or somebody looks at the page again. */
  async awake() {
    const slept = Date.now() - this.#ticked > SLEPT_MS;
    this.#ticked = Date.now();
    try {
      await this.#during((peer) => peer.awake(slept));
      this.#look();
    } catch (error) {
      // Where the home was not opened there is nobody to wake, and whoever asks is told why.
      told(error);
    }
  }

  /** Does what a page asks. */
  async answer(method, params) {
    if (typeof params !== "object" || params === null) {
      throw refused("bad-request", "nothing was done", "the request has no parameters", "load the page again");
    }
    return Object.hasOwn(Home.#ANSWERS, method) ? Home.#ANSWERS[method].call(this, params) : this.#call(method, params);
  }

  static #ANSWERS = {
    async relays() {
      const known = (await this.#up).relays;
      return { relays: known, away: await away(known) };
    },
    async "set-relays"({ relays: given }) {
      if (!Array.isArray(given)) throw refused("bad-request", "nothing was done", "it names no relays", "load the page again");
      if (given.length > RELAYS) throw unchanged(`${RELAYS} are the most`, "remove one first");
      const wrong = given.find((address) => relay(address) === null);
      if (wrong !== undefined) {
        throw unchanged(
          `“${String(wrong).slice(0, ADDRESS)}” is no address of a relay`,
          "give one that begins with https:// or http://",
        );
      }
      await this.#reopen(among(given));
      return {};
    },
    async ticket(params) {
      const shown = await this.#call("ticket", params);
      return { ...shown, relayed: among(relays_of(params.ticket)).length > 0 };
    },
    // A home without a relay reaches nobody, so that of a ticket's peers becomes its own.
    async join(params) {
      // What is no ticket changes nothing.
      await this.#call("ticket", { ticket: params.ticket });
      // Those it has stay: no ticket cuts it off from others.
      const known = (await this.#up).relays;
      const relays = among(relays_of(params.ticket));
      if (relays.length === 0 && known.length === 0) {
        throw refused(
          "no-relay",
          "no topic was joined",
          "the ticket names no relay, and a browser is reached through one alone",
          "ask for a ticket from a node that uses a relay, or add the relay of its peers under Peers first",
        );
      }
      if (relays.length > 0 && !relays.some((url) => known.includes(url))) {
        if (known.length >= RELAYS) {
          throw unchanged(
            "the ticket's relays are others than this home's, which has as many as it may",
            "remove one under Peers, and join again",
          );
        }
        await this.#reopen([...known, ...relays].slice(0, RELAYS));
      }
      return this.#call("join", params);
    },
  };

  async #open() {
    this.#tell({ starting: "opening this browser's home" });
    const kept = among(await relays());
    const hear = (notice) => this.#tell({ event: JSON.parse(notice) });
    const opened = async (urls) => {
      const options = { name: "browser", relays: urls, store: this.#store };
      const peer = await Peer.open(JSON.stringify(options), hear);
      return { peer, relays: kept, asked: new Set() };
    };
    try {
      return await opened(kept);
    } catch (error) {
      // Without a network there still is all that was done, and the page on which relays are changed.
      if (told(error).code !== "transport" || kept.length === 0) throw error;
      return opened([]);
    }
  }

  // Ends the home and opens it with other relays. What was asked before is answered first. They are kept
  // first: where there is no room for them the home goes on as it is.
  async #reopen(urls) {
    await this.#up;
    await keep_relays(urls);
    this.#up = this.#up.then(async ({ peer, asked }) => {
      await Promise.allSettled(asked);
      await peer.stop();
      return this.#open();
    });
    try {
      await this.#up;
    } catch (error) {
      this.#failed(error);
      throw error;
    }
    this.#look();
  }

  async #call(method, params) {
    return JSON.parse(await this.#during((peer) => peer.call(JSON.stringify({ method, params }))));
  }

  // A home ends when all that is done with it is.
  async #during(what) {
    const { peer, asked } = await this.#up;
    const done = what(peer);
    asked.add(done);
    try {
      return await done;
    } finally {
      asked.delete(done);
    }
  }
}
