// A view as a tree: it comes as nodes in preorder, each with its depth.

import type { Shape, ViewNode } from "../host/methods.js";

export interface Branch {
  readonly shape: Shape;
  /** Names it among its siblings, also after others came or went. */
  readonly key: string;
  readonly children: Branch[];
}

export function tree(nodes: readonly ViewNode[]): Branch[] {
  const roots: Branch[] = [];
  const open: { depth: number; branch: Branch }[] = [];
  const taken = new Map<Branch[], Map<string, number>>();
  for (const node of nodes) {
    while (open.length > 0 && (open.at(-1)?.depth ?? 0) >= node.depth) open.pop();
    const siblings = open.at(-1)?.branch.children ?? roots;
    const names = taken.get(siblings) ?? new Map<string, number>();
    taken.set(siblings, names);
    const name = nameOf(node);
    const number = names.get(name) ?? 0;
    names.set(name, number + 1);
    const branch: Branch = { shape: node, key: `${name}\n${number}`, children: [] };
    siblings.push(branch);
    open.push({ depth: node.depth, branch });
  }
  return roots;
}

/** What does not change about a node while it stays the same one. */
function nameOf(shape: Shape): string {
  switch (shape.kind) {
    case "input":
      return `input ${shape.label}`;
    case "button":
    case "form":
      return `${shape.kind} ${shape.intent.join(" ")}`;
    case "panel":
    case "menu":
    case "dialog":
      return `${shape.kind} ${shape.title}`;
    default:
      return shape.kind;
  }
}
