import { worstFirst } from '../../core/text/rank.js';
import type { BudgetView, Project } from '../../engine/project/snapshot.js';

export interface Ranked {
  readonly project: Project;
  readonly view: BudgetView;
}

/** Returns the budgets of projects, worst first. */
export const rankedBudgets = (projects: readonly Project[]): readonly Ranked[] =>
  worstFirst(
    projects.flatMap((project) => project.snapshot.budgets.map((view) => ({ project, view }))),
    ({ view }) => view.state,
  );
