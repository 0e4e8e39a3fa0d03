import type { HeapProfiler } from 'node:inspector';
import type { AllocatingFunction, Allocations, SampledBytes } from '../../core/results/allocations.js';
import type { Hook } from '../collect/case.js';

/** What V8 sends (js_protocol.pdl); Node's types lack the samples. */
interface Node extends HeapProfiler.SamplingHeapProfileNode {
  readonly id: number;
  children: Node[];
}
export interface HeapProfile {
  readonly head: Node;
  readonly samples: readonly { readonly nodeId: number; readonly size: number }[];
}
type Way = 'warm' | 'apart';
type Place = Pick<AllocatingFunction, 'function' | 'url' | 'line' | 'column'>;

interface Sum {
  bytes: number;
  /** The squares of the bytes that each sample stands for. */
  squares: number;
}

interface Row {
  readonly place: Place;
  /** Bytes a call and their variance, by round. */
  readonly rounds: Record<Way, Sum[]>;
}

interface Edge {
  readonly caller: number;
  readonly callee: number;
  /** Bytes a call in the callee and in all that it calls, for all rounds. */
  readonly bytes: Record<Way, number>;
}

const ours = new URL('.', import.meta.url).href;
/** Code of the user or of a package. Neither has an address: built-ins, and what `eval` or `new Function` has made. */
export const isCode = (url: string): boolean =>
  !/^(?:node:|internal\/|evalmachine|$)/.test(url) && !url.startsWith(ours);
/** The loop that calls the benchmark. V8 may have inlined the benchmark into it. */
const loop: Place = { function: '', url: '', line: 0, column: 0 };
/** Below this part of the bytes, a function that V8 calls only here and there is one that it has inlined elsewhere. */
const called = 0.9;

/** Adds up the profiles of several rounds by function: code of the user and of packages, and the loop that calls it. */
export class AllocationTable {
  readonly #rows: Row[] = [{ place: loop, rounds: { warm: [], apart: [] } }];
  readonly #indexes = new Map<string, number>();
  readonly #edges = new Map<string, Edge>();

  /** Runs hooks. What they allocate does not count: V8 sees this function among their callers. */
  static async outside(hooks: readonly Hook[]): Promise<void> {
    for (const hook of hooks) await hook('run');
  }

  add(way: Way, { head, samples }: HeapProfile, calls: number): void {
    const squares = new Map<number, number>();
    for (const { nodeId, size } of samples) squares.set(nodeId, (squares.get(nodeId) ?? 0) + size ** 2);
    const sums = new Map<number, Sum>();
    /** Returns the bytes of a node and of all below it. */
    const visit = (node: Node, caller: number): number => {
      const { functionName, url, lineNumber, columnNumber } = node.callFrame;
      if (url.startsWith(ours) && functionName.endsWith('outside')) return 0;
      // V8's own work, such as compiling, has a name in parentheses.
      const isOwn = functionName.startsWith('(') && functionName !== '(root)';
      const at = isCode(url) ? this.#index(functionName, url, lineNumber, columnNumber) : caller;
      const sum = sums.get(at) ?? { bytes: 0, squares: 0 };
      let bytes = isOwn ? 0 : node.selfSize / calls;
      sum.bytes += bytes;
      sum.squares += isOwn ? 0 : (squares.get(node.id) ?? 0) / calls ** 2;
      sums.set(at, sum);
      for (const child of node.children) bytes += visit(child, at);
      if (at !== caller) this.#edge(caller, at).bytes[way] += bytes;
      return bytes;
    };
    visit(head, 0);
    for (const [index, row] of this.#rows.entries()) row.rounds[way].push(sums.get(index) ?? { bytes: 0, squares: 0 });
    this.#counts[way]++;
  }

  readonly #counts: Record<Way, number> = { warm: 0, apart: 0 };

  taken(): Pick<Allocations, 'functions' | 'edges'> {
    return {
      functions: this.#rows.map(({ place, rounds }) => ({
        ...place,
        warm: estimate(rounds.warm, this.#counts.warm),
        apart: estimate(rounds.apart, this.#counts.apart),
      })),
      edges: [...this.#edges.values()].map(({ caller, callee, bytes }) => ({
        ...{ caller, callee },
        inlined: bytes.warm / this.#counts.warm < (called * bytes.apart) / this.#counts.apart,
      })),
    };
  }

  #index(name: string, url: string, line: number, column: number): number {
    const key = `${line}:${column}:${url}`;
    const known = this.#indexes.get(key);
    if (known !== undefined) return known;
    const index = this.#rows.length;
    this.#rows.push({ place: { function: name, url, line, column }, rounds: { warm: [], apart: [] } });
    this.#indexes.set(key, index);
    return index;
  }

  #edge(caller: number, callee: number): Edge {
    const key = `${caller} ${callee}`;
    const known = this.#edges.get(key);
    if (known !== undefined) return known;
    const made: Edge = { caller, callee, bytes: { warm: 0, apart: 0 } };
    this.#edges.set(key, made);
    return made;
  }
}

/**
 * The mean of some rounds. Each sample stands for as many bytes as V8 says, so the variance of their sum is the sum of their squares;
 * a function that allocates only now and then has a larger spread from round to round.
 */
function estimate(rounds: readonly Sum[], count: number): SampledBytes {
  if (count === 0) return { bytes: 0, error: 0 };
  const bytes = rounds.reduce((sum, one) => sum + one.bytes, 0) / count;
  const sampled = rounds.reduce((sum, one) => sum + one.squares, 0) / count ** 2;
  // A round in which a function was not seen yet has no entry.
  const unseen = (count - rounds.length) * bytes ** 2;
  const spread = rounds.reduce((sum, one) => sum + (one.bytes - bytes) ** 2, unseen) / Math.max(1, count - 1) / count;
  return { bytes, error: Math.sqrt(Math.max(sampled, spread)) };
}
