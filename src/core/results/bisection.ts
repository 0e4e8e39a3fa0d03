import type { Cause } from './causes.js';

/** A ratio of costs, current ÷ old, with its interval. */
export interface Ratio {
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}

/** What one tested commit is beside the good end. */
export type TestedVerdict = 'same code' | 'as fast' | 'slower' | 'faster' | 'undecided';

/** A commit that changed the cost of a budget, in the shape that `--json` prints. */
export interface FoundCommit {
  readonly commit: string;
  readonly author: string;
  /** When it was written, in ISO 8601. */
  readonly date: string;
  readonly subject: string;
  /** The costs before and after it, beside the good end. */
  readonly before: Ratio;
  readonly after: Ratio;
  /** Its cost beside the commit before it. */
  readonly step: Ratio;
  /** The commit that it was compared with: its parent, or the last one before it that can run. */
  readonly parent: string;
  /** The commits one of which made the change, this one included; absent if it is certain that this one did. */
  readonly among?: readonly string[];
  /** Whether it merges other commits, of which one may have made the change. */
  readonly isMerge?: true;
  /** What accounts for the difference, first what to look at first; absent if nothing was found. */
  readonly causes?: readonly Cause[];
  readonly causesNote?: string;
}

export interface TestedCommit extends Ratio {
  readonly commit: string;
  readonly verdict: TestedVerdict;
}

export type BisectOutcome =
  | 'found'
  | 'no difference'
  | 'faster' // the bad end is
  | 'undecided'; // whether the ends differ, or where

/** Which commits changed the cost of a budget between two. */
export interface Bisection {
  readonly budget: string;
  /** The benchmark that was measured: of several, the one that became slower most. */
  readonly benchmark: string;
  /** What was compared: `time`, or another metric of the budget if its time is the same. */
  readonly metric: string;
  readonly outcome: BisectOutcome;
  readonly good: { readonly name: string; readonly commit: string };
  /** With its cost beside the good end. */
  readonly bad: { readonly name: string; readonly commit: string } & Ratio;
  /** How many commits there are after the good end, up to the bad one. */
  readonly total: number;
  /** Those that changed the cost, oldest first. */
  readonly commits: readonly FoundCommit[];
  readonly tested: readonly TestedCommit[];
  readonly skipped: readonly { readonly commit: string; readonly why: string }[];
  /** What a reader must know besides, one sentence each. */
  readonly notes: readonly string[];
  readonly message: string;
}
