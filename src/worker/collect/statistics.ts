/** Returns statistics of zero with every field of tinybench 6, so that a script can go on to print its table. */
export const noStatistics = () => ({
  aad: 0,
  critical: 0,
  df: 0,
  mad: 0,
  max: 0,
  mean: 0,
  min: 0,
  moe: 0,
  p50: 0,
  p75: 0,
  p99: 0,
  p995: 0,
  p999: 0,
  rme: 0,
  samples: [] as number[],
  samplesCount: 0,
  sd: 0,
  sem: 0,
  variance: 0,
});

/** Returns a result of zero: the fields of tinybench 6, and the flat ones of versions up to 4. */
export const noResult = () => ({
  ...noStatistics(),
  hz: 0,
  period: 0,
  totalTime: 0,
  latency: noStatistics(),
  throughput: noStatistics(),
});

/**
 * Returns the function itself, unless it needs its `this`, because one more call between the loop and the code would be measured
 * with it.
 */
export function bound<F extends (...args: never[]) => unknown>(fn: F, self: unknown): F {
  const own = Object.hasOwn(fn, 'prototype') || !/^(?:async\s*)?(?:\(|[\w$]+\s*=>)/.test(String(fn));
  return own && /\bthis\b/.test(String(fn)) ? (fn.bind(self) as F) : fn;
}
