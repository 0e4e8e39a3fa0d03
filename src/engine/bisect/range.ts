import * as l10n from '@vscode/l10n';
import { err, ok, type Result } from '../../core/result.js';
import { counts } from '../../core/text/words.js';
import { readBaselines } from '../baseline/files.js';
import type { Git } from '../git/repository.js';
import type { Planner } from '../measure/plan.js';
import type { BisectRequest } from './request.js';

/** One of the commits that are searched; the first one is the good end. */
export interface Version {
  readonly commit: string;
  /** What messages call it. */
  readonly name: string;
  readonly isMerge: boolean;
}

export interface Range {
  readonly good: Version;
  readonly bad: Version;
  /** From the good end to the bad one. */
  readonly versions: readonly Version[];
  /** What a reader must know of the choice, one sentence each. */
  readonly notes: readonly string[];
}

/** Finds the commits between both ends, along the first parents. The error is one sentence. */
export async function findRange(
  planner: Planner,
  git: Git,
  setting: string,
  { good, bad }: Pick<BisectRequest, 'good' | 'bad'>,
): Promise<Result<Range, string>> {
  const to = { name: shown(bad ?? 'HEAD'), commit: await git.resolve(bad ?? 'HEAD') };
  if (to.commit === null) return err(await unknown(git, to.name));
  const side = await planner.baselineSide(good ?? setting);
  if (side.old === null) return err(l10n.t`There is no good end: ${side.note ?? l10n.t('nothing to compare with')}.`);
  const { baseline, note } = side.old;
  if (baseline.commit === null || note !== null) {
    return err(
      note === null
        ? l10n.t`${baseline.name} has no commit. Name a commit: --good <rev>.`
        : l10n.t`${upper(note)}. Name a commit: --good <rev>.`,
    );
  }
  const from = await searchable(
    planner.parts.root,
    git,
    { name: shown(baseline.name), commit: baseline.commit },
    to.commit,
  );
  if (!from.ok) return err(await unrelated(git, from.error, { name: to.name, commit: to.commit }));
  const { start, notes } = from.value;
  if (start.commit === to.commit) {
    return err(
      start.name === to.name
        ? l10n.t`${to.name} is both ends, so there is nothing to search. Name an older commit: --good <rev>.`
        : l10n.t`${start.name} and ${to.name} are the same commit, so there is nothing to search. Name an older commit: --good <rev>.`,
    );
  }
  const commits = await git.commitsBetween(start.commit, to.commit);
  const merges = commits.filter(({ parents }) => parents.length > 1).length;
  const versions = [
    { ...start, isMerge: false },
    ...commits.map(({ commit, parents }) => ({ commit, name: shortOf(commit), isMerge: parents.length > 1 })),
  ];
  const end = { commit: to.commit, name: to.name, isMerge: versions.at(-1)?.isMerge === true };
  return ok({
    good: { ...start, isMerge: false },
    bad: end,
    versions: [...versions.slice(0, -1), end],
    notes: [
      ...notes,
      ...(bad === undefined && (await git.isDirty())
        ? [l10n.t('Uncommitted changes are left out: HEAD is searched.')]
        : []),
      ...(merges === 0
        ? []
        : [
            l10n.t`${counts(merges, 'merge')} on the way: each counts as one commit, because the search follows first parents.`,
          ]),
    ],
  });
}

export const shortOf = (commit: string): string => commit.slice(0, 7);

/** Full ids are too long to read. */
const shown = (name: string): string => (/^[0-9a-f]{40,}$/.test(name) ? shortOf(name) : name);

const upper = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);

interface End {
  readonly name: string;
  readonly commit: string;
}

/** Returns the good end as an ancestor of the bad one. A capture of uncommitted code stands for the commit that it was made on. */
async function searchable(
  root: string,
  git: Git,
  good: End,
  bad: string,
): Promise<Result<{ readonly start: End; readonly notes: readonly string[] }, End>> {
  if ((await git.mergeBase(good.commit, bad)) === good.commit) return ok({ start: good, notes: [] });
  const { all } = await readBaselines(root);
  const on = all.find(({ commit }) => commit === good.commit)?.uncommitted?.on ?? null;
  if (on === null || (await git.mergeBase(on, bad)) !== on) return err(good);
  const short = shortOf(on);
  const note = l10n.t`${good.name} was captured with uncommitted changes, so the search begins at the commit below them, ${short}.`;
  return ok({ start: { name: short, commit: on }, notes: [note] });
}

async function unknown(git: Git, revision: string): Promise<string> {
  const shallow = (await git.isShallow())
    ? ` ${l10n.t('This clone is shallow: `git fetch --unshallow` gets the rest.')}`
    : '';
  return l10n.t`There is no commit called "${revision}".` + shallow;
}

/** Says why two ends are not the ends of a range. */
async function unrelated(git: Git, good: End, bad: End): Promise<string> {
  const base = await git.mergeBase(good.commit, bad.commit);
  const words = l10n.t`${bad.name} does not descend from ${good.name}`;
  if (base === bad.commit)
    return l10n.t`${words}, but the other way round. --good is the older commit, --bad the newer one.`;
  if (base !== null)
    return l10n.t`${words}. Both come from ${shortOf(base)}: --good ${shortOf(base)} searches from there.`;
  const shallow = (await git.isShallow())
    ? ` ${l10n.t('as far as this shallow clone goes: `git fetch --unshallow` gets the rest')}`
    : '';
  return `${words}${shallow}.`;
}
