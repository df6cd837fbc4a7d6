// The look of this page while it is open.

import { chosen, dark, KEPT, known, type Look, mark, system } from "./which.js";

let now = chosen();
const heard = new Set<() => void>();

export function look(): Look {
  return now;
}

export function isDark(): boolean {
  return dark(now);
}

/** From now on, and in this browser also later. */
export function choose(look: Look): void {
  try {
    localStorage.setItem(KEPT, look);
  } catch {
    // Then until the page is closed.
  }
  change(look);
}

/** Tells when it may be another; the function returned ends that. */
export function follow(changed: () => void): () => void {
  heard.add(changed);
  return () => heard.delete(changed);
}

function change(look: Look): void {
  now = look;
  mark(isDark());
  for (const changed of [...heard]) changed();
}

system().addEventListener("change", () => change(now));
// Another tab has chosen.
window.addEventListener("storage", ({ key, newValue }) => {
  if (key === KEPT) change(known(newValue));
});
