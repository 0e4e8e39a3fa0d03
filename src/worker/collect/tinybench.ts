import {
  calibrateTimerOverhead,
  classifyTimerSaturation,
  detectTimerSaturation,
  estimateResolution,
  formatNumber,
  medianAbsoluteDeviation,
} from 'tinybench';
import type { Case, Hook, Mode } from './case.js';
import type { Collector } from './collector.js';
import { Signal } from './signal.js';
import { bound, noResult } from './statistics.js';

type BenchHook = (task: Task, mode: Mode) => unknown;

interface TaskOptions {
  readonly beforeAll?: Hook;
  readonly afterAll?: Hook;
  readonly beforeEach?: Hook;
  readonly afterEach?: Hook;
  readonly signal?: AbortSignal;
}

const hookNames = ['afterAll', 'beforeAll', 'beforeEach', 'afterEach'] as const;

interface BenchOptions {
  readonly name?: string;
  readonly now?: () => number;
  readonly signal?: AbortSignal;
  readonly setup?: BenchHook;
  readonly teardown?: BenchHook;
  readonly [other: string]: unknown;
}

/** Options that scripts can read back from the Bench. */
const settings = [
  ...['time', 'iterations', 'warmupTime', 'warmupIterations'],
  ...['concurrency', 'threshold', 'throws', 'retainSamples', 'subtractTimerOverhead', 'timestampProvider'],
];

const noop = () => undefined;
const nToMs = (ns: number | bigint) => Number(ns) / 1e6;
const mToNs = (ms: number) => ms * 1e6;
const hrtimeNow = () => nToMs(process.hrtime.bigint());
const now = () => performance.now();
const runtime = { runtime: 'node', runtimeVersion: process.versions.node, timestampProviderName: 'performanceNow' };
const provider = (name: string, fn: () => number | bigint) => ({
  name,
  fn,
  fromMs: (ms: number) => ms,
  toMs: (value: number | bigint) => (typeof value === 'bigint' ? nToMs(value) : value),
});

class BenchEvent extends Event {
  constructor(
    type: string,
    readonly task?: Task,
    readonly error?: Error,
  ) {
    super(type);
  }
}

/** Looks like tinybench's Task but never runs anything. */
class Task extends EventTarget {
  readonly runs = 0;
  readonly detectedResolution = undefined;
  benchmark: Case;
  /** Whether it ran, or claims that it did. */
  done = false;

  constructor(
    readonly bench: CollectingBench,
    readonly name: string,
    readonly fn: () => unknown,
    readonly opts: TaskOptions = {},
    replaced: Case | null = null,
  ) {
    super();
    for (const key of hookNames)
      if (opts[key] !== undefined && typeof opts[key] !== 'function')
        throw new Error(`'${key}' must be a function if provided`);
    const { collector } = bench;
    this.benchmark =
      replaced === null ? collector.add([bench.name, name], this.#parts()) : collector.replace(replaced, this.#parts());
  }

  /** Reads the settings of the Bench again. */
  refresh(): void {
    this.benchmark = this.bench.collector.replace(this.benchmark, this.#parts());
  }

  #parts(): Omit<Case, 'name'> {
    const { bench, fn, opts } = this;
    const modeOf = (mode: Mode): Mode => (bench.opts['warmup'] === false ? 'run' : mode);
    const hooks = (hook: Hook | undefined): Hook[] =>
      typeof hook === 'function' ? [(mode) => hook.call(this, modeOf(mode))] : [];
    const around = (hook: BenchHook): Hook[] => (hook === noop ? [] : [(mode) => hook(this, modeOf(mode))]);
    return {
      fn: bound(fn, this),
      before: [...around(bench.setup), ...hooks(opts.beforeAll)],
      after: [...hooks(opts.afterAll), ...around(bench.teardown)],
      beforeEach: hooks(opts.beforeEach),
      afterEach: hooks(opts.afterEach),
      hasPhases: true,
      // As many at once as the library runs at least.
      ...(bench.concurrency === 'task' && { concurrency: Math.min(bench.threshold, bench.iterations) }),
    };
  }

  get result() {
    if (this.done) return { state: 'completed', ...noResult(), ...runtime };
    return { state: this.isAborted ? 'aborted' : 'not-started', ...runtime };
  }

  /** The library runs no task whose signal says so. */
  get isAborted(): boolean {
    return this.opts.signal?.aborted === true || this.bench.signal?.aborted === true;
  }

  run(): Promise<this> {
    if (this.bench.collector.holdsAt([this.benchmark])) return this.bench.collector.forEver();
    this.pretend();
    return Promise.resolve(this);
  }

  runSync(): this {
    if (this.bench.collector.holdsAt([this.benchmark])) throw new Signal('held');
    this.pretend();
    return this;
  }

  warmup(): Promise<void> {
    this.warmupSync();
    return Promise.resolve();
  }

  warmupSync(): void {
    this.dispatchEvent(new BenchEvent('warmup', this));
  }

  reset(): void {
    this.done = false;
    this.dispatchEvent(new BenchEvent('reset', this));
  }

  setResult(): void {
    return undefined;
  }

  /** Sends the events of a run and marks the task as done. */
  pretend(): void {
    if (this.done || this.isAborted) return;
    this.dispatchEvent(new BenchEvent('start', this));
    this.done = true;
    this.dispatchEvent(new BenchEvent('cycle', this));
    this.bench.dispatchEvent(new BenchEvent('cycle', this));
    this.dispatchEvent(new BenchEvent('complete', this));
  }
}

/** Looks like tinybench's Bench in all its versions, and passes its tasks to the collector. */
class CollectingBench extends EventTarget {
  readonly name: string | undefined;
  readonly opts: BenchOptions;
  readonly signal: AbortSignal | undefined;
  readonly runtime = runtime.runtime;
  readonly runtimeVersion = runtime.runtimeVersion;
  readonly timestampProvider = provider('performanceNow', now);
  readonly todos: Task[] = [];
  setup: BenchHook;
  teardown: BenchHook;
  now: () => number;
  time = 1000;
  iterations = 64;
  warmupTime = 250;
  warmupIterations = 16;
  concurrency: string | null = null;
  threshold = Number.POSITIVE_INFINITY;
  throws = false;
  retainSamples = false;
  readonly #tasks = new Map<string, Task>();

  constructor(
    readonly collector: Collector,
    options: BenchOptions = {},
  ) {
    super();
    for (const key of settings) if (options[key] !== undefined) Object.assign(this, { [key]: options[key] });
    this.name = options.name;
    this.signal = options.signal;
    this.setup = options.setup ?? noop;
    this.teardown = options.teardown ?? noop;
    this.now = options.now ?? now;
    const { time, iterations, warmupTime, warmupIterations, throws } = this;
    const resolved = { time, iterations, warmupTime, warmupIterations, throws, setup: this.setup };
    this.opts = { ...resolved, teardown: this.teardown, now: this.now, ...options };
    this.signal?.addEventListener('abort', () => this.dispatchEvent(new BenchEvent('abort')), { once: true });
  }

  get tasks(): Task[] {
    return [...this.#tasks.values()];
  }

  get results() {
    return this.tasks.map((task) => task.result);
  }

  /** Adds a task. A name that is added again replaces a task that has not run yet, as it did before tinybench 6 refused it. */
  add(name: string, fn: () => unknown, options?: TaskOptions): this {
    const known = this.#tasks.get(name);
    const task = new Task(this, name, fn, options, known?.done === false ? known.benchmark : null);
    this.#tasks.set(name, task);
    this.dispatchEvent(new BenchEvent('add', task));
    return this;
  }

  todo(): this {
    return this;
  }

  getTask(name: string): Task | undefined {
    return this.#tasks.get(name);
  }

  remove(name: string): this {
    const task = this.#tasks.get(name);
    if (task === undefined) return this;
    this.#tasks.delete(name);
    this.collector.remove(task.benchmark);
    this.dispatchEvent(new BenchEvent('remove', task));
    return this;
  }

  reset(): void {
    for (const task of this.tasks) task.reset();
    this.dispatchEvent(new BenchEvent('reset'));
  }

  async run(): Promise<Task[]> {
    return this.#holds() ? this.collector.forEver() : Promise.resolve(this.#pretend());
  }

  runSync(): Task[] {
    if (this.concurrency !== null) throw new Error('Cannot use `concurrency` option when using `runSync`');
    if (this.#holds()) throw new Signal('held');
    return this.#pretend();
  }

  /** As versions before 3 have it: the number of calls at once is a matter of the run. */
  runConcurrently(threshold = Infinity, mode = 'bench'): Promise<Task[]> {
    this.threshold = threshold;
    this.concurrency = mode;
    for (const task of this.tasks) task.refresh();
    return this.run();
  }

  warmup(): Promise<Task[]> {
    this.dispatchEvent(new BenchEvent('warmup'));
    for (const task of this.tasks) task.warmupSync();
    return Promise.resolve(this.tasks);
  }

  warmupConcurrently(): Promise<Task[]> {
    return this.warmup();
  }

  table(convert: (task: Task) => unknown = row): unknown[] {
    return this.tasks.map((task) => convert(task));
  }

  #holds(): boolean {
    for (const task of this.tasks) if (task.isAborted) this.collector.remove(task.benchmark);
    const running = this.tasks.filter((task) => !task.isAborted);
    return this.collector.holdsAt(running.map((task) => task.benchmark));
  }

  #pretend(): Task[] {
    if (this.opts['warmup'] !== false) this.dispatchEvent(new BenchEvent('warmup'));
    this.dispatchEvent(new BenchEvent('start'));
    for (const task of this.tasks) task.pretend();
    this.dispatchEvent(new BenchEvent('complete'));
    return this.tasks;
  }
}

const figures = ['Latency avg (ns)', 'Latency med (ns)', 'Throughput avg (ops/s)', 'Throughput med (ops/s)', 'Samples'];
const zeros = ['0.00 ± 0.00%', '0.00 ± 0.00', '0 ± 0.00%', '0 ± 0', 0];

function row(task: Task): Record<string, string | number> {
  const { state } = task.result;
  const values = figures.map((name, index) => [name, state === 'completed' ? zeros[index] : 'N/A'] as const);
  const remarks = state === 'completed' ? {} : { Remarks: state };
  return { 'Task name': task.name, ...(Object.fromEntries(values) as Record<string, string>), ...remarks };
}

/** Returns the exports of tinybench, versions 2 to 6. */
export function tinybench(collector: Collector): object {
  return {
    Bench: class Bench extends CollectingBench {
      constructor(options?: BenchOptions) {
        super(collector, options);
      }
    },
    Task,
    BenchEvent,
    now,
    hrtimeNow,
    nToMs,
    mToNs,
    performanceNowTimestampProvider: provider('performanceNow', now),
    hrtimeNowTimestampProvider: provider('hrtimeNow', () => process.hrtime.bigint()),
    ...{ formatNumber, calibrateTimerOverhead, classifyTimerSaturation, detectTimerSaturation },
    ...{ estimateResolution, medianAbsoluteDeviation },
  };
}
