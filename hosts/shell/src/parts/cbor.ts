// The values of apps made with the SDK are deterministic CBOR (`sdk/src/codec.rs`): here they are put in
// words. Bytes that are anything else are none.

import { line, toHex } from "./words.js";

class Malformed extends Error {}

/**
 * The one value that bytes are, in words; null where they are not just one. Of bytes that are the start of
 * `length` it is the words of that start.
 */
export function cbor(bytes: Uint8Array, length = bytes.length): string | null {
  const reader = new Reader(bytes, length);
  try {
    const said = reader.item();
    const isOne = reader.cut ? !isString(bytes) || reader.end === length : reader.end === length;
    return isOne ? said : null;
  } catch (error) {
    if (error instanceof Malformed) return null;
    throw error;
  }
}

/** Its head says where it ends, though that is not here. */
const isString = ([first = 0]: Uint8Array): boolean => first >> 5 === 2 || first >> 5 === 3;

class Reader {
  /** The bytes ended within the value: what comes then is not said, nor is it closed. */
  cut = false;
  /** Where what was read last ends, here or beyond. */
  end = 0;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly length: number,
  ) {}

  item(): string {
    const first = this.take(1n)[0];
    if (first === undefined) return "";
    const [major, low] = [first >> 5, first & 0x1f];
    if (major === 7) return simple(low);
    const count = this.count(low);
    if (this.cut) return "";
    switch (major) {
      case 0:
        return String(count);
      case 1:
        return String(-1n - count);
      case 2:
        return count === 0n ? "no bytes" : toHex(this.take(count));
      case 3:
        return this.closed(`“${line(this.text(count))}`, "”");
      case 4:
        return this.closed(`[${this.items(count, () => this.item())}`, "]");
      case 5:
        return this.closed(`{${this.items(count, () => this.pair())}`, "}");
      default:
        throw new Malformed();
    }
  }

  private pair(): string {
    const key = this.item();
    return this.cut ? key : `${key}: ${this.item()}`;
  }

  private items(count: bigint, one: () => string): string {
    let all = "";
    for (let n = 0n; n < count && !this.cut; n++) all += `${n === 0n ? "" : ", "}${one()}`;
    return all;
  }

  private closed(said: string, end: string): string {
    return this.cut ? said : said + end;
  }

  private text(count: bigint): string {
    const bytes = this.take(count);
    try {
      // Of a cut one the last letter may be there in part.
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes, { stream: this.cut });
    } catch {
      throw new Malformed();
    }
  }

  /** A number or length; one that is not written in its shortest way is none. */
  private count(low: number): bigint {
    if (low < 24) return BigInt(low);
    if (low > 27) throw new Malformed();
    const bytes = this.take(1n << BigInt(low - 24));
    if (this.cut) return 0n;
    const count = bytes.reduce((all, byte) => (all << 8n) | BigInt(byte), 0n);
    const least = bytes.length === 1 ? 24n : 1n << BigInt(bytes.length * 4);
    if (count < least) throw new Malformed();
    return count;
  }

  private take(count: bigint): Uint8Array {
    const start = this.end;
    if (count > this.length - start) throw new Malformed();
    this.end = start + Number(count);
    this.cut = this.end > this.bytes.length;
    return this.bytes.subarray(start, this.end);
  }
}

function simple(low: number): string {
  const word = { 20: "false", 21: "true", 22: "null" }[low];
  if (word === undefined) throw new Malformed();
  return word;
}
