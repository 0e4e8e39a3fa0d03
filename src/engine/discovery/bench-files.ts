import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import pLimit from 'p-limit';
import { glob } from 'tinyglobby';
import type { Config } from '../../core/language/budget.js';
import { benchmarkNames } from '../../core/config/mentions.js';
import { isPattern } from '../../core/language/name-pattern.js';
import type { RunFailure } from '../../core/results/measurement.js';
import { benchCalls } from '../../core/outline/index.js';
import { err, ok, type Result } from '../../core/result.js';
import type { Bundle } from '../bundle/bundle.js';
import type { Bundler } from '../bundle/bundler.js';
import { Builds, type Prepared } from '../command/builds.js';
import { commandNames, type CommandSource } from '../command/command.js';
import { mayDependOn, WatchedFiles } from '../command/dependencies.js';
import { lockFilesOf } from '../bundle/lock-files.js';
import { environmentOf } from '../bundle/environment.js';
import type { BundleStore } from '../bundle/bundle-store.js';
import type { Names } from '../../worker/protocol.js';
import type { BenchmarkWorkers } from '../workers/benchmark-workers.js';
import type { Runtime } from '../workers/runtime.js';
import type { Git } from '../git/repository.js';
import type { History } from '../history/history.js';
import { slashed } from '../util/paths.js';
import { together } from '../util/together.js';
import { makesNames, type BenchOrigin } from './bench-origin.js';
import { claimed, hasMore } from './claims.js';
import { Lookup } from './lookup.js';
import { withoutCopies } from '../util/links.js';

/** A bench file that takes longer than this to load counts as hanging. */
const discoverMs = 20_000;

/** A new one each time, so that a file that changes while it is read is read again. */
interface Mark {
  /** The files that `watch` adds. */
  readonly watched: readonly string[];
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The bench files and commands of one configuration as last read, and which of them must be read again. */
export class BenchFiles {
  readonly #files = new Map<string, BenchOrigin>();
  /** `all`, until a file changes. */
  #all: readonly BenchOrigin[] | null = null;
  /** Loads one file at a time, however many are new, so that we never use more than one core. */
  readonly #mutex = pLimit(1);
  /** Bench files and commands that must be read again. */
  readonly #dirty = new Map<string, Mark>();
  /** Bench files that are read once more, as they did not load in time: the machine may just have been busy. */
  readonly #late = new Set<string>();
  /** The names and patterns of the benchmarks that the budgets are about. */
  #wanted: ReadonlySet<string> = new Set();
  /** Those that a command with this name may have. */
  #claimed: ReadonlyMap<string, readonly string[]> = new Map();
  /** The list of each bench file's inputs, once for all of its benchmarks. */
  readonly #inputs = new WeakMap<BenchOrigin, readonly string[]>();
  /** Tells which of the benchmarks a name means. */
  readonly lookup: Lookup;
  #commands: ReadonlyMap<string, CommandSource> = new Map();
  #idsOfCommands: ReadonlyMap<CommandSource, string> = new Map();
  /** How the code of bench files gets ready, for those that need it, and the files that their builds read. */
  #preparations: ReadonlyMap<string, Prepared> = new Map();
  readonly #builds: Builds;
  #ignore: readonly string[] = [];
  /** The scan that began last. */
  #scanning: Promise<boolean> = Promise.resolve(false);
  #scans = 0;

  constructor(
    readonly root: string,
    readonly parts: {
      readonly bundler: Bundler;
      readonly store: BundleStore;
      readonly workers: BenchmarkWorkers;
      /** The runtime that runs commands. */
      readonly runtime: Runtime;
      readonly workerPath: string;
      readonly history: History;
      readonly git: Git | null;
    },
  ) {
    const { runtime, workerPath, git } = parts;
    this.lookup = new Lookup(root, () => this.all);
    this.#builds = new Builds(root, git, { runtime, workerPath });
  }

  /** Sorted by path, so that messages do not depend on which file loaded first. A new array whenever one of them changes. */
  get all(): readonly BenchOrigin[] {
    return (this.#all ??= [...this.#files.values()].sort((a, b) => (a.file < b.file ? -1 : 1)));
  }

  get isDirty(): boolean {
    return this.#dirty.size > 0;
  }

  has(file: string): boolean {
    return this.#files.has(file);
  }

  /**
   * Finds the bench files that a configuration names. Marks new ones as dirty and forgets those that are gone. Returns whether
   * it marked one that was not.
   */
  scan(config: Config): Promise<boolean> {
    return (this.#scanning = this.#scan(config));
  }

  async #scan(config: Config): Promise<boolean> {
    const scan = ++this.#scans;
    this.#wanted = benchmarkNames(config, config.budgets);
    this.#claimed = claimed(this.#wanted);
    const files = new WatchedFiles(this.root, config.defaults.ignore);
    const found = new Map<string, readonly string[]>();
    const commands = new Map<string, CommandSource>();
    const preparations = new Map<string, Prepared>();
    const options = { cwd: this.root, ignore: [...config.defaults.ignore], absolute: true };
    for (const source of config.benchmarks) {
      if (source.kind === 'command') {
        const file = `${config.file}#${source.name}`;
        commands.set(file, source);
        found.set(file, await files.of(source));
        continue;
      }
      const watched = source.watch.length === 0 ? [] : (await glob([...source.watch], options)).map(slashed).sort();
      const prepared = await this.#builds.prepared(source, config.defaults.ignore);
      for (const file of await withoutCopies((await glob(source.files, options)).map(slashed))) {
        found.set(file, [...(found.get(file) ?? []), ...watched]);
        if (prepared !== null && (preparations.get(file)?.build ?? null) === null) preparations.set(file, prepared);
      }
    }
    // A scan that began later has a newer configuration.
    if (scan !== this.#scans) return this.#scanning;
    this.#commands = commands;
    this.#idsOfCommands = new Map(Array.from(commands, ([id, command]) => [command, id]));
    const before = this.#preparations;
    this.#preparations = preparations;
    this.#ignore = config.defaults.ignore;
    for (const file of this.#files.keys()) if (!found.has(file)) this.#forget(file);
    let isNew = false;
    for (const [file, watched] of found) {
      const known = this.#files.get(file);
      const command = commands.get(file);
      const passedOver =
        command === undefined
          ? known?.kind === 'file' &&
            known.bundle === null &&
            known.failure === null &&
            this.lookup.isWanted(known, this.#wanted)
          : // A new budget may be about a benchmark of it that we do not know yet.
            known?.kind !== 'command' ||
            !isDeepStrictEqual(known.command, command) ||
            hasMore(this.#claims(command), known.names);
      const isPrepared = JSON.stringify(before.get(file)) === JSON.stringify(preparations.get(file));
      if (!passedOver && isPrepared && known?.watched.join('\n') === watched.join('\n')) continue;
      isNew ||= !this.#dirty.has(file);
      this.#dirty.set(file, { watched });
    }
    return isNew;
  }

  /**
   * Marks as dirty all that depends on these files, and all that failed to load, because any change may fix that. Returns
   * whether something depends on them.
   */
  changed(files: ReadonlySet<string>): boolean {
    let isReached = false;
    for (const one of this.all) {
      const isBroken = one.failure !== null || one.failures.length > 0;
      const hasOne = [...files].some((file) => one.inputs.has(file));
      if (hasOne) this.#late.delete(one.file);
      // What is being read just now may turn out to depend on anything.
      const reached = hasOne || (!isBroken && this.#dirty.has(one.file));
      if (reached || isBroken) this.#dirty.set(one.file, { watched: one.watched });
      isReached ||= reached;
    }
    for (const [file, { watched }] of this.#dirty) {
      if (this.#files.has(file)) continue;
      this.#dirty.set(file, { watched });
      isReached = true;
    }
    return isReached;
  }

  /** Whether some command depends on this file but did not find it when it last listed its files. */
  isNew(file: string): boolean {
    const isSource = [...this.#preparations].some(
      ([benchFile, prepared]) =>
        this.#files.get(benchFile)?.inputs.has(file) !== true && this.#builds.mayRead(prepared, this.#ignore, file),
    );
    if (isSource) return true;
    return [...this.#commands].some(
      ([id, source]) =>
        this.#files.get(id)?.inputs.has(file) !== true && mayDependOn(source, this.root, this.#ignore, file),
    );
  }

  /** Keeps the names of a command's benchmarks, as found by running it. */
  commandNamed(source: CommandSource, names: readonly string[]): void {
    const known = this.#files.get(this.#idsOfCommands.get(source) ?? '');
    if (known?.kind === 'command') this.parts.history.keepBenchNames(known.state, names, Date.now());
  }

  /** Whether a change to these files can change this benchmark's result. True for an unknown one: any change may add it. */
  reaches(benchmark: string, files: ReadonlySet<string>): boolean {
    const having = this.lookup.having(benchmark);
    if (having.length === 0) return true;
    // A bench file that we have not read yet may have more matches.
    if (isPattern(benchmark) && this.isDirty) return true;
    return having.some(
      ({ origin: one }) => this.#dirty.has(one.file) || [...files].some((file) => one.inputs.has(file)),
    );
  }

  /** Returns the files that can change a benchmark's result. */
  inputsOf(benchmark: string): readonly string[] {
    const [first, ...others] = new Set(this.lookup.having(benchmark).map(({ origin }) => origin));
    if (first === undefined) return [];
    const listed = this.#inputs.get(first) ?? [...first.inputs];
    this.#inputs.set(first, listed);
    return others.length === 0 ? listed : [...listed, ...others.flatMap(({ inputs }) => [...inputs])];
  }

  /** Reads again everything that is dirty. */
  async refresh(signal: AbortSignal): Promise<void> {
    const files = new WatchedFiles(this.root, this.#ignore);
    await together(signal, (each) =>
      [...this.#dirty].map(async ([file, mark]) => {
        await this.#refresh(file, mark.watched, files, each);
        if (!each.aborted && this.#dirty.get(file) === mark && !this.#isOnceLate(file)) this.#dirty.delete(file);
      }),
    );
    if (signal.aborted || [...this.#wanted].every((name) => this.lookup.having(name).length > 0)) return;
    // Imported code may generate the names that are not in the text, and that code may have changed.
    const making = this.all.filter((one) => one.failure === null && makesNames(one));
    await together(signal, (each) => making.map((one) => this.#refresh(one.file, one.watched, files, each, true)));
  }

  /** Whether a bench file did not load in time, for the first time in a row. */
  #isOnceLate(file: string): boolean {
    const isLate = this.#files.get(file)?.failure?.kind === 'timeout';
    const wasLate = this.#late.has(file);
    if (isLate) this.#late.add(file);
    else this.#late.delete(file);
    return isLate && !wasLate;
  }

  #keep(origin: BenchOrigin): void {
    this.#files.set(origin.file, origin);
    this.#all = null;
  }

  #forget(file: string): void {
    this.#files.delete(file);
    this.#all = null;
  }

  #refresh(
    file: string,
    watched: readonly string[],
    files: WatchedFiles,
    signal: AbortSignal,
    anew = false,
  ): Promise<void> {
    const command = this.#commands.get(file);
    return command === undefined
      ? this.#refreshFile(file, watched, signal, anew)
      : this.#refreshCommand(file, command, files, signal);
  }

  /** Bundles a bench file from disk and finds its benchmarks' names. `anew` does so even if its text has not changed. */
  async #refreshFile(file: string, watched: readonly string[], signal: AbortSignal, anew: boolean): Promise<void> {
    const known = this.#files.get(file);
    const before = known?.kind === 'file' ? known : undefined;
    const text = await readFile(file, 'utf8').catch(() => null);
    if (text === null) {
      this.#forget(file);
      return;
    }
    const preparation = this.#preparations.get(file);
    const own = [file, ...watched, ...(preparation?.known ?? [])];
    const calls = before?.text === text ? before.calls : benchCalls(text, file);
    const base = {
      ...({ kind: 'file', file, text, calls, watched, failures: [] } as const),
      ...(preparation !== undefined && { preparation }),
    };
    const key = sha256(`${file}\0${text}${environmentOf(text, process.env)}`);
    const names = this.parts.history.benchNames(key);
    // A library may have hundreds of bench files but few budgets; bundling them all would take most of a minute.
    if (names !== null && !anew && !this.lookup.isWanted({ file, names }, this.#wanted)) {
      this.#keep({ ...base, bundle: null, failure: null, names, inputs: new Set(own) });
      return;
    }
    const bundle = (): Promise<Result<Bundle, RunFailure>> => this.parts.bundler.current(file);
    const bundled = await this.#builds.before(preparation, bundle, signal);
    if (!bundled.ok && signal.aborted) return;
    if (!bundled.ok) {
      const inputs = new Set([...own, ...(before?.inputs ?? [])]);
      this.#keep({ ...base, bundle: null, failure: bundled.error, names: before?.names ?? [], inputs });
      return;
    }
    const { value } = bundled;
    const reached = await this.parts.bundler.reached([...value.outside, ...value.beside]);
    const locks = reached.versions.size === 0 ? [] : await lockFilesOf(this.root);
    const inputs = new Set([
      ...own,
      ...[...value.inputs, ...value.dependencies, ...reached.files, ...locks].map(slashed),
    ]);
    const exact = sha256(`${file}\0${value.hash}`);
    const kept = anew ? this.parts.history.benchNames(exact) : names;
    const named =
      kept === null ? await this.#names(file, [key, exact], value, signal) : ok({ names: kept, failures: [] });
    if (signal.aborted) return;
    const found = named.ok ? { ...named.value, failure: null } : { names: [], failures: [], failure: named.error };
    const sources = await this.#builds.stateBefore(preparation);
    const state = sources === null ? {} : { sources };
    this.#keep({ ...base, ...state, bundle: value, ...found, inputs });
  }

  /**
   * Reads what a command depends on. The names of its benchmarks are known once it has run with the same code. Until then
   * the budgets' names stand in for them, and the command is run only if a budget has a pattern.
   */
  async #refreshCommand(file: string, command: CommandSource, files: WatchedFiles, signal: AbortSignal): Promise<void> {
    const watched = await files.of(command);
    const { command: words, reads, from, build } = command;
    const state = sha256(JSON.stringify([words, reads, from, build, await files.state(command)]));
    let names = reads === null ? [command.name] : this.parts.history.benchNames(state);
    let failure: RunFailure | null = null;
    const isFamily = (this.#claimed.get(command.name) ?? []).some((name) => name !== command.name && isPattern(name));
    if (names === null && isFamily) {
      const { runtime, workerPath } = this.parts;
      const ran = await commandNames(command, this.root, { runtime, workerPath, signal });
      if (signal.aborted) return;
      if (ran.ok) {
        names = ran.value;
        this.parts.history.keepBenchNames(state, names, Date.now());
      } else if (ran.error.kind !== 'aborted') failure = ran.error;
    }
    const known = { failure, failures: [], names: names ?? this.#claims(command), inputs: new Set(watched), watched };
    this.#keep({ kind: 'command', file, command, state, ...known });
  }

  /** Returns the names in the budgets that can only belong to this command. */
  #claims({ name }: CommandSource): readonly string[] {
    return (this.#claimed.get(name) ?? []).filter((one) => !isPattern(one));
  }

  /**
   * Returns the names in a bundle of old code; none if it cannot be loaded. Null if they are not known and it may not be loaded
   * to find out.
   */
  async namesIn(
    file: string,
    bundle: Bundle,
    { signal, mayRun }: { readonly signal: AbortSignal; readonly mayRun: boolean },
  ): Promise<readonly string[] | null> {
    const key = sha256(`${file}\0${bundle.hash}`);
    const known = this.parts.history.benchNames(key);
    if (known !== null) return known;
    if (!mayRun) return null;
    const named = await this.#names(file, [key], bundle, signal);
    // One that cannot be loaded is not tried at every save.
    if (!named.ok && named.error.kind === 'import') this.parts.history.keepBenchNames(key, [], Date.now());
    return named.ok ? named.value.names : [];
  }

  /** Loads a bench file without running its benchmarks, and returns their names. */
  async #names(
    file: string,
    keys: readonly string[],
    bundle: Bundle,
    signal: AbortSignal,
  ): Promise<Result<Pick<Names, 'names' | 'failures'>, RunFailure>> {
    const { store, workers } = this.parts;
    const answer = await this.#mutex(() =>
      workers.request(
        { type: 'discover', bundle: store.url(bundle), benchFile: file, launch: store.launch(bundle) },
        { timeoutMs: discoverMs, signal },
      ),
    );
    if (!answer.ok) return answer.error.kind === 'aborted' ? ok({ names: [], failures: [] }) : err(answer.error);
    if (answer.value.type !== 'names') throw new Error(`a worker answered ${answer.value.type} to discover`);
    const { names, failures } = answer.value;
    // It may not throw the next time.
    if (failures.length === 0) for (const key of keys) this.parts.history.keepBenchNames(key, names, Date.now());
    return ok({ names, failures });
  }
}
