import {
  access,
  lstat,
  mkdir,
  readdir,
  readFile,
  realpath,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import pLimit from 'p-limit';
import { err, ok, type Result } from '../../core/result.js';
import type { Git } from './repository.js';
import { firstWords, GitError, GitProgram } from './process.js';
import { lock, share, tryLock } from '../util/lock.js';
import { writeAtomically } from '../util/atomic-write.js';
import { relativeTo } from '../util/paths.js';
import { cacheFolder } from '../../core/config/file-names.js';

/** How many commits stay checked out; and of those used so recently (milliseconds), in which code may be running. */
const kept = 3;
const keptInUse = 8;
const usedMs = 10 * 60_000;
const checkoutMs = 10 * 60_000;

/** A commit that is checked out, so that a command can run in its code. */
export interface Worktree {
  /** The folder of the `perf-budget.jsonc` in it. */
  readonly root: string;
  /** Its top level. */
  readonly top: string;
  /** Where the output of its builds is kept. */
  readonly log: string;
  /** Whether `done` was called with the same text since it was checked out. */
  readonly isDone: (what: string) => Promise<boolean>;
  readonly done: (what: string) => Promise<void>;
  /** Runs what writes into it while nobody else does, in this program or another. Returns null if the signal aborts before. */
  readonly exclusively: <T>(work: () => Promise<T>, signal?: AbortSignal) => Promise<T | null>;
  /** Runs `work` with another text in a file of it, inside of `exclusively`. */
  readonly withText: <T>(file: string, text: string, work: () => Promise<T>) => Promise<T>;
}

/**
 * Git worktrees of commits, under `.perf-budget/worktrees` beside the configuration; the least recently used are deleted, but
 * none that this program or another still uses.
 */
export class Worktrees {
  readonly #folder: string;
  /** How to let go of the worktrees that this program uses, by folder. */
  readonly #used = new Map<string, () => void>();
  /** One at a time, because Git locks what they share. */
  readonly #mutex = pLimit(1);

  constructor(
    readonly root: string,
    readonly git: Git,
  ) {
    this.#folder = path.join(root, cacheFolder, 'worktrees');
  }

  /** Checks out a commit, and keeps it until `release`. Its files stay as they are until then. The error is one sentence. */
  of(commit: string, signal?: AbortSignal): Promise<Result<Worktree, string>> {
    return this.#mutex(() => this.#of(commit, signal));
  }

  /** Lets go of all that were checked out, which may be deleted from now on. Call it only while nothing runs in them. */
  release(): void {
    for (const letGo of this.#used.values()) letGo();
    this.#used.clear();
  }

  async #of(commit: string, signal?: AbortSignal): Promise<Result<Worktree, string>> {
    const unlock = await lock(path.join(this.#folder, '.lock'), signal);
    if (unlock === null) return err('the run was cancelled');
    try {
      return await this.#checkOut(commit, signal);
    } finally {
      unlock();
    }
  }

  async #checkOut(commit: string, signal?: AbortSignal): Promise<Result<Worktree, string>> {
    const folder = path.join(this.#folder, commit.slice(0, 16));
    // It lies beside the folder and is written last, so an interrupted checkout has none.
    const marker = `${folder}.json`;
    const program = new GitProgram(this.git.root, { timeoutMs: checkoutMs });
    const stop = (): void => program.dispose();
    signal?.addEventListener('abort', stop);
    try {
      if (!(await exists(marker))) {
        if (isUsed(folder)) return err(`another program uses ${folder}, which is incomplete`);
        await this.#remove(program, folder);
        await mkdir(this.#folder, { recursive: true });
        // Git must ignore the folder whatever the user's own .gitignore says.
        await writeFile(path.join(this.#folder, '.gitignore'), '*\n');
        // Once for a folder that Git still knows, and again for one that a killed checkout has left locked.
        const args = ['worktree', 'add', '--detach', '--force', '--force', folder, commit];
        const { code, stderr } = await program.run(args, { startsPrograms: true });
        if (signal?.aborted === true) return err('the run was cancelled');
        if (code !== 0) return err(`Git cannot check out ${commit.slice(0, 8)}: ${firstWords(stderr)}`);
        const inner = await this.git.checkOutSubmodules(commit, folder);
        if (!inner.ok) return inner;
        await lendPackages(this.git, this.root, commit, folder);
        await writeAtomically(marker, '[]');
        await this.#clean(program, folder);
      }
      const now = new Date();
      await utimes(marker, now, now);
      const letGo = this.#used.has(folder) ? null : share(useFile(folder));
      if (letGo !== null) this.#used.set(folder, letGo);
    } catch (error) {
      if (error instanceof GitError) return err(error.message);
      if (error instanceof Error && 'code' in error) return err(`the old code cannot be checked out: ${error.message}`);
      throw error;
    } finally {
      signal?.removeEventListener('abort', stop);
      program.dispose();
    }
    const read = async (): Promise<readonly string[]> => doneOf(await readFile(marker, 'utf8'));
    return ok({
      root: path.join(folder, relativeTo(this.git.root, this.root)),
      top: folder,
      log: `${folder}.log`,
      isDone: async (what) => (await read()).includes(what),
      done: async (what) => writeAtomically(marker, JSON.stringify([...(await read()), what])),
      exclusively: async (work, cancelling) => {
        const unlock = await lock(lockFile(folder), cancelling);
        if (unlock === null) return null;
        try {
          // A program that was killed could not do so.
          await restore(folder);
          return await work();
        } finally {
          unlock();
        }
      },
      withText: async (file, text, work) => {
        const before = await readFile(file, 'base64').catch(() => null);
        await writeAtomically(replacedFile(folder), JSON.stringify({ file, before } satisfies Replaced));
        try {
          await mkdir(path.dirname(file), { recursive: true });
          await writeFile(file, text);
          return await work();
        } finally {
          await restore(folder);
        }
      },
    });
  }

  /** Deletes the least recently used worktrees. */
  async #clean(program: GitProgram, newest: string): Promise<void> {
    const names = (await readdir(this.#folder)).filter((name) => name.endsWith('.json'));
    const used = await Promise.all(
      names.map(async (name) => ({ name, at: (await stat(path.join(this.#folder, name))).mtimeMs })),
    );
    const since = Date.now() - usedMs;
    const old = used.sort((a, b) => b.at - a.at).filter(({ at }, index) => index >= (at < since ? kept : keptInUse));
    for (const { name } of old) {
      const folder = path.join(this.#folder, name.replace(/\.json$/, ''));
      if (folder !== newest && !isUsed(folder)) await this.#remove(program, folder);
    }
  }

  async #remove(program: GitProgram, folder: string): Promise<void> {
    for (const file of [`${folder}.json`, `${folder}.log`, useFile(folder), lockFile(folder), replacedFile(folder)])
      await rm(file, { force: true });
    // Not through Git: it follows no links either, but refuses to delete what was built in it.
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    await program.run(['worktree', 'unlock', folder]);
    await program.run(['worktree', 'prune']);
  }
}

/** Returns what was done in a checkout; nothing if somebody else wrote it, so that it is done again. */
function doneOf(text: string): readonly string[] {
  try {
    const json: unknown = JSON.parse(text);
    return Array.isArray(json) ? json.filter((one) => typeof one === 'string') : [];
  } catch {
    return [];
  }
}

/** What its users share, and what those who write into it take in turn; beside the folder. */
const useFile = (folder: string): string => `${folder}.use`;
const lockFile = (folder: string): string => `${folder}.lock`;

/** What `withText` has replaced; `before` is in base64, and null if there was no file. */
interface Replaced {
  readonly file: string;
  readonly before: string | null;
}

const replacedFile = (folder: string): string => `${folder}.replaced`;

/** Reads such a text; a program that was killed may have left part of one. */
function replacedIn(text: string): Replaced {
  try {
    const json = JSON.parse(text) as Partial<Replaced> | null;
    if (typeof json?.file === 'string') return { file: json.file, before: json.before ?? null };
  } catch {
    // Nothing in it can be used.
  }
  return { file: '', before: null };
}

/** Puts back what is replaced in a worktree. */
async function restore(folder: string): Promise<void> {
  const text = await readFile(replacedFile(folder), 'utf8').catch(() => null);
  if (text === null) return;
  const { file, before } = replacedIn(text);
  // Only where `withText` writes, whatever the text says.
  if (path.resolve(file).startsWith(`${path.resolve(folder)}${path.sep}`)) {
    if (before === null) await rm(file, { force: true });
    else await writeFile(file, before, 'base64');
  }
  await rm(replacedFile(folder), { force: true });
}

function isUsed(folder: string): boolean {
  const taken = tryLock(useFile(folder));
  if (taken !== 'busy') taken?.close();
  return taken === 'busy';
}

/** Links the installed packages into a checkout, because they are the same on both sides, as for bench files. */
export async function lendPackages(git: Git, root: string, commit: string, folder: string): Promise<void> {
  const files = await git.listFiles(commit, '');
  const packages = files
    .filter((file) => path.posix.basename(file) === 'package.json')
    .map((file) => path.posix.dirname(file));
  for (const base of new Set(['', relativeTo(git.root, root), ...packages])) {
    const own = path.join(git.root, base, 'node_modules');
    const lent = path.join(folder, base, 'node_modules');
    if (!(await exists(own)) || (await exists(lent)) || !(await exists(path.dirname(lent)))) continue;
    await lend(own, lent, git.root, folder);
  }
}

/**
 * Links a folder of packages into a checkout. Packages that are links to folders of the repository, as those of a workspace
 * are, become links to the same folders of the checkout, because they are old code too.
 */
async function lend(own: string, lent: string, root: string, checkout: string): Promise<void> {
  const inside = await realpath(root);
  const linked = new Map<string, string>();
  const names: string[] = [];
  for (const name of await readdir(own)) {
    const scoped = name.startsWith('@') ? await readdir(path.join(own, name)).catch(() => []) : null;
    for (const each of scoped?.map((inner) => path.join(name, inner)) ?? [name]) {
      names.push(each);
      const file = path.join(own, each);
      if (!(await lstat(file)).isSymbolicLink()) continue;
      const real = await realpath(file).catch(() => null);
      if (real === null) continue;
      // Empty for the repository itself, as benches in a folder of their own have it.
      const target = path.relative(inside, real);
      const isOutside = target.startsWith('..') || path.isAbsolute(target);
      if (!isOutside && !target.split(path.sep).includes('node_modules')) linked.set(each, target);
    }
  }
  if (linked.size === 0) return symlink(own, lent, 'junction');
  for (const name of names) {
    await mkdir(path.dirname(path.join(lent, name)), { recursive: true });
    const old = linked.get(name);
    const target = old === undefined ? path.join(own, name) : path.join(checkout, old);
    await symlink(
      target,
      path.join(lent, name),
      (await stat(path.join(own, name)).catch(() => null))?.isFile() === true ? 'file' : 'junction',
    );
  }
}

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );
