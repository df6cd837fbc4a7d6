// The requests and answers of `myrhiza-api`, as they are in JSON. Ids, keys and bytes are lower-case
// hex, times milliseconds since 1970. The compiler holds the answers against what that crate gives
// (`test/answers.ts`).

import type { Drift, LogPage, Root, StateEntries, WholeEvent } from "./history.js";

export type * from "./history.js";

export type Hex = string;

export interface Who {
  readonly id: Hex;
  readonly name: string;
  readonly scope: Hex;
  readonly scope_name: string;
}

export interface About {
  readonly host: string;
  readonly version: string;
  readonly kernel: string;
  readonly engine: string;
  readonly store: string;
  readonly more: readonly { readonly name: string; readonly value: string }[];
}

export type Standing =
  | "member" | "elsewhere" | "removed" | "revoked" | "rejected" | "awaited" | "outside" | "unknown";

export interface Topic {
  readonly id: Hex;
  readonly name: string;
  readonly app: string | null;
  readonly version: string | null;
  readonly bundle: Hex;
  readonly generation: number;
  readonly waits: Hex | null;
  readonly next: { readonly name: string; readonly version: string } | null;
  readonly admission: "open" | "invite" | "author";
  readonly founder: Hex;
  readonly founder_name: string;
  readonly events: number;
  readonly folded: boolean;
  readonly member: boolean | null;
  readonly revoked: boolean;
  /** No peer shares it with this home, though some that have it were reached. */
  readonly denied: boolean | null;
  readonly id_name: string;
  readonly standing: Standing;
  readonly why: string;
}

export type Tone = "plain" | "strong" | "muted" | "good" | "warning" | "bad";

interface Pressed {
  readonly label: string;
  readonly intent: readonly string[];
  readonly enabled: boolean;
}

export type Shape =
  | { readonly kind: "panel" | "menu" | "dialog"; readonly title: string }
  | { readonly kind: "list"; readonly numbered: boolean }
  | { readonly kind: "message" | "text"; readonly tone: Tone; readonly text: string }
  | ({ readonly kind: "button" | "form" } & Pressed)
  | { readonly kind: "input"; readonly label: string; readonly value: string; readonly choices: readonly string[] }
  | {
      readonly kind: "table";
      readonly columns: readonly string[];
      readonly rows: readonly (readonly string[])[];
      readonly more?: number;
    }
  | { readonly kind: "surface"; readonly name: string; readonly text: string; readonly width: number; readonly height: number }
  | { readonly kind: "other" };

export type ViewNode = { readonly depth: number } & Shape;

export interface View {
  readonly topic: Hex;
  readonly version: string;
  /** Null where the view is the version that was known. */
  readonly nodes: readonly ViewNode[] | null;
  readonly more: number;
}

/** A command as it comes: the frame that draws looks at each before it does. */
export type Command = { readonly kind: string } & Readonly<Record<string, unknown>>;

export interface Surface {
  readonly name: string;
  readonly text: string;
  readonly width: number;
  readonly height: number;
  /** Whether the app wants to hear of what is done there. */
  readonly listens: boolean;
  readonly commands: readonly Command[];
}

export interface SurfaceShown {
  readonly topic: Hex;
  readonly version: string;
  /** Null where there is none, and where it is the version that was known. */
  readonly surface: Surface | null;
  readonly intents: readonly (readonly string[])[];
}

/** What is done on a surface, in units of its own. */
export type Input =
  | {
      readonly kind: "pointer";
      readonly phase: "down" | "move" | "up" | "cancel";
      readonly x: number;
      readonly y: number;
      readonly buttons: number;
      readonly modifiers: number;
    }
  | { readonly kind: "key"; readonly down: boolean; readonly name: string; readonly modifiers: number }
  | { readonly kind: "room"; readonly width: number; readonly height: number; readonly dark: boolean };

export interface Acted {
  readonly event: Hex | null;
  readonly verdict: "accept" | "reject" | "trap";
  readonly reason: string;
}

/** What an app asks after something its user did, with who asks. */
export type Asking = {
  readonly token: Hex;
  readonly topic: Hex;
  readonly bundle: Hex;
  readonly app: string;
  readonly version: string;
  readonly author: Hex;
  readonly author_name: string;
} & (
  | { readonly kind: "choose"; readonly question: string; readonly choices: readonly string[] }
  | { readonly kind: "ask"; readonly question: string; readonly value: string }
  | { readonly kind: "copy"; readonly text: string }
  | { readonly kind: "pick"; readonly accept: string }
  | { readonly kind: "open"; readonly address: string }
  | { readonly kind: "subscribe"; readonly server_key: Hex }
  | { readonly kind: "other" }
);

/** The user's answer to it. */
export type Reply =
  | { readonly kind: "declined" | "done" }
  | { readonly kind: "unavailable"; readonly why: string }
  | { readonly kind: "chosen"; readonly index: number }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "file"; readonly name: string; readonly bytes: Hex }
  | { readonly kind: "subscribed"; readonly subscription: string };

/** What came of something pressed or answered. */
export interface Came {
  readonly acted: Acted | null;
  readonly asked: readonly Asking[];
}

export interface Entered {
  readonly topic: Hex;
  readonly name: string;
}

export interface Ticket {
  readonly topic: Hex;
  readonly name: string;
  readonly founder: Hex;
  readonly founder_name: string;
  readonly bundle: Hex;
  readonly app: string | null;
  readonly version: string | null;
  readonly way: "open" | "invited" | "device";
  readonly uses: number | null;
  readonly may_invite: boolean | null;
  readonly issuer: Hex | null;
  readonly issuer_name: string | null;
  readonly expires: number | null;
  readonly expired: boolean;
  readonly peers: number;
  readonly here: string | null;
  /** Whether a browser could reach its peers, if it is one that was asked. */
  readonly relayed?: boolean;
}

export interface Invited {
  readonly ticket: string;
  readonly expires: number | null;
  readonly leads: "out" | "loopback" | "nowhere";
}

export interface Member {
  readonly person: Hex;
  readonly name: string;
  readonly inviter: Hex;
  readonly inviter_name: string;
  readonly joined: Hex;
  readonly founder: boolean;
  readonly you: boolean;
}

export interface Revoked {
  readonly reason: string;
  readonly successor: Hex | null;
  readonly at: number;
}

export interface App {
  readonly id: Hex;
  readonly name: string;
  readonly version: string;
  readonly author: Hex;
  readonly author_name: string;
  readonly description: string;
  readonly revoked: Revoked | null;
  readonly pinned: boolean;
  readonly as_of: number | null;
}

export interface ShortApp {
  readonly bundle: Hex;
  readonly name: string;
  readonly version: string;
}

export interface Waiting extends ShortApp {
  readonly author: Hex;
  readonly author_name: string;
  readonly topics: readonly string[];
}

export interface May {
  readonly profile: string;
  readonly interface: string;
  readonly words: string;
  readonly new: boolean;
}

export interface Offer extends ShortApp {
  readonly description: string;
  readonly author: Hex;
  readonly author_name: string;
  readonly author_is_known: boolean;
  readonly previous: string | null;
  readonly may: readonly May[];
  readonly no_more: readonly May[];
  readonly notices: readonly string[];
  readonly revoked: Revoked | null;
  readonly pinned: boolean;
  readonly topics: readonly string[];
  readonly as_of: number | null;
  /** Goes with the yes. */
  readonly shown: Hex;
}

export interface PeerTopic {
  readonly topic: Hex;
  readonly name: string;
  readonly state: "complete" | "exchanging" | "denied";
  readonly known: number;
  readonly total: number;
}

export interface Peer {
  readonly id: Hex;
  readonly role: "dialer" | "listener";
  readonly seconds: number;
  readonly sent: number;
  readonly received: number;
  readonly events: number;
  readonly points: number;
  readonly topics: readonly PeerTopic[];
}

export interface Peers {
  readonly id: Hex;
  readonly addresses: readonly string[];
  readonly peers: readonly Peer[];
  readonly fetches: readonly { readonly bundle: Hex; readonly bytes: number; readonly total: number }[];
}

export interface Line {
  readonly number: number;
  readonly at: number;
  readonly level: "info" | "warning" | "error";
  readonly text: string;
  readonly topic: Hex | null;
}

/** The relays that a home is reached through. */
export interface Relays {
  readonly relays: readonly string[];
  /** Of a node: those it is reached through until it is started again. */
  readonly running?: readonly string[];
  /** Those of them that do not answer, where the host looks. */
  readonly away: readonly string[];
  /** Of a node: it goes on with others when it is started again. */
  readonly pending?: boolean;
}

type Nothing = Record<string, never>;
type OfTopic = { readonly topic: Hex };
type OfBundle = { readonly bundle: Hex };

export interface Params {
  who: Nothing;
  about: Nothing;
  topics: Nothing;
  view: OfTopic & { readonly known: string | null; readonly limit: number | null };
  surface: OfTopic & { readonly known: string | null; readonly input: readonly Input[] };
  act: OfTopic & { readonly intent: readonly string[] };
  press: OfTopic & { readonly words: readonly string[] };
  asked: OfTopic;
  complete: { readonly token: Hex; readonly said: Reply };
  found: OfBundle & { readonly name: string; readonly open: boolean };
  leave: OfTopic;
  upgrade: OfTopic & OfBundle;
  ticket: { readonly ticket: string };
  join: { readonly ticket: string; readonly name: string | null; readonly even_if_expired: boolean };
  invite: OfTopic & {
    readonly uses: number;
    readonly lasts_ms: number | null;
    readonly may_invite: boolean;
    readonly device: boolean;
  };
  "end-ticket": { readonly ticket: string };
  members: OfTopic;
  remove: OfTopic & { readonly person: Hex };
  apps: Nothing;
  offers: Nothing;
  offer: OfBundle;
  take: { readonly bytes: Hex };
  confirm: OfBundle & { readonly shown: Hex; readonly pin: boolean };
  refuse: OfBundle;
  pin: OfBundle;
  uninstall: OfBundle;
  peers: Nothing;
  connect: { readonly peer: string };
  journal: { readonly after: number | null };
  log: OfTopic & { readonly after: Hex | null; readonly before: Hex | null; readonly limit: number | null };
  event: OfTopic & { readonly event: Hex };
  state: OfTopic & { readonly after: Hex | null; readonly limit: number | null };
  root: OfTopic;
  drift: OfTopic;
  compare: OfTopic;
  forks: OfTopic;
  pending: OfTopic;
  /** Of the host itself, as is the next: the crate knows neither. */
  relays: Nothing;
  "set-relays": { readonly relays: readonly string[] };
}

export interface Answers {
  who: Who;
  about: About;
  topics: readonly Topic[];
  view: View;
  surface: SurfaceShown;
  act: Acted;
  press: Came;
  asked: readonly Asking[];
  complete: Came;
  found: Entered;
  leave: Nothing;
  upgrade: Acted;
  ticket: Ticket;
  join: Entered;
  invite: Invited;
  "end-ticket": Acted;
  members: { readonly members: readonly Member[]; readonly more: number };
  remove: Acted;
  apps: readonly App[];
  offers: readonly Waiting[];
  offer: Offer;
  take: Offer;
  confirm: ShortApp;
  refuse: { readonly gone: boolean };
  pin: Nothing;
  uninstall: Nothing;
  peers: Peers;
  connect: Nothing;
  journal: { readonly lines: readonly Line[] };
  log: LogPage;
  event: WholeEvent;
  state: StateEntries;
  root: Root;
  drift: Drift;
  compare: { readonly nodes: number };
  forks: readonly { readonly scope: Hex; readonly seq: number; readonly events: readonly [Hex, Hex]; readonly proof: Hex }[];
  pending: readonly { readonly id: Hex; readonly missing: readonly Hex[] }[];
  relays: Relays;
  "set-relays": Nothing;
}
