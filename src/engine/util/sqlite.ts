import process from 'node:process';
import type * as Sqlite from 'node:sqlite';

export type SqliteModule = typeof Sqlite;

/** Returns null on a Node without it. Hides its ExperimentalWarning, which means nothing to our users. */
export function loadSqlite(): SqliteModule | null {
  const emitWarning = Object.getOwnPropertyDescriptor(process, 'emitWarning');
  const { getBuiltinModule } = process as { getBuiltinModule?: (id: string) => object | undefined };
  if (emitWarning === undefined || getBuiltinModule === undefined) return null;
  process.emitWarning = () => undefined;
  try {
    return (getBuiltinModule('node:sqlite') as SqliteModule | undefined) ?? null;
  } finally {
    Object.defineProperty(process, 'emitWarning', emitWarning);
  }
}

/** Returns the low byte of SQLite's result code (https://sqlite.org/rescode.html); null for any other error. */
export function sqliteCode(error: unknown): number | null {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode & 0xff
    : null;
}

/** Whether a code is BUSY or LOCKED: another process held the file for longer than anyone should wait. */
export const isBusy = (code: number | null): boolean => code === 5 || code === 6;
