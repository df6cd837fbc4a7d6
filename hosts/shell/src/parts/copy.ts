// Copying something, with a word that it was done.

import { html, type TemplateResult } from "lit";

import { announce } from "../frame/announce.js";

async function copy(text: string, button: HTMLButtonElement): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    announce("Copied");
    const words = button.textContent;
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = words), 1500);
  } catch {
    announce("It could not be copied: select it and copy it by hand");
  }
}

export function copyButton(text: string, what: string): TemplateResult {
  return html`<button
    type="button"
    class="quiet"
    aria-label=${`Copy ${what}`}
    @click=${(event: Event) => void copy(text, event.currentTarget as HTMLButtonElement)}
  >Copy</button>`;
}
