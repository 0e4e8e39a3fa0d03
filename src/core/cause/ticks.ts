import type { Code } from './code.js';

/** Where a function begins in the user's source, or in a package's; line and column count from one. */
export interface FunctionStart {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Samples of a profiler in one line. */
export interface Tick {
  readonly file: string;
  /** Null if only the function is known: Node's own code, which it called, took the time. Then `column` is that of the function. */
  readonly line: number | null;
  readonly column: number;
  readonly count: number;
  /** The installed package that the file belongs to; null for the user's own code. */
  readonly package: string | null;
  /** The functions that had called the one of this line, nearest first, one after the other. */
  readonly callers: readonly FunctionStart[];
  /** What the function called, if `line` is null: `readFileSync`, `RegExp: a+`; null if it is not known. */
  readonly called: string | null;
  /** Where the function begins, if `line` is null. */
  readonly start: FunctionStart | null;
}

/** The profile of one side, in the places of the user's files. */
export interface SideTicks {
  readonly ticks: readonly Tick[];
  /** Samples of the garbage collector. */
  readonly collector: number;
  /** All samples that an iteration's time consists of: those above, the loop, and what has no place. */
  readonly total: number;
  readonly code: Code;
}
