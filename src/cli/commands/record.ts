import * as l10n from '@vscode/l10n';
import { userInfo } from 'node:os';
import { judgeManual } from '../../core/judge/manual.js';
import { budgetResult } from '../../core/text/result.js';
import { localDay } from '../../core/text/terminal.js';
import { keepRecord, valueOf } from '../../engine/history/manual-values.js';
import { shownPath } from '../../requests/report/project-check.js';
import { exitCodes } from '../../requests/report/exit-codes.js';
import { UsageError } from '../../requests/selection/usage-error.js';
import type { GlobalOptions, RecordOptions } from '../input/options.js';
import { withProjects } from '../input/projects.js';
import { requireBudget } from '../../requests/selection/selection.js';
import { print } from '../terminal/terminal.js';
import { recordsFile } from '../../core/config/file-names.js';
import { resultTitle } from '../../core/text/title.js';

/** Records a figure that was measured by hand, prints its verdict, and returns the exit code. Runs nothing. */
export async function record(
  options: GlobalOptions,
  name: string,
  value: string,
  { by, date }: RecordOptions,
): Promise<number> {
  return withProjects(options, false, async (projects) => {
    const { project, budget } = requireBudget(projects, name, options.directory);
    const read = valueOf(budget, value);
    if (!read.ok) throw new UsageError(read.error);
    const today = new Date();
    const at = date ?? localDay(today);
    const who = by ?? userInfo().username;
    const kept = await keepRecord(project.root, name, { value: value.trim(), at, ...(who !== '' && { by: who }) });
    if (!kept.ok) throw new UsageError(kept.error);
    const result = budgetResult(judgeManual(budget, { value: read.value, at, by: who }, today.getTime()));
    const file = shownPath(options.directory, `${project.root}/${recordsFile}`);
    await print([`${resultTitle(result, '')}   ${l10n.t`${name}, recorded in ${file}. Commit it.`}`]);
    return result.verdict === 'fail' ? exitCodes.failed : exitCodes.ok;
  });
}
