import type { Profiler } from 'node:inspector';
import type { Explanation } from '../../core/results/causes.js';
import type { BudgetResult } from '../../core/results/measurement.js';

/** What to explain, old code against new. */
export interface ExplainRequest {
  /** The name of a budget. */
  readonly budget: string;
  /** A revision or the name of a captured baseline, as the old code; absent for the budget's own baseline. */
  readonly from?: string;
  /** A revision, as the new code; absent for the working tree. */
  readonly to?: string;
  /** The most the comparison may take, in place of the budget's time. */
  readonly timeMs?: number;
  /** Whether to find out what keeps the memory that leaks, which takes heap snapshots. */
  readonly retainers?: boolean;
}

/** A V8 profile whose places are those of the user's files: what `.cpuprofile` files contain. */
export type CpuProfile = Profiler.Profile;

/** Why a budget costs what it costs. */
export interface Explained {
  readonly budget: string;
  readonly benchmark: string;
  /** The names of both sides: `HEAD`, `v3.0.0`; `the working tree`. */
  readonly from: string;
  readonly to: string;
  /** The verdict, which the explanation does not change. It has the same causes. */
  readonly result: BudgetResult;
  /** Null if nothing could be explained; then `why` says why, in a sentence. */
  readonly explanation: Explanation | null;
  readonly why: string | null;
  /** Null if no profile was taken. */
  readonly profiles: { readonly baseline: CpuProfile; readonly current: CpuProfile } | null;
}
