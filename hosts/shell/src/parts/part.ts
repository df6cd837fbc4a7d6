import { LitElement } from "lit";

/** A part of the page. It has no shadow: labels, headings and styles are those of one document. */
export class Part extends LitElement {
  protected override createRenderRoot(): HTMLElement {
    return this;
  }
}
