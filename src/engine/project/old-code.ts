import * as l10n from '@vscode/l10n';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Budget } from '../../core/language/budget.js';
import { alike, similarity, wordsOf } from '../../core/cause/similarity.js';
import { err, ok, type Result } from '../../core/result.js';
import type { Baseline } from '../../core/results/measurement.js';
import { sentence } from '../../core/text/words.js';
import type { OldCode } from '../bundle/tree.js';
import { GitError, type Git } from '../git/repository.js';
import type { Planner } from '../measure/plan.js';

/** A file that a benchmark reaches and that is not what it was in the baseline. */
export interface ChangedFile {
  /** Absolute. */
  readonly file: string;
  /** Where it was then, absolute: elsewhere if it was renamed; null if it is new. */
  readonly old: string | null;
}

/** What has changed in the code of a budget since its baseline. */
export interface CodeChanges {
  readonly baseline: Baseline & { readonly commit: string };
  /** Those that a benchmark of the budget reaches, in the order of their paths. */
  readonly files: readonly ChangedFile[];
}

/** How many files that are gone are looked at for one that may have been renamed. */
const mostGone = 50;

interface Parts {
  readonly planner: Pick<Planner, 'baselineSide'>;
  readonly git: Git | null;
}

/** Finds what has changed in `inputs`, the files of a budget. The error is one sentence. */
export async function codeChanges(
  budget: Budget,
  inputs: readonly string[],
  { planner, git }: Parts,
): Promise<Result<CodeChanges, string>> {
  return answered(async () => {
    const { old, note } = await planner.baselineSide(budget.baseline);
    if (old === null) return err(sentence(note ?? l10n.t('There is no baseline')));
    const { baseline, code, captured } = old;
    if (code === null || git === null) {
      const why =
        captured === null
          ? (old.note ?? l10n.t('its code is not here'))
          : l10n.t`${captured.name} was captured without Git`;
      return err(l10n.t`The old code cannot be shown: ${why}.`);
    }
    const wanted = new Set(inputs);
    const all = await git.changedFiles(code.commit);
    // One that was just removed may still count as reached.
    const changed = all.filter((file) => wanted.has(file) && existsSync(file)).sort();
    const were = await Promise.all(changed.map((file) => code.has(file)));
    const kinds = new Set(changed.filter((_, index) => were[index] === false).map((file) => path.extname(file)));
    const gone = await goneFiles(
      all.filter((file) => kinds.has(path.extname(file))),
      code,
    );
    const files: ChangedFile[] = [];
    for (const [index, file] of changed.entries())
      files.push({ file, old: were[index] === true ? file : await renamedFrom(file, gone, code) });
    return ok({ baseline: { name: baseline.name, commit: code.commit }, files });
  });
}

/** Returns the text that a checkout of a commit would have at a path. The error is one sentence. */
export async function oldText(
  commit: string,
  file: string,
  { git }: Pick<Parts, 'git'>,
): Promise<Result<string, string>> {
  return answered(async () => {
    const inCommit = git?.relative(file) ?? null;
    const content = git === null || inCommit === null ? null : await git.readFile(commit, inCommit);
    if (content === null) return err(l10n.t`${file} is not in the commit ${commit.slice(0, 7)}.`);
    if (content.includes(0)) return err(l10n.t`${file} is not text.`);
    return ok(content.toString().replace(/^\uFEFF/, ''));
  });
}

/** Those of the files that the commit has and the working tree has not. */
async function goneFiles(changed: readonly string[], code: OldCode): Promise<readonly string[]> {
  const missing = changed.filter((file) => !existsSync(file));
  const had = await Promise.all(missing.map((file) => code.has(file)));
  return missing.filter((_, index) => had[index]);
}

/** Returns the file of the same kind that is gone and most like this one; null if none is like it. */
async function renamedFrom(file: string, gone: readonly string[], code: OldCode): Promise<string | null> {
  const own = wordsOf((await textOf(file)) ?? '');
  let best: string | null = null;
  let most = alike;
  const candidates = gone.filter((one) => path.extname(one) === path.extname(file));
  for (const one of candidates.slice(0, mostGone)) {
    const content = await code.read(one);
    const likeness = content === null ? 0 : similarity(own, wordsOf(content.toString()));
    if (likeness <= most) continue;
    best = one;
    most = likeness;
  }
  return best;
}

const textOf = (file: string): Promise<string | null> => readFile(file, 'utf8').catch(() => null);

/** What Git cannot answer is one sentence. */
async function answered<T>(work: () => Promise<Result<T, string>>): Promise<Result<T, string>> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof GitError) return err(l10n.t`Git cannot read the old code: ${sentence(error.message)}`);
    throw error;
  }
}
