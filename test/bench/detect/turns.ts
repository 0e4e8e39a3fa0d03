// turns <module>: one of two processes that take turns. Answers each message with one slice of its `work`, as
// nanoseconds an iteration. Ends with whoever started it.
import process from 'node:process';
import { pathToFileURL } from 'node:url';

const warmupMs = 150;
const sliceMs = 20;

const { work } = (await import(pathToFileURL(process.argv[2] ?? '').href)) as { work: () => unknown };

/** Runs whole batches until the time in milliseconds is over; the clock is read once a batch. */
async function slice(ms: number, batch: number): Promise<{ nanoseconds: number }> {
  const from = performance.now();
  let iterations = 0;
  let elapsed = 0;
  while (elapsed < ms) {
    for (let i = 0; i < batch; i++) {
      const outcome = work();
      if (outcome instanceof Promise) await outcome;
    }
    iterations += batch;
    elapsed = performance.now() - from;
  }
  return { nanoseconds: (elapsed * 1e6) / iterations };
}

await slice(warmupMs / 2, 1);
const { nanoseconds } = await slice(warmupMs / 2, 1);
const batch = Math.max(1, Math.round(1e6 / nanoseconds));
process.on('disconnect', () => process.exit());
process.on('message', () => void slice(sliceMs, batch).then((answer) => process.send?.(answer)));
process.send?.('ready');
