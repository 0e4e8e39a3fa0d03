import { existsSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sqliteCode } from '../util/sqlite.js';

/** Keeps the folder out of commits, so that users need not exclude it themselves. */
export function ignoreItself(folder: string): void {
  const file = join(folder, '.gitignore');
  if (!existsSync(file)) writeFileSync(file, '*\n');
}

export const fileId = (file: string): number => statSync(file, { throwIfNoEntry: false })?.ino ?? 0;

/** SQLite needs some pages for its own files beside the history; if it finds no room for them, it only says "disk I/O error". */
const leastRoom = 128 * 1024;

/** Whether a write failed because there is no room left. */
export function isFull(folder: string, error: unknown): boolean {
  if (sqliteCode(error) === 13 || (error instanceof Error && 'code' in error && error.code === 'ENOSPC')) return true;
  if (sqliteCode(error) !== 10 || !existsSync(folder)) return false;
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize < leastRoom;
}

export const isFileError = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && /^E[A-Z]+$/.test(error.code);
