// The page over a worker that stands in for the kernel, with one of everything there is to show and to ask:
// fake/worker.js.

import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { shell, shots } from "../../../tests/browser/harness/home.mjs";
import { launch, open } from "../../../tests/browser/harness/look.mjs";
import { serve } from "../../../tests/browser/harness/serve.mjs";

export const id = (pair) => pair.repeat(32);

export class Gallery {
  static async open() {
    const gallery = new Gallery();
    mkdirSync(shots, { recursive: true });
    gallery.folder = mkdtempSync(join(tmpdir(), "myrhiza-shell-"));
    for (const part of [shell, join(import.meta.dirname, "fake")]) cpSync(part, gallery.folder, { recursive: true });
    [gallery.browser, gallery.site] = await Promise.all([launch(), serve({ shell: gallery.folder })]);
    return gallery;
  }

  address(place) {
    return `${this.site.origin}/shell/index.html#${place}`;
  }

  /** Opens the page, or another address, at a place; `before` runs in it before its own scripts do. */
  async at(place, what, { before, address = this.address(place), ...options } = {}) {
    const { page, wrong, close } = await open(this.browser, "about:blank", options);
    try {
      if (before) await page.addInitScript(before);
      await page.goto(address);
      await what(page, wrong);
    } finally {
      await close();
    }
  }

  async close() {
    await this.browser?.close();
    await this.site?.close();
    rmSync(this.folder, { recursive: true });
  }
}
