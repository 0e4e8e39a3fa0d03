import type { Budget } from '../../language/budget.js';
import { parseCheck } from '../../language/check.js';
import type { BudgetResult, CheckResult, Verdict } from '../../results/measurement.js';
import { isLower, isMeasured, metricKey } from '../../language/metric.js';
import { countedBy, freeUnit } from '../../language/quantity.js';
import type { Figure } from '../readers/index.js';

/** A figure of a run: times in `ns`, iterations in `1/s`, sizes in `B`; reported metrics in the unit of their check. */
export interface WrittenFigure extends Figure {
  readonly moreIsBetter: boolean;
}

/** One run of one budget, as the writers get it. */
export interface WrittenRun {
  readonly budget: string;
  readonly benchmark: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly commit: string | null;
  readonly dirty: boolean;
  /** What it was compared with. */
  readonly baseline: string | null;
  /** Where the figures come from: the id of a machine, or `import:go`; null in old histories. */
  readonly machine: string | null;
  /** Whether that is this machine. */
  readonly here: boolean;
  readonly verdict: Verdict;
  /** Keyed by `metricKey`, in the order of the checks. */
  readonly figures: Readonly<Record<string, WrittenFigure>>;
}

/** A row of the history. */
export interface Row extends Pick<WrittenRun, 'at' | 'commit' | 'dirty' | 'machine' | 'here'> {
  readonly baseline: { readonly name: string } | null;
  readonly result: BudgetResult;
  readonly time: { readonly value: number; readonly low: number; readonly high: number } | null;
}

/** Returns what the history knows about one run: its time and what its checks measured. */
export function writtenRun({ run: { work } }: Pick<Budget, 'run'>, row: Row): WrittenRun {
  const { at, commit, dirty, machine, here, baseline, result, time } = row;
  const figures: Record<string, WrittenFigure> = {};
  if (time !== null) figures['time'] = { ...time, unit: 'ns', moreIsBetter: false };
  for (const check of result.checks) {
    const figure = figureOf(check, work);
    if (figure !== null) figures[figure.key] ??= figure.figure;
  }
  const about = { budget: result.name, benchmark: result.benchmark, baseline: baseline?.name ?? null };
  return { ...about, at, commit, dirty, machine, here, verdict: result.verdict, figures };
}

function figureOf(
  { check, measured, benchmark }: CheckResult,
  work: Budget['run']['work'],
): { readonly key: string; readonly figure: WrittenFigure } | null {
  const parsed = parseCheck(check);
  // Of several benchmarks, the worst may be a different one in each run.
  if (!parsed.ok || measured === null || benchmark !== undefined) return null;
  const { metric } = parsed.value;
  const key = metricKey(metric);
  const of = (unit: string, scale: number, as = key): ReturnType<typeof figureOf> => {
    const [value, low, high] = [measured.value * scale, measured.low * scale, measured.high * scale];
    const finite = Number.isFinite(low) && Number.isFinite(high) ? { low, high } : {};
    const moreIsBetter = metric.kind === 'throughput' || (!isMeasured(key) && isLower(parsed.value));
    return Number.isFinite(value) ? { key: as, figure: { value, ...finite, unit, moreIsBetter } } : null;
  };
  const unit = freeUnit(measured.unit);
  if (metric.kind === 'reported' || metric.kind === 'value') return of(measured.unit, 1);
  switch (unit.dimension) {
    case 'time':
      return of('ns', unit.scale);
    case 'size':
      return of('B', unit.scale);
    case 'count':
      return of('', 1);
    case 'share':
      return of('%', 1, `${key} share`);
    case 'rate': {
      // Other tools count iterations, whatever one iteration does.
      const counted = countedBy(unit);
      if (counted === 'ops') return of('1/s', unit.scale);
      return counted === work.counts ? of('1/s', unit.scale / work.amount) : null;
    }
  }
}
