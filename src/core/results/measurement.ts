import type { Severity, Waiver } from '../language/budget.js';
import type { Comparison, Side } from '../stats/estimate.js';
import type { AnswerComparison } from './answers.js';
import type { Cause, Explanation } from './causes.js';

/** Everything that one run of a benchmark measured; the history and the cache keep it. */
export interface Measurement {
  readonly benchmark: string;
  readonly current: Side;
  /** Null if no old code could run. */
  readonly baseline: Side | null;
  readonly comparison: Comparison | null;
  /** Slices or iterations measured on the current side. */
  readonly samples: number;
  readonly elapsedMs: number;
  /** V8 may not have finished optimizing the code: in the long run it may be faster than this. */
  readonly unsettled?: boolean;
  /** An iteration takes no longer than that of an empty function. */
  readonly empty?: boolean;
  /** Other programs kept the machine so busy that runs of the same code took very different times. */
  readonly disturbed?: boolean;
  /** How what the current code returns compares with what the old code does, if a budget asks. */
  readonly answers?: AnswerComparison;
  /** Nothing ran: both sides are the same code, and no check needs a figure. */
  readonly unmeasured?: boolean;
  /** When it was kept, in milliseconds since the epoch; absent if it is new. */
  readonly at?: number;
  /** Why there is a baseline but no old code to compare with, in a few words: `sum does not exist at HEAD`. */
  readonly notCompared?: string;
  /** What kept the old code from running may be over the next time: a machine that was too busy, too little memory. */
  readonly mayPass?: true;
  /** Nothing that we see has changed, but this sentence says what we do not see. */
  readonly unseen?: string;
  /** Where the difference is, if it was looked for; found after the verdict, of which it changes nothing. */
  readonly explanation?: Explanation;
  /** Something the user should know that is not a failure: most of the time is the cost of a promise. */
  readonly note: string | null;
}

/** Why a benchmark could not be measured. */
export interface RunFailure {
  readonly kind:
    | 'not-found' // no bench file has that name
    | 'compile' // the bench file does not bundle
    | 'import' // it threw while loading
    | 'threw' // the benchmark threw in the loop
    | 'exited' // it exited the process
    | 'memory' // it used too much memory
    | 'timeout' // it did not finish in time
    | 'crashed' // a signal ended it
    | 'spawn'; // Node could not be started
  /** One sentence that says what failed and how to fix it. */
  readonly message: string;
  /** The side whose code failed, if only one did. */
  readonly side?: 'current' | 'baseline';
  /** Where it failed, if known. */
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  /** The whole stack of what was thrown, in the places of the user's files. */
  readonly stack?: string;
}

/** What a verdict on the change rests on: a measurement of both sides, or equal code; or on nothing, and `why` says why. */
export type Compared = 'measured' | 'same code' | 'nothing';

export type Verdict = 'pass' | 'warn' | 'fail' | 'undecided' | 'error';

export interface CheckResult {
  readonly check: string;
  readonly level: 'target' | 'acceptable' | 'limit';
  readonly verdict: Verdict;
  /** In `unit`; null if nothing was measured. */
  readonly measured: { value: number; low: number; high: number; unit: string } | null;
  readonly bound: { value: number; unit: string } | null;
  /** The share of the bound that is used: 0.81; null if nothing is known. */
  readonly used: number | null;
  /** Why a check is undecided, what it needs, how a family grows; null if the figures say enough. */
  readonly note: string | null;
  /** The benchmark of these figures if there are several: the one furthest from holding. */
  readonly benchmark?: string;
  /** It is undecided because V8 may not have finished optimizing the code. Absent in results of older versions, too. */
  readonly unsettled?: true;
}

/** Something about a budget that no check says, and that its verdict must not hide. */
export interface Concern {
  readonly kind: 'answer' | 'vanished' | 'implausible';
  /** The budget's verdict is at least as grave as this. */
  readonly verdict: 'fail' | 'undecided' | 'warn';
  /** What the budget's code does, without the subject: `returns a different answer than at HEAD: …`. */
  readonly message: string;
  /** The benchmark, if the budget has several. */
  readonly benchmark?: string;
}

/** The result of one budget in a run, in the shape that `--json` prints. */
export interface BudgetResult {
  readonly name: string;
  readonly benchmark: string;
  readonly verdict: Verdict;
  readonly severity: Severity | null;
  readonly cached: boolean;
  readonly elapsedMs: number;
  readonly samples: number;
  readonly comparison: { ratio: number; low: number; high: number } | null;
  /** Absent in results of older versions. */
  readonly compared?: Compared;
  /** Why nothing was compared, or what nobody could see of code that looks the same. */
  readonly why?: string;
  readonly checks: readonly CheckResult[];
  /** The parts of a sum's figure, in order. */
  readonly parts?: readonly { readonly name: string; readonly value: number; readonly unit: string }[];
  readonly message: string;
  /** What a reader must know to understand the figures: that nothing is measured, that iterations failed. */
  readonly note?: string;
  /** What the checks do not say, gravest first; absent if there is nothing. */
  readonly concerns?: readonly Concern[];
  /** What accounts for the difference, first what to look at first; absent if it was not looked for. */
  readonly causes?: readonly Cause[];
  /** What a reader of the causes must know: that they explain less than half of the difference. */
  readonly causesNote?: string;
  /** Where the benchmark failed, if it did and the place is known. `file` is relative to the folder of the configuration. */
  readonly failure?: {
    readonly file: string;
    readonly line: number;
    readonly column: number;
    /** The stack of what was thrown, for who sees it at once: neither the history nor a report keeps it. */
    readonly stack?: string;
  };
  /** The waiver that makes a broken budget a warning; absent if it is not broken or the waiver has ended. */
  readonly waived?: Waiver;
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly os: string;
  readonly node: string;
  /** Its power source now; null if the system does not report it. */
  readonly power: 'mains' | 'battery' | null;
  /** The system's policy for the clock rate (`performance`, `powersave`, …); null if it does not report it. */
  readonly governor: string | null;
  /** Whether it is a virtual machine, whose cores may be shared; null if the system does not report it. */
  readonly virtual: boolean | null;
  /** Bytes. */
  readonly memory: number;
}

/** A machine of which nothing is known, because nothing may run there or an older version did not keep it. */
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

/** The name of the old code and where it is. `commit` is null if the baseline is a kept bundle (no git). */
export interface Baseline {
  readonly name: string;
  readonly commit: string | null;
}

export interface Report {
  readonly version: 1;
  readonly verdict: Verdict;
  readonly elapsedMs: number;
  readonly baseline: Baseline | null;
  /** Whether HEAD is the baseline and no file differs from it, so that no budget could compare anything. */
  readonly unchanged?: true;
  readonly machine: Machine;
  readonly budgets: readonly BudgetResult[];
  readonly problems: readonly { file: string; line: number; column: number; message: string }[];
}
