import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import picomatch from 'picomatch';
import { glob } from 'tinyglobby';
import type { RunSettings } from '../core/budget.js';
import { err, ok } from '../core/result.js';
import type { OldSide } from './baseline.js';
import { build, type CommandSource, type CommandTarget } from './command.js';
import type { Worktrees } from './command-worktree.js';
import type { Git } from './git.js';
import { relativeTo, slashed } from './paths.js';

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
    readonly run: Pick<RunSettings, 'runs'>;
    readonly timeMs: number;
    readonly cooldownMs: number;
  },
  side: { readonly old: OldSide | null; readonly note: string | null },
  parts: { readonly root: string; readonly git: Git | null; readonly worktrees: Worktrees | null },
): Promise<CommandPlan> {
  const { name, source, watched, timeMs, cooldownMs } = wanted;
  const { root } = parts;
  const settings = { runs: wanted.run.runs };
  const { old, note } = await oldFolder(source, watched, side, parts);
  const id = [source.command, source.reads, source.from, source.build, await stateOf(source, watched)];
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
    shares: JSON.stringify([...id, commit]),
  };
  return { target, key: [...id, commit, note, name, settings, cooldownMs] };
}

async function oldFolder(
  source: CommandSource,
  watched: readonly string[],
  side: { readonly old: OldSide | null; readonly note: string | null },
  { root, git, worktrees }: Parameters<typeof planCommand>[2],
): Promise<Pick<CommandTarget, 'old' | 'note'>> {
  if (side.old === null) return { old: null, note: side.note };
  const { code } = side.old;
  if (code === null || git === null || worktrees === null) {
    const note = side.old.note ?? 'without git there are no files of the old code to run the command in';
    return { old: null, note };
  }
  const { commit } = code;
  if (source.watch.length > 0) {
    const folder = relativeTo(git.root, root);
    const isWatched = picomatch([...source.watch]);
    const before = (await git.listFiles(commit, folder)).map((file) => slashed(path.join(git.root, file)));
    const now = new Set(watched);
    const gone = before.some((file) => isWatched(relativeTo(root, file)) && !now.has(file));
    const kept = gone ? [false] : await Promise.all(watched.map(async (file) => isSame(await code.read(file), file)));
    // Nothing that it depends on has changed, and the command is the same for both: one run is as good as the other.
    if (watched.length > 0 && kept.every(Boolean)) return { old: 'same', note: null };
  }
  const checkOut: CommandTarget['old'] = async (options) => {
    const worktree = await worktrees.of(commit);
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

async function isSame(before: Buffer | null, file: string): Promise<boolean> {
  const now = await readFile(file).catch(() => null);
  return now !== null && before?.equals(now) === true;
}
