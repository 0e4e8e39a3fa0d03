import { resemblesEmpty } from '../../core/stats/empty.js';
import { percentile } from '../../core/stats/stats.js';
import type { Case } from '../collect/case.js';
import type { Clocks } from './clock.js';
import { buildLoop, type Loop } from './loop.js';

/** Nanoseconds of warm-up, of the iterations of one slice, and at most of a slice with all that is around its iterations. */
const warmNs = 15e6;
const sliceNs = 1e6;
const mostNs = 10e6;
const pairs = 21;
/** A slice of fewer iterations says nothing about a time as short as this. */
const leastIterations = 1000;

export interface EmptyOptions {
  readonly async: boolean;
  readonly inlined?: boolean;
  readonly clocks: Pick<Clocks, 'wall' | 'cpu'>;
}

/**
 * Whether the loop of a case takes no longer than that of an empty function of the same shape: one that returns `undefined`, or a
 * promise of it, between as many empty hooks. Both run in turns, because a processor may run for a second at half its speed.
 * Takes about 70 ms.
 */
export async function isAsEmpty(
  loop: Loop,
  benchmark: Case,
  { async, inlined = true, clocks }: EmptyOptions,
): Promise<boolean> {
  const empty = buildLoop(emptied(benchmark, async), { async, overrides: false, inlined }, clocks);
  const iterations = Math.min(await warm(loop, clocks), await warm(empty, clocks));
  if (iterations < leastIterations) return false;
  const ratios = new Float64Array(pairs);
  for (let pair = 0; pair < pairs; pair++)
    ratios[pair] = (await timeOf(loop, iterations, clocks)) / (await timeOf(empty, iterations, clocks));
  return resemblesEmpty(percentile(ratios.sort(), 50));
}

function emptied({ beforeEach, afterEach, computed }: Case, async: boolean): Case {
  // As an empty async function does.
  const promise = (): Promise<void> => new Promise((resolve) => resolve());
  const fn = async ? promise : () => undefined;
  return {
    ...{ name: '', before: [], after: [], fn },
    beforeEach: beforeEach.map(() => () => undefined),
    afterEach: afterEach.map(() => () => undefined),
    ...(computed !== undefined && { computed: { parameters: computed.parameters.map(() => () => undefined), fn } }),
  };
}

/** Returns how many iterations make a slice. */
async function warm(loop: Loop, clocks: EmptyOptions['clocks']): Promise<number> {
  const now = clocks.cpu ?? clocks.wall;
  let iterations = 1;
  for (const end = now() + warmNs; now() < end;) {
    const from = now();
    const own = await timeOf(loop, iterations, clocks);
    if (own < sliceNs && now() - from < mostNs) iterations *= 2;
  }
  return iterations;
}

/** Returns the nanoseconds of the iterations alone; of processor time, if it is known, because a slice is easily disturbed. */
async function timeOf(loop: Loop, iterations: number, { wall, cpu }: EmptyOptions['clocks']): Promise<number> {
  const now = cpu ?? wall;
  const from = now();
  const running = loop(iterations);
  const outside = 'then' in running ? await running : running;
  return Math.max(1, now() - from - (cpu === null ? outside.wall : outside.cpu));
}
