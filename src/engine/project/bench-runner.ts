import * as l10n from '@vscode/l10n';
import type { Names } from '../../worker/protocol.js';
import type { RunFailure } from '../../core/results/measurement.js';
import { err, ok, type Result } from '../../core/result.js';
import type { Bundle } from '../bundle/bundle.js';
import { Bundler } from '../bundle/bundler.js';
import { BundleStore } from '../bundle/bundle-store.js';
import { positionsIn, type Position } from '../bundle/positions.js';
import type { Aborted } from '../workers/benchmark-workers.js';
import { WorkerPool } from '../workers/pool.js';
import type { Log } from '../util/log.js';
import { Pipelines, programBeside } from '../pipeline/pipelines.js';
import { closingOnFailure, disposeAll } from '../util/dispose.js';
import { describeMachine } from '../workers/machine.js';
import { findRuntime } from '../workers/runtime.js';

const discoverMs = 20_000;
/** A call that takes longer counts as hanging; no call begins later than so many milliseconds after loading. */
const hangMs = 6_000;
const callsMs = 4_000;

/** What one call of a benchmark did. */
export interface Tried {
  readonly name: string;
  /** Why it did not run; null if it did. */
  readonly failure: string | null;
  readonly ms: number;
  /** The user's functions that ran. */
  readonly reached: readonly (Position & { readonly calls: number })[];
}

/** Runs the user's bench files for `proposeConfig`. Failures are one sentence each. */
export interface BenchRunner {
  /** Returns the names of a bench file's benchmarks, as of a load of its own. */
  discover(file: string): Promise<Result<Pick<Names, 'names' | 'failures'>, string>>;
  /** Calls this benchmark of a discovered file once, and others of it, except those in `done`. Tries at least this one. */
  tryOnce(file: string, name: string, done: readonly string[]): Promise<Result<readonly Tried[], string>>;
}

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
export function openBenchRunner(root: string, options: BenchRunnerOptions): Promise<OpenBenchRunner> {
  return closingOnFailure((opened) => open(root, options, opened));
}

async function open(root: string, options: BenchRunnerOptions, opened: (() => unknown)[]): Promise<OpenBenchRunner> {
  const { log, signal } = options;
  const runtime = await findRuntime(options.nodePath);
  const machine = await describeMachine(runtime);
  const store = new BundleStore();
  opened.push(() => store.dispose());
  const pipelines = new Pipelines({ root, runtime, program: programBeside(options.workerPath), git: null, log });
  opened.push(() => pipelines.dispose());
  const bundler = new Bundler(root, (message) => log.debug(message), pipelines);
  opened.push(() => bundler.dispose());
  const workers = new WorkerPool(runtime, options.workerPath, root, log, machine);
  opened.push(() => workers.dispose());
  const bundles = new Map<string, Bundle>();
  return {
    async discover(file) {
      const known = bundles.get(file);
      const bundled = known === undefined ? await bundler.current(file) : ok(known);
      if (!bundled.ok) return err(bundled.error.message);
      bundles.set(file, bundled.value);
      const answer = await workers.request(
        {
          type: 'discover',
          bundle: store.url(bundled.value),
          benchFile: file,
          launch: store.launch(bundled.value),
        },
        { timeoutMs: discoverMs, signal },
      );
      if (!answer.ok) return err(failureText(answer.error));
      return answer.value.type === 'names' ? ok(answer.value) : err(l10n.t('its benchmarks could not be listed'));
    },
    async tryOnce(file, name, done) {
      const bundle = bundles.get(file);
      if (bundle === undefined) throw new Error(`${file} was not discovered`);
      const answer = await workers.request(
        {
          type: 'reach',
          ...{ name, benchFile: file, bundle: store.url(bundle), launch: store.launch(bundle) },
          ...{ done, deadlineMs: callsMs },
        },
        { timeoutMs: callsMs + hangMs, signal },
      );
      if (!answer.ok) return err(failureText(answer.error));
      if (answer.value.type !== 'reached') return err(l10n.t('it could not be run'));
      const positionOf = positionsIn(bundle.code);
      return ok(
        answer.value.cases.map(({ functions, ...one }) => ({
          ...one,
          failure: one.failure === null ? null : l10n.t`the benchmark threw: ${one.failure}`,
          reached: functions.flatMap(({ offset, calls }) => {
            const position = positionOf(offset);
            return position === null ? [] : [{ ...position, calls }];
          }),
        })),
      );
    },
    dispose: () => disposeAll(opened.toReversed()),
  };
}

const failureText = (failure: RunFailure | Aborted): string =>
  failure.kind === 'aborted' ? l10n.t('it was interrupted') : failure.message;
