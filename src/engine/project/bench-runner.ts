import type { RunFailure } from '../../core/results/measurement.js';
import { samplesNeeded } from '../../core/language/metric.js';
import { err, ok } from '../../core/result.js';
import { Bundler } from '../bundle/bundler.js';
import { BundleStore } from '../bundle/bundle-store.js';
import type { Aborted } from '../workers/benchmark-workers.js';
import { WorkerPool } from '../workers/pool.js';
import type { BenchRunner } from './init.js';
import type { Log } from '../util/log.js';
import { measure } from '../measure/paired.js';
import { describeMachine } from '../workers/machine.js';
import { findRuntime } from '../workers/runtime.js';

const discoverMs = 20_000;
const measureMs = 2000;
const usualSettings = { cycles: null, concurrency: 1, warmup: null, runs: null, isolation: 'bundle' } as const;

export interface BenchRunnerOptions {
  readonly log: Log;
  /** The Node that measures; null for the first one on the PATH. */
  readonly nodePath: string | null;
  /** `dist/worker.js`. */
  readonly workerPath: string;
  readonly signal: AbortSignal;
}

export interface OpenBenchRunner extends BenchRunner {
  dispose(): Promise<void>;
}

/** Runs bench files that no `perf-budget.jsonc` names yet, with the same bundling and processes as a project. */
export async function openBenchRunner(root: string, options: BenchRunnerOptions): Promise<OpenBenchRunner> {
  const { log, signal } = options;
  const bundler = new Bundler(root, (message) => log.debug(message));
  const store = new BundleStore();
  const runtime = await findRuntime(options.nodePath);
  const workers = new WorkerPool(runtime, options.workerPath, root, log, await describeMachine(runtime));
  const urls = new Map<string, string>();
  return {
    async discover(file) {
      const bundled = await bundler.current(file);
      if (!bundled.ok) return err(bundled.error.message);
      const bundle = store.url(bundled.value);
      urls.set(file, bundle);
      const answer = await workers.request(
        { type: 'discover', bundle, benchFile: file },
        { timeoutMs: discoverMs, signal },
      );
      if (!answer.ok) return err(failureText(answer.error));
      return answer.value.type === 'names' ? ok(answer.value.names) : err('its benchmarks could not be listed');
    },
    async measure(file, name) {
      const current = urls.get(file);
      if (current === undefined) throw new Error(`${file} was not discovered`);
      const target = { name, benchFile: file, current, baseline: null, note: null, timeMs: measureMs };
      const measured = await measure(
        { ...target, latency: 'current', percentiles: [95], observe: null, settings: usualSettings },
        workers,
        ({ current: { metrics } }) => ((metrics['p95']?.samples ?? 0) >= samplesNeeded(95) ? 'passed' : 'open'),
        { signal },
      );
      return measured.ok ? ok(measured.value.current) : err(failureText(measured.error));
    },
    async dispose() {
      workers.dispose();
      await bundler.dispose();
      store.dispose();
    },
  };
}

const failureText = (failure: RunFailure | Aborted): string =>
  failure.kind === 'aborted' ? 'it was interrupted' : failure.message;
