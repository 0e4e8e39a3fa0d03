import type { Severity, Waiver } from '../language/budget.js';
import type { Comparison, Side } from '../stats/estimate.js';

/** Everything that one run of a benchmark learned; what the history and the cache keep. */
export interface Measurement {
  readonly benchmark: string;
  readonly current: Side;
  /** Null where no old code could be run: `note` says why. */
  readonly baseline: Side | null;
  readonly comparison: Comparison | null;
  /** Slices or iterations measured on the current side. */
  readonly samples: number;
  readonly elapsedMs: number;
  /** Something the user should know that is no failure: "the benchmark is new: HEAD does not have it". */
  readonly note: string | null;
}

/** Why a benchmark could not be measured. */
export interface RunFailure {
  readonly kind:
    | 'not-found' // no bench file has that name
    | 'compile' // the bench file does not bundle
    | 'import' // it threw while it was loaded
    | 'threw' // the benchmark threw in the loop
    | 'exited' // it ended the process
    | 'memory' // it grew until it had to be ended
    | 'timeout' // it did not finish in time
    | 'crashed' // a signal ended it
    | 'spawn'; // Node could not be started
  /** One sentence that says what, and the way out. */
  readonly message: string;
  /** Which side's code failed, where only one of them did. */
  readonly side?: 'current' | 'baseline';
  /** Where, if that is known. */
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
}

export type Verdict = 'pass' | 'warn' | 'fail' | 'undecided' | 'error';

export interface CheckResult {
  readonly check: string;
  readonly level: 'target' | 'acceptable' | 'limit';
  readonly verdict: Verdict;
  /** In `unit`; null where nothing was measured. */
  readonly measured: { value: number; low: number; high: number; unit: string } | null;
  readonly bound: { value: number; unit: string } | null;
  /** The share of the bound that is used: 0.81; null where nothing was measured. */
  readonly used: number | null;
  /** Why a check is undecided, what it needs, how a family grows; null where the figures say it. */
  readonly note: string | null;
  /** Of several benchmarks the one that these figures are of: the one that is furthest from holding. */
  readonly benchmark?: string;
}

/** What a run says of one budget. This is the shape that `--json` prints. */
export interface BudgetResult {
  readonly name: string;
  readonly benchmark: string;
  readonly verdict: Verdict;
  readonly severity: Severity | null;
  readonly cached: boolean;
  readonly elapsedMs: number;
  readonly samples: number;
  readonly comparison: { ratio: number; low: number; high: number } | null;
  readonly checks: readonly CheckResult[];
  /** What a sum's time is made of, in order. */
  readonly parts?: readonly { readonly name: string; readonly value: number; readonly unit: string }[];
  readonly message: string;
  /** What the figures cannot be understood without: that nothing is measured, that iterations failed. */
  readonly note?: string;
  /** A broken budget that is a warning for a while; absent where it is not broken, or the waiver has ended. */
  readonly waived?: Waiver;
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly os: string;
  readonly node: string;
  /** What it runs on now; null where the system does not say. */
  readonly power: 'mains' | 'battery' | null;
  /** What the system does about the clock rate (`performance`, `powersave`, …); null where it does not say. */
  readonly governor: string | null;
  /** Whether it is a guest, whose cores may be shared; null where the system does not say. */
  readonly virtual: boolean | null;
  /** Bytes. */
  readonly memory: number;
}

/** Nothing is known: where nothing may run, and what older versions did not keep. */
export const unknownMachine: Machine = {
  cpu: '',
  cores: 0,
  os: '',
  node: '',
  power: null,
  governor: null,
  virtual: null,
  memory: 0,
};

/** What the old code is called and where it is. `commit` is null where the baseline is a kept bundle (no git). */
export interface Baseline {
  readonly name: string;
  readonly commit: string | null;
}

export interface Report {
  readonly version: 1;
  readonly verdict: Verdict;
  readonly elapsedMs: number;
  readonly baseline: Baseline | null;
  readonly machine: Machine;
  readonly budgets: readonly BudgetResult[];
  readonly problems: readonly { file: string; line: number; column: number; message: string }[];
}
