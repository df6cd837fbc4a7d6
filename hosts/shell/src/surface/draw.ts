// Commands as pixels. Each is looked at before it is drawn: what is not whole is left out.

import type { Command, Surface } from "../host/methods.js";
import { fit, fromHex } from "../parts/words.js";

/** The page's colours by the names that apps know. */
const TINTS: Readonly<Record<string, string>> = {
  ground: "--surface",
  text: "--text",
  muted: "--muted",
  accent: "--accent",
  good: "--good",
  warning: "--warning",
  bad: "--bad",
};

/** Places of each step of a path: move, line, curve, close. */
const PLACES = [1, 1, 3, 0] as const;
/** One, in the numbers of a transform. */
const ONE = 65_536;

type Colours = Pick<CSSStyleDeclaration, "getPropertyValue">;

export function draw(context: CanvasRenderingContext2D, surface: Surface, colours: Colours): void {
  const { width, height } = context.canvas;
  const [across, down] = [width / surface.width, height / surface.height];
  const units = (): void => context.setTransform(across, 0, 0, down, 0, 0);
  context.resetTransform();
  context.clearRect(0, 0, width, height);
  units();
  context.lineCap = "round";
  context.lineJoin = "round";
  context.imageSmoothingEnabled = false;
  const painter = new Painter(context, colours, units);
  for (const command of surface.commands) {
    try {
      painter.does(command);
    } catch (error) {
      // What only the browser finds to be none, or to be more than it draws.
      console.warn("A command was left out:", error);
    }
  }
}

class Painter {
  constructor(
    private readonly context: CanvasRenderingContext2D,
    private readonly colours: Colours,
    private readonly units: () => void,
  ) {}

  does(command: Command): void {
    const { context } = this;
    const paint = this.paint(command["paint"]);
    const width = number(command["width"]);
    switch (command.kind) {
      case "clear": {
        if (paint === null) return;
        context.save();
        context.resetTransform();
        context.fillStyle = paint;
        context.clearRect(0, 0, context.canvas.width, context.canvas.height);
        context.fillRect(0, 0, context.canvas.width, context.canvas.height);
        context.restore();
        return;
      }
      case "fill-area":
      case "stroke-area": {
        const area = numbers(command["area"], 4);
        if (!area || paint === null) return;
        this.fillOrStroke(rectangle(area), paint, command.kind === "fill-area" ? null : width);
        return;
      }
      case "fill-path":
      case "stroke-path": {
        const path = pathOf(command["path"]);
        if (!path || paint === null) return;
        this.fillOrStroke(path, paint, command.kind === "fill-path" ? null : width);
        return;
      }
      case "text":
        return this.text(command, paint);
      case "image":
        return this.image(command);
      case "transform": {
        const matrix = numbers(command["matrix"], 6);
        if (!matrix) return;
        const [xx, xy, yx, yy, dx, dy] = matrix as [number, number, number, number, number, number];
        this.units();
        context.transform(xx / ONE, yx / ONE, xy / ONE, yy / ONE, dx, dy);
      }
    }
  }

  private paint(value: unknown): string | null {
    if (typeof value !== "string") return null;
    if (/^#[0-9a-f]{8}$/.test(value)) return value;
    const tint = Object.hasOwn(TINTS, value) ? TINTS[value] : undefined;
    return tint === undefined ? null : this.colours.getPropertyValue(tint);
  }

  /** No width: it is filled. */
  private fillOrStroke(path: Path2D, paint: string, width: number | null): void {
    const { context } = this;
    if (width === null) {
      context.fillStyle = paint;
      context.fill(path);
    } else if (width > 0) {
      context.strokeStyle = paint;
      context.lineWidth = width;
      context.stroke(path);
    }
  }

  private text(command: Command, paint: string | null): void {
    const [x, y, size] = [command["x"], command["y"], command["size"]].map(number);
    const { text, align } = command;
    if (paint === null || x == null || y == null || !size || typeof text !== "string") return;
    const { context } = this;
    context.font = `${size}px system-ui, sans-serif`;
    context.textAlign = align === "center" || align === "end" ? align : "start";
    context.fillStyle = paint;
    context.fillText(fit(text), x, y);
  }

  private image(command: Command): void {
    const area = numbers(command["area"], 4);
    const columns = number(command["columns"]);
    const { pixels } = command;
    if (!area || !columns || typeof pixels !== "string" || !/^(?:[0-9a-f]{8})+$/.test(pixels)) return;
    const bytes = new Uint8ClampedArray(fromHex(pixels));
    if (bytes.length % (columns * 4) !== 0) return;
    const sheet = new OffscreenCanvas(columns, bytes.length / (columns * 4));
    sheet.getContext("2d")?.putImageData(new ImageData(bytes, columns), 0, 0);
    const [x, y, width, height] = area as [number, number, number, number];
    this.context.drawImage(sheet, x, y, width, height);
  }
}

function number(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

function numbers(value: unknown, count: number): number[] | null {
  const whole = Array.isArray(value) && value.length === count && value.every((one) => number(one) !== null);
  return whole ? (value as number[]) : null;
}

function rectangle(area: readonly number[]): Path2D {
  const [x, y, width, height] = area as [number, number, number, number];
  const path = new Path2D();
  path.rect(x, y, width, height);
  return path;
}

function pathOf(value: unknown): Path2D | null {
  if (!Array.isArray(value)) return null;
  const path = new Path2D();
  for (let at = 0; at < value.length; ) {
    const step: unknown = value[at];
    const places = PLACES[step as number];
    if (places === undefined) return null;
    const p = numbers(value.slice(at + 1, at + 1 + 2 * places), 2 * places);
    if (!p) return null;
    if (step === 0) path.moveTo(p[0]!, p[1]!);
    else if (step === 1) path.lineTo(p[0]!, p[1]!);
    else if (step === 2) path.bezierCurveTo(p[0]!, p[1]!, p[2]!, p[3]!, p[4]!, p[5]!);
    else path.closePath();
    at += 1 + 2 * places;
  }
  return path;
}
