import { expect, test } from 'vitest';
import { Guests } from '../../../src/engine/project/guests.js';

/** A queue that is at work until `finish`. */
function made() {
  let finish = (): void => undefined;
  let settled: Promise<void> = Promise.resolve();
  const log: string[] = [];
  const guests = new Guests({
    settled: () => settled,
    busy: () => void log.push('busy'),
    rest: () => void log.push('rest'),
  });
  const begin = (): void => {
    settled = new Promise((resolve) => {
      finish = resolve;
    });
    guests.interrupt();
  };
  return { guests, log, begin, finish: () => finish() };
}

const never = new AbortController().signal;
/** Settles when the signal aborts. */
const until = (signal: AbortSignal): Promise<'aborted'> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve('aborted')));

test('what the queue interrupts is done again when the queue is done, and only its last result counts', async () => {
  const { guests, log, begin, finish } = made();
  let tries = 0;
  const done = guests.turn((signal) => {
    log.push('work');
    return ++tries === 1 ? until(signal) : Promise.resolve('done');
  }, never);
  await expect.poll(() => tries, { timeout: 30_000 }).toBe(1);
  begin();
  log.push('queue');
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(tries).toBe(1);
  finish();
  expect(await done).toBe('done');
  // While the queue is at work, nothing says that the machine is idle.
  expect(log).toEqual(['busy', 'work', 'queue', 'busy', 'work', 'rest']);
});

test('pieces of work wait for each other, and one that fails stops no other', async () => {
  const { guests } = made();
  const order: string[] = [];
  const piece = (name: string) => async (): Promise<string> => {
    order.push(`${name} begins`);
    await Promise.resolve();
    order.push(`${name} ends`);
    return Promise.reject(new Error(name));
  };
  const both = await Promise.allSettled([guests.turn(piece('one'), never), guests.turn(piece('two'), never)]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(order).toEqual(['one begins', 'one ends', 'two begins', 'two ends']);
});

test('an abort ends it, also while it waits for nothing', async () => {
  const { guests, begin } = made();
  const controller = new AbortController();
  const done = guests.turn(until, controller.signal);
  await Promise.resolve();
  setTimeout(() => controller.abort(), 10);
  expect(await done).toBe('aborted');
  begin();
  // The caller sees that nothing more is wanted, though the queue is still at work.
  expect(await guests.turn((signal) => Promise.resolve(signal.aborted), controller.signal)).toBe(true);
});

test('when everything ends, so does work of many pieces', async () => {
  const { guests } = made();
  const done = guests.visit(never, (turn, signal) => turn(until, signal));
  await Promise.resolve();
  setTimeout(() => guests.close(), 10);
  expect(await done).toBe('aborted');
});
