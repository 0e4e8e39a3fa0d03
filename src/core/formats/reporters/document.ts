import type { BudgetResult, CheckResult, Report, Verdict } from '../../results/measurement.js';
import { byGravity } from '../../text/terminal.js';

/** A place in a file: the path relative to the working directory, with `/`; line and column from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface CheckEntry extends CheckResult {
  /** Where it is written; absent for a check that nobody wrote. */
  readonly place?: Place;
}

export interface BudgetEntry extends BudgetResult {
  readonly checks: readonly CheckEntry[];
  /** Where it is shown: the function, else the benchmark, else the budget itself. */
  readonly place?: Place;
  /** Where the budget is written. */
  readonly written?: Place;
  /** Absent if it has none. */
  readonly tags?: readonly string[];
  /** The name of its baseline, if the budgets of a document have different ones. */
  readonly against?: string;
}

export interface ProblemEntry extends Place {
  readonly message: string;
  /** Shown, but no reason to fail. */
  readonly warning?: true;
}

/** What `check --json` prints and all that a reporter gets; `merge` reads it back. */
export interface CheckDocument extends Report {
  readonly budgets: readonly BudgetEntry[];
  readonly problems: readonly ProblemEntry[];
  /** Which part of the budgets this is; absent if it is all of them. */
  readonly shard?: { readonly index: number; readonly count: number };
}

/** Returns the name of what a budget is compared with. */
export const againstOf = ({ against }: BudgetEntry, { baseline }: CheckDocument): string =>
  against ?? baseline?.name ?? 'the baseline';

export const worstFirst = ({ budgets }: CheckDocument): readonly BudgetEntry[] => budgets.toSorted(byGravity);

const mildestFirst: readonly Verdict[] = ['pass', 'warn', 'undecided', 'fail', 'error'];

/** Returns the worst of several verdicts; `pass` if there are none. */
export function worstOf(verdicts: readonly Verdict[]): Verdict {
  const worst = Math.max(0, ...verdicts.map((verdict) => mildestFirst.indexOf(verdict)));
  return mildestFirst[worst] ?? 'pass';
}

/** `bench/a.bench.ts:12:3` */
export const placeText = ({ file, line, column }: Place): string => `${file}:${line}:${column}`;
