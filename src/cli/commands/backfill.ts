import * as l10n from '@vscode/l10n';
import path from 'node:path';
import { backfill, type Backfilled } from '../../engine/project/backfill.js';
import type { OpenProject } from '../../engine/project/project.js';
import { exitCodes, gravest } from '../../requests/report/exit-codes.js';
import { UsageError } from '../../requests/selection/usage-error.js';
import type { BackfillOptions, GlobalOptions } from '../input/options.js';
import { Progress } from '../terminal/progress.js';
import { budgetNames } from '../../requests/selection/selection.js';
import { printError } from '../terminal/terminal.js';
import { counts } from '../../core/text/words.js';

/** Measures the last commits of every project that has the budget, and prints a summary. Returns the exit code. */
export async function backfillAll(
  projects: readonly OpenProject[],
  name: string | null,
  { commits, timeMs }: BackfillOptions,
  { directory, signal }: GlobalOptions,
): Promise<number> {
  const progress = new Progress();
  const codes: number[] = [];
  for (const project of projects) {
    const budgets = budgetNames(project).filter((one) => name === null || one === name);
    if (budgets.length === 0) continue;
    const where = projects.length > 1 ? `${path.relative(directory, project.root) || '.'}: ` : '';
    let done: Awaited<ReturnType<typeof backfill>>;
    try {
      const show = progress.backfilling(where);
      done = await backfill(project, { budgets, commits, timeMs }, show, signal);
    } finally {
      progress.hide();
    }
    if (!done.ok) throw new UsageError(l10n.t`--backfill: ${done.error}`);
    if (signal.aborted) {
      printError(l10n.t('Interrupted: finished measurements are in the history. Run the same command to continue.'));
      return exitCodes.interrupted;
    }
    for (const line of summaryLines(done.value)) printError(`${where}${line}`);
    codes.push(...done.value.failures.map(({ kind }) => exitCodeOf[kind]));
  }
  return gravest(codes);
}

const exitCodeOf = { 'not-found': exitCodes.configuration, broken: exitCodes.broken } as const;

function summaryLines({ commits, measured, known, notes, failures }: Backfilled): readonly string[] {
  const rest = commits - measured - known;
  const parts = [
    ...(measured > 0 ? [l10n.t`${measured} measured`] : []),
    ...(known > 0 ? [l10n.t`${known} known without measuring`] : []),
    ...(rest > 0 ? [l10n.t`${rest} not measured`] : []),
  ];
  const summary = commits === 0 ? [] : [`${counts(commits, 'commit')}: ${parts.join(', ')}.`];
  return [...summary, ...notes, ...failures.map(({ message }) => message)];
}
