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
}
