import type { HeapProfiler } from 'node:inspector';
import { Session } from 'node:inspector/promises';
import { setFlagsFromString } from 'node:v8';
import type { Allocations } from '../../core/results/allocations.js';
import type { Case } from '../collect/case.js';
import { collectGarbage } from '../sample/garbage.js';
import { now } from '../sample/now.js';
import { AllocationTable, type HeapProfile } from './allocation-table.js';
import { driverOf, promiseBytes, read, type Drive } from './allocation-sampler.js';

/** As for the figures of `running`: only well-compiled code allocates what it allocates in the long run. */
const warmMs = 150;
const hotCalls = 2500;
const mostWarmMs = 800;
const againMs = 40;
/** How long the loop runs before it looks at the clock, in milliseconds. */
const stretchMs = 8;
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
  const started = now();
  const left = (): number => started + deadlineMs - now();
  const session = new Session();
  session.connect();
  const table = new AllocationTable();
  const perPromise = await promiseBytes();
  const drive = withHooks(benchmark);
  const run = new Run(drive, left);
  await run.warmUp(warmMs, hotCalls);
  await collectGarbage();
  await run.warmUp(againMs, 0);
  const external = await externalBytes(drive, run);
  const taken = await sample(session, run, ms, table, 'warm');
  await withoutInlining(session);
  await run.warmUp(warmMs, hotCalls);
  await collectGarbage();
  await run.warmUp(againMs, 0);
  await sample(session, run, ms, table, 'apart');
  session.disconnect();
  return { ...table.taken(), calls: taken.calls, heap: taken.heap - taken.awaited * perPromise, external };
}

/** What runs a case, and how fast. */
class Run {
  #paceMs = 0;

  get paceMs(): number {
    return Math.max(this.#paceMs, 1e-6);
  }

  constructor(
    readonly drive: Drive,
    readonly left: () => number,
  ) {}

  /** How many iterations fit into a stretch. */
  get stretch(): number {
    return Math.floor(Math.max(1, Math.min(stretchMs, this.left()) / this.paceMs));
  }

  async take(iterations: number): ReturnType<typeof read> {
    const from = now();
    const taken = await read(this.drive, iterations);
    this.#paceMs = (now() - from) / iterations;
    return taken;
  }

  async warmUp(ms: number, calls: number): Promise<void> {
    const from = now();
    const most = Math.min(mostWarmMs, this.left() / 3);
    const isEnough = (done: number): boolean => now() - from >= most || (now() - from >= ms && done >= calls);
    for (let n = 1, done = 0; !isEnough(done); done += n, n = Math.min(2 * n, this.stretch)) await this.take(n);
  }
}

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
  run: Run,
  ms: number,
  table: AllocationTable,
  way: 'warm' | 'apart',
): Promise<Taken> {
  const looked = await run.take(run.stretch);
  const expected = (Math.max(0, looked.heap) * ms) / stretchMs;
  const samplingInterval = Math.max(leastInterval, Math.round(expected / wantedSamples));
  let [calls, heap, awaited] = [0, 0, 0];
  for (let round = 0; round < rounds; round++) {
    // At once, because looking at the clock and at the heap allocates, too.
    const iterations = Math.max(1, Math.floor(Math.min(ms / rounds, run.left()) / run.paceMs));
    await session.post('HeapProfiler.startSampling', {
      samplingInterval,
      includeObjectsCollectedByMajorGC: true,
      includeObjectsCollectedByMinorGC: true,
    } as HeapProfiler.StartSamplingParameterType);
    const taken = await run.take(iterations);
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
async function externalBytes(drive: Drive, run: Run): Promise<number> {
  for (let most = 1 << 12; most >= 1 && run.left() > 0; most >>= 3) {
    await collectGarbage();
    const iterations = Math.min(most, run.stretch);
    const { external, collections } = await read(drive, iterations);
    if (collections === 0) return Math.max(0, external / iterations);
  }
  return 0;
}
