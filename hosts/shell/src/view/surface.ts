// An app's surface of pixels: a frame that draws what the app sends and tells what is done there.
//
// The frame has an origin of its own that is nobody's, and its document is the shell's (src/surface): so
// whatever is drawn there, it cannot reach this page, and is never before it.

import { html, type TemplateResult } from "lit";
import { createRef, type Ref, ref } from "lit/directives/ref.js";

import { desk, faultOf, type Listener } from "../data/desk.js";
import type { Fault } from "../host/interface.js";
import type { Hex, Input, Shape, Surface } from "../host/methods.js";
import { follow, isDark } from "../look/look.js";
import { fault } from "../parts/fault.js";
import { Part } from "../parts/part.js";
import { line } from "../parts/words.js";
import { type FromFrame, inputOf, type ToFrame } from "../surface/messages.js";
import type { Acting } from "./render.js";

type Place = Extract<Shape, { kind: "surface" }>;

/** Most input that is handed over at once, as the host has it. */
const MOST = 256;
/** The part of the window's height that a surface takes at most. */
const HEIGHT = 0.75;

export function surface(place: Place, { topic, act }: Acting): TemplateResult {
  return html`<m-surface .topic=${topic} .place=${place} .act=${act}></m-surface>`;
}

class SurfacePart extends Part {
  static override properties = { topic: {}, place: {}, act: {} };
  declare topic: Hex;
  declare place: Place;
  declare act: Acting["act"];

  private readonly frame: Ref<HTMLIFrameElement> = createRef();
  private readonly end: Ref<HTMLElement> = createRef();
  private port: MessagePort | null = null;
  private fault: Fault | null = null;
  private version: string | null = null;
  private waiting: Input[] = [];
  private room = "";
  private stale = false;
  private asking = false;
  private shown: (() => void) | null = null;
  private ends: (() => void)[] = [];
  private readonly size = new ResizeObserver(() => this.measure());

  override connectedCallback(): void {
    super.connectedCallback();
    const listener: Listener = {
      notice: (notice) => {
        if (notice.kind === "topic" && notice.topic === this.topic) this.refresh();
      },
      again: () => this.refresh(),
    };
    this.ends = [desk.listen(listener), follow(() => this.look())];
    this.size.observe(this);
    window.addEventListener("resize", this.measure);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const end of this.ends) end();
    this.size.disconnect();
    window.removeEventListener("resize", this.measure);
    this.close();
  }

  protected override render(): TemplateResult {
    return html`<iframe
        ${ref(this.frame)}
        class="surface"
        sandbox="allow-scripts"
        src="surface.html"
        referrerpolicy="no-referrer"
        title=${line(this.place.name) || "The app's surface"}
        @load=${() => this.open()}
      ></iframe>
      <p ${ref(this.end)} class="unseen" tabindex="-1">The surface ends here.</p>
      ${fault(this.fault)}`;
  }

  /** Its own shape, as wide as there is room and no higher than most of the window. */
  protected override updated(): void {
    const style = this.frame.value?.style;
    const ratio = this.place.width / this.place.height;
    if (!style || !(ratio > 0)) return;
    style.aspectRatio = String(ratio);
    style.maxWidth = `${HEIGHT * 100 * ratio}vh`;
  }

  private open(): void {
    this.close();
    const { port1, port2 } = new MessageChannel();
    // Its origin is nobody's, so it has no name to send to; what it shows comes from this page's server.
    this.frame.value?.contentWindow?.postMessage("surface", "*", [port2]);
    port1.onmessage = ({ data }: MessageEvent<FromFrame>) => this.told(data);
    this.port = port1;
    this.room = "";
    this.look();
    this.refresh();
  }

  private close(): void {
    this.port?.close();
    this.port = null;
    this.version = null;
    this.waiting = [];
    this.shown?.();
  }

  private told(message: FromFrame): void {
    if (message.kind === "shown") this.shown?.();
    else if (message.kind === "leave") this.end.value?.focus();
    else if (message.kind === "input") this.hear(message.input);
  }

  private hear(input: readonly unknown[]): void {
    for (const one of input.map(inputOf)) if (one) this.waiting.push(one);
    // Of a long way what matters is where it begins and ends.
    if (this.waiting.length > MOST) {
      this.waiting = this.waiting.filter((one, at) => at % 2 === 0 || one.kind !== "pointer" || one.phase !== "move");
    }
    void this.ask();
  }

  /** Both the frame and the app hear of it. */
  private look(): void {
    this.port?.postMessage({ kind: "look", dark: isDark() } satisfies ToFrame);
    this.measure();
  }

  private readonly measure = (): void => {
    const width = Math.max(1, this.clientWidth);
    const height = Math.max(1, Math.floor(window.innerHeight * HEIGHT));
    const room: Input = { kind: "room", width, height, dark: isDark() };
    const known = JSON.stringify(room);
    if (!this.port || known === this.room) return;
    this.room = known;
    this.hear([room]);
  };

  private refresh(): void {
    this.stale = true;
    void this.ask();
  }

  /** One thing at a time, and not before what came last is seen: an app that is slow holds up itself. */
  private async ask(): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    while (this.port && (this.stale || this.waiting.length > 0)) {
      this.stale = false;
      const port = this.port;
      const input = this.waiting.splice(0, MOST);
      try {
        const came = await desk.call("surface", { topic: this.topic, known: this.version, input });
        if (port !== this.port) continue;
        this.perform(came.intents);
        this.version = came.version;
        this.fault = null;
        if (came.surface) await this.show(port, came.surface);
      } catch (error) {
        this.fault = faultOf(error);
        this.waiting = [];
      }
      this.requestUpdate();
    }
    this.asking = false;
  }

  /** What the app made of the input goes the way of every button. */
  private perform(intents: readonly (readonly string[])[]): void {
    for (const intent of intents) void this.act(intent);
  }

  /** Until the frame has drawn it: a frame that nobody sees does not. */
  private show(port: MessagePort, surface: Surface): Promise<void> {
    return new Promise((resolve) => {
      this.shown = () => {
        this.shown = null;
        resolve();
      };
      port.postMessage({ kind: "surface", surface } satisfies ToFrame);
    });
  }
}

customElements.define("m-surface", SurfacePart);
