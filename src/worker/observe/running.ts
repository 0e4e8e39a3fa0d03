import type { RunningFigures } from '../../core/results/observations.js';
import type { Case } from '../collect/case.js';
import { collectGarbage } from '../sample/garbage.js';
import { allocationSampler, type AllocationSample } from './allocation-sampler.js';
import { now } from '../sample/now.js';

/** Milliseconds of warm-up, because well-compiled code allocates less; of warm-up after a collection; and of one reading. */
const warmMs = 150;
/** The calls that V8's last compiler needs, and how many milliseconds of warm-up they may take. */
const hotCalls = 2500;
const mostWarmMs = 800;
const againMs = 40;
const readingMs = 8;
/** How many readings of the memory outside the heap are enough, and how many to try at most. */
const externalReadings = 4;
const externalAttempts = 16;

/**
 * Runs a case and reads what it uses. If another iteration would pass the deadline (milliseconds from now), only the first one
 * counts, although it is cold. Calls `onWarm` when the warm iterations that count begin.
 */
export async function observeRunning(
  benchmark: Case,
  { sampleMs, deadlineMs }: { readonly sampleMs: number; readonly deadlineMs: number },
  onWarm: () => void,
): Promise<Omit<RunningFigures, 'reported'>> {
  const started = now();
  const left = (): number => started + deadlineMs - now();
  const sampler = await allocationSampler(benchmark);
  let peak = 0;
  let paceMs = 0;
  const timed = async (iterations: number): Promise<AllocationSample> => {
    const from = now();
    const taken = await sampler(iterations);
    paceMs = (now() - from) / iterations;
    peak = Math.max(peak, taken.peak);
    return taken;
  };
  const fits = (): number => Math.floor(Math.max(1, Math.min(readingMs, left()) / Math.max(paceMs, 1e-6)));

  const first = await timed(1);
  const taken: AllocationSample[] = [];
  if (left() > paceMs) {
    const warmUp = async (ms: number, calls: number): Promise<void> => {
      const from = now();
      const most = Math.min(mostWarmMs, left() / 3);
      const isLate = (done: number): boolean => {
        const spent = now() - from;
        return spent >= most || (spent >= ms && done >= calls);
      };
      for (let n = 1, done = 0; !isLate(done); done += n, n = Math.min(2 * n, fits())) await timed(n);
    };
    await warmUp(warmMs, hotCalls);
    await collectGarbage();
    // A collection takes compiled code and its feedback with it, without which `new Array(n).fill(1.5)` allocates twice.
    if (paceMs < readingMs) await warmUp(againMs, 0);
    onWarm();
    const end = now() + Math.min(sampleMs, left());
    do taken.push(await timed(fits()));
    while (now() + paceMs < end);
  } else {
    taken.push(first);
  }
  const rss = process.resourceUsage().maxRSS * 1024;
  const iterations = taken.reduce((sum, one) => sum + one.iterations, 0);
  const outside = taken.some(({ external }) => external !== 0) ? await external(timed, first, fits, left) : 0;
  // A heap that shrank without a collection means that V8 corrected its accounting meanwhile.
  const grown = taken.filter(({ heap }) => heap >= 0);
  return {
    iterations,
    cpu: mean(taken, 'cpu'),
    allocated: mean(grown, 'heap') + outside,
    heap: peak,
    rss,
  };
}

/** Returns the mean bytes or nanoseconds per iteration. */
const mean = (taken: readonly AllocationSample[], key: 'cpu' | 'heap' | 'external'): number => {
  const iterations = taken.reduce((sum, one) => sum + one.iterations, 0);
  return iterations === 0 ? 0 : Math.max(0, taken.reduce((sum, one) => sum + one[key], 0) / iterations);
};

/**
 * Returns the bytes per iteration in array buffers. V8 reports what they hold, and frees them at any time after a collection, so
 * only iterations without a collection show what was allocated. It therefore runs few enough to need none.
 */
async function external(
  timed: (iterations: number) => Promise<AllocationSample>,
  first: AllocationSample,
  fits: () => number,
  left: () => number,
): Promise<number> {
  const clean: AllocationSample[] = [];
  let most = 1 << 16;
  for (let attempt = 0; attempt < externalAttempts && clean.length < externalReadings && left() > 0; attempt++) {
    // Its second collection finishes freeing what the first one leaves for later.
    await collectGarbage();
    const n = Math.min(most, fits());
    const taken = await timed(n);
    if (taken.collections === 0) clean.push(taken);
    else if (n > 1) most = Math.ceil(n / 4);
  }
  return mean(clean.length > 0 ? clean : [first], 'external');
}
