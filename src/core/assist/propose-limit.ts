import { formatQuantity } from '../language/figures.js';

/** How much more than the slowest of the known runs a proposed limit allows. */
const slack = 1.25;

/** A time in nanoseconds, and what it lies between. */
interface Time {
  readonly low: number;
  readonly high: number;
}

/**
 * Returns a check that the known runs of a benchmark on one machine pass with a quarter to spare, rounded up to two digits:
 * `time <= 1.6 ms`. Null if there are none.
 */
export function proposedLimit(times: readonly Time[]): string | null {
  if (times.length === 0) return null;
  const most = Math.max(...times.map(({ high }) => high)) * slack;
  if (!Number.isFinite(most) || most <= 0) return null;
  const step = 10 ** (Math.floor(Math.log10(most)) - 1);
  return `time <= ${formatQuantity(Number((Math.ceil(most / step) * step).toPrecision(2)), 'time')}`;
}
