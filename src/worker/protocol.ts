/** The messages between the engine and a worker. This file alone types both ends of the channel. */
import type { RunFailure } from '../core/results/measurement.js';
import type { RunningFigures } from '../core/results/observations.js';
import type { RetainedPoint } from '../core/stats/retained.js';
import type { Attempts } from './observe/attempts.js';

export type SideName = 'current' | 'baseline';

/** Asks for the names of a bench file's benchmarks without running any. */
export interface DiscoverRequest {
  readonly type: 'discover';
  /** The file URL of the bundle, and the bench file that it was made from. */
  readonly bundle: string;
  readonly benchFile: string;
}

/** Asks to run one benchmark, one side or both in turn. */
export interface MeasureRequest {
  readonly type: 'measure';
  readonly name: string;
  readonly benchFile: string;
  /** Loaded in this order, and the first one runs first in every quad. */
  readonly sides: readonly { readonly side: SideName; readonly bundle: string }[];
  /** Milliseconds: the minimum for the slices of this process together, and the maximum for everything after setup. */
  readonly sampleMs: number;
  readonly deadlineMs: number;
  /** The minimum number of iterations of each side before the first that counts. */
  readonly warmup: number;
  /** How many iterations are in flight at once, if the function returns promises. */
  readonly concurrency: number;
  /** The minimum time and number of single iterations on each of these sides; null if no check needs a distribution. */
  readonly latency: { readonly sides: readonly SideName[]; readonly ms: number; readonly iterations: number } | null;
}

/** Asks for figures of one side of a benchmark other than its time. */
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
  /** The maximum for everything after setup, in milliseconds. */
  readonly deadlineMs: number;
}

export type WorkerRequest = DiscoverRequest | MeasureRequest | ObserveRequest;

/** One side's figures from one process. */
export interface SideSamples {
  readonly side: SideName;
  /** Nanoseconds per iteration, over all but the slowest fifth of the slices, by the clock that `Measured.clock` names. */
  readonly time: number;
  readonly iterations: number;
  /** Nanoseconds of single iterations, ascending, or means of batches of `batch` iterations; empty if not requested. */
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
  /** The current code takes no longer than an empty function. If that is true of both sides, `logRatio` is null. */
  readonly nothing: boolean;
  /** Some iterations return a promise, and some do not. */
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
  /** The worker has loaded and waits for its one request. */
  | { readonly type: 'ready' }
  | { readonly type: 'names'; readonly names: readonly string[] }
  /** The benchmark is loaded, and its code runs from now on. */
  | { readonly type: 'sampling' }
  /** The slow first call of a side took this many milliseconds. */
  | { readonly type: 'called'; readonly ms: number }
  | Measured
  | Observed
  /** The attempts so far, in case the process dies before it answers. */
  | { readonly type: 'attempts'; readonly attempts: Attempts }
  | { readonly type: 'failed'; readonly failure: RunFailure; readonly side: SideName | null };
