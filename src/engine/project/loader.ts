import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseConfig } from '../../core/config/config.js';
import { recordsFile } from '../../core/config/file-names.js';
import { benchmarkNames, budgetNamed } from '../../core/config/mentions.js';
import type { Budget, Config } from '../../core/language/budget.js';
import { Lines, type Location, type Problem } from '../../core/problem.js';
import type { RunFailure } from '../../core/results/measurement.js';
import { ended, sentence } from '../../core/text/words.js';
import type { BenchFiles } from '../discovery/bench-files.js';
import { callsOf } from '../discovery/bench-origin.js';
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
  readonly inline: Pick<Inline, 'scan' | 'changed' | 'reached' | 'merged' | 'mergedWith'>;
  readonly locations: Pick<Locations, 'read' | 'of' | 'problems'>;
  /** Returns what is wrong with the history; null if nothing is. */
  readonly warning: () => string | null;
  readonly onConfig: (config: Config) => void;
  readonly onLocations: (budget: string, locations: BudgetLocations) => void;
  readonly read?: (file: string) => Promise<string>;
}

const startOf = (file: string, text: string): Location => new Lines(file, text).location({ start: 0, end: 0 });

const readText = (file: string): Promise<string> => readFile(file, 'utf8').catch(() => '');

/** Reads the `perf-budget.jsonc`, the comments and the bench files, and collects their problems. */
export class Loader {
  /** The configuration as written in the file. */
  #written: Config | null = null;
  /** The configuration with the budgets from comments merged in. */
  #config: Config | null = null;
  #configProblems: readonly Problem[] = [];
  /** The start of the `perf-budget.jsonc`. */
  #start: Location;
  #inlineProblems: readonly Problem[] = [];
  #benchProblems: readonly Problem[] = [];
  readonly #benchmarks = new KnownBenchmarks();
  /** Whether the bench files have been read, or will not be. */
  #isRead = false;
  /** Whether they have been. */
  #hasRead = false;

  constructor(readonly options: LoaderOptions) {
    this.#start = startOf(options.configFile, '');
  }

  get config(): Config | null {
    return this.#config;
  }

  get names(): readonly string[] {
    return (this.#config?.budgets ?? []).map((budget) => budget.name);
  }

  /** The problems of the configuration (`config`), and of comments and bench files (`code`). */
  get problems(): { readonly config: readonly Problem[]; readonly code: readonly Problem[] } {
    // The history may be found wanting at any time.
    const message = this.options.warning();
    const history = message === null ? [] : [{ location: this.#start, message, warning: true as const }];
    return { config: [...this.#configProblems, ...history], code: [...this.#inlineProblems, ...this.#benchProblems] };
  }

  /** Null until the bench files have been read. */
  get benchmarks(): readonly KnownBenchmark[] | null {
    return this.#isRead ? this.#benchmarks.of(this.options.benchFiles.all) : null;
  }

  /** Marks reading as finished, whatever was read. */
  finish(): void {
    this.#isRead = true;
  }

  async readConfig(): Promise<void> {
    const { configFile, read = readText } = this.options;
    const text = await read(configFile);
    const parsed = parseConfig(configFile, text);
    // If the file cannot be parsed at all, it is being edited, so keep the budgets that we know.
    this.#written = parsed.config ?? this.#written;
    this.#configProblems = parsed.problems;
    this.#start = startOf(configFile, text);
    this.#merge();
  }

  async readComments(): Promise<Config | null> {
    if (this.#written === null) return null;
    await this.options.inline.scan(this.#written);
    return this.#merge();
  }

  /** Reads changed files again. Returns what they affect of what is measured or judged. */
  async changed(files: ReadonlySet<string>): Promise<'nothing' | 'failures' | 'code'> {
    const { benchFiles, inline } = this.options;
    if (this.#written === null) return 'nothing';
    const isInlineNew = await inline.changed(files, this.#written);
    const config = isInlineNew ? this.#merge() : this.#config;
    if (config === null) return 'nothing';
    // A new file may be a bench file. We notice that a known one is gone when we bundle it.
    const isBenchNew = [...files].some(
      (file) => (!benchFiles.has(file) && /bench/i.test(file)) || benchFiles.isNew(file),
    );
    const isFound = (isBenchNew || isInlineNew) && (await benchFiles.scan(config));
    if (benchFiles.changed(files) || isFound || files.has(this.#recordsFile) || isInlineNew) return 'code';
    return benchFiles.isDirty ? 'failures' : 'nothing';
  }

  /** Whether a budget depends on one of these files. */
  reaches(name: string, files: ReadonlySet<string>): boolean {
    const config = this.#config;
    const budget = config === null ? undefined : budgetNamed(config, name);
    if (budget === undefined || config === null) return false;
    if (budget.subject.kind === 'manual') return files.has(this.#recordsFile);
    // A changed comment may have new checks.
    if (budget.checks.some(({ location }) => location !== null && files.has(location.file))) return true;
    return [...benchmarkNames(config, [budget])].some((one) => this.options.benchFiles.reaches(one, files));
  }

  /** Returns the files that a budget depends on. */
  inputsOf(budget: Budget): readonly string[] {
    const config = this.#config;
    if (budget.subject.kind === 'manual') return [this.#recordsFile];
    const commented = budget.checks.flatMap(({ location }) => (location === null ? [] : [location.file]));
    const names = config === null ? [] : [...benchmarkNames(config, [budget])];
    const inputs = names.map((one) => this.options.benchFiles.inputsOf(one));
    const [first = []] = inputs;
    // Thousands of budgets of one bench file share one list, which is kept and sent once.
    if (inputs.length === 1 && commented.every((file) => file === this.options.configFile)) return first;
    return [...new Set([...commented, ...inputs.flat()])];
  }

  /** Finds the locations of budgets that name their code. Reads no bench file. */
  async locate(config: Config): Promise<void> {
    await this.options.locations.read(new Set());
    for (const budget of config.budgets) {
      this.options.onLocations(budget.name, await this.options.locations.of(budget, null));
    }
  }

  /**
   * Reads the bench files that changed, finds every budget's locations, and collects problems. Returns the configuration,
   * with the budgets from comments in the files that bench files import.
   */
  async refresh(signal: AbortSignal): Promise<Config | null> {
    const { benchFiles, inline, locations } = this.options;
    let config = this.#config;
    if (config === null) return null;
    // Read the sources while the bundler works, which is a process of its own.
    const sources = config.budgets.flatMap(({ code }) => (code === null ? [] : [code.file]));
    await Promise.all([benchFiles.refresh(signal), locations.read(new Set(sources))]);
    const reached = new Set(benchFiles.all.flatMap(({ inputs }) => [...inputs]));
    if (!signal.aborted && this.#written !== null && (await inline.reached(reached, this.#written))) {
      config = this.#merge() ?? config;
      await benchFiles.scan(config);
      await benchFiles.refresh(signal);
    }
    if (signal.aborted) return config;
    this.#isRead = this.#hasRead = true;
    const problems: Problem[] = [];
    for (const origin of benchFiles.all) {
      const { failure } = origin;
      if (failure === null) continue;
      const location =
        origin.kind === 'command' ? origin.command.location : failureLocation(failure, origin.file, origin.text);
      problems.push({ location, message: failureText(failure), isFailure: true });
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

  /**
   * Returns the problems that a `perf-budget.jsonc` or the comments of a source file would have with this text. Names of benchmarks
   * are left out until the bench files have been read that it is about.
   */
  async check(file: string, text: string): Promise<readonly Problem[]> {
    const { configFile, benchFiles, inline, locations } = this.options;
    const isConfig = file === configFile;
    const parsed = isConfig ? parseConfig(file, text) : { config: this.#written, problems: [] };
    if (parsed.config === null) return parsed.problems;
    const merged = isConfig ? inline.merged(parsed.config) : await inline.mergedWith(parsed.config, file, text);
    if (merged === null) return [];
    const { config, problems } = merged;
    const isRead = this.#hasRead && this.#written !== null && scanned(parsed.config) === scanned(this.#written);
    const names = (isRead ? config.budgets : []).flatMap((budget) => {
      const resolved = resolve(config, budget, benchFiles);
      return resolved.ok ? [] : resolved.error;
    });
    const codes = await locations.problems(isConfig ? config.budgets.flatMap(({ code }) => code ?? []) : []);
    return [...parsed.problems, ...problems, ...names, ...codes]
      .filter(({ location }) => location.file === file)
      .sort(({ location: { start: a } }, { location: { start: b } }) => a.line - b.line || a.column - b.column);
  }

  /**
   * Returns the benchmarks that reach a file, first those that call the function `symbol` of it (`Registry.lookup`). Empty until the
   * bench files have been read.
   */
  reaching(file: string, symbol: string | null): readonly string[] {
    const own = symbol?.split('.').at(-1) ?? null;
    const stem = withoutExtension(file);
    const all = this.options.benchFiles.all.flatMap((origin) => {
      const { inputs, file: bench, names } = origin;
      if (bench === file) return [];
      const calls = callsOf(origin).flatMap(({ name, callee }) => {
        // What a bench file imports is known only if a budget is about one of its benchmarks.
        const source = callee === null ? '' : path.posix.join(path.posix.dirname(bench), callee.source);
        const isReached = inputs.has(file) || withoutExtension(source) === stem;
        return name === null || callee === null || !isReached
          ? []
          : [{ name, called: callee.member ?? callee.imported }];
      });
      const others = inputs.has(file) ? names.map((name) => ({ name, called: null })) : [];
      return [...calls, ...others];
    });
    const [first, then] = [true, false].map((isFirst) =>
      all.filter(({ called }) => (own !== null && called === own) === isFirst).map(({ name }) => name),
    );
    return [...new Set([...(first ?? []), ...(then ?? [])])];
  }

  get #recordsFile(): string {
    return slashed(path.join(this.options.root, recordsFile));
  }

  /** Merges the budgets from comments into the configuration. */
  #merge(): Config | null {
    if (this.#written === null) return null;
    const { config, problems } = this.options.inline.merged(this.#written);
    this.#config = config;
    this.#inlineProblems = problems;
    this.options.onConfig(config);
    return config;
  }
}

/** What of a configuration decides which bench files there are. */
const scanned = ({ benchmarks, defaults: { ignore } }: Config): string =>
  JSON.stringify([benchmarks, ignore], (key, value: unknown) => (key === 'location' ? undefined : value));

const withoutExtension = (file: string): string => file.replace(/\.[cm]?[jt]sx?$/, '');

/** Writes a failure as a sentence. A compiler's message begins with a file name, which keeps its case. */
function failureText({ kind, message }: RunFailure): string {
  return kind === 'compile' ? ended(message) : sentence(message);
}

/** Returns where to show a bench file's failure: at its own location, if it has one, else on the file's first line. */
function failureLocation(failure: RunFailure, file: string, text: string): Location {
  if (failure.file !== undefined && failure.line !== undefined) {
    const start = { line: failure.line, column: failure.column ?? 1 };
    return { file: slashed(failure.file), start, end: { ...start, column: start.column + 1 } };
  }
  const end = text.indexOf('\n');
  return new Lines(file, text).location({ start: 0, end: end === -1 ? text.length : end });
}
