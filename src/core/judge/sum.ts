import * as l10n from '@vscode/l10n';
import type { Measurement } from '../results/measurement.js';
import { isAdditive, isMeasured, metricNames } from '../language/metric.js';
import type { Comparison, Estimate, Side } from '../stats/estimate.js';

/**
 * Returns what several benchmarks, run one after the other, cost together: the metrics that add up, and a comparison if every
 * part has one.
 */
export function sumOf(
  name: string,
  parts: readonly { readonly name: string; readonly measurement: Measurement }[],
): Measurement {
  const measurements = parts.map(({ measurement }) => measurement);
  const olds = measurements.flatMap(({ baseline }) => baseline ?? []);
  const without = parts.find(({ measurement }) => measurement.baseline === null);
  const notes = parts.flatMap(({ name: part, measurement: { note } }) => (note === null ? [] : [`${part}: ${note}`]));
  const [notCompared] = parts.flatMap(({ name: part, measurement: { notCompared: why } }) =>
    why === undefined ? [] : [`${part}: ${why}`],
  );
  const [unseen] = measurements.flatMap((measurement) => measurement.unseen ?? []);
  return {
    benchmark: name,
    current: sumSides(measurements.map(({ current }) => current)),
    baseline: without === undefined ? sumSides(olds) : null,
    comparison: sumComparisons(measurements),
    samples: measurements.reduce((sum, { samples }) => sum + samples, 0),
    ...(measurements.some(({ unsettled }) => unsettled === true) && { unsettled: true }),
    ...(measurements.some(({ disturbed }) => disturbed === true) && { disturbed: true }),
    ...(measurements.some(({ unmeasured }) => unmeasured === true) && { unmeasured: true }),
    elapsedMs: measurements.reduce((sum, { elapsedMs }) => sum + elapsedMs, 0),
    ...(notCompared !== undefined && { notCompared }),
    ...(unseen !== undefined && { unseen }),
    note:
      notes[0] ??
      (without === undefined || notCompared !== undefined
        ? null
        : l10n.t`${without.name} has no baseline to compare with`),
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

/** Whether a metric adds up; what benchmarks report themselves does. */
function addsUp(key: string): boolean {
  const kind = metricNames.find((name) => name === key);
  return kind === undefined ? !isMeasured(key) : isAdditive({ kind });
}

/**
 * Returns the sum of independent estimates. Half-widths add up by their squares, separately on each side (MOVER; Zou &
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
    // Errors are counted over all iterations; any other figure is only as certain as its worst part.
    samples: key === 'errors' ? samples.reduce((sum, one) => sum + one, 0) : Math.min(...samples),
    ...(unit !== undefined && { unit }),
  };
}

/**
 * Returns the ratio of the sums: the parts' ratios weighted by their shares of the old total, R = Σ b·r / Σ b. Its interval
 * follows the same rule from those of the ratios and of the old times b: an old time that is off by a fraction f moves R by its
 * share of (r − R)·f, the first order of the quotient.
 */
function sumComparisons(measurements: readonly Measurement[]): Comparison | null {
  const [first] = measurements;
  // If every part is the same code, no times are needed; and shares that add up to 0.999… would hide it.
  if (first && measurements.every(({ comparison }) => comparison?.processes === 0)) return first.comparison;
  const parts = measurements.flatMap(({ comparison, baseline }) => {
    const old = baseline?.metrics['time'];
    return comparison === null || old === undefined ? [] : [{ comparison, old }];
  });
  if (parts.length < measurements.length) return null;
  const clock = parts.every(({ comparison }) => comparison.clock === 'cpu') ? 'cpu' : 'wall';
  const total = parts.reduce((sum, { old }) => sum + old.value, 0);
  const shares = parts.map(({ comparison, old }) => {
    const off = Math.max(old.high - old.value, old.value - old.low) / old.value;
    return { ...comparison, share: old.value / total, off };
  });
  const ratio = shares.reduce((sum, one) => sum + one.share * one.ratio, 0);
  const half = (width: (one: Comparison) => number): number =>
    Math.hypot(...shares.flatMap((one) => [one.share * width(one), one.share * (one.ratio - ratio) * one.off]));
  const compared = shares.filter(({ processes }) => processes > 0);
  return {
    ratio,
    // The first order of a quotient may go below 0, but the ratio of the sums is never less than the least of the parts' ratios.
    low: Math.max(Math.min(...shares.map((one) => one.low)), ratio - half((one) => one.ratio - one.low)),
    high: ratio + half((one) => one.high - one.ratio),
    processes: Math.min(...compared.map(({ processes }) => processes)),
    clock,
  };
}
