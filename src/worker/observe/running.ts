import type { RunningFigures } from '../../core/results/observations.js';
import type { Case } from '../collect/case.js';
import { collectGarbage } from '../sample/garbage.js';
import { allocationSampler, type AllocationSample } from './allocation-sampler.js';
import { Pace } from './pace.js';

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
  const pace = new Pace(deadlineMs);
  const sampler = await allocationSampler(benchmark);
  let peak = 0;
  const timed = async (iterations: number): Promise<AllocationSample> => {
    const taken = await pace.time(iterations, () => sampler(iterations));
    peak = Math.max(peak, taken.peak);
    return taken;
  };

  const first = await timed(1);
  const taken: AllocationSample[] = [];
  if (pace.left() > pace.iterationMs) {
    await pace.warmUp(timed);
    await collectGarbage();
    await pace.warmUpAgain(timed);
    onWarm();
    const end = pace.elapsed() + Math.min(sampleMs, pace.left());
    do taken.push(await timed(pace.fits()));
    while (pace.elapsed() + pace.iterationMs < end);
  } else {
    taken.push(first);
  }
  const rss = process.resourceUsage().maxRSS * 1024;
  const iterations = taken.reduce((sum, one) => sum + one.iterations, 0);
  const outside = taken.some(({ external }) => external !== 0) ? await external(timed, first, pace) : 0;
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
  pace: Pace,
): Promise<number> {
  const clean: AllocationSample[] = [];
  let most = 1 << 16;
  for (let attempt = 0; attempt < externalAttempts && clean.length < externalReadings && pace.left() > 0; attempt++) {
    // Its second collection finishes freeing what the first one leaves for later.
    await collectGarbage();
    const n = Math.min(most, pace.fits());
    const taken = await timed(n);
    if (taken.collections === 0) clean.push(taken);
    else if (n > 1) most = Math.ceil(n / 4);
  }
  return mean(clean.length > 0 ? clean : [first], 'external');
}
