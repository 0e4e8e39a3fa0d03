import type { Result } from '../../core/result.js';
import type { RunFailure } from '../../core/results/measurement.js';
import type { Measured, Observed, WorkerReply, WorkerRequest } from '../../worker/protocol.js';

export interface RequestOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly onSampling?: () => void;
  /** Called with the progress of a process that may die before it answers. */
  readonly onAttempts?: (attempts: Extract<WorkerReply, { type: 'attempts' }>['attempts']) => void;
}

export type WorkerAnswer = Measured | Observed | { readonly type: 'names'; readonly names: readonly string[] };

/** The caller has aborted the request and needs no answer. */
export interface Aborted {
  readonly kind: 'aborted';
}

/** Runs benchmarks in processes. Tests replace it with answers of their own. */
export interface BenchmarkWorkers {
  /** Starts a process now, because a request will follow soon. */
  prepare(): void;
  /** Sends one request to one fresh process. */
  request(request: WorkerRequest, options: RequestOptions): Promise<Result<WorkerAnswer, RunFailure | Aborted>>;
  dispose(): void;
}
