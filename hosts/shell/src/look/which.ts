// Which look there is: light or dark, as the system is or as was chosen for this page.

export const LOOKS = ["system", "light", "dark"] as const;
export type Look = (typeof LOOKS)[number];

/** What it is kept under in this browser. */
export const KEPT = "myrhiza-look";

export function known(kept: string | null): Look {
  return LOOKS.find((look) => look === kept) ?? "system";
}

/** What was chosen earlier. */
export function chosen(): Look {
  try {
    return known(localStorage.getItem(KEPT));
  } catch {
    // A page that may keep nothing.
    return "system";
  }
}

export function system(): MediaQueryList {
  return matchMedia("(prefers-color-scheme: dark)");
}

export function dark(look: Look): boolean {
  return look === "system" ? system().matches : look === "dark";
}

/** Puts it on the document: styles go by that. */
export function mark(dark: boolean): void {
  document.documentElement.toggleAttribute("data-dark", dark);
}
