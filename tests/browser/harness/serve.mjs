// A server of folders on loopback, with the content security policy that the project's pages hold to.

import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, resolve, sep } from "node:path";

const TYPES = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

// Where a browser tells what a policy forbade. It does so for workers too, whatever else goes wrong.
const REPORTS = "/policy-reports";

// What a page may do: run what comes from here, and talk to here and to what is named in `connect`.
export function policy(connect = []) {
  return [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "worker-src 'self'",
    `connect-src ${["'self'", ...connect].join(" ")}`,
    "style-src 'self'",
    "img-src 'self'",
    "frame-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    `report-uri ${REPORTS}`,
  ].join("; ");
}

// The document of the shell's surfaces says for itself what it may do; it is only ever a frame without an
// origin.
const SURFACE = "frame-ancestors 'self'; sandbox allow-scripts";

// Serves folders: `folders` has the folder of each first part of a path. Resolves to a server with its
// `origin`, a `close`, and `reports`, which gets what the browser says the policy forbade. `hold` is given
// each path, and waited for before that is answered. A `plain` one sends no headers but what a file is.
export async function serve(folders, { connect = [], reports = [], hold = () => {}, plain = false } = {}) {
  const headers = plain ? {} : {
    "Content-Security-Policy": policy(connect),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
  };
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    if (pathname === REPORTS) {
      reports.push(await told(request));
      response.writeHead(204).end();
      return;
    }
    // Asked for by every browser, whether a page names one or not.
    if (pathname === "/favicon.ico") {
      response.writeHead(204).end();
      return;
    }
    await hold(pathname);
    try {
      const file = locate(folders, pathname);
      const body = await readFile(file);
      const type = TYPES[extname(file)] ?? "application/octet-stream";
      const own = !plain && file.endsWith(`${sep}surface.html`) ? { "Content-Security-Policy": SURFACE } : {};
      response.writeHead(200, { ...headers, ...own, "Content-Type": type }).end(body);
    } catch {
      response.writeHead(404, headers).end();
    }
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    reports,
    close: () =>
      new Promise((closed) => {
        server.close(closed);
        server.closeAllConnections();
      }),
  };
}

// The file of a path. Nothing outside of the folders is one.
function locate(folders, pathname) {
  const [, first, ...rest] = decodeURIComponent(pathname).split("/");
  const folder = resolve(folders[first]);
  const file = resolve(folder, ...rest);
  if (!file.startsWith(folder + sep)) throw new Error(`${pathname} leads out of its folder`);
  return file;
}

async function told(request) {
  let body = "";
  for await (const part of request) body += part;
  try {
    const report = JSON.parse(body)["csp-report"];
    return `${report["violated-directive"]} forbade ${report["blocked-uri"]} in ${report["document-uri"]}`;
  } catch {
    return body;
  }
}
