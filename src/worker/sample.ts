import { Bench } from 'tinybench';
import { mean, trimmedMean } from '../core/stats.js';
import type { Case } from './case.js';
import type { Clocks } from './clock.js';
import { buildLoop, isThenable, overriddenDuration, type Loop } from './loop.js';
import type { Measured, MeasureRequest, SideName, SideSamples } from './protocol.js';

/** Shorter slices drown in timer and scheduler noise, longer ones let the machine drift between the two sides. */
const sliceNs = 4e6;
/** A side is warm when it has run this long and has stopped getting faster, or at the latest at `warmCapNs`. */
const warmNs = 60e6;
const warmCapNs = 250e6;
/** The share of slices at each end that an estimate leaves out. */
const trim = 0.2;

/** Tells which of the user's functions threw. */
export class CaseError extends Error {
  constructor(
    readonly side: SideName,
    override readonly cause: unknown,
  ) {
    super(cause instanceof Error ? cause.message : String(cause));
  }
}

interface Slice {
  readonly iterations: number;
  readonly wall: number;
  readonly cpu: number;
}

interface Runner {
  readonly side: SideName;
  readonly benchmark: Case;
  readonly loop: Loop;
  /** Its function says itself how long it took, by the wall. */
  readonly overrides: boolean;
  readonly slices: Slice[];
  /** Nanoseconds an iteration on the wall, as last seen. */
  pace: number;
}

/** Wall-clock nanoseconds an iteration. */
const paceOf = (slice: Slice): number => slice.wall / slice.iterations;

async function slice(runner: Runner, iterations: number, clocks: Clocks): Promise<Slice> {
  const cpu = clocks.cpu?.() ?? 0;
  const wall = clocks.wall();
  let outside: number;
  try {
    const running = runner.loop(iterations);
    outside = typeof running === 'number' ? running : await running;
  } catch (error) {
    throw new CaseError(runner.side, error);
  }
  const wallEnd = clocks.wall();
  const cpuEnd = clocks.cpu?.() ?? 0;
  return { iterations, wall: Math.max(wallEnd - wall - outside, 1), cpu: Math.max(cpuEnd - cpu - outside, 1) };
}

/** Calls the function once, which also shows whether it returns a promise, and builds its loop. */
async function open(side: SideName, benchmark: Case, clocks: Clocks): Promise<Runner> {
  try {
    for (const hook of benchmark.before) await hook('run');
    for (const hook of benchmark.beforeEach) await hook('run');
    const cpu = clocks.cpu?.() ?? 0;
    const wall = clocks.wall();
    const value = benchmark.fn();
    const async = isThenable(value);
    const said = overriddenDuration(async ? await value : value);
    const spent = said === null ? clocks.wall() - wall : said * 1e6;
    const first = { iterations: 1, wall: Math.max(spent, 1), cpu: (clocks.cpu?.() ?? 0) - cpu };
    for (const hook of benchmark.afterEach) await hook('run');
    const overrides = said !== null;
    const loop = buildLoop(benchmark, { async, overrides }, clocks.wall);
    return { side, benchmark, loop, overrides, slices: [first], pace: first.wall };
  } catch (error) {
    throw new CaseError(side, error);
  }
}

/** How many iterations make a slice: one number for all sides, or their collections would fall differently. */
function sliceLength(runners: readonly Runner[]): number {
  return Math.max(1, Math.floor(sliceNs / Math.max(...runners.map((runner) => runner.pace))));
}

/** Runs all sides in turns until their code has settled, doubling the slices from one iteration up. */
async function warmUp(runners: readonly Runner[], clocks: Clocks, deadline: number): Promise<void> {
  const spent = runners.map(() => 0);
  const recent: number[][] = runners.map(() => []);
  const isWarm = (index: number): boolean => {
    const time = spent[index] ?? 0;
    const paces = recent[index] ?? [];
    if (time < warmNs) return false;
    if (time >= warmCapNs) return true;
    const late = Math.min(...paces.slice(-3));
    const early = Math.min(...paces.slice(-6, -3));
    return paces.length >= 6 && late > early * 0.97;
  };
  for (let iterations = 1; !runners.every((_, index) => isWarm(index)) && clocks.wall() < deadline;) {
    for (const [index, runner] of runners.entries()) {
      const one = await slice(runner, iterations, clocks);
      runner.pace = paceOf(one);
      spent[index] = (spent[index] ?? 0) + one.wall;
      if (one.wall > sliceNs / 4) recent[index]?.push(runner.pace);
    }
    iterations = Math.min(iterations * 2, sliceLength(runners));
  }
}

/**
 * Processor time is blind to other programs, and is what counts as long as the thread was only ever interrupted. Code that
 * waits of its own accord (I/O, timers) is judged by the wall.
 */
function chooseClock(clocks: Clocks, slices: readonly Slice[], waits: number): 'cpu' | 'wall' {
  if (clocks.cpu === null) return 'wall';
  const used = mean(slices.map((one) => one.cpu)) / mean(slices.map((one) => one.wall));
  const waited = clocks.waits === null || waits >= slices.length;
  return waited && used < 0.9 ? 'wall' : 'cpu';
}

/** Single iterations, as tinybench measures them; nanoseconds, ascending. */
async function latencies(runner: Runner, ms: number, iterations: number): Promise<Float64Array> {
  const { name, fn, beforeEach, afterEach } = runner.benchmark;
  const bench = new Bench({ time: ms, iterations, warmup: false, retainSamples: true, throws: true });
  const all = (hooks: Case['beforeEach']) => async () => {
    for (const hook of hooks) await hook('run');
  };
  bench.add(name, fn, {
    ...(beforeEach.length > 0 && { beforeEach: all(beforeEach) }),
    ...(afterEach.length > 0 && { afterEach: all(afterEach) }),
  });
  try {
    await bench.run();
  } catch (error) {
    throw new CaseError(runner.side, error);
  }
  const result = bench.tasks[0]?.result;
  if (result?.state !== 'completed') return new Float64Array();
  return Float64Array.from(result.latency.samples ?? [], (milliseconds) => milliseconds * 1e6).sort();
}

/**
 * Runs one case of one or two sides in this thread, in turns, first side first: warm-up, then quads A B B A of equal slices
 * (a pair A B where an iteration is too long for more), then single iterations where a check asks for their distribution.
 * Throws `CaseError` when the user's code does.
 */
export async function sample(
  request: MeasureRequest,
  cases: readonly { readonly side: SideName; readonly benchmark: Case }[],
  clocks: Clocks,
  onSampling: () => void,
): Promise<Measured> {
  const deadline = clocks.wall() + request.deadlineMs * 1e6;
  const runners: Runner[] = [];
  let waitsBefore = clocks.waits?.() ?? 0;
  onSampling();
  for (const { side, benchmark } of cases) runners.push(await open(side, benchmark, clocks));
  const firstCalls = runners.reduce((sum, runner) => sum + runner.pace, 0);
  const order = runners.length === 2 ? [0, 1, 1, 0] : [0];
  // What runs so long that the deadline would pass a second time has had its one measurement: the first call.
  if (clocks.wall() + firstCalls < deadline) {
    await warmUp(runners, clocks, deadline - 2 * firstCalls);
    for (const runner of runners) runner.slices.length = 0;
    const iterations = sliceLength(runners);
    const end = Math.min(deadline, clocks.wall() + request.sampleMs * 1e6);
    waitsBefore = clocks.waits?.() ?? 0;
    for (let taken = 0; clocks.wall() < end || taken < runners.length;) {
      for (const index of order) {
        const runner = runners[index];
        if (runner === undefined || (taken >= runners.length && taken % 2 === 0 && clocks.wall() > deadline)) break;
        runner.slices.push(await slice(runner, iterations, clocks));
        taken++;
      }
    }
  }
  const waits = (clocks.waits?.() ?? 0) - waitsBefore;
  const all = runners.flatMap((runner) => runner.slices);
  const clock = runners.some((runner) => runner.overrides) ? 'wall' : chooseClock(clocks, all, waits);
  const sides: SideSamples[] = [];
  // As many as the percentiles need, but not for longer than half of what this process has.
  const affordable = (runner: Runner): number => Math.floor((request.deadlineMs * 1e6) / 2 / runner.pace);
  const iterations = (runner: Runner): number =>
    Math.max(1, Math.min(request.latency?.iterations ?? 0, affordable(runner)));
  for (const runner of runners) {
    const wanted = request.latency?.sides.includes(runner.side) === true;
    sides.push({
      side: runner.side,
      time: trimmedMean(
        runner.slices.map((one) => one[clock] / one.iterations),
        trim,
      ),
      iterations: runner.slices.reduce((sum, one) => sum + one.iterations, 0),
      latencies: wanted ? await latencies(runner, request.latency.ms, iterations(runner)) : new Float64Array(),
    });
    for (const hook of runner.benchmark.after) await hook('run');
  }
  return { type: 'measured', sides, logRatio: logRatio(runners, clock), clock, slices: all.length };
}

/** The trimmed mean of the quads' log(current ÷ baseline), so that drift within a quad cancels to first order. */
function logRatio(runners: readonly Runner[], clock: 'cpu' | 'wall'): number | null {
  const current = runners.find((runner) => runner.side === 'current')?.slices;
  const baseline = runners.find((runner) => runner.side === 'baseline')?.slices;
  if (current === undefined || baseline === undefined) return null;
  const logs = current.map((one, index) => Math.log(one[clock]) - Math.log(baseline[index]?.[clock] ?? NaN));
  // Two slices a side make a quad; a single pair stands for itself.
  const quads =
    logs.length < 2
      ? logs
      : logs.filter((_, index) => index % 2 === 1).map((log, index) => (log + (logs[2 * index] ?? log)) / 2);
  return trimmedMean(quads, trim);
}
