// The installed apps, the bundles that wait for a word, and those that their authors have withdrawn.

import { html, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";

import { desk, faultOf } from "../data/desk.js";
import { Doing } from "../data/doing.js";
import { LISTS, Live } from "../data/live.js";
import { announce } from "../frame/announce.js";
import { go, topicPath } from "../frame/route.js";
import type { App, Waiting } from "../host/methods.js";
import { fault, waiting } from "../parts/fault.js";
import { id, person } from "../parts/name.js";
import { Part } from "../parts/part.js";
import { count, fit, line, time, toHex } from "../parts/words.js";
import { confirm } from "../prompts/confirm.js";
import { install } from "../prompts/install.js";
import { unsubscribe } from "../push/subscribe.js";

class Apps extends Part {
  static override properties = { choosing: {} };
  /** Somebody comes for an app to found a topic of. */
  declare choosing: boolean;

  /** The app that a topic is being founded of. */
  private founding: App | null = null;
  private readonly doing = new Doing(this);
  private readonly apps = new Live(this, {
    method: "apps",
    pause: LISTS,
    params: () => ({}),
    concerns: ({ kind }) => kind === "withdrawn" || kind === "topic",
  });
  private readonly offers = new Live(this, {
    method: "offers",
    pause: LISTS,
    params: () => ({}),
    concerns: ({ kind }) => kind === "offer" || kind === "topic",
  });

  protected override render(): TemplateResult {
    const { answer } = this.apps;
    return html`<header class="heading">
        <h1 tabindex="-1">Apps</h1>
        <label class="button main"
          >Install from a file<input class="unseen" type="file" accept=".myr" ?disabled=${this.doing.busy} @change=${(event: Event) => this.take(event)}
        /></label>
      </header>
      ${this.choosing && answer?.length ? html`<p class="message">Choose the app of the new topic.</p>` : null}
      ${fault(this.doing.fault)} ${this.waitingOnes()}
      ${answer ? this.installed(answer) : waiting(this.apps.fault)}`;
  }

  private waitingOnes(): TemplateResult | null {
    const offers = this.offers.answer ?? [];
    if (offers.length === 0) return null;
    return html`<section class="apart" aria-labelledby="waiting-heading">
      <h2 id="waiting-heading">Waiting for your word</h2>
      <ul class="rows">
        ${repeat(
          offers,
          (offer) => offer.bundle,
          (offer) => this.offer(offer),
        )}
      </ul>
    </section>`;
  }

  private offer(offer: Waiting): TemplateResult {
    return html`<li class="row">
      <div>
        <strong>${line(offer.name)}</strong> ${offer.version}
        <p class="muted">
          by ${person(offer.author, offer.author_name)}${offer.topics.length > 0 ? `, needed by ${offer.topics.map(line).join(", ")}` : ""}
        </p>
      </div>
      <div class="actions">
        <button type="button" class="main" aria-label=${`Look at it: ${line(offer.name)} ${offer.version}`} @click=${() => install(offer.bundle)}>
          Look at it
        </button>
        ${offer.topics.length > 0
          ? null
          : html`<button
              type="button"
              class="danger quiet"
              aria-label=${`Throw away ${line(offer.name)} ${offer.version}`}
              ?disabled=${this.doing.busy}
              @click=${() => this.refuse(offer)}
            >Throw away</button>`}
      </div>
    </li>`;
  }

  /** One that a topic needs stays, and would come again. */
  private async refuse(offer: Waiting): Promise<void> {
    await this.doing.run(async () => {
      const { gone } = await desk.call("refuse", { bundle: offer.bundle });
      announce(gone ? `${line(offer.name)} was thrown away` : `${line(offer.name)} stays: a topic needs it`);
    });
  }

  private async take(event: Event): Promise<void> {
    const input = event.target as HTMLInputElement;
    const file = input.files?.[0];
    if (!file) return;
    let bundle: string | null = null;
    await this.doing.run(async () => {
      const bytes = new Uint8Array(await file.arrayBuffer());
      bundle = (await desk.call("take", { bytes: toHex(bytes) })).bundle;
    });
    input.value = "";
    if (bundle) await install(bundle);
  }

  private installed(apps: readonly App[]): TemplateResult {
    if (apps.length === 0) {
      return html`<div class="empty">
        <p>No app is installed.</p>
        <p class="muted">A topic that you join by a ticket brings its app; or install one from a file that ends in .myr.</p>
      </div>`;
    }
    const sorted = [...apps].sort((a, b) => a.name.localeCompare(b.name) || a.version.localeCompare(b.version));
    return html`<h2>${count(apps.length, "app")} installed</h2>
      <ul class="rows">
        ${repeat(
          sorted,
          (app) => app.id,
          (app) => html`<li class="row app-row">
            <div>
              <strong dir="auto">${line(app.name)}</strong> ${app.version} <span class="muted">${id(app.id)}</span>
              ${app.description ? html`<p dir="auto">${fit(app.description)}</p>` : null}
              <p class="muted">by ${person(app.author, app.author_name)}</p>
              ${this.word(app)} ${this.founding?.id === app.id ? this.foundForm(app) : null}
            </div>
            <div class="actions">
              ${this.founding?.id === app.id
                ? null
                : html`<button type="button" aria-label=${`New topic of ${line(app.name)} ${app.version}`} @click=${() => this.found(app)}>New topic</button>`}
              <button
                type="button"
                class="danger quiet"
                aria-label=${`Remove ${line(app.name)} ${app.version}`}
                ?disabled=${this.doing.busy}
                @click=${() => this.uninstall(app)}
              >Remove</button>
            </div>
          </li>`,
        )}
      </ul>`;
  }

  private word(app: App): TemplateResult | null {
    if (!app.revoked) return null;
    const next = app.revoked.successor ? html` It names bundle ${id(app.revoked.successor)} to go on with.` : null;
    return html`<div class="message ${app.pinned ? "muted" : "bad"}">
      <p>
        <strong>Its author has withdrawn it</strong>, ${time(app.revoked.at)}: ${line(app.revoked.reason)}.${next}
        ${app.pinned ? "You keep to it." : "Remove it, or keep to it all the same."}
      </p>
      ${app.pinned ? null : html`<button type="button" ?disabled=${this.doing.busy} @click=${() => this.pin(app)}>Keep to it</button>`}
    </div>`;
  }

  private async pin(app: App): Promise<void> {
    await this.doing.run(async () => {
      await desk.call("pin", { bundle: app.id });
    });
  }

  private async uninstall(app: App): Promise<void> {
    const sure = await confirm({
      title: `Remove ${line(app.name)} ${app.version}?`,
      text: "It can be installed again. Topics that need it keep it from being removed.",
      yes: "Remove",
    });
    if (!sure) return;
    const done = await this.doing.run(async () => {
      await desk.call("uninstall", { bundle: app.id });
    });
    if (!done) return;
    announce(`${line(app.name)} was removed`);
    await unsubscribe(app.id).catch(faultOf);
  }

  private async found(app: App): Promise<void> {
    this.founding = app;
    this.requestUpdate();
    await this.updateComplete;
    this.querySelector<HTMLInputElement>("[name=name]")?.select();
  }

  private foundForm(app: App): TemplateResult {
    return html`<form class="form" aria-label="New topic" @submit=${(event: Event) => this.make(event, app)}>
      <label class="field"
        ><span>What the topic is called</span
        ><input name="name" required maxlength="64" autocomplete="off" .defaultValue=${line(app.name)}
      /></label>
      <label class="check"><input type="checkbox" name="open" /><span>Let in whoever knows of it</span></label>
      <div class="actions">
        <button type="submit" class="main" ?disabled=${this.doing.busy}>Found it</button>
        <button type="button" @click=${() => this.cancel()}>Cancel</button>
      </div>
    </form>`;
  }

  private cancel(): void {
    this.founding = null;
    this.requestUpdate();
  }

  private async make(event: Event, app: App): Promise<void> {
    event.preventDefault();
    const given = new FormData(event.target as HTMLFormElement);
    const name = String(given.get("name")).trim();
    let topic: string | null = null;
    await this.doing.run(async () => {
      topic = (await desk.call("found", { bundle: app.id, name, open: given.has("open") })).topic;
    });
    if (topic) {
      announce(`${name} is founded`);
      go(topicPath(topic));
    }
  }
}

customElements.define("m-apps", Apps);
