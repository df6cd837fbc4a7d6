// Builds the page into a folder, and says how large it is.
//
//   node build.mjs FOLDER

import { build } from "esbuild";
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync } from "node:fs";
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

await build({
  absWorkingDir: here,
  entryPoints: [
    { in: "src/main.ts", out: "main" },
    { in: "src/push/worker.ts", out: "push" },
    { in: "src/style/style.css", out: "style" },
  ],
  outdir: out,
  bundle: true,
  splitting: true,
  format: "esm",
  target: ["chrome120", "firefox128", "safari17"],
  chunkNames: "part-[hash]",
  minify: true,
  legalComments: "none",
  logLevel: "warning",
});
for (const name of ["index.html", "icon.svg"]) copyFileSync(join(here, "src", name), join(out, name));

const kB = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
let [raw, packed] = [0, 0];
for (const name of readdirSync(out).sort()) {
  if (!/^(main|push|style|part-.*|index|icon)\.(js|css|html|svg)$/.test(name)) continue;
  const bytes = readFileSync(join(out, name));
  const small = gzipSync(bytes, { level: 9 }).length;
  raw += bytes.length;
  packed += small;
  console.error(`${name.padEnd(20)} ${kB(bytes.length).padStart(9)}  ${kB(small).padStart(8)} gzipped`);
}
console.error(`${"in all".padEnd(20)} ${kB(raw).padStart(9)}  ${kB(packed).padStart(8)} gzipped`);
