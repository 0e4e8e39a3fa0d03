import * as l10n from '@vscode/l10n';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Budget, CodeReference } from '../../core/language/budget.js';
import { findCallee, outline, type BenchCall, type Symbol } from '../../core/outline/index.js';
import { Lines, type Location, type Problem } from '../../core/problem.js';
import type { BenchFile } from '../discovery/bench-origin.js';
import type { FoundBenchmark } from '../discovery/lookup.js';
import { slashed } from '../util/paths.js';
import { closest } from '../../core/language/spelling.js';

interface Outlined {
  readonly stamp: string;
  readonly symbols: readonly Symbol[];
  /** By path, the first of each. */
  readonly byPath: ReadonlyMap<string, Symbol>;
  readonly lines: Lines;
}

/** The benchmarks in the text of a bench file. */
interface Calls {
  readonly byName: ReadonlyMap<string | null, BenchCall>;
  readonly lines: Lines;
}

export interface BudgetLocations {
  readonly code: Location | null;
  readonly bench: Location | null;
  readonly problem: Problem | null;
}

/** Finds where to show a budget: above which function, and above which benchmark. */
export class Locations {
  readonly #outlined = new Map<string, Outlined>();
  /** The files as `read` found them, until it is called again. */
  #read = new Map<string, Promise<Outlined | null>>();
  /** The functions that benchmarks call, by bench file and name. A bench file is another one if what it imports changes. */
  readonly #calls = new WeakMap<BenchFile, Calls>();
  readonly #callees = new WeakMap<BenchFile, Map<string | null, Promise<Location | null>>>();

  constructor(readonly root: string) {}

  /** Reads files that budgets name before they are needed; `of` takes them for what they are now. */
  async read(files: ReadonlySet<string>): Promise<void> {
    this.#read = new Map();
    await Promise.all(Array.from(files, (file) => this.#outline(slashed(path.resolve(this.root, file)))));
  }

  /** Returns the locations of a budget. `found` is null if its benchmark is not known. */
  async of(budget: Budget, found: FoundBenchmark | null): Promise<BudgetLocations> {
    const benchFile = found?.origin.kind === 'file' ? found.origin : null;
    const calls = benchFile === null ? null : this.#callsOf(benchFile);
    const call = calls?.byName.get(found?.name ?? null) ?? null;
    const bench = calls === null || call === null ? null : calls.lines.location(call.nameRange);
    if (budget.code === null) {
      const code = benchFile === null || call === null ? null : await this.#calleeOf(benchFile, call);
      return { code: code ?? bench, bench, problem: null };
    }
    const { file, symbol } = budget.code;
    const outlined = await this.#outline(slashed(path.resolve(this.root, file)));
    const range = symbol === null ? { start: 0, end: 0 } : outlined?.byPath.get(symbol)?.nameRange;
    if (outlined !== null && range !== undefined) return { code: outlined.lines.location(range), bench, problem: null };
    return { code: null, bench, problem: await this.#problem(budget.code, outlined) };
  }

  /** Returns what is wrong with these references to code now, however long ago `read` was called. */
  async problems(codes: readonly CodeReference[]): Promise<readonly Problem[]> {
    const files = new Set(codes.map(({ file }) => file));
    const outlined = new Map(
      await Promise.all(
        Array.from(files, async (file) => [file, await this.#readNow(slashed(path.resolve(this.root, file)))] as const),
      ),
    );
    const found = codes.map(async (code) => {
      const text = outlined.get(code.file) ?? null;
      const isThere = text !== null && (code.symbol === null || text.byPath.has(code.symbol));
      return isThere ? [] : [await this.#problem(code, text)];
    });
    return (await Promise.all(found)).flat();
  }

  /** `outlined` is null if there is no such file; otherwise it lacks the function. */
  async #problem({ file, symbol, location }: CodeReference, outlined: Outlined | null): Promise<Problem> {
    const suggesting = (message: string, near: string | null): Problem => ({
      location,
      message: near === null ? message : l10n.t`${message.replace(/\.$/, '')}; did you mean "${near}"?`,
      ...(near !== null && { suggestion: JSON.stringify(outlined === null ? withSymbol(near) : `${file}#${near}`) }),
    });
    const withSymbol = (near: string): string => (symbol === null ? near : `${near}#${symbol}`);
    if (outlined === null) return suggesting(l10n.t`"${file}" does not exist.`, await closestFile(this.root, file));
    const known = outlined.symbols.map((one) => one.path);
    const near = closest(symbol ?? '', known) ?? namesake(symbol ?? '', known);
    const message = l10n.t`"${file}" has no function "${symbol ?? ''}".`;
    if (near !== null) return suggesting(message, near);
    const listed = `${known.slice(0, 8).join(', ')}${known.length > 8 ? ', …' : ''}`;
    return suggesting(
      `${message} ${known.length === 0 ? l10n.t('It has no functions.') : l10n.t`It has ${listed}.`}`,
      null,
    );
  }

  #callsOf(benchFile: BenchFile): Calls {
    let calls = this.#calls.get(benchFile);
    if (calls === undefined) {
      const byName = new Map(benchFile.calls.toReversed().map((call) => [call.name, call]));
      calls = { byName, lines: new Lines(benchFile.file, benchFile.text) };
      this.#calls.set(benchFile, calls);
    }
    return calls;
  }

  #calleeOf(benchFile: BenchFile, call: BenchCall): Promise<Location | null> {
    const known = this.#callees.get(benchFile) ?? new Map<string | null, Promise<Location | null>>();
    this.#callees.set(benchFile, known);
    const found = known.get(call.name) ?? this.#callee(benchFile, call);
    known.set(call.name, found);
    return found;
  }

  /** Finds the function that a benchmark calls, in the file that it imports or in one that this file re-exports from. */
  async #callee(benchFile: BenchFile, call: BenchCall): Promise<Location | null> {
    if (call.callee === null || benchFile.bundle === null) return null;
    const { source } = call.callee;
    const { imports } = benchFile.bundle;
    const target = [...imports].find(([file]) => slashed(file) === benchFile.file)?.[1].get(source);
    if (target === undefined) return null;
    for (const file of [target, ...(imports.get(target)?.values() ?? [])]) {
      const outlined = await this.#outline(slashed(file));
      const found = outlined === null ? null : findCallee(outlined.symbols, call.callee);
      if (outlined !== null && found !== null) return outlined.lines.location(found.nameRange);
    }
    return null;
  }

  #outline(file: string): Promise<Outlined | null> {
    const read = this.#read.get(file) ?? this.#readNow(file);
    this.#read.set(file, read);
    return read;
  }

  async #readNow(file: string): Promise<Outlined | null> {
    try {
      const { mtimeMs, size } = await stat(file);
      const stamp = `${mtimeMs} ${size}`;
      const known = this.#outlined.get(file);
      if (known?.stamp === stamp) return known;
      const text = await readFile(file, 'utf8');
      const symbols = outline(text, file);
      const byPath = new Map(symbols.toReversed().map((symbol) => [symbol.path, symbol]));
      const outlined = { stamp, symbols, byPath, lines: new Lines(file, text) };
      this.#outlined.set(file, outlined);
      return outlined;
    } catch {
      return null;
    }
  }
}

/** Returns the only function of this name in another class; null if there is none. */
function namesake(symbol: string, known: readonly string[]): string | null {
  const own = symbol.slice(symbol.lastIndexOf('.') + 1);
  const found = known.filter((one) => one === own || one.endsWith(`.${own}`));
  return found.length === 1 ? (found[0] ?? null) : null;
}

/** Returns the file whose path was probably meant, relative to the root: each folder and name on its way may be misspelt. */
async function closestFile(root: string, file: string): Promise<string | null> {
  const found: string[] = [];
  const parts = path.posix.normalize(file).split('/');
  for (const [index, part] of parts.entries()) {
    if (part === '..') {
      found.push(part);
      continue;
    }
    const isLast = index === parts.length - 1;
    const entries = await readdir(path.resolve(root, ...found), { withFileTypes: true }).catch(() => []);
    const names = entries.flatMap((entry) => (isLast || !entry.isFile() ? [entry.name] : []));
    const name = names.includes(part) ? part : closest(part, names);
    if (name === null) return null;
    found.push(name);
  }
  const near = found.join('/');
  const isFile = (await stat(path.resolve(root, near)).catch(() => null))?.isFile() === true;
  return isFile && near !== file ? near : null;
}
