import { GCProfiler } from 'node:v8';
import { measuresNothing } from '../../core/stats/empty.js';
import { fastest, sum } from '../../core/stats/stats.js';
import type { Case } from '../collect/case.js';
import type { Clocks } from './clock.js';
import { emptyTime } from './empty.js';
import { latencies, type Latencies } from './latency.js';
import { turn } from './garbage.js';
import { buildLoop, isThenable, lastValue, overriddenDuration, type Loop, type Outside } from './loop.js';
import type { Measured, MeasureRequest, SideName, SideSamples } from '../protocol.js';

/** Shorter slices drown in timer and scheduler noise, longer ones let the machine drift between the two sides. */
const sliceNs = 4e6;
/** A side is warm when it has run this long and has stopped getting faster, or at the latest at `warmCapNs`. */
const warmNs = 25e6;
const warmCapNs = 120e6;
/** The minimum number of slices of all sides, unless they need more than `patience` times the usual time. */
const enoughSlices = 16;
const patience = 3;
/** The share of slices, fastest first, that a ratio compares. */
const fasterShare = 0.5;
/** The share behind the time that is shown, which must include occasional delays. */
const usualShare = 0.8;
/** If the second half takes less than this share of the first half's time, the code was not warm, and sampling starts again. */
const settled = 0.96;
/** How many times sampling may start again. */
const mostExtensions = 3;

/** How many calls show whether a function returns promises, and the nanoseconds that they may take together. */
const probes = 64;
const probeNs = 2e6;
/** Sides whose paces differ by more have slices of their own lengths: their verdict is clear, and so should their figures be. */
const alike = 4;

/** The side whose function was called last, which is to blame if something fails that nobody awaits. */
export const running: { side: SideName | null } = { side: null };

/** An error that the code of one side threw. */
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
  loop: Loop;
  /** Its function returns promises, at least sometimes. */
  async: boolean;
  /** At other times it returns none. */
  mixed: boolean;
  /** Its function returns its own duration, by the wall clock. */
  readonly overrides: boolean;
  concurrency: number;
  /** How many of its promises to keep in flight at once, if it returns any. */
  readonly lanes: number;
  readonly slices: Slice[];
  /** Wall-clock nanoseconds per iteration: the latest figure, and the mean of the warm-up. */
  pace: number;
  usual: number;
}

/** Returns the wall-clock nanoseconds per iteration. */
const paceOf = (slice: Slice): number => slice.wall / slice.iterations;

async function slice(runner: Runner, iterations: number, clocks: Clocks): Promise<Slice> {
  running.side = runner.side;
  const cpu = clocks.cpu?.() ?? 0;
  const wall = clocks.wall();
  let outside: Outside;
  try {
    const looping = runner.loop(iterations);
    outside = 'then' in looping ? await looping : looping;
  } catch (error) {
    throw new CaseError(runner.side, error);
  }
  const wallEnd = clocks.wall();
  const cpuEnd = clocks.cpu?.() ?? 0;
  const last = runner.async ? null : lastValue();
  if (isThenable(last)) {
    // The function returned its first promise only now, so what was measured before was not its work.
    setAsync(runner, true, clocks);
    runner.mixed = true;
    runner.slices.length = 0;
    await last.then(undefined, (error: unknown) => {
      throw new CaseError(runner.side, error);
    });
    const again = await slice(runner, runner.concurrency, clocks);
    runner.pace = paceOf(again);
    return again;
  }
  return {
    iterations,
    wall: Math.max(wallEnd - wall - outside.wall, 1),
    cpu: Math.max(cpuEnd - cpu - outside.cpu, 1),
  };
}

/** Runs the hooks that run once, before the first call. */
async function prepare(side: SideName, benchmark: Case): Promise<void> {
  running.side = side;
  try {
    for (const hook of benchmark.before) await hook('run');
  } catch (error) {
    throw new CaseError(side, error);
  }
}

/** Calls the function once, which also shows whether it returns a promise, and builds its loop. */
async function open(side: SideName, benchmark: Case, concurrency: number, clocks: Clocks): Promise<Runner> {
  running.side = side;
  try {
    for (const hook of benchmark.beforeEach) await hook('run');
    const cpu = clocks.cpu?.() ?? 0;
    const wall = clocks.wall();
    const value = benchmark.fn();
    const async = isThenable(value);
    const overridden = overriddenDuration(async ? await value : value);
    const spent = overridden === null ? clocks.wall() - wall : overridden * 1e6;
    const first = { iterations: 1, wall: Math.max(spent, 1), cpu: (clocks.cpu?.() ?? 0) - cpu };
    for (const hook of benchmark.afterEach) await hook('run');
    // An unhandled rejection surfaces in the next turn, while we still know whose it is.
    await turn();
    const overrides = overridden !== null;
    const loop = buildLoop(benchmark, { async, overrides, concurrency }, clocks);
    const pace = first.wall;
    const inFlight = async && !overrides ? concurrency : 1;
    const found = { async, mixed: false, overrides, concurrency: inFlight, lanes: concurrency };
    return { side, benchmark, loop, ...found, slices: [first], pace, usual: pace };
  } catch (error) {
    throw new CaseError(side, error);
  }
}

/** Calls the function a few more times, to see if it returns a promise only on its first call, or only on later ones. */
async function probe(runner: Runner, clocks: Clocks): Promise<void> {
  const { side, benchmark } = runner;
  if (runner.overrides || runner.pace > probeNs) return;
  running.side = side;
  let promises = 0;
  let calls = 0;
  try {
    for (const end = clocks.wall() + probeNs; calls < probes && (calls === 0 || clocks.wall() < end); calls++) {
      for (const hook of benchmark.beforeEach) await hook('run');
      const value = benchmark.fn();
      if (isThenable(value)) promises++;
      await value;
      for (const hook of benchmark.afterEach) await hook('run');
    }
  } catch (error) {
    throw new CaseError(side, error);
  }
  runner.mixed = promises > 0 && promises < calls;
  if (promises > 0 !== runner.async) setAsync(runner, promises > 0, clocks);
}

function setAsync(runner: Runner, async: boolean, clocks: Clocks): void {
  runner.async = async;
  runner.concurrency = async ? runner.lanes : 1;
  runner.loop = buildLoop(runner.benchmark, { async, overrides: false, concurrency: runner.lanes }, clocks);
}

/** Returns the iterations per slice: equal for similar sides, because otherwise garbage collections would fall differently. */
function sliceLength(runner: Runner, runners: readonly Runner[]): number {
  const least = Math.max(...runners.map(({ concurrency }) => concurrency));
  const isAlike = Math.max(...runners.map(({ usual }) => usual)) <= alike * runner.usual;
  const pace = isAlike ? Math.max(...runners.map((one) => one.pace)) : runner.pace;
  return Math.max(least, Math.floor(sliceNs / pace));
}

/** Runs all sides in turn until they are warm, in slices that double from one iteration; at least `least` iterations each. */
async function warmUp(runners: readonly Runner[], clocks: Clocks, deadline: number, least: number): Promise<void> {
  const queuedNow = (): number => clocks.schedule?.().queued ?? 0;
  const spent = runners.map(() => 0);
  const free = runners.map(() => 0);
  const done = runners.map(() => 0);
  const recent: number[][] = runners.map(() => []);
  const isWarm = (index: number): boolean => {
    const time = free[index] ?? 0;
    const paces = recent[index] ?? [];
    if (time < warmNs || (done[index] ?? 0) < least) return false;
    if (time >= warmCapNs) return true;
    const late = Math.min(...paces.slice(-3));
    const early = Math.min(...paces.slice(-6, -3));
    return paces.length >= 6 && late > early * 0.97;
  };
  for (let most = 1; !runners.every((_, index) => isWarm(index)) && clocks.wall() < deadline; most *= 2) {
    for (const [index, runner] of runners.entries()) {
      const queued = queuedNow();
      const one = await slice(runner, Math.min(most, sliceLength(runner, runners)), clocks);
      runner.pace = paceOf(one);
      // Nothing warms up while other programs have the processors.
      free[index] = (free[index] ?? 0) + Math.max(0, one.wall - (queuedNow() - queued));
      spent[index] = (spent[index] ?? 0) + one.wall;
      done[index] = (done[index] ?? 0) + one.iterations;
      runner.usual = (spent[index] ?? 0) / (done[index] ?? 1);
      if (one.wall > sliceNs / 4) recent[index]?.push(runner.pace);
      // Code that runs this long was warm after its first call, so this one counts.
      if (most === 1 && least <= 1 && one.wall >= warmCapNs) runner.slices.push(one);
    }
  }
}

/**
 * Chooses processor time, which other programs do not affect, if the thread would have run all the time; code that sleeps (I/O,
 * timers) is judged by the wall clock. `asleep` (nanoseconds) leaves out the time in which V8 makes the thread wait for the
 * threads that collect its garbage.
 */
function chooseClock(clocks: Clocks, slices: readonly Slice[], asleep: number | null): 'cpu' | 'wall' {
  if (clocks.cpu === null) return 'wall';
  const wall = sum(slices.map((one) => one.wall));
  const idle = asleep ?? wall - sum(slices.map((one) => one.cpu));
  return idle > 0.1 * wall ? 'wall' : 'cpu';
}

/**
 * Starts to watch the thread. The returned function takes the number of slices since then, and returns the nanoseconds that the
 * thread slept, without garbage collections; null if this system cannot tell. Code that sleeps does so at least in every other
 * slice; if it sleeps less often, a hypervisor took the missing time.
 */
function watchSleep(clocks: Clocks): (slices: number) => number | null {
  const { cpu, schedule, wall } = clocks;
  if (cpu === null || schedule === null) return () => null;
  const profiler = new GCProfiler();
  profiler.start();
  const before = { cpu: cpu(), ...schedule(), wall: wall() };
  return (slices) => {
    const { queued, waits } = schedule();
    const collecting = sum(profiler.stop().statistics.map(({ cost }) => cost * 1e3));
    const slept = wall() - before.wall - (cpu() - before.cpu) - (queued - before.queued);
    return waits - before.waits < slices / 2 ? 0 : Math.max(0, slept - collecting);
  };
}

/**
 * Runs one case of one or two sides in this thread, in turn, first side first: warm-up, then quads A B B A of equal slices
 * (a pair A B if an iteration is too long for more), then single iterations if a check needs their distribution.
 * Throws `CaseError` if the user's code throws.
 */
export async function sample(
  request: MeasureRequest,
  cases: readonly { readonly side: SideName; readonly benchmark: Case }[],
  clocks: Clocks,
  onSampling: () => void,
  onCalled: (ms: number) => void = () => undefined,
): Promise<Measured> {
  const begun = clocks.wall();
  const runners: Runner[] = [];
  let slept: number | null = null;
  onSampling();
  // Setup runs before the deadline is set; otherwise a slow one would leave time for the first call alone.
  for (const { side, benchmark } of cases) await prepare(side, benchmark);
  const deadline = clocks.wall() + request.deadlineMs * 1e6;
  for (const { side, benchmark } of cases) {
    const runner = await open(side, benchmark, request.concurrency, clocks);
    runners.push(runner);
    if (runner.pace > sliceNs) onCalled(runner.pace / 1e6);
  }
  const firstCalls = runners.reduce((sum, runner) => sum + runner.pace, 0);
  const order = runners.length === 2 ? [0, 1, 1, 0] : [0];
  // If a second call would pass the deadline, the first call is the only measurement.
  if (clocks.wall() + firstCalls < deadline) {
    for (const runner of runners) {
      runner.slices.length = 0;
      await probe(runner, clocks);
    }
    await warmUp(runners, clocks, deadline - 2 * firstCalls, request.warmup);
    for (let extension = 0; runners.some(({ slices }) => slices.length === 0); extension++) {
      const asleep = watchSleep(clocks);
      const started = clocks.wall();
      // Even if other programs take part of the time, there are as many slices as the faster half needs.
      const more = (taken: number): boolean => {
        const spent = clocks.wall() - started;
        return spent < request.sampleMs * 1e6 || (taken < enoughSlices && spent < patience * request.sampleMs * 1e6);
      };
      for (let taken = 0; taken < runners.length || (more(taken) && clocks.wall() < deadline);) {
        for (const index of order) {
          const runner = runners[index];
          if (runner === undefined || (taken >= runners.length && taken % 2 === 0 && clocks.wall() > deadline)) break;
          runner.slices.push(await slice(runner, sliceLength(runner, runners), clocks));
          taken++;
        }
      }
      slept = asleep(slicesOf(runners).length);
      const clock = chooseClock(clocks, slicesOf(runners), slept);
      if (extension === mostExtensions || clocks.wall() > deadline || runners.every((one) => isSettled(one, clock)))
        break;
      for (const runner of runners) runner.slices.length = 0;
    }
  }
  const all = slicesOf(runners);
  const clock = runners.some((runner) => runner.overrides) ? 'wall' : chooseClock(clocks, all, slept);
  const sides: SideSamples[] = [];
  // As many as the percentiles need, but for no more than half of this process's time.
  const affordable = (runner: Runner): number => Math.floor((request.deadlineMs * 1e6) / 2 / runner.pace);
  const iterations = (runner: Runner): number =>
    Math.max(1, Math.min(request.latency?.iterations ?? 0, affordable(runner)));
  const latenciesOf = async (runner: Runner): Promise<Latencies> => {
    if (request.latency?.sides.includes(runner.side) !== true) return { latencies: new Float64Array(), batch: 1 };
    // Iterations this long were already timed one by one.
    if (clocks.wall() > deadline && runner.slices.every((one) => one.iterations === 1)) {
      return { latencies: Float64Array.from(runner.slices, (one) => one.wall).sort(), batch: 1 };
    }
    try {
      return await latencies(runner, request.latency.ms, iterations(runner), clocks);
    } catch (error) {
      throw new CaseError(runner.side, error);
    }
  };
  for (const runner of runners) {
    sides.push({
      side: runner.side,
      time: timeOf(runner, clock, usualShare),
      iterations: runner.slices.reduce((sum, one) => sum + one.iterations, 0),
      ...(await latenciesOf(runner)),
    });
    for (const hook of runner.benchmark.after) await hook('run');
  }
  const busyMs = (clocks.wall() - begun) / 1e6;
  const idle: SideName[] = [];
  for (const runner of runners) if (await isNothing(runner, clock, clocks)) idle.push(runner.side);
  return {
    ...{ type: 'measured', sides, clock, slices: all.length, busyMs },
    // Two empty loops have nothing to compare.
    logRatio: idle.length === runners.length ? null : logRatio(runners, clock),
    nothing: idle.includes('current'),
    mixed: runners.some(({ mixed }) => mixed),
  };
}

/** Nanoseconds per iteration above which a function surely does something: one that returns a promise, and any other. */
const something = { async: 200, sync: 5 };

/** Whether a side does no more than an empty function. */
async function isNothing(runner: Runner, clock: 'cpu' | 'wall', clocks: Clocks): Promise<boolean> {
  if (runner.overrides || runner.concurrency > 1 || clock === 'wall') return false;
  const time = timeOf(runner, clock);
  if (time > something[runner.async ? 'async' : 'sync']) return false;
  return measuresNothing(time, await emptyTime(runner.benchmark, { async: runner.async, now: clocks.wall }));
}

const slicesOf = (runners: readonly Runner[]): readonly Slice[] => runners.flatMap((runner) => runner.slices);

/**
 * Returns nanoseconds per iteration: the mean of the fastest slices, by default of the faster half. A disturbance (another
 * program, a compiler, a migration to another core) only ever makes a slice slower, so in that half a loaded machine is as good
 * as a quiet one: on eleven workloads, the spread of log-ratios between processes was 2.0%, and 3.0% with a trimmed mean.
 */
function timeOf({ slices }: Pick<Runner, 'slices'>, clock: 'cpu' | 'wall', share = fasterShare): number {
  return fastest(
    slices.map((one) => one[clock] / one.iterations),
    share,
  );
}

/** Whether the later slices are no faster than the earlier ones; true if there are too few slices to tell. */
function isSettled({ slices }: Runner, clock: 'cpu' | 'wall'): boolean {
  if (slices.length < 8) return true;
  const middle = slices.length >> 1;
  return timeOf({ slices: slices.slice(middle) }, clock) > settled * timeOf({ slices: slices.slice(0, middle) }, clock);
}

/** Returns log(current ÷ baseline) of the faster halves; null with one side. */
function logRatio(runners: readonly Runner[], clock: 'cpu' | 'wall'): number | null {
  const current = runners.find((runner) => runner.side === 'current');
  const baseline = runners.find((runner) => runner.side === 'baseline');
  return current === undefined || baseline === undefined
    ? null
    : Math.log(timeOf(current, clock) / timeOf(baseline, clock));
}
