import type * as Sqlite from 'node:sqlite';
import type { SqliteModule } from '../util/sqlite.js';

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

/** Thrown if the tables are not ours, or something was added to them that would run when they are used. */
export class ForeignTablesError extends Error {}

/** Whether the tables are those of this version. Throws `NewerHistoryError` and `ForeignTablesError`. */
export function hasTables(sqlite: SqliteModule, file: string): boolean {
  const db = new sqlite.DatabaseSync(file);
  try {
    settle(db);
    return requireOwnTables(sqlite, db) === migrations.length;
  } finally {
    db.close();
  }
}

/** Creates the tables, or migrates old ones. Only one process at a time may do this. Throws as `hasTables` does. */
export function prepareTables(sqlite: SqliteModule, file: string): void {
  const db = new sqlite.DatabaseSync(file);
  try {
    settle(db);
    db.exec('PRAGMA journal_mode = WAL');
    transaction(db, () => {
      for (const migration of migrations.slice(requireOwnTables(sqlite, db))) db.exec(migration);
      db.exec(`PRAGMA user_version = ${migrations.length}`);
    });
  } finally {
    db.close();
  }
}

/**
 * Limits the wait for a lock: a write takes a millisecond, so a longer wait has another cause, and an editor must not freeze.
 * The file comes with the workspace, so its schema is not trusted to run functions, and damage in it is looked for
 * (https://sqlite.org/security.html).
 */
export function settle(db: Sqlite.DatabaseSync): void {
  db.exec('PRAGMA busy_timeout = 1000; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON');
  // Node 22 and 20 have no such method.
  const { enableDefensive } = db as { enableDefensive?: (this: Sqlite.DatabaseSync, active: boolean) => void };
  enableDefensive?.call(db, true);
}

/**
 * Returns the version of the tables, 0 if there are none. A view that never ends or a trigger would run in our name, so there may be
 * nothing but our tables, exactly as we make them, and what SQLite adds for itself.
 */
export function requireOwnTables(sqlite: SqliteModule, db: Sqlite.DatabaseSync): number {
  const version = Number(db.prepare('PRAGMA user_version').get()?.['user_version']);
  if (version > migrations.length) throw new NewerHistoryError();
  if (schemaOf(db) !== ownSchema(sqlite, version)) throw new ForeignTablesError();
  return version;
}

const known = new Map<number, string>();

function ownSchema(sqlite: SqliteModule, version: number): string {
  const kept = known.get(version);
  if (kept !== undefined) return kept;
  const db = new sqlite.DatabaseSync(':memory:');
  try {
    for (const migration of migrations.slice(0, version)) db.exec(migration);
    const schema = schemaOf(db);
    known.set(version, schema);
    return schema;
  } finally {
    db.close();
  }
}

/**
 * Returns what made the tables, whatever the white space. A text of ours is never longer than a few lines. SQLite runs the text and
 * ignores `type` and `name`, which anybody can write: only an index without a text is one that SQLite made, and only these texts
 * make the tables of `ANALYZE`.
 */
function schemaOf(db: Sqlite.DatabaseSync): string {
  const rows = db
    .prepare(
      `SELECT type, name, substr(sql, 1, 4000) AS sql FROM sqlite_schema
       WHERE NOT (type = 'index' AND sql IS NULL) AND sql IS NOT 'CREATE TABLE sqlite_stat1(tbl,idx,stat)'
             AND sql IS NOT 'CREATE TABLE sqlite_stat4(tbl,idx,neq,nlt,ndlt,sample)'
       ORDER BY name LIMIT 20`,
    )
    .all();
  return JSON.stringify(rows.map(({ type, name, sql }) => [type, name, String(sql).replaceAll(/[\t\n\f\r ]+/g, ' ')]));
}

export function transaction(db: Sqlite.DatabaseSync, work: () => void): void {
  db.exec('BEGIN IMMEDIATE');
  try {
    work();
    db.exec('COMMIT');
  } catch (error) {
    try {
      db.exec('ROLLBACK');
    } catch {
      // A full disk has already ended it, and is what the caller must know.
    }
    throw error;
  }
}
