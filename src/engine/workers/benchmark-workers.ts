import type { Profiler } from 'node:inspector';

import type { Result } from '../../core/result.js';
import type { RunFailure } from '../../core/results/measurement.js';
import type { ClockName, Slice } from '../../core/stats/slices.js';
import type {
  DiscoverRequest,
  Launch,
  Names,
  Observed,
  ObserveRequest,
  Reached,
  ReachRequest,
  SideName,
  WorkerReply,
} from '../../worker/protocol.js';

export interface RequestOptions {
  /** The limit for everything after loading. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** No other measurement is expected to follow, so no processes are started for it. */
  readonly isLast?: boolean;
  /** Called when the benchmark is loaded and its code starts to run. */
  readonly onSampling?: () => void;
  /** Called with the progress of a process that may die before it answers. */
  readonly onAttempts?: (attempts: Extract<WorkerReply, { type: 'attempts' }>['attempts']) => void;
}

/** Asks to measure one benchmark, one side or both in turns, each in a fresh process of its own. */
export interface MeasureRequest {
  readonly type: 'measure';
  readonly name: string;
  readonly benchFile: string;
  /** The first one runs first in every quad. */
  readonly sides: readonly { readonly side: SideName; readonly bundle: string }[];
  /** How the processes are made; absent for as usual. */
  readonly launch?: Launch | undefined;
  /** Only the first call counts. */
  readonly cold: boolean;
  /** Milliseconds: the minimum for the slices of each side, and the maximum for everything after loading and setup. */
  readonly sampleMs: number;
  readonly deadlineMs: number;
  /** The most that a warm-up may take, in milliseconds. */
  readonly warmMs: number;
  /** How many iterations of each side to run before the first that counts; null for as many as it takes. */
  readonly warmup: number | null;
  /** How many iterations are in flight at once, if the function returns promises. */
  readonly concurrency: number;
  /** The minimum time and number of single iterations on each of these sides; null if no check needs a distribution. */
  readonly latency: { readonly sides: readonly SideName[]; readonly ms: number; readonly iterations: number } | null;
  /**
   * To profile the code in place of measuring it, once it is warm: for so long all sides together, a sample every `intervalUs`.
   * `threshold`: after how many calls V8 may use its last compiler, at most.
   */
  readonly profile?: { readonly ms: number; readonly intervalUs: number; readonly threshold: number };
}

/**
 * What V8's sampling profiler saw of one side. It stays on while the other side has its turn, because starting it takes longer than
 * a turn does, so there is more in it than the iterations: the process waits, as `(idle)` and `(program)`, and takes the next
 * request, in frames of Node and of our own process. `ticksOf` (core/cause/profile.ts) tells which samples count.
 *
 * Garbage collections have no caller, so that one which a library asks for outside of an iteration (mitata's `gc('inner')`) looks like
 * all others. What a hook does after its first `await` has no hook as its caller. Generated code has no address. How long
 * collections took, and whether the code waits, is better read from `slices`.
 */
export interface SideProfile {
  readonly side: SideName;
  /** How many iterations ran while it was on, all of them. */
  readonly iterations: number;
  /** What they took, under the profiler, except of those that followed the hooks of a phase. */
  readonly slices?: readonly Slice[];
  /**
   * With the addresses of the bundle, of packages and of Node; of loops of ours, `loopScript`. Checked: it is a tree, in which
   * callers come first. A sample of it is no trusted figure: V8 takes fewer than asked, 3,000 to 4,000 in a second.
   */
  readonly profile: Profiler.Profile;
}

/** One side's figures from one process. */
export interface SideSamples {
  readonly side: SideName;
  /** Nanoseconds per iteration (`usualTime`), by the clock that `Measured.clock` names. */
  readonly time: number;
  readonly iterations: number;
  /** Nanoseconds of single iterations, ascending, or means of batches of `batch` iterations; empty if not requested. */
  readonly latencies: Float64Array;
  readonly batch: number;
}

/** What a process of each side measured. */
export interface Measured {
  readonly type: 'measured';
  readonly sides: readonly SideSamples[];
  /** log(current ÷ baseline) of the faster halves of their slices; null with one side. */
  readonly logRatio: number | null;
  readonly clock: ClockName;
  readonly slices: number;
  /** The current code does no more than an empty function. If that is true of both sides, `logRatio` is null. */
  readonly nothing: boolean;
  /** The current code is asynchronous, and takes no longer than an empty function that is. */
  readonly asEmpty: boolean;
  /** Some iterations return a promise, and some do not. */
  readonly mixed: boolean;
  /** V8 had as many calls of each side as its last compiler needs. */
  readonly isHot: boolean;
  /** Milliseconds until the code was loaded and set up, and from the first call to the last. */
  readonly loadMs: number;
  readonly busyMs: number;
  /** Of each side, if it was asked for. Then the times are those of code under a profiler, and must not be used. */
  readonly profiles?: readonly SideProfile[];
}

export type BenchmarkRequest = DiscoverRequest | ObserveRequest | ReachRequest | MeasureRequest;

export type BenchmarkAnswer = Measured | Observed | Reached | Names;

/** The caller has aborted the request and needs no answer. */
export interface Aborted {
  readonly kind: 'aborted';
}

/** Runs benchmarks in processes. Tests replace it with answers of their own. */
export interface BenchmarkWorkers {
  /** Starts processes now, because a request will follow soon. */
  prepare(): void;
  /** Has one request answered by fresh processes. */
  request(request: BenchmarkRequest, options: RequestOptions): Promise<Result<BenchmarkAnswer, RunFailure | Aborted>>;
  dispose(): void;
}
