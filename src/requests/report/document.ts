import path from 'node:path';
import { unknownMachine, type BudgetResult } from '../../core/results/measurement.js';
import type { Location } from '../../core/problem.js';
import type { Cause } from '../../core/results/causes.js';
import { worstOf, type BudgetEntry, type CheckDocument, type Place } from '../../core/formats/reporters/document.js';
import type { BudgetView } from '../../engine/project/snapshot.js';
import { allProblems, commonBaseline, elapsedMs, shownPath, warningsOf, type ProjectCheck } from './project-check.js';
import type { Shard } from '../../core/ci/shard.js';

/**
 * Returns one document for all projects, with paths as the user would write them in the working directory. `startedAt` is when
 * the user began to wait, by `performance.now()`.
 */
export function checkDocument(
  directory: string,
  checked: readonly ProjectCheck[],
  shard: Shard | null = null,
  startedAt = 0,
): CheckDocument {
  const baseline = commonBaseline(checked);
  const reports = checked.map(({ report }) => report);
  const unchecked = checked.flatMap((one) => one.unchecked ?? []);
  const warnings = new Set(checked.flatMap(({ snapshot }) => warningsOf(snapshot)));
  return {
    version: 1,
    verdict: worstOf(reports.map(({ verdict }) => verdict)),
    elapsedMs: reports.some((report) => report.elapsedMs > 0) ? elapsedMs(startedAt) : 0,
    baseline,
    ...(reports.length > 0 && reports.every(({ unchanged }) => unchanged === true) && { unchanged: true as const }),
    machine: reports[0]?.machine ?? unknownMachine,
    ...(shard !== null && { shard }),
    ...(unchecked.length > 0 && { unchecked }),
    budgets: checked.flatMap(({ root, report, snapshot }) => {
      const views = new Map(snapshot.budgets.map((view) => [view.budget.name, view]));
      return report.budgets.map((result): BudgetEntry => {
        const view = views.get(result.name) ?? null;
        const against = baseline === null && report.baseline !== null ? { against: report.baseline.name } : {};
        return {
          ...{ ...result, ...against, ...writtenOf(directory, result, view) },
          ...{ ...failureOf(directory, root, result), ...causesOf(directory, root, result) },
        };
      });
    }),
    problems: allProblems(directory, checked).map((problem) => ({
      ...problem,
      ...(warnings.has(problem.message) && { warning: true }),
    })),
  };
}

/** Returns where a budget is shown and where it is written, its checks with their places, and its tags. */
function writtenOf(
  directory: string,
  { checks }: BudgetEntry,
  view: BudgetView | null,
): Pick<BudgetEntry, 'checks' | 'place' | 'written' | 'tags'> {
  if (view === null) return { checks };
  const { budget, code, bench } = view;
  return {
    place: placeOf(directory, code ?? bench ?? budget.location),
    written: placeOf(directory, budget.location),
    ...(budget.tags !== undefined && { tags: budget.tags }),
    checks: checks.map((result) => {
      const location = budget.checks.find(
        ({ text, level }) => text === result.check && level === result.level,
      )?.location;
      return location === null || location === undefined ? result : { ...result, place: placeOf(directory, location) };
    }),
  };
}

/** Returns where a benchmark failed, as the user would write the file. */
const failureOf = (directory: string, root: string, { failure }: BudgetResult): Pick<BudgetEntry, 'failure'> =>
  failure === undefined
    ? {}
    : {
        failure: {
          file: shownPath(directory, path.resolve(root, failure.file)),
          line: failure.line,
          column: failure.column,
        },
      };

/** Returns the causes with their files as the user would write them. */
const causesOf = (directory: string, root: string, { causes }: BudgetResult): Pick<BudgetEntry, 'causes'> =>
  causes === undefined
    ? {}
    : { causes: causes.map((cause) => movedCause(cause, (file) => shownPath(directory, path.resolve(root, file)))) };

/** Returns a cause with its files, and those of its reasons, renamed. */
export const movedCause = (cause: Cause, rename: (file: string) => string): Cause => ({
  ...cause,
  file: cause.file === null ? null : rename(cause.file),
  ...(cause.reasons !== undefined && {
    reasons: cause.reasons.map((reason) => ({ ...reason, file: rename(reason.file) })),
  }),
});

const placeOf = (directory: string, { file, start }: Location): Place => ({
  file: shownPath(directory, file),
  ...start,
});

/** Returns the document with paths relative to a folder around the working directory: the root of a repository. */
export function seenFrom(root: string, directory: string, document: CheckDocument): CheckDocument {
  const rename = (file: string): string => shownPath(root, path.resolve(directory, file));
  const moved = <T extends Place | undefined>(place: T): T =>
    place === undefined ? place : { ...place, file: rename(place.file) };
  return {
    ...document,
    budgets: document.budgets.map((budget) => ({
      ...budget,
      ...(budget.place !== undefined && { place: moved(budget.place) }),
      ...(budget.written !== undefined && { written: moved(budget.written) }),
      ...(budget.failure !== undefined && { failure: moved(budget.failure) }),
      ...(budget.causes !== undefined && { causes: budget.causes.map((cause) => movedCause(cause, rename)) }),
    })),
    problems: document.problems.map(moved),
  };
}
