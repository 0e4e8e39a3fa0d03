import * as l10n from '@vscode/l10n';
import { accessSync, constants, existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { measurementSchema } from '../../core/results/kept.js';
import type { Measurement } from '../../core/results/measurement.js';
import type { NoiseRow } from '../../core/stats/noise.js';
import { err, ok, type Result } from '../../core/result.js';
import { lockNow } from '../util/lock.js';
import { isBusy, loadSqlite, sqliteCode, type SqliteModule } from '../util/sqlite.js';
import { counts } from '../../core/text/words.js';
import { copyOf } from './copy.js';
import { fileId, ignoreItself, isFileError, isFull } from './disk.js';
import { MemoryStore } from './memory.js';
import { Aside, bundleSchema, checkedRun, readJson } from './rows.js';
import { isDamage, isDiskFailure, isForeign, SqliteStore } from './sqlite.js';
import type { CacheKind, KeptBundle, KeptCapture, KeptRow, Store } from './store.js';
import { ForeignTablesError, hasTables, NewerHistoryError, prepareTables } from './tables.js';
import { cacheFolder } from '../../core/config/file-names.js';

export { isOwn, type KeptCapture as CapturedBaseline, type KeptRow } from './store.js';

export interface HistoryOptions {
  /** Reads what is there and changes nothing on disk, for untrusted workspaces. */
  readonly readOnly?: boolean;
  readonly retention?: Partial<Retention>;
  /** Returns milliseconds since the epoch, for the name of a damaged file that is moved aside. */
  readonly now?: () => number;
}

/** How many of the runs that others measured were added, were already known, are too old to keep, and are no runs. */
export interface Added {
  readonly added: number;
  readonly known: number;
  readonly old: number;
  readonly unreadable: number;
}

export interface Retention {
  readonly maxAgeDays: number;
  readonly maxRowsPerBudget: number;
  /** Entries in the cache: measurements and discovered names of benchmarks. */
  readonly maxCached: number;
}

const usual: Retention = { maxAgeDays: 365, maxRowsPerBudget: 10_000, maxCached: 5000 };
const day = 24 * 60 * 60 * 1000;
/** After this long, noise counts only a thousandth: see `learnedPrior`. */
const noiseDays = 70;
/** One write in sixteen deletes up to this many old rows: more than are added, but too few for anybody to wait. */
const prunedAtOnce = 32;
/**
 * The verdicts over time, the measurements by code, and the captured baselines of one `perf-budget.jsonc`, in
 * `.perf-budget/history.db` beside it. All processes of all windows share it. It never throws because of the disk or another
 * program: what cannot be written is kept in memory, or dropped while the file is locked, and `warning` says so. Nor because of what
 * is in the file: what is not as we write it is left out.
 */
export class History {
  readonly #folder: string;
  readonly #options: HistoryOptions;
  #store: Store;
  /** Identifies the file behind `#store`, which another process may have moved or deleted; null for memory. */
  #file: number | null = null;
  #closed = false;
  readonly #retention: Retention;
  /** What was lost or will be. */
  #trouble: string | null = null;
  /** What was found in the file that cannot be read. */
  readonly #aside = new Aside();

  private constructor(folder: string, options: HistoryOptions) {
    this.#folder = join(folder, cacheFolder);
    this.#options = options;
    this.#retention = { ...usual, ...options.retention };
    this.#store = this.#open(null);
  }

  /** Opens the history of the `perf-budget.jsonc` in a folder. */
  static open(folder: string, options: HistoryOptions = {}): Promise<History> {
    return Promise.resolve(new History(folder, options));
  }

  /** Whether the history outlives this program. */
  get isPersistent(): boolean {
    return this.#file !== null;
  }

  /** Tells the user what was lost or will be, and what is left out; null while all is well. */
  get warning(): string | null {
    const { runs, baselines } = this.#aside;
    const parts = [
      ...(runs.size > 0 ? [counts(runs.size, 'run')] : []),
      ...(baselines.size > 0 ? [counts(baselines.size, 'baseline')] : []),
    ];
    const isOne = runs.size + baselines.size === 1;
    const [first = '', second] = parts;
    const what = second === undefined ? first : l10n.t`${first} and ${second}`;
    const left = isOne
      ? l10n.t`${what} in ${this.#path} cannot be read and is left out.`
      : l10n.t`${what} in ${this.#path} cannot be read and are left out.`;
    const all = [...(this.#trouble === null ? [] : [this.#trouble]), ...(parts.length > 0 ? [left] : [])];
    return all.length === 0 ? null : all.join(' ');
  }

  /** Keeps a run. Over time, runs of the same budget beyond the newest 10,000 or older than a year are deleted. */
  record(row: KeptRow): void {
    const { maxRowsPerBudget } = this.#retention;
    this.#use((store) => {
      store.forget('answer');
      store.record(row);
      if (nowAndThen(row.at)) store.pruneRuns(row.result.name, this.#oldest(row.at), maxRowsPerBudget, prunedAtOnce);
    }, undefined);
  }

  /** Keeps many runs, all or none of them. */
  recordAll(rows: readonly KeptRow[]): void {
    this.#use((store) => {
      store.forget('answer');
      store.recordAll(rows);
    }, undefined);
  }

  /** Returns the time before which runs are not kept at `now`; both in milliseconds since the epoch. */
  keptSince(now: number): number {
    return this.#oldest(now);
  }

  /**
   * Keeps runs that others measured, each once, except those that are too old to keep or no runs. The error is a sentence that says why
   * nothing could be kept.
   */
  addOthers(all: readonly KeptRow[], now: number): Result<Added, string> {
    const oldest = this.#oldest(now);
    const rows = all.filter((row) => checkedRun(row) !== null);
    const fresh = new Map<string, KeptRow>();
    for (const row of rows) if (row.at >= oldest) fresh.set(`${row.key} ${row.result.name}`, row);
    const budgets = new Set(Array.from(fresh.values(), ({ result }) => result.name));
    const added = this.#use<number | null>((store) => {
      const known = new Set([...budgets].flatMap((name) => store.otherKeys(name).map((key) => `${key} ${name}`)));
      const unknown = Array.from(fresh).flatMap(([key, row]) => (known.has(key) ? [] : row));
      if (this.isPersistent && unknown.length > 0) store.recordAll(unknown);
      for (const name of budgets) store.pruneRuns(name, oldest, this.#retention.maxRowsPerBudget, Infinity);
      return unknown.length;
    }, null);
    if (added === null || !this.isPersistent) return err(this.warning ?? l10n.t('The history cannot be written.'));
    const old = rows.filter(({ at }) => at < oldest).length;
    return ok({ added, known: rows.length - old - added, old, unreadable: all.length - rows.length });
  }

  /** Newest first. */
  rows(budget: string, limit: number): readonly KeptRow[] {
    return this.#use((store) => store.rows(budget, limit), []);
  }

  /** The same, without runs that others measured. */
  ownRows(budget: string, limit: number): readonly KeptRow[] {
    return this.#use((store) => store.ownRows(budget, limit), []);
  }

  /** The newest own run of every budget, by the budget's name. */
  latest(): ReadonlyMap<string, KeptRow> {
    return this.#use<ReadonlyMap<string, KeptRow>>((store) => store.latest(), new Map());
  }

  /** The keys of these runs. */
  latestKeys(): ReadonlyMap<string, string> {
    return new Map(Array.from(this.latest(), ([budget, { key }]) => [budget, key]));
  }

  /** Returns the measurement for the code, settings, runtime and baseline whose hash is `key`. */
  measurement(key: string): Measurement | null {
    return readJson(measurementSchema, this.#cached('measurement', key));
  }

  keepMeasurement(key: string, measurement: Measurement, at: number): void {
    this.#use((store) => store.forget('answer'), undefined);
    this.#cache('measurement', key, { ...measurement, at }, at);
  }

  /** Returns the answers of the last check, as text; null if there are none, or something was measured since. */
  answer(): string | null {
    return this.#cached('answer', 'check');
  }

  /** Keeps the answers of a check, until something is measured again. */
  keepAnswer(text: string, at: number): void {
    this.#use((store) => store.cache('answer', 'check', text, at), undefined);
  }

  /** Where a file of ours is that is always there. */
  get ownFile(): string {
    return join(this.#folder, '.gitignore');
  }

  /** Returns the names of the benchmarks in the bundle with that hash. */
  benchNames(hash: string): readonly string[] | null {
    return readJson(v.array(v.string()), this.#cached('bench-names', hash));
  }

  keepBenchNames(hash: string, names: readonly string[], at: number): void {
    this.#cache('bench-names', hash, names, at);
  }

  /** Newest first. */
  baselines(): readonly KeptCapture[] {
    return this.#use((store) => store.baselines(), []);
  }

  /** Keeps a capture without git, whose bundles are kept here too. It replaces one of the same name. */
  captureBaseline(baseline: Omit<KeptCapture, 'current'>): void {
    this.#use((store) => store.capture(baseline), undefined);
  }

  /** Deletes what is kept of a baseline that was captured without git. */
  forgetBaseline(name: string): void {
    this.#use((store) => store.forgetBaseline(name), undefined);
  }

  /** Keeps the bundle of a bench file (`file` as its config names it) for a baseline that was captured without git. */
  keepBundle(baseline: string, file: string, bundle: KeptBundle): void {
    const json = JSON.stringify(bundle);
    this.#use((store) => store.keepBundle(baseline, file, json), undefined);
  }

  bundle(baseline: string, file: string): KeptBundle | null {
    return readJson(
      bundleSchema,
      this.#use((store) => store.bundle(baseline, file), null),
    );
  }

  /** Adds to a benchmark's spread on a machine and a day. Deletes noise that is older than seventy days. */
  addNoise(machine: string, row: NoiseRow): void {
    this.#use((store) => {
      store.addNoise(machine, row);
      store.pruneNoise(row.day - noiseDays);
    }, undefined);
  }

  noise(machine: string): readonly NoiseRow[] {
    return this.#use<readonly NoiseRow[]>((store) => store.noise(machine), []);
  }

  /** Deletes everything that is too old or too much, which may take a while. `now` is in milliseconds since the epoch. */
  prune(now: number): void {
    const { maxRowsPerBudget, maxCached } = this.#retention;
    this.#use((store) => {
      for (const budget of store.budgets()) store.pruneRuns(budget, this.#oldest(now), maxRowsPerBudget, Infinity);
      store.pruneCache(this.#oldest(now), maxCached);
    }, undefined);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#store.close();
  }

  #cached(kind: CacheKind, key: string): string | null {
    return this.#use((store) => store.cached(kind, key), null);
  }

  #cache(kind: 'measurement' | 'bench-names', key: string, value: unknown, at: number): void {
    const json = JSON.stringify(value);
    this.#use((store) => {
      store.cache(kind, key, json, at);
      if (nowAndThen(at)) store.pruneCache(this.#oldest(at), this.#retention.maxCached);
    }, undefined);
  }

  #oldest(now: number): number {
    return now - this.#retention.maxAgeDays * day;
  }

  /** Every access goes through here: if the disk fails, the work is done in memory. */
  #use<T>(work: (store: Store) => T, otherwise: T): T {
    if (this.#closed) return otherwise;
    if (this.#file !== null && this.#file !== fileId(this.#path)) this.#reopen(null);
    for (let tries = 1; ; tries++) {
      try {
        return work(this.#store);
      } catch (error) {
        const code = sqliteCode(error);
        if (isBusy(code)) {
          this.#trouble = l10n.t`${this.#path} is locked by another program, so the latest result was not saved.`;
          return otherwise;
        }
        // A memory cannot fail, so this ends.
        if (tries === 1 && isDamage(code, false)) this.#reopen(this.#file);
        else if (tries === 1 && isForeign(code)) this.#reopen(null);
        else if (isDamage(code, false) || isDiskFailure(code)) this.#keepInMemory(error);
        else throw error;
      }
    }
  }

  get #path(): string {
    return join(this.#folder, 'history.db');
  }

  #reopen(damaged: number | null): void {
    this.#store.close();
    this.#store = this.#open(damaged);
  }

  #open(damaged: number | null): Store {
    this.#file = null;
    const sqlite = loadSqlite();
    if (sqlite === null) {
      this.#trouble = l10n.t`Node ${process.version} has no node:sqlite, so the history is lost when this program ends. Node 22.13 or newer keeps it.`;
      return new MemoryStore();
    }
    if (this.#options.readOnly === true) return this.#copy(sqlite);
    try {
      mkdirSync(this.#folder, { recursive: true });
      ignoreItself(this.#folder);
      accessSync(this.#folder, constants.W_OK);
      if (existsSync(this.#path)) accessSync(this.#path, constants.W_OK);
      const store = this.#openFile(sqlite, damaged);
      this.#file = fileId(this.#path);
      return store;
    } catch (error) {
      if (error instanceof NewerHistoryError) {
        this.#trouble = l10n.t`${this.#path} was written by a newer version of Perf Budget. Update this one; until then, the history is lost when this program ends.`;
        return new MemoryStore();
      }
      if (sqliteCode(error) === null && !isFileError(error)) throw error;
      this.#warnOfMemory(error);
      return this.#copy(sqlite);
    }
  }

  #copy(sqlite: SqliteModule): MemoryStore {
    this.#aside.clear();
    return copyOf(sqlite, this.#path, this.#aside);
  }

  /** `damaged` identifies a file that is known to be damaged although it opens; null if there is none. */
  #openFile(sqlite: SqliteModule, damaged: number | null): SqliteStore {
    this.#aside.clear();
    try {
      if (damaged === null && existsSync(this.#path) && hasTables(sqlite, this.#path)) {
        return new SqliteStore(sqlite, this.#path, this.#aside);
      }
    } catch (error) {
      if (!isUnusable(error)) throw error;
    }
    return lockNow(sqlite, join(this.#folder, 'history.lock'), () => {
      // Another process may have replaced it first: its new file is not the damaged one.
      if (damaged !== null && damaged === fileId(this.#path)) this.#moveAside();
      try {
        prepareTables(sqlite, this.#path);
        return new SqliteStore(sqlite, this.#path, this.#aside);
      } catch (error) {
        if (!isUnusable(error)) throw error;
        this.#moveAside();
        prepareTables(sqlite, this.#path);
        return new SqliteStore(sqlite, this.#path, this.#aside);
      }
    });
  }

  #moveAside(): void {
    const date = new Date(this.#options.now?.() ?? Date.now()).toISOString().replace(/[:.]/g, '-');
    const aside = `${this.#path}.broken-${date}`;
    renameSync(this.#path, aside);
    // The write-ahead log and its index belong to the old file: a new one must not find them.
    for (const suffix of ['-wal', '-shm']) {
      if (existsSync(this.#path + suffix)) renameSync(this.#path + suffix, aside + suffix);
    }
    this.#trouble = l10n.t`${this.#path} was damaged. It is now ${aside}, and a new history was started.`;
  }

  #keepInMemory(error: unknown): void {
    this.#warnOfMemory(error);
    const sqlite = loadSqlite();
    this.#store.close();
    this.#file = null;
    this.#store = sqlite === null ? new MemoryStore() : this.#copy(sqlite);
  }

  #warnOfMemory(error: unknown): void {
    const why = isFull(this.#folder, error)
      ? l10n.t('the disk is full')
      : error instanceof Error
        ? error.message
        : String(error);
    this.#trouble = l10n.t`${this.#folder} cannot be written (${why}), so the history is lost when this program ends.`;
  }
}

/** True for one call in sixteen, evenly spread whatever the rhythm of the calls (Fibonacci hashing). */
const nowAndThen = (at: number): boolean => Math.imul(at, 0x9e3779b1) >>> 28 === 0;

/** Whether a file is damaged, or its tables are not ours. */
const isUnusable = (error: unknown): boolean =>
  error instanceof ForeignTablesError || isDamage(sqliteCode(error), true);
