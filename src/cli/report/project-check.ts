import path from 'node:path';
import type { Baseline, Report } from '../../core/results/measurement.js';
import { slashed } from '../../engine/util/paths.js';
import type { Snapshot } from '../../engine/project/snapshot.js';

/** What one project had to say. */
export interface ProjectCheck {
  readonly root: string;
  readonly report: Report;
  readonly snapshot: Snapshot;
}

/** A path as the user would write it where they are. */
export function shownPath(directory: string, file: string): string {
  return slashed(path.relative(directory, file)) || '.';
}

/** The problems of all projects, their files as seen from the working directory; what several have is shown once. */
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

/** The one baseline that all projects were compared with; null where they differ. */
export function commonBaseline(checked: readonly ProjectCheck[]): Baseline | null {
  const [first, ...others] = checked.map(({ report }) => report.baseline);
  const same = others.every((other) => other?.name === first?.name && other?.commit === first?.commit);
  return same ? (first ?? null) : null;
}

/** Milliseconds since the program was started: what the user has waited for, loading and bundling included. */
export const elapsedMs = (): number => Math.round(performance.now());

/** What the user should know about a project's surroundings; nothing in its files is wrong. */
export const warningsOf = ({ problems }: Snapshot): readonly string[] =>
  problems.flatMap(({ warning, message }) => (warning === true ? [message] : []));
