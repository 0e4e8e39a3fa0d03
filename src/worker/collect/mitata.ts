import type { Case, Hook } from './case.js';
import type { Collector } from './collector.js';
import { noStatistics } from './statistics.js';

type Fn = (state?: unknown) => unknown;

const noop = () => undefined;

/** One `bench(…)` of mitata: a case for each combination of its arguments. */
class Bench {
  #arguments: Readonly<Record<string, readonly unknown[]>> = {};
  #name: string;

  constructor(
    name: string,
    private readonly group: readonly string[],
    private readonly fn: Fn,
  ) {
    this.#name = name;
  }

  name(name: string): this {
    this.#name = name;
    return this;
  }

  args(first: unknown, values?: readonly unknown[]): this {
    if (Array.isArray(first)) return this.#with('x', first as unknown[]);
    if (typeof first === 'string') return this.#with(first, values ?? []);
    for (const [key, own] of Object.entries(first as Record<string, readonly unknown[]>)) this.#with(key, own);
    return this;
  }

  range(name: string, start: number, end: number, factor = 8): this {
    const values = [];
    for (let value = start; value <= end; value *= factor) values.push(Math.min(value, end));
    if (values.at(-1) !== end) values.push(end);
    return this.#with(name, values);
  }

  dense_range(name: string, start: number, end: number, step = 1): this {
    const values = [];
    for (let value = start; value <= end; value += step) values.push(value);
    return this.#with(name, values);
  }

  baseline = (): this => this;
  compact = (): this => this;
  gc = (): this => this;
  highlight = (): this => this;

  /** Passes its cases to the collector. */
  collect(collector: Collector): readonly Case[] {
    let combinations: Readonly<Record<string, unknown>>[] = [{}];
    for (const [key, values] of Object.entries(this.#arguments))
      combinations = combinations.flatMap((each) => values.map((value) => ({ ...each, [key]: value })));
    return combinations.map((values) => {
      const name = Object.entries(values).reduce(
        (text, [key, value]) => text.replaceAll(`$${key}`, String(value)),
        this.#name,
      );
      return collector.add([...this.group, name], parts(this.fn, values));
    });
  }

  #with(key: string, values: readonly unknown[]): this {
    this.#arguments = { ...this.#arguments, [key]: values };
    return this;
  }
}

/** Runs a generator up to its `yield` before each phase, and measures what it yields: a function, or parameters and a `bench`. */
function parts(fn: Fn, values: Readonly<Record<string, unknown>>): Omit<Case, 'name'> {
  const none = { before: [], after: [], beforeEach: [], afterEach: [] };
  const kind = Object.prototype.toString.call(fn);
  if (kind !== '[object GeneratorFunction]' && kind !== '[object AsyncGeneratorFunction]') return { fn, ...none };
  const state = { get: (key: string) => values[key] };
  let generator: AsyncIterator<unknown> | Iterator<unknown> | null = null;
  let measured: (...args: readonly unknown[]) => unknown = noop;
  const parameters: (() => unknown)[] = [];
  let args: unknown[] = [];
  const begin = async () => {
    generator = fn(state) as AsyncIterator<unknown> | Iterator<unknown>;
    const { value } = (await generator.next()) as { value: unknown };
    if (typeof value === 'function') measured = value as typeof measured;
    else if (typeof value === 'object' && value !== null && 'bench' in value) {
      const described = value as { bench: typeof measured } & Record<number, () => unknown>;
      measured = described.bench.bind(described);
      const keys = Object.keys(described).filter((key) => /^\d+$/.test(key));
      parameters.length = 0;
      for (const key of keys.sort((a, b) => Number(a) - Number(b))) parameters.push(() => described[Number(key)]?.());
    }
  };
  const finish = async () => {
    await generator?.next();
    generator = null;
  };
  const prepare: Hook = () => {
    args = parameters.map((parameter) => parameter());
  };
  const computed = { parameters, fn: (...given: readonly unknown[]) => measured(...given) };
  return {
    fn: () => measured(...args),
    before: [begin],
    after: [finish],
    beforeEach: [prepare],
    afterEach: [],
    computed,
  };
}

/** Returns the exports of mitata 1. */
export function mitata(collector: Collector): object {
  const pending: Bench[] = [];
  let groups: readonly string[] = [];
  const bench = (name: string | Fn, fn: Fn = noop) => {
    const made = typeof name === 'string' ? new Bench(name, groups, fn) : new Bench(name.name, groups, name);
    pending.push(made);
    collector.activity++;
    return made;
  };
  const inside = (name: string | null, body: () => unknown): unknown => {
    const outer = groups;
    groups = name === null ? outer : [...outer, name];
    const leave = () => {
      groups = outer;
    };
    const result = body();
    if (result instanceof Promise) return result.finally(leave);
    leave();
    return result;
  };
  const group = (first: string | { name?: string } | (() => unknown), body: () => unknown = noop) => {
    if (typeof first === 'function') return inside(null, first as () => unknown);
    return inside(typeof first === 'string' ? first : (first.name ?? null), body);
  };
  const around = (body: () => unknown) => inside(null, body);
  const run = (): Promise<unknown> => {
    const cases = pending.splice(0).flatMap((each) => each.collect(collector));
    if (collector.holdsAt(cases)) return collector.forEver();
    const benchmarks = cases.map(({ name }) => {
      const stats = { ...noStatistics(), avg: 0, p25: 0, ticks: 0, kind: 'fn' };
      return { alias: name, group: 0, baseline: false, runs: [{ name, args: {}, stats }] };
    });
    const context = { now: 0, arch: null, runtime: 'node', cpu: { name: null, freq: 0 } };
    return Promise.resolve({ context, benchmarks, layout: [] });
  };
  const measure = () => Promise.resolve({ ...noStatistics(), avg: 0, p25: 0, ticks: 0, kind: 'fn' });
  const plots = { summary: around, boxplot: around, barplot: around, lineplot: around, compact: around };
  const flags = { compact: false, baseline: false };
  return { bench, group, run, measure, B: Bench, flags, print: noop, do_not_optimize: noop, ...plots };
}
