import * as l10n from '@vscode/l10n';
import { stepsOf, type Check, type Ladder, type RunSettings, type Subject } from './budget.js';
import { parseMetric, type CheckProblem, type ParsedCheck } from './check.js';
import { isAdditive, metricDirection, metricKey } from './metric.js';
import { countedBy, isComparable } from './quantity.js';
import { closest } from './spelling.js';

/** Whether a benchmark's name stands for a family: `index/{files}`. */
export const hasPlaceholder = (name: string): boolean => /\{[^{}]+\}/.test(name);

/** Returns why a parsed check does not fit this subject; null if it fits. */
export function misfit(check: ParsedCheck, subject: Subject, work: RunSettings['work']): CheckProblem | null {
  const { text, metric, bound, ranges } = check;
  const fail = (at: 'metric' | 'bound', message: string): CheckProblem => ({
    range: ranges[at],
    message: `"${text}": ${message}`,
  });
  if (subject.kind === 'manual') {
    if (metric.kind !== 'value') {
      return fail('metric', l10n.t`a budget recorded by hand has no ${metricKey(metric)}: write value.`);
    }
    if (bound.kind !== 'quantity' || isComparable(bound.unit, subject.unit)) return null;
    const unit = subject.unit.symbol;
    return fail(
      'bound',
      unit === '' ? l10n.t('this budget is recorded without a unit.') : l10n.t`this budget is recorded in ${unit}.`,
    );
  }
  if (metric.kind === 'value')
    return fail('metric', l10n.t('value is only for budgets with "manual", recorded by hand.'));
  if (bound.kind === 'growth' && (subject.kind !== 'benchmark' || !hasPlaceholder(subject.name))) {
    return fail('bound', l10n.t('the name of the benchmark has no placeholder for the size, as in "index/{n}".'));
  }
  if (subject.kind === 'sum' && !isAdditive(metric)) {
    return fail('metric', l10n.t`${metricKey(metric)} cannot be added up; time, mean, sizes and counts can.`);
  }
  if (metric.kind !== 'throughput' || bound.kind !== 'quantity') return null;
  const counted = countedBy(bound.unit);
  if (counted === 'ops' || counted === work.counts) return null;
  if (work.counts === 'ops') {
    const example = counted === 'B' ? '1 MB' : `1000 ${counted}`;
    const what = counted === 'B' ? 'bytes' : counted;
    return fail(
      'bound',
      l10n.t`the budget does not say how many ${what} one iteration processes. Add "work": "${example}", or write the bound in ops/s.`,
    );
  }
  const near = closest(counted, [work.counts]);
  if (near === null)
    return fail(
      'bound',
      l10n.t`the budget counts its work in ${work.counts}, not in ${counted}: write ${work.counts}/s or ops/s.`,
    );
  const problem = fail(
    'bound',
    l10n.t`the budget counts its work in ${work.counts}, not in ${counted}; did you mean ${near}/s?`,
  );
  // The unit is the end of the bound.
  const { end } = ranges.bound;
  return { ...problem, range: { start: end - bound.unit.symbol.length, end }, suggestion: `${near}/s` };
}

/**
 * Returns the checks that a budget has without writing them. If nothing in it mentions the baseline, its time must not be worse
 * by the step that breaks a budget. The same holds for a metric with steps of its own: if the budget itself sets them, or if
 * `defaults` does and a check names the metric.
 */
export function impliedChecks(checks: readonly Check[], regression: Ladder, defaults: Ladder): readonly Check[] {
  const own = Object.entries(regression.metrics);
  if (own.length === 0 && checks.some(({ bound }) => bound.kind === 'baseline')) return [];
  const held = new Set(checks.flatMap(({ metric, bound }) => (bound.kind === 'baseline' ? [metricKey(metric)] : [])));
  const named = new Set(checks.map(({ metric }) => metricKey(metric)));
  const keys = own.flatMap(([key, steps]) =>
    key !== 'time' && !held.has(key) && (named.has(key) || steps !== defaults.metrics[key]) ? [key] : [],
  );
  return [...(held.size === 0 ? ['time'] : []), ...keys].flatMap((key) => impliedCheck(key, regression) ?? []);
}

function impliedCheck(key: string, regression: Ladder): Check | null {
  const metric = parseMetric(key);
  if (!metric.ok) return null;
  const steps = stepsOf(regression, key);
  const percent = Number((steps[steps.fail] * 100).toPrecision(6));
  const { relation, bound, factor } =
    metricDirection(metric.value) !== 'higher'
      ? { relation: '<=' as const, bound: `baseline + ${percent}%`, factor: 1 + percent / 100 }
      : percent < 100
        ? { relation: '>=' as const, bound: `baseline - ${percent}%`, factor: 1 - percent / 100 }
        : // A rate cannot fall by 100%: twice as slow means half the rate.
          { relation: '>=' as const, bound: `baseline / ${1 + percent / 100}`, factor: 1 / (1 + percent / 100) };
  return {
    text: `${key} ${relation} ${bound}`,
    metric: metric.value,
    relation,
    bound: { kind: 'baseline', factor },
    level: 'limit',
    location: null,
    nameLocation: null,
  };
}
