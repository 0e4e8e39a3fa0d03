/** A place in the user's source: line and column count from one. `file` is relative to the folder of the configuration. */
export interface SourcePlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A figure with the unit that JSON prints: nanoseconds are `ns`, `us`, `ms` or `s`; memory is `bytes`. */
export interface Figure {
  readonly value: number;
  readonly unit: string;
}

/** Why V8 runs some code slowly, as V8 itself reported it. */
export interface SlowReason extends SourcePlace {
  readonly kind: 'deoptimized' | 'megamorphic' | 'dictionary' | 'not optimized';
  /** The function that it happened in, as the outline of its file names it; null for code outside of functions. */
  readonly function: string | null;
  /** One sentence without its place: what V8 did and why, and the usual remedy. */
  readonly message: string;
}

/** A line of a cause. */
export interface CauseLine {
  readonly line: number;
  readonly column: number;
  /** The source line, without the space around it. */
  readonly text: string;
  /** Of the whole difference. */
  readonly share: number;
  /** Whether the user changed it. */
  readonly changed: boolean;
}

/** A function that accounts for a part of the difference between old and current code, and its line that accounts for most of it. */
export interface Cause {
  /** Self time in a function; the collector's work, placed where most more is allocated; memory that a function allocates or keeps. */
  readonly kind: 'time' | 'garbage collection' | 'allocated' | 'retained';
  /** As the outline of its file names it: `LruCache.set`; null for code outside of functions, or without a place. */
  readonly function: string | null;
  /** Its name in the old code, if it has another one there. */
  readonly was?: string;
  /** The function in which the line spends the time, if it calls one that has not changed; the figures include it. */
  readonly callee?: string;
  /** The installed package that it, or its callee, is part of: `lodash`; absent for the user's own code. */
  readonly package?: string;
  /** Null if only the function is known, or nothing. */
  readonly file: string | null;
  readonly line: number | null;
  readonly column: number | null;
  /** The source line, without the space around it; empty if it is not known. */
  readonly text: string;
  /** Whether the user changed this line, or a line beside it that stands for the same statement. */
  readonly changed: boolean;
  /** A call, by the trusted measurement: self time, or bytes. */
  readonly baseline: Figure;
  readonly current: Figure;
  /** Of the whole difference, with a 95% interval. All causes together may exceed 1, because other code became faster. */
  readonly share: number;
  readonly low: number;
  readonly high: number;
  /** Bytes a call that this function allocates itself; absent if not sampled. */
  readonly allocated?: { readonly baseline: number; readonly current: number };
  /** All lines of the function that account for a part, most first; absent if there is only one. */
  readonly lines?: readonly CauseLine[];
  /** What V8 reported about this function. */
  readonly reasons?: readonly SlowReason[];
  /** Of memory that is kept: the constructor, and the path from a root of the heap to it, one step each. */
  readonly retainer?: { readonly constructor: string; readonly path: readonly string[] };
}

/** Where the difference between old and current code is. */
export interface Explanation {
  readonly metric: 'time' | 'allocated' | 'retained';
  /** A call, as the verdict has them. */
  readonly baseline: Figure;
  readonly current: Figure;
  /** Those in lines that the user changed come first, then by share. Empty if there is nothing to explain. */
  readonly causes: readonly Cause[];
  /** The part of the difference that the causes explain together; null if nothing differs. */
  readonly explained: number | null;
  /** What a reader must know besides: that less than half is explained, that the time is spent waiting. One or more sentences. */
  readonly note: string | null;
}
