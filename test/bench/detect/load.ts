// A load that comes and goes: bursts of 0.2 to 3 s on one or two threads, with pauses as long. Ends with whoever started it.
import process from 'node:process';
import { setTimeout } from 'node:timers/promises';
import { isMainThread, Worker, workerData } from 'node:worker_threads';

const between = (): number => 200 + Math.random() * 2800;

if (isMainThread) {
  process.on('disconnect', () => process.exit());
  process.send?.('ready');
  for (;;) {
    const ms = between();
    const threads = Array.from(
      { length: 1 + Math.round(Math.random()) },
      () => new Worker(new URL(import.meta.url), { workerData: ms }),
    );
    await Promise.all(threads.map((thread) => new Promise((resolve) => thread.on('exit', resolve))));
    await setTimeout(between());
  }
} else {
  const end = performance.now() + Number(workerData);
  // What other programs do: arithmetic, and memory that is used and dropped.
  for (let text = ''; performance.now() < end; text = '') {
    for (let i = 0; i < 20_000; i++) text += String.fromCharCode(97 + (i % 26));
    if (text.includes('é')) throw new Error('no such letter was written');
  }
}
