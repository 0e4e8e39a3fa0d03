import type { Comparison, Estimate, Measurement, Side } from './measurement.js';
import { isAdditive, isMeasured, metricNames } from './metric.js';

/**
 * What several benchmarks, run one after the other, cost together. It has the metrics that add up, and a comparison where
 * every part has one.
 */
export function sumOf(
  name: string,
  parts: readonly { readonly name: string; readonly measurement: Measurement }[],
): Measurement {
  const measurements = parts.map(({ measurement }) => measurement);
  const olds = measurements.flatMap(({ baseline }) => baseline ?? []);
  const without = parts.find(({ measurement }) => measurement.baseline === null);
  const notes = parts.flatMap(({ name: part, measurement: { note } }) => (note === null ? [] : [`${part}: ${note}`]));
  return {
    benchmark: name,
    current: sumSides(measurements.map(({ current }) => current)),
    baseline: without === undefined ? sumSides(olds) : null,
    comparison: sumComparisons(measurements),
    samples: measurements.reduce((sum, { samples }) => sum + samples, 0),
    elapsedMs: measurements.reduce((sum, { elapsedMs }) => sum + elapsedMs, 0),
    note: notes[0] ?? (without === undefined ? null : `${without.name} has no old code to compare with`),
  };
}

function sumSides(sides: readonly Side[]): Side {
  const metrics: Record<string, Estimate> = {};
  for (const key of Object.keys(sides[0]?.metrics ?? {})) {
    const estimates = sides.flatMap(({ metrics: { [key]: estimate } }) => estimate ?? []);
    if (estimates.length === sides.length && addsUp(key)) metrics[key] = sumEstimates(key, estimates);
  }
  return { metrics };
}

/** What benchmarks report themselves is counted. */
function addsUp(key: string): boolean {
  const kind = metricNames.find((name) => name === key);
  return kind === undefined ? !isMeasured(key) : isAdditive({ kind });
}

/**
 * The interval of a sum of independent estimates: half-widths add up by their squares, each side for itself (MOVER; Zou &
 * Donner, Construction of confidence limits about effect measures, Statistics in Medicine 27, 2008, equation 4).
 */
function sumEstimates(key: string, estimates: readonly Estimate[]): Estimate {
  const value = estimates.reduce((sum, one) => sum + one.value, 0);
  const samples = estimates.map((one) => one.samples);
  const unit = estimates[0]?.unit;
  return {
    value,
    low: value - Math.hypot(...estimates.map((one) => one.value - one.low)),
    high: value + Math.hypot(...estimates.map((one) => one.high - one.value)),
    // Errors are those of all iterations; another figure is known no better than its worst part.
    samples: key === 'errors' ? samples.reduce((sum, one) => sum + one, 0) : Math.min(...samples),
    ...(unit !== undefined && { unit }),
  };
}

/**
 * The ratio of the sums: the parts' ratios weighted by their shares of the old total, Σ b·r / Σ b, by the same rule for its
 * interval. The old time of each part is its new one divided by its ratio, for that is the one that was measured in turns.
 */
function sumComparisons(measurements: readonly Measurement[]): Comparison | null {
  const parts = measurements.flatMap(({ comparison, current }) => {
    const time = current.metrics['time'];
    return comparison === null || time === undefined ? [] : [{ comparison, old: time.value / comparison.ratio }];
  });
  if (parts.length < measurements.length) return null;
  const total = parts.reduce((sum, { old }) => sum + old, 0);
  const ratio = parts.reduce((sum, { comparison, old }) => sum + (comparison.ratio * old) / total, 0);
  const half = (side: (one: Comparison) => number): number =>
    Math.hypot(...parts.map(({ comparison, old }) => (side(comparison) * old) / total));
  const compared = parts.filter(({ comparison }) => comparison.forks > 0);
  return {
    ratio,
    low: ratio - half((one) => one.ratio - one.low),
    high: ratio + half((one) => one.high - one.ratio),
    forks: compared.length === 0 ? 0 : Math.min(...compared.map(({ comparison }) => comparison.forks)),
    clock: parts.every(({ comparison }) => comparison.clock === 'cpu') ? 'cpu' : 'wall',
  };
}
