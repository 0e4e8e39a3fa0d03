import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Budget } from '../../core/language/budget.js';
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
    const { file, symbol, location } = budget.code;
    const absolute = slashed(path.resolve(this.root, file));
    const outlined = await this.#outline(absolute);
    if (outlined === null) {
      return { code: null, bench, problem: { location, message: `"${file}" does not exist.` } };
    }
    if (symbol === null) {
      return { code: outlined.lines.location({ start: 0, end: 0 }), bench, problem: null };
    }
    const named = outlined.byPath.get(symbol);
    if (named !== undefined) return { code: outlined.lines.location(named.nameRange), bench, problem: null };
    const known = outlined.symbols.map((one) => one.path);
    const listed =
      known.length === 0
        ? 'It has no functions.'
        : `It has ${known.slice(0, 8).join(', ')}${known.length > 8 ? ', …' : ''}.`;
    const near = closest(symbol, known);
    const problem = {
      location,
      message: `"${file}" has no function "${symbol}". ${listed}`,
      ...(near !== null && { suggestion: JSON.stringify(`${file}#${near}`) }),
    };
    return { code: null, bench, problem };
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
