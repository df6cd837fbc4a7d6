// What is to be read before it is agreed to has to have been in sight to its end, in a window of any size.

import { html, type ReactiveController, type ReactiveControllerHost, type TemplateResult } from "lit";
import { createRef, type Ref, ref } from "lit/directives/ref.js";

import type { Delay } from "./delay.js";

/** Pixels that are nothing: lengths in a document are no whole ones. */
const NOTHING = 2;

export class Read implements ReactiveController {
  /** Where it is shown, which scrolls. */
  private readonly place: Ref<HTMLElement> = createRef();
  /** Its end was in sight. */
  whole = false;
  /** There is more below what is in sight. */
  private more = false;
  private what = "";
  private readonly sizes = new ResizeObserver(() => this.look());

  constructor(private readonly part: ReactiveControllerHost) {
    part.addController(this);
  }

  hostUpdated(): void {
    if (this.place.value) this.sizes.observe(this.place.value);
    this.look();
  }

  hostDisconnected(): void {
    this.sizes.disconnect();
  }

  /** What is shown now; other than before, it has to be read again. */
  shows(what: string): void {
    if (what !== this.what) this.whole = false;
    this.what = what;
  }

  /** The place with what is to be read in it. */
  shown(label: string, content: TemplateResult): TemplateResult {
    return html`<div
      ${ref(this.place)}
      class="prompt-text ${this.more ? "more" : ""}"
      tabindex="0"
      role="group"
      aria-label=${label}
      @scroll=${this.look}
    >
      ${content}
    </div>`;
  }

  /** Also whenever it was scrolled. */
  private readonly look = (): void => {
    const place = this.place.value;
    // Nothing of it is in sight yet.
    if (!place || place.clientHeight === 0) return;
    const more = place.scrollHeight - place.scrollTop - place.clientHeight > NOTHING;
    const whole = this.whole || !more;
    if (more === this.more && whole === this.whole) return;
    [this.more, this.whole] = [more, whole];
    this.part.requestUpdate();
  };
}

/** What is still to be done before it can be agreed to. */
export function reading(delay: Delay, read: Read): string {
  if (!delay.over) return "Take a moment to read it.";
  return read.whole ? "" : "Read on: there is more below.";
}
