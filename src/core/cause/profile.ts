/** What is read of one of V8's sampling profiles: a tree of calls, whose nodes count the samples that found them on top. */
export interface RawProfile {
  readonly nodes: readonly RawNode[];
  /** The node of each sample, in the order of time. */
  readonly samples?: readonly number[] | undefined;
}

export interface RawNode {
  readonly id: number;
  /** Where the function begins: line and column count from zero, and are -1 for what has no source text. */
  readonly callFrame: {
    readonly functionName: string;
    readonly scriptId: string;
    readonly url: string;
    readonly lineNumber: number;
    readonly columnNumber: number;
  };
  readonly hitCount?: number | undefined;
  readonly children?: readonly number[] | undefined;
  /** Lines count from one. Of a function that V8 has put into this one, they are those of its own text. */
  readonly positionTicks?: readonly { readonly line: number; readonly ticks: number }[] | undefined;
}

/**
 * What a tick is spent in: the user's code; the code of a package; the code of Node or something native that neither of the two
 * has called; the loop around the iterations, and everything else that our process does; V8's collector; native code while no
 * JavaScript runs; nothing, because the process waits.
 */
export type TickKind = 'user' | 'package' | 'node' | 'loop' | 'garbage collector' | 'program' | 'idle';

/** A function in its script; line and column count from one. The name is empty if it has none. */
export interface ProfiledFunction {
  readonly kind: 'user' | 'package';
  readonly url: string;
  readonly name: string;
  readonly line: number;
  readonly column: number;
}

/** Ticks of a line. */
export interface LineTicks {
  /**
   * The function whose code ran, into which V8 may have put others: the line may be one of theirs, and need not be between the
   * first and the last one of this function. Null if that is our loop; then the script is taken to be the bundle.
   */
  readonly function: ProfiledFunction | null;
  readonly url: string;
  readonly line: number;
  readonly ticks: number;
  /** Who had called that function, nearest first; no more than `mostCallers`. */
  readonly callers: readonly ProfiledFunction[];
}

/** Ticks of which only the function is known. */
export interface UnplacedTicks {
  /** The nearest caller that is the user's or a package's; null if the benchmark's function is itself such a thing. */
  readonly function: ProfiledFunction | null;
  /** What it called, of Node's (`node:fs`), of V8's or generated (without an address); null if it is the function itself. */
  readonly called: { readonly name: string; readonly url: string } | null;
  readonly ticks: number;
  readonly callers: readonly ProfiledFunction[];
}

/** The ticks of a profile. */
export interface ProfileTicks {
  /**
   * Those that count: all lines, everything unplaced, and the garbage collector's. While the other side has its turn, the process
   * waits or is in our own code, which does not count; nor does a collection that interrupts nothing else (it counts as `loop`).
   * One collection may be chance: `slices` of the profile tell how many there were.
   */
  readonly total: number;
  readonly kinds: Readonly<Record<TickKind, number>>;
  readonly lines: readonly LineTicks[];
  readonly unplaced: readonly UnplacedTicks[];
}

/**
 * Our loops are compiled from texts under this name, so that an `eval` of the user's is not taken for one. They begin on a line that
 * no file has: other lines are of the function that V8 has put into the loop.
 */
export const loopScript = { url: 'perf-budget:loop', firstLine: 1_000_000_000 } as const;
/** No function of ours that calls the user's is longer than so many lines. */
const mostLoopLines = 80;
/** The names of functions of ours that run what is around an iteration and is not part of it: hooks, and what computes parameters. */
const outside = /^outside[A-Z]/;

/** What V8 calls a sample without a stack. */
const stackless: Readonly<Record<string, TickKind>> = {
  '(garbage collector)': 'garbage collector',
  '(program)': 'program',
  '(idle)': 'idle',
  '(root)': 'program',
};

/** Whose code a node is: `called` for what counts for its caller, `ours` for our process, `outside` for hooks. */
type Owner =
  | { readonly kind: 'function'; readonly function: ProfiledFunction }
  | { readonly kind: 'called' | 'loop' | 'ours' | 'outside' }
  | { readonly kind: 'stackless'; readonly tick: TickKind };

/** Says whose code a node is, apart from its callers. `bundle` and `worker` are the addresses of the bundle and of our process. */
function ownerOf({ callFrame }: RawNode, { bundle, worker }: ProfiledScripts): Owner {
  const { functionName: name, scriptId, url, lineNumber, columnNumber } = callFrame;
  if (url === loopScript.url) return { kind: 'loop' };
  if (url === worker) return { kind: outside.test(name) ? 'outside' : 'ours' };
  if (url === '' || url.startsWith('node:')) {
    const tick = scriptId === '0' ? stackless[name] : undefined;
    return tick === undefined ? { kind: 'called' } : { kind: 'stackless', tick };
  }
  const isPackage = !url.startsWith(bundle) && /[\\/]node_modules[\\/]/.test(url);
  const place = { url, name, line: lineNumber + 1, column: columnNumber + 1 };
  return { kind: 'function', function: { kind: isPackage ? 'package' : 'user', ...place } };
}

/** The addresses of a side's bundle, as it was asked to be loaded, and of the file of our process. */
export interface ProfiledScripts {
  readonly bundle: string;
  readonly worker: string;
}

/** Adds up the ticks of a profile, which must be a tree. */
export function ticksOf(profile: RawProfile, scripts: ProfiledScripts): ProfileTicks {
  const kinds: Record<TickKind, number> = {
    ...{ user: 0, package: 0, node: 0, loop: 0 },
    ...{ 'garbage collector': 0, program: 0, idle: 0 },
  };
  const lines = new Sums<LineTicks>();
  const unplaced = new Sums<UnplacedTicks>();
  const running = new Set<number>();
  const neutral = new Set<number>();
  const collector = new Set<number>();
  for (const [node, { owner, caller, chain, isOutside }] of withCallers(profile, scripts)) {
    if (owner.kind === 'stackless') {
      if (owner.tick === 'garbage collector') collector.add(node.id);
      else if (owner.tick === 'program') neutral.add(node.id);
    } else if (!isOutside && caller !== 'ours' && caller !== 'nobody') running.add(node.id);
    const hits = node.hitCount ?? 0;
    if (hits === 0) continue;
    const above = chain.map((one) => keyOf(one));
    const addUnplaced = (within: ProfiledFunction | null, called: UnplacedTicks['called'], ticks: number): void => {
      if (ticks <= 0) return;
      kinds[within?.kind ?? 'user'] += ticks;
      unplaced.add([...keyOf(within), called?.name, called?.url, above], {
        function: within,
        called,
        ticks,
        callers: chain,
      });
    };
    const addLine = (within: ProfiledFunction | null, line: number, ticks: number): void => {
      kinds[within?.kind ?? 'user'] += ticks;
      const url = within?.url ?? scripts.bundle;
      lines.add([...keyOf(within), line, above], { function: within, url, line, ticks, callers: chain });
    };
    if (isOutside) kinds.loop += hits;
    else if (owner.kind === 'stackless') kinds[owner.tick] += hits;
    else if (owner.kind === 'function') {
      const placed = node.positionTicks ?? [];
      for (const { line, ticks } of placed) addLine(owner.function, line, ticks);
      addUnplaced(owner.function, null, hits - sum(placed));
    } else if (owner.kind === 'called') {
      const { functionName: name, url } = node.callFrame;
      if (caller === 'nobody') kinds.node += hits;
      else if (caller === 'ours') kinds.loop += hits;
      else addUnplaced(caller === 'loop' ? null : caller, { name, url }, hits);
    } else {
      const users = (node.positionTicks ?? []).filter(({ line }) => !isOwnLine(node, line));
      for (const { line, ticks } of users) addLine(null, line, ticks);
      kinds.loop += Math.max(0, hits - sum(users));
    }
  }
  const aside = Math.min(kinds['garbage collector'], collectedAside(profile, { running, neutral, collector }));
  kinds['garbage collector'] -= aside;
  kinds.loop += aside;
  const total = kinds.user + kinds.package + kinds['garbage collector'];
  return { total, kinds, lines: lines.all, unplaced: unplaced.all };
}

/**
 * Returns how many samples of the collector are not of collections in the midst of what counts: right before and right after, the code
 * or the loop around it ran. `neutral` samples tell nothing. A profile without an order of samples has none.
 */
function collectedAside(
  { samples = [] }: RawProfile,
  { running, neutral, collector }: Readonly<Record<'running' | 'neutral' | 'collector', ReadonlySet<number>>>,
): number {
  let [aside, pending] = [0, 0];
  let ran = false;
  for (const sample of samples) {
    if (collector.has(sample)) pending++;
    else if (!neutral.has(sample)) {
      const runs = running.has(sample);
      if (!ran || !runs) aside += pending;
      pending = 0;
      ran = runs;
    }
  }
  return aside + pending;
}

const sum = (placed: readonly { readonly ticks: number }[]): number =>
  placed.reduce((total, { ticks }) => total + ticks, 0);

const keyOf = (one: ProfiledFunction | null): readonly unknown[] =>
  one === null ? [] : [one.url, one.line, one.column, one.name];

/** Whether a line is of our own function, and not of one that V8 has put into it. */
function isOwnLine({ callFrame }: RawNode, line: number): boolean {
  const first = callFrame.lineNumber + 1;
  return line >= first && line < first + mostLoopLines;
}

interface Callers {
  readonly owner: Owner;
  /** Whom what it calls counts for. */
  readonly caller: ProfiledFunction | 'loop' | 'ours' | 'nobody';
  /** Who had called the function whose code ran. */
  readonly chain: readonly ProfiledFunction[];
  readonly isOutside: boolean;
}

/** A reader of a profile looks no further up. */
const mostCallers = 8;

type Above = Pick<Callers, 'caller' | 'chain' | 'isOutside'>;

/** Returns each node and what is known from those above it. */
function withCallers({ nodes }: RawProfile, scripts: ProfiledScripts): readonly (readonly [RawNode, Callers])[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const called = new Set(nodes.flatMap(({ children = [] }) => children));
  const found: (readonly [RawNode, Callers])[] = [];
  const top: Above = { caller: 'nobody', chain: [], isOutside: false };
  const left: [RawNode, Above][] = nodes.filter(({ id }) => !called.has(id)).map((node) => [node, top]);
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const [node, above] = next;
    const owner = ownerOf(node, scripts);
    const caller =
      owner.kind === 'function'
        ? owner.function
        : owner.kind === 'loop' || owner.kind === 'ours'
          ? owner.kind
          : above.caller;
    // What a function calls counts for it, and has the callers that it has.
    const isCalled = owner.kind === 'function' && typeof above.caller === 'object';
    const chain = isCalled ? [above.caller, ...above.chain].slice(0, mostCallers) : above.chain;
    const callers = { owner, caller, chain, isOutside: above.isOutside || owner.kind === 'outside' };
    found.push([node, callers]);
    for (const id of node.children ?? []) {
      const child = byId.get(id);
      if (child !== undefined) left.push([child, callers]);
    }
  }
  return found;
}

/** Adds up the ticks of what has the same key. */
class Sums<Entry extends { readonly ticks: number }> {
  readonly #entries = new Map<string, Entry>();

  add(key: readonly unknown[], entry: Entry): void {
    const id = JSON.stringify(key);
    const before = this.#entries.get(id)?.ticks ?? 0;
    this.#entries.set(id, { ...entry, ticks: before + entry.ticks });
  }

  get all(): readonly Entry[] {
    return [...this.#entries.values()].sort((one, other) => other.ticks - one.ticks);
  }
}
