// Serves the built page with files of a test beside it, under the policy that a node sends.

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";

import { shell } from "./home.mjs";

const KINDS = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; img-src 'self' data:; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; " +
  "trusted-types lit-html myrhiza; connect-src 'self'";

/** The address, and what ends it. `folder` comes first. */
export async function serve(folder) {
  const server = createServer((request, response) => {
    const name = request.url === "/" ? "index.html" : request.url.slice(1);
    for (const place of [folder, shell]) {
      try {
        const body = readFileSync(join(place, name));
        response.writeHead(200, { "content-type": KINDS[extname(name)] ?? "", "content-security-policy": POLICY });
        return response.end(body);
      } catch {
        // In the other, then.
      }
    }
    response.writeHead(404).end();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { address: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}
