import type { Picture, SparkPoint } from './sparkline-picture.js';

/** The runs keep at least this share of the height; a bound or baseline that would leave them less is named at the edge. */
const leastShare = 0.1;
/** Runs that differ by less than this share of their value look level, because noise must not look like news. */
const leastSpan = 0.1;
/** A value is off the scale if it differs from the usual by more than this share of it and by more than the usual spread. */
const leastFence = 0.6;

/** The vertical position of values, in CSS pixels from the top. */
export interface Scale {
  readonly y: (value: number) => number;
  readonly top: number;
  readonly bottom: number;
  readonly fits: (value: number) => boolean;
}

/**
 * Returns the scale of the runs without outliers, widened to the baseline and the bound if they leave the runs room. The last
 * run is never an outlier because it is the one that readers look for.
 */
export function verticalScale(
  points: readonly SparkPoint[],
  { bound, baseline }: Picture,
  top: number,
  bottom: number,
): Scale {
  const ends = points.flatMap(({ estimate }) => (estimate === null ? [] : [estimate.low, estimate.high]));
  const sorted = ends.toSorted((a, b) => a - b);
  const quantile = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  // Tukey's outer fences, but not too near: among quiet runs anything would be an outlier.
  const fence = Math.max(3 * (quantile(0.75) - quantile(0.25)), leastFence * Math.abs(quantile(0.5)));
  const usual = sorted.filter((end) => end >= quantile(0.25) - fence && end <= quantile(0.75) + fence);
  const last = points.at(-1)?.estimate ?? null;
  const all = [...usual, ...(last === null ? [] : [last.low, last.high])];
  const others = [baseline?.value, bound?.value].filter((value) => value !== undefined);
  let [low, high] = all.length > 0 ? [Math.min(...all), Math.max(...all)] : [Math.min(...others), Math.max(...others)];
  if (!Number.isFinite(low)) [low, high] = [0, 1];
  // Equal values make a calm line in the middle, not noise blown up to the full height.
  const least = leastSpan * Math.max(Math.abs(low), Math.abs(high)) || 1;
  const span = Math.max(high - low, least);
  [low, high] = [(low + high - span) / 2, (low + high + span) / 2];
  for (const other of others) {
    const [lower, higher] = [Math.min(low, other), Math.max(high, other)];
    if (span / (higher - lower) >= leastShare) [low, high] = [lower, higher];
  }
  const perUnit = (bottom - top) / (high - low);
  const slack = (high - low) * 1e-9;
  return {
    y: (value) => Math.min(bottom, Math.max(top, bottom - (value - low) * perUnit)),
    top,
    bottom,
    fits: (value) => value >= low - slack && value <= high + slack,
  };
}
