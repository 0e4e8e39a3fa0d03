import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Message } from 'esbuild';
import type { Insertion } from './columns.js';

/** esbuild's names for an `import(…)` or `require(…)` whose specifier is only known at run time. */
const ids: Readonly<Record<string, 'import' | 'require'>> = {
  'unsupported-dynamic-import': 'import',
  'unsupported-require-call': 'require',
};

/** For `logOverride`, because esbuild does not report them by default. */
export const reported = Object.fromEntries(Object.keys(ids).map((id) => [id, 'warning' as const]));

interface Spot {
  readonly line: number;
  /** In bytes of UTF-8, as esbuild counts. */
  readonly column: number;
  readonly keyword: 'import' | 'require';
}

/** A checkout of the old code, for what is loaded at run time. */
export interface CheckedOutCode {
  /** The repository, and the same folder in the checkout. */
  readonly root: string;
  readonly checkout: string;
  /** What messages call the commit. */
  readonly name: string;
}

/**
 * The calls whose specifier is only known at run time. They cannot be bundled. Without a checkout of the old code both sides
 * load the same file, but it must be the one that their own module means, not one beside the bundle. esbuild reports where they
 * are after a build, and the next build of the same text replaces them.
 */
export class DynamicCalls {
  /** Where the old code is checked out; null in the working tree, or if it cannot be. */
  checkedOut: CheckedOutCode | null = null;
  /** Whether old code is to find the files beside it in the checkout. */
  isPlaced = false;
  readonly #files = new Map<string, { readonly text: string; readonly spots: readonly Spot[] }>();

  /** Remembers the calls in a build's warnings. Returns whether there are any, which only another build can replace. */
  learn(warnings: readonly Message[], texts: ReadonlyMap<string, string>, absolute: (file: string) => string): boolean {
    const found = new Map<string, Spot[]>();
    for (const { id, location } of warnings) {
      const keyword = ids[id];
      if (keyword === undefined || location?.namespace !== '') continue;
      const file = absolute(location.file);
      found.set(file, [...(found.get(file) ?? []), { line: location.line, column: location.column, keyword }]);
    }
    for (const [file, spots] of found) {
      const text = texts.get(file);
      if (text === undefined) found.delete(file);
      else this.#files.set(file, { text, spots });
    }
    return found.size > 0;
  }

  /** Whether calls are known for this text of a file. */
  has(file: string, text: string): boolean {
    return this.#files.get(file)?.text === text;
  }

  /** Returns the text with its calls replaced, what that inserts, and the calls' line numbers; null if none are known. */
  replace(
    file: string,
    text: string,
  ): { readonly text: string; readonly insertions: readonly Insertion[]; readonly lines: readonly number[] } | null {
    const known = this.#files.get(file);
    if (known?.text !== text) return null;
    const lines = text.split('\n').map((line) => Buffer.from(line));
    const inserted = Buffer.from(`${this.runtimeOf(file)}.`);
    // The last call of a line comes first.
    const insertions: Insertion[] = [];
    const behind = (one: Insertion, index: number): Insertion => {
      const earlier = insertions.slice(index + 1).filter(({ line }) => line === one.line);
      return { ...one, column: one.column + earlier.reduce((sum, { length }) => sum + length, 0) };
    };
    for (const spot of [...known.spots].sort((a, b) => b.line - a.line || b.column - a.column)) {
      const line = lines[spot.line - 1];
      if (line?.toString('utf8', spot.column, spot.column + spot.keyword.length) !== spot.keyword) continue;
      lines[spot.line - 1] = Buffer.concat([line.subarray(0, spot.column), inserted, line.subarray(spot.column)]);
      insertions.push({
        line: spot.line - 1,
        column: line.toString('utf8', 0, spot.column).length,
        length: inserted.toString().length,
      });
    }
    return {
      text: lines.join('\n'),
      insertions: insertions.map(behind),
      lines: [...new Set(known.spots.map((spot) => spot.line))],
    };
  }

  /** Returns where a file is to believe that it is. */
  placeOf(file: string): string {
    if (!this.isPlaced || this.checkedOut === null) return file;
    return path.join(this.checkedOut.checkout, path.relative(this.checkedOut.root, file));
  }

  /** Returns the expression that loads modules as this file would. */
  runtimeOf(file: string): string {
    const { checkedOut } = this;
    if (checkedOut === null) return `require('perf-budget:runtime').from(${address(file)})`;
    const { root, checkout, name } = checkedOut;
    const old = path.join(checkout, path.relative(root, file));
    return `require('perf-budget:runtime').from(${address(old)}, [${address(root, '/')}, ${address(checkout, '/')}, ${JSON.stringify(name)}])`;
  }
}

const address = (file: string, end = ''): string => JSON.stringify(pathToFileURL(file).href + end);
