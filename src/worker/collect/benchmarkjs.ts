import { type Anything, noop, partsOf } from './benchmarkjs-compile.js';
import { BenchmarkEvent, Sender } from './benchmarkjs-events.js';
import type { Case } from './case.js';
import type { Collector } from './collector.js';
import { Signal } from './signal.js';

type Options = Readonly<Record<string, unknown>>;

const isOptions = (value: unknown): value is Options =>
  typeof value === 'object' &&
  value !== null &&
  [Object.prototype, null].includes(Object.getPrototypeOf(value) as null);

/** What every benchmark has, unless its options or a file's `Benchmark.options` say otherwise. */
const defaults = {
  ...{ async: false, defer: false, delay: 0.005, id: undefined, initCount: 1, maxTime: 5, minSamples: 5, minTime: 0 },
};

/** Reads `(options)`, `(fn, options)`, `(name, options)` and `(name, fn, options)`. */
function settings(first: unknown, second: unknown, third: unknown): Options {
  if (isOptions(first)) return first;
  if (typeof first === 'function') return { fn: first, ...(second as Options | undefined) };
  if (isOptions(second)) return { name: first, ...second };
  return { name: first, fn: second, ...(third as Options | undefined) };
}

class Benchmark extends Sender {
  declare readonly name: string;
  declare readonly id: number;
  declare readonly fn?: Anything | string;
  declare readonly defer: boolean;
  declare readonly async: boolean;
  declare readonly setup: Anything | string;
  declare readonly teardown: Anything | string;
  readonly error = undefined;
  hz = 0;
  count = 0;
  cycles = 0;
  aborted = false;
  running = false;
  readonly stats = { deviation: 0, mean: 0, moe: 0, rme: 0, sample: [] as number[], sem: 0, variance: 0 };
  readonly times = { cycle: 0, elapsed: 0, period: 0, timeStamp: 0 };
  #made: Case;

  constructor(
    readonly collector: Collector,
    suite: Suite | null,
    readonly options: Options,
    id: number,
  ) {
    super();
    Object.assign(this, options, { id: options['id'] ?? id });
    this.listen(options);
    this.#made = collector.add([suite?.name, this.toString().split(' x ')[0]], this.#parts(suite));
  }

  get made(): Case {
    return this.#made;
  }

  /** Reads the functions again, because `Benchmark.prototype.setup` may have been set since. */
  refresh(suite: Suite | null): Case {
    this.#made = this.collector.replace(this.#made, this.#parts(suite));
    return this.#made;
  }

  run({ async }: { async?: boolean } = {}): this {
    if (this.collector.holdsAt([this.refresh(null)])) {
      if (async ?? this.async) return this;
      throw new Signal('held');
    }
    this.pretend();
    return this;
  }

  /** Sends the events of a run. */
  pretend(): void {
    this.emit(new BenchmarkEvent('start'));
    this.cycles = 1;
    this.emit(new BenchmarkEvent('cycle'));
    this.emit(new BenchmarkEvent('complete'));
  }

  abort(): this {
    return this;
  }

  reset(): this {
    return this;
  }

  compare(): number {
    return 0;
  }

  clone(): never {
    return this.collector.refuse('Benchmark.clone()');
  }

  override toString(): string {
    const name = this.name || (Number.isNaN(this.id) ? this.id : `<Test #${this.id}>`);
    return `${name} x ${this.hz.toFixed(2)} ops/sec ±0.00% (0 runs sampled)`;
  }

  #parts(suite: Suite | null): Omit<Case, 'name'> {
    const start = () => {
      suite?.begin();
      this.emit(new BenchmarkEvent('start'));
    };
    return {
      ...partsOf(this),
      before: [start],
      after: [() => this.emit(new BenchmarkEvent('complete'))],
      beforeEach: [],
      afterEach: [],
    };
  }
}

/** Array-like, and the `this` of its listeners, as scripts expect. */
class Suite extends Sender {
  length = 0;
  readonly [index: number]: Benchmark;
  aborted = false;
  running = false;
  #begun = false;

  constructor(
    readonly collector: Collector,
    readonly name: string | undefined,
    readonly options: Options,
    private readonly make: (suite: Suite | null, options: Options) => Benchmark,
  ) {
    super();
    this.listen(options);
  }

  get all(): Benchmark[] {
    return Array.from(this);
  }

  *[Symbol.iterator](): Generator<Benchmark> {
    for (let index = 0; index < this.length; index++) {
      const each = this[index];
      if (each !== undefined) yield each;
    }
  }

  add(first: unknown, second?: unknown, third?: unknown): this {
    const target = this.make(this, settings(first, second, third));
    const event = new BenchmarkEvent({ type: 'add', ...{ target } });
    this.emit(event);
    if (event.cancelled) this.collector.remove(target.made);
    else this.push(target);
    return this;
  }

  push(...benchmarks: Benchmark[]): number {
    for (const each of benchmarks) Object.assign(this, { [this.length++]: each });
    return this.length;
  }

  /** Returns benchmarks in the order in which they were added: nothing was measured, so none is faster. */
  filter(which: string | ((each: Benchmark) => unknown)): Suite {
    const chosen = new Suite(this.collector, this.name, {}, this.make);
    chosen.push(...(typeof which === 'string' ? this.all : this.all.filter(which)));
    return chosen;
  }

  map(what: string | ((each: Benchmark, index: number) => unknown)): unknown[] {
    return this.all.map((each, index) =>
      typeof what === 'string' ? (Reflect.get(each, what) as unknown) : what(each, index),
    );
  }

  pluck(key: string): unknown[] {
    return this.map(key);
  }

  forEach(callback: (each: Benchmark, index: number) => unknown): this {
    this.all.some((each, index) => callback(each, index) === false);
    return this;
  }

  each(callback: (each: Benchmark, index: number) => unknown): this {
    return this.forEach(callback);
  }

  reduce(callback: (...args: unknown[]) => unknown, ...initial: [unknown]): unknown {
    return this.all.reduce(callback, ...initial);
  }

  indexOf(benchmark: Benchmark): number {
    return this.all.indexOf(benchmark);
  }

  join(separator?: string): string {
    return this.all.join(separator);
  }

  slice(start?: number, end?: number): Benchmark[] {
    return this.all.slice(start, end);
  }

  /** Sends the event that comes before the first benchmark of a run. */
  begin(): void {
    if (this.#begun) return;
    this.#begun = true;
    this.emit(new BenchmarkEvent({ type: 'start', ...{ target: this[0] } }));
  }

  run({ async }: { async?: boolean } = {}): this {
    this.#begun = false;
    const isAsync = (async ?? this.options['async']) === true;
    if (this.collector.holdsAt(this.all.map((each) => each.refresh(this)))) {
      // An asynchronous run returns at once, and the script waits for a `complete` that never comes.
      if (isAsync || this[0]?.defer === true) return this;
      throw new Signal('held');
    }
    this.begin();
    const rest = this.all;
    const next = (isLate: boolean): void => {
      for (let target = rest[0]; target !== undefined; target = rest[0]) {
        // A deferred benchmark lets the script go on, and so do those after it.
        if (!isLate && (isAsync || target.defer)) {
          setImmediate(() => next(true));
          return;
        }
        rest.shift();
        target.pretend();
        const event = new BenchmarkEvent({ type: 'cycle', ...{ target } });
        this.emit(event);
        if (event.aborted || this.aborted) break;
      }
      this.emit(new BenchmarkEvent({ type: 'complete', ...{ target: this.all.at(-1) } }));
    };
    next(false);
    return this;
  }

  abort(): this {
    this.aborted = true;
    return this;
  }

  reset(): this {
    this.aborted = false;
    return this;
  }

  clone(): never {
    return this.collector.refuse('Suite.clone()');
  }
}

/** Returns the export of Benchmark.js 2. */
export function benchmarkjs(collector: Collector): object {
  let count = 0;
  const make = (suite: Suite | null, own: Options): Benchmark => new BoundBenchmark(own, suite);
  // Both can be called without `new`.
  const callable = <C extends new (...args: never[]) => object>(made: C): C =>
    new Proxy(made, { apply: (target, _, args) => new target(...(args as never[])) as unknown });
  class BoundBenchmark extends Benchmark {
    static readonly options: Options = { ...defaults };

    constructor(first?: unknown, second?: unknown, third?: unknown) {
      const suite = second instanceof Suite ? second : null;
      const own = suite === null ? settings(first, second, third) : (first as Options);
      super(collector, suite, { ...BoundBenchmark.options, ...own }, ++count);
    }
  }
  Object.assign(BoundBenchmark.prototype, { setup: noop, teardown: noop });
  class BoundSuite extends Suite {
    constructor(first?: unknown, second?: unknown) {
      const [name, options] = isOptions(first) ? [first['name'], first] : [first, second];
      super(collector, name as string | undefined, (options ?? {}) as Options, make);
    }
  }
  const list = (benches: Iterable<Benchmark>) => Array.from(benches);
  const formatNumber = (value: number) => {
    const [whole = '', fraction] = String(value).split('.');
    return whole.replace(/(?=(?:\d{3})+$)(?!\b)/g, ',') + (fraction === undefined ? '' : `.${fraction}`);
  };
  const join = (object: object, between = ',', assigns = ': ') =>
    'length' in object
      ? Array.from(object as ArrayLike<unknown>).join(between)
      : Object.entries(object)
          .map(([key, value]) => key + assigns + String(value))
          .join(between);
  const version = process.versions.node;
  const Bound = callable(BoundBenchmark);
  return Object.assign(Bound, {
    ...{ Suite: callable(BoundSuite), Benchmark: Bound, default: Bound, Event: BenchmarkEvent },
    filter: (benches: Iterable<Benchmark>, which: string | ((each: Benchmark) => unknown)) =>
      typeof which === 'string' ? list(benches) : list(benches).filter(which),
    invoke: () => collector.refuse('Benchmark.invoke()'),
    runInContext: () => collector.refuse('Benchmark.runInContext()'),
    ...{ formatNumber, join },
    each: (benches: Iterable<Benchmark>, callback: (each: Benchmark) => void) => list(benches).forEach(callback),
    forEach: (benches: Iterable<Benchmark>, callback: (each: Benchmark) => void) => list(benches).forEach(callback),
    map: (benches: Iterable<Benchmark>, what: (each: Benchmark) => unknown) => list(benches).map(what),
    platform: { description: `Node.js ${version}`, name: 'Node.js', version, os: process.platform },
    support: { browser: false, timeout: true, decompilation: true },
    version: '2.1.4',
  });
}
