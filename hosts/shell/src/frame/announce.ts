// What has changed, for those who do not see it.

const REGION = "announcements";

/** The element that a screen reader follows. */
export function region(): HTMLElement {
  const element = document.createElement("div");
  element.id = REGION;
  element.className = "unseen";
  element.setAttribute("role", "status");
  element.setAttribute("aria-live", "polite");
  return element;
}

export function announce(words: string): void {
  const element = document.getElementById(REGION);
  if (!element) return;
  // The same words twice are two things that happened.
  element.textContent = element.textContent === words ? `${words}\u00a0` : words;
}
