import type { BudgetFigures } from '../../core/judge/baseline.js';
import type { Baseline, BudgetResult } from '../../core/results/measurement.js';
import type { WaitsFor } from '../../core/results/state.js';
import type { BaselineSide } from '../baseline/resolve.js';

/** What a run should do. */
export interface RunRequest {
  /** Names of budgets; all if absent. */
  readonly budgets?: readonly string[];
  /** Absolute paths: run only the budgets that these files can affect; all if absent. */
  readonly files?: readonly string[];
  /** A revision or the name of a captured baseline, in place of `defaults.baseline`. */
  readonly against?: string;
  /** The most one benchmark may take, in place of `defaults.time`. */
  readonly timeMs?: number;
  /** Measure again even if the same code was measured before. */
  readonly fresh?: boolean;
  /** Whether to look for what accounts for the difference of each broken budget; true if absent. */
  readonly causes?: boolean;
  /** Use the settings in `defaults.capture`, if there are any. */
  readonly capturing?: boolean;
}

/** How a run measures the budgets that it is given. */
export interface MeasureRequest extends Omit<RunRequest, 'budgets' | 'fresh'> {
  /** The budgets to measure again even if the same code was measured before; none if absent. */
  readonly fresh?: ReadonlySet<string>;
}

/** Reports the progress of a run. */
export interface RunEvents {
  readonly baseline: (baseline: Baseline | null) => void;
  /** These budgets have to be measured. */
  readonly measuring: (budgets: readonly string[]) => void;
  /** These budgets take longer than usual. */
  readonly waiting?: (budgets: readonly string[], waitsFor: WaitsFor) => void;
  readonly progress: (done: number, total: number) => void;
  /** `figures` are what a capture would keep of the result; empty if nothing was measured. */
  readonly result: (result: BudgetResult, figures: readonly BudgetFigures[]) => void;
}

/** What it takes to get a budget's answer. */
export type Outlook =
  | 'known' // already measured
  | 'unchanged' // both sides are the same code, so only one needs measuring
  | 'changed'
  | 'unable'; // some of its code is missing

/** A commit to measure in place of the working tree, with the commit before it as the baseline. */
export interface MeasuredCommit {
  readonly commit: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly code: BaselineSide;
  readonly before: { readonly old: BaselineSide | null; readonly note: string | null };
  /** Whether to answer this budget now. */
  readonly wants: (budget: string, key: string, outlook: Outlook) => boolean;
}
