import * as l10n from '@vscode/l10n';
import { notesRef } from '../../engine/git/notes.js';
import { share } from '../../engine/history/share.js';
import { exitCodes } from '../../requests/report/exit-codes.js';
import { UsageError } from '../../requests/selection/usage-error.js';
import type { GlobalOptions } from '../input/options.js';
import { withProjects } from '../input/projects.js';
import { budgetNames } from '../../requests/selection/selection.js';
import { print, printError } from '../terminal/terminal.js';
import { counts } from '../../core/text/words.js';

/** Shares the runs of commits through git notes, with a remote if one is given; runs nothing. Returns the exit code. */
export async function shareHistory(options: GlobalOptions, remote: string | null): Promise<number> {
  const { signal } = options;
  const projects = await withProjects(options, false, (all) =>
    Promise.resolve(all.map((project) => ({ root: project.root, budgets: budgetNames(project) }))),
  );
  if (remote?.startsWith('-') === true)
    throw new UsageError(l10n.t`--share takes a remote such as origin, not ${remote}.`);
  const shared = await share(projects, { remote, now: Date.now(), signal });
  if (!shared.ok) throw new UsageError(shared.error);
  const { written, read, old, unreadable } = shared.value;
  const where = remote === null ? l10n.t`in ${notesRef}` : l10n.t`in ${notesRef} here and on ${remote}`;
  await print([l10n.t`${counts(written, 'run')} written, ${counts(read, 'run')} from others read, ${where}.`]);
  if (old > 0)
    printError(
      old === 1
        ? l10n.t`${counts(old, 'run')} from others is older than a year and was skipped.`
        : l10n.t`${counts(old, 'run')} from others are older than a year and were skipped.`,
    );
  if (unreadable > 0)
    printError(
      unreadable === 1
        ? l10n.t`${counts(unreadable, 'line')} of the notes cannot be read and was left as it is.`
        : l10n.t`${counts(unreadable, 'line')} of the notes cannot be read and were left as they are.`,
    );
  return exitCodes.ok;
}
