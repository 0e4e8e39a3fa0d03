import { compileFunction } from 'node:vm';
import type { Case } from './case.js';

/** Runs `n` iterations and returns the nanoseconds that lay outside their timed part (0 without per-iteration hooks). */
export type Loop = (n: number) => number | Promise<number>;

/** Where results go, so that no compiler can prove them unused. */
const sink: { value: unknown } = { value: undefined };

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

/** A loop over one case, whose function was seen to return a promise, or to say itself how long it took. */
export function buildLoop(benchmark: Case, seen: { async: boolean; overrides: boolean }, now: () => number): Loop {
  const { fn, beforeEach, afterEach } = benchmark;
  const { async, overrides } = seen;
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
