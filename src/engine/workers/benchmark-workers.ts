import type { Result } from '../../core/result.js';
import type { RunFailure } from '../../core/results/measurement.js';
import type { Measured, Observed, WorkerReply, WorkerRequest } from '../../worker/protocol.js';

export interface RequestOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly onSampling?: () => void;
  /** How far a process has got that may not live to answer. */
  readonly onAttempts?: (attempts: Extract<WorkerReply, { type: 'attempts' }>['attempts']) => void;
}

export type WorkerAnswer = Measured | Observed | { readonly type: 'names'; readonly names: readonly string[] };

/** The caller has aborted the request and needs no answer. */
export interface Aborted {
  readonly kind: 'aborted';
}

/** Runs benchmarks in processes. Tests replace it by answers of their own. */
export interface BenchmarkWorkers {
  /** Says that a request will follow soon, so that its process can start now. */
  prepare(): void;
  /** Sends one request to one fresh process. */
  request(request: WorkerRequest, options: RequestOptions): Promise<Result<WorkerAnswer, RunFailure | Aborted>>;
  dispose(): void;
}
