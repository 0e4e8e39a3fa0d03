// node side.mjs MODULE: one side of a pair in turns. Warms `work` of a module up, then answers each message with the nanoseconds
// that a call took in a slice of some 20 ms. A plain process with default flags, which shares no code with the engine.
import { readFileSync } from 'node:fs';
import process from 'node:process';

/** @type {unknown} */
const loaded = await import(process.argv[2] ?? '');
const { work } = /** @type {{ work: () => unknown }} */ (loaded);

/** Nanoseconds that this thread has had a processor for, as in `truth/plain.mjs`, so that other programs count less. */
const used = () => {
  process.cpuUsage();
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ')[0]);
  } catch {
    return performance.now() * 1e6;
  }
};

let sink = 0;
/** @param {number} n */
const loop = async (n) => {
  for (let i = 0; i < n; i++) {
    const result = work();
    // Only what has to be waited for is.
    sink += (result instanceof Promise ? await result : result) ? 1 : 0;
  }
};

/** @param {number} ms */
async function slice(ms) {
  const from = used();
  let calls = 0;
  for (let n = 1; ; n = Math.min(2 * n, 64)) {
    await loop(n);
    calls += n;
    const now = used();
    if (now - from >= ms * 1e6) return (now - from) / calls;
  }
}

// Until V8 has optimized it, and the young generation has grown.
for (let calls = 0, at = used(); calls < 6000 && used() - at < 1.5e9; calls += 20) await loop(20);
process.on('message', () => void slice(20).then((ns) => process.send?.(ns)));
process.on('disconnect', () => process.exit(sink > 0 ? 0 : 1));
process.send?.('warm');
