/** One item is a tree of 127 small objects that is built, walked and dropped; the last 32 trees stay alive. */
export const items = 100;

interface Node {
  readonly value: number;
  readonly left: Node | null;
  readonly right: Node | null;
}

const kept: (Node | null)[] = new Array<Node | null>(32).fill(null);
let next = 0;

function build(depth: number, value: number): Node {
  if (depth === 0) return { value, left: null, right: null };
  return { value, left: build(depth - 1, value + 1), right: build(depth - 1, value + 2) };
}

function sum(node: Node): number {
  return node.value + (node.left === null ? 0 : sum(node.left)) + (node.right === null ? 0 : sum(node.right));
}

export function work(): number {
  let total = 0;
  for (let item = 0; item < items; item++) {
    const tree = build(6, item);
    total += sum(tree);
    next = (next + 1) % kept.length;
    kept[next] = tree;
  }
  return total;
}
