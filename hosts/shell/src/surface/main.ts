// The document that an app's surface is drawn in. It is the shell's code alone, has no origin, loads
// nothing, and gets data through one port.

import type { Surface } from "../host/methods.js";
import { dark, mark } from "../look/which.js";
import { fit, line } from "../parts/words.js";
import { draw } from "./draw.js";
import { Hand } from "./hand.js";
import type { FromFrame, ToFrame } from "./messages.js";

const canvas = document.querySelector("canvas") as HTMLCanvasElement;
const words = document.querySelector("p") as HTMLElement;

/** Nobody but the page that holds this frame is listened to, and once. */
function opened(event: MessageEvent): void {
  const [port] = event.ports;
  if (event.source !== window.parent || event.data !== "surface" || !port) return;
  window.removeEventListener("message", opened);
  start(port);
}
window.addEventListener("message", opened);
// As is likely, until the page says.
mark(dark("system"));

function start(port: MessagePort): void {
  const say = (message: FromFrame): void => port.postMessage(message);
  const hand = new Hand(canvas, say);
  let last: Surface | null = null;
  let waits = false;
  let came = false;

  const paint = (): void => {
    waits = false;
    if (!last) return;
    try {
      paintOn(canvas, last);
    } finally {
      // Whatever went wrong: the page waits for this before it hands over what is done here.
      if (came) say({ kind: "shown" });
      came = false;
    }
  };
  const soon = (): void => {
    if (!waits) requestAnimationFrame(paint);
    waits = true;
  };

  port.onmessage = ({ data }: MessageEvent<ToFrame>) => {
    soon();
    if (data.kind === "look") return mark(data.dark);
    last = data.surface;
    came = true;
    hand.over(last);
    tell(last);
  };
  new ResizeObserver(soon).observe(canvas);
  window.addEventListener("resize", soon);
}

function paintOn(canvas: HTMLCanvasElement, surface: Surface): void {
  // Pixels of the screen, not of the page.
  const [width, height] = [canvas.clientWidth, canvas.clientHeight].map((side) =>
    Math.max(1, Math.round(side * devicePixelRatio)),
  ) as [number, number];
  if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
  const context = canvas.getContext("2d");
  if (context) draw(context, surface, getComputedStyle(document.documentElement));
}

/** What those know of it who do not see it. */
function tell({ name, text, listens }: Surface): void {
  canvas.setAttribute("role", listens ? "application" : "img");
  canvas.setAttribute("aria-label", line(name) || "The app's surface");
  const said = `${fit(text)}${listens ? " Press Escape to leave it." : ""}`;
  if (words.textContent !== said) words.textContent = said;
  canvas.tabIndex = listens ? 0 : -1;
  canvas.classList.toggle("listens", listens);
}
