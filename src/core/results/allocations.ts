/** A function in a process, as V8 names it. */
export interface AllocatingFunction {
  readonly function: string;
  /** The address of the script; empty for the loop that calls the benchmark, and for what nothing of the user's called. */
  readonly url: string;
  /** Where it begins in the script, from zero. */
  readonly line: number;
  readonly column: number;
  /** Bytes a call in the warm code. What a function allocates that V8 has inlined into another one counts for the other one. */
  readonly warm: SampledBytes;
  /** The same when V8 inlines nothing, which costs bytes that the warm code does not need. */
  readonly apart: SampledBytes;
}

export interface SampledBytes {
  readonly bytes: number;
  /** Its standard error, by the number of samples and by the spread between rounds. */
  readonly error: number;
}

/** What functions allocate on V8's heap, by its sampling profiler. Built-ins and Node's functions count for what calls them. */
export interface Allocations {
  /** How many calls the samples are of. */
  readonly calls: number;
  readonly functions: readonly AllocatingFunction[];
  /** Which function called which, by index, and whether V8 has inlined it there. */
  readonly edges: readonly { readonly caller: number; readonly callee: number; readonly inlined: boolean }[];
  /** Bytes a call by the figures of V8's heap, during the same calls: a second way to the sum of `warm`. */
  readonly heap: number;
  /** Bytes a call in array buffers outside of V8's heap, of which its profiler sees nothing. */
  readonly external: number;
}
