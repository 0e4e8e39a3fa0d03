import type { Machine } from '../../core/results/measurement.js';
import type { BundleStore } from '../bundle/bundle-store.js';
import type { Bundler } from '../bundle/bundler.js';
import type { Pipelines } from '../pipeline/pipelines.js';
import type { BenchFiles } from '../discovery/bench-files.js';
import type { Git } from '../git/repository.js';
import type { History } from '../history/history.js';
import type { Idle } from '../measure/idle.js';
import type { Planner } from '../measure/plan.js';
import type { Runner } from '../measure/run.js';
import type { Log } from '../util/log.js';
import type { BenchmarkWorkers } from '../workers/benchmark-workers.js';
import type { Explainer } from '../explain/explainer.js';
import type { Runtime } from '../workers/runtime.js';

export interface ProjectOptions {
  readonly log: Log;
  /** If false, only results from the history are shown, and nothing runs: no bench file, git or bundler. */
  readonly trusted: boolean;
  /** Whether Node may be asked for its version all the same, to tell which figures are of this machine. Otherwise nothing starts. */
  readonly mayAskNode?: boolean;
  /** The Node that measures; null for the first one on the PATH. */
  readonly nodePath: string | null;
  /** `dist/worker.js`. */
  readonly workerPath: string;
  /** Runs the benchmarks of bench files, in place of processes of `workerPath`. */
  readonly workers?: BenchmarkWorkers;
  /** Whether to measure the noise of this machine when it is idle, as an editor does. */
  readonly measuresWhenIdle?: boolean;
  /** Whether to leave out, when it is opened, which results are known already: a run finds that out, too. */
  readonly isBrief?: boolean;
  /** Aborts the work of opening the project: a bench file may hang while it loads. */
  readonly signal?: AbortSignal;
}

/** The parts of a project. */
export interface ProjectParts extends ProjectOptions {
  /** The folder of the `perf-budget.jsonc`. */
  readonly root: string;
  readonly runtime: Runtime;
  readonly history: History;
  readonly git: Git | null;
  readonly store: BundleStore;
  readonly bundler: Bundler;
  readonly pipelines: Pipelines | null;
  readonly workers: BenchmarkWorkers;
  readonly machine: Machine;
  /** The id of this machine, even if `machine` is unknown; null if nothing may be started to find it out. */
  readonly machineId: () => Promise<string | null>;
  readonly benchFiles: BenchFiles;
  readonly planner: Planner;
  readonly runner: Runner;
  readonly idle: Idle | null;
  readonly explainer: Explainer;
}
