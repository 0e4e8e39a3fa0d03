import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import picomatch from 'picomatch';
import { glob } from 'tinyglobby';
import type { RunSettings } from '../../core/language/budget.js';
import { err, ok } from '../../core/result.js';
import type { BaselineSide } from '../baseline/resolve.js';
import type { OldCode } from '../bundle/bundler.js';
import { build, type CommandSource, type CommandTarget } from './command.js';
import type { Worktrees } from '../git/worktrees.js';
import type { Git } from '../git/repository.js';
import { relativeTo, slashed } from '../util/paths.js';

/** Ours, whatever the settings say: what is checked out there, and the history, change with every run. */
const ours = '**/.perf-budget/**';

/** The files on which a command depends, absolute: those of its `watch`; where it has none, all that are not ignored. */
export async function watchedBy(
  { watch, from }: CommandSource,
  root: string,
  ignore: readonly string[],
): Promise<readonly string[]> {
  const patterns = watch.length === 0 ? ['**/*'] : [...watch];
  const found = await glob(patterns, { cwd: root, absolute: true, ignore: [...ignore, ours] });
  // What it writes itself is no reason to run it again.
  const written = from === null ? null : slashed(path.resolve(root, from));
  return found
    .map(slashed)
    .filter((file) => file !== written)
    .sort();
}

/** Whether a file that was not there would be among them. */
export function mayDependOn(
  { watch, from }: CommandSource,
  root: string,
  ignore: readonly string[],
  file: string,
): boolean {
  const relative = relativeTo(root, file);
  if (relative.startsWith('../') || relative === from) return false;
  return picomatch(watch.length === 0 ? '**/*' : [...watch], { ignore: [...ignore, ours] })(relative);
}

/** Changes whenever a file does on which the command depends. Reading all files of a repository at every save takes too long. */
export async function stateOf({ watch }: CommandSource, watched: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of watched) {
    const content =
      watch.length === 0 ? stamp(await stat(file).catch(() => null)) : await readFile(file).catch(() => '');
    hash.update(file).update('\0').update(content).update('\0');
  }
  return hash.digest('hex');
}

const stamp = (found: { mtimeMs: number; size: number } | null): string =>
  found === null ? '' : `${found.mtimeMs} ${found.size}`;

export interface CommandPlan {
  readonly target: CommandTarget;
  /** What its key is made of. */
  readonly key: readonly unknown[];
}

/** How one benchmark of a command is measured beside old code. */
export async function planCommand(
  wanted: {
    readonly name: string;
    readonly source: CommandSource;
    readonly watched: readonly string[];
    readonly run: Pick<RunSettings, 'runs' | 'warmup'>;
    readonly timeMs: number;
    readonly cooldownMs: number;
  },
  side: { readonly old: BaselineSide | null; readonly note: string | null },
  parts: {
    readonly root: string;
    readonly git: Git | null;
    readonly worktrees: Worktrees | null;
    /** What was found out of commits before: whether they have the same as now. */
    readonly unchanged: Map<string, Promise<boolean>>;
  },
): Promise<CommandPlan> {
  const { name, source, watched, timeMs, cooldownMs } = wanted;
  const { root } = parts;
  const settings = { runs: wanted.run.runs, warmup: wanted.run.warmup };
  const state = await stateOf(source, watched);
  const { old, note } = await oldFolder(source, watched, state, side, parts);
  const id = [source.command, source.reads, source.from, source.build, state];
  const commit = old === null || old === 'same' ? old : (side.old?.code?.commit ?? null);
  const target = {
    name,
    source,
    root,
    old,
    note,
    settings,
    timeMs,
    cooldownMs,
    shares: JSON.stringify([...id, commit, settings.warmup]),
  };
  return { target, key: [...id, commit, note, name, settings, cooldownMs] };
}

async function oldFolder(
  source: CommandSource,
  watched: readonly string[],
  state: string,
  side: { readonly old: BaselineSide | null; readonly note: string | null },
  { root, git, worktrees, unchanged }: Parameters<typeof planCommand>[2],
): Promise<Pick<CommandTarget, 'old' | 'note'>> {
  if (side.old === null) return { old: null, note: side.note };
  const { code } = side.old;
  if (code === null || git === null || worktrees === null) {
    const note = side.old.note ?? 'without Git, the command cannot run in the old code';
    return { old: null, note };
  }
  const { commit } = code;
  const id = JSON.stringify([commit, source.watch, state]);
  const known = unchanged.get(id) ?? isUnchanged(source, watched, code, root, git);
  unchanged.set(id, known);
  // The command is the same for both: one run is as good as the other.
  if (await known) return { old: 'same', note: null };
  const checkOut: CommandTarget['old'] = async (options) => {
    const worktree = await worktrees.of(commit, options.signal);
    if (!worktree.ok) return err({ kind: 'spawn', message: worktree.error });
    const { root: cwd, isDone, done } = worktree.value;
    const step = JSON.stringify(source.build);
    if (source.build !== null && !(await isDone(step))) {
      const built = await build(source, cwd, options);
      if (!built.ok) return built;
      await done(step);
    }
    return ok(cwd);
  };
  return { old: checkOut, note: null };
}

/** Whether a commit has all that a command depends on just as it is now, as far as its `watch` reaches. */
async function isUnchanged(
  { watch }: CommandSource,
  watched: readonly string[],
  code: OldCode,
  root: string,
  git: Git,
): Promise<boolean> {
  if (watch.length === 0 || watched.length === 0) return false;
  const isWatched = picomatch([...watch]);
  const before = (await git.listFiles(code.commit, relativeTo(git.root, root))).map((file) =>
    path.posix.join(git.root, file),
  );
  const now = new Set(watched);
  const others = before.filter((file) => isWatched(relativeTo(root, file)) && !now.has(file));
  // What is there and not among them is ignored by the settings.
  const kept = await Promise.all(others.map((file) => stat(file).catch(() => null)));
  if (kept.includes(null)) return false;
  const same = await Promise.all(watched.map(async (file) => isSame(await code.read(file), file)));
  return same.every(Boolean);
}

async function isSame(before: Buffer | null, file: string): Promise<boolean> {
  const now = await readFile(file).catch(() => null);
  return now !== null && before?.equals(now) === true;
}
