import { expect, test } from 'vitest';
import type { Slice } from '../../../src/core/stats/slices.js';
import { warmUp } from '../../../src/worker/sample/warm-up.js';

interface Script {
  /** Nanoseconds per iteration after so many. */
  readonly pace: (done: number) => number;
  /** The share of the wall-clock time in which the code ran; null if this system cannot tell. */
  readonly ran?: number | null;
  /** The same of all its threads together; if absent, there are no others. */
  readonly allRan?: number;
  /** The share in which other programs had the processors. */
  readonly queued?: number;
}

/** Runs a warm-up on a clock of its own, and returns what became of it with the iterations of its slices. */
async function run(
  { pace, ran = 1, allRan = ran ?? 1, queued = 0 }: Script,
  { iterations = null as number | null, least = 1, needed = 2500, ms = 600, first = pace(1) } = {},
) {
  let now = 0;
  let used = 0;
  let done = 1;
  const slices: number[] = [];
  const slice = (count: number): Promise<Slice> => {
    const wall = pace(done) * count;
    now += wall;
    used += allRan * wall;
    done += count;
    slices.push(count);
    return Promise.resolve({
      ...{ iterations: count, wall, cpu: ran === null ? null : ran * wall, queued: queued * wall },
      ...{ waits: 0, collections: 0, collecting: 0 },
    });
  };
  const clocks = { wall: () => now, cpu: null, schedule: null };
  const warmed = await warmUp(slice, clocks, {
    ...{ pace: first, iterations, least, needed, ms },
    used: () => used,
  });
  return { ...warmed, slices, calls: done, ms: now / 1e6 };
}

const steady: Script = { pace: () => 10_000 };

test('ends when V8 has had the calls that it needs and the pace stands', async () => {
  const { isHot, pace, calls, ms } = await run(steady);
  expect({ isHot, pace }).toEqual({ isHot: true, pace: 10_000 });
  // A slice is 200 iterations, or 2 ms.
  expect(calls).toBeGreaterThanOrEqual(2500);
  expect(calls).toBeLessThan(2500 + 400);
  expect(ms).toBeLessThan(30);
});

test('slices double from one iteration until they take 2 ms', async () => {
  const { slices } = await run(steady);
  expect(slices.slice(0, 10)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 200, 200]);
});

test('runs 20 ms even if V8 needs no more calls', async () => {
  expect((await run({ pace: () => 1000 }, { needed: 0 })).ms).toBeGreaterThanOrEqual(20);
});

test('waits for a pace that still falls', async () => {
  const falling: Script = { pace: (done) => Math.max(2000, 20_000 * 0.5 ** (done / 2000)) };
  const { isHot, pace, calls } = await run(falling);
  expect({ isHot, pace }).toEqual({ isHot: true, pace: 2000 });
  expect(calls).toBeGreaterThan(6000);
});

test('sees code that becomes faster at the last call that was needed', async () => {
  const { pace } = await run({ pace: (done) => (done < 2400 ? 11_000 : 1000) });
  expect(pace).toBe(1000);
});

test('ends at once when the calls do not fit, and says that the code is not hot', async () => {
  const { isHot, pace, ms } = await run({ pace: () => 5e6 });
  expect({ isHot, pace }).toEqual({ isHot: false, pace: 5e6 });
  // Enough to know its pace, and far less than all the time that there is.
  expect(ms).toBeLessThan(50);
});

test('does not give up code that looks too slow at first', async () => {
  const { isHot } = await run({ pace: (done) => (done < 5 ? 4e6 : 20_000) });
  expect(isHot).toBe(true);
});

test('never takes much longer than its time', async () => {
  // So slow that it just does not end at once, and never standing still.
  const { isHot, ms } = await run({ pace: (done) => 400_000 * 0.9995 ** done }, { needed: 1e9, ms: 100 });
  expect(isHot).toBe(false);
  expect(ms).toBeLessThan(110);
});

test.each([0.1, 0.4])('what waits is hot with any number of calls, as it runs only %s of the time', async (ran) => {
  const { isHot, calls, ms } = await run({ pace: () => 5e6, ran });
  expect(isHot).toBe(true);
  expect(calls).toBeLessThan(20);
  expect(ms).toBeLessThan(50);
});

test('what waits for a thread of its own, which computes, does not wait', async () => {
  const { isHot, calls } = await run({ pace: () => 50_000, ran: 0.1, allRan: 1 });
  expect(isHot).toBe(true);
  expect(calls).toBeGreaterThanOrEqual(2500);
  expect((await run({ pace: () => 5e6, ran: 0.1, allRan: 1 })).isHot).toBe(false);
});

test('code of which only the first call takes long is warmed up like any other', async () => {
  const { isHot, pace, calls } = await run(steady, { first: 400e6, ms: 2000 });
  expect({ isHot, pace }).toEqual({ isHot: true, pace: 10_000 });
  expect(calls).toBeGreaterThanOrEqual(2500);
});

test('an iteration that takes so long that V8 never replaces it is as hot as it becomes', async () => {
  const { isHot, pace, slices } = await run({ pace: () => 400e6 }, { ms: 2000 });
  expect({ isHot, pace, slices }).toEqual({ isHot: true, pace: 400e6, slices: [1] });
});

test('one slice that was disturbed is no reason to give up', async () => {
  const { isHot, pace } = await run({ pace: (done) => (done === 228 ? 2e6 : 20_000) }, { ms: 2000 });
  expect({ isHot, pace }).toEqual({ isHot: true, pace: 20_000 });
});

test.each([0.6, 1, null])('what runs %s of the time does not wait', async (ran) => {
  expect((await run({ pace: () => 5e6, ran })).isHot).toBe(false);
});

test('time that other programs took is not its own', async () => {
  const alone = await run({ pace: () => 100_000 }, { needed: 4000 });
  // On a machine with other programs, the same code takes twice as long.
  const beside = await run({ pace: () => 200_000, ran: 0.5, queued: 0.5 }, { needed: 4000 });
  expect([alone.isHot, beside.isHot]).toEqual([true, true]);
});

test('promises in flight at once are never fewer', async () => {
  const { calls } = await run({ pace: () => 5e6, ran: 0.1 }, { least: 64 });
  expect(calls).toBeGreaterThanOrEqual(64);
});

test.each([
  [100, [99]],
  [5000, [4999]],
  [2, [1]],
  [1, []],
])('%d iterations are exactly so many, the first call included, in one go', async (iterations, expected) => {
  const { slices, calls, isHot, pace } = await run({ pace: () => 300 }, { iterations });
  expect({ slices, calls, isHot, pace }).toEqual({ slices: expected, calls: iterations, isHot: true, pace: 300 });
});
