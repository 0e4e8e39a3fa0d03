import type { Case, Hook } from './case.js';
import type { Collector } from './collector.js';
import { Signal } from './signal.js';
import { bound, noResult } from './statistics.js';

type Mode = 'run' | 'warmup';
type BenchHook = (task: Task, mode: Mode) => unknown;

interface TaskOptions {
  readonly beforeAll?: Hook;
  readonly afterAll?: Hook;
  readonly beforeEach?: Hook;
  readonly afterEach?: Hook;
}

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
  ...['concurrency', 'threshold', 'throws', 'retainSamples'],
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
  readonly benchmark: Case;
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
    const hooks = (hook: Hook | undefined): Hook[] => (typeof hook !== 'function' ? [] : [hook.bind(this)]);
    const parts: Omit<Case, 'name'> = {
      fn: bound(fn, this),
      before: [(mode = 'run') => bench.setup(this, mode), ...hooks(opts.beforeAll)],
      after: [...hooks(opts.afterAll), (mode = 'run') => bench.teardown(this, mode)],
      beforeEach: hooks(opts.beforeEach),
      afterEach: hooks(opts.afterEach),
    };
    const { collector } = bench;
    this.benchmark = replaced === null ? collector.add([bench.name, name], parts) : collector.replace(replaced, parts);
  }

  get result() {
    return this.done ? { state: 'completed', ...noResult(), ...runtime } : { state: 'not-started', ...runtime };
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
    return Promise.resolve();
  }

  warmupSync(): void {
    return undefined;
  }

  reset(): void {
    this.done = false;
  }

  setResult(): void {
    return undefined;
  }

  /** Sends the events of a run and marks the task as done. */
  pretend(): void {
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
    this.opts = options;
    this.name = options.name;
    this.signal = options.signal;
    this.setup = options.setup ?? noop;
    this.teardown = options.teardown ?? noop;
    this.now = options.now ?? now;
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
    if (this.#holds()) throw new Signal('held');
    return this.#pretend();
  }

  runConcurrently(): Promise<Task[]> {
    return this.run();
  }

  warmup(): Promise<Task[]> {
    this.dispatchEvent(new BenchEvent('warmup'));
    return Promise.resolve(this.tasks);
  }

  warmupConcurrently(): Promise<Task[]> {
    return this.warmup();
  }

  table(convert: (task: Task) => unknown = row): unknown[] {
    return this.tasks.map((task) => convert(task));
  }

  #holds(): boolean {
    return this.collector.holdsAt(this.tasks.map((task) => task.benchmark));
  }

  #pretend(): Task[] {
    this.dispatchEvent(new BenchEvent('start'));
    for (const task of this.tasks) task.pretend();
    this.dispatchEvent(new BenchEvent('complete'));
    return this.tasks;
  }
}

const row = (task: Task): Record<string, string | number> => ({
  'Task name': task.name,
  'Latency avg (ns)': '0.00 ± 0.00%',
  'Latency med (ns)': '0.00 ± 0.00',
  'Throughput avg (ops/s)': '0 ± 0.00%',
  'Throughput med (ops/s)': '0 ± 0',
  Samples: 0,
});

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
    formatNumber: (value: number) => value.toFixed(2),
    calibrateTimerOverhead: () => 0,
    classifyTimerSaturation: noop,
    detectTimerSaturation: () => false,
    estimateResolution: noop,
    medianAbsoluteDeviation: () => 0,
  };
}
