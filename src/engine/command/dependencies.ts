import * as l10n from '@vscode/l10n';
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import picomatch from 'picomatch';
import { glob } from 'tinyglobby';
import type { RunSettings } from '../../core/language/budget.js';
import { err, ok } from '../../core/result.js';
import type { BaselineSide } from '../baseline/resolve.js';
import type { OldCode } from '../bundle/tree.js';
import { build, type CommandSource, type CommandTarget } from './command.js';
import type { Worktrees } from '../git/worktrees.js';
import type { Git } from '../git/repository.js';
import { relativeTo, slashed } from '../util/paths.js';

/** Ignored whatever the settings say, because the worktrees and the history in it change with every run. */
const ours = '**/.perf-budget/**';

/** Returns the absolute paths of the files that a command depends on: those of its `watch`, else all that are not ignored. */
export async function watchedBy(
  { watch, from }: Pick<CommandSource, 'watch' | 'from'>,
  root: string,
  ignore: readonly string[],
): Promise<readonly string[]> {
  const patterns = watch.length === 0 ? ['**/*'] : [...watch];
  const found = await glob(patterns, { cwd: root, absolute: true, ignore: [...ignore, ours] });
  // The file that the command writes is no reason to run it again.
  const written = from === null ? null : slashed(path.resolve(root, from));
  return found
    .map(slashed)
    .filter((file) => file !== written)
    .sort();
}

/** Whether a new file would be one that the command depends on. */
export function mayDependOn(
  { watch, from }: Pick<CommandSource, 'watch' | 'from'>,
  root: string,
  ignore: readonly string[],
  file: string,
): boolean {
  const relative = relativeTo(root, file);
  if (relative.startsWith('../') || relative === from) return false;
  return picomatch(watch.length === 0 ? '**/*' : [...watch], { ignore: [...ignore, ours] })(relative);
}

/**
 * Returns a hash that changes whenever a file changes that the command depends on. Without `watch` it uses times and sizes,
 * because reading all files of a repository at every save takes too long.
 */
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

/** The files of commands at one moment, and their state: thousands of commands may have the same `watch`. */
export class WatchedFiles {
  readonly #found = new Map<string, Promise<readonly string[]>>();
  readonly #states = new Map<string, Promise<string>>();

  constructor(
    readonly root: string,
    readonly ignore: readonly string[],
  ) {}

  /** See `watchedBy`. */
  of(source: CommandSource): Promise<readonly string[]> {
    return once(this.#found, idOf(source), () => watchedBy(source, this.root, this.ignore));
  }

  /** See `stateOf`. */
  state(source: CommandSource): Promise<string> {
    return once(this.#states, idOf(source), async () => stateOf(source, await this.of(source)));
  }
}

const idOf = ({ watch, from }: CommandSource): string => JSON.stringify([watch, from]);

function once<T>(known: Map<string, Promise<T>>, key: string, work: () => Promise<T>): Promise<T> {
  const result = known.get(key) ?? work();
  known.set(key, result);
  return result;
}

export interface CommandPlan {
  readonly target: CommandTarget;
  /** The parts of its key. */
  readonly key: readonly unknown[];
}

/** Plans how one benchmark of a command is measured beside old code. */
export async function planCommand(
  wanted: {
    readonly name: string;
    readonly source: CommandSource;
    readonly watched: readonly string[];
    /** Their state now: see `stateOf`. */
    readonly state: string;
    readonly run: Pick<RunSettings, 'runs' | 'warmup'>;
    readonly timeMs: number;
    readonly cooldownMs: number;
  },
  side: { readonly old: BaselineSide | null; readonly note: string | null },
  parts: {
    readonly root: string;
    readonly git: Git | null;
    readonly worktrees: Worktrees | null;
    /** Earlier answers to whether a commit has the same code as now. */
    readonly unchanged: Map<string, Promise<boolean>>;
  },
): Promise<CommandPlan> {
  const { name, source, watched, state, timeMs, cooldownMs } = wanted;
  const { root } = parts;
  const settings = { runs: wanted.run.runs, warmup: wanted.run.warmup };
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
    const note = side.old.note ?? l10n.t('without Git, the command cannot run in the old code');
    return { old: null, note };
  }
  const { commit } = code;
  const id = JSON.stringify([commit, source.watch, state]);
  const known = unchanged.get(id) ?? isUnchanged(source, watched, code, root, git);
  unchanged.set(id, known);
  // Both sides would run the same code, so one run is enough.
  if (await known) return { old: 'same', note: null };
  const checkOut: CommandTarget['old'] = async (options) => {
    const worktree = await worktrees.of(commit, options.signal);
    if (!worktree.ok) return err({ kind: 'spawn', message: worktree.error });
    const { root: cwd, isDone, done, exclusively } = worktree.value;
    const step = JSON.stringify(source.build);
    if (source.build === null) return ok({ root: cwd, exclusively });
    const built = await exclusively(async () => {
      if (await isDone(step)) return ok(null);
      const ran = await build(source, cwd, options);
      if (ran.ok) await done(step);
      return ran;
    }, options.signal);
    if (built === null) return err({ kind: 'aborted' });
    return built.ok ? ok({ root: cwd, exclusively }) : built;
  };
  return { old: checkOut, note: null };
}

/** Whether everything in the command's `watch` is the same in a commit as now; false without `watch`. */
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
  // A file that exists but is not watched is ignored by the settings; one that is missing was deleted.
  const kept = await Promise.all(others.map((file) => stat(file).catch(() => null)));
  if (kept.includes(null)) return false;
  const same = await Promise.all(watched.map((file) => isSame(code, file)));
  return same.every(Boolean);
}

async function isSame(code: OldCode, file: string): Promise<boolean> {
  const now = await readFile(file).catch(() => null);
  // If a filter fails, the checkout of the old code says so.
  const before = await code.read(file).catch(() => null);
  return now !== null && before?.equals(now) === true;
}
