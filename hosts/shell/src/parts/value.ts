// What an app writes down, as people read it. Nobody says what bytes are: what they can be is tried, the
// likeliest first.

import type { Hex } from "../host/methods.js";
import { cbor } from "./cbor.js";
import { fit, fromHex } from "./words.js";

/** A value, or the start of one of that length: what the SDK writes, else a text, else hex. */
export function readable(hex: Hex, length = hex.length / 2): string {
  const bytes = fromHex(hex);
  return cbor(bytes, length) ?? text(bytes, bytes.length === length) ?? hex;
}

/**
 * A key. Those of the SDK are a name, or a name, a zero and what is kept under it (`sdk/src/key.rs`): they
 * are no CBOR, even where they could be.
 */
export function readableKey(hex: Hex): string {
  const bytes = fromHex(hex);
  const end = bytes.indexOf(0);
  const name = text(end < 0 ? bytes : bytes.subarray(0, end));
  if (name === null) return cbor(bytes) ?? hex;
  return end < 0 ? name : `${name} ${under(bytes.subarray(end + 1), hex.slice(2 * end + 2))}`.trimEnd();
}

/** A text there has its zeros escaped, and an end. */
function under(bytes: Uint8Array, hex: Hex): string {
  const isText = bytes.at(-2) === 0 && bytes.at(-1) === 1;
  return (isText ? text(bytes.subarray(0, -2)) : null) ?? hex;
}

/** Bytes as text, if they are one without anything that is not seen. */
function text(bytes: Uint8Array, whole = true): string | null {
  if (bytes.length === 0) return null;
  try {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    const text = decoder.decode(bytes, { stream: !whole });
    if (fit(text) !== text) return null;
    return `“${text}${whole ? "”" : ""}`;
  } catch {
    return null;
  }
}
