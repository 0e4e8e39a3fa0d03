import * as l10n from '@vscode/l10n';
import { unknownMachine } from '../../core/results/measurement.js';
import { readBaselines } from '../../engine/baseline/files.js';
import { findBaseline } from '../../engine/baseline/resolve.js';
import { Git } from '../../engine/git/repository.js';
import { History } from '../../engine/history/history.js';
import type { Project } from '../../engine/project/snapshot.js';
import { UsageError } from './usage-error.js';

/** Throws `UsageError`, before anything is measured, if a project cannot find this revision or baseline. */
export async function requireBaseline(project: Project, against: string, option = '--against'): Promise<void> {
  const history = await History.open(project.root, { readOnly: true });
  const git = await Git.open(project.root);
  try {
    const { root } = project;
    const found = await findBaseline(against, {
      root,
      history,
      git: git.ok ? git.value : null,
      gitMessage: git.ok ? '' : git.error.message,
      baselines: await readBaselines(root),
      machine: unknownMachine,
    });
    if ('message' in found) throw new UsageError(`${option} ${against}: ${found.message}.`);
  } finally {
    history.close();
    if (git.ok) git.value.dispose();
  }
}

/** Throws `UsageError`, before anything is measured, if a project's repository has no such commit. */
export async function requireRevision({ root }: Project, revision: string, option: string): Promise<void> {
  const git = await Git.open(root);
  if (!git.ok) throw new UsageError(`${option} ${revision}: ${git.error.message}`);
  try {
    if ((await git.value.resolve(revision)) === null)
      throw new UsageError(l10n.t`${option} ${revision}: there is no commit called "${revision}".`);
  } finally {
    git.value.dispose();
  }
}
