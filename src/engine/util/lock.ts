import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { isBusy, loadSqlite, sqliteCode, type SqliteModule } from './sqlite.js';

/**
 * A mutex between processes. It is an exclusive transaction on an empty SQLite file, because the system releases SQLite's lock
 * when the process that holds it dies, however it dies.
 */
const begin = 'BEGIN EXCLUSIVE';
const pollMs = 100;

/** Waits for the lock. Returns the function that releases it, or null if `signal` aborts first. */
export async function lock(file: string, signal?: AbortSignal): Promise<(() => void) | null> {
  await mkdir(path.dirname(file), { recursive: true }).catch(() => undefined);
  const database = openLock(file);
  const unlock = (): void => database?.close();
  while (signal?.aborted !== true) {
    try {
      database?.exec(begin);
      return unlock;
    } catch (error) {
      // The caller reports a broken disk when it writes its own files.
      if (!isBusy(sqliteCode(error))) return unlock;
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
  }
  unlock();
  return null;
}

/** Takes the lock without waiting, until `close`. Returns null where nothing can be locked. */
export function tryLock(file: string): DatabaseSync | 'busy' | null {
  const database = openLock(file);
  try {
    database?.exec(begin);
    return database;
  } catch (error) {
    database?.close();
    return isBusy(sqliteCode(error)) ? 'busy' : null;
  }
}

/** Runs `work` while holding the lock; blocks this thread for up to ten seconds. Throws what `node:sqlite` throws. */
export function lockNow<T>(sqlite: SqliteModule, file: string, work: () => T): T {
  const database = new sqlite.DatabaseSync(file);
  try {
    database.exec(`PRAGMA busy_timeout = 10000; ${begin}`);
    return work();
  } finally {
    database.close();
  }
}

/** Opens the lock file; null if it cannot be written, or without `node:sqlite`. */
function openLock(file: string): DatabaseSync | null {
  const sqlite = loadSqlite();
  try {
    return sqlite && new sqlite.DatabaseSync(file);
  } catch (error) {
    if (sqliteCode(error) === null) throw error;
    return null;
  }
}
