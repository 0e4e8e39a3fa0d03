import type * as Sqlite from 'node:sqlite';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { NoiseRow } from '../../core/stats/noise.js';
import type { SqliteModule } from '../util/sqlite.js';
import { type Aside, readCapture, readNoise, readRun, type Row } from './rows.js';
import type { CacheKind, KeptCapture, KeptRow, Store } from './store.js';
import { requireOwnTables, settle, transaction } from './tables.js';

/** Whether a code is CORRUPT, NOTADB, or ERROR while opening (the tables are not ours). */
export const isDamage = (code: number | null, opening: boolean): boolean =>
  code === 11 || code === 26 || (opening && code === 1);

/** Whether a code is PERM, READONLY, IOERR, FULL, CANTOPEN, PROTOCOL or NOLFS. */
export const isDiskFailure = (code: number | null): boolean =>
  code !== null && [3, 8, 10, 13, 14, 15, 22].includes(code);

/** Whether a code is ERROR, CONSTRAINT or AUTH: somebody else changed the tables since they were opened. */
export const isForeign = (code: number | null): boolean => code !== null && [1, 19, 23].includes(code);

/**
 * The database file, which all processes share. Anybody may have written what is in it, so rows that are not as we write them are
 * left out, and `aside` has them. Throws what `node:sqlite` throws.
 */
export class SqliteStore implements Store {
  readonly #db: Sqlite.DatabaseSync;
  readonly #sql: Readonly<Record<keyof typeof statements, Sqlite.StatementSync>>;

  /** The tables must exist: see `prepareTables`. Throws `ForeignTablesError` if they are not ours. */
  constructor(
    sqlite: SqliteModule,
    file: string | URL,
    readonly aside: Aside,
    readOnly = false,
  ) {
    this.#db = new sqlite.DatabaseSync(file, { readOnly });
    try {
      settle(this.#db);
      if (!readOnly) this.#db.exec('PRAGMA synchronous = NORMAL');
      // Asked of the connection that is used: another process may have replaced the file since somebody asked.
      const version = requireOwnTables(sqlite, this.#db);
      this.#sql = prepareAll(this.#db, readOnly ? version : null);
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  record(row: KeptRow): void {
    const { at, key, commit, dirty, machine, baseline, result, time } = row;
    const json = baseline === null ? null : JSON.stringify(baseline);
    const times = [time?.value ?? null, time?.low ?? null, time?.high ?? null];
    // SQLite cannot hold half of a surrogate pair; the result's JSON can.
    const budget = result.name.toWellFormed();
    this.#sql.record.run(budget, at, key, commit, Number(dirty), json, JSON.stringify(result), ...times, machine);
  }

  recordAll(rows: readonly KeptRow[]): void {
    transaction(this.#db, () => {
      for (const row of rows) this.record(row);
    });
  }

  otherKeys(budget: string): readonly string[] {
    return this.#sql.otherKeys.all(budget).flatMap(({ key }) => (typeof key === 'string' ? key : []));
  }

  rows(budget: string, limit: number): readonly KeptRow[] {
    return this.#readable(this.#sql.rows, budget, limit);
  }

  ownRows(budget: string, limit: number): readonly KeptRow[] {
    return this.#readable(this.#sql.ownRows, budget, limit);
  }

  latest(): ReadonlyMap<string, KeptRow> {
    return new Map(
      this.#sql.latest.all().flatMap((row) => {
        const budget = row['budget'];
        if (typeof budget !== 'string') return [];
        const [run = this.ownRows(budget, 1)[0]] = this.#runs([row]);
        return run === undefined ? [] : [[run.result.name, run]];
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
    return this.#sql.baselines.all().flatMap((row) => {
      const capture = readCapture(row);
      if (capture === null) this.aside.baselines.add(String(row['id']));
      return capture ?? [];
    });
  }

  capture({ name, commit, reason, at, machine, results }: Omit<KeptCapture, 'current'>): void {
    transaction(this.#db, () => {
      this.#sql.noneCurrent.run();
      this.#sql.forgetBaseline.run(name);
      this.#sql.capture.run(name, commit, reason, at, JSON.stringify(machine), JSON.stringify(results));
      this.#sql.forgetBundles.run();
    });
  }

  forgetBaseline(name: string): void {
    transaction(this.#db, () => {
      this.#sql.forgetBaseline.run(name);
      this.#sql.forgetBundles.run();
    });
  }

  keepBundle(baseline: string, file: string, content: string): void {
    this.#sql.keepBundle.run(baseline, file, deflateRawSync(content));
  }

  bundle(baseline: string, file: string): string | null {
    const content = this.#sql.bundle.get(baseline, file)?.['content'];
    if (!(content instanceof Uint8Array)) return null;
    try {
      return inflateRawSync(content, { maxOutputLength: mostInflated }).toString();
    } catch {
      return null;
    }
  }

  addNoise(machine: string, { benchmark, day, kind, runs, total, squares, df }: NoiseRow): void {
    this.#sql.addNoise.run(machine, benchmark, day, kind, runs, total, squares, df);
  }

  noise(machine: string): readonly NoiseRow[] {
    return this.#sql.noise.all(machine).flatMap((row) => readNoise(row) ?? []);
  }

  pruneNoise(before: number): void {
    this.#sql.pruneNoise.run(before);
  }

  budgets(): readonly string[] {
    return this.#sql.budgets.all().flatMap(({ budget }) => (typeof budget === 'string' ? budget : []));
  }

  pruneRuns(budget: string, before: number, count: number, atOnce: number): void {
    const firstTooMany = this.#sql.nth.get(budget, count)?.['at'];
    const until = typeof firstTooMany === 'bigint' ? Math.max(before, Number(firstTooMany) + 1) : before;
    this.#sql.pruneRuns.run(budget, until, Number.isFinite(atOnce) ? atOnce : -1);
  }

  pruneCache(before: number, count: number): void {
    this.#sql.pruneCache.run(before, count);
  }

  close(): void {
    this.#db.close();
  }

  /** Returns so many runs, whatever lies between them. */
  #readable(statement: Sqlite.StatementSync, budget: string, limit: number): readonly KeptRow[] {
    const most = Math.max(0, limit);
    const found = statement.all(budget, most);
    const runs = this.#runs(found);
    if (runs.length === found.length || found.length < most) return runs;
    const all: KeptRow[] = [];
    for (const row of statement.iterate(budget, -1)) {
      all.push(...this.#runs([row]));
      if (all.length === most) break;
    }
    return all;
  }

  #runs(rows: readonly Row[]): readonly KeptRow[] {
    return rows.flatMap((row) => {
      const run = readRun(row);
      if (run === null) this.aside.runs.add(String(row['id']));
      return run ?? [];
    });
  }
}

/** The longest texts that we read, in bytes: of names and keys, of a result, and of what is cached. */
const most = { name: 10_000, result: 1_000_000, cached: 64 * 2 ** 20 };
const mostInflated = 256 * 2 ** 20;

/** A column whose text would take too long to read is a blob, which no reader accepts. */
const short = (column: string, bytes = most.name, of = ''): string =>
  `CASE WHEN octet_length(${of}${column}) > ${bytes} THEN x'' ELSE ${of}${column} END AS ${column}`;

/** The columns of a run. The first version had no `machine`. */
const runColumns = (version: number | null): string =>
  [
    ...['runs.id', 'runs.at', 'runs.dirty', 'runs.time', 'runs.time_low', 'runs.time_high'],
    ...['budget', 'key', 'commit_id', 'baseline'].map((column) => short(column, most.name, 'runs.')),
    short('result', most.result, 'runs.'),
    version === 1 ? 'NULL AS machine' : short('machine', most.name, 'runs.'),
  ].join(', ');

/** The distinct budgets, with one index look-up each; `SELECT DISTINCT` would read the whole index. */
const eachBudget = `
  WITH RECURSIVE each (budget) AS (
    SELECT min(budget) FROM runs
    UNION ALL
    SELECT (SELECT min(runs.budget) FROM runs WHERE runs.budget > each.budget) FROM each WHERE each.budget IS NOT NULL
  )`;

/** See `isOwn`. */
const isOwn = `instr(key, ':') = 0`;

/** The times that we read: prune nothing that is left out. */
const hasTime = 'at BETWEEN 0 AND 253402300799999';

const statements = {
  record: `INSERT INTO runs (budget, at, key, commit_id, dirty, baseline, result, time, time_low, time_high, machine)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  rows: 'SELECT RUN FROM runs WHERE budget = ? ORDER BY at DESC, id DESC LIMIT ?',
  otherKeys: `SELECT ${short('key')} FROM runs WHERE budget = ? AND NOT ${isOwn}`,
  ownRows: `SELECT RUN FROM runs WHERE budget = ? AND ${isOwn} ORDER BY at DESC, id DESC LIMIT ?`,
  latest: `${eachBudget} SELECT RUN FROM each JOIN runs ON runs.id = (
             SELECT id FROM runs WHERE runs.budget = each.budget AND ${isOwn} ORDER BY at DESC, id DESC LIMIT 1)`,
  budgets: `${eachBudget} SELECT ${short('budget')} FROM each WHERE budget IS NOT NULL`,
  nth: `SELECT at FROM runs WHERE budget = ? AND ${hasTime} ORDER BY at DESC, id DESC LIMIT 1 OFFSET ?`,
  pruneRuns: `DELETE FROM runs WHERE id IN (
                SELECT id FROM runs WHERE budget = ? AND at < ? AND ${hasTime} ORDER BY at LIMIT ?)`,
  cached: `SELECT ${short('value', most.cached)} FROM cache WHERE kind = ? AND key = ?`,
  cache: 'INSERT OR REPLACE INTO cache (kind, key, at, value) VALUES (?, ?, ?, ?)',
  forget: 'DELETE FROM cache WHERE kind = ?',
  pruneCache: `DELETE FROM cache WHERE at < ?
               OR rowid IN (SELECT rowid FROM cache ORDER BY at DESC, rowid DESC LIMIT -1 OFFSET ?)`,
  baselines: `SELECT rowid AS id, at, current, ${['name', 'commit_id', 'reason', 'machine'].map((column) => short(column)).join(', ')},
              ${short('results', most.cached)} FROM baselines ORDER BY at DESC, baselines.name`,
  noneCurrent: 'UPDATE baselines SET current = 0',
  forgetBaseline: 'DELETE FROM baselines WHERE name = ?',
  capture: `INSERT INTO baselines (name, commit_id, reason, at, machine, current, results)
            VALUES (?, ?, ?, ?, ?, 1, ?)`,
  forgetBundles: 'DELETE FROM bundles WHERE baseline NOT IN (SELECT name FROM baselines)',
  keepBundle: 'INSERT OR REPLACE INTO bundles (baseline, file, content) VALUES (?, ?, ?)',
  bundle: `SELECT ${short('content', most.cached)} FROM bundles WHERE baseline = ? AND file = ?`,
  addNoise: `INSERT INTO noise (machine, benchmark, day, kind, runs, total, squares, df) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT DO UPDATE SET runs = runs + excluded.runs, total = total + excluded.total,
                                       squares = squares + excluded.squares, df = df + excluded.df`,
  noise: `SELECT ${short('benchmark')}, day, kind, runs, total, squares, df FROM noise WHERE machine = ?`,
  pruneNoise: 'DELETE FROM noise WHERE day < ?',
} as const;

/** The statements that work on the tables of every version, because a read-only store cannot migrate old ones. */
const anyVersion: readonly string[] = ['rows', 'ownRows', 'latest', 'budgets', 'baselines'];

/** `version` is that of the tables of a read-only store, else null. */
function prepareAll(
  db: Sqlite.DatabaseSync,
  version: number | null,
): Record<keyof typeof statements, Sqlite.StatementSync> {
  const asked = Object.entries(statements).filter(([name]) => version === null || anyVersion.includes(name));
  const prepared = asked.map(([name, sql]) => {
    const statement = db.prepare(sql.replace('RUN', runColumns(version)));
    statement.setReadBigInts(true);
    return [name, statement] as const;
  });
  return Object.fromEntries(prepared) as Record<keyof typeof statements, Sqlite.StatementSync>;
}
