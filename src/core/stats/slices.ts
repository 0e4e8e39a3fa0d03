import { fastest, sum } from './stats.js';

/** Some iterations, timed together. Times are in nanoseconds. */
export interface Slice {
  readonly iterations: number;
  /** By the wall clock. */
  readonly wall: number;
  /** Processor time of the thread; null if this system cannot tell it. */
  readonly cpu: number | null;
  /** Time in which the thread was ready to run but other programs had the processors; null if unknown. */
  readonly queued: number | null;
  /** How often the thread waited voluntarily; null if unknown. */
  readonly waits: number | null;
  /** How often V8 collected garbage meanwhile, and the nanoseconds that took. */
  readonly collections: number;
  readonly collecting: number;
}

export type ClockName = 'cpu' | 'wall';

const timeBy = (slice: Slice, clock: ClockName): number => (clock === 'wall' ? slice.wall : (slice.cpu ?? slice.wall));

/** The share of slices, fastest first, that a ratio compares. */
const fasterShare = 0.5;
/** With a smaller share of slices without a garbage collection, every slice counts as one with its part of them. */
const quietShare = 0.25;
/** With fewer collections, their number in a second is not known well. */
const few = 8;
/** The share behind the time that is shown. Code that waits has occasional delays, which are part of it. */
const usualShare = { cpu: 0.5, wall: 0.8 } as const;
/** If the second half takes less than this share of the first half's time, the code was not warm. */
const settled = 0.96;

/**
 * Returns nanoseconds per iteration: the mean of the fastest slices, by default of the faster half. A disturbance (another
 * program, a compiler, a migration to another core) only ever makes a slice slower, so in that half a loaded machine is as good
 * as a quiet one: on eleven workloads, the spread of log-ratios between processes was 2.0%, and 3.0% with a trimmed mean.
 *
 * Garbage collections make a slice slower, too, but they are part of what the code costs. If many slices have none, what the
 * average collection takes is added for as many as there were.
 */
export function timeOf(slices: readonly Slice[], clock: ClockName, share = fasterShare): number {
  const paces = (some: readonly Slice[]): readonly number[] => some.map((one) => timeBy(one, clock) / one.iterations);
  const quiet = slices.filter(({ collections }) => collections === 0);
  if (quiet.length === slices.length || quiet.length < quietShare * slices.length) return fastest(paces(slices), share);
  const pace = fastest(paces(quiet), share);
  return pace + collectionTime(slices, clock, pace) / sum(slices.map(({ iterations }) => iterations));
}

/** Returns the nanoseconds that all collections of some slices took, given what an iteration takes without them. */
function collectionTime(slices: readonly Slice[], clock: ClockName, pace: number): number {
  return sum(
    slices.map((one) => (one.collections === 0 ? 0 : Math.max(0, timeBy(one, clock) - pace * one.iterations))),
  );
}

/**
 * Whether more slices are needed because few had collections, on which much of the time depends: with `few` of them, one more or
 * less changes the figure by too much.
 */
export function hasFewCollections(slices: readonly Slice[], clock: ClockName): boolean {
  const collections = sum(slices.map((one) => one.collections));
  if (collections === 0 || collections >= few) return false;
  const collecting = sum(slices.map((one) => one.collecting));
  return collecting > 0.02 * sum(slices.map((one) => timeBy(one, clock)));
}

/** Returns the nanoseconds per iteration to show: what is compared or, by the wall clock, all but the slowest fifth of the slices. */
export const usualTime = (slices: readonly Slice[], clock: ClockName): number =>
  timeOf(slices, clock, usualShare[clock]);

/** Whether the later slices are no faster than the earlier ones; true if there are too few to tell. */
export function isSettled(slices: readonly Slice[], clock: ClockName): boolean {
  if (slices.length < 8) return true;
  const middle = slices.length >> 1;
  return timeOf(slices.slice(middle), clock) > settled * timeOf(slices.slice(0, middle), clock);
}

/** An iteration of this many nanoseconds takes more than ten minutes to be called the 3,000 times that V8 waits for. */
const neverHotterNs = 250e6;

/** Whether code is as hot as it becomes, because each of its iterations takes so long that V8 never optimizes it further. */
export const isNeverHotter = (slices: readonly Slice[]): boolean =>
  slices.length > 0 && slices.every(({ iterations, wall }) => iterations === 1 && wall > neverHotterNs);

/**
 * Chooses processor time, which other programs do not affect, if the thread would have run all the time; code that sleeps (I/O,
 * timers) is judged by the wall clock. It sleeps if it does so at least in every other slice; if it sleeps less often, a
 * hypervisor took the missing time. While V8 collects garbage, it may make the thread wait for its helpers.
 */
export function clockOf(slices: readonly Slice[]): ClockName {
  if (slices.some(({ cpu }) => cpu === null)) return 'wall';
  const wall = sum(slices.map((one) => one.wall));
  const idle = wall - sum(slices.map((one) => timeBy(one, 'cpu')));
  const queued = sum(slices.map((one) => one.queued ?? NaN));
  const waits = sum(slices.map((one) => one.waits ?? NaN));
  if (Number.isNaN(queued + waits)) return idle > 0.1 * wall ? 'wall' : 'cpu';
  const slept = waits < slices.length / 2 ? 0 : idle - queued - sum(slices.map((one) => one.collecting));
  return slept > 0.1 * wall ? 'wall' : 'cpu';
}
