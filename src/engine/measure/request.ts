import type { BudgetFigures } from '../../core/judge/baseline.js';
import type { Baseline, BudgetResult } from '../../core/results/measurement.js';
import type { BaselineSide } from '../baseline/resolve.js';

/** What a run is to do. */
export interface RunRequest {
  /** Names of budgets; all where absent. */
  readonly budgets?: readonly string[];
  /** Absolute paths: only the budgets that these files can change. All where absent. */
  readonly files?: readonly string[];
  /** A revision or the name of a captured baseline, in place of `defaults.baseline`. */
  readonly against?: string;
  /** The most one benchmark may take, in place of `defaults.time`. */
  readonly timeMs?: number;
  /** Measure again even where the same code was measured before. */
  readonly fresh?: boolean;
  /** As `defaults.capture` says, where it does. */
  readonly capturing?: boolean;
}

/** Reports the progress of a run. */
export interface RunEvents {
  readonly baseline: (baseline: Baseline | null) => void;
  /** These budgets have to be measured. */
  readonly measuring: (budgets: readonly string[]) => void;
  readonly progress: (done: number, total: number) => void;
  /** With what a capture would keep of it; nothing where nothing was measured. */
  readonly result: (result: BudgetResult, figures: readonly BudgetFigures[]) => void;
}

/** What it takes to answer a budget. */
export type Outlook =
  | 'known' // it was measured before
  | 'unchanged' // both sides are the same code: one of them is to be measured
  | 'changed'
  | 'unable'; // some of its code is not there

/** A commit that is measured in place of the working tree, with the commit before it as its baseline. */
export interface MeasuredCommit {
  readonly commit: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly code: BaselineSide;
  readonly before: { readonly old: BaselineSide | null; readonly note: string | null };
  /** Whether a budget is to be answered now. */
  readonly wants: (budget: string, key: string, outlook: Outlook) => boolean;
}
