// A ticket among the words that it was sent with.

/** Pieces that a mail program may have made of one. */
const MOST = 50;

/**
 * What could be the ticket in a text, the longest first: it begins with `myrticket1`, and goes on over white
 * space and marks of quoting. Only who reads it sees where it ends and other words begin.
 */
export function ticketsIn(text: string): string[] {
  const run = /myrticket1[a-z0-9\s>]*/i.exec(text)?.[0];
  if (run === undefined) return [text.trim()];
  const pieces = run.split(/[\s>]+/, MOST).filter((piece) => piece !== "");
  return pieces.map((_, left) => pieces.slice(0, pieces.length - left).join(""));
}
