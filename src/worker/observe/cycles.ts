import { getHeapSpaceStatistics, getHeapStatistics, setFlagsFromString } from 'node:v8';
import type { RetainedPoint } from '../../core/stats/retained.js';
import type { Case } from '../collect/case.js';
import { collectGarbage, turn } from '../sample/garbage.js';
import { now } from '../sample/now.js';

/** How many stretches of cycles lie between collections; with fewer, one step would move the median of their slopes. */
const stretches = 12;
/** Milliseconds of cycles. The longer they go on, the more exact is the slope, up to the requested cycles per stretch. */
const cyclesMs = 300;
/** A leak of this many bytes is obvious: it needs no more cycles, and the machine needs its memory. */
const plainly = 128e6;

/**
 * With fewer points, a single step could pass for a slope. If other programs and the collections take the time, not the cycles,
 * these points may take this many times as long.
 */
const leastPoints = 8;
const leastPatience = 6;

/** How often the reading code runs before it counts. */
const looks = 500;

/**
 * Returns the bytes in objects and array buffers. Compiled code is left out: V8 compiles running code in steps of kilobytes for
 * as long as it runs, and that is no leak.
 */
function inUse(): number {
  let bytes = getHeapStatistics().external_memory;
  for (const { space_name, space_used_size } of getHeapSpaceStatistics())
    if (!/code|trusted|read_only/.test(space_name)) bytes += space_used_size;
  return bytes;
}

/**
 * Runs a case with its hooks, and reads how many bytes are in use after collections: on V8's heap and in array buffers outside
 * it. The requested cycles run once before the first point, so that caches are full. Ends at the deadline (milliseconds from now)
 * with the points that it has, or some time later if there are too few.
 */
export async function observeCycles(benchmark: Case, cycles: number, deadlineMs: number): Promise<RetainedPoint[]> {
  // Otherwise V8 drops the bytecode of other code that did not run for some collections, which would hide what this case keeps.
  setFlagsFromString('--no-flush-bytecode');
  const started = now();
  const late = (share: number): boolean => now() - started > share * deadlineMs;
  let ran = 0;
  const run = async (count: number, share: number): Promise<void> => {
    for (let i = 0; i < count && !late(share); i++, ran++) {
      for (const hook of benchmark.beforeEach) await hook('run');
      await benchmark.fn();
      for (const hook of benchmark.afterEach) await hook('run');
    }
  };
  await run(cycles, 0.3);
  const paceMs = (now() - started) / Math.max(1, ran);
  const affordable = Math.floor(Math.min(cyclesMs, deadlineMs / 2) / paceMs / stretches);
  const stretch = Math.min(cycles, Math.max(1, affordable));
  // V8 compiles the reading code, too, and that must not happen between two readings.
  for (let i = 0; i < looks; i++) {
    await turn();
    inUse();
  }
  const points: RetainedPoint[] = [];
  const areCheap = leastPoints * stretch * paceMs < deadlineMs / 2;
  ran = 0;
  for (;;) {
    await collectGarbage();
    points.push({ cycles: ran, bytes: inUse() });
    const [first, last] = [points[0], points[points.length - 1]];
    const grown = (last?.bytes ?? 0) - (first?.bytes ?? 0);
    // A slope needs a few points, even on a busy machine.
    const patience = areCheap && points.length < leastPoints ? leastPatience : 1;
    const isPlain = points.length >= leastPoints && grown > plainly;
    if (points.length > stretches || late(patience) || isPlain) return points;
    await run(stretch, patience);
  }
}
