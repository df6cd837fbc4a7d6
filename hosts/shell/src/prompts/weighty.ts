// What reaches out of the page: it says who asks and for what exactly, and is read before it can be
// agreed to (delay.ts), to its end (read.ts). It is done by the press of the shell's own button, never by the app.

import { html, type TemplateResult } from "lit";

import { Doing } from "../data/doing.js";
import { type Fault, Refused } from "../host/interface.js";
import type { Asking, Reply } from "../host/methods.js";
import { fault } from "../parts/fault.js";
import { wholePerson } from "../parts/name.js";
import { bytes, fit, line, toHex } from "../parts/words.js";
import { subscribe } from "../push/subscribe.js";
import { Asked } from "./asked.js";
import { Delay } from "./delay.js";
import { Read, reading } from "./read.js";

/** Largest file that an app is given. */
const FILE_BYTES = 1 << 20;

const tooLarge = (file: File): Fault => ({
  code: "too-large",
  what: "The file was not given",
  cause: `it has ${bytes(file.size)}, and an app is given ${bytes(FILE_BYTES)} at most`,
  next: "Choose a smaller one.",
});

export class Weighty extends Asked {
  private file: File | null = null;
  private readonly delay = new Delay(this);
  private readonly read = new Read(this);
  private readonly doing = new Doing(this);

  protected content(heading: string): TemplateResult {
    const { asking } = this;
    const chosen = asking.kind !== "pick" || this.file !== null;
    this.read.shows(asking.token);
    const ready = this.delay.over && this.read.whole && this.waits.known && !this.doing.busy && chosen;
    return html`<h2 id=${heading}>${line(asking.app)} ${WANTS[asking.kind]}</h2>
      ${this.read.shown(
        "Who asks, and for what",
        html`<p class="muted">${line(asking.app)} ${asking.version}, signed by</p>
        <p>${wholePerson(asking.author, asking.author_name)}</p>
        ${this.what()}`,
      )}
      ${fault(this.waits.fault ?? this.doing.fault)}
      <p class="muted reading" role="status">${reading(this.delay, this.read)}</p>
      <div class="actions">
        <button type="button" autofocus @click=${() => this.answer(this.dismissed)}>Not now</button>
        <button type="button" class="main" ?disabled=${!ready} @click=${() => void this.agree()}>
          ${YES[asking.kind]}
        </button>
      </div>`;
  }

  private what(): TemplateResult | null {
    const { asking } = this;
    switch (asking.kind) {
      case "copy":
        return html`<p class="muted">
            This takes the place of what is on your clipboard${lines(asking.text) > 1 ? `, ${lines(asking.text)} lines` : ""}:
          </p>
          <pre class="exactly" dir="auto">${fit(asking.text)}</pre>`;
      case "open":
        return html`<p class="muted">In a new tab, which sees your network address:</p>
          <pre class="exactly">${fit(asking.address)}</pre>`;
      case "pick":
        return html`<p class="muted">Of the kind ${line(asking.accept)}, up to ${bytes(FILE_BYTES)}. The app may hand it on to others.</p>
          <label class="field"
            ><span>The file</span
            ><input type="file" accept=${asking.accept} ?disabled=${!this.delay.over} @change=${(event: Event) => this.chose(event)}
          /></label>`;
      case "subscribe":
        return html`<p class="muted">
            A server of the app’s author could then have this browser show that there is something new, also while
            this page is closed. Its key:
          </p>
          <pre class="exactly">${asking.server_key}</pre>`;
      default:
        return html`<p>This page does not know what it asks: it is older than the app.</p>`;
    }
  }

  private chose(event: Event): void {
    this.file = (event.currentTarget as HTMLInputElement).files?.[0] ?? null;
    this.requestUpdate();
  }

  private async agree(): Promise<void> {
    // However the button came to be pressed.
    if (!this.delay.over || !this.read.whole || !this.waits.known) return;
    let reply: Reply | null = null;
    await this.doing.run(async () => {
      reply = await this.carryOut();
    });
    if (reply) this.answer(reply);
  }

  /** What came of it; null where it is still to be decided. */
  private async carryOut(): Promise<Reply | null> {
    const { asking } = this;
    switch (asking.kind) {
      case "copy":
        try {
          await navigator.clipboard.writeText(asking.text);
          return { kind: "done" };
        } catch {
          return { kind: "unavailable", why: "the browser does not let this page copy" };
        }
      case "open":
        // The kernel has judged it; that nothing but an address gets here is made sure of once more.
        if (!asking.address.startsWith("https://")) return { kind: "unavailable", why: "it is no address" };
        window.open(asking.address, "_blank", "noopener,noreferrer");
        return { kind: "done" };
      case "pick": {
        const { file } = this;
        if (!file) return null;
        if (file.size > FILE_BYTES) throw new Refused(tooLarge(file));
        return { kind: "file", name: file.name, bytes: toHex(new Uint8Array(await file.arrayBuffer())) };
      }
      case "subscribe":
        return subscribe(asking.bundle, asking.server_key);
      default:
        return { kind: "unavailable", why: "the page does not know what is asked" };
    }
  }
}

customElements.define("m-weighty", Weighty);

const lines = (text: string): number => text.trimEnd().split("\n").length;

const WANTS: Record<Asking["kind"], string> = {
  choose: "asks",
  ask: "asks",
  copy: "wants to copy something",
  open: "wants to open a page",
  pick: "asks for a file",
  subscribe: "wants to be able to wake you",
  other: "asks for something else",
};
const YES: Record<Asking["kind"], string> = {
  choose: "Answer",
  ask: "Answer",
  copy: "Copy",
  open: "Open",
  pick: "Give it the file",
  subscribe: "Let it",
  other: "Go on",
};
