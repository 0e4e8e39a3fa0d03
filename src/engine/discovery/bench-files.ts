import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import pLimit from 'p-limit';
import { glob } from 'tinyglobby';
import type { Config } from '../../core/language/budget.js';
import { benchmarkNames } from '../../core/config/mentions.js';
import { isPattern, patternOf, type NamePattern } from '../../core/language/name-pattern.js';
import type { RunFailure } from '../../core/results/measurement.js';
import { benchCalls, type BenchCall } from '../../core/outline/index.js';
import { err, ok, type Result } from '../../core/result.js';
import type { Bundle, Bundler } from '../bundle/bundler.js';
import { commandNames, type CommandSource } from '../command/command.js';
import { mayDependOn, stateOf, watchedBy } from '../command/dependencies.js';
import { environmentOf } from '../bundle/environment.js';
import type { BundleStore } from '../bundle/bundle-store.js';
import type { BenchmarkWorkers } from '../workers/benchmark-workers.js';
import type { Runtime } from '../workers/runtime.js';
import type { History } from '../history/history.js';
import { relativeTo, slashed } from '../util/paths.js';
import { closest } from '../../core/language/spelling.js';

/** A bench file that loads slower than this counts as hanging. */
const discoverMs = 20_000;
/** How many names a message lists. */
const listed = 6;

/** What bench files and commands have in common. */
interface Origin {
  /** The absolute path of a bench file; of a command, that of the configuration with `#` and its name. */
  readonly file: string;
  readonly failure: RunFailure | null;
  /** The names of its benchmarks, as running it showed them. */
  readonly names: readonly string[];
  /** Every file whose change can change a result: the import graph and what `watch` adds. */
  readonly inputs: ReadonlySet<string>;
  readonly watched: readonly string[];
}

/** What is known of one bench file; replaced whole when the file, or one that it reaches, changes. */
export interface BenchFile extends Origin {
  readonly kind: 'file';
  readonly text: string;
  /** Null where `failure` says why, and where no budget is about any of its benchmarks. */
  readonly bundle: Bundle | null;
  /** The calls in the text that declare benchmarks, where their names are literals. */
  readonly calls: readonly BenchCall[];
}

/** What is known of one command of the configuration. */
export interface BenchCommand extends Origin {
  readonly kind: 'command';
  readonly command: CommandSource;
  /** Changes with everything that may change what its benchmarks are called. */
  readonly state: string;
}

/** Where benchmarks come from. */
export type BenchOrigin = BenchFile | BenchCommand;

const callsOf = (origin: BenchOrigin): readonly BenchCall[] => (origin.kind === 'file' ? origin.calls : []);

/** Whether some of its benchmarks' names do not stand in its text. */
function makesNames(origin: BenchOrigin): boolean {
  const { names } = origin;
  const written = new Set(callsOf(origin).map(({ name }) => name));
  return names.length === 0 || names.some((name) => !written.has(name));
}

/** Why a name means no benchmark, in a sentence, and the name that may have been meant. */
export interface Missing {
  readonly message: string;
  readonly near: string | null;
}

const missing = (message: string, near: string | null = null): Result<never, Missing> => err({ message, near });

/** A benchmark: which bench file or command has it, and what it is called there. */
export interface FoundBenchmark {
  readonly origin: BenchOrigin;
  readonly name: string;
  /** The number that stands in the place of the placeholder that it was looked for with; null where there was none. */
  readonly size: number | null;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The bench files of one configuration, as they were when they were last looked at, and what has to be looked at again. */
export class BenchFiles {
  readonly #files = new Map<string, BenchOrigin>();
  /** One at a time, however many files are new: a benchmark never takes more than one core. */
  readonly #mutex = pLimit(1);
  /** Bench files that must be bundled again, with what `watch` adds to each. */
  readonly #dirty = new Map<string, readonly string[]>();
  /** The benchmarks that the budgets are about, by their names and patterns. */
  #wanted: ReadonlySet<string> = new Set();
  readonly #patterns = new Map<string, NamePattern>();
  #commands: ReadonlyMap<string, CommandSource> = new Map();
  #ignore: readonly string[] = [];

  constructor(
    readonly root: string,
    readonly parts: {
      readonly bundler: Bundler;
      readonly store: BundleStore;
      readonly workers: BenchmarkWorkers;
      /** What runs commands. */
      readonly runtime: Runtime;
      readonly workerPath: string;
      readonly history: History;
    },
  ) {}

  /** In the order of their paths, so that messages do not depend on which of them loaded first. */
  get all(): readonly BenchOrigin[] {
    return [...this.#files.values()].sort((a, b) => (a.file < b.file ? -1 : 1));
  }

  get isDirty(): boolean {
    return this.#dirty.size > 0;
  }

  has(file: string): boolean {
    return this.#files.has(file);
  }

  /** Finds the bench files that a configuration names; new ones are dirty, and those that are gone are forgotten. */
  async scan(config: Config): Promise<void> {
    this.#wanted = benchmarkNames(config, config.budgets);
    const found = new Map<string, readonly string[]>();
    const commands = new Map<string, CommandSource>();
    const options = { cwd: this.root, ignore: [...config.defaults.ignore], absolute: true };
    for (const source of config.benchmarks) {
      if (source.kind === 'command') {
        const file = `${config.file}#${source.name}`;
        commands.set(file, source);
        found.set(file, await watchedBy(source, this.root, config.defaults.ignore));
        continue;
      }
      const watched = source.watch.length === 0 ? [] : (await glob([...source.watch], options)).map(slashed).sort();
      for (const file of (await glob(source.files, options)).map(slashed).sort()) {
        found.set(file, [...(found.get(file) ?? []), ...watched]);
      }
    }
    this.#commands = commands;
    this.#ignore = config.defaults.ignore;
    for (const file of this.#files.keys()) if (!found.has(file)) this.#files.delete(file);
    for (const [file, watched] of found) {
      const known = this.#files.get(file);
      const command = commands.get(file);
      const passedOver =
        command === undefined
          ? known?.kind === 'file' && known.bundle === null && known.failure === null && this.#isWanted(known.names)
          : // Another budget may be about another of its benchmarks.
            known?.kind !== 'command' ||
            !isDeepStrictEqual(known.command, command) ||
            !this.#claims(command).every((name) => known.names.includes(name));
      if (passedOver || known?.watched.join('\n') !== watched.join('\n')) this.#dirty.set(file, watched);
    }
  }

  /** Takes note that files changed on disk: what reaches them is dirty. One that did not load may be mended by any change. */
  changed(files: ReadonlySet<string>): void {
    for (const one of this.all) {
      const reached = one.failure !== null || [...files].some((file) => one.inputs.has(file));
      if (reached) this.#dirty.set(one.file, one.watched);
    }
  }

  /** Whether some command depends on a file that was not there when its files were last looked for. */
  isNew(file: string): boolean {
    return [...this.#commands].some(
      ([id, source]) =>
        this.#files.get(id)?.inputs.has(file) !== true && mayDependOn(source, this.root, this.#ignore, file),
    );
  }

  /** What the benchmarks of a command are called, as running it showed them. */
  commandNamed(source: CommandSource, names: readonly string[]): void {
    for (const [id, command] of this.#commands) {
      const known = this.#files.get(id);
      if (command !== source || known?.kind !== 'command') continue;
      this.parts.history.keepBenchNames(known.state, names, Date.now());
    }
  }

  /** Whether a change of these files can change what this benchmark shows; anything may bring one that is not known. */
  reaches(benchmark: string, files: ReadonlySet<string>): boolean {
    const having = this.#having(benchmark);
    if (having.length === 0) return true;
    // A bench file that is not read yet may have more.
    if (isPattern(benchmark) && this.isDirty) return true;
    return having.some(
      ({ origin: one }) => this.#dirty.has(one.file) || [...files].some((file) => one.inputs.has(file)),
    );
  }

  /** Looks again at everything that is dirty. */
  async refresh(signal: AbortSignal): Promise<void> {
    await Promise.all(
      [...this.#dirty].map(async ([file, watched]) => {
        await this.#refresh(file, watched, signal);
        if (!signal.aborted) this.#dirty.delete(file);
      }),
    );
    if (signal.aborted || [...this.#wanted].every((name) => this.#having(name).length > 0)) return;
    // Names that are not in the text may be made by code that it imports, and that code may have changed.
    const making = this.all.filter((one) => one.failure === null && makesNames(one));
    await Promise.all(making.map((one) => this.#refresh(one.file, one.watched, signal, true)));
  }

  /**
   * The benchmarks that a name means, at least one, or a sentence that says why there is none: the one of this name, or all
   * of a family (`index/{files}`, smallest first) or pattern (`parser/*`). Where bench files share a name,
   * `bench/a.bench.ts#suite/case` names one of them.
   */
  find(benchmark: string): Result<readonly FoundBenchmark[], Missing> {
    const having = this.#having(benchmark);
    const [first, second] = having;
    const shown = (one: BenchOrigin): string => relativeTo(this.root, one.file);
    if (first !== undefined && first.name !== benchmark && isPattern(benchmark)) {
      return ok(having.toSorted((a, b) => (a.size ?? 0) - (b.size ?? 0)));
    }
    if (first !== undefined && second !== undefined) {
      const [one, other] = [shown(first.origin), shown(second.origin)];
      const full = `${one}#${benchmark}`;
      return missing(`Both ${one} and ${other} have a benchmark "${benchmark}": write "${full}" for the first.`, full);
    }
    if (first !== undefined) return ok(having);
    if (this.#files.size === 0) return missing('No bench files were found. Correct the globs in "benchmarks".');
    // Its own file could not be loaded: that is what is wrong, not the name.
    const unloaded = this.all.find(
      (one) => one.failure !== null && callsOf(one).some(({ name }) => name === benchmark),
    );
    if (unloaded !== undefined) return ok([{ origin: unloaded, name: benchmark, size: null }]);
    const names = [...new Set(this.all.flatMap((one) => one.names))];
    const wanted = this.#pattern(benchmark);
    const sentence = wanted.isPattern
      ? `No benchmark matches "${benchmark}"${wanted.placeholder === null ? '' : ` with a number for ${wanted.placeholder}`}`
      : `There is no benchmark "${benchmark}"`;
    const near = closest(benchmark, names);
    if (near !== null && !wanted.isPattern) return missing(`${sentence}; did you mean "${near}"?`, near);
    const broken = this.all.find((one) => one.failure !== null);
    if (broken !== undefined) return missing(`${sentence}, and ${shown(broken)} could not be loaded.`);
    if (names.length === 0) return missing(`${sentence}: the bench files have none.`);
    const more = names.length > listed ? ', …' : '';
    return missing(`${sentence}. The benchmarks are ${names.slice(0, listed).join(', ')}${more}.`);
  }

  /** What distinguishes a benchmark from those of the same name in other bench files. */
  fullName({ origin, name }: FoundBenchmark): string {
    return `${relativeTo(this.root, origin.file)}#${name}`;
  }

  #isWanted(names: readonly string[]): boolean {
    if (names.some((name) => this.#wanted.has(name))) return true;
    const patterns = [...this.#wanted].filter(isPattern);
    return patterns.some((pattern) => names.some((name) => this.#pattern(pattern).match(name) !== null));
  }

  /** A benchmark that is called just so, before those that a pattern means: a name may have braces and stars of its own. */
  #having(benchmark: string): readonly FoundBenchmark[] {
    const hash = benchmark.indexOf('#');
    const exact = this.all.flatMap((origin) => {
      if (origin.names.includes(benchmark)) return [{ origin, name: benchmark, size: null }];
      const name = benchmark.slice(hash + 1);
      const isNamed = hash !== -1 && relativeTo(this.root, origin.file) === benchmark.slice(0, hash);
      return isNamed && origin.names.includes(name) ? [{ origin, name, size: null }] : [];
    });
    if (exact.length > 0 || !isPattern(benchmark)) return exact;
    return this.all.flatMap((origin) => {
      const isNamed = hash !== -1 && relativeTo(this.root, origin.file) === benchmark.slice(0, hash);
      const pattern = this.#pattern(isNamed ? benchmark.slice(hash + 1) : benchmark);
      // What a file that could not be loaded would have is missed, not left out in silence.
      const written = origin.failure === null ? [] : callsOf(origin).flatMap(({ name }) => name ?? []);
      return [...new Set([...origin.names, ...written])].flatMap((name) => {
        const matched = pattern.match(name);
        return matched === null ? [] : [{ origin, name, size: matched.size }];
      });
    });
  }

  #pattern(text: string): NamePattern {
    const known = this.#patterns.get(text) ?? patternOf(text);
    this.#patterns.set(text, known);
    return known;
  }

  /** Bundles a bench file as it is on disk, and learns its benchmarks' names; `anew` also where its own text is known. */
  async #refresh(file: string, watched: readonly string[], signal: AbortSignal, anew = false): Promise<void> {
    const command = this.#commands.get(file);
    if (command !== undefined) {
      await this.#refreshCommand(file, command, signal);
      return;
    }
    const known = this.#files.get(file);
    const before = known?.kind === 'file' ? known : undefined;
    const text = await readFile(file, 'utf8').catch(() => null);
    if (text === null) {
      this.#files.delete(file);
      return;
    }
    const own = [file, ...watched];
    const calls = before?.text === text ? before.calls : benchCalls(text, file);
    const base = { kind: 'file', file, text, calls, watched } as const;
    const key = sha256(`${file}\0${text}${environmentOf(text, process.env)}`);
    const names = this.parts.history.benchNames(key);
    // A library may have hundreds of bench files and a few budgets: bundling the others would take most of a minute.
    if (names !== null && !anew && !this.#isWanted(names)) {
      this.#files.set(file, { ...base, bundle: null, failure: null, names, inputs: new Set(own) });
      return;
    }
    const bundled = await this.parts.bundler.current(file);
    if (!bundled.ok) {
      const inputs = new Set([...own, ...(before?.inputs ?? [])]);
      this.#files.set(file, { ...base, bundle: null, failure: bundled.error, names: before?.names ?? [], inputs });
      return;
    }
    const bundle = bundled.value;
    const inputs = new Set([...own, ...bundle.inputs.map(slashed)]);
    const exact = sha256(`${file}\0${bundle.hash}`);
    const kept = anew ? this.parts.history.benchNames(exact) : names;
    const named = kept === null ? await this.#names(file, [key, exact], bundle, signal) : ok(kept);
    if (signal.aborted) return;
    const failure = named.ok ? null : named.error;
    this.#files.set(file, { ...base, bundle, failure, names: named.ok ? named.value : [], inputs });
  }

  /**
   * Looks again at what a command depends on. What its benchmarks are called is known once it has run for the same code;
   * before that it is taken at the budgets' word, and only where they have patterns it is run for it.
   */
  async #refreshCommand(file: string, command: CommandSource, signal: AbortSignal): Promise<void> {
    const watched = await watchedBy(command, this.root, this.#ignore);
    const { command: words, reads, from, build } = command;
    const state = sha256(JSON.stringify([words, reads, from, build, await stateOf(command, watched)]));
    let names = reads === null ? [command.name] : this.parts.history.benchNames(state);
    let failure: RunFailure | null = null;
    const isFamily = [...this.#wanted].some((name) => isPattern(name) && name.startsWith(`${command.name}/`));
    if (names === null && isFamily) {
      const { runtime, workerPath } = this.parts;
      const ran = await commandNames(command, this.root, { runtime, workerPath, signal });
      if (signal.aborted) return;
      if (ran.ok) {
        names = ran.value;
        this.parts.history.keepBenchNames(state, names, Date.now());
      } else if (ran.error.kind !== 'aborted') failure = ran.error;
    }
    const known = { failure, names: names ?? this.#claims(command), inputs: new Set(watched), watched };
    this.#files.set(file, { kind: 'command', file, command, state, ...known });
  }

  /** The budgets' names that can only be of this command. */
  #claims({ name }: CommandSource): readonly string[] {
    return [...this.#wanted].filter((one) => !isPattern(one) && (one === name || one.startsWith(`${name}/`)));
  }

  /** Runs the bench file without its benchmarks. */
  async #names(
    file: string,
    keys: readonly string[],
    bundle: Bundle,
    signal: AbortSignal,
  ): Promise<Result<readonly string[], RunFailure>> {
    const answer = await this.#mutex(() =>
      this.parts.workers.request(
        { type: 'discover', bundle: this.parts.store.url(bundle), benchFile: file },
        { timeoutMs: discoverMs, signal },
      ),
    );
    if (!answer.ok) return answer.error.kind === 'aborted' ? ok([]) : err(answer.error);
    if (answer.value.type !== 'names') throw new Error(`a worker answered ${answer.value.type} to discover`);
    for (const key of keys) this.parts.history.keepBenchNames(key, answer.value.names, Date.now());
    return ok(answer.value.names);
  }
}
