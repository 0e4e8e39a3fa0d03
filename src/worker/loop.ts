import { compileFunction } from 'node:vm';
import type { Case } from './case.js';

/** Runs `n` iterations and returns the nanoseconds that lay outside their timed part (0 without per-iteration hooks). */
export type Loop = (n: number) => number | Promise<number>;

/** Where results go, so that no compiler can prove them unused. */
const sink: { value: unknown } = { value: undefined };

/** What the last iteration of the last loop returned, or what that promise came to. */
export const lastValue = (): unknown => sink.value;

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

let built = 0;

/**
 * Every side gets loops compiled from a text of their own, because V8 keeps type feedback and inlining decisions with the
 * compiled function, and caches compiled texts: a loop shared by both sides would see two callees and inline neither.
 */
function compile(body: string): (fn: () => unknown, sink: object, n: number) => unknown {
  return compileFunction(`/* ${built++} */ ${body}`, ['fn', 'sink', 'n']) as ReturnType<typeof compile>;
}

/** What tinybench lets a function return in place of the time that it took, in milliseconds. */
export function overriddenDuration(value: unknown): number | null {
  if (typeof value !== 'object' || value === null || !('overriddenDuration' in value)) return null;
  return typeof value.overriddenDuration === 'number' ? value.overriddenDuration : null;
}

/** What a first call showed of a function, and how many of its promises are to be in flight at once. */
export interface Kind {
  readonly async: boolean;
  /** It says itself how long it took. */
  readonly overrides: boolean;
  readonly concurrency?: number;
}

/** A loop over one case. */
export function buildLoop(benchmark: Case, kind: Kind, now: () => number): Loop {
  const { fn, beforeEach, afterEach } = benchmark;
  const { async, overrides, concurrency = 1 } = kind;
  if (overrides) {
    return async (n) => {
      const from = now();
      let said = 0;
      for (let i = 0; i < n; i++) {
        for (const hook of beforeEach) await hook('run');
        said += (overriddenDuration(await fn()) ?? 0) * 1e6;
        for (const hook of afterEach) await hook('run');
      }
      return now() - from - said;
    };
  }
  if (async && concurrency > 1) {
    // Where iterations overlap, nothing tells the time of a hook from that of another iteration.
    return async (n) => {
      await inFlight(benchmark, concurrency, n, async () => (sink.value = await fn()));
      return 0;
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
          return 0;
        }
      : (n) => {
          run(fn, sink, n);
          return 0;
        };
  }
  // Hooks around an iteration are not part of it: the time between iterations is taken off. The clock's own cost stays in.
  return async (n) => {
    let outside = 0;
    for (let i = 0; i < n; i++) {
      let from = now();
      for (const hook of beforeEach) await hook('run');
      outside += now() - from;
      const value = fn();
      sink.value = async ? await value : value;
      from = now();
      for (const hook of afterEach) await hook('run');
      outside += now() - from;
    }
    return outside;
  };
}

/** Runs `n` iterations between their hooks, so many at once. */
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
