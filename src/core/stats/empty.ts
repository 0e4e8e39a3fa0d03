/** Nanoseconds, about three cycles of a current processor. Nothing worth measuring takes less. */
const leastNs = 1;
/** Two copies of the same loop differ by up to this factor. */
const alike = 1.1;

/**
 * Whether a benchmark measures nothing: an iteration takes less than a nanosecond, or no longer than one of an empty function
 * timed in the same process by the same loop. Both arguments are in nanoseconds per iteration.
 */
export function measuresNothing(time: number, empty: number): boolean {
  return time < Math.max(leastNs, empty * alike);
}
