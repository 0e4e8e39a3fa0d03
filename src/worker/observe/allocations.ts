import type { HeapProfiler } from 'node:inspector';
import { Session } from 'node:inspector/promises';
import { setFlagsFromString } from 'node:v8';
import type { Allocations } from '../../core/results/allocations.js';
import type { Case } from '../collect/case.js';
import { collectGarbage } from '../sample/garbage.js';
import { AllocationTable, type HeapProfile } from './allocation-table.js';
import { driverOf, promiseBytes, read, type Drive } from './allocation-sampler.js';
import { Pace } from './pace.js';

/** Several rounds, because their spread shows more than the samples do. */
const rounds = 4;
/** How many samples all rounds should have together. Each takes some microseconds. */
const wantedSamples = 12_000;
/** V8 counts whole objects, so that with less there is nothing to gain. */
const leastInterval = 16;

/**
 * Runs a case with V8's sampling heap profiler, once it is warm. The profiler lets the compiled code as it is: it only makes V8 look
 * more often for a place for the next object. But it sees inlined functions as parts of the ones that they are inlined into. So the
 * case runs a second time without inlining.
 */
export async function observeAllocations(
  benchmark: Case,
  { ms, deadlineMs }: { readonly ms: number; readonly deadlineMs: number },
): Promise<Allocations> {
  const pace = new Pace(deadlineMs);
  const session = new Session();
  session.connect();
  const table = new AllocationTable();
  const perPromise = await promiseBytes();
  const drive = withHooks(benchmark);
  const take: Take = (iterations) => pace.time(iterations, () => read(drive, iterations));
  const warmUp = async (): Promise<void> => {
    await pace.warmUp(take);
    await collectGarbage();
    await pace.warmUpAgain(take);
  };
  await warmUp();
  const external = await externalBytes(take, pace);
  const taken = await sample(session, take, pace, ms, table, 'warm');
  await withoutInlining(session);
  await warmUp();
  await sample(session, take, pace, ms, table, 'apart');
  session.disconnect();
  return { ...table.taken(), calls: taken.calls, heap: taken.heap - taken.awaited * perPromise, external };
}

/** Runs so many iterations, and reads what they allocate. */
type Take = (iterations: number) => ReturnType<typeof read>;

/** Runs the hooks around each iteration. What they allocate is recognized by the function that calls them. */
function withHooks(benchmark: Case): Drive {
  const { beforeEach, afterEach, loop } = benchmark;
  const drive = driverOf(benchmark);
  if (loop !== undefined || (beforeEach.length === 0 && afterEach.length === 0)) return drive;
  return async (iterations) => {
    let awaited = 0;
    for (let i = 0; i < iterations; i++) {
      await AllocationTable.outside(beforeEach);
      awaited += await drive(1);
      await AllocationTable.outside(afterEach);
    }
    return awaited;
  };
}

interface Taken {
  readonly calls: number;
  /** Bytes and promises that were awaited, a call. */
  readonly heap: number;
  readonly awaited: number;
}

async function sample(
  session: Session,
  take: Take,
  pace: Pace,
  ms: number,
  table: AllocationTable,
  way: 'warm' | 'apart',
): Promise<Taken> {
  const stretch = pace.fits();
  const looked = await take(stretch);
  const expected = (Math.max(0, looked.heap) / stretch) * pace.fits(ms);
  const samplingInterval = Math.max(leastInterval, Math.round(expected / wantedSamples));
  let [calls, heap, awaited] = [0, 0, 0];
  for (let round = 0; round < rounds; round++) {
    // At once, because looking at the clock and at the heap allocates, too.
    const iterations = pace.fits(ms / rounds);
    await session.post('HeapProfiler.startSampling', {
      samplingInterval,
      includeObjectsCollectedByMajorGC: true,
      includeObjectsCollectedByMinorGC: true,
    } as HeapProfiler.StartSamplingParameterType);
    const taken = await take(iterations);
    const { profile } = await session.post('HeapProfiler.stopSampling');
    table.add(way, profile as HeapProfile, iterations);
    calls += iterations;
    heap += Math.max(0, taken.heap);
    awaited += taken.awaited;
  }
  return { calls, heap: heap / calls, awaited: awaited / calls };
}

/**
 * Lets V8 compile everything again, and inline nothing any more. Precise coverage throws all compiled code away, because calls of
 * inlined functions would not be counted (V8's coverage.cc), and that is all that it is used for.
 */
async function withoutInlining(session: Session): Promise<void> {
  setFlagsFromString('--no-turbo-inlining');
  setFlagsFromString('--max-inlined-bytecode-size=0');
  setFlagsFromString('--max-inlined-bytecode-size-small=0');
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  await session.post('Profiler.stopPreciseCoverage');
  await session.post('Profiler.disable');
}

/** Bytes a call in array buffers: only without a collection does their growth show what was allocated. */
async function externalBytes(take: Take, pace: Pace): Promise<number> {
  for (let most = 1 << 12; most >= 1 && pace.left() > 0; most >>= 3) {
    await collectGarbage();
    const iterations = Math.min(most, pace.fits());
    const { external, collections } = await take(iterations);
    if (collections === 0) return Math.max(0, external / iterations);
  }
  return 0;
}
