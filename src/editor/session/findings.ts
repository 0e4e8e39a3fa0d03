import path from 'node:path';
import type { Location } from '../../core/problem.js';
import type { BudgetResult } from '../../core/results/measurement.js';
import { lastResult } from '../../core/results/state.js';
import { findings, type Finding } from '../../core/text/finding.js';
import type { BudgetView, Project } from '../../engine/project/snapshot.js';
import { slashed } from '../../engine/util/paths.js';
import { againstOf } from './session.js';

/** What is wrong with a budget, with the place in the saved file where it is shown. */
export interface PlacedFinding {
  readonly finding: Finding;
  readonly location: Location;
}

/** Returns what the last result of a budget found, however old: a missed check at the function, what was thrown where it was. */
export function findingsOf(project: Project, { budget, state, code, bench }: BudgetView): readonly PlacedFinding[] {
  const result = lastResult(state);
  if (result === null) return [];
  const subject = budget.code?.symbol ?? budget.name;
  const thrown = result.failure === undefined ? null : locationOf(project.root, result.failure);
  return findings(subject, result, againstOf(project)).map((finding) => {
    const isCheck = finding.check !== null || finding.concern !== undefined;
    const location = isCheck ? (code ?? bench) : (thrown ?? bench ?? code);
    return { finding, location: location ?? budget.location };
  });
}

/** The place where a benchmark failed; VS Code widens it to the word there. */
function locationOf(root: string, { file, line, column }: NonNullable<BudgetResult['failure']>): Location {
  const start = { line, column };
  return { file: slashed(path.resolve(root, file)), start, end: start };
}
