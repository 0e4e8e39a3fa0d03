/** What the engine asks of a worker, and what the worker answers; both ends of the channel are typed by this file alone. */
import type { RunFailure } from '../core/results/measurement.js';
import type { RunningFigures } from '../core/results/observations.js';
import type { RetainedPoint } from '../core/stats/retained.js';
import type { Attempts } from './observe/attempts.js';

export type SideName = 'current' | 'baseline';

/** Gather the names of a bench file's benchmarks without running any. */
export interface DiscoverRequest {
  readonly type: 'discover';
  /** The file URL of the bundle, and the bench file that it was made of. */
  readonly bundle: string;
  readonly benchFile: string;
}

/** Run one benchmark, one side or both, in turns. */
export interface MeasureRequest {
  readonly type: 'measure';
  readonly name: string;
  readonly benchFile: string;
  /** Loaded in this order, and the first one runs first in every quad. */
  readonly sides: readonly { readonly side: SideName; readonly bundle: string }[];
  /** The least time that the slices of this process may take together, in milliseconds, and the most that everything may. */
  readonly sampleMs: number;
  readonly deadlineMs: number;
  /** Iterations of each side before the first that counts, at the least. */
  readonly warmup: number;
  /** How many iterations are in flight at once; those of a function that returns no promise never are. */
  readonly concurrency: number;
  /** The least that single iterations are measured on each of these sides; none where no check asks for a distribution. */
  readonly latency: { readonly sides: readonly SideName[]; readonly ms: number; readonly iterations: number } | null;
}

/** Read off one benchmark what is not its time, on one side. */
export interface ObserveRequest {
  readonly type: 'observe';
  readonly name: string;
  readonly benchFile: string;
  readonly side: SideName;
  readonly bundle: string;
  readonly what:
    | { readonly kind: 'running'; readonly sampleMs: number }
    | { readonly kind: 'cycles'; readonly cycles: number }
    | { readonly kind: 'attempts'; readonly iterations: number; readonly concurrency: number };
  /** The most that everything may take, in milliseconds. */
  readonly deadlineMs: number;
}

export type WorkerRequest = DiscoverRequest | MeasureRequest | ObserveRequest;

/** One side's figures from one process. */
export interface SideSamples {
  readonly side: SideName;
  /** Nanoseconds an iteration, of all but the slowest fifth of the slices, by the clock that `Measured.clock` names. */
  readonly time: number;
  readonly iterations: number;
  /** Nanoseconds of single iterations, ascending, or the means of batches of so many; empty where none were asked for. */
  readonly latencies: Float64Array;
  readonly batch: number;
}

export interface Measured {
  readonly type: 'measured';
  readonly sides: readonly SideSamples[];
  /** log(current ÷ baseline) of the faster halves of their slices; null with one side. */
  readonly logRatio: number | null;
  readonly clock: 'cpu' | 'wall';
  readonly slices: number;
  /** The current side's iteration takes no longer than one of an empty function; where both do, there is no `logRatio`. */
  readonly nothing: boolean;
  /** Some iterations return a promise, and some none. */
  readonly mixed: boolean;
  /** Milliseconds from the first call to the last. */
  readonly busyMs: number;
}

export type Observed = { readonly type: 'observed' } & (
  | { readonly kind: 'running'; readonly figures: RunningFigures }
  | { readonly kind: 'cycles'; readonly points: readonly RetainedPoint[] }
  | { readonly kind: 'attempts'; readonly attempts: Attempts }
);

export type WorkerReply =
  /** The worker is loaded and waits for its one request. */
  | { readonly type: 'ready' }
  | { readonly type: 'names'; readonly names: readonly string[] }
  /** The first slice is taken. */
  | { readonly type: 'sampling' }
  /** The first call of a side has returned, after so many milliseconds. */
  | { readonly type: 'called'; readonly ms: number }
  | Measured
  | Observed
  /** How far `attempts` have got, for the case that the process does not live to answer. */
  | { readonly type: 'attempts'; readonly attempts: Attempts }
  | { readonly type: 'failed'; readonly failure: RunFailure; readonly side: SideName | null };
