// Words that others chose, and numbers, as people read them.

/**
 * Controls, and what is invisible or turns the direction of what follows; but what makes a pictograph one in
 * colour stays. Of marks on one letter those beyond four, since they grow over the lines around it.
 */
const UNFIT =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0e\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e007f}\u{e0100}-\u{e01ef}]|(?<!\p{Extended_Pictographic})\ufe0f|(?<=\p{M}{4})\p{M}/gu;

/** Text of an app or another person: what could mislead the eye is written out. */
export function fit(text: string): string {
  return text.replace(UNFIT, (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`);
}

/** The same on one line. */
export function line(text: string): string {
  return fit(text).replaceAll("\n", "\\n");
}

/** An address, a name with a dot or a path: they are as they were written. */
const DATA = /^\S*[:./]\S/;

/** Words of a host as a sentence. */
export function sentence(text: string): string {
  const first = DATA.test(text) ? text : text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…”]$/.test(first) ? first : `${first}.`;
}

/** The start of an id or a name, enough to tell it from others here. */
export function short(id: string, characters = 8): string {
  return id.length > characters ? `${id.slice(0, characters)}…` : id;
}

export function count(number: number, thing: string): string {
  return `${number.toLocaleString("en")} ${thing}${number === 1 ? "" : "s"}`;
}

export function bytes(number: number): string {
  if (number < 1000) return `${number} B`;
  if (number < 1_000_000) return `${(number / 1000).toFixed(1)} kB`;
  if (number < 1_000_000_000) return `${(number / 1_000_000).toFixed(1)} MB`;
  return `${(number / 1_000_000_000).toFixed(1)} GB`;
}

/** `40 s`, `3 min`, `2 h`, `5 days`. */
export function lasting(seconds: number): string {
  if (seconds < 60) return `${Math.round(seconds)} s`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}

const TIME = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const FAR = 8_640_000_000_000_000;

/** A time in milliseconds since 1970, wherever it is from. */
export function time(ms: number): string {
  return ms >= 0 && ms < FAR ? TIME.format(ms) : "at no time that there is";
}

export function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export function toHex(bytes: Uint8Array): string {
  const digits = new Array<string>(bytes.length);
  for (let at = 0; at < bytes.length; at++) digits[at] = (bytes[at] ?? 0).toString(16).padStart(2, "0");
  return digits.join("");
}
