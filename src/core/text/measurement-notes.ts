import { formatQuantity } from '../language/figures.js';

/** What a measurement of nothing says of itself, given nanoseconds an iteration. */
export const nothingNote = (time: number): string =>
  `${formatQuantity(Number(time.toPrecision(2)), 'time')} per iteration is as fast as an empty function: the compiler may have removed the work; return or use its result`;

/** What a measurement says of itself where a function returns a promise from some of its calls. */
export const mixedNote = 'it returns a promise from some calls only; each promise is awaited';

/** What a measurement says whose single iterations the timer cannot see. */
export const batchNote = (time: number, batch: number): string =>
  `an iteration of ${formatQuantity(Number(time.toPrecision(2)), 'time')} is shorter than the timer can resolve: percentiles are bounds from batches of ${batch}; time and mean are exact`;

/** What a measurement says whose old code did not run: it is compared with the figures of that baseline's capture. */
export const keptNote = (baseline: string): string =>
  `compared with the figures of ${baseline}, measured at another time`;
