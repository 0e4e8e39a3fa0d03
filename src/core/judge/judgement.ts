import type { Check, Growth, Level, RunSettings } from '../language/budget.js';
import type { Unit } from '../language/quantity.js';
import type { AnswerComparison } from '../results/answers.js';
import type { BudgetResult, CheckResult, Concern, Measurement } from '../results/measurement.js';
import type { Estimate } from '../stats/estimate.js';
import type { GrowthRefusal, JudgedGrowth } from '../stats/growth.js';
import type { NoiseShortfall } from '../stats/noise.js';

/** One of a budget's benchmarks, or a sum. */
export interface Member {
  readonly name: string;
  /** The number in place of a family's placeholder; null if there is none. */
  readonly size: number | null;
  readonly measurement: Measurement;
  /** What one iteration counts as. */
  readonly work: RunSettings['work'];
  /** The parts of a sum. */
  readonly parts?: readonly Pick<Member, 'name' | 'measurement'>[];
}

/** A number and its interval to compare with a bound: in the base unit, or a ratio if the bound is on another figure. */
export type ComparedEstimate = Pick<Estimate, 'value' | 'low' | 'high'>;

/** Why a check is undecided, or what the figures alone do not say. `text/reason.ts` has a sentence for each. */
export type Reason =
  /** The measurement's note explains why there is nothing. */
  | { readonly kind: 'noted'; readonly note: string }
  /** V8 may not have finished optimizing the code, as the measurement's note says. */
  | { readonly kind: 'unsettled'; readonly note: string }
  | { readonly kind: 'not-measured'; readonly metric: string; readonly note: string | null }
  | { readonly kind: 'not-additive'; readonly metric: string }
  /** Nobody has recorded a value for a `manual` budget. */
  | { readonly kind: 'not-recorded'; readonly budget: string }
  | { readonly kind: 'not-reported'; readonly metric: string; readonly reported: readonly string[] }
  /** `unit` is the reported one; null if the benchmark gives none. */
  | {
      readonly kind: 'unit-mismatch';
      readonly metric: string;
      readonly unit: string | null;
      readonly bound: { readonly value: number; readonly unit: Unit };
    }
  /** There is a baseline, but no old code that could be measured. */
  | { readonly kind: 'not-compared'; readonly why: string }
  | { readonly kind: 'not-in-baseline'; readonly metric: string; readonly baseline: string }
  | { readonly kind: 'reference-not-measured'; readonly reference: string }
  /** The reference is a family, and none of its `count` members has the size of `member`. */
  | {
      readonly kind: 'reference-without-size';
      readonly reference: string;
      readonly count: number;
      readonly member: string;
    }
  | { readonly kind: 'reference-unanswered'; readonly reference: string; readonly reason: Reason }
  /** One size of a family has no figure. */
  | { readonly kind: 'size-unanswered'; readonly member: string; readonly reason: Reason }
  /** `seconds` is the time that should give enough samples. */
  | {
      readonly kind: 'too-few-samples';
      readonly metric: string;
      readonly needed: number;
      readonly taken: number;
      readonly seconds: number;
    }
  /** `iterationNs` is set if iterations are so long that there was time for only one process. */
  | { readonly kind: 'too-noisy'; readonly shortfall: NoiseShortfall; readonly iterationNs: number | null }
  /** Runs of the same code took so different times that only a busy machine explains it. */
  | { readonly kind: 'disturbed' }
  | { readonly kind: 'growth'; readonly metric: string; readonly growth: JudgedGrowth }
  | {
      readonly kind: 'growth-refused';
      readonly bound: Growth;
      readonly refusal: GrowthRefusal;
    }
  /** Nothing was measured, because nothing could differ. */
  | { readonly kind: 'same-code'; readonly baseline: string }
  /** A recorded value is so old, in days, that the code has probably changed since. */
  | { readonly kind: 'stale'; readonly days: number };

/** A check and its judgement. */
export interface JudgedCheck extends Pick<CheckResult, 'verdict' | 'measured' | 'bound' | 'used'> {
  readonly check: Check;
  readonly level: Level;
  readonly reason: Reason | null;
  /** The change against the old code, if the check is about that: above 1 is worse. */
  readonly change: ComparedEstimate | null;
  /** The member that decided it; null if all did together. */
  readonly member: Member | null;
  /** Whether more measuring could answer it at all. */
  readonly answerable: boolean;
  /** Whether it is about a change that nobody could see, so that the budget cannot pass. */
  readonly isOwed: boolean;
}

/** What a family or pattern of benchmarks lost since the baseline. */
export interface Vanished {
  /** The benchmarks that the baseline has and the current code has not. */
  readonly gone: readonly string[];
  /** How many the baseline has. */
  readonly had: number;
}

/** What no check says. `text/concern.ts` has the sentences. */
export type JudgedConcern = { readonly verdict: Concern['verdict'] } & (
  | { readonly kind: 'answer'; readonly member: Named; readonly answers: Exclude<AnswerComparison, { kind: 'same' }> }
  | {
      readonly kind: 'implausible';
      readonly member: Named;
      /** The gain; null if an iteration takes no longer than that of an empty function. */
      readonly comparison: ComparedRatio | null;
    }
  | ({ readonly kind: 'vanished' } & Vanished)
);

type Named = Pick<Member, 'name'>;
type ComparedRatio = NonNullable<BudgetResult['comparison']>;

/** The judgement of a budget, as data. `text/result.ts` turns it into a `BudgetResult` with sentences. */
export interface Judgement extends Omit<
  BudgetResult,
  'checks' | 'message' | 'note' | 'waived' | 'concerns' | 'failure'
> {
  readonly checks: readonly JudgedCheck[];
  readonly concerns: readonly JudgedConcern[];
  /** The benchmark whose change against the old code stands for the budget. */
  readonly shown: Member | null;
  /** Whether there are several benchmarks, so that each figure needs its benchmark's name. */
  readonly several: boolean;
  /** The baseline's name. */
  readonly against: string;
  /** For a value recorded by hand: when, by whom, and its age in days if that is too old; null before the first. */
  readonly recorded?: { readonly at: string; readonly by: string; readonly staleDays: number | null } | null;
}
