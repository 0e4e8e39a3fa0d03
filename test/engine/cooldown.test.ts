import { expect, test } from 'vitest';
import { Cooldown } from '../../src/engine/cooldown.js';

test('a rest takes its time, and none of its clock’s', async () => {
  const cooldown = new Cooldown(200, new AbortController().signal);
  const [started, clock] = [performance.now(), cooldown.now()];
  await cooldown.rest();
  await cooldown.rest();
  const [took, counted] = [performance.now() - started, cooldown.now() - clock];
  // A timer may be a millisecond early.
  expect(took).toBeGreaterThan(398);
  expect(counted).toBeLessThan(took - 398);
});

test('no rest, and one that is aborted, keep nobody waiting', async () => {
  await new Cooldown(0, new AbortController().signal).rest();
  const controller = new AbortController();
  const aborted = new Cooldown(1e9, controller.signal);
  const resting = aborted.rest();
  controller.abort();
  await resting;
  await aborted.rest();
});
