import { formatQuantity } from './figures.js';

/** Nanoseconds: some three cycles of a processor of today. Nothing that anyone means to measure takes less. */
const leastNs = 1;
/** Equal to within what two copies of the same loop differ by. */
const alike = 1.1;

/**
 * Whether a benchmark measures nothing: an iteration takes no longer than one of an empty function, measured in the same
 * process by the same loop, or less than a nanosecond. Both in nanoseconds an iteration.
 */
export function measuresNothing(time: number, empty: number): boolean {
  return time < Math.max(leastNs, empty * alike);
}

/** What a measurement of nothing says of itself, given nanoseconds an iteration. */
export const nothingNote = (time: number): string =>
  `${formatQuantity(Number(time.toPrecision(2)), 'time')} an iteration is what an empty function costs: the compiler may have removed the work; return or use its result`;

/** What a measurement says of itself where a function returns a promise from some of its calls. */
export const mixedNote = 'it returns a promise only sometimes: what is a promise is awaited';

/** A machine under load may well take half as long again within a fraction of a second; not twice, of every process. */
const drifting = 2;

/** What a measurement says whose iterations took so many times as long as the first ones; null where they did not. */
export const driftNote = (drift: number): string | null =>
  drift < drifting
    ? null
    : `it gets slower as it runs (${formatQuantity(Number(drift.toPrecision(2)), 'count')} times within one process): it may keep something from one iteration for the next`;
