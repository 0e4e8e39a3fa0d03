/**
 * The messages between the engine and a worker. This file alone types both ends of the channel. A worker answers one request
 * after the other. It discovers or observes once; or it opens one side of a benchmark, and then warms it up and runs slices of it
 * when it is told to, because two workers with a side each take turns.
 */
import type { Profiler } from 'node:inspector';
import type { Allocations } from '../core/results/allocations.js';
import type { Answer, AnswerSpot } from '../core/results/answers.js';
import type { RunFailure } from '../core/results/measurement.js';
import type { RunningFigures } from '../core/results/observations.js';
import type { Retainers } from '../core/results/retainers.js';
import type { RetainedPoint } from '../core/stats/retained.js';
import type { Slice } from '../core/stats/slices.js';
import type { Mode } from './collect/case.js';
import type { Attempts } from './observe/attempts.js';

export type SideName = 'current' | 'baseline';

/** How the process of a bundle is made; absent where it is as usual. */
export interface Launch {
  /** The file URL of a module to import before the bundle; null for none. */
  readonly prelude: string | null;
  /** Node's own options, which only the engine uses. */
  readonly execArgv: readonly string[];
}

/** Asks for the names of a bench file's benchmarks without running any. */
export interface DiscoverRequest {
  readonly type: 'discover';
  /** The file URL of the bundle, and the bench file that it was made from. */
  readonly bundle: string;
  readonly launch?: Launch | undefined;
  readonly benchFile: string;
}

/** Asks for figures of one side of a benchmark other than its time. */
export interface ObserveRequest {
  readonly type: 'observe';
  readonly name: string;
  readonly benchFile: string;
  readonly side: SideName;
  readonly bundle: string;
  readonly launch?: Launch | undefined;
  readonly what:
    | { readonly kind: 'running'; readonly sampleMs: number }
    | { readonly kind: 'cycles'; readonly cycles: number }
    /** `ms`: how long the profiler runs. */
    | { readonly kind: 'allocations'; readonly ms: number }
    | { readonly kind: 'retainers'; readonly cycles: number }
    | { readonly kind: 'attempts'; readonly iterations: number; readonly concurrency: number }
    /** To run it while V8 writes its log, with marks in the log around what is warm. */
    | { readonly kind: 'steady'; readonly warmMs: number; readonly sampleMs: number; readonly concurrency: number }
    /** `show`: the part of an answer to return in full. */
    | { readonly kind: 'answers'; readonly calls: number; readonly show: AnswerSpot | null };
  /** The maximum for everything after setup, in milliseconds. */
  readonly deadlineMs: number;
}

/**
 * Asks what one call of each benchmark reaches: of `name`, and of the others that can run without loading the bundle again,
 * except those in `done`.
 */
export interface ReachRequest {
  readonly type: 'reach';
  readonly name: string;
  readonly benchFile: string;
  readonly bundle: string;
  readonly launch?: Launch | undefined;
  readonly done: readonly string[];
  /** No call begins later than so many milliseconds after loading. */
  readonly deadlineMs: number;
}

/** When V8 uses its last compiler. */
export interface Tiering {
  /** After how many calls of a function. */
  readonly threshold: number;
  /** Also for loops that are running, because one call takes long. */
  readonly replacesLoops: boolean;
}

/** Asks to load one side of a benchmark. A worker that is asked again keeps what it has loaded. */
export interface OpenRequest {
  readonly type: 'open';
  readonly name: string;
  readonly benchFile: string;
  readonly side: SideName;
  readonly bundle: string;
  readonly launch?: Launch | undefined;
  /** How many iterations are in flight at once, if the function returns promises. */
  readonly concurrency: number;
  /** Null for V8 as it is, because the number of calls is what matters. */
  readonly tiering: Tiering | null;
  /** If it is to be profiled: microseconds between two samples. */
  readonly profileUs?: number | undefined;
}

/** Asks to run the hooks that begin a phase, and those that end the one before it. */
export interface BeginRequest {
  readonly type: 'begin';
  readonly mode: Mode;
}

/** Asks to run the hooks that end the phase, because the other side begins one. */
export interface EndRequest {
  readonly type: 'end';
}

/** Asks for the first call. */
export interface CallRequest {
  readonly type: 'call';
}

/** Asks to run until the code is as fast as it becomes, for at most `ms` milliseconds. */
export interface WarmRequest {
  readonly type: 'warm';
  /** Exactly so many iterations, instead. */
  readonly iterations: number | null;
  readonly ms: number;
  /** Whether the loop may take the function into itself, because a call would be too large a part of the figure. */
  readonly inlined: boolean;
}

export interface SliceRequest {
  readonly type: 'slice';
  readonly iterations: number;
}

/** Asks for single iterations, if a check needs their distribution: for so long, and at least so many. */
export interface LatencyRequest {
  readonly type: 'latency';
  readonly ms: number;
  readonly iterations: number;
}

/** Asks to start a profile, from here on. */
export interface ProfileStartRequest {
  readonly type: 'profile-start';
}

/** Asks for what has been seen since. */
export interface ProfileStopRequest {
  readonly type: 'profile-stop';
}

/** Asks to run the benchmark's teardown. */
export interface CloseRequest {
  readonly type: 'close';
}

/** Asks to run the bench file's teardown, because no other benchmark of it will be opened. */
export interface FinishRequest {
  readonly type: 'finish';
}

export type SideRequest =
  | OpenRequest
  | BeginRequest
  | EndRequest
  | CallRequest
  | WarmRequest
  | SliceRequest
  | LatencyRequest
  | ProfileStartRequest
  | ProfileStopRequest
  | CloseRequest
  | FinishRequest;

export type WorkerRequest = DiscoverRequest | ObserveRequest | ReachRequest | SideRequest;

export type Observed = { readonly type: 'observed' } & (
  | { readonly kind: 'running'; readonly figures: RunningFigures }
  | { readonly kind: 'cycles'; readonly points: readonly RetainedPoint[] }
  | { readonly kind: 'allocations'; readonly allocations: Allocations }
  | { readonly kind: 'retainers'; readonly retainers: Retainers }
  | { readonly kind: 'attempts'; readonly attempts: Attempts }
  /** How many iterations ran between the marks. */
  | { readonly kind: 'steady'; readonly iterations: number }
  | { readonly kind: 'answers'; readonly answers: readonly Answer[] }
);

/** What one call of each benchmark reached. */
export interface Reached {
  readonly type: 'reached';
  readonly cases: readonly ReachedCase[];
}

export interface ReachedCase {
  readonly name: string;
  /** The message of what it threw; null if it ran. */
  readonly failure: string | null;
  /** Wall-clock milliseconds of the call, its first. */
  readonly ms: number;
  /** The functions of the bundle that ran, by where they begin in its text. */
  readonly functions: readonly { readonly offset: number; readonly calls: number }[];
}

/** The benchmark is loaded. */
export interface Opened {
  readonly type: 'opened';
  /** Which hooks it has: around a phase, which a library never runs for two benchmarks at once; around an iteration only; none. */
  readonly hooks: 'phase' | 'iteration' | 'none';
  /** The names of the benchmarks that this worker can open after this one. */
  readonly others: readonly string[];
}

/** The first call. */
export interface Called {
  readonly type: 'called';
  readonly slice: Slice;
  /** It returns its own duration, by the wall clock. */
  readonly overrides: boolean;
}

export interface Warmed {
  readonly type: 'warmed';
  /** Wall-clock nanoseconds per iteration at the end. */
  readonly pace: number;
  /** Whether V8 had as many calls as its last compiler needs. If they do not fit, the warm-up ends early. */
  readonly isHot: boolean;
}

export interface Sliced {
  readonly type: 'sliced';
  readonly slice: Slice;
  /** The function returned its first promise only now, so what was measured before was not its work. */
  readonly restarts: boolean;
}

export interface Timed {
  readonly type: 'timed';
  /** Nanoseconds of single iterations, ascending, or means of batches of `batch` iterations. */
  readonly latencies: Float64Array;
  readonly batch: number;
}

export interface Profiled {
  readonly type: 'profiled';
  /** How many iterations have run since it was started. */
  readonly iterations: number;
  readonly profile: Profiler.Profile;
}

export interface Closed {
  readonly type: 'closed';
  /** Some iterations return a promise, and some do not. */
  readonly mixed: boolean;
  /** An iteration takes no longer than one of an empty function in the same loop. */
  readonly empty: boolean;
  readonly async: boolean;
}

/** What a suite or a test threw while the bench file was loaded; `name` is the path of its names. */
export interface NamedFailure {
  readonly name: string;
  readonly failure: RunFailure;
}

export interface Names {
  readonly type: 'names';
  readonly names: readonly string[];
  /** Of what these threw, no benchmark is known that they would have defined. */
  readonly failures: readonly NamedFailure[];
}

/** The answer to each kind of request. */
export interface Answers {
  readonly discover: Names;
  readonly observe: Observed;
  readonly reach: Reached;
  readonly open: Opened;
  readonly begin: { readonly type: 'begun' };
  readonly end: { readonly type: 'ended' };
  readonly call: Called;
  readonly warm: Warmed;
  readonly slice: Sliced;
  readonly latency: Timed;
  readonly 'profile-start': { readonly type: 'profiling' };
  readonly 'profile-stop': Profiled;
  readonly close: Closed;
  readonly finish: { readonly type: 'finished' };
}

export type WorkerAnswer = Answers[keyof Answers];

export type WorkerReply =
  /** The worker has started and waits for requests. Its process may be a child of the one that the engine started. */
  | { readonly type: 'ready'; readonly pid: number }
  | WorkerAnswer
  /** The attempts so far, in case the process dies before it answers. */
  | { readonly type: 'attempts'; readonly attempts: Attempts }
  | { readonly type: 'failed'; readonly failure: RunFailure };

/** A request as it is sent. Numbers ascend from one. */
export interface Numbered<Request> {
  readonly number: number;
  readonly message: Request;
}

/** A reply as it is sent, with the number of the last request. */
export interface Replied {
  readonly to: number;
  readonly reply: WorkerReply;
}
