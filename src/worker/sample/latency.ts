import { Bench } from 'tinybench';
import type { Case } from '../collect/case.js';
import type { Clocks } from './clock.js';
import { inFlight, ownCall, type Loop } from './loop.js';

/** Nanoseconds, ascending: of single iterations, or the means of batches of `batch` iterations. */
export interface Latencies {
  readonly latencies: Float64Array;
  readonly batch: number;
}

/** A warm function, and what is known about it. */
export interface Warm {
  readonly benchmark: Case;
  readonly loop: Loop;
  /** How many iterations are in flight at once. */
  readonly concurrency: number;
  /** It returns promises, at least sometimes. */
  readonly async: boolean;
  /** It returns its own duration. */
  readonly overrides: boolean;
  /** Nanoseconds per iteration. */
  readonly pace: number;
}

/** Iterations shorter than this many clock readings are timed in batches, because one reading would be a tenth of the figure. */
const readings = 10;

/**
 * Measures for `ms` milliseconds, and at least `least` latencies: single iterations as tinybench times them, each from its own
 * start to its own end if several are in flight, and batches if one iteration is too short for the timer.
 */
export async function latencies(warm: Warm, ms: number, least: number, clocks: Clocks): Promise<Latencies> {
  const { benchmark, concurrency, overrides, pace } = warm;
  const { wall } = clocks;
  const taken: number[] = [];
  const end = wall() + ms * 1e6;
  const more = (): boolean => taken.length < least || wall() < end;
  if (concurrency > 1) {
    const own = ownCall(benchmark);
    const hooks = own?.hooks ?? benchmark;
    const timed = async (): Promise<void> => {
      const run = own === null ? benchmark.fn : await own.next();
      const from = wall();
      await run();
      taken.push(wall() - from);
    };
    while (more()) await inFlight(hooks, concurrency, Math.max(concurrency, least - taken.length), timed);
    return { latencies: Float64Array.from(taken).sort(), batch: 1 };
  }
  const shortest = readings * readingTime(wall);
  const ownsLoop = benchmark.loop !== undefined || benchmark.collects === true || benchmark.computed !== undefined;
  if (overrides || (pace >= shortest && !ownsLoop)) return { latencies: await singly(warm, ms, least), batch: 1 };
  const batch = Math.max(1, Math.ceil(shortest / pace));
  while (more()) {
    const from = wall();
    const running = warm.loop(batch);
    const outside = 'then' in running ? await running : running;
    taken.push(Math.max(0, wall() - from - outside.wall) / batch);
  }
  return { latencies: Float64Array.from(taken).sort(), batch };
}

async function singly({ benchmark, async }: Warm, ms: number, least: number): Promise<Float64Array> {
  const { name, fn, beforeEach, afterEach } = benchmark;
  const bench = new Bench({ time: ms, iterations: least, warmup: false, retainSamples: true, throws: true });
  const all = (hooks: Case['beforeEach']) => async () => {
    for (const hook of hooks) await hook('run');
  };
  bench.add(name, fn, {
    // Otherwise tinybench goes by what the next call happens to return.
    async,
    ...(beforeEach.length > 0 && { beforeEach: all(beforeEach) }),
    ...(afterEach.length > 0 && { afterEach: all(afterEach) }),
  });
  await bench.run();
  const result = bench.tasks[0]?.result;
  if (result?.state !== 'completed') return new Float64Array();
  return Float64Array.from(result.latency.samples ?? [], (milliseconds) => milliseconds * 1e6).sort();
}

/** Returns the median nanoseconds that a clock reading takes, which is also the shortest time that it can tell. */
function readingTime(now: () => number): number {
  const costs = Array.from({ length: 101 }, () => -now() + now());
  return costs.sort((a, b) => a - b)[50] ?? 0;
}
