import type { RetainerStep } from '../../core/results/retainers.js';
import type { HeapSnapshot } from './heap-snapshot.js';

/** What cycles have left behind: the new object that holds the others, and the way to it. */
export interface Held {
  readonly node: number;
  /** It is only the store of what `constructor` names, as of an array of numbers. */
  readonly isStore: boolean;
  readonly constructor: string;
  readonly path: readonly RetainerStep[];
}

/** No more than these last steps, and characters of a name. */
const mostSteps = 12;
const longestName = 100;
/** What V8 and Node have of their own on the way to a variable; names mean nothing to a user. */
const systemNames = /^(?:system \/ (?!Context)|Module$|ModuleWrap$|Generator$|NativeContext)/;

/** Finds the shortest path from the root to every node, by edges that keep alive what they lead to. */
export function pathsIn(
  snapshot: HeapSnapshot,
  isNew: (node: number) => boolean,
): { readonly held: (node: number) => Held | null } {
  const parents = new Int32Array(snapshot.count).fill(-1);
  const edges = new Map<number, { readonly type: string; readonly name: string }>();
  const queue = new Uint32Array(snapshot.count);
  let end = 1;
  parents[0] = 0;
  for (let head = 0; head < end; head++) {
    const from = queue[head] ?? 0;
    snapshot.edgesOf(from, (type, name, to) => {
      if (type === 'weak' || parents[to] !== -1) return;
      parents[to] = from;
      queue[end++] = to;
      // Only these are asked for later, and there may be millions.
      if (isNamed(type)) edges.set(to, { type, name: name.slice(0, longestName) });
    });
  }

  const steps = (node: number): RetainerStep[] => {
    const nodes = [node];
    for (let at = node; at !== 0; at = parents[at] ?? 0) nodes.push(parents[at] ?? 0);
    nodes.reverse();
    let found: RetainerStep[] = [];
    let holder = '';
    for (const [index, from] of nodes.slice(0, -1).entries()) {
      const to = nodes[index + 1] ?? 0;
      const edge = edges.get(to) ?? { type: 'internal', name: '' };
      const [type, name] = [snapshot.typeOf(from), snapshot.nameOf(from)];
      if (name === 'system / Cell') found = [{ kind: 'export', of: '', name: '' }];
      else if (name === 'system / Context') {
        if (edge.type === 'context') found.push({ kind: 'variable', of: holder, name: edge.name });
      } else if (type === 'closure') {
        holder = name;
        if (edge.type === 'property') found.push({ kind: 'property', of: name || 'function', name: edge.name });
      } else if (['synthetic', 'hidden', 'native', 'code'].includes(type) || systemNames.test(name)) {
        found = [];
        holder = '';
      } else if (name === 'TimersList') {
        found = [{ kind: 'inside', of: 'timers', name: '' }];
      } else if (name === 'Timeout' && edge.name.startsWith('_idle')) {
        // The list of timers.
      } else if (type !== 'array' && type !== 'object shape') {
        holder = '';
        found.push(stepOf(constructorOf(snapshot, from), edge));
      }
    }
    // The benchmark's function is ours, and what it sees is the user's.
    const ours = found.findLastIndex(({ name }) => name.startsWith('<symbol perf-budget'));
    if (ours !== -1) found = found.slice(ours).slice(found.slice(ours).findIndex(({ kind }) => kind === 'variable'));
    const isRepeated = (one: RetainerStep, before: RetainerStep | undefined): boolean =>
      one.kind === before?.kind && one.of === before.of && one.name === before.name;
    return found.filter((one, index) => !isRepeated(one, found[index - 1])).slice(-mostSteps);
  };
  const known = new Map<number, Held | null>();
  return {
    held: (node) => {
      const chain: number[] = [];
      if (parents[node] === -1) return null;
      for (let at = node; at !== 0 && isNew(at); at = parents[at] ?? 0) chain.push(at);
      chain.reverse();
      // Tables and stores are not what the user has made; what is in them is, or else what they are in.
      const first = chain.find((one) => isOwn(snapshot, one));
      const top = first ?? chain[0];
      if (top === undefined) return null;
      if (first === undefined && !(snapshot.typeOf(top) === 'array' && isOwn(snapshot, parents[top] ?? 0))) return null;
      const kept = known.get(top);
      if (kept !== undefined) return kept;
      const owner = first ?? parents[top] ?? 0;
      const held = {
        node: top,
        isStore: first === undefined,
        constructor: constructorOf(snapshot, owner),
        path: steps(owner),
      };
      known.set(top, held);
      return held;
    },
  };
}

const isNamed = (type: string): boolean => type === 'property' || type === 'context' || type === 'element';

function stepOf(of: string, { type, name }: { readonly type: string; readonly name: string }): RetainerStep {
  if (type === 'property') return { kind: 'property', of, name };
  return { kind: type === 'element' ? 'element' : 'inside', of, name: '' };
}

/** Whether code has made it: an object, a function, a text; not what V8 keeps for itself. */
function isOwn(snapshot: HeapSnapshot, node: number): boolean {
  switch (snapshot.typeOf(node)) {
    case 'object':
      return !snapshot.nameOf(node).startsWith('system /');
    case 'closure':
    case 'string':
    case 'concatenated string':
    case 'sliced string':
    case 'regexp':
    case 'symbol':
    case 'bigint':
      return true;
    default:
      return false;
  }
}

function constructorOf(snapshot: HeapSnapshot, node: number): string {
  const name = snapshot.nameOf(node).slice(0, longestName);
  switch (snapshot.typeOf(node)) {
    case 'closure':
      return name === '' ? 'function' : `function ${name}`;
    case 'string':
    case 'concatenated string':
    case 'sliced string':
      return 'string';
    case 'regexp':
      return 'RegExp';
    default:
      return name.startsWith('global') ? 'global' : name.replace(/ @\d+$/, '');
  }
}
