import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { together } from '../../../src/engine/util/together.js';

test('a failure ends what began with it, and is thrown when nothing of it works any more', async () => {
  const ended: string[] = [];
  const failing = together(new AbortController().signal, (signal) => [
    Promise.reject(new Error('first')),
    delay(60_000, null, { signal }).catch(async () => {
      await delay(20);
      ended.push('aborted');
      throw new Error('second');
    }),
  ]);
  await expect(failing).rejects.toThrow('first');
  expect(ended).toEqual(['aborted']);
});

test('an abort from outside reaches all, and what they return is returned', async () => {
  const controller = new AbortController();
  const all = together(controller.signal, (signal) => [
    delay(60_000, null, { signal }).catch(() => 'aborted'),
    Promise.resolve('done'),
  ]);
  controller.abort();
  expect(await all).toEqual(['aborted', 'done']);
});
