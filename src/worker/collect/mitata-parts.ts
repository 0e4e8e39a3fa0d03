import { compileFunction } from 'node:vm';
import type { Case } from './case.js';

export type Fn = (...args: readonly unknown[]) => unknown;
export type Arguments = Readonly<Record<string, unknown>>;
type Parts = Omit<Case, 'name'>;

const none = { before: [], after: [], beforeEach: [], afterEach: [] };

/** What mitata takes a function for: one iteration, a loop over the state that it is given, or a generator of one of them. */
export function kindOf(fn: unknown): 'fn' | 'iter' | 'yield' | null {
  if (typeof fn !== 'function') return null;
  const kind = Object.prototype.toString.call(fn);
  if (kind === '[object GeneratorFunction]' || kind === '[object AsyncGeneratorFunction]') return 'yield';
  return fn.length === 0 ? 'fn' : 'iter';
}

/** Returns how mitata runs a function with these arguments. */
export function partsOf(fn: Fn, args: Arguments, gc: unknown): Parts {
  const collects = gc === 'inner' ? { collects: true } : {};
  switch (kindOf(fn)) {
    case 'yield':
      return { ...generated(fn, args), ...collects };
    case 'iter':
      return { ...looping(fn, args), ...collects };
    case 'fn':
    case null:
      return { ...none, fn, ...collects };
  }
}

/** The function has a loop of its own: `for (const _ of state) …`. What it does before and after is not measured. */
function looping(fn: Fn, args: Arguments): Parts {
  const loop = async (n: number, begin: () => void, end: () => void): Promise<void> => {
    let pulled = 0;
    const step = { done: false, value: undefined };
    const iterator = {
      next: () => {
        if (pulled++ === 0) begin();
        if (pulled <= n) return step;
        end();
        return { done: true, value: undefined };
      },
      // As a `break` in the loop does, which mitata takes for too few samples.
      return: () => {
        throw new TypeError(`the benchmark left its loop over the state after ${pulled} of ${n} iterations`);
      },
    };
    const state = {
      [Symbol.iterator]: () => iterator,
      [Symbol.asyncIterator]: () => iterator,
      get: (name: string) => args[name],
    };
    await fn(state);
    if (pulled <= n)
      throw new TypeError('the benchmark takes a state but does not loop over it: for (const _ of state) …');
  };
  const nothing = (): void => undefined;
  return { ...none, fn: () => loop(1, nothing, nothing), loop };
}

interface Yielded {
  readonly [index: number]: () => unknown;
  readonly bench?: unknown;
  readonly manual?: unknown;
  readonly concurrency?: unknown;
}

/** Runs a generator up to its `yield` before the run, and measures what it yields. */
function generated(fn: Fn, args: Arguments): Parts {
  let generator: AsyncIterator<unknown> | Iterator<unknown> | null = null;
  let yielded: ReturnType<typeof read> | null = null;
  const begin = async (): Promise<void> => {
    generator = fn({ get: (name: string) => args[name] }) as AsyncIterator<unknown> | Iterator<unknown>;
    const { value } = (await generator.next()) as { value: unknown };
    yielded = read(value, args);
  };
  const finish = async (): Promise<void> => {
    const ended = generator;
    generator = null;
    if (ended !== null && (await ended.next()).done !== true) throw new TypeError('expected generator to yield once');
  };
  const late = (): ReturnType<Required<Parts>['late']> => {
    if (yielded === null) throw new Error('the generator has not yielded yet');
    const { fn: measured, parameters } = yielded;
    if (parameters.length === 0) return { fn: measured };
    let given: unknown[] = [];
    const prepare = async (): Promise<void> => {
      given = [];
      for (const parameter of parameters) given.push(await parameter());
    };
    return { fn: () => measured(...given), beforeEach: [prepare], computed: { fn: measured, parameters } };
  };
  const early = (): never => {
    throw new Error('the generator has not yielded yet');
  };
  return { ...none, fn: early, before: [begin], after: [finish], late };
}

/** Reads what a generator yields: a function, or an object with one and with functions that compute its parameters. */
function read(value: unknown, args: Arguments): { readonly fn: Fn; readonly parameters: readonly (() => unknown)[] } {
  const options = (typeof value === 'object' && value !== null ? value : {}) as Yielded;
  const isPlain = kindOf(value) === 'fn';
  const isManual = !isPlain && !options.bench && Boolean(options.manual);
  const fn = isPlain ? value : isManual ? options.manual : options.bench;
  if (typeof fn !== 'function' || kindOf(fn) === 'yield')
    throw new TypeError('expected benchmarkable yield from generator');
  const parameters = isPlain ? [] : Array.from({ length: fn.length }, (_, index) => options[index]);
  if (!parameters.every((one) => one !== undefined && kindOf(one) === 'fn'))
    throw new TypeError('expected function for benchmark parameter');
  const concurrency = isManual ? 1 : Number(options.concurrency ?? args['concurrency'] ?? 1);
  return concurrent(isManual ? manual(fn as Fn) : (fn as Fn), parameters as (() => unknown)[], concurrency);
}

/** A function that returns its own duration, in nanoseconds. */
const manual =
  (fn: Fn): Fn =>
  async (...args) => ({ overriddenDuration: Number(await fn(...args)) / 1e6 });

/** An iteration of so many calls, all at once if they return promises. Each call has parameters of its own. */
function concurrent(
  fn: Fn,
  parameters: readonly (() => unknown)[],
  concurrency: number,
): { readonly fn: Fn; readonly parameters: readonly (() => unknown)[] } {
  if (!(concurrency > 1)) return { fn, parameters };
  const names = Array.from({ length: concurrency }, (_, call) => parameters.map((_, index) => `p${call}_${index}`));
  const text = `return (${names.flat().join(', ')}) => {
    const first = fn(${names[0]?.join(', ') ?? ''});
    if (first instanceof Promise) return Promise.all([first, ${names
      .slice(1)
      .map((one) => `fn(${one.join(', ')})`)
      .join(', ')}]);
    let last = first;
    ${names
      .slice(1)
      .map((one) => `last = fn(${one.join(', ')});`)
      .join(' ')}
    return last;
  };`;
  const all = (compileFunction(text, ['fn']) as (fn: Fn) => Fn)(fn);
  return { fn: all, parameters: names.flatMap(() => parameters) };
}
