import { growths, type Growth } from '../language/budget.js';
import { tailProbability } from './interval.js';
import { studentT } from './stats.js';
import { unreachable } from '../result.js';
import type { Estimate } from './estimate.js';

/** One size of a family `name/{n}` and its measured value. */
export interface GrowthPoint {
  readonly n: number;
  /** In the metric's base unit, above zero. */
  readonly value: Estimate;
}

/** A power of n, whole or in excess of a bound; its interval misses the truth once in a hundred times. */
export interface Exponent {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** The result of `metric <= O(…)` over the measured sizes. */
export type GrowthResult = JudgedGrowth | RefusedGrowth;

export interface JudgedGrowth {
  readonly kind: 'judged';
  readonly bound: Growth;
  readonly verdict: 'pass' | 'fail' | 'undecided';
  /** The power b with which the cost beyond a fixed start-up grows: a + c·nᵇ. */
  readonly exponent: Exponent;
  /** The power of n left after dividing by the bound: 0 for a cost that grows exactly like the bound. */
  readonly excess: Exponent;
  /** The orders consistent with the data, slowest first; none if the data lies between two. */
  readonly fits: readonly Growth[];
  /** The order nearest to the data. */
  readonly best: Growth;
}

export interface RefusedGrowth {
  readonly kind: 'refused';
  readonly bound: Growth;
  readonly refusal: GrowthRefusal;
}

/** Why the order of growth cannot be estimated from these points. */
export type GrowthRefusal =
  | { readonly kind: 'too-few-sizes'; readonly needed: number; readonly smallest: number; readonly sizes: number }
  | { readonly kind: 'too-narrow'; readonly needed: number; readonly first: number; readonly last: number }
  | { readonly kind: 'not-positive'; readonly n: number; readonly value: number };

/** The unknowns of the model: start-up, factor and power. */
const unknowns = 3;
/** As many as the unknowns. The fit then says little about itself, but the errors of the sizes are known, and their prior. */
const leastSizes = 3;
/** Three doublings. */
const leastSpan = 8;
/** How far a size may be off a smooth curve for its own reasons (array growth, alignment, one collection more or less). */
const lackOfFit = 0.015;
/** The observations that the sizes' own intervals count for in the estimate of the spread: those of the prior behind them. */
const priorWeight = 4;
/** The t-quantile behind the sizes' intervals: four processes and a prior worth four. */
const intervalT = studentT(tailProbability, 7);
/** The largest excess power still accepted as the bound: caches alone cause that much from one size to the next. */
const mostAllowance = 0.2;
/** A cost that certainly grows by less than this from the smallest to the largest size passes any bound it does not break. */
const flat = 0.25;
/** The range and step of the grid of powers: beyond ±4 of a bound nothing can be distinguished. */
const widest = 4;
const step = 0.05;

/**
 * Judges whether a cost grows no faster than `bound` over the measured sizes.
 *
 * The model is value = a + c·f(n)·nᵉ with a fixed start-up a ≥ 0, where f is the bound and e the *excess* power. The interval of
 * e is that of the profile likelihood (Bates & Watts, Nonlinear Regression Analysis, 1988, section 6.1) of weighted least
 * squares with relative errors: each size's own, and a lack of fit. The residuals scale the spread, under a scaled inverse-χ²
 * prior as in `interval`, so that a curve that fits badly gets a wide interval (the Birge ratio, Phys. Rev. 40, 1932).
 *
 * The cost passes if the whole interval is at or below the allowance, and fails if all of it is above. The allowance is half the
 * step to the next order over these sizes, and at most 0.2: n log n is 0.15 of a power above n from 100 to 10,000, so `O(n)`
 * allows 0.075 there, 1.4 times the cost of linear growth at the largest size. If caches cost more than that, measured growth
 * *is* faster, and timings alone cannot tell it from a logarithm.
 */
export function judgeGrowth(points: readonly GrowthPoint[], bound: Growth): GrowthResult {
  const refused = (refusal: GrowthRefusal): GrowthResult => ({ kind: 'refused', bound, refusal });
  const used = points.filter(({ n }) => n >= smallest(bound)).toSorted((a, b) => a.n - b.n);
  const sizes = new Set(used.map(({ n }) => n));
  const [first, last] = [used[0]?.n ?? 1, used[used.length - 1]?.n ?? 1];
  const span = last / first;
  if (sizes.size < leastSizes) {
    return refused({ kind: 'too-few-sizes', needed: leastSizes, smallest: smallest(bound), sizes: sizes.size });
  }
  if (span < leastSpan) return refused({ kind: 'too-narrow', needed: leastSpan, first, last });
  const bad = used.find(({ value }) => !(value.value > 0 && Number.isFinite(value.value)));
  if (bad !== undefined) return refused({ kind: 'not-positive', n: bad.n, value: bad.value.value });

  const rows = used.map(rowOf);
  const { spread, ...power } = profile(rows, 'O(1)');
  const total = wholeGrowth(rows, spread);
  const all = growths.flatMap((growth) => {
    const own = rows.filter(({ n }) => n >= smallest(growth));
    // An order that leaves too few sizes cannot be told from its neighbours, so it is neither named nor excluded.
    if (growth !== 'O(1)' && own.length < leastSizes) return [];
    return [{ growth, excess: growth === 'O(1)' ? total : profile(own, growth) }];
  });
  const excess = all.find(({ growth }) => growth === bound)?.excess ?? total;
  const from = used.find(({ n }) => n > 1)?.n ?? last;
  const allowed = allowance(bound, from, last);
  const isFlat = total.high * Math.log(span) <= Math.log1p(flat);
  const verdict = excess.high <= allowed ? 'pass' : excess.low > allowed ? 'fail' : isFlat ? 'pass' : 'undecided';
  const near = all.filter(({ growth, excess: { low, high } }) => {
    const below = growths[growths.indexOf(growth) - 1];
    return low <= allowance(growth, from, last) && (below === undefined || high >= -room(below, growth, from, last));
  });
  const constant = total.low <= 0 && isFlat;
  const best = all.reduce((a, b) => (Math.abs(b.excess.value) < Math.abs(a.excess.value) ? b : a));
  const { value, low, high } = constant || bound === 'O(1)' ? total : power;
  return {
    kind: 'judged',
    bound,
    verdict,
    exponent: { value, low, high },
    excess: { value: excess.value, low: excess.low, high: excess.high },
    // A cost that does not visibly grow may hide any growth too small to see, so only the slowest order is reported.
    fits: constant ? ['O(1)'] : near.map(({ growth }) => growth),
    best: constant ? 'O(1)' : best.growth,
  };
}

/** The smallest size that an order has a cost for: log 1 is 0, which no cost is. */
const smallest = (growth: Growth): number => (growth === 'O(log n)' || growth === 'O(n log n)' ? 2 : 1);

/** Returns f(n) without its factor. */
function order(growth: Growth, n: number): number {
  switch (growth) {
    case 'O(1)':
      return 1;
    case 'O(log n)':
      return Math.log(n);
    case 'O(n)':
      return n;
    case 'O(n log n)':
      return n * Math.log(n);
    case 'O(n^2)':
      return n ** 2;
    default:
      return unreachable(growth);
  }
}

/** Returns the excess power still accepted as an order: half the step to the next, but never much. */
function allowance(growth: Growth, first: number, last: number): number {
  const above = growths[growths.indexOf(growth) + 1];
  return above === undefined ? mostAllowance : room(growth, above, first, last);
}

/** Returns half the power of n between two orders from the smallest size above 1 to the largest, at most `mostAllowance`. */
function room(slow: Growth, fast: Growth, first: number, last: number): number {
  const gained = (growth: Growth): number => Math.log(order(growth, last) / order(growth, first));
  return Math.min(mostAllowance, (gained(fast) - gained(slow)) / Math.log(last / first) / 2);
}

interface Row {
  readonly n: number;
  readonly value: number;
  /** 1 ÷ the variance of the value. */
  readonly weight: number;
}

function rowOf({ n, value: { value, low, high } }: GrowthPoint): Row {
  const half = low > 0 ? Math.log(high / low) / 2 : (high - low) / 2 / value;
  return { n, value, weight: 1 / (((half / intervalT) ** 2 + lackOfFit ** 2) * value ** 2) };
}

/**
 * Returns the power that leads from the smallest size's whole cost to the largest's. O(1) is judged by this because a constant
 * cost and a start-up are the same thing. `spread` scales the sizes' own errors.
 */
function wholeGrowth(rows: readonly Row[], spread: number): Exponent {
  const [first, last] = [rows[0], rows[rows.length - 1]];
  if (first === undefined || last === undefined) return { value: 0, low: -widest, high: widest };
  const span = Math.log(last.n / first.n);
  const variance = (row: Row): number => 1 / (row.weight * row.value ** 2);
  const half = studentT(tailProbability, degrees(rows)) * spread * Math.sqrt(variance(first) + variance(last));
  const rise = Math.log(last.value / first.value);
  return { value: rise / span, low: (rise - half) / span, high: (rise + half) / span };
}

const degrees = (rows: readonly Row[]): number => priorWeight + rows.length - unknowns;

/** Fits the excess power e of value = a + c·f(n)·nᵉ. `spread` is how much the residuals exceed the sizes' own errors. */
function profile(rows: readonly Row[], growth: Growth): Exponent & { readonly spread: number } {
  const misfit = (excess: number): number => chiSquare(rows, growth, excess);
  // The curve may have two valleys, so the search starts at the lowest point of a grid.
  let best = -widest;
  let least = Infinity;
  for (let at = -widest; at <= widest; at += step) {
    const here = misfit(at);
    if (here < least) [best, least] = [at, here];
  }
  best = minimum(misfit, best - step, best + step);
  least = misfit(best);
  const df = degrees(rows);
  const spread = Math.sqrt((priorWeight + least) / df);
  const limit = least + (studentT(tailProbability, df) * spread) ** 2;
  return { value: best, low: edge(misfit, limit, best, -widest), high: edge(misfit, limit, best, widest), spread };
}

/** Returns the least weighted sum of squares for a given power; the model is then linear in a ≥ 0 and c ≥ 0. */
function chiSquare(rows: readonly Row[], growth: Growth, excess: number): number {
  let [sw, sg, sgg, sv, sgv] = [0, 0, 0, 0, 0];
  // Relative to the largest size, so that no power overflows.
  const top = rows[rows.length - 1]?.n ?? 1;
  const shapes = rows.map(({ n }) => (order(growth, n) / order(growth, top)) * (n / top) ** excess);
  for (const [i, { value, weight }] of rows.entries()) {
    const shape = shapes[i] ?? 0;
    sw += weight;
    sg += weight * shape;
    sgg += weight * shape ** 2;
    sv += weight * value;
    sgv += weight * shape * value;
  }
  const det = sw * sgg - sg ** 2;
  let [a, c] = [0, sgv / sgg];
  if (det > 1e-12 * sw * sgg) {
    a = (sgg * sv - sg * sgv) / det;
    c = (sw * sgv - sg * sv) / det;
    if (a < 0) [a, c] = [0, sgv / sgg];
    else if (c < 0) [a, c] = [sv / sw, 0];
  }
  let sum = 0;
  for (const [i, { value, weight }] of rows.entries()) sum += weight * (value - a - c * (shapes[i] ?? 0)) ** 2;
  return sum;
}

/** Finds a minimum by golden-section search (Kiefer 1953). */
function minimum(f: (x: number) => number, from: number, to: number): number {
  const golden = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [from, to];
  while (high - low > 1e-4) {
    const [left, right] = [high - golden * (high - low), low + golden * (high - low)];
    if (f(left) < f(right)) high = right;
    else low = left;
  }
  return (low + high) / 2;
}

/** Returns the farthest power towards `end` whose misfit is within the limit. */
function edge(misfit: (x: number) => number, limit: number, best: number, end: number): number {
  const towards = Math.sign(end - best) * step;
  let inside = best;
  while (Math.abs(end - inside) > step && misfit(inside + towards) <= limit) inside += towards;
  if (Math.abs(end - inside) <= step) return end;
  let outside = inside + towards;
  while (Math.abs(outside - inside) > 1e-4) {
    const middle = (inside + outside) / 2;
    if (misfit(middle) <= limit) inside = middle;
    else outside = middle;
  }
  return inside;
}
