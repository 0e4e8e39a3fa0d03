import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseConfig } from '../../core/config/config.js';
import { recordsFile } from '../../core/config/file-names.js';
import { benchmarkNames } from '../../core/config/mentions.js';
import type { Config } from '../../core/language/budget.js';
import { Lines, type Location, type Problem } from '../../core/problem.js';
import type { RunFailure } from '../../core/results/measurement.js';
import type { BenchFiles } from '../discovery/bench-files.js';
import type { Inline } from '../discovery/inline-budgets.js';
import { leaves, resolve } from '../discovery/resolve.js';
import { slashed } from '../util/paths.js';
import { KnownBenchmarks } from './known-benchmarks.js';
import type { BudgetLocations, Locations } from './locations.js';
import type { KnownBenchmark } from './snapshot.js';

export interface LoaderOptions {
  readonly root: string;
  readonly configFile: string;
  readonly benchFiles: BenchFiles;
  readonly inline: Pick<Inline, 'scan' | 'changed' | 'reached' | 'merged'>;
  readonly locations: Pick<Locations, 'read' | 'of'>;
  /** What is wrong with the history; null where nothing is. */
  readonly warning: () => string | null;
  readonly onConfig: (config: Config) => void;
  readonly onLocations: (budget: string, locations: BudgetLocations) => void;
  readonly read?: (file: string) => Promise<string>;
}

const readText = (file: string): Promise<string> => readFile(file, 'utf8').catch(() => '');

/** Reads the `perf-budget.jsonc`, the comments and the bench files, and collects what is wrong in them. */
export class Loader {
  /** What the file says. */
  #written: Config | null = null;
  /** With what comments in the code say. */
  #config: Config | null = null;
  #configProblems: readonly Problem[] = [];
  #inlineProblems: readonly Problem[] = [];
  #benchProblems: readonly Problem[] = [];
  readonly #benchmarks = new KnownBenchmarks();
  /** Whether the bench files were read, or will not be. */
  #isRead = false;

  constructor(readonly options: LoaderOptions) {}

  get config(): Config | null {
    return this.#config;
  }

  get names(): readonly string[] {
    return (this.#config?.budgets ?? []).map((budget) => budget.name);
  }

  /** Of the configuration, of comments, and of bench files. */
  get problems(): { readonly config: readonly Problem[]; readonly code: readonly Problem[] } {
    return { config: this.#configProblems, code: [...this.#inlineProblems, ...this.#benchProblems] };
  }

  /** Null until the bench files were read. */
  get benchmarks(): readonly KnownBenchmark[] | null {
    return this.#isRead ? this.#benchmarks.of(this.options.benchFiles.all) : null;
  }

  /** Nothing more is read now. */
  finish(): void {
    this.#isRead = true;
  }

  async readConfig(): Promise<void> {
    const { configFile, read = readText } = this.options;
    const text = await read(configFile);
    const parsed = parseConfig(configFile, text);
    // A file that cannot be read at all keeps the budgets that were known: it is being edited.
    this.#written = parsed.config ?? this.#written;
    this.#configProblems = parsed.problems;
    const warning = this.options.warning();
    if (warning !== null) {
      const location = new Lines(configFile, text).location({ start: 0, end: 0 });
      this.#configProblems = [...this.#configProblems, { location, message: warning, warning: true }];
    }
    this.#merge();
  }

  async readComments(): Promise<Config | null> {
    if (this.#written === null) return null;
    await this.options.inline.scan(this.#written);
    return this.#merge();
  }

  /** Reads changed files again; whether any of them changes what is measured or judged. */
  async changed(files: ReadonlySet<string>): Promise<boolean> {
    const { benchFiles, inline } = this.options;
    if (this.#written === null) return false;
    const isInlineNew = await inline.changed(files, this.#written);
    const config = isInlineNew ? this.#merge() : this.#config;
    if (config === null) return false;
    // A new file may be a bench file; a known one that is gone is noticed when it is bundled.
    const isBenchNew = [...files].some(
      (file) => (!benchFiles.has(file) && /bench/i.test(file)) || benchFiles.isNew(file),
    );
    if (isBenchNew || isInlineNew) await benchFiles.scan(config);
    benchFiles.changed(files);
    return benchFiles.isDirty || files.has(this.#recordsFile) || isInlineNew;
  }

  /** Whether a budget depends on one of these files. */
  reaches(name: string, files: ReadonlySet<string>): boolean {
    const config = this.#config;
    const budget = config?.budgets.find((one) => one.name === name);
    if (budget === undefined || config === null) return false;
    if (budget.subject.kind === 'manual') return files.has(this.#recordsFile);
    // A comment that was changed may ask for something new.
    if (budget.checks.some(({ location }) => location !== null && files.has(location.file))) return true;
    return [...benchmarkNames(config, [budget])].some((one) => this.options.benchFiles.reaches(one, files));
  }

  /** Finds the budgets that name their code themselves; reads no bench file. */
  async locate(config: Config): Promise<void> {
    for (const budget of config.budgets) {
      this.options.onLocations(budget.name, await this.options.locations.of(budget, null));
    }
  }

  /**
   * Reads the bench files that changed, finds every budget's locations, and collects what cannot be found. Returns the
   * configuration, with the budgets from comments in what the bench files import.
   */
  async refresh(signal: AbortSignal): Promise<Config | null> {
    const { benchFiles, inline, locations } = this.options;
    let config = this.#config;
    if (config === null) return null;
    // The sources are read while the bundler, a process of its own, is at work.
    const sources = config.budgets.flatMap(({ code }) => (code === null ? [] : [code.file]));
    await Promise.all([benchFiles.refresh(signal), locations.read(new Set(sources))]);
    const reached = new Set(benchFiles.all.flatMap(({ inputs }) => [...inputs]));
    if (!signal.aborted && this.#written !== null && (await inline.reached(reached, this.#written))) {
      config = this.#merge() ?? config;
      await benchFiles.scan(config);
      await benchFiles.refresh(signal);
    }
    if (signal.aborted) return config;
    this.#isRead = true;
    const problems: Problem[] = [];
    for (const origin of benchFiles.all) {
      const { failure } = origin;
      if (failure === null) continue;
      const location =
        origin.kind === 'command' ? origin.command.location : failureLocation(failure, origin.file, origin.text);
      problems.push({ location, message: sentence(failure) });
    }
    for (const budget of config.budgets) {
      const resolved = resolve(config, budget, benchFiles);
      if (!resolved.ok) problems.push(...resolved.error);
      const first = resolved.ok ? leaves(resolved.value.members)[0] : undefined;
      const found = await locations.of(budget, first?.found ?? null);
      if (found.problem !== null) problems.push(found.problem);
      this.options.onLocations(budget.name, found);
    }
    this.#benchProblems = problems;
    return config;
  }

  get #recordsFile(): string {
    return slashed(path.join(this.options.root, recordsFile));
  }

  /** Merges the comments into what the file says. */
  #merge(): Config | null {
    if (this.#written === null) return null;
    const { config, problems } = this.options.inline.merged(this.#written);
    this.#config = config;
    this.#inlineProblems = problems;
    this.options.onConfig(config);
    return config;
  }
}

/** A compiler's message begins with the file's name, which keeps its case. */
function sentence({ kind, message }: RunFailure): string {
  const first = message.charAt(0);
  return `${kind === 'compile' ? first : first.toUpperCase()}${message.slice(1)}${/[.!?]$/.test(message) ? '' : '.'}`;
}

/** Where a bench file's failure is shown: where it says, if that is in the user's code, else on the file's first line. */
function failureLocation(failure: RunFailure, file: string, text: string): Location {
  if (failure.file !== undefined && failure.line !== undefined) {
    const start = { line: failure.line, column: failure.column ?? 1 };
    return { file: slashed(failure.file), start, end: { ...start, column: start.column + 1 } };
  }
  const end = text.indexOf('\n');
  return new Lines(file, text).location({ start: 0, end: end === -1 ? text.length : end });
}
