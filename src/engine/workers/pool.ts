import * as l10n from '@vscode/l10n';
import { err, ok, type Result } from '../../core/result.js';
import type { RunFailure } from '../../core/results/measurement.js';
import type { DiscoverRequest, ObserveRequest, ReachRequest, Tiering } from '../../worker/protocol.js';
import type { Log } from '../util/log.js';
import type {
  Aborted,
  BenchmarkAnswer,
  BenchmarkRequest,
  BenchmarkWorkers,
  Measured,
  MeasureRequest,
  RequestOptions,
} from './benchmark-workers.js';
import { refusalOf, type Runtime } from './runtime.js';
import { measureSides } from './sides.js';
import { mostBytes, unreadable, Worker, type WorkerSettings } from './worker.js';

/** How many workers wait for a request: one for each side. */
const spares = 2;
/**
 * A young generation (megabytes) that has grown, as in a program that has run for a while. In a fresh process it is so small that
 * code that allocates is up to three times slower or, because it fits into a processor's cache, twice as fast. What memory and
 * first calls cost is asked of processes without it.
 */
const grownFlags = ['--min-semi-space-size=32'];
/** As few calls as make no difference in the end. */
const usualTiering: Tiering = { threshold: 1000, replacesLoops: false };
/** A spare worker is ended if no run needs it for this long. */
const idleMs = 120_000;
/** If a bench file takes longer to load, its processes measure one benchmark after the other. */
const expensiveMs = 1000;
/** How many such processes are kept, and for how long after the last request. */
const mostKept = 12;
const keptMs = 10_000;
/** The limit for a bench file's teardown. */
const finishMs = 2000;

/** A worker that has loaded a bundle and measured some of its benchmarks. */
interface Kept {
  readonly worker: Worker;
  readonly bundle: string;
  readonly measured: Set<string>;
  readonly others: readonly string[];
  /** What V8 was told before it loaded the bundle. */
  readonly tiering: Tiering;
}

/** Keeps workers started ahead of need, and kills them if nothing runs for a while. */
export class WorkerPool implements BenchmarkWorkers {
  readonly #settings: WorkerSettings;
  readonly #refusal: string | null;
  /** Of benchmarks that are too slow for the usual one. */
  readonly #tierings = new Map<string, Tiering>();
  #spares: Worker[] = [];
  /** The options that the project last asked for, which the spares have. */
  #execArgv: readonly string[] = [];
  #kept: Kept[] = [];
  #idle: NodeJS.Timeout | undefined;
  #keeping: NodeJS.Timeout | undefined;

  /** `node`: the version of the runtime. */
  constructor(
    runtime: Runtime,
    workerPath: string,
    cwd: string,
    log: Log,
    { memoryBytes = mostBytes, node = 'unknown' } = {},
  ) {
    this.#settings = { runtime, workerPath, cwd, log, memoryBytes };
    this.#refusal = refusalOf(node);
  }

  /** Starts the spare workers that are missing. */
  prepare(): void {
    if (this.#refusal !== null) return;
    this.#spares = this.#spares.filter(({ alive }) => alive);
    while (this.#spares.length < spares) this.#spares.push(this.#start());
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.dispose(), idleMs).unref();
  }

  /** Has a request answered by fresh processes, and starts the next ones if there is to be another. */
  async request(
    request: BenchmarkRequest,
    options: RequestOptions,
  ): Promise<Result<BenchmarkAnswer, RunFailure | Aborted>> {
    if (options.signal.aborted) return err({ kind: 'aborted' });
    if (this.#refusal !== null) return err({ kind: 'spawn', message: this.#refusal });
    return request.type === 'measure' ? this.#measure(request, options) : this.#once(request, options);
  }

  dispose(): void {
    clearTimeout(this.#idle);
    clearTimeout(this.#keeping);
    for (const worker of this.#spares) worker.kill();
    for (const { worker } of this.#kept) worker.kill();
    this.#spares = [];
    this.#kept = [];
  }

  async #once(
    request: DiscoverRequest | ObserveRequest | ReachRequest,
    options: RequestOptions,
  ): Promise<Result<BenchmarkAnswer, RunFailure | Aborted>> {
    const worker = new Worker(this.#settings, request.launch?.execArgv);
    const seconds = `${Math.round(options.timeoutMs / 1000)} s`;
    const late =
      request.type === 'discover'
        ? l10n.t`the bench file did not finish loading in ${seconds}`
        : l10n.t`the benchmark did not finish in ${seconds}: does it loop forever, or does an iteration need a longer "time"?`;
    const answer = await worker.ask(request, { ...options, late });
    worker.kill();
    const isOther = request.type === 'observe' && answer.ok && answer.value.type === 'observed';
    if (isOther && answer.value.kind !== request.what.kind) return err(unreadable);
    return answer;
  }

  async #measure(
    request: MeasureRequest,
    options: RequestOptions,
    better?: Tiering,
  ): Promise<Result<Measured, RunFailure | Aborted>> {
    const id = JSON.stringify([request.benchFile, request.name, request.warmMs]);
    const known = better ?? this.#tierings.get(id) ?? usualTiering;
    const tiering = { ...known, threshold: Math.min(known.threshold, request.profile?.threshold ?? Infinity) };
    this.#use(request.launch?.execArgv ?? []);
    const taken = this.#takeFor(request, tiering);
    if (!isPlain(request) && options.isLast !== true) this.prepare();
    const answer = await measureSides(
      request,
      taken.map(({ worker }) => worker),
      tiering,
      options,
    );
    if (!answer.ok) {
      // The next run does not wait for this one.
      if (answer.error.kind === 'aborted') for (const { worker } of taken) worker.kill();
      // One that still computes is killed; the other one's hooks end.
      else await Promise.all(taken.map(({ worker }) => this.#finish(worker, options.signal)));
      return answer;
    }
    if (answer.value.type === 'too-slow') {
      const { loadMs, tiering } = answer.value;
      // What is too slow under a profiler need not be so otherwise.
      if (request.profile === undefined) this.#tierings.set(id, tiering);
      await Promise.all(taken.map(({ worker }) => this.#finish(worker, options.signal)));
      if (options.signal.aborted) return err({ kind: 'aborted' });
      // It is still the same turn.
      const { signal, timeoutMs, isLast = false } = options;
      const again = await this.#measure(request, { signal, timeoutMs, isLast }, tiering);
      return again.ok ? ok({ ...again.value, loadMs: loadMs + again.value.loadMs }) : again;
    }
    const { others, ...measured } = answer.value;
    const isExpensive =
      !isPlain(request) && (measured.loadMs > expensiveMs || taken.some((one) => one.measured.size > 1));
    // V8 has logged the code of one that was profiled, which no verdict may depend on.
    const isKept = isExpensive && request.profile === undefined;
    const isWanted = (one: Kept): boolean => isKept && others.some((name) => !one.measured.has(name));
    for (const one of taken.filter(isWanted)) this.#keep({ ...one, others });
    const unwanted = taken.filter((one) => !isWanted(one));
    await Promise.all(unwanted.map(({ worker }) => this.#finish(worker, options.signal)));
    return ok(measured);
  }

  /** Has the spares started with other options from now on. */
  #use(execArgv: readonly string[]): void {
    if (execArgv.join('\0') === this.#execArgv.join('\0')) return;
    this.#execArgv = execArgv;
    for (const worker of this.#spares.splice(0)) worker.kill();
  }

  #take(): Worker {
    this.#spares = this.#spares.filter(({ alive }) => alive);
    return this.#spares.shift() ?? this.#start();
  }

  #start(): Worker {
    return new Worker(this.#settings, [...grownFlags, ...this.#execArgv]);
  }

  /**
   * Returns a worker for each side that has never run this benchmark: those that have loaded the bundles already, or fresh ones.
   * Never one of each kind, because what has run before is to be the same on both sides.
   */
  #takeFor(request: MeasureRequest, tiering: Tiering): readonly Kept[] {
    const { name, sides } = request;
    const fits = (bundle: string) => (one: Kept) =>
      one.bundle === bundle &&
      isSame(one.tiering, tiering) &&
      one.worker.alive &&
      one.others.includes(name) &&
      !one.measured.has(name);
    const kept = isPlain(request) ? [] : sides.flatMap(({ bundle }) => this.#kept.find(fits(bundle)) ?? []);
    const isWhole = new Set(kept).size === sides.length;
    if (isWhole) this.#kept = this.#kept.filter((one) => !kept.includes(one));
    const fresh = (bundle: string): Kept => {
      const worker = isPlain(request) ? new Worker(this.#settings, this.#execArgv) : this.#take();
      return { worker, bundle, measured: new Set<string>(), others: [], tiering };
    };
    const taken = isWhole ? kept : sides.map(({ bundle }) => fresh(bundle));
    for (const { measured } of taken) measured.add(name);
    return taken;
  }

  #keep(kept: Kept): void {
    this.#kept.push(kept);
    for (const { worker } of this.#kept.splice(0, this.#kept.length - mostKept)) void this.#finish(worker);
    clearTimeout(this.#keeping);
    this.#keeping = setTimeout(() => {
      for (const { worker } of this.#kept.splice(0)) void this.#finish(worker);
    }, keptMs).unref();
  }

  /** Runs the bench file's teardown and kills the worker. A teardown that fails has nothing to do with what was measured. */
  async #finish(worker: Worker, signal = new AbortController().signal): Promise<void> {
    if (!worker.isIdle) {
      worker.kill();
      return;
    }
    await worker.ask({ type: 'finish' }, { signal, timeoutMs: finishMs, late: l10n.t('the teardown did not finish') });
    worker.kill();
  }
}

/** Whether a request wants V8 as it is, because the number of calls is what matters. */
const isPlain = ({ cold, warmup }: MeasureRequest): boolean => cold || warmup !== null;

const isSame = (one: Tiering, other: Tiering): boolean =>
  one.threshold === other.threshold && one.replacesLoops === other.replacesLoops;
