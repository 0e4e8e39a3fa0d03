import { Bench } from 'tinybench';
import type { Case } from '../collect/case.js';
import type { Clocks } from './clock.js';
import { inFlight, type Loop } from './loop.js';

/** Nanoseconds, ascending: of single iterations, or of batches of so many the mean of one. */
export interface Latencies {
  readonly latencies: Float64Array;
  readonly batch: number;
}

/** What is known of a warm function. */
export interface Warm {
  readonly benchmark: Case;
  readonly loop: Loop;
  /** How many iterations are in flight at once. */
  readonly concurrency: number;
  /** It returns promises, or at least some. */
  readonly async: boolean;
  /** It says itself how long it took. */
  readonly overrides: boolean;
  /** Nanoseconds an iteration. */
  readonly pace: number;
}

/** What takes fewer readings of the clock than this is timed in batches: a reading would be a tenth of the figure. */
const readings = 10;

/**
 * For `ms` milliseconds, and at least so many of them: single iterations as tinybench measures them, from their own start to
 * their own end where several are in flight, and batches where one is shorter than the timer can see.
 */
export async function latencies(warm: Warm, ms: number, least: number, clocks: Clocks): Promise<Latencies> {
  const { benchmark, concurrency, overrides, pace } = warm;
  const { wall } = clocks;
  const taken: number[] = [];
  const end = wall() + ms * 1e6;
  const more = (): boolean => taken.length < least || wall() < end;
  if (concurrency > 1) {
    const timed = async (): Promise<void> => {
      const from = wall();
      await benchmark.fn();
      taken.push(wall() - from);
    };
    while (more()) await inFlight(benchmark, concurrency, Math.max(concurrency, least - taken.length), timed);
    return { latencies: Float64Array.from(taken).sort(), batch: 1 };
  }
  const shortest = readings * readingTime(wall);
  if (overrides || pace >= shortest) return { latencies: await singly(warm, ms, least), batch: 1 };
  const batch = Math.ceil(shortest / pace);
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
    // Not what its next call happens to return.
    async,
    ...(beforeEach.length > 0 && { beforeEach: all(beforeEach) }),
    ...(afterEach.length > 0 && { afterEach: all(afterEach) }),
  });
  await bench.run();
  const result = bench.tasks[0]?.result;
  if (result?.state !== 'completed') return new Float64Array();
  return Float64Array.from(result.latency.samples ?? [], (milliseconds) => milliseconds * 1e6).sort();
}

/** Nanoseconds that reading the clock costs, and so the least that it can tell: of many, the median. */
function readingTime(now: () => number): number {
  const costs = Array.from({ length: 101 }, () => -now() + now());
  return costs.sort((a, b) => a - b)[50] ?? 0;
}
