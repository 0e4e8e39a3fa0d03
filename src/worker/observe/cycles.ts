import { getHeapSpaceStatistics, getHeapStatistics, setFlagsFromString } from 'node:v8';
import type { RetainedPoint } from '../../core/stats/retained.js';
import type { Case } from '../collect/case.js';
import { collectGarbage, turn } from '../sample/garbage.js';

/** Stretches between two collections; with fewer, one step would move the median of their slopes. */
const stretches = 12;
/** Milliseconds of cycles; a slope is the better known the longer they go on, up to as many as are asked for a stretch. */
const cyclesMs = 300;
/** A leak that is as plain as this (bytes) needs no more cycles, and the machine needs its memory. */
const plainly = 128e6;

/**
 * With fewer points a single step could pass for a slope. Where it is not the cycles that take the time, but other programs and
 * the collections, so many times as much of it may pass until then.
 */
const leastPoints = 8;
const leastPatience = 6;

/** How often what looks is tried before. */
const looks = 500;

/**
 * Bytes in objects and array buffers. Compiled code is left out: V8 compiles what runs in steps of kilobytes for as long as
 * it runs, which is no leak.
 */
function inUse(): number {
  let bytes = getHeapStatistics().external_memory;
  for (const { space_name, space_used_size } of getHeapSpaceStatistics())
    if (!/code|trusted|read_only/.test(space_name)) bytes += space_used_size;
  return bytes;
}

/**
 * Runs a case, hooks and all, and reads what is in use after collections: on V8's heap and in array buffers outside of it.
 * As many cycles as are asked for go before the first point, so that caches are full. Ends at the deadline (milliseconds
 * from now) with the points that it has, or some time later with a few.
 */
export async function observeCycles(benchmark: Case, cycles: number, deadlineMs: number): Promise<RetainedPoint[]> {
  // Or what other code leaves, when it was not called for some collections, would hide what this one keeps.
  setFlagsFromString('--no-flush-bytecode');
  const started = performance.now();
  const late = (share: number): boolean => performance.now() - started > share * deadlineMs;
  let ran = 0;
  const run = async (count: number, share: number): Promise<void> => {
    for (let i = 0; i < count && !late(share); i++, ran++) {
      for (const hook of benchmark.beforeEach) await hook('run');
      await benchmark.fn();
      for (const hook of benchmark.afterEach) await hook('run');
    }
  };
  await run(cycles, 0.3);
  const paceMs = (performance.now() - started) / Math.max(1, ran);
  const affordable = Math.floor(Math.min(cyclesMs, deadlineMs / 2) / paceMs / stretches);
  const stretch = Math.min(cycles, Math.max(1, affordable));
  // What looks is itself compiled by the way, and that must not happen between two looks.
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
    // A slope takes some points, also on a machine that is busy with something else.
    const patience = areCheap && points.length < leastPoints ? leastPatience : 1;
    const isPlain = points.length >= leastPoints && grown > plainly;
    if (points.length > stretches || late(patience) || isPlain) return points;
    await run(stretch, patience);
  }
}
