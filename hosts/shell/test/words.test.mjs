// What the page makes of bytes and of words, without a browser.

import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const hex = (text) => Buffer.from(text).toString("hex");

let words;
before(async () => {
  const parts = ["value", "ticket", "engine", "words"].map((part) => `export * from "./src/parts/${part}.ts";`);
  const stdin = { contents: parts.join("\n"), resolveDir: join(here, "..") };
  const { outputFiles } = await build({ stdin, bundle: true, format: "esm", write: false });
  words = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].text).toString("base64")}`);
});

test("a value is read as the SDK writes it, else as text, else as hex", () => {
  for (const [bytes, said] of [
    ["00", "0"],
    ["1903e8", "1000"],
    ["3863", "-100"],
    ["1bffffffffffffffff", "18446744073709551615"],
    ["f5", "true"],
    ["f6", "null"],
    ["80", "[]"],
    [`65${hex("abort")}`, "“abort”"],
    [`8264${hex("spin")}8101`, "[“spin”, [1]]"],
    ["420aff", "0aff"],
    ["a1616101", "{“a”: 1}"],
    ["63e280ae", "“\\u{202e}”"],
    // No one value: a text, or nothing that anybody knows.
    [hex("draw"), "“draw”"],
    [hex("über"), "“über”"],
    ["0001", "0001"],
    ["1817", "1817"],
    ["5f4100ff", "5f4100ff"],
    ["61ff", "61ff"],
    ["e280ae", "e280ae"],
    ["9bffffffffffffffff", "9bffffffffffffffff"],
  ]) {
    assert.equal(words.readable(bytes), said, bytes);
  }
});

test("of a long value the start is read", () => {
  for (const [bytes, said, length] of [
    [`7903e8${hex("words ü").slice(0, -2)}`, "“words ", 1003],
    ["8361616162", "[“a”, “b”, ", 9],
    ["8361617903e863", "[“a”, “c", 2000],
    ["831903", "[", 9],
    ["831903", "831903", 3],
    // No value that ends where these bytes do.
    [hex("no value"), "“no value", 100],
    ["0000", "0000", 9],
  ]) {
    assert.equal(words.readable(bytes, length), said, bytes);
  }
});

test("a key is a name and what is under it, also where it could be a value", () => {
  for (const [bytes, said] of [
    [hex("dspin"), "“dspin”"],
    [hex("ab"), "“ab”"],
    [`${hex("pins")}00${"0a".repeat(32)}`, `“pins” ${"0a".repeat(32)}`],
    [`${hex("names")}00${hex("Ada")}0001`, "“names” “Ada”"],
    [`${hex("names")}00ff00`, "“names” ff00"],
    [`8201ff`, "8201ff"],
    ["820102", "[1, 2]"],
  ]) {
    assert.equal(words.readableKey(bytes), said, bytes);
  }
});

test("what could mislead the eye is written out, and what people write is not", () => {
  for (const [text, said] of [
    ["a\u202eb\u200b", "a\\u{202e}b\\u{200b}"],
    ["a\ufe00b\ufe0f\u{e0100}", "a\\u{fe00}b\\u{fe0f}\\u{e0100}"],
    ["\u180b\u180e\u180f\u2800", "\\u{180b}\\u{180e}\\u{180f}\\u{2800}"],
    ["\u2764\ufe0f \u{1f3d5}\ufe0f", "\u2764\ufe0f \u{1f3d5}\ufe0f"],
    ["\u2764\ufe0f\ufe0f", "\u2764\ufe0f\\u{fe0f}"],
    [`a${"\u0301".repeat(4)}b\u0323`, `a${"\u0301".repeat(4)}b\u0323`],
    [`a${"\u0301".repeat(6)}`, `a${"\u0301".repeat(4)}\\u{301}\\u{301}`],
    ["Tiếng Việt, हिन्दी, ภาษาไทย, שָׁלוֹם", "Tiếng Việt, हिन्दी, ภาษาไทย, שָׁלוֹם"],
  ]) {
    assert.equal(words.fit(text), said);
  }
});

test("a ticket is found among the words that it was sent with", () => {
  const first = (text) => words.ticketsIn(text)[0];
  for (const text of [
    "myrticket1qpz9ry",
    "  myrticket1qpz9ry\n",
    "“myrticket1qpz9ry”",
    "https://a.example/join?t=myrticket1qpz9ry",
    "Come in: myrticket1qpz9ry.",
    "> Join:\n> myrticket1qpz\n> 9ry",
    "myrticket1qpz\r\n9ry",
  ]) {
    assert.equal(first(text), "myrticket1qpz9ry", text);
  }
  assert.equal(first("MYRTICKET1QPZ"), "MYRTICKET1QPZ");
  // Where it ends and other words begin only who reads it sees.
  assert.ok(words.ticketsIn("myrticket1qpz\n9ry\nSee you").includes("myrticket1qpz9ry"));
  assert.deepEqual(words.ticketsIn(" none "), ["none"]);
  assert.ok(words.ticketsIn(`myrticket1${" a".repeat(1000)}`).length <= 50);
});

test("a fault is a sentence, but what it begins with is left as it was typed", () => {
  for (const [text, said] of [
    ["nothing was done", "Nothing was done."],
    ["load it again (Ctrl+R).", "Load it again (Ctrl+R)."],
    ["http://127.0.0.1:1 does not answer", "http://127.0.0.1:1 does not answer."],
    ["relay.example is no address", "relay.example is no address."],
    ["wait: it is folded", "Wait: it is folded."],
  ]) {
    assert.equal(words.sentence(text), said);
  }
});

test("a browser is called by its name, and lengths by what they are", () => {
  const webkit = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)";
  assert.equal(words.engineName(`${webkit} Chrome/148.0.0.0 Safari/537.36`), "Chromium 148");
  assert.equal(words.engineName(`${webkit} Chrome/148.0.0.0 Safari/537.36 Edg/148.0.0.0`), "Edge 148");
  assert.equal(words.engineName(`${webkit} Version/17.4 Mobile/15E148 Safari/604.1`), "Safari 17");
  assert.equal(words.engineName("Mozilla/5.0 (X11; rv:128.0) Gecko/20100101 Firefox/128.0"), "Firefox 128");
  assert.equal(words.engineName("wasmtime 48.0.2"), "wasmtime 48.0.2");
  assert.deepEqual([999, 1500, 2e6, 10_738_500_000].map(words.bytes), ["999 B", "1.5 kB", "2.0 MB", "10.7 GB"]);
});
