import { tailProbability } from './interval.js';
import { studentT } from './stats.js';
import type { Estimate } from './estimate.js';

/** Bytes in use after a garbage collection, and the number of cycles run by then. */
export interface RetainedPoint {
  readonly cycles: number;
  readonly bytes: number;
}

/** The normal deviate of a 99% interval. */
const z = 2.576;
/** The number of observations that the spread within processes counts for, next to the spread between them. */
const weight = 4;
/**
 * Bytes that a process keeps over its whole span while it runs a function that keeps nothing: mostly type feedback.
 * Measured: 1 to 4 KB.
 */
const ownBytes = 2048;

/** A single rise of at least this share of all growth is not a leak: a cache filled, a table grew, a module was loaded. */
const stepShare = 0.8;

/** Removes the one step, if there is one, that makes up nearly all of the points' growth. */
function withoutStep(points: readonly RetainedPoint[]): readonly RetainedPoint[] {
  const rises = points.slice(1).map(({ bytes }, index) => bytes - (points[index]?.bytes ?? NaN));
  const step = Math.max(...rises);
  const growth = rises.reduce((sum, rise) => sum + Math.max(0, rise), 0);
  // Among few rises, the largest may well be most of the growth.
  if (rises.length < 4 || step < stepShare * growth) return points;
  const after = rises.indexOf(step);
  // A steady leak leaked during the step too.
  const usual = rises.toSorted((a, b) => a - b)[rises.length >> 1] ?? 0;
  return points.map((point, index) => (index > after ? { ...point, bytes: point.bytes - step + usual } : point));
}

/**
 * Returns the bytes kept per cycle: the median of the slopes between all pairs of points (Theil 1950), without a step that stands
 * alone. Neither outliers nor growth that ends early move a median. `error` is a standard error from Sen's interval (Sen,
 * "Estimates of the regression coefficient based on Kendall's tau", JASA 63, 1968), never less than what the engine itself may
 * keep. Null for fewer than three points.
 */
export function slope(all: readonly RetainedPoint[]): { readonly value: number; readonly error: number } | null {
  const points = withoutStep(all);
  const n = points.length;
  const span = (points[n - 1]?.cycles ?? 0) - (points[0]?.cycles ?? 0);
  if (n < 3 || span <= 0) return null;
  const slopes = Float64Array.from(
    points.flatMap((from, index) =>
      points.slice(index + 1).map((to) => (to.bytes - from.bytes) / (to.cycles - from.cycles)),
    ),
  ).sort();
  const at = (index: number): number => slopes[Math.min(slopes.length - 1, Math.max(0, Math.round(index)))] ?? NaN;
  const middle = (slopes.length - 1) / 2;
  const half = (z * Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18)) / 2;
  return {
    value: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    error: Math.max((at(middle + half) - at(middle - half)) / 2 / z, ownBytes / span),
  };
}

/**
 * Estimates the bytes that `cycles` runs keep, from the points of several processes: the mean slope times `cycles`. Its
 * t-interval is over processes, with the spread within them as the prior for the spread between them (a scaled inverse-χ², as
 * in interval.ts). Null if no process got far enough. `samples` counts the points.
 */
export function estimateRetained(processes: readonly (readonly RetainedPoint[])[], cycles: number): Estimate | null {
  const slopes = processes.map(slope).filter((one) => one !== null);
  if (slopes.length === 0) return null;
  const known = around(
    slopes.map(({ value }) => value),
    Math.sqrt(slopes.reduce((sum, { error }) => sum + error ** 2, 0) / slopes.length),
  );
  return {
    value: known.value * cycles,
    low: known.low * cycles,
    high: known.high * cycles,
    samples: processes.reduce((sum, points) => sum + points.length, 0),
  };
}

/**
 * Returns the mean of one figure per process, which may be zero or less, with a t-interval. Its variance is the posterior under a
 * scaled inverse-χ² prior (Gelman et al., Bayesian Data Analysis, 3rd ed., section 2.6) of standard deviation `sigma`.
 */
export function around(values: readonly number[], sigma: number): { value: number; low: number; high: number } {
  const n = values.length;
  const value = values.reduce((sum, one) => sum + one, 0) / n;
  let squares = weight * sigma ** 2;
  for (const one of values) squares += (one - value) ** 2;
  const df = weight + n - 1;
  const half = studentT(tailProbability, df) * Math.sqrt(squares / df / n);
  return { value, low: value - half, high: value + half };
}
