import { worst } from '../../core/results/worst.js';
import type { Baseline, BudgetResult, Report } from '../../core/results/measurement.js';
import { relativeTo } from '../util/paths.js';
import type { ProjectParts } from './parts.js';
import type { Project } from './snapshot.js';

/** Returns what a run reports: the results of its budgets, and what is known of the whole. */
export async function reportOf(
  { root, snapshot, parts }: Pick<Project, 'root' | 'snapshot'> & { readonly parts: ProjectParts },
  budgets: readonly BudgetResult[],
  baseline: Baseline | null,
): Promise<Omit<Report, 'elapsedMs'>> {
  const isSame = budgets.some(({ compared }) => compared === 'same code') && budgets.every(hasNotDiffered);
  const unchanged = isSame && (await parts.planner.isHeadItself(baseline));
  const problems = snapshot.problems.map(({ location: { file, start }, message }) => ({
    file: relativeTo(root, file),
    ...start,
    message,
  }));
  return {
    version: 1,
    verdict: worst(budgets.map((result) => result.verdict)),
    baseline,
    ...(unchanged && { unchanged }),
    machine: parts.machine,
    budgets,
    problems,
  };
}

/** Whether a result has seen no difference between old and current code. */
const hasNotDiffered = ({ compared, comparison }: BudgetResult): boolean =>
  compared === 'same code' || (compared === 'nothing' && comparison === null);
