import type { Case } from '../collect/case.js';
import { resemblesEmpty } from '../../core/stats/empty.js';
import { buildLoop } from './loop.js';

/** Nanoseconds of warm-up, and of one slice. */
const warmNs = 15e6;
const sliceNs = 1e6;
const slices = 5;
/** How many slices to take before a case is said to do nothing: a busy machine compiles late, and slows each of a few slices down. */
const slicesInDoubt = 100;

interface EmptyOptions {
  readonly async: boolean;
  readonly inlined?: boolean;
  readonly time?: number;
  readonly now: () => number;
}

/**
 * Measures how many nanoseconds an empty iteration takes in the loop for a case of this shape: a function that returns
 * `undefined`, or a promise of it, between as many empty hooks. Takes about 20 ms, and 120 ms if it is about as long as `time`, that of
 * the case (nanoseconds). `now` returns nanoseconds, of this thread's processor time where the system tells it: beside other programs, each
 * slice may be disturbed on the wall clock. `resemblesEmpty` compares a case with it.
 */
export async function emptyTime(
  { beforeEach, afterEach, computed }: Pick<Case, 'beforeEach' | 'afterEach' | 'computed'>,
  { async, inlined = true, time = Infinity, now }: EmptyOptions,
): Promise<number> {
  // As an empty async function does.
  const promise = (): Promise<void> => new Promise((resolve) => resolve());
  const nothing = { name: '', before: [], after: [], fn: async ? promise : () => undefined };
  const hooks = {
    beforeEach: beforeEach.map(() => () => undefined),
    afterEach: afterEach.map(() => () => undefined),
    ...(computed !== undefined && {
      computed: { parameters: computed.parameters.map(() => () => undefined), fn: nothing.fn },
    }),
  };
  const loop = buildLoop({ ...nothing, ...hooks }, { async, overrides: false, inlined }, { wall: now, cpu: null });
  const slice = async (iterations: number): Promise<number> => {
    const from = now();
    const running = loop(iterations);
    const { wall } = 'then' in running ? await running : running;
    return Math.max(0, now() - from - wall);
  };
  let iterations = 1;
  for (const end = now() + warmNs; now() < end;) if ((await slice(iterations)) < sliceNs) iterations *= 2;
  let least = Infinity;
  for (let taken = 0; taken < slices || (taken < slicesInDoubt && resemblesEmpty(time, least)); taken++)
    least = Math.min(least, (await slice(iterations)) / iterations);
  return least;
}
