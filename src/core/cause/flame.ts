import { loopScript } from './profile.js';

/** One function in a flame graph of two profiles: how long a call spends in it on each side, and below it. */
export interface Frame {
  /** As V8 names it; empty for a function without a name. */
  readonly name: string;
  /** The address of its file, as the profile has it; empty for what is V8's own. */
  readonly url: string;
  /** Where it begins, counted from one; null if that is not known. */
  readonly line: number | null;
  readonly column: number | null;
  readonly baseline: number;
  readonly current: number;
  /** In the order in which they were first seen. */
  readonly children: readonly Frame[];
}

/** As much of V8's profile as is read here. */
export interface Profile {
  readonly nodes: readonly ProfileNode[];
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: {
    readonly functionName: string;
    readonly url: string;
    readonly lineNumber: number;
    readonly columnNumber: number;
  };
  readonly hitCount?: number | undefined;
  readonly children?: readonly number[] | undefined;
}

/** Deeper calls count for the last frame that is shown. */
const deepest = 120;
/** A frame of less than this part of both sides is too narrow to see; its time stays with its caller. */
const narrowest = 0.001;
/** What V8 shows beside the code: the thread waits, or does what no function asked for. */
const notCode = new Set(['(idle)', '(program)']);

const collector = '(garbage collector)';
/** The address of our loop around the calls. What does not run in it is no part of a call. */
const loop = loopScript.url;

interface Growing {
  readonly name: string;
  readonly url: string;
  line: number | null;
  column: number | null;
  readonly sums: { baseline: number; current: number };
  readonly children: Map<string, Growing>;
}

type Side = 'baseline' | 'current';

/**
 * Merges two profiles into one tree, by the name and the file of each function. A function that calls itself is one frame. The
 * root's figures are `total`, what a call takes on each side; a side of which nothing was sampled has none.
 */
export function flame(profiles: Readonly<Record<Side, Profile>>, total: Readonly<Record<Side, number>>): Frame {
  const root = growing('', '');
  for (const side of ['baseline', 'current'] as const) add(root, profiles[side], side, total[side]);
  return finished(root, root.sums);
}

const growing = (name: string, url: string): Growing => ({
  ...{ name, url, line: null, column: null },
  sums: { baseline: 0, current: 0 },
  children: new Map(),
});

interface Step {
  readonly node: ProfileNode;
  readonly caller: ProfileNode | null;
  /** From the root to the caller. */
  readonly path: readonly Growing[];
  /** Whether it is part of a call. */
  readonly isInside: boolean;
}

function add(root: Growing, { nodes }: Profile, side: Side, total: number): void {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const children = new Set(nodes.flatMap((node) => node.children ?? []));
  const isInside = !nodes.some(isLoop);
  // No recursion of our own: the profile of a deep recursion is as deep.
  const open: Step[] = nodes
    .filter(({ id }) => !children.has(id))
    .map((node) => ({ node, caller: null, path: [root], isInside }));
  const seen = new Set<ProfileNode>();
  const counted: { readonly path: readonly Growing[]; readonly hits: number }[] = [];
  for (let step = open.pop(); step !== undefined; step = open.pop()) {
    const { node } = step;
    if (seen.has(node)) continue;
    seen.add(node);
    const below = entered(step, side);
    const isCounted = below.isInside && !notCode.has(node.callFrame.functionName);
    if (isCounted) counted.push({ path: below.path, hits: Math.max(0, node.hitCount ?? 0) });
    for (const id of (node.children ?? []).toReversed()) {
      const child = byId.get(id);
      if (child !== undefined) open.push({ node: child, ...below });
    }
  }
  const all = counted.reduce((sum, { hits }) => sum + hits, 0);
  if (all === 0) return;
  for (const { path, hits } of counted) for (const frame of path) frame.sums[side] += (hits / all) * total;
}

/** Returns what a node's own time and the nodes below it belong to. */
function entered({ node, caller, path, isInside }: Step, side: Side): Omit<Step, 'node'> {
  const { functionName } = node.callFrame;
  if (isLoop(node)) return { caller: node, path: path.slice(0, 1), isInside: true };
  // V8 does not say for whom it collects.
  if (!isInside && functionName !== collector) return { caller: node, path, isInside };
  return { caller: node, path: isSame(node, caller) ? path : extended(path, node, side), isInside: true };
}

const isLoop = ({ callFrame }: ProfileNode): boolean => callFrame.url === loop;

const isSame = ({ callFrame: own }: ProfileNode, other: ProfileNode | null): boolean =>
  own.functionName === other?.callFrame.functionName &&
  own.url === other.callFrame.url &&
  own.lineNumber === other.callFrame.lineNumber &&
  own.columnNumber === other.callFrame.columnNumber;

/** Returns the path with the frame of this node. */
function extended(path: readonly Growing[], { callFrame }: ProfileNode, side: Side): readonly Growing[] {
  const { functionName: name, url, lineNumber, columnNumber } = callFrame;
  const last = path.at(-1);
  if (name === '(root)' || last === undefined || path.length > deepest) return path;
  const key = JSON.stringify([name, url]);
  const frame = last.children.get(key) ?? growing(name, url);
  last.children.set(key, frame);
  // Where it is now is what can be opened; where it was, only if it is gone.
  if (frame.line === null || side === 'current') {
    frame.line = lineNumber < 0 ? null : lineNumber + 1;
    frame.column = columnNumber < 0 ? null : columnNumber + 1;
  }
  return [...path, frame];
}

function finished({ name, url, line, column, sums, children }: Growing, total: Growing['sums']): Frame {
  const isWide = (child: Growing): boolean =>
    child.sums.baseline > total.baseline * narrowest || child.sums.current > total.current * narrowest;
  const shown = Array.from(children.values()).filter(isWide);
  return { name, url, line, column, ...sums, children: shown.map((child) => finished(child, total)) };
}
