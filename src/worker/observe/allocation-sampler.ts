import { GCProfiler, getHeapStatistics } from 'node:v8';
import { compileFunction } from 'node:vm';
import type { Case, OwnLoop } from '../collect/case.js';
import { isThenable } from '../sample/loop.js';

/** What some iterations used, without the hooks around them. Sizes in bytes, time in nanoseconds. */
export interface AllocationSample {
  readonly iterations: number;
  /** Processor time of all threads. */
  readonly cpu: number;
  /** Allocated on V8's heap. */
  readonly heap: number;
  /** Growth of what array buffers hold outside the heap; if nothing was collected, this is what was allocated. */
  readonly external: number;
  readonly collections: number;
  /** The peak size of the heap. */
  readonly peak: number;
}

export type AllocationSampler = (iterations: number) => Promise<AllocationSample>;

/** Runs that many iterations, awaits the promises that they return, and returns how many there were. */
export type Drive = (iterations: number) => Promise<number>;

let built = 0;

/**
 * Returns the text of a loop that stops at the first promise. It keeps a number in a typed array, because a property would need
 * a box of 16 bytes for it; anything else escapes to where a compiler must assume that it is used. The text is unique, so that
 * V8 gives it its own type feedback.
 */
const loopText = () => `/* ${built++} */
  for (let i = 0; i < n; i++) {
    const value = fn();
    if (typeof value === 'number') numbers[0] = value;
    else if (value !== undefined) {
      sink.value = value;
      if (typeof value === 'object' && isThenable(value)) return i + 1;
    }
  }
  return n;`;

function driver(fn: () => unknown): Drive {
  const sink: { value: unknown } = { value: undefined };
  const numbers = new Float64Array(1);
  const loop = compileFunction(loopText(), ['fn', 'n', 'sink', 'numbers', 'isThenable']) as (
    ...args: [() => unknown, number, typeof sink, Float64Array, typeof isThenable]
  ) => number;
  return async (iterations) => {
    let awaited = 0;
    for (let done = 0; done < iterations;) {
      done += loop(fn, iterations - done, sink, numbers, isThenable);
      if (!isThenable(sink.value)) continue;
      const promise = sink.value;
      sink.value = undefined;
      await promise;
      awaited++;
    }
    sink.value = undefined;
    return awaited;
  };
}

const nothing = (): void => undefined;

/** Returns what runs the iterations of a case without the hooks around them. */
export const driverOf = ({ fn, loop }: Pick<Case, 'fn' | 'loop'>): Drive =>
  loop === undefined ? driver(fn) : ownDriver(loop);

function ownDriver(loop: OwnLoop): Drive {
  return async (iterations) => {
    await loop(iterations, nothing, nothing);
    return 0;
  };
}

export async function read(drive: Drive, iterations: number): Promise<AllocationSample & { readonly awaited: number }> {
  const profiler = new GCProfiler();
  profiler.start();
  const before = getHeapStatistics();
  const cpu = process.cpuUsage();
  const awaited = await drive(iterations);
  const { user, system } = process.cpuUsage(cpu);
  const after = getHeapStatistics();
  const collections = profiler.stop().statistics;
  // Between two collections the heap only grows, so what each one found, minus what the one before it left, is exact.
  let heap = after.used_heap_size - before.used_heap_size;
  let peak = after.used_heap_size;
  for (const { beforeGC, afterGC } of collections) {
    heap += beforeGC.heapStatistics.usedHeapSize - afterGC.heapStatistics.usedHeapSize;
    peak = Math.max(peak, beforeGC.heapStatistics.usedHeapSize);
  }
  const external = after.external_memory - before.external_memory;
  const nanoseconds = (user + system) * 1e3;
  return { iterations, cpu: nanoseconds, heap, external, collections: collections.length, peak, awaited };
}

/** Measures the bytes that awaiting a settled promise allocates. */
export async function promiseBytes(): Promise<number> {
  const settled = Promise.resolve();
  const [nothing, promises] = [driver(() => undefined), driver(() => settled)];
  const many = 256;
  const found: number[] = [];
  for (let round = 0; round < 15; round++) {
    const none = await read(nothing, many);
    found.push(((await read(promises, many)).heap - none.heap) / many);
  }
  return found.sort((a, b) => a - b)[7] ?? 0;
}

/**
 * Returns a sampler of a case that subtracts what the readings themselves use. Each reading is followed by one of an empty
 * function, because what a reading allocates changes as its own code is compiled.
 */
export async function allocationSampler(benchmark: Case): Promise<AllocationSampler> {
  const { beforeEach, afterEach, loop } = benchmark;
  const perPromise = await promiseBytes();
  const drive = driverOf(benchmark);
  const nothing = driver(() => undefined);
  const plain: AllocationSampler = async (iterations) => {
    // What a reading allocates also depends on whether there was one before it.
    await read(nothing, 1);
    const taken = await read(drive, iterations);
    let own = await read(nothing, 1);
    // A heap that shrinks without a collection returns what an earlier one found, because large objects are freed a little later.
    while (own.collections > 0 || own.heap < 0) own = await read(nothing, 1);
    return {
      ...taken,
      cpu: taken.cpu - own.cpu,
      heap: taken.heap - own.heap - taken.awaited * perPromise,
    };
  };
  if (loop !== undefined) {
    // What it allocates around its iterations is the same for twice as many.
    return async (iterations) => {
      const one = await plain(iterations);
      const two = await plain(2 * iterations);
      const [heap, external] = [two.heap - one.heap, two.external - one.external];
      return { ...two, iterations, cpu: Math.max(0, two.cpu - one.cpu), heap, external };
    };
  }
  if (beforeEach.length === 0 && afterEach.length === 0) return plain;
  return async (iterations) => {
    const all: AllocationSample[] = [];
    for (let i = 0; i < iterations; i++) {
      for (const hook of beforeEach) await hook('run');
      all.push(await plain(1));
      for (const hook of afterEach) await hook('run');
    }
    return combined(all);
  };
}

/** The share of readings to drop at each end, because V8 may have compiled code during them, which is on the heap, too. */
const compiled = 0.02;

/**
 * Combines the readings of single iterations. V8 accounts for whole pages when it collects, and frees the hooks' buffers at any
 * time. That is a lot compared with one iteration, so readings without either stand in for the rest unless they are a minority.
 */
function combined(all: readonly AllocationSample[]): AllocationSample {
  const quiet = all.filter(({ collections, external }) => collections === 0 && external >= 0);
  const typical = quiet.length * 2 >= all.length ? quiet : all;
  const sum = (taken: readonly AllocationSample[], read: (one: AllocationSample) => number): number =>
    taken.reduce((total, one) => total + read(one), 0);
  const scale = all.length / typical.length;
  const cut = Math.floor(typical.length * compiled);
  const usual = typical.toSorted((a, b) => a.heap - b.heap).slice(cut, typical.length - cut);
  return {
    iterations: all.length,
    cpu: sum(all, ({ cpu }) => cpu),
    heap: sum(usual, ({ heap }) => heap) * (all.length / usual.length),
    external: sum(typical, ({ external }) => external) * scale,
    collections: typical === quiet ? 0 : sum(all, ({ collections }) => collections),
    peak: Math.max(...all.map(({ peak }) => peak)),
  };
}
