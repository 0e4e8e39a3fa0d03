import { compileFunction } from 'node:vm';
import type { Case } from '../collect/case.js';
import type { Clocks } from './clock.js';

/**
 * Nanoseconds outside the timed part of some iterations, such as in per-iteration hooks. Each clock has its own, because a hook
 * that waits for a disk or for other programs takes far more wall-clock time than processor time.
 */
export interface Outside {
  readonly wall: number;
  readonly cpu: number;
}

/** Runs `n` iterations. */
export type Loop = (n: number) => Outside | Promise<Outside>;

const none: Outside = { wall: 0, cpu: 0 };

/** Where results go, so that no compiler can prove them unused. */
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
function compile(body: string): (fn: () => unknown, sink: object, n: number) => unknown {
  return compileFunction(`/* ${built++} */ ${body}`, ['fn', 'sink', 'n']) as ReturnType<typeof compile>;
}

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
  const { fn, beforeEach, afterEach } = benchmark;
  const { async, overrides, concurrency = 1 } = kind;
  if (overrides) {
    return async (n) => {
      const from = wall();
      let overridden = 0;
      for (let i = 0; i < n; i++) {
        for (const hook of beforeEach) await hook('run');
        overridden += (overriddenDuration(await fn()) ?? 0) * 1e6;
        for (const hook of afterEach) await hook('run');
      }
      return { wall: wall() - from - overridden, cpu: 0 };
    };
  }
  if (async && concurrency > 1) {
    // If iterations overlap, the time of a hook cannot be separated from that of another iteration.
    return async (n) => {
      await inFlight(benchmark, concurrency, n, async () => (sink.value = await fn()));
      return none;
    };
  }
  if (beforeEach.length === 0 && afterEach.length === 0) {
    const run = compile(
      async
        ? 'return (async () => { for (let i = 0; i < n; i++) sink.value = await fn(); })();'
        : 'for (let i = 0; i < n; i++) sink.value = fn();',
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
  // Hooks around an iteration are not part of it, so their time is subtracted. So is the cost of reading the processor clock,
  // about a microsecond; the cost of reading the wall clock is not.
  const used = cpu ?? (() => 0);
  const cost = costOf(used);
  return async (n) => {
    const outside = { wall: 0, cpu: 0 };
    const around = async (hooks: Case['beforeEach']): Promise<void> => {
      const from = wall();
      const usedBefore = used();
      for (const hook of hooks) await hook('run');
      outside.cpu += used() - usedBefore + cost;
      outside.wall += wall() - from;
    };
    for (let i = 0; i < n; i++) {
      await around(beforeEach);
      const value = fn();
      sink.value = async ? await value : value;
      await around(afterEach);
    }
    return outside;
  };
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
