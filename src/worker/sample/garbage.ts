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

export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
