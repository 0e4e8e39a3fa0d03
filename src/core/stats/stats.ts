/** Returns the arithmetic mean; NaN for no values. */
export function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

/** Returns the sum; 0 for no values. */
export function sum(values: readonly number[]): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/** Returns the mean of the smallest `share` (0 to 1) of the values, at least one of them: for noise that only ever adds. */
export function fastest(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return mean([...sorted.subarray(0, Math.max(1, Math.round(sorted.length * share)))]);
}

/**
 * Returns the `p`-th percentile (0 ≤ p ≤ 100) of ascending values, linear between the closest ranks
 * (Hyndman & Fan 1996, type 7, as in NumPy, R and tinybench).
 */
export function percentile(sorted: ArrayLike<number>, p: number): number {
  const at = ((sorted.length - 1) * p) / 100;
  const below = sorted[Math.floor(at)] ?? NaN;
  const above = sorted[Math.ceil(at)] ?? NaN;
  return below + (above - below) * (at - Math.floor(at));
}

/**
 * Returns the distribution-free interval of the `p`-th percentile of ascending values: the order statistics `z` binomial standard
 * deviations on either side of its rank (Conover, Practical Nonparametric Statistics, 3rd ed., section 3.2).
 */
export function percentileInterval(sorted: ArrayLike<number>, p: number, z: number): { low: number; high: number } {
  const n = sorted.length;
  const rank = (n * p) / 100;
  const spread = z * Math.sqrt(rank * (1 - p / 100));
  const clamp = (index: number): number => sorted[Math.min(n - 1, Math.max(0, index))] ?? NaN;
  return { low: clamp(Math.floor(rank - spread) - 1), high: clamp(Math.ceil(rank + spread) - 1) };
}

/**
 * Returns the value that Student's t with `df` degrees of freedom exceeds with this probability, which must be below 0.5.
 * Hill, "Algorithm 396: Student's t-quantiles", CACM 13 (1970); its error is below one in 10⁵ for df ≥ 3, the least used here.
 */
export function studentT(tailProbability: number, df: number): number {
  const p = 2 * tailProbability;
  const a = 1 / (df - 0.5);
  const b = (48 / a) * (1 / a);
  let c = ((20700 * a) / b - 98) * a - 16;
  c = c * a + 96.36;
  const d = ((94.5 / (b + c) - 3) / b + 1) * Math.sqrt((a * Math.PI) / 2) * df;
  let x = d * p;
  let y = x ** (2 / df);
  if (y > 0.05 + a) {
    x = normalQuantile(p / 2);
    y = x * x;
    if (df < 5) c += 0.3 * (df - 4.5) * (x + 0.6);
    c += (((0.05 * d * x - 5) * x - 7) * x - 2) * x + b;
    y = (((((0.4 * y + 6.3) * y + 36) * y + 94.5) / c - y - 3) / b + 1) * x;
    y = Math.expm1(a * y * y);
  } else {
    y =
      ((1 / (((df + 6) / (df * y) - 0.089 * d - 0.822) * (df + 2) * 3) + 0.5 / (df + 4)) * y - 1) *
        ((df + 1) / (df + 2)) +
      1 / y;
  }
  return Math.sqrt(df * y);
}

/** Returns the lower-tail normal quantile by Acklam's rational approximation, relative error below 1.15 × 10⁻⁹. */
function normalQuantile(p: number): number {
  const a = [
    -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716, 2.506628277459239,
  ] as const;
  const b = [-54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572] as const;
  const c = [
    -0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968,
    2.938163982698783,
  ] as const;
  const d = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416] as const;
  if (p < 0.02425) {
    const q = Math.sqrt(-2 * Math.log(p));
    return (
      (((((c[0] * q + c[1]) * q + c[2]) * q + c[3]) * q + c[4]) * q + c[5]) /
      ((((d[0] * q + d[1]) * q + d[2]) * q + d[3]) * q + 1)
    );
  }
  const q = p - 0.5;
  const r = q * q;
  return (
    ((((((a[0] * r + a[1]) * r + a[2]) * r + a[3]) * r + a[4]) * r + a[5]) * q) /
    (((((b[0] * r + b[1]) * r + b[2]) * r + b[3]) * r + b[4]) * r + 1)
  );
}
