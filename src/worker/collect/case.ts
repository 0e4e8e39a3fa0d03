/** What a library does with a benchmark: its own warm-up, or the run that it measures. */
export type Mode = 'run' | 'warmup';

/** A hook of tinybench or vitest; both pass a mode, and neither uses the return value. */
export type Hook = (mode: Mode) => unknown;

/** One benchmark as its bench file defined it, whatever library it was written for. */
export interface Case {
  /** `suite/case`: the names of the enclosing `describe`s and of a named `Bench`, joined with `/`. */
  readonly name: string;
  readonly fn: () => unknown;
  /** Around one phase (a warm-up, a run): outermost first. */
  readonly before: readonly Hook[];
  /** Around one phase: innermost first. */
  readonly after: readonly Hook[];
  /** Around every iteration, outside the timed part. */
  readonly beforeEach: readonly Hook[];
  readonly afterEach: readonly Hook[];
  /** The library runs `before` and `after` twice, around its warm-up and around its run, and for one benchmark at a time. */
  readonly hasPhases?: boolean;
  /** If each iteration has parameters computed for it: the same function, which takes them, in place of `fn` and `beforeEach`. */
  readonly computed?: Computed;
  /** If calling `fn` again and again is not what the library does. */
  readonly loop?: OwnLoop;
  /** How many iterations the library has in flight at once, if the function returns promises. */
  readonly concurrency?: number;
  /** The library collects all garbage before what it times. */
  readonly collects?: boolean;
  /** What is known only when the hooks of `before` have run, in place of the above. */
  readonly late?: () => Partial<Pick<Case, 'fn' | 'beforeEach' | 'computed'>>;
}

/** A function and what computes its arguments, outside the timed part; what computes them may return promises. */
export interface Computed {
  readonly parameters: readonly (() => unknown)[];
  readonly fn: (...args: readonly unknown[]) => unknown;
}

/**
 * Runs `n` iterations, with what the library runs around so many. Calls `begin` right before the first of them, and `end` right
 * after the last.
 */
export type OwnLoop = (n: number, begin: () => void, end: () => void) => unknown;

/** Returns a case as it is when the hooks of `before` have run. */
export const begun = (benchmark: Case): Case =>
  benchmark.late === undefined ? benchmark : { ...benchmark, ...benchmark.late() };
