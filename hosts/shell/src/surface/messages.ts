// What the page and the frame of a surface say to each other, through a port that only the two have.

import type { Input, Surface } from "../host/methods.js";

export type ToFrame =
  | { readonly kind: "surface"; readonly surface: Surface }
  /** How the page looks. */
  | { readonly kind: "look"; readonly dark: boolean };

export type FromFrame =
  | { readonly kind: "input"; readonly input: readonly unknown[] }
  /** What came last is drawn. */
  | { readonly kind: "shown" }
  /** The keyboard wants to go on behind the surface. */
  | { readonly kind: "leave" };

const PHASES = ["down", "move", "up", "cancel"] as const;
/** Longest name of a key, in characters; the host takes 256 bytes. */
export const KEY = 64;

const whole = (value: unknown): value is number => Number.isInteger(value) && Math.abs(value as number) < 2 ** 31;
const bits = (value: unknown): value is number => whole(value) && value >= 0;

/** An input as the host takes it, of whatever came. */
export function inputOf(value: unknown): Input | null {
  const one = Object(value) as Record<string, unknown>;
  const { modifiers } = one;
  switch (one["kind"]) {
    case "pointer": {
      const { x, y, buttons } = one;
      const phase = PHASES.find((phase) => phase === one["phase"]);
      if (!phase || !whole(x) || !whole(y) || !bits(buttons) || !bits(modifiers)) return null;
      return { kind: "pointer", phase, x, y, buttons, modifiers };
    }
    case "key": {
      const { down, name } = one;
      if (typeof down !== "boolean" || typeof name !== "string" || name.length > KEY || !bits(modifiers)) return null;
      return { kind: "key", down, name, modifiers };
    }
    case "room": {
      const { width, height, dark } = one;
      if (!bits(width) || !bits(height) || typeof dark !== "boolean") return null;
      return { kind: "room", width, height, dark };
    }
    default:
      return null;
  }
}
