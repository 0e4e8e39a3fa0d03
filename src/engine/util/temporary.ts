import { existsSync, lstatSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { lstat, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import type { DatabaseSync } from 'node:sqlite';
import { tryLock } from './lock.js';

/** The temporary folder of the system cannot be used. The message is a sentence or two, with the way out. */
export class TemporaryFolderError extends Error {
  override readonly name = 'TemporaryFolderError';

  constructor(error: unknown) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const why = reasons[code] ?? (error instanceof Error ? error.message : String(error));
    const variable = process.platform === 'win32' ? 'TEMP' : 'TMPDIR';
    const isFull = code === 'ENOSPC' || code === 'EDQUOT';
    const fix = isFull
      ? `Free some space, or set ${variable} to a folder on another disk.`
      : `Set ${variable} to a folder that can be written.`;
    super(`The temporary folder ${tmpdir()} cannot be used: ${why}. ${fix}`, { cause: error });
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOTDIR: 'it is not a folder',
  ENOENT: 'it does not exist',
  EACCES: 'it cannot be written',
  EPERM: 'it cannot be written',
  EROFS: 'it is read-only',
  ENOSPC: 'its disk is full',
  EDQUOT: 'its disk quota is used up',
};

export interface TemporaryFolder {
  /** Absolute, in the spelling of the system. */
  readonly path: string;
  /** Deletes it. */
  dispose(): void;
}

/** Every folder of this process is in one, so that a single lock says whether its owner lives. */
const prefix = 'perf-budget-run-';
const lockFile = '.lock';
/** A folder without a lock is left alone for so many milliseconds, because its owner may be about to lock it. */
const unlockedMs = 24 * 60 * 60_000;
/** How often a folder is taken by another process before it is locked, at most. */
const mostTries = 3;

interface Owned {
  readonly path: string;
  /** Null without `node:sqlite`. */
  readonly lock: DatabaseSync | null;
  readonly folders: Set<string>;
  made: number;
}

let owned: Owned | null = null;
let isSwept = false;

/**
 * Makes a folder of this process in the system's temporary folder. The first call deletes those of processes that were killed.
 * Throws `TemporaryFolderError`.
 */
export function temporaryFolder(): TemporaryFolder {
  try {
    owned ??= own();
    const { folders } = owned;
    const folder = path.join(owned.path, String(owned.made++));
    mkdirSync(folder);
    folders.add(folder);
    return { path: folder, dispose: () => release(folder) };
  } catch (error) {
    throw new TemporaryFolderError(error);
  }
}

/** Runs what writes into a temporary folder. Throws `TemporaryFolderError` if the system refuses. */
export function writingTemporary<T>(write: () => T): T {
  try {
    return write();
  } catch (error) {
    if (error instanceof Error && 'code' in error) throw new TemporaryFolderError(error);
    throw error;
  }
}

function own(): Owned {
  const parent = path.resolve(tmpdir());
  if (!isSwept) {
    isSwept = true;
    void sweep(parent).catch(() => undefined);
    process.on('exit', disown);
  }
  for (let tries = 1; ; tries++) {
    const folder = mkdtempSync(path.join(parent, prefix));
    const file = path.join(folder, lockFile);
    const lock = tryLock(file);
    // On some network disks nothing can be locked, which looks the same.
    if (lock === 'busy' && tries === mostTries) {
      rmSync(file, { force: true });
      return { path: folder, lock: null, folders: new Set(), made: 0 };
    }
    // Another process may have taken the folder for a dead one's before it was locked, and deleted it.
    if (lock !== 'busy' && (lock === null || existsSync(file)))
      return { path: folder, lock, folders: new Set(), made: 0 };
    if (lock !== 'busy') lock.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function release(folder: string): void {
  if (owned?.folders.delete(folder) !== true) return;
  if (owned.folders.size === 0) disown();
  else rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

function disown(): void {
  if (owned === null) return;
  const { path: folder, lock } = owned;
  owned = null;
  // Windows deletes no open file.
  lock?.close();
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  } catch {
    // A program that still runs may hold a file in it, or the disk became read-only. The next start tries again.
  }
}

/** Deletes the folders of this user whose processes have ended. Follows no links. */
async function sweep(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.startsWith(prefix)) continue;
    const folder = path.join(parent, name);
    await deleteUnowned(folder).catch(() => undefined);
  }
}

async function deleteUnowned(folder: string): Promise<void> {
  const file = path.join(folder, lockFile);
  if (!isOwnFolder(folder)) return;
  const found = await lstat(file).catch(() => null);
  if (found === null) {
    if (Date.now() - lstatSync(folder).mtimeMs > unlockedMs) await rm(folder, { recursive: true, force: true });
    return;
  }
  if (!found.isFile()) return;
  const lock = tryLock(file);
  if (lock === 'busy' || lock === null) return;
  try {
    const names = await readdir(folder);
    const others = names.filter((name) => name !== lockFile).map((name) => path.join(folder, name));
    for (const each of others) await rm(each, { recursive: true, force: true, maxRetries: 3 });
    // While it is locked, so that nobody takes it meanwhile. Windows deletes no open file.
    if (process.platform !== 'win32') await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  } finally {
    lock.close();
  }
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}

function isOwnFolder(folder: string): boolean {
  const found = lstatSync(folder);
  return found.isDirectory() && (process.getuid === undefined || found.uid === process.getuid());
}
