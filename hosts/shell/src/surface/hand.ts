// What is pointed at and typed on a surface, told once a frame of the screen.

import type { Input, Surface } from "../host/methods.js";
import { type FromFrame, KEY } from "./messages.js";

type Phase = Extract<Input, { kind: "pointer" }>["phase"];

const FAR = 2 ** 31 - 1;

export class Hand {
  private surface: Surface | null = null;
  /** The finger, pen or mouse that is down. */
  private pointer: number | null = null;
  private readonly held = new Set<string>();
  private done: Input[] = [];

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly say: (message: FromFrame) => void,
  ) {
    canvas.addEventListener("pointerdown", (event) => this.down(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    canvas.addEventListener("pointerup", (event) => this.up(event, "up"));
    canvas.addEventListener("pointercancel", (event) => this.up(event, "cancel"));
    canvas.addEventListener("contextmenu", (event) => {
      if (this.surface?.listens) event.preventDefault();
    });
    canvas.addEventListener("keydown", (event) => this.key(event, true));
    canvas.addEventListener("keyup", (event) => this.key(event, false));
    canvas.addEventListener("blur", () => this.letGo());
  }

  over(surface: Surface): void {
    this.surface = surface;
  }

  private down(event: PointerEvent): void {
    if (!this.surface?.listens || this.pointer !== null) return;
    this.pointer = event.pointerId;
    this.canvas.setPointerCapture(event.pointerId);
    this.at(event, "down");
  }

  private move(event: PointerEvent): void {
    if (event.pointerId !== this.pointer) return;
    const between = event.getCoalescedEvents?.() ?? [];
    for (const one of between.length > 0 ? between : [event]) this.at(one, "move");
  }

  private up(event: PointerEvent, phase: Phase): void {
    if (event.pointerId !== this.pointer) return;
    this.pointer = null;
    this.at(event, phase);
  }

  private at(event: PointerEvent, phase: Phase): void {
    if (!this.surface) return;
    const { left, top, width, height } = this.canvas.getBoundingClientRect();
    const unit = (pixels: number, side: number, units: number): number =>
      Math.max(-FAR, Math.min(FAR, Math.round((pixels / Math.max(side, 1)) * units)));
    const x = unit(event.clientX - left, width, this.surface.width);
    const y = unit(event.clientY - top, height, this.surface.height);
    this.tell({ kind: "pointer", phase, x, y, buttons: event.buttons, modifiers: modifiers(event) });
  }

  /** Tab goes on through the page, Escape leaves, and what the browser does with others stays its own. */
  private key(event: KeyboardEvent, down: boolean): void {
    const { key } = event;
    if (!this.surface?.listens || key === "Tab" || event.isComposing || key.length > KEY) return;
    if (key === "Escape") {
      if (down) this.say({ kind: "leave" });
      return;
    }
    if (down && (event.ctrlKey || event.metaKey || event.altKey)) return;
    // What went down before the keyboard came here is not told to go up.
    if (!down && !this.held.delete(key)) return;
    if (down) this.held.add(key);
    event.preventDefault();
    this.tell({ kind: "key", down, name: key, modifiers: modifiers(event) });
  }

  /** What is let go elsewhere is not heard of. */
  private letGo(): void {
    for (const name of this.held) this.tell({ kind: "key", down: false, name, modifiers: 0 });
    this.held.clear();
  }

  private tell(input: Input): void {
    if (this.done.length === 0) {
      requestAnimationFrame(() => {
        this.say({ kind: "input", input: this.done });
        this.done = [];
      });
    }
    this.done.push(input);
  }
}

function modifiers(event: PointerEvent | KeyboardEvent): number {
  const held = [event.shiftKey, event.ctrlKey, event.altKey, event.metaKey];
  return held.reduce((bits, is, at) => bits | (is ? 1 << at : 0), 0);
}
