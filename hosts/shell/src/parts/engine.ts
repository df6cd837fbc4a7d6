// What runs a browser's components, in a word: a browser says of itself what others are called too.

const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/ Firefox\/(\d+)/, "Firefox"],
  [/ EdgA?\/(\d+)/, "Edge"],
  [/ OPR\/(\d+)/, "Opera"],
  [/ (?:Headless)?Chrome\/(\d+)/, "Chromium"],
  [/ Version\/(\d+)\S* (?:Mobile\/\S+ )?Safari\//, "Safari"],
];

/** Its name and version; of what is no browser's word for itself that word. */
export function engineName(engine: string): string {
  if (!engine.startsWith("Mozilla/")) return engine;
  for (const [sign, name] of BROWSERS) {
    const version = sign.exec(engine)?.[1];
    if (version !== undefined) return `${name} ${version}`;
  }
  return engine;
}
