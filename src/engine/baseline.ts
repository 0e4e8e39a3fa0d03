import type { Baseline } from '../core/measurement.js';
import type { OldCode } from './bundle.js';
import type { Git } from './git.js';
import type { History } from './history.js';
import { slashed } from './paths.js';

/** The old code that a run is compared with. */
export interface OldSide {
  readonly baseline: Baseline;
  /** Null where the baseline is a set of bundles that were kept at capture, because there is no git. */
  readonly code: OldCode | null;
}

/** Why there is nothing to compare with; one sentence. */
export interface NoBaseline {
  readonly message: string;
}

/** Reads a commit's files under their places in the working tree. */
function oldCode(git: Git, commit: string, name: string): OldCode {
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
    ignores: async (file) => {
      const path = inCommit(file);
      return path === null || git.isIgnored(path);
    },
  };
}

/**
 * `auto` is the captured baseline, else the commit where this branch left the upstream default branch, else the last commit.
 * Anything else is the name of a captured baseline, or a revision.
 */
export async function findBaseline(
  setting: string,
  git: Git | null,
  gitMessage: string,
  history: History,
): Promise<OldSide | NoBaseline> {
  const captured =
    setting === 'auto' ? history.currentBaseline() : history.baselines().find((one) => one.name === setting);
  if (captured !== null && captured !== undefined) {
    const { name, commit } = captured;
    if (commit === null) return { baseline: { name, commit }, code: null };
    if (git !== null && (await git.resolve(commit)) !== null) {
      return { baseline: { name, commit }, code: oldCode(git, commit, name) };
    }
    const way = 'capture it again, or name another one with "baseline"';
    return { message: `the commit of baseline "${name}" (${commit.slice(0, 8)}) is gone: ${way}` };
  }
  if (git === null) {
    const why = gitMessage.replace(/\.$/, '');
    return { message: `${why}; capturing a baseline keeps the present code to compare with` };
  }
  const head = await git.head();
  if (setting !== 'auto') {
    const commit = await git.resolve(setting);
    if (commit !== null) return { baseline: { name: setting, commit }, code: oldCode(git, commit, setting) };
    const shallow = (await git.isShallow()) ? ' (this clone is shallow: `git fetch --unshallow` gets the rest)' : '';
    return { message: `there is no captured baseline and no commit called "${setting}"${shallow}` };
  }
  if (head === null) return { message: 'the repository has no commit yet: the first one becomes the baseline' };
  const fork = await git.forkPoint();
  if (fork !== null && fork.commit !== head.commit) {
    return { baseline: { name: fork.branch, commit: fork.commit }, code: oldCode(git, fork.commit, fork.branch) };
  }
  return { baseline: { name: 'HEAD', commit: head.commit }, code: oldCode(git, head.commit, 'HEAD') };
}
