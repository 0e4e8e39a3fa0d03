import type { Case } from './case.js';
import type { Collector } from './collector.js';
import { type Arguments, type Fn, kindOf, partsOf } from './mitata-parts.js';
import { noStatistics } from './statistics.js';

const colors = ['red', 'cyan', 'white', 'green', 'yellow', 'magenta', 'blue', 'black', 'gray'];
const flags = { compact: 1, baseline: 2 };
const noop = () => undefined;

const stats = (kind: string | null) => ({ ...noStatistics(), avg: 0, p25: 0, ticks: 0, kind, debug: '' });

/** What the file is in the middle of: the names of the enclosing groups, and the flags of `compact`. */
interface Scope {
  readonly groups: readonly string[];
  readonly flags: number;
}

/** A case, the arguments that it is for, and its name without those of groups. */
interface Run {
  readonly made: Case;
  readonly args: Arguments;
  readonly name: string;
}

/** One `bench(…)` of mitata: a case for each combination of its arguments. */
class Bench {
  #arguments: Record<string, readonly unknown[]> = {};
  #gc: unknown = 'once';
  #highlight: unknown = false;
  readonly f: Fn;
  flags: number;
  _name = '';

  constructor(
    private readonly collector: Collector,
    private readonly scope: Scope,
    name: string,
    fn: unknown,
  ) {
    if (kindOf(fn) === null) throw new TypeError('expected iterator, generator or one-shot function');
    this.f = fn as Fn;
    this.flags = scope.flags;
    this.name(name);
  }

  name(name: string, color: unknown = false): this {
    this._name = name;
    return this.highlight(color);
  }

  gc(gc: unknown = 'once'): this {
    if (![true, false, 'once', 'inner'].includes(gc as string)) throw new TypeError('invalid gc type');
    this.#gc = gc;
    return this;
  }

  highlight(color: unknown = false): this {
    if (color && !colors.includes(color as string)) throw new TypeError('invalid highlight color');
    this.#highlight = color;
    return this;
  }

  compact(on = true): this {
    return this.#flag(flags.compact, on);
  }

  baseline(on = true): this {
    return this.#flag(flags.baseline, on);
  }

  range(name: string, start: number, end: number, factor = 8): this {
    const values = [];
    for (let value = start; value <= end; value *= factor) values.push(Math.min(value, end));
    return this.args(name, values.includes(end) ? values : [...values, end]);
  }

  dense_range(name: string, start: number, end: number, step = 1): this {
    const values = [];
    for (let value = start; value <= end; value += step) values.push(value);
    return this.args(name, values.includes(end) ? values : [...values, end]);
  }

  args(first: unknown, values?: unknown): this {
    const set = (key: string, own: unknown) => {
      if (own === null || own === undefined) Reflect.deleteProperty(this.#arguments, key);
      else if (Array.isArray(own)) this.#arguments[key] = own as unknown[];
      else throw new TypeError('invalid arguments map value');
      return this;
    };
    if (first === null || Array.isArray(first)) return set('x', first);
    if (typeof first === 'string' && (values === null || Array.isArray(values))) return set(first, values);
    if (typeof first !== 'object') throw new TypeError('invalid arguments');
    for (const [key, own] of Object.entries(first)) set(key, own);
    return this;
  }

  /** Passes its cases to the collector. The first argument changes fastest, as in mitata. */
  collect(): readonly Run[] {
    let combinations: Arguments[] = [{}];
    for (const [key, values] of Object.entries(this.#arguments))
      combinations = values.flatMap((value) => combinations.map((each) => ({ ...each, [key]: value })));
    return combinations.map((args) => {
      let name = this._name;
      for (const [key, value] of Object.entries(args)) name = name.replaceAll(`$${key}`, value as string);
      const made = this.collector.add([...this.scope.groups, name], partsOf(this.f, args, this.#gc));
      return { made, args, name };
    });
  }

  run(): Promise<unknown> {
    const cases = this.collect();
    if (this.collector.holdsAt(cases.map(({ made }) => made))) return this.collector.forEver();
    return Promise.resolve(this.pretend(cases));
  }

  /** Returns what a run returns, with figures of zero. */
  pretend(cases: readonly Run[]): object {
    const count = Object.keys(this.#arguments).length;
    return {
      kind: count === 0 ? 'static' : count === 1 ? 'args' : 'multi-args',
      args: this.#arguments,
      alias: this._name,
      group: 0,
      baseline: (this.flags & flags.baseline) !== 0,
      runs: cases.map(({ args, name }) => ({ stats: stats(kindOf(this.f)), error: undefined, args, name })),
      style: { highlight: this.#highlight, compact: (this.flags & flags.compact) !== 0 },
    };
  }

  #flag(flag: number, on: boolean): this {
    this.flags = on ? this.flags | flag : this.flags & ~flag;
    return this;
  }
}

interface RunOptions {
  readonly filter?: RegExp;
  readonly format?: unknown;
  readonly print?: (text: string) => unknown;
  readonly observe?: (trial: object) => object;
}

/** Returns the exports of mitata 1. */
export function mitata(collector: Collector): object {
  let pending: Bench[] = [];
  let scope: Scope = { groups: [], flags: 0 };
  // Otherwise a compiler could leave out what the file wants to keep.
  const kept: { _: unknown } = { _: null };
  const bench = (name: unknown, fn?: unknown) => {
    const [title, body] = typeof name === 'function' ? [name.name || 'anonymous', name] : [name as string, fn];
    const made = new Bench(collector, scope, title, body);
    pending.push(made);
    collector.activity++;
    return made;
  };
  const inside = (inner: Scope, body: () => unknown): unknown => {
    const outer = scope;
    scope = inner;
    const leave = () => {
      scope = outer;
    };
    let result: unknown;
    try {
      result = body();
    } finally {
      if (!(result instanceof Promise)) leave();
    }
    return result instanceof Promise ? result.finally(leave).then(noop) : undefined;
  };
  const group = (first: unknown, body: () => unknown = noop) => {
    if (typeof first === 'function') return inside(scope, first as () => unknown);
    const name = typeof first === 'object' && first !== null ? (first as { name?: string }).name : (first as string);
    return inside({ ...scope, groups: name ? [...scope.groups, name] : scope.groups }, body);
  };
  const plot = (body: () => unknown) => inside(scope, body);
  const compact = (body: () => unknown) => inside({ ...scope, flags: scope.flags | flags.compact }, body);
  const run = async (options: RunOptions = {}): Promise<unknown> => {
    const { filter = /.*/, format, print = console.log, observe = (trial: object) => trial } = options;
    const chosen = pending.filter(({ _name }) => filter.test(_name)).map((each) => ({ each, cases: each.collect() }));
    pending = [];
    const cases = chosen.flatMap(({ cases }) => cases.map(({ made }) => made));
    if (collector.holdsAt(cases)) return collector.forEver();
    const benchmarks = chosen.map(({ each, cases }) => observe(each.pretend(cases)));
    const noise = { fn: stats('fn'), iter: stats('iter'), fn_gc: stats('fn') };
    const cpu = { name: null, freq: 1 };
    const arch = `${process.arch}-${process.platform}`;
    const context = { now: Date.now(), arch, version: process.versions.node, runtime: 'node', cpu, noop: noise };
    const result = { layout: [{ name: null, types: [] }], context, benchmarks };
    const isJson = format === 'json' || (typeof format === 'object' && format !== null && 'json' in format);
    if (isJson) print(JSON.stringify(result));
    return result;
  };
  const measure = async (fn: unknown, options: { args?: Arguments; inner_gc?: boolean } = {}): Promise<unknown> => {
    if (kindOf(fn) === null) throw new TypeError('expected iterator, generator or one-shot function');
    const gc = options.inner_gc === true ? 'inner' : 'once';
    const made = collector.add(
      [...scope.groups, (fn as Fn).name || 'measure'],
      partsOf(fn as Fn, options.args ?? {}, gc),
    );
    return collector.holdsAt([made]) ? collector.forEver() : stats(kindOf(fn));
  };
  const keep = (value: unknown) => {
    kept._ = value;
  };
  const B = class extends Bench {
    constructor(name: string, fn: unknown) {
      super(collector, scope, name, fn);
    }
  };
  const plots = { summary: plot, boxplot: plot, barplot: plot, lineplot: plot };
  return { bench, group, compact, run, measure, B, flags, do_not_optimize: keep, ...plots };
}
