import * as l10n from '@vscode/l10n';
import path from 'node:path';
import { worstOf } from '../../core/formats/reporters/document.js';
import { unknownMachine, type BudgetResult, type Report } from '../../core/results/measurement.js';
import type { RunRequest } from '../../engine/measure/request.js';
import type { Project } from '../../engine/project/snapshot.js';
import { budgetNames } from '../selection/selection.js';
import type { ProjectCheck } from '../report/project-check.js';
import type { Terms } from './terms.js';

/** Measures one project after the other, because they would disturb each other's figures. */
export async function measureAll(
  projects: readonly Project[],
  { directory, signal, progress }: Terms,
  request: (project: Project) => RunRequest,
): Promise<readonly ProjectCheck[]> {
  const checked: ProjectCheck[] = [];
  try {
    for (const project of projects) {
      if (signal.aborted) {
        const { root, snapshot } = project;
        checked.push({
          root,
          snapshot,
          report: emptyReport,
          unchecked: request(project).budgets ?? budgetNames(project),
        });
        continue;
      }
      const what = projects.length > 1 ? path.relative(directory, project.root) : '';
      checked.push(
        await measured(project, request(project), signal, (done, total) => progress.show(done, total, what)),
      );
    }
  } finally {
    progress.hide();
  }
  return checked;
}

async function measured(
  project: Project,
  request: RunRequest,
  signal: AbortSignal,
  onProgress: (done: number, total: number) => void,
): Promise<ProjectCheck> {
  const named = request.budgets && new Set(request.budgets);
  const asked = new Set<string>();
  const unfollow = project.onDidChange(() => {
    const { progress: now, budgets } = project.snapshot;
    if (now !== null) onProgress(now.done, now.total);
    // The first such snapshot has all of them, and there is a snapshot for each of thousands of results.
    if (asked.size > 0) return;
    // Whoever shares the project may measure others meanwhile.
    for (const { budget, state } of budgets)
      if (state.kind === 'measuring' && named?.has(budget.name) !== false) asked.add(budget.name);
  });
  try {
    const report = await project.run(request, signal);
    for (const { name } of report.budgets) asked.delete(name);
    return { root: project.root, report, snapshot: project.snapshot, unchecked: signal.aborted ? [...asked] : [] };
  } finally {
    unfollow();
  }
}

/** What is known of a project that an interruption left no time for. */
const emptyReport: Report = {
  ...{ version: 1, verdict: 'pass', elapsedMs: 0, baseline: null, machine: unknownMachine },
  ...{ budgets: [], problems: [] },
};

/** Measures failed budgets again, up to `times` times: only a budget that fails in every run has failed. */
export async function repeatFailed(
  projects: readonly Project[],
  terms: Terms,
  first: readonly ProjectCheck[],
  request: (project: Project) => RunRequest,
  times: number,
): Promise<readonly ProjectCheck[]> {
  let checked = first;
  const last = times + 1;
  for (let run = 2; run <= last; run++) {
    const failed = new Map(
      checked.map(({ root, report }) => [root, report.budgets.filter(isFailed).map(({ name }) => name)] as const),
    );
    const open = projects.filter(({ root }) => (failed.get(root) ?? []).length > 0);
    if (open.length === 0 || terms.signal.aborted) return checked;
    const repeated = await measureAll(open, terms, (project) => ({
      ...request(project),
      budgets: failed.get(project.root) ?? [],
      fresh: true,
      // What may yet pass needs none.
      ...(run < last && { causes: false }),
    }));
    checked = checked.map((before) => {
      const after = repeated.find(({ root }) => root === before.root);
      if (after === undefined) return before;
      return { ...after, report: merged(before.report, after.report, run), unchecked: before.unchecked };
    });
  }
  return checked;
}

const isFailed = ({ verdict }: BudgetResult): boolean => verdict === 'fail';

function merged(before: Report, after: Report, run: number): Report {
  const budgets = before.budgets.map((old) => {
    const found = after.budgets.find(({ name }) => name === old.name);
    if (found === undefined || !isFailed(old)) return old;
    const words = isFailed(found) ? l10n.t`failed in all ${run} runs` : l10n.t`failed at first, but not in run ${run}`;
    return { ...found, note: found.note === undefined ? words : `${found.note}; ${words}` };
  });
  return { ...after, budgets, verdict: worstOf(budgets.map(({ verdict }) => verdict)) };
}
