import type * as Sqlite from 'node:sqlite';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { unknownMachine, type Baseline, type BudgetResult, type Machine } from '../../core/results/measurement.js';
import type { NoiseRow } from '../../core/stats/noise.js';
import type { SqliteModule } from '../util/sqlite.js';
import type { CacheKind, KeptCapture, KeptRow, Store } from './store.js';

type Row = Readonly<Record<string, Sqlite.SQLOutputValue>>;

/** Each leads to the next `user_version`; a released one is never edited. */
const migrations = [
  `CREATE TABLE runs (
     id INTEGER PRIMARY KEY,
     budget TEXT NOT NULL,
     at INTEGER NOT NULL,
     key TEXT NOT NULL,
     commit_id TEXT,
     dirty INTEGER NOT NULL,
     baseline TEXT,
     result TEXT NOT NULL,
     time REAL,
     time_low REAL,
     time_high REAL
   ) STRICT;
   CREATE INDEX runs_by_budget ON runs (budget, at);
   CREATE TABLE cache (
     kind TEXT NOT NULL,
     key TEXT NOT NULL,
     at INTEGER NOT NULL,
     value TEXT NOT NULL,
     PRIMARY KEY (kind, key)
   ) STRICT;
   CREATE INDEX cache_by_age ON cache (at);
   CREATE TABLE baselines (
     name TEXT PRIMARY KEY,
     commit_id TEXT,
     reason TEXT NOT NULL,
     at INTEGER NOT NULL,
     machine TEXT NOT NULL,
     current INTEGER NOT NULL,
     results TEXT NOT NULL
   ) STRICT;
   CREATE TABLE bundles (
     baseline TEXT NOT NULL,
     file TEXT NOT NULL,
     content BLOB NOT NULL,
     PRIMARY KEY (baseline, file)
   ) STRICT;`,
  `ALTER TABLE runs ADD COLUMN machine TEXT;
   CREATE TABLE noise (
     machine TEXT NOT NULL,
     benchmark TEXT NOT NULL,
     day INTEGER NOT NULL,
     kind TEXT NOT NULL,
     runs INTEGER NOT NULL,
     total REAL NOT NULL,
     squares REAL NOT NULL,
     df REAL NOT NULL,
     PRIMARY KEY (machine, benchmark, day, kind)
   ) STRICT;`,
];

/** Thrown if a newer Perf Budget wrote the file. */
export class NewerHistoryError extends Error {}

/** Whether a code is CORRUPT, NOTADB, or ERROR while opening (the tables are not ours). */
export const isDamage = (code: number | null, opening: boolean): boolean =>
  code === 11 || code === 26 || (opening && code === 1);

/** Whether a code is PERM, READONLY, IOERR, FULL, CANTOPEN, PROTOCOL or NOLFS. */
export const isDiskFailure = (code: number | null): boolean =>
  code !== null && [3, 8, 10, 13, 14, 15, 22].includes(code);

/** The database file, which all processes share. Throws what `node:sqlite` throws. */
export class SqliteStore implements Store {
  readonly #db: Sqlite.DatabaseSync;
  readonly #sql: Readonly<Record<keyof typeof statements, Sqlite.StatementSync>>;

  /** The tables must exist: see `prepareTables`. */
  constructor(sqlite: SqliteModule, file: string | URL, readOnly = false) {
    this.#db = new sqlite.DatabaseSync(file, { readOnly });
    try {
      settle(this.#db);
      if (!readOnly) this.#db.exec('PRAGMA synchronous = NORMAL');
      this.#sql = prepareAll(this.#db, readOnly);
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  record(row: KeptRow): void {
    const { at, key, commit, dirty, machine, baseline, result, time } = row;
    const json = baseline === null ? null : JSON.stringify(baseline);
    const times = [time?.value ?? null, time?.low ?? null, time?.high ?? null];
    this.#sql.record.run(result.name, at, key, commit, Number(dirty), json, JSON.stringify(result), ...times, machine);
  }

  recordAll(rows: readonly KeptRow[]): void {
    transaction(this.#db, () => {
      for (const row of rows) this.record(row);
    });
  }

  otherKeys(budget: string): readonly string[] {
    return this.#sql.otherKeys.all(budget).map((row) => text(row['key']));
  }

  rows(budget: string, limit: number): readonly KeptRow[] {
    return this.#sql.rows.all(budget, Math.max(0, limit)).flatMap((row) => readRun(row) ?? []);
  }

  ownRows(budget: string, limit: number): readonly KeptRow[] {
    return this.#sql.ownRows.all(budget, Math.max(0, limit)).flatMap((row) => readRun(row) ?? []);
  }

  latest(): ReadonlyMap<string, KeptRow> {
    return new Map(
      this.#sql.latest.all().flatMap((row) => {
        const run = readRun(row);
        return run === null ? [] : [[text(row['budget']), run]];
      }),
    );
  }

  cached(kind: CacheKind, key: string): string | null {
    const value = this.#sql.cached.get(kind, key)?.['value'];
    return typeof value === 'string' ? value : null;
  }

  cache(kind: CacheKind, key: string, value: string, at: number): void {
    this.#sql.cache.run(kind, key, at, value);
  }

  forget(kind: CacheKind): void {
    this.#sql.forget.run(kind);
  }

  baselines(): readonly KeptCapture[] {
    return this.#sql.baselines.all().map((row) => ({
      name: text(row['name']),
      commit: textOrNull(row['commit_id']),
      reason: text(row['reason']),
      at: Number(row['at']),
      machine: { ...unknownMachine, ...(JSON.parse(text(row['machine'])) as Partial<Machine>) },
      current: row['current'] === 1,
      results: JSON.parse(text(row['results'])) as BudgetResult[],
    }));
  }

  capture({ name, commit, reason, at, machine, results }: Omit<KeptCapture, 'current'>): void {
    transaction(this.#db, () => {
      this.#sql.noneCurrent.run();
      this.#sql.forgetBaseline.run(name);
      this.#sql.capture.run(name, commit, reason, at, JSON.stringify(machine), JSON.stringify(results));
      this.#sql.forgetBundles.run();
    });
  }

  keepBundle(baseline: string, file: string, content: string): void {
    this.#sql.keepBundle.run(baseline, file, deflateRawSync(content));
  }

  bundle(baseline: string, file: string): string | null {
    const content = this.#sql.bundle.get(baseline, file)?.['content'];
    return content instanceof Uint8Array ? inflateRawSync(content).toString() : null;
  }

  addNoise(machine: string, { benchmark, day, kind, runs, total, squares, df }: NoiseRow): void {
    this.#sql.addNoise.run(machine, benchmark, day, kind, runs, total, squares, df);
  }

  noise(machine: string): readonly NoiseRow[] {
    return this.#sql.noise.all(machine).map((row) => ({
      benchmark: text(row['benchmark']),
      day: Number(row['day']),
      kind: row['kind'] === 'same' ? 'same' : 'compared',
      runs: Number(row['runs']),
      total: Number(row['total']),
      squares: Number(row['squares']),
      df: Number(row['df']),
    }));
  }

  pruneNoise(before: number): void {
    this.#sql.pruneNoise.run(before);
  }

  budgets(): readonly string[] {
    return this.#sql.budgets.all().map((row) => text(row['budget']));
  }

  pruneRuns(budget: string, before: number, count: number, atOnce: number): void {
    const firstTooMany = this.#sql.nth.get(budget, count)?.['at'];
    const until = typeof firstTooMany === 'number' ? Math.max(before, firstTooMany + 1) : before;
    this.#sql.pruneRuns.run(budget, until, Number.isFinite(atOnce) ? atOnce : -1);
  }

  pruneCache(before: number, count: number): void {
    this.#sql.pruneCache.run(before, count);
  }

  close(): void {
    this.#db.close();
  }
}

/** The distinct budgets, with one index look-up each; `SELECT DISTINCT` would read the whole index. */
const eachBudget = `
  WITH RECURSIVE each (budget) AS (
    SELECT min(budget) FROM runs
    UNION ALL
    SELECT (SELECT min(runs.budget) FROM runs WHERE runs.budget > each.budget) FROM each WHERE each.budget IS NOT NULL
  )`;

/** See `isOwn`. */
const isOwn = `instr(key, ':') = 0`;

const statements = {
  record: `INSERT INTO runs (budget, at, key, commit_id, dirty, baseline, result, time, time_low, time_high, machine)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  rows: 'SELECT * FROM runs WHERE budget = ? ORDER BY at DESC, id DESC LIMIT ?',
  otherKeys: `SELECT key FROM runs WHERE budget = ? AND NOT ${isOwn}`,
  ownRows: `SELECT * FROM runs WHERE budget = ? AND ${isOwn} ORDER BY at DESC, id DESC LIMIT ?`,
  latest: `${eachBudget} SELECT runs.* FROM each JOIN runs ON runs.id = (
             SELECT id FROM runs WHERE runs.budget = each.budget AND ${isOwn} ORDER BY at DESC, id DESC LIMIT 1)`,
  budgets: `${eachBudget} SELECT budget FROM each WHERE budget IS NOT NULL`,
  nth: 'SELECT at FROM runs WHERE budget = ? ORDER BY at DESC, id DESC LIMIT 1 OFFSET ?',
  pruneRuns: `DELETE FROM runs WHERE id IN (SELECT id FROM runs WHERE budget = ? AND at < ? ORDER BY at LIMIT ?)`,
  cached: 'SELECT value FROM cache WHERE kind = ? AND key = ?',
  cache: 'INSERT OR REPLACE INTO cache (kind, key, at, value) VALUES (?, ?, ?, ?)',
  forget: 'DELETE FROM cache WHERE kind = ?',
  pruneCache: `DELETE FROM cache WHERE at < ?
               OR rowid IN (SELECT rowid FROM cache ORDER BY at DESC, rowid DESC LIMIT -1 OFFSET ?)`,
  baselines: 'SELECT * FROM baselines ORDER BY at DESC, name',
  noneCurrent: 'UPDATE baselines SET current = 0',
  forgetBaseline: 'DELETE FROM baselines WHERE name = ?',
  capture: `INSERT INTO baselines (name, commit_id, reason, at, machine, current, results)
            VALUES (?, ?, ?, ?, ?, 1, ?)`,
  forgetBundles: 'DELETE FROM bundles WHERE baseline NOT IN (SELECT name FROM baselines)',
  keepBundle: 'INSERT OR REPLACE INTO bundles (baseline, file, content) VALUES (?, ?, ?)',
  bundle: 'SELECT content FROM bundles WHERE baseline = ? AND file = ?',
  addNoise: `INSERT INTO noise (machine, benchmark, day, kind, runs, total, squares, df) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT DO UPDATE SET runs = runs + excluded.runs, total = total + excluded.total,
                                       squares = squares + excluded.squares, df = df + excluded.df`,
  noise: 'SELECT * FROM noise WHERE machine = ?',
  pruneNoise: 'DELETE FROM noise WHERE day < ?',
} as const;

/** The statements that work on the tables of every version, because a read-only store cannot migrate old ones. */
const anyVersion: readonly string[] = ['rows', 'ownRows', 'latest', 'budgets', 'baselines'];

function prepareAll(db: Sqlite.DatabaseSync, readOnly: boolean): Record<keyof typeof statements, Sqlite.StatementSync> {
  const asked = Object.entries(statements).filter(([name]) => !readOnly || anyVersion.includes(name));
  const prepared = asked.map(([name, sql]) => [name, db.prepare(sql)] as const);
  return Object.fromEntries(prepared) as Record<keyof typeof statements, Sqlite.StatementSync>;
}

/** Whether the tables are those of this version. Throws `NewerHistoryError` if a newer one made them. */
export function hasTables(sqlite: SqliteModule, file: string): boolean {
  const db = new sqlite.DatabaseSync(file);
  try {
    settle(db);
    return versionOf(db) === migrations.length;
  } finally {
    db.close();
  }
}

/** Creates the tables, or migrates old ones. Only one process at a time may do this. */
export function prepareTables(sqlite: SqliteModule, file: string): void {
  const db = new sqlite.DatabaseSync(file);
  try {
    settle(db);
    db.exec('PRAGMA journal_mode = WAL');
    transaction(db, () => {
      for (const migration of migrations.slice(versionOf(db))) db.exec(migration);
      db.exec(`PRAGMA user_version = ${migrations.length}`);
    });
  } finally {
    db.close();
  }
}

/**
 * Limits the wait for a lock: a write takes a millisecond, so a longer wait has another cause, and an editor must not freeze.
 * The file comes with the workspace, so its schema is not trusted to run functions.
 */
function settle(db: Sqlite.DatabaseSync): void {
  db.exec('PRAGMA busy_timeout = 1000; PRAGMA trusted_schema = OFF');
}

function versionOf(db: Sqlite.DatabaseSync): number {
  const version = Number(db.prepare('PRAGMA user_version').get()?.['user_version']);
  if (version > migrations.length) throw new NewerHistoryError();
  return version;
}

function transaction(db: Sqlite.DatabaseSync, work: () => void): void {
  db.exec('BEGIN IMMEDIATE');
  try {
    work();
    db.exec('COMMIT');
  } catch (error) {
    db.exec('ROLLBACK');
    throw error;
  }
}

function readRun(row: Row): KeptRow | null {
  try {
    return {
      at: Number(row['at']),
      key: text(row['key']),
      commit: textOrNull(row['commit_id']),
      dirty: row['dirty'] === 1,
      machine: textOrNull(row['machine']),
      baseline: row['baseline'] === null ? null : (JSON.parse(text(row['baseline'])) as Baseline),
      result: JSON.parse(text(row['result'])) as BudgetResult,
      time:
        row['time'] === null
          ? null
          : { value: Number(row['time']), low: Number(row['time_low']), high: Number(row['time_high']) },
    };
  } catch {
    // Only we write here, but one row that somebody edited must not cost the others.
    return null;
  }
}

const textOrNull = (value: Sqlite.SQLOutputValue | undefined): string | null =>
  typeof value === 'string' ? value : null;

const text = (value: Sqlite.SQLOutputValue | undefined): string => textOrNull(value) ?? '';
