// A question that is answered before anything else is done. The shell alone draws one, in the
// browser's top layer: nothing that an app shows comes before it.

import { html, type TemplateResult } from "lit";
import { createRef, type Ref, ref } from "lit/directives/ref.js";

import { Part } from "../parts/part.js";

/** Parts that ask something. Made by `ask`, and gone with the answer. */
export abstract class Modal<T> extends Part {
  private readonly dialog: Ref<HTMLDialogElement> = createRef();
  private settle: ((answer: T) => void) | null = null;
  private left: Element | null = null;

  /** What it asks, under a heading with this id. */
  protected abstract content(heading: string): TemplateResult;
  /** The answer of who closes it without one. */
  protected abstract readonly dismissed: T;

  /** The answer where it goes away and nobody has closed it. */
  protected gone(): T {
    return this.dismissed;
  }

  ask(): Promise<T> {
    this.left = document.activeElement;
    document.body.append(this);
    return new Promise((resolve) => (this.settle = resolve));
  }

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener("hashchange", this.leave);
  }

  override disconnectedCallback(): void {
    window.removeEventListener("hashchange", this.leave);
    super.disconnectedCallback();
  }

  /** It belongs to what the page showed when it was asked. */
  protected readonly leave = (): void => this.answer(this.gone());

  protected answer(answer: T): void {
    this.dialog.value?.close();
    this.remove();
    // Where the keyboard was, it is again.
    if (this.left instanceof HTMLElement && this.left.isConnected) this.left.focus();
    this.settle?.(answer);
    this.settle = null;
  }

  protected override render(): TemplateResult {
    const closed = (event: Event): void => {
      event.preventDefault();
      this.answer(this.dismissed);
    };
    return html`<dialog ${ref(this.dialog)} class="prompt" aria-labelledby="prompt-heading" @cancel=${closed}>
      ${this.content("prompt-heading")}
    </dialog>`;
  }

  protected override firstUpdated(): void {
    this.dialog.value?.showModal();
  }

  /** What had the keyboard may have gone with what was there before: it stays in the prompt. */
  protected override updated(): void {
    const dialog = this.dialog.value;
    if (!dialog?.open || dialog.contains(document.activeElement)) return;
    const first = dialog.querySelector<HTMLElement>("[autofocus]:enabled") ?? dialog.querySelector<HTMLElement>("[tabindex]");
    first?.focus();
  }
}
