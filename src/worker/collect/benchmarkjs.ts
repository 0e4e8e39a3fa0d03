import { EventEmitter } from 'node:events';
import { compileFunction } from 'node:vm';
import type { Case, Hook } from './case.js';
import type { Collector } from './collector.js';
import { Signal } from './signal.js';
import { bound } from './statistics.js';

type Anything = (...args: unknown[]) => unknown;

interface Options {
  readonly name?: string;
  readonly fn?: Anything | string;
  readonly defer?: boolean;
  readonly async?: boolean;
  readonly setup?: Anything | string;
  readonly teardown?: Anything | string;
  readonly onStart?: Anything;
  readonly onCycle?: Anything;
  readonly onComplete?: Anything;
}

const compiled = (code: Anything | string): Anything =>
  typeof code === 'function' ? code : (compileFunction(code) as Anything);

const settings = (first: unknown, fn: unknown, rest: unknown): Options => {
  const options = [first, fn, rest].find((each) => typeof each === 'object' && each !== null) as Options | undefined;
  const code = [first, fn].find(
    (each, index) => typeof each === 'function' || (index === 1 && typeof each === 'string'),
  );
  return {
    ...(typeof first === 'string' ? { name: first } : {}),
    ...(code === undefined ? {} : { fn: code as Anything }),
    ...options,
  };
};

/** Events as Benchmark.js sends them: several types in one string, listeners bound to the sender. */
class Sender {
  readonly #emitter = new EventEmitter();

  on(types: string, listener: Anything): this {
    for (const type of types.split(/\s+/)) this.#emitter.on(type, (event) => listener.call(this, event));
    return this;
  }

  emit(event: { type: string }): void {
    this.#emitter.emit(event.type, event);
  }
}

class Benchmark extends Sender {
  readonly name: string;
  readonly fn: Anything;
  readonly hz = 0;
  readonly count = 0;
  readonly cycles = 0;
  readonly aborted = false;
  readonly running = false;
  readonly stats = { deviation: 0, mean: 0, moe: 0, rme: 0, sample: [] as number[], sem: 0, variance: 0 };
  readonly times = { cycle: 0, elapsed: 0, period: 0, timeStamp: 0 };
  readonly benchmark: Case;

  constructor(
    readonly collector: Collector,
    suite: string | undefined,
    readonly options: Options,
  ) {
    super();
    const fn = compiled(options.fn ?? (() => undefined));
    const hook = (code: Anything | string | undefined): Hook[] =>
      code === undefined ? [] : [compiled(code).bind(this)];
    this.name = options.name ?? '';
    this.fn = fn;
    const deferred = () => new Promise<void>((resolve) => fn.call(this, { benchmark: this, resolve }));
    this.benchmark = collector.add([suite, this.name], {
      fn: options.defer === true ? deferred : bound(fn, this),
      before: [...hook(options.onStart), ...hook(options.setup)],
      after: [...hook(options.teardown), ...hook(options.onComplete)],
      beforeEach: [],
      afterEach: [],
    });
  }

  run({ async = false }: { async?: boolean } = {}): this {
    if (this.collector.holdsAt([this.benchmark])) {
      if (async || this.options.async === true) return this;
      throw new Signal('held');
    }
    for (const type of ['start', 'cycle', 'complete']) this.emit({ type, ...{ target: this, currentTarget: this } });
    return this;
  }

  abort(): this {
    return this;
  }

  reset(): this {
    return this;
  }

  override toString(): string {
    return `${this.name} x 0 ops/sec ±0.00% (0 runs sampled)`;
  }
}

/** Array-like, and the `this` of its listeners, as scripts expect. */
class Suite extends Sender {
  length = 0;
  readonly [index: number]: Benchmark;
  readonly aborted = false;
  readonly running = false;
  readonly events = {};

  constructor(
    readonly collector: Collector,
    readonly name: string | undefined,
    options: Options,
  ) {
    super();
    for (const [key, listener] of Object.entries(options))
      if (key.startsWith('on') && typeof listener === 'function')
        this.on(key.slice(2).toLowerCase(), listener as Anything);
  }

  get #all(): Benchmark[] {
    return Array.from(this);
  }

  *[Symbol.iterator](): Generator<Benchmark> {
    for (let index = 0; index < this.length; index++) {
      const each = this[index];
      if (each !== undefined) yield each;
    }
  }

  add(first: unknown, fn?: unknown, rest?: unknown): this {
    const made = new Benchmark(this.collector, this.name, settings(first, fn, rest));
    Object.assign(this, { [this.length++]: made });
    this.emit({ type: 'add', ...{ target: made } });
    return this;
  }

  /** Returns benchmarks in the order in which they were added: nothing was measured, so none is faster. */
  filter(which: string | ((each: Benchmark) => unknown)): Benchmark[] {
    return chosen(typeof which === 'string' ? this.#all : this.#all.filter(which));
  }

  map(what: string | ((each: Benchmark) => unknown)): unknown[] {
    return chosen(this.#all).map(what as never);
  }

  pluck(key: string): unknown[] {
    return this.map(key);
  }

  forEach(callback: (each: Benchmark, index: number) => void): this {
    this.#all.forEach(callback);
    return this;
  }

  each(callback: (each: Benchmark, index: number) => void): this {
    return this.forEach(callback);
  }

  slice(start?: number, end?: number): Benchmark[] {
    return this.#all.slice(start, end);
  }

  run({ async = false }: { async?: boolean } = {}): this {
    if (this.collector.holdsAt(this.#all.map((each) => each.benchmark))) {
      // An asynchronous run returns at once, and the script waits for a `complete` that never comes.
      if (async) return this;
      throw new Signal('held');
    }
    const finish = () => {
      this.emit({ type: 'start', ...{ currentTarget: this } });
      for (const target of this) {
        target.emit({ type: 'cycle', ...{ target } });
        this.emit({ type: 'cycle', ...{ target, currentTarget: this } });
      }
      this.emit({ type: 'complete', ...{ currentTarget: this, target: this } });
    };
    if (async) setImmediate(finish);
    else finish();
    return this;
  }

  abort(): this {
    return this;
  }

  reset(): this {
    return this;
  }
}

/** Returns the result of `filter`: a list whose `map` and `pluck` also take the name of a property. */
function chosen(list: readonly Benchmark[]): Benchmark[] {
  const map = (what: string | ((each: Benchmark, index: number) => unknown)): unknown[] =>
    list.map((each, index) => (typeof what === 'string' ? (Reflect.get(each, what) as unknown) : what(each, index)));
  return Object.assign([...list], { map, pluck: map });
}

/** Returns the export of Benchmark.js 2. */
export function benchmarkjs(collector: Collector): object {
  const BoundSuite = class extends Suite {
    constructor(name?: unknown, options?: unknown) {
      super(collector, typeof name === 'string' ? name : undefined, settings(name, undefined, options));
    }
  };
  const BoundBenchmark = class extends Benchmark {
    constructor(name?: unknown, fn?: unknown, options?: unknown) {
      super(collector, undefined, settings(name, fn, options));
    }
  };
  const formatNumber = (value: number) => value.toLocaleString('en-US');
  const platform = { description: `Node.js ${process.versions.node}`, name: 'Node.js', version: process.versions.node };
  return Object.assign(BoundBenchmark, {
    Suite: BoundSuite,
    Benchmark: BoundBenchmark,
    default: BoundBenchmark,
    formatNumber,
    platform,
    options: {},
    support: {},
    version: '2.1.4',
  });
}
