// A page that has this one in a frame could lay something over it and have a person press what they do
// not see. No policy in a document keeps it from that (`frame-ancestors` counts in a header alone, which
// not every server of files sends): so the page itself does not start there.

import { html, render } from "lit";

export function isFramed(): boolean {
  return window.top !== window.self;
}

/** Says so, and how to go on. */
export function refuseFrame(): void {
  // What is behind `#` may let somebody in.
  const address = location.origin + location.pathname;
  document.title = "Not started – Myrhiza";
  const words = html`<main>
    <h1>Myrhiza is not shown inside another page</h1>
    <p>The page around it could have you press what you do not see.</p>
    <p><a href=${address} target="_blank" rel="noopener noreferrer">Open Myrhiza by itself</a>, or enter its address:</p>
    <p class="break"><code>${address}</code></p>
  </main>`;
  render(words, document.body);
}
