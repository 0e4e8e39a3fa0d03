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
