/**
 * Collects all that can be collected. What a `FinalizationRegistry` or a `WeakRef` lets go, it lets go in a turn of the
 * event loop after a collection, and what hung on it goes with the next one.
 */
export async function collectGarbage(): Promise<void> {
  for (let round = 0; round < 2; round++) {
    globalThis.gc?.();
    await turn();
  }
}

export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
