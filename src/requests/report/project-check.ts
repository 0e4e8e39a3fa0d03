import path from 'node:path';
import type { Baseline, Report } from '../../core/results/measurement.js';
import { slashed } from '../../engine/util/paths.js';
import type { Snapshot } from '../../engine/project/snapshot.js';

/** What a check of one project found. */
export interface ProjectCheck {
  readonly root: string;
  readonly report: Report;
  readonly snapshot: Snapshot;
  /** The budgets that have no result because somebody interrupted the check. */
  readonly unchecked?: readonly string[] | undefined;
}

/** Returns a path as the user would write it in the working directory. */
export function shownPath(directory: string, file: string): string {
  return slashed(path.relative(directory, file)) || '.';
}

/** Returns the problems of all projects, with files relative to the working directory; lists a shared problem once. */
export function allProblems(directory: string, checked: readonly ProjectCheck[]): Report['problems'] {
  const problems = checked.flatMap(({ root, report }) =>
    report.problems.map(({ file, line, column, message }) => ({
      file: shownPath(directory, path.resolve(root, file)),
      line,
      column,
      message,
    })),
  );
  return [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()];
}

/** Returns the problems of a project's files as a report has them. */
export const problemsOf = ({ root, snapshot }: Pick<ProjectCheck, 'root' | 'snapshot'>): Report['problems'] =>
  snapshot.problems.map(({ location: { file, start }, message }) => ({
    file: shownPath(root, file),
    ...start,
    message,
  }));

/** Returns the one baseline that all projects were compared with; null if they differ. */
export function commonBaseline(checked: readonly ProjectCheck[]): Baseline | null {
  const [first, ...others] = checked.map(({ report }) => report.baseline);
  const same = others.every((other) => other?.name === first?.name && other?.commit === first?.commit);
  return same ? (first ?? null) : null;
}

/** Returns the milliseconds that the user has waited; a program that ends with its answer began when it was started. */
export const elapsedMs = (startedAt = 0): number => Math.round(performance.now() - startedAt);

/** Returns what the user should know about a project's environment, although nothing in its files is wrong. */
export const warningsOf = ({ problems }: Snapshot): readonly string[] =>
  problems.flatMap(({ warning, message }) => (warning === true ? [message] : []));
