/** As much of V8's profile as is read and written here. */
interface Profile {
  nodes: Node[];
  samples?: number[] | undefined;
}

interface Node {
  id: number;
  callFrame: CallFrame;
  hitCount?: number | undefined;
  children?: number[] | undefined;
  positionTicks?: LineTicks[] | undefined;
}

interface LineTicks {
  line: number;
  ticks: number;
}

/** A function: line and column count from zero. */
export interface CallFrame {
  functionName: string;
  scriptId: string;
  url: string;
  lineNumber: number;
  columnNumber: number;
}

/**
 * Returns a profile in which each function has its own samples. Of a function that V8 has put into another one, Node 20 to 24 count
 * nearly all samples for that other one, and only their lines tell whose they are; Node 26 counts them right. What was put into a
 * function becomes its child here, whoever called it there. Which samples those are, in the order of time, is not known: they are
 * taken at even distances. `inlinedAt` returns the function that a line of a node, from one, is in; null if that is the node's own,
 * or not known.
 */
export function withInlined<P extends Profile>(
  profile: P,
  inlinedAt: (node: P['nodes'][number], line: number) => CallFrame | null,
): P {
  const nodes = profile.nodes.map((node) => ({ ...node }));
  const byId = new Map<number, Node>(nodes.map((node) => [node.id, node]));
  let last = nodes.reduce((most, { id }) => Math.max(most, id), 0);
  const shares = new Map<number, Map<number, number>>();
  for (const [at, original] of profile.nodes.entries()) {
    const node = nodes[at] ?? original;
    for (const tick of original.positionTicks ?? []) {
      const frame = inlinedAt(original, tick.line);
      if (frame === null) continue;
      const child = childOf(node, frame, byId, () => ++last);
      move(node, child, tick);
      const share = shares.get(node.id) ?? new Map<number, number>();
      shares.set(node.id, share.set(child.id, (share.get(child.id) ?? 0) + tick.ticks));
    }
  }
  const hits = new Map(profile.nodes.map(({ id, hitCount = 0 }) => [id, hitCount]));
  const samples = profile.samples && divided(profile.samples, shares, hits);
  return { ...profile, nodes: [...byId.values()], ...(samples !== undefined && { samples }) };
}

/** Returns the child of a node that is this function; a new one, if V8 has seen no call of it there. */
function childOf(node: Node, frame: CallFrame, byId: Map<number, Node>, newId: () => number): Node {
  const { children = [] } = node;
  const known = children
    .map((id) => byId.get(id))
    .find((child) => child !== undefined && isSame(child.callFrame, frame));
  if (known !== undefined) return known;
  const child = { id: newId(), callFrame: frame, hitCount: 0 };
  byId.set(child.id, child);
  node.children = [...children, child.id];
  return child;
}

function move(from: Node, to: Node, tick: LineTicks): void {
  from.hitCount = (from.hitCount ?? 0) - tick.ticks;
  to.hitCount = (to.hitCount ?? 0) + tick.ticks;
  from.positionTicks = (from.positionTicks ?? []).filter((one) => one !== tick);
  to.positionTicks = [...(to.positionTicks ?? []), { ...tick }];
}

/** Gives the functions in a node their parts of its samples: whenever one is due to have had one more, it gets the next. */
function divided(
  samples: readonly number[],
  shares: ReadonlyMap<number, ReadonlyMap<number, number>>,
  hits: ReadonlyMap<number, number>,
): number[] {
  const seen = new Map<number, number>();
  const given = new Map<number, number>();
  return samples.map((id) => {
    const share = shares.get(id);
    if (share === undefined) return id;
    const count = (seen.get(id) ?? 0) + 1;
    seen.set(id, count);
    const part = count / (hits.get(id) ?? count);
    const due = [...share].find(([child, ticks]) => (given.get(child) ?? 0) + 0.5 < ticks * part);
    if (due === undefined) return id;
    given.set(due[0], (given.get(due[0]) ?? 0) + 1);
    return due[0];
  });
}

const isSame = (one: CallFrame, other: CallFrame): boolean =>
  one.url === other.url && one.lineNumber === other.lineNumber && one.columnNumber === other.columnNumber;
