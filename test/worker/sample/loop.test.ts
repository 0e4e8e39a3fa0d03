import { expect, test } from 'vitest';
import { buildLoop } from '../../../src/worker/sample/loop.js';

/** Clocks that only stand still or go on when they are told to; each reading of the processor's takes 3 of it. */
function fakeClocks() {
  const time = { wall: 0, cpu: 0 };
  const pass = (wall: number, cpu: number): void => {
    time.wall += wall;
    time.cpu += cpu;
  };
  const cpu = (): number => {
    pass(2, 2);
    const now = time.cpu;
    pass(1, 1);
    return now;
  };
  return { time, pass, clocks: { wall: () => time.wall, cpu } };
}

const hooks = { name: '', before: [], after: [] };

test.each([false, true])('hooks that wait are taken off by each clock for itself, async %s', async (async) => {
  const { time, pass, clocks } = fakeClocks();
  const work = (): void => pass(50, 40);
  const benchmark = {
    ...hooks,
    fn: async ? () => Promise.resolve().then(work) : work,
    beforeEach: [() => pass(1000, 10), () => Promise.resolve().then(() => pass(500, 5))],
    afterEach: [() => pass(200, 100)],
  };
  const loop = buildLoop(benchmark, { async, overrides: false }, clocks);
  const before = { ...time };
  const outside = await loop(10);
  expect({ wall: time.wall - before.wall - outside.wall, cpu: time.cpu - before.cpu - outside.cpu }).toEqual({
    wall: 500,
    cpu: 400,
  });
});

test('without hooks nothing lies outside, and no clock is read', async () => {
  const { time, pass, clocks } = fakeClocks();
  const loop = buildLoop(
    { ...hooks, fn: () => pass(50, 40), beforeEach: [], afterEach: [] },
    { async: false, overrides: false },
    clocks,
  );
  expect(await loop(10)).toEqual({ wall: 0, cpu: 0 });
  expect(time).toEqual({ wall: 500, cpu: 400 });
});

test.each([
  // More than are computed at once.
  ['synchronous', false, 2500],
  ['asynchronous', true, 2500],
  ['synchronous', false, 1],
  ['asynchronous', true, 1],
])('parameters of a %s case are computed for each iteration, outside the timed part', async (_, async, n) => {
  const { time, pass, clocks } = fakeClocks();
  let computed = 0;
  const seen: unknown[] = [];
  const work = (...args: readonly unknown[]): void => {
    pass(50, 40);
    seen.push(args);
  };
  const never = (): never => expect.fail('what stands in for parameters was called');
  const benchmark = {
    ...hooks,
    ...{ fn: never, beforeEach: [never], afterEach: [] },
    computed: {
      parameters: [
        () => {
          pass(1000, 10);
          return `first ${computed++}`;
        },
        () => {
          pass(500, 300);
          return { of: 'second' };
        },
      ],
      fn: async ? (...args: readonly unknown[]) => Promise.resolve().then(() => work(...args)) : work,
    },
  };
  const loop = buildLoop(benchmark, { async, overrides: false }, clocks);
  const before = { ...time };
  const outside = await loop(n);
  expect({ wall: time.wall - before.wall - outside.wall, cpu: time.cpu - before.cpu - outside.cpu }).toEqual({
    wall: 50 * n,
    cpu: 40 * n,
  });
  expect(seen).toEqual(Array.from({ length: n }, (_, index) => [`first ${index}`, { of: 'second' }]));
  expect(computed).toBe(n);
  // No two iterations share an object.
  expect(new Set(seen.map((args) => (args as unknown[])[1])).size).toBe(n);
});

test('overlapping iterations have computed parameters of their own', async () => {
  let made = 0;
  const seen: number[] = [];
  const computed = {
    parameters: [() => Promise.resolve([made++])],
    fn: async (...[given]: unknown[]) => {
      await Promise.resolve();
      seen.push(...(given as number[]));
    },
  };
  const benchmark = { ...hooks, fn: () => undefined, beforeEach: [], afterEach: [], computed };
  await buildLoop(benchmark, { async: true, overrides: false, concurrency: 4 }, fakeClocks().clocks)(8);
  expect(seen.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});
