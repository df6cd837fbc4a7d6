// Builds the page into a folder, and says how large it is.
//
//   node build.mjs FOLDER

import { build } from "esbuild";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const folder = process.argv[2];
if (!folder) {
  console.error("node build.mjs FOLDER");
  process.exit(2);
}
const out = resolve(folder);
mkdirSync(out, { recursive: true });
// Parts have a digest in their names: those of the build before would stay.
for (const name of readdirSync(out)) if (name.startsWith("part-")) rmSync(join(out, name));

// Where a worker is served beside the page, both say of which build they are: a browser may have kept one
// of the two from before an update.
const BUILD = existsSync(join(out, "worker.js")) ? digest([out, join(here, "src")]) : "";
if (BUILD !== "") writeFileSync(join(out, "build.js"), `export const BUILD = ${JSON.stringify(BUILD)};\n`);

const EVERY = {
  absWorkingDir: here,
  outdir: out,
  bundle: true,
  target: ["chrome120", "firefox128", "safari17"],
  minify: true,
  legalComments: "none",
  logLevel: "warning",
};
const ALONE = { ...EVERY, format: "iife" };
await build({
  ...EVERY,
  entryPoints: [
    { in: "src/main.ts", out: "main" },
    { in: "src/push/worker.ts", out: "push" },
    { in: "src/style/style.css", out: "style" },
  ],
  splitting: true,
  format: "esm",
  chunkNames: "part-[hash]",
  define: { BUILD: JSON.stringify(BUILD) },
});
// Runs before the page is drawn, which no module does.
await build({ ...ALONE, entryPoints: [{ in: "src/look/first.ts", out: "look" }] });
await surface();
for (const name of ["index.html", "icon.svg"]) copyFileSync(join(here, "src", name), join(out, name));

/** Of all files in folders but what is made here. */
function digest(folders) {
  const all = createHash("sha256");
  for (const folder of folders) {
    const isMade = (name) => folder === out && /^(main|look|push|style|build|index|icon|surface|part-.*)\.(js|css|html|svg)$/.test(name);
    for (const name of readdirSync(folder, { recursive: true }).sort()) {
      const path = join(folder, name);
      if (isMade(name) || statSync(path).isDirectory()) continue;
      const bytes = readFileSync(path);
      all.update(`${name}\0${bytes.length}\0`).update(bytes);
    }
  }
  return all.digest("hex").slice(0, 16);
}

const kB = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
let [raw, packed] = [0, 0];
for (const name of readdirSync(out).sort()) {
  if (!/^(main|look|push|style|part-.*|index|icon|surface)\.(js|css|html|svg)$/.test(name)) continue;
  const bytes = readFileSync(join(out, name));
  const small = gzipSync(bytes, { level: 9 }).length;
  raw += bytes.length;
  packed += small;
  console.error(`${name.padEnd(20)} ${kB(bytes.length).padStart(9)}  ${kB(small).padStart(8)} gzipped`);
}
console.error(`${"in all".padEnd(20)} ${kB(raw).padStart(9)}  ${kB(packed).padStart(8)} gzipped`);

/** The document of surfaces, in one piece: it has no origin to load the rest from. */
async function surface() {
  const entryPoints = ["src/surface/main.ts", "src/surface/surface.css"];
  const { outputFiles } = await build({ ...ALONE, entryPoints, write: false, charset: "utf8" });
  const text = (ending) => outputFiles.find(({ path }) => path.endsWith(ending)).text.trim();
  const [script, style] = [text(".js"), text(".css")];
  if (/<\/(script|style)/i.test(script + style)) throw new Error("the surface's code would end its own element");
  const digest = (text) => `sha256-${createHash("sha256").update(text).digest("base64")}`;
  const parts = { SCRIPT: script, STYLE: style, "SCRIPT-DIGEST": digest(script), "STYLE-DIGEST": digest(style) };
  const page = readFileSync(join(here, "src/surface/surface.html"), "utf8");
  writeFileSync(join(out, "surface.html"), page.replace(/\{([A-Z-]+)\}/g, (_, name) => parts[name]));
}
