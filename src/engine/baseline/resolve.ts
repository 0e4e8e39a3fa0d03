import { counts } from '../../core/text/words.js';
import * as l10n from '@vscode/l10n';
import { join } from 'node:path';
import type { KeptSide } from '../../core/judge/baseline-policy.js';
import { fileNameOf } from '../../core/judge/baseline.js';
import { keptNote } from '../../core/text/measurement-notes.js';
import type { Baseline, Machine } from '../../core/results/measurement.js';
import { localDay } from '../../core/text/terminal.js';
import type { Baselines, KeptBaseline } from './files.js';
import type { OldCode } from '../bundle/tree.js';
import type { Git } from '../git/repository.js';
import type { History } from '../history/history.js';
import { machineId } from '../workers/machine.js';
import { relativeTo, slashed } from '../util/paths.js';

/** The baseline side of a comparison: what a run is compared with. */
export interface BaselineSide {
  readonly baseline: Baseline;
  /** Null if no repository has it: the bundles of a capture without git are in the history, if they are on this machine. */
  readonly code: OldCode | null;
  /** The capture without git whose bundles are in the history. */
  readonly captured: { readonly name: string; readonly at: number } | null;
  /** The figures that stand in for old code that is not here. */
  readonly kept: KeptSide | null;
  /** Why there is no old code at all; null if there is some. */
  readonly note: string | null;
}

/** Why there is nothing to compare with; one sentence. */
export interface NoBaseline {
  readonly message: string;
  /** Whether there is one, but not here: its file is gone, or it is in the part of the history that a shallow clone lacks. */
  readonly isLost?: true;
}

/** Returns the code of a commit; its files are read by their paths in the working tree. */
function baselineCode(git: Git, commit: string, name: string): OldCode {
  const inCommit = (file: string): string | null => git.relative(slashed(file));
  return {
    commit,
    name,
    read: async (file) => {
      const path = inCommit(file);
      return path === null ? null : git.readFile(commit, path);
    },
    has: async (file) => {
      const path = inCommit(file);
      return path !== null && git.has(commit, path);
    },
    real: async (file) => {
      const path = inCommit(file);
      const real = path === null ? null : await git.realPath(commit, path);
      return real === null ? null : join(git.root, real);
    },
    lacks: async (file) => {
      const path = inCommit(file);
      return path === null ? null : git.lacks(commit, path);
    },
    ignores: async (file) => {
      const path = inCommit(file);
      return path === null || git.isIgnored(path);
    },
  };
}

/** Where to look for a baseline. */
export interface BaselineSources {
  /** The folder of the `perf-budget.jsonc`. */
  readonly root: string;
  readonly git: Git | null;
  /** Why `git` is null. */
  readonly gitMessage: string;
  readonly history: History;
  readonly baselines: Baselines;
  readonly machine: Machine;
}

/**
 * Finds the baseline that `setting` means. `auto` is the captured baseline, else the commit where this branch left the
 * upstream default branch, else the last commit. Anything else is the name of a captured baseline or a revision, or, with
 * three dots after it, the commit where this branch left that revision.
 */
export async function findBaseline(setting: string, sources: BaselineSources): Promise<BaselineSide | NoBaseline> {
  const { git, gitMessage, baselines } = sources;
  const name = setting === 'auto' ? baselines.current : setting;
  const captured = baselines.all.find((one) => one.name === name);
  if (captured !== undefined) return capturedSide(captured, sources);
  const broken = baselines.broken.find((one) => one.name === name);
  if (broken !== undefined) {
    const side = await localSide(broken.name, sources);
    return side ?? { message: broken.message.replace(/\.$/, ''), isLost: true };
  }
  // To compare with something else would say nothing of what the user chose.
  if (setting === 'auto' && baselines.lost !== null) return { message: baselines.lost, isLost: true };
  if (git === null) {
    const why = gitMessage.replace(/\.$/, '');
    return { message: l10n.t`${why}; capture a baseline to have something to compare with` };
  }
  const head = await git.head();
  if (setting !== 'auto') {
    // As in `git diff`, `origin/main...` means where this branch left origin/main.
    const left = /^(.+)\.\.\.$/.exec(setting)?.[1] ?? null;
    const commit = left === null ? await git.resolve(setting) : await git.mergeBase(left);
    if (commit !== null) return commitSide(git, commit, left ?? setting);
    const isShallow = await git.isShallow();
    if (isShallow && left !== null && (await git.resolve(left)) !== null) return lostSide(left);
    const shallow = isShallow ? ` ${l10n.t('(this clone is shallow: `git fetch --unshallow` gets the rest)')}` : '';
    return { message: l10n.t`there is no captured baseline and no commit called "${setting}"${shallow}` };
  }
  if (head === null)
    return { message: l10n.t('the repository has no commits yet; the first one becomes the baseline') };
  const fork = await git.forkPoint();
  // To compare with HEAD in its place would let every slowdown of the branch pass.
  if (fork?.commit === null && (await git.isShallow())) return lostSide(fork.branch);
  if (fork !== null && fork.commit !== null && fork.commit !== head.commit)
    return commitSide(git, fork.commit, fork.branch);
  return commitSide(git, head.commit, 'HEAD');
}

const lostSide = (branch: string): NoBaseline => ({
  message: l10n.t(
    'this clone is shallow and lacks the commit where this branch left {0}: `git fetch --unshallow` gets it',
    branch,
  ),
  isLost: true,
});

/** Returns the side of a commit; `name` is what messages call it. */
export const commitSide = (git: Git, commit: string, name: string, kept: KeptSide | null = null): BaselineSide => ({
  baseline: { name, commit },
  code: baselineCode(git, commit, name),
  captured: null,
  kept,
  note: null,
});

/** Returns the code of a captured baseline if it is here, else its figures alone. */
async function capturedSide(captured: KeptBaseline, sources: BaselineSources): Promise<BaselineSide> {
  const { git, history, machine } = sources;
  const { name, commit, at } = captured;
  const day = localDay(new Date(at));
  const isOurs = captured.machineId === machineId(machine);
  const { cpu, cores } = captured.machine;
  const other = l10n.t`its figures of ${day} are from another machine (${cpu}, ${counts(cores, 'core')}) and do not apply to this one`;
  const kept = { figures: captured.figures, note: keptNote(name), unusable: isOurs ? null : other };
  const code = await whereIsCode(captured, { git, history });
  const baseline = { name, commit };
  if (git !== null && code.kind === 'git') return commitSide(git, code.commit, name, kept);
  if (code.kind !== 'lacking') return { baseline, code: null, captured: { name, at }, kept, note: null };
  const side = { code: null, captured: null, kept, note: code.why };
  // Readers of a verdict should know that no old code was measured beside the current code.
  return { baseline: isOurs ? { name: l10n.t`the figures of ${name}`, commit } : baseline, ...side };
}

type CodePlace =
  | { readonly kind: 'git'; readonly commit: string }
  | { readonly kind: 'history' }
  /** `why`: in a few words. */
  | { readonly kind: 'lacking'; readonly why: string };

/** Returns where the code of a captured baseline is. */
export async function whereIsCode(
  { name, commit, at }: Pick<KeptBaseline, 'name' | 'commit' | 'at'>,
  { git, history }: { readonly git: Pick<Git, 'resolve' | 'isShallow'> | null; readonly history: History },
): Promise<CodePlace> {
  if (commit === null) {
    const isHere = history.baselines().some((one) => one.name === name && one.at === at);
    return isHere
      ? { kind: 'history' }
      : { kind: 'lacking', why: l10n.t`the code of ${name} is only on the machine that captured it` };
  }
  if (git !== null && (await git.resolve(commit)) !== null) return { kind: 'git', commit };
  const short = commit.slice(0, 7);
  const why =
    (await git?.isShallow()) === true
      ? l10n.t('the code of {0} ({1}) is not in this clone: `git fetch --unshallow` may get it', name, short)
      : l10n.t`the code of ${name} (${short}) is not in this clone`;
  return { kind: 'lacking', why };
}

/** Returns what this clone has kept of a baseline whose file cannot be read; null if nothing. */
async function localSide(name: string, { root, git, history }: BaselineSources): Promise<BaselineSide | null> {
  const commit = (await git?.resolve(baselineRef(git.root, root, name))) ?? null;
  if (git !== null && commit !== null) return commitSide(git, commit, name);
  const known = history.baselines().find((one) => one.name === name && one.commit === null);
  if (known === undefined) return null;
  return { baseline: { name, commit: null }, code: null, captured: { name, at: known.at }, kept: null, note: null };
}

/** Returns the ref of a baseline's code. Several folders of a repository may each have a baseline of the same name. */
export function baselineRef(repository: string, root: string, name: string): `refs/perf-budget/${string}` {
  const folder = relativeTo(repository, root);
  const path = folder === '' ? name : `${folder}/${name}`;
  return `refs/perf-budget/${fileNameOf(path).replace(/\.json$/, '')}`;
}
