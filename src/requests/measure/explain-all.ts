import type { BudgetResult } from '../../core/results/measurement.js';
import type { Explained, ExplainRequest } from '../../engine/explain/request.js';
import type { Project } from '../../engine/project/snapshot.js';
import type { ProjectExplained } from '../report/explain-report.js';
import { budgetNames } from '../selection/selection.js';
import { measureAll } from './measure-all.js';
import type { Terms } from './terms.js';

/** What is to be explained. */
export interface ExplainAsked {
  /** A revision or the name of a captured baseline; null for the baseline of each budget. */
  readonly from: string | null;
  /** A revision; null for the working tree. */
  readonly to: string | null;
  readonly timeMs: number | null;
  readonly retainers: boolean;
}

/** Returns the budgets that are broken; if none is, those that differ; all if another commit is asked for. */
export async function worthExplaining<P extends Project>(
  projects: readonly P[],
  terms: Terms,
  { from, to, timeMs }: Pick<ExplainAsked, 'from' | 'to' | 'timeMs'>,
): Promise<ReadonlyMap<P, readonly string[]>> {
  if (to !== null) return new Map(projects.map((project) => [project, budgetNames(project)]));
  const checked = await measureAll(projects, terms, () => ({
    causes: false,
    ...(from !== null && { against: from }),
    ...(timeMs !== null && { timeMs }),
  }));
  const results = new Map(
    projects.map((project) => [
      project,
      checked.find(({ root }) => root === project.root)?.report.budgets ?? ([] as readonly BudgetResult[]),
    ]),
  );
  const isAny = [...results.values()].some((all) => all.some(isBroken));
  return new Map(
    Array.from(results, ([project, all]) => [
      project,
      all.filter(isAny ? isBroken : isDifferent).map(({ name }) => name),
    ]),
  );
}

const isBroken = ({ verdict, waived }: BudgetResult): boolean =>
  verdict === 'fail' || verdict === 'error' || waived !== undefined;

const isDifferent = ({ comparison }: BudgetResult): boolean =>
  comparison !== null && (comparison.low > 1 || comparison.high < 1);

/** Explains one budget after the other, because they would disturb each other's figures. */
export async function explainAll<P extends Project>(
  projects: readonly P[],
  chosen: ReadonlyMap<P, readonly string[]>,
  { from, to, timeMs, retainers }: ExplainAsked,
  { signal, progress }: Pick<Terms, 'signal' | 'progress'>,
): Promise<readonly ProjectExplained[]> {
  const total = [...chosen.values()].reduce((sum, names) => sum + names.length, 0);
  const request: Omit<ExplainRequest, 'budget'> = {
    ...(from !== null && { from }),
    ...(to !== null && { to }),
    ...(timeMs !== null && { timeMs }),
    ...(retainers && { retainers }),
  };
  const all: ProjectExplained[] = [];
  let done = 0;
  try {
    for (const project of projects) {
      const explained: Explained[] = [];
      const failures: { budget: string; message: string }[] = [];
      for (const budget of chosen.get(project) ?? []) {
        if (signal.aborted) break;
        progress.show(done, total, budget, 'explaining');
        const answer = await project.explain(
          { budget, ...request },
          (step) => progress.show(done, total, budget, step),
          signal,
        );
        done += 1;
        if (answer.ok) explained.push(answer.value);
        else failures.push({ budget, message: answer.error });
      }
      all.push({ root: project.root, snapshot: project.snapshot, explained, failures });
    }
  } finally {
    progress.hide();
  }
  return all;
}
