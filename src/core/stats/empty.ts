/** Nanoseconds, about three cycles of a current processor. Nothing worth measuring takes less. */
const leastNs = 1;
/** Two copies of the same loop differ by up to this factor on a busy machine. */
const alike = 1.25;

/** Whether an iteration (nanoseconds) is too short for any work. */
export const measuresNothing = (time: number): boolean => time < leastNs;

/**
 * Whether an iteration takes no longer than one of an empty function in the same loop and process, of which it takes `ratio` times as
 * long. If it awaits nothing, it does nothing, either; if it is asynchronous, it may do something that is short beside the promise.
 */
export const resemblesEmpty = (ratio: number): boolean => ratio < alike;
