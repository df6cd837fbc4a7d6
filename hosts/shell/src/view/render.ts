// A view's nodes as elements. The shell alone makes these: an app chooses words and order, never
// elements, scripts, styles or addresses.

import { html, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";

import type { Hex, Shape } from "../host/methods.js";
import { fit, line } from "../parts/words.js";
import { formOf } from "./form.js";
import { surface } from "./surface.js";
import { table } from "./table.js";
import type { Branch } from "./tree.js";

/** What a view can ask for. */
export interface Acting {
  /** Something is under way: nothing else can be pressed. A button that was disabled would lose the keyboard. */
  readonly busy: boolean;
  act(intent: readonly string[]): Promise<boolean>;
  /** Shows more of what is long; null where as much is shown as can be. */
  readonly more: (() => void) | null;
  readonly topic: Hex;
  /** Where titles start in the outline. */
  readonly level: number;
}

export function branches(all: readonly Branch[], acting: Acting): unknown {
  return repeat(
    all,
    (branch) => branch.key,
    (branch) => one(branch, acting),
  );
}

function one({ shape, children }: Branch, acting: Acting): TemplateResult {
  const titles = shape.kind === "panel" || shape.kind === "dialog";
  const inner = branches(children, titles ? deeper(acting) : acting);
  switch (shape.kind) {
    case "panel":
      return titled(shape.title, inner, acting, "panel");
    case "dialog":
      return titled(shape.title, inner, acting, "panel asking");
    case "menu":
      return html`<div class="menu" role="group" aria-label=${line(shape.title)}>
        <span class="menu-title" aria-hidden="true">${line(shape.title)}</span>${inner}
      </div>`;
    case "list": {
      const items = repeat(
        children,
        (child) => child.key,
        (child) => html`<li>${one(child, acting)}</li>`,
      );
      return shape.numbered ? html`<ol>${items}</ol>` : html`<ul>${items}</ul>`;
    }
    case "message":
      return html`<p class="message ${shape.tone}" dir="auto">${fit(shape.text)}</p>${inner}`;
    case "text":
      return html`<p class="text ${shape.tone}" dir="auto">${fit(shape.text)}</p>${inner}`;
    case "button":
      return html`<button
          type="button"
          ?disabled=${!shape.enabled}
          aria-disabled=${acting.busy}
          @click=${() => !acting.busy && acting.act(shape.intent)}
        >${line(shape.label)}</button>${inner}`;
    case "form":
      return formOf(shape, inner, acting);
    case "input":
      return input(shape);
    case "table":
      return html`${table(shape, acting)}${inner}`;
    case "surface":
      return surface(shape, acting);
    default:
      // Of a later version: what is below it is shown all the same.
      return html`<div>${inner}</div>`;
  }
}

const deeper = (acting: Acting): Acting => ({ ...acting, level: Math.min(acting.level + 1, 6) });

function titled(title: string, inner: unknown, { level }: Acting, kind: string): TemplateResult {
  const words = line(title);
  const heading = html`<div class="title" role="heading" aria-level=${level} dir="auto">${words}</div>`;
  return html`<section class=${kind} aria-label=${words || "Part of the app"}>
    ${words ? heading : null}${inner}
  </section>`;
}

/** What it holds at first stays a person's to change: a later view changes it only where nobody did. */
function input(shape: Extract<Shape, { kind: "input" }>): TemplateResult {
  const label = line(shape.label);
  if (shape.choices.length > 0) {
    return html`<label class="field"
      ><span>${label}</span
      ><select data-input>
        ${repeat(
          shape.choices,
          (choice) => choice,
          (choice) =>
            html`<option .value=${choice} .defaultSelected=${choice === shape.value}>${line(choice)}</option>`,
        )}
      </select></label
    >`;
  }
  return html`<label class="field"
    ><span>${label}</span><input data-input type="text" autocomplete="off" dir="auto" .defaultValue=${shape.value}
  /></label>`;
}
