import type { Level } from '../../language/budget.js';
import { changePoints } from '../../stats/change-points.js';
import { parseCheck, type ParsedCheck } from '../../language/check.js';
import type { BudgetResult, Verdict } from '../../results/measurement.js';
import { isLower, metricKey } from '../../language/metric.js';
import { freeUnit } from '../../language/quantity.js';
import { leadingCheck } from '../../text/check.js';

/** One run of a budget, as the history keeps it. */
export interface PastRun {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly commit: string | null;
  readonly dirty: boolean;
  readonly baseline: { readonly name: string } | null;
  readonly result: BudgetResult;
  /** Nanoseconds per iteration. */
  readonly time: { readonly value: number; readonly low: number; readonly high: number } | null;
  /** Where the figures come from: the id of a machine, or `import:go`; null in old histories. */
  readonly machine: string | null;
  /** Whether that is this machine. */
  readonly here: boolean;
}

/** A bound that the last run was checked against. */
export interface Held {
  /** In the base unit; for a bound on the baseline, a multiple of the baseline. */
  readonly value: number;
  /** `≤ 10 µs` */
  readonly text: string;
  readonly level: Level;
}

/** What a chart shows of one figure of a budget; unknown values are NaN. */
export interface Series {
  /** `time`, `p95`, …: as checks spell it. */
  readonly metric: string;
  /** The unit in which figures are shown; values are in its base unit (ns, 1/s, B). */
  readonly unit: string;
  readonly lowerIsBetter: boolean;
  readonly value: Float32Array;
  readonly low: Float32Array;
  readonly high: Float32Array;
  /** The old code's figure in the same run. */
  readonly baseline: Float32Array;
  readonly bounds: readonly Held[];
  /** Bounds that move with the baseline. */
  readonly relative: readonly Held[];
  /** `at` is the index of the first run at the new level. */
  readonly changes: readonly { readonly at: number; readonly ratio: number }[];
}

/** The history of one budget on one machine in columns, oldest run first. */
export interface Trend {
  readonly machine: string;
  /** Seconds since the epoch. */
  readonly at: Float64Array;
  /** Indices into `verdicts`. */
  readonly verdict: Uint8Array;
  readonly commit: readonly string[];
  /** The figure of the last run's leading check comes first. */
  readonly series: readonly Series[];
}

export const verdicts: readonly Verdict[] = ['pass', 'warn', 'fail', 'undecided', 'error'];

/** How many of the last runs are searched for change points. */
const searched = 2000;

/** Turns the runs of a history, newest first, into columns, oldest first. */
export function trendOf(newestFirst: readonly PastRun[], machine: string): Trend {
  const runs = newestFirst.toReversed();
  const size = runs.length;
  // A run that failed has no checks.
  const last = runs.findLastIndex(({ result }) => result.checks.length > 0);
  const columns = new Map<string, Columns>();
  const parsed = new Map<string, ParsedCheck | null>();
  const read = (text: string): ParsedCheck | null => {
    const known = parsed.get(text);
    if (known !== undefined) return known;
    const result = parseCheck(text);
    const check = result.ok ? result.value : null;
    parsed.set(text, check);
    return check;
  };
  const column = (metric: string, unit: string, lowerIsBetter: boolean): Columns => {
    const known = columns.get(metric) ?? emptyColumns(metric, unit, lowerIsBetter, size);
    columns.set(metric, known);
    return known;
  };
  for (const [index, { result, time }] of runs.entries()) {
    if (time !== null) {
      const own = column('time', 'ns', true);
      set(own, index, time, 1);
      if (result.comparison !== null) own.baseline[index] = time.value / result.comparison.ratio;
    }
    for (const { check: text, level, measured, bound, benchmark } of result.checks) {
      const check = read(text);
      // Of several benchmarks, the worst may be a different one in each run.
      if (check === null || measured === null || benchmark !== undefined) continue;
      const metric = metricKey(check.metric);
      const { scale } = freeUnit(measured.unit);
      const own = column(metric, measured.unit, !isLower(check));
      if (metric !== 'time') set(own, index, measured, scale);
      if (bound === null) continue;
      const held = bound.value * freeUnit(bound.unit).scale;
      if (check.bound.kind === 'baseline') {
        if (metric !== 'time') own.baseline[index] = held / check.bound.factor;
        if (index === last) own.relative.push({ value: check.bound.factor, text: boundText(text), level });
      } else if (check.bound.kind === 'quantity' && index === last) {
        own.bounds.push({ value: held, text: boundText(text), level });
      }
    }
  }
  const newest = runs[last];
  const lead = newest === undefined ? null : leadingCheck(newest.result);
  const first = lead === null ? null : read(lead.check);
  const shown = first === null ? 'time' : metricKey(first.metric);
  return {
    machine,
    at: Float64Array.from(runs, ({ at }) => at / 1000),
    verdict: Uint8Array.from(runs, ({ result }) => verdicts.indexOf(result.verdict)),
    commit: runs.map(({ commit, dirty }) => (commit === null ? '' : commit.slice(0, 7) + (dirty ? '+' : ''))),
    series: Array.from(columns.values())
      .filter(({ value }) => value.some((one) => !Number.isNaN(one)))
      .sort((a, b) => Number(b.metric === shown) - Number(a.metric === shown))
      .map((own) => ({ ...own, changes: changesOf(own.value) })),
  };
}

/** Turns `p95 <= 10 us` into `≤ 10 µs`. */
const boundText = (check: string): string =>
  check
    .replace(/^.*?(?=[<>=])/, '')
    .replace('<=', '≤')
    .replace('>=', '≥')
    .replace(/(?<=\d ?)us\b/, 'µs');

interface Columns extends Series {
  readonly bounds: Held[];
  readonly relative: Held[];
}

function emptyColumns(metric: string, unit: string, lowerIsBetter: boolean, size: number): Columns {
  const unknown = (): Float32Array => new Float32Array(size).fill(NaN);
  const values = { value: unknown(), low: unknown(), high: unknown(), baseline: unknown() };
  return { metric, unit, lowerIsBetter, ...values, bounds: [], relative: [], changes: [] };
}

function set(own: Columns, index: number, one: { value: number; low: number; high: number }, scale: number): void {
  own.value[index] = one.value * scale;
  own.low[index] = one.low * scale;
  own.high[index] = one.high * scale;
}

/** Finds where the level moved, among the runs that have a figure above zero. */
function changesOf(values: Float32Array): Series['changes'] {
  const known = Array.from(values.keys()).filter((index) => (values[index] ?? NaN) > 0);
  const last = known.slice(-searched);
  return changePoints(last.map((index) => values[index] ?? NaN)).map(({ at, before, after }) => ({
    at: last[at] ?? 0,
    ratio: after / before,
  }));
}
