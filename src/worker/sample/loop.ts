import { compileFunction, createContext, type Context } from 'node:vm';
import { loopScript } from '../../core/cause/profile.js';
import type { Case, Computed, OwnLoop } from '../collect/case.js';
import { collectGarbage } from './garbage.js';
import type { Clocks } from './clock.js';

/**
 * Nanoseconds outside the timed part of some iterations, such as in per-iteration hooks. Each clock has its own, because a hook
 * that waits for a disk or for other programs takes far more wall-clock time than processor time.
 */
export interface Outside {
  readonly wall: number;
  readonly cpu: number;
  /** Wall-clock nanoseconds of all iterations, if the function says itself how long it took. */
  readonly told?: number;
}

/** Runs `n` iterations. */
export type Loop = (n: number) => Outside | Promise<Outside>;

const none: Outside = { wall: 0, cpu: 0 };

/**
 * Where the last result goes, so that no compiler can prove the results unused. A loop that stored each of them here would pay V8's
 * write barrier: 2 to 5 ns for every result that is a new object or a number with a fraction. Loops that await do store each of them,
 * because they keep their variables in such an object anyway.
 */
const sink: { value: unknown } = { value: undefined };

/** Returns what the last iteration of the last loop returned, or the value of that promise. */
export const lastValue = (): unknown => sink.value;

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

let built = 0;

/**
 * Compiles a loop from a unique text, because V8 keeps type feedback and inlining decisions with the compiled function, and
 * caches compiled texts: a loop shared by both sides would see two callees and inline neither.
 */
function compile(body: string, parsingContext?: Context): (fn: () => unknown, sink: object, n: number) => unknown {
  const options = { ...place, ...(parsingContext !== undefined && { parsingContext }) };
  return compileFunction(`/* ${built++} */ ${body}`, ['fn', 'sink', 'n'], options) as ReturnType<typeof compile>;
}

const place = { filename: loopScript.url, lineOffset: loopScript.firstLine - 1 };

/**
 * V8 takes nothing from one context into the code of another. Within one, a loop takes the function into itself, and what V8 then
 * makes of the two together differed by up to 60% from the function called from elsewhere; it also comes to its last compiler
 * later, together with the loop (after 100,000 calls, not 25,000). A call costs some 2 ns.
 */
let elsewhere: Context | null = null;

/** Returns the milliseconds that a function reports as its own duration, as tinybench allows; null if it reports none. */
export function overriddenDuration(value: unknown): number | null {
  if (typeof value !== 'object' || value === null || !('overriddenDuration' in value)) return null;
  return typeof value.overriddenDuration === 'number' ? value.overriddenDuration : null;
}

/** What a first call showed about a function, and how many of its promises to keep in flight at once. */
export interface Kind {
  readonly async: boolean;
  /** It returns its own duration. */
  readonly overrides: boolean;
  readonly concurrency?: number;
  /** Whether the loop may take the function into itself. */
  readonly inlined?: boolean;
}

/** How many pairs of readings count. As many go before them, because the code that reads the clock must be compiled first. */
const readings = 100;

/** Returns how many nanoseconds a reading of a clock takes, by that clock. */
function costOf(read: () => number): number {
  let least = Infinity;
  for (let i = 0; i < 2 * readings; i++) {
    const from = read();
    const cost = read() - from;
    if (i >= readings) least = Math.min(least, cost);
  }
  return least;
}

/** Builds a loop over one case. */
export function buildLoop(benchmark: Case, kind: Kind, { wall, cpu }: Pick<Clocks, 'wall' | 'cpu'>): Loop {
  const { fn, beforeEach, afterEach, computed } = benchmark;
  const { async, overrides, concurrency = 1, inlined = true } = kind;
  if (benchmark.collects === true) return collecting({ ...benchmark, collects: false }, kind, { wall, cpu });
  if (benchmark.loop !== undefined) return own(benchmark.loop, { wall, cpu });
  if (overrides) {
    return async (n) => {
      let told = 0;
      for (let i = 0; i < n; i++) {
        for (const hook of beforeEach) await hook('run');
        told += (overriddenDuration(await fn()) ?? 0) * 1e6;
        for (const hook of afterEach) await hook('run');
      }
      return { ...none, told };
    };
  }
  if (async && concurrency > 1) {
    // If iterations overlap, the time of a hook cannot be separated from that of another iteration.
    const own = ownCall(benchmark);
    const iteration =
      own === null ? async () => (sink.value = await fn()) : async () => (sink.value = await (await own.next())());
    return async (n) => {
      await inFlight(own?.hooks ?? benchmark, concurrency, n, iteration);
      return none;
    };
  }
  if (beforeEach.length === 0 && afterEach.length === 0 && computed === undefined) {
    const run = async
      ? compile('return (async () => { for (let i = 0; i < n; i++) sink.value = await fn(); })();')
      : compile(
          'let value; for (let i = 0; i < n; i++) value = fn(); sink.value = value;',
          inlined ? undefined : (elsewhere ??= createContext()),
        );
    return async
      ? async (n) => {
          await run(fn, sink, n);
          return none;
        }
      : (n) => {
          run(fn, sink, n);
          return none;
        };
  }
  if (computed !== undefined) return withParameters(computed, async, { wall, cpu });
  // Hooks around an iteration are not part of it, so their time is subtracted. So is the cost of reading the processor clock,
  // about a microsecond; the cost of reading the wall clock is not.
  const used = cpu ?? (() => 0);
  const cost = costOf(used);
  return async (n) => {
    const outside = { wall: 0, cpu: 0 };
    const outsideHooks = async (hooks: Case['beforeEach']): Promise<void> => {
      const from = wall();
      const usedBefore = used();
      for (const hook of hooks) await hook('run');
      outside.cpu += used() - usedBefore + cost;
      outside.wall += wall() - from;
    };
    for (let i = 0; i < n; i++) {
      await outsideHooks(beforeEach);
      const value = fn();
      sink.value = async ? await value : value;
      await outsideHooks(afterEach);
    }
    return outside;
  };
}

/** How many iterations have their parameters computed at once: enough to hide two readings of the clocks, and not all the memory. */
const computedAtOnce = 1024;

/** Builds a loop that computes the parameters of many iterations, and then runs those. */
function withParameters(
  { parameters, fn }: Computed,
  async: boolean,
  { wall, cpu }: Pick<Clocks, 'wall' | 'cpu'>,
): Loop {
  const names = parameters.map((_, index) => `columns[${index}][i]`).join(', ');
  const text = async
    ? `return (async () => { for (let i = 0; i < n; i++) sink.value = await fn(${names}); })();`
    : `let value; for (let i = 0; i < n; i++) value = fn(${names}); sink.value = value;`;
  const run = compileFunction(`/* ${built++} */ ${text}`, ['fn', 'sink', 'n', 'columns'], place) as (
    ...args: [Computed['fn'], object, number, readonly (readonly unknown[])[]]
  ) => unknown;
  const used = cpu ?? (() => 0);
  const cost = costOf(used);
  const outsideParameters = async (count: number): Promise<unknown[][]> => {
    const columns: unknown[][] = parameters.map(() => []);
    for (let i = 0; i < count; i++)
      for (const [index, parameter] of parameters.entries()) {
        const value = parameter();
        columns[index]?.push(isThenable(value) ? await value : value);
      }
    return columns;
  };
  return async (n) => {
    const outside = { wall: 0, cpu: 0 };
    for (let done = 0; done < n; done += computedAtOnce) {
      const count = Math.min(computedAtOnce, n - done);
      const from = wall();
      const usedBefore = used();
      const columns = await outsideParameters(count);
      outside.cpu += used() - usedBefore + cost;
      outside.wall += wall() - from;
      const running = run(fn, sink, count, columns);
      if (async) await running;
    }
    return outside;
  };
}

/** Builds a loop around one that the case brings along; whatever that runs around its iterations is not part of them. */
function own(run: OwnLoop, { wall, cpu }: Pick<Clocks, 'wall' | 'cpu'>): Loop {
  const used = cpu ?? (() => 0);
  return async (n) => {
    const from = { wall: wall(), cpu: used() };
    let [first, last] = [from, from];
    const begin = (): void => {
      first = { cpu: used(), wall: wall() };
    };
    const end = (): void => {
      last = { wall: wall(), cpu: used() };
    };
    await run(n, begin, end);
    return {
      cpu: first.cpu - from.cpu + used() - last.cpu,
      wall: first.wall - from.wall + wall() - last.wall,
    };
  };
}

/** As mitata does: all garbage is collected before so many iterations, or before each one that takes longer than this. */
const collectedAtOnce = 4096;
const longNs = 65_536;

function collecting(benchmark: Case, kind: Kind, clocks: Pick<Clocks, 'wall' | 'cpu'>): Loop {
  const { wall, cpu } = clocks;
  const used = cpu ?? (() => 0);
  const loop = buildLoop(benchmark, kind, clocks);
  let pace = Infinity;
  return async (n) => {
    const outside = { wall: 0, cpu: 0 };
    let told: number | undefined;
    for (let done = 0; done < n;) {
      const from = { wall: wall(), cpu: used() };
      await collectGarbage();
      outside.cpu += used() - from.cpu;
      outside.wall += wall() - from.wall;
      const count = Math.min(n - done, pace > longNs ? 1 : collectedAtOnce);
      const began = wall();
      const own = await loop(count);
      pace = (wall() - began - own.wall) / count;
      outside.cpu += own.cpu;
      outside.wall += own.wall;
      if (own.told !== undefined) told = (told ?? 0) + own.told;
      done += count;
    }
    return told === undefined ? outside : { ...outside, told };
  };
}

/**
 * Returns what makes the next call with parameters of its own, and the hooks around it, for iterations that overlap; null if the
 * case has no computed parameters.
 */
export function ownCall({ computed, afterEach }: Case): {
  readonly next: () => Promise<() => unknown>;
  readonly hooks: Pick<Case, 'beforeEach' | 'afterEach'>;
} | null {
  if (computed === undefined) return null;
  const next = async (): Promise<() => unknown> => {
    const given: unknown[] = [];
    for (const parameter of computed.parameters) given.push(await parameter());
    return () => computed.fn(...given);
  };
  return { next, hooks: { beforeEach: [], afterEach } };
}

/** Runs `n` iterations with their hooks, `concurrency` at once. */
export async function inFlight(
  { beforeEach, afterEach }: Pick<Case, 'beforeEach' | 'afterEach'>,
  concurrency: number,
  n: number,
  iteration: () => Promise<unknown>,
): Promise<void> {
  let begun = 0;
  const lane = async (): Promise<void> => {
    while (begun++ < n) {
      for (const hook of beforeEach) await hook('run');
      await iteration();
      for (const hook of afterEach) await hook('run');
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, n) }, lane));
}
