import { formatQuantity } from '../language/figures.js';

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

/** What a measurement says whose single iterations the timer cannot see. */
export const batchNote = (time: number, batch: number): string =>
  `an iteration of ${formatQuantity(Number(time.toPrecision(2)), 'time')} is shorter than the timer can see: of percentiles only what ${batch} together prove is claimed; time and mean are exact`;
