import { performance } from 'node:perf_hooks';

/** Returns milliseconds since the process started. A benchmark may replace the clock, with fake timers for example. */
export const now: () => number = performance.now.bind(performance);
