// What the user's code has put in their place does not count.
import { setImmediate } from 'node:timers';
import { getHeapSpaceStatistics, getHeapStatistics } from 'node:v8';

/**
 * Collects all garbage. A `FinalizationRegistry` or a `WeakRef` releases objects only in a turn of the event loop after a
 * collection, so what they kept alive goes with the next collection.
 */
export async function collectGarbage(): Promise<void> {
  for (let round = 0; round < 2; round++) {
    globalThis.gc?.();
    await turn();
  }
}

/**
 * Collects the young generation twice, which moves what lives on out of it: otherwise the first collection while the code is
 * measured would do so, once and at the code's expense.
 */
export function collectYoung(): void {
  for (let round = 0; round < 2; round++) globalThis.gc?.({ type: 'minor' });
}

/** Returns the bytes of all objects, garbage included. */
export const usedBytes = (): number => getHeapStatistics().used_heap_size;

/** Writes three times the size of one half, at least this many bytes: both halves, and what is left over. */
const touchedBytes = 48e6;
const arrayLength = 4096;

/** Whether it has been done; and whether this process has a young generation that needs it. */
let isTouched = !process.execArgv.some((flag) => flag.startsWith('--min-semi-space-size'));

/**
 * Writes to every page of the young generation, once, because the system gives a process each page only when it first writes to it,
 * and that would make code that allocates up to twice as slow until its second collection. Takes 20 to 50 ms, and as long again
 * when the process ends, so code that allocates nothing goes without.
 */
export function touchYoung(): number {
  if (isTouched) return 0;
  isTouched = true;
  const half = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_size ?? 0;
  let total = 0;
  for (let bytes = 0; bytes < Math.max(touchedBytes, 3 * half); bytes += 8 * arrayLength)
    total += new Array(arrayLength).fill(0).length;
  return total;
}

export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
