import pLimit from 'p-limit';
import { expect, test } from 'vitest';
import { Cooldown } from '../../../src/engine/workers/cooldown.js';

const work = (): Promise<void> => Promise.resolve();

test('a rest takes its time, and none of its clock’s', async () => {
  const cooldown = new Cooldown(200, new AbortController().signal);
  const [started, clock] = [performance.now(), cooldown.now()];
  await cooldown.turn(work);
  await cooldown.turn(work);
  const [took, counted] = [performance.now() - started, cooldown.now() - clock];
  // A timer may be a millisecond early.
  expect(took).toBeGreaterThan(398);
  expect(counted).toBeLessThan(took - 398);
});

test('no rest, and one that is aborted, keep nobody waiting', async () => {
  await new Cooldown(0, new AbortController().signal).turn(work);
  const controller = new AbortController();
  const aborted = new Cooldown(1e9, controller.signal);
  const resting = aborted.turn(work);
  controller.abort();
  await resting;
  await aborted.turn(work);
});

test('those that are measured at once take turns, one process each, and pay for none of the others’', async () => {
  const mutex = pLimit(1);
  const order: string[] = [];
  const loop = async (name: string, times: number): Promise<number> => {
    const cooldown = new Cooldown(0, new AbortController().signal, mutex);
    const started = cooldown.now();
    for (let i = 0; i < times; i++) {
      await cooldown.turn(async () => {
        order.push(name);
        await new Promise((resolve) => setTimeout(resolve, 20));
      });
    }
    return cooldown.now() - started;
  };
  const started = performance.now();
  const counted = await Promise.all([loop('a', 3), loop('b', 2), loop('c', 1)]);
  const took = performance.now() - started;
  expect(order.join('')).toBe('abcaba');
  // Every millisecond is somebody's; only the steps from one turn to the next are nobody's.
  expect(counted.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(took + 1);
  expect(Math.min(...counted)).toBeGreaterThan(18);
});

test('work that fails is its own failure, and holds up nobody', async () => {
  const mutex = pLimit(1);
  const [first, second] = [1, 2].map(() => new Cooldown(0, new AbortController().signal, mutex));
  const failing = first?.turn(() => Promise.reject(new Error('broken')));
  const next = second?.turn(() => Promise.resolve('next'));
  await expect(failing).rejects.toThrow('broken');
  expect(await next).toBe('next');
});
