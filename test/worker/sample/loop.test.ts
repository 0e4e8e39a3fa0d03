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
