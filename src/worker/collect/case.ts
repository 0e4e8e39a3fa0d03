/** A hook of tinybench or vitest; both pass a mode, and neither uses the return value. */
export type Hook = (mode?: 'run' | 'warmup') => unknown;

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
  /** If each iteration has parameters computed for it: the same function, which takes them, in place of `fn` and `beforeEach`. */
  readonly computed?: Computed;
}

/** A function and what computes its arguments, outside the timed part. Empty until the hooks of `before` have run. */
export interface Computed {
  readonly parameters: readonly (() => unknown)[];
  readonly fn: (...args: readonly unknown[]) => unknown;
}
