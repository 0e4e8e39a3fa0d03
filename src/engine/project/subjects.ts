import { readFile } from 'node:fs/promises';
import { outline, type Symbol } from '../../core/outline/index.js';
import { isBesideBench, type Listed } from '../discovery/find.js';
import { relativeTo } from '../util/paths.js';
import type { Tried } from './bench-runner.js';

type Reached = Tried['reached'];

/** What a benchmark is about, by what one call of it reaches. */
export type Subject =
  /** Code of the repository, which a change can move; the function as in `"code"`, if one stands out. */
  | { readonly kind: 'own'; readonly code: string | null }
  /** Only files of the repository that git ignores, so both sides run the same copy. */
  | { readonly kind: 'ignored' }
  /** Only packages, or code of the bench file, which measures both sides. */
  | { readonly kind: 'fixed' };

interface Outlined {
  /** Where each line begins. */
  readonly lines: readonly number[];
  readonly symbols: readonly Symbol[];
}

/** Tells what benchmarks are about. */
export class Subjects {
  readonly #bench: ReadonlySet<string>;
  readonly #listed: ReadonlySet<string>;
  readonly #outlines = new Map<string, Promise<Outlined>>();

  constructor(
    readonly root: string,
    bench: readonly string[],
    readonly listed: Listed,
  ) {
    this.#bench = new Set(bench);
    this.#listed = new Set(listed.files);
  }

  /** `text` is that of the bench file. */
  async of(reached: Reached, name: string, text: string): Promise<Subject> {
    const subjects = reached.filter(
      ({ file }) =>
        !this.#bench.has(file) && !file.includes('/node_modules/') && !isBesideBench(relativeTo(this.root, file)),
    );
    if (subjects.length === 0) return { kind: 'fixed' };
    const kept = subjects.filter(({ file }) => !this.listed.byGit || this.#listed.has(file));
    return kept.length === 0 ? { kind: 'ignored' } : { kind: 'own', code: await this.#codeOf(kept, name, text) };
  }

  /**
   * Returns the function that stands out: one that the bench file names, then one that the benchmark's name names, then one that
   * is called once, then the one with the longest text, which calls the others rather than being called.
   */
  async #codeOf(reached: Reached, name: string, text: string): Promise<string | null> {
    const found = await Promise.all(reached.map(async (one) => ({ ...one, symbol: await this.#symbolAt(one) })));
    const words = new Set(name.toLowerCase().split(/[^a-z0-9_$]+/));
    const written = new Set(text.split(/[^\w$]+/));
    const rank = ({ symbol, calls }: (typeof found)[number]): readonly number[] => {
      const last = symbol?.path.split('.').at(-1)?.toLowerCase() ?? '';
      const isNamed = words.has(last) || words.has(symbol?.path.split('.')[0]?.toLowerCase() ?? '');
      const length = symbol === null ? 0 : symbol.range.end - symbol.range.start;
      const isWritten = written.has(symbol?.path.split('.').at(-1) ?? '');
      return [Number(symbol !== null), Number(isWritten), Number(isNamed), Number(calls === 1), length];
    };
    const better = (a: readonly number[], b: readonly number[]): number => {
      const index = a.findIndex((value, at) => value !== b[at]);
      return index === -1 ? 0 : (b[index] ?? 0) - (a[index] ?? 0);
    };
    const [best] = found.toSorted((a, b) => better(rank(a), rank(b)));
    const symbol = best?.symbol ?? null;
    return best === undefined || symbol === null ? null : `${relativeTo(this.root, best.file)}#${symbol.path}`;
  }

  /** Returns the named function that a position is in; null for none, or one that a path cannot name for sure. */
  async #symbolAt({ file, line, column }: Reached[number]): Promise<Symbol | null> {
    const { lines, symbols } = await this.#outlineOf(file);
    const offset = (lines[line - 1] ?? 0) + column - 1;
    const around = symbols.filter(({ range }) => range.start <= offset && offset < range.end);
    const found = around.toSorted((a, b) => a.range.end - a.range.start - (b.range.end - b.range.start))[0];
    if (found === undefined) return null;
    return symbols.filter(({ path }) => path === found.path).length === 1 ? found : null;
  }

  #outlineOf(file: string): Promise<Outlined> {
    const known = this.#outlines.get(file) ?? outlineOf(file);
    this.#outlines.set(file, known);
    return known;
  }
}

async function outlineOf(file: string): Promise<Outlined> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const lines = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines.push(at + 1);
  return { lines, symbols: outline(text, file) };
}
