import { byGravity } from '../../core/text/terminal.js';
import { lastResult } from '../../core/results/state.js';
import type { BudgetView, Project } from '../../engine/project/snapshot.js';

export interface Ranked {
  readonly project: Project;
  readonly view: BudgetView;
}

/** Returns the budgets of projects, worst first; last those that were never measured. A verdict counts while it is measured anew. */
export function worstFirst(projects: readonly Project[]): readonly Ranked[] {
  const all = projects.flatMap((project) =>
    project.snapshot.budgets.map((view) => ({ project, view, result: lastResult(view.state) })),
  );
  return all.sort((a, b) => {
    if (a.result === null || b.result === null) return Number(a.result === null) - Number(b.result === null);
    return byGravity(a.result, b.result);
  });
}
