/** A lasting change in the level of a series: `at` is the index of the first figure at the new level. */
export interface ChangePoint {
  readonly at: number;
  /** The medians of the stretches before and after it. */
  readonly before: number;
  readonly after: number;
}

export interface ChangePointOptions {
  /** The probability of finding a change in a series that has none. */
  readonly alpha?: number;
  /** The smallest change of the median worth reporting, as a fraction. */
  readonly least?: number;
}

/** Fewer figures than this on one side do not establish a level. */
const leastFigures = 5;

/** No shorter stretch can be significant. */
const shortest = 16;

/**
 * Returns the points at which the level of a series (positive figures, oldest first) changed, in order.
 *
 * Tests stretches of every length, each overlapping the next by half (seeded binary segmentation; Kovács, Li, Bühlmann & Munk,
 * Biometrika 110, 2023), with Pettitt's statistic, the rank test for a change at an unknown point (A non-parametric approach to
 * the change-point problem, Applied Statistics 28, 1979). It uses ranks because performance figures have outliers and no known
 * distribution. Of overlapping significant stretches, the narrowest holds the change (narrowest over threshold; Baranowski,
 * Chen & Fryzlewicz, J. R. Stat. Soc. B 81, 2019). Each change is then placed again between its neighbours, and dropped if it
 * is smaller than `least`. The work is O(n log² n).
 */
export function changePoints(
  values: readonly number[],
  { alpha = 0.005, least = 0.03 }: ChangePointOptions = {},
): readonly ChangePoint[] {
  const stretches = seeded(values.length);
  const found: number[] = [];
  for (const [start, end] of stretches) {
    if (found.some((at) => at > start && at < end)) continue;
    const { at, p } = split(values.slice(start, end));
    // Bonferroni's correction for the number of stretches tested.
    if (p < alpha / stretches.length) found.push(start + at);
  }
  found.sort((a, b) => a - b);
  const placed = found.map((_, place) => {
    const start = found[place - 1] ?? 0;
    return start + split(values.slice(start, found[place + 1] ?? values.length)).at;
  });
  return withoutSmall(values, placed, least);
}

/** Returns the stretches to test, shortest first. Each layer is longer by √2, and its stretches overlap by half. */
function seeded(n: number): readonly (readonly [start: number, end: number])[] {
  const all: [number, number][] = [];
  for (let length = shortest; length < n; length *= Math.SQRT2) {
    const count = 2 * Math.ceil(n / length) - 1;
    const shift = (n - length) / Math.max(1, count - 1);
    for (let place = 0; place < count; place++) {
      const start = Math.floor(place * shift);
      all.push([start, Math.min(n, Math.ceil(start + length))]);
    }
  }
  return n < 2 * leastFigures ? [] : [...all, [0, n]];
}

/** Returns the most likely change point, and the probability that unchanged figures show one as large. */
function split(values: readonly number[]): { readonly at: number; readonly p: number } {
  const n = values.length;
  let sum = 0;
  let largest = 0;
  let at = n >> 1;
  for (const [index, rank] of ranksOf(values).entries()) {
    sum += rank;
    const t = index + 1;
    // U(t) = 2 Σ ranks − t (n + 1): the number of pairs across t that fall, less those that rise.
    const u = Math.abs(2 * sum - t * (n + 1));
    if (u > largest && t >= leastFigures && n - t >= leastFigures) {
      largest = u;
      at = t;
    }
  }
  return { at, p: 2 * Math.exp((-6 * largest ** 2) / (n ** 3 + n ** 2)) };
}

/** Returns the ranks, from 1; equal figures share their mean rank. */
function ranksOf(values: readonly number[]): readonly number[] {
  const order = Array.from(values.keys()).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const ranks = new Array<number>(values.length).fill(0);
  for (let from = 0; from < order.length;) {
    let to = from + 1;
    while (to < order.length && values[order[to] ?? 0] === values[order[from] ?? 0]) to++;
    for (let place = from; place < to; place++) ranks[order[place] ?? 0] = (from + to + 1) / 2;
    from = to;
  }
  return ranks;
}

/** Drops the smallest change and computes the levels again, until every change left is at least `least`. */
function withoutSmall(values: readonly number[], at: readonly number[], least: number): readonly ChangePoint[] {
  const points = at.map((index, place): ChangePoint => {
    const before = median(values.slice(at[place - 1] ?? 0, index));
    const after = median(values.slice(index, at[place + 1] ?? values.length));
    return { at: index, before, after };
  });
  const size = ({ before, after }: ChangePoint): number => Math.abs(Math.log(after / before));
  const [smallest] = points.toSorted((a, b) => size(a) - size(b));
  if (smallest === undefined || size(smallest) >= Math.log(1 + least)) return points;
  return withoutSmall(
    values,
    at.filter((index) => index !== smallest.at),
    least,
  );
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const high = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? 0) + high) / 2;
}
