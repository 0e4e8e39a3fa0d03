import { isMeasured } from '../language/metric.js';
import { freeUnit } from '../language/quantity.js';
import { defaultPrior, interval, tailProbability, type Prior } from './interval.js';
import { mean, percentile, percentileInterval } from './stats.js';

/** A number with the interval that decides about it. Times in ns, throughput in 1/s, sizes in bytes. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** How many observations stand behind it; a percentile needs enough of them. */
  readonly samples: number;
  /** The unit that a benchmark reported its own metric in; absent where the metric itself says it. */
  readonly unit?: string;
}

/** Current ÷ baseline time of one iteration, measured in turns. */
export interface Comparison {
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
  /** How many fresh processes stand behind it; 0 where both sides are the same code and nothing had to run. */
  readonly processes: number;
  readonly clock: 'cpu' | 'wall';
}

/** What one side of a run showed. */
export interface Side {
  /** Keyed as `metricKey` spells them: `time`, `p95`, `throughput`, …; a reported metric under its own name. */
  readonly metrics: Readonly<Record<string, Estimate>>;
}

/** What one process saw of one side. */
export interface ProcessSamples {
  /** Nanoseconds an iteration, and how many were behind it. */
  readonly time: number;
  readonly iterations: number;
  /** Nanoseconds of single iterations, ascending; of batches of `batch` iterations each their mean. */
  readonly latencies: Float64Array;
  readonly batch: number;
}

/** Normal deviate of the intervals of percentiles: the same 99% as the intervals between processes. */
const z = 2.576;

/** One figure a process, and the interval of their geometric mean. */
function between(values: readonly number[], samples: number): Estimate {
  const { ratio, low, high } = interval(values.map((value) => Math.log(Math.max(value, Number.MIN_VALUE))));
  return { value: ratio, low, high, samples };
}

/**
 * What batches prove of the `p`-th percentile of their iterations, given their means, ascending: of a batch that took T no
 * more than T ÷ x iterations can have taken x or more, and of one whose mean is above x at least one has. For one iteration
 * a batch that is the percentile itself; the longer the batches, the less it is.
 */
export function percentileOfBatches(means: Float64Array, batch: number, p: number): { low: number; high: number } {
  const beyond = 1 - p / 100;
  const most = (x: number): number =>
    means.reduce((sum, mean) => sum + Math.min(batch, Math.floor((batch * mean) / x)), 0) / (batch * means.length);
  let low = percentile(means, 0);
  let high = batch * percentile(means, 100) * (1 + 1e-9);
  while (high - low > 1e-4 * high) {
    const middle = (low + high) / 2;
    if (most(middle) <= beyond) high = middle;
    else low = middle;
  }
  const share = batch * beyond;
  return { low: share >= 1 ? 0 : percentile(means, 100 * (1 - share)), high };
}

/** A percentile of all processes' iterations; its interval covers both the order statistics' and the processes' spread. */
function percentileEstimate(processes: readonly ProcessSamples[], pooled: Float64Array, p: number): Estimate {
  const batch = Math.max(...processes.map((one) => one.batch));
  if (batch > 1)
    return { value: percentile(pooled, p), ...percentileOfBatches(pooled, batch, p), samples: pooled.length };
  const within = percentileInterval(pooled, p, z);
  const across = between(
    processes.map((one) => percentile(one.latencies, p)),
    pooled.length,
  );
  const value = percentile(pooled, p);
  return {
    value,
    low: Math.min(within.low, (across.low / across.value) * value),
    high: Math.max(within.high, (across.high / across.value) * value),
    samples: pooled.length,
  };
}

/**
 * One side's metrics from the processes that ran it (at least one), in nanoseconds and 1/s. The distribution's metrics
 * (`mean`, `median`, `min`, `max`, `pN`) are there only where iterations were timed singly.
 */
export function estimateSide(processes: readonly ProcessSamples[], percentiles: readonly number[]): Side {
  const iterations = processes.reduce((sum, one) => sum + one.iterations, 0);
  const time = between(
    processes.map((one) => one.time),
    iterations,
  );
  const metrics: Record<string, Estimate> = {
    time,
    throughput: { value: 1e9 / time.value, low: 1e9 / time.high, high: 1e9 / time.low, samples: iterations },
  };
  const timed = processes.filter((one) => one.latencies.length > 0);
  if (timed.length > 0) {
    const pooled = Float64Array.from(timed.flatMap((one) => [...one.latencies])).sort();
    const means = timed.map((one) => mean([...one.latencies]));
    const fact = (value: number): Estimate => ({ value, low: value, high: value, samples: pooled.length });
    metrics['mean'] = between(means, pooled.length);
    metrics['median'] = percentileEstimate(timed, pooled, 50);
    const batch = Math.max(...timed.map((one) => one.batch));
    const [min = NaN, max = NaN] = [pooled[0], pooled[pooled.length - 1]];
    // The extremes are what was seen, not estimates of what could be; and in a batch they are not seen.
    metrics['min'] = { ...fact(min), low: batch > 1 ? 0 : min };
    metrics['max'] = { ...fact(max), high: batch * max };
    for (const p of percentiles) metrics[`p${p}`] = percentileEstimate(timed, pooled, p);
  }
  return { metrics };
}

/**
 * The comparison that these processes' log-ratios make. Of `comparisons` that are made at once, each has its share of the
 * chance of a false alarm (Dunn, Multiple comparisons among means, JASA 56, 1961), so that a hundred budgets cry wolf no
 * more often than one: `low`, which an alarm stands on, is lower for it. That nothing is slower needs no such care.
 */
export function compare(
  logRatios: readonly number[],
  clock: 'cpu' | 'wall',
  { prior = defaultPrior, comparisons = 1 }: { readonly prior?: Prior; readonly comparisons?: number } = {},
): Comparison {
  const tails = { low: tailProbability / Math.max(1, comparisons), high: tailProbability };
  return { ...interval(logRatios, prior, tails), processes: logRatios.length, clock };
}

/** What only the tool knows is in its unit; an estimate is in the base unit, as bounds are. */
export function inBaseUnit(key: string, unit: string, estimate: Estimate): Estimate {
  if (isMeasured(key) || unit === '') return estimate;
  const { scale } = freeUnit(unit);
  const { value, low, high } = estimate;
  return { ...estimate, value: value * scale, low: low * scale, high: high * scale, unit };
}
