// node plain.mjs MODULE [least seconds] [least calls] [most seconds]: the truth about `work` of a module: nanoseconds per call in a
// plain process with default flags, once it has stopped getting faster. Shares no code with the engine: no koffi, no flags.
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { runInNewContext } from 'node:vm';

const [file = '', leastSeconds = '5', leastCalls = '60000', mostSeconds = '60'] = process.argv.slice(2);
/** @type {unknown} */
const loaded = await import(file);
const { work } = /** @type {{ work: () => unknown }} */ (loaded);
/** As a bench file calls it: V8 takes a short `work` into this function. */
const run = () => work();

/**
 * Nanoseconds that this thread has had a processor for (proc(5)); the wall clock where the system does not say. Linux brings the
 * figure up to date only every few milliseconds, but also when somebody asks for the process's time.
 */
const used = () => {
  process.cpuUsage();
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ')[0]);
  } catch {
    return performance.now() * 1e6;
  }
};

// A program that has run for a while has a young generation of full size, and collects rarely.
let sink = 0;
for (let round = 0; round < 20; round++) sink += Array.from({ length: 60_000 }, (_, i) => ({ i, of: [i] })).length;

// V8 inlines nothing across contexts. A loop of this one would take `work` into itself, and what V8 then makes of the two together
// differs from loop to loop by up to 60%.
const first = run();
const isAsync = typeof first === 'object' && first !== null && 'then' in first;
/** @typedef {(f: () => unknown, n: number) => number | Promise<number>} Loop */
const loop = isAsync
  ? async (/** @type {() => unknown} */ f, /** @type {number} */ n) => {
      let s = 0;
      for (let i = 0; i < n; i++) s += (await f()) ? 1 : 0;
      return s;
    }
  : /** @type {Loop} */ (
      runInNewContext('((f, n) => { let s = 0; for (let i = 0; i < n; i++) s += f() ? 1 : 0; return s; })')
    );

/**
 * Windows of about 50 ms.
 * @type {{ seconds: number, calls: number, ns: number }[]}
 */
const windows = [];
const started = used();
let calls = 1;
let n = 1;
for (;;) {
  const from = used();
  let done = 0;
  while (used() - from < 50e6) {
    // Slices of about 5 ms, so that the clock is read rarely.
    const at = performance.now();
    sink += await loop(run, n);
    done += n;
    const ms = performance.now() - at;
    if (ms < 2.5) n *= 2;
    else if (ms > 20 && n > 1) n = Math.max(1, n >> 1);
  }
  const now = used();
  calls += done;
  const seconds = (now - started) / 1e9;
  windows.push({ seconds, calls, ns: (now - from) / done });
  if (seconds >= Number(mostSeconds)) break;
  if (seconds >= Number(leastSeconds) && calls >= Number(leastCalls) && settled()) break;
}

/** Whether the last quarter of the windows is no faster than the one before it, by more than 1.5%. */
function settled() {
  const quarter = Math.max(4, windows.length >> 2);
  return middle(windows.slice(-quarter)) > 0.985 * middle(windows.slice(-2 * quarter, -quarter));
}

/**
 * The mean of the middle half, because other programs disturb windows.
 * @param {readonly { ns: number }[]} some
 */
function middle(some) {
  const sorted = some.map(({ ns }) => ns).sort((a, b) => a - b);
  const kept = sorted.slice(sorted.length >> 2, Math.max(1, Math.ceil(0.75 * sorted.length)));
  return kept.reduce((a, b) => a + b, 0) / kept.length;
}

const ns = middle(windows.slice(-Math.max(4, windows.length >> 2)));
// Until when it was more than 5% slower than in the end.
const last = windows.findLast((_, i) => middle(windows.slice(i, i + 4)) > 1.05 * ns) ?? null;
process.stdout.write(JSON.stringify({ ns, calls, settled: settled(), last, sink }));
