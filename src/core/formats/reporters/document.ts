import type { BudgetResult, CheckResult, Report, Verdict } from '../../results/measurement.js';
import { byGravity } from '../../text/terminal.js';

/** Where something stands: the file relative to the working directory, with `/`; line and column from 1. */
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
  /** Absent where it has none. */
  readonly tags?: readonly string[];
  /** What its baseline is called, where the budgets of a document have different ones. */
  readonly against?: string;
}

export interface ProblemEntry extends Place {
  readonly message: string;
  /** Told, and no reason to fail. */
  readonly warning?: true;
}

/** What `check --json` prints, and all that a reporter is told; `merge` reads it back. */
export interface CheckDocument extends Report {
  readonly budgets: readonly BudgetEntry[];
  readonly problems: readonly ProblemEntry[];
  /** Which part of all budgets this is; absent where it is all of them. */
  readonly shard?: { readonly index: number; readonly count: number };
}

/** What a budget is compared with, in words. */
export const againstOf = ({ against }: BudgetEntry, { baseline }: CheckDocument): string =>
  against ?? baseline?.name ?? 'the baseline';

export const worstFirst = ({ budgets }: CheckDocument): readonly BudgetEntry[] => budgets.toSorted(byGravity);

const mildestFirst: readonly Verdict[] = ['pass', 'warn', 'undecided', 'fail', 'error'];

/** The gravest of several verdicts; `pass` of none. */
export function worstOf(verdicts: readonly Verdict[]): Verdict {
  const worst = Math.max(0, ...verdicts.map((verdict) => mildestFirst.indexOf(verdict)));
  return mildestFirst[worst] ?? 'pass';
}

/** `bench/a.bench.ts:12:3` */
export const placeText = ({ file, line, column }: Place): string => `${file}:${line}:${column}`;
