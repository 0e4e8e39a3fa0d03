import type { Check, Growth } from '../language/budget.js';
import { judgeGrowth } from '../stats/growth.js';
import { estimateOf, type Member } from './check.js';
import type { CheckResult } from '../results/measurement.js';
import { metricKey } from '../language/metric.js';
import { growthWords } from '../text/growth.js';

/** What the unit of a measured growth is called: the b of nᵇ. */
export const powerOfN = 'power of n';

/**
 * What all members of a family say together of `metric <= O(…)`. Measured is the power of n by which the metric grows beyond a
 * fixed start-up; the bound has no number of its own, so that the note says what holds.
 */
export function judgeGrowthCheck(check: Check, growth: Growth, members: readonly Member[]): CheckResult {
  const { text, level } = check;
  const unanswered = { check: text, level, verdict: 'undecided' as const, measured: null, bound: null, used: null };
  const points = [];
  for (const member of members) {
    const value = estimateOf(check, member);
    if (typeof value === 'string') return { ...unanswered, note: `${member.name}: ${value}` };
    if (member.size !== null) points.push({ n: member.size, value });
  }
  const judged = judgeGrowth(points, growth);
  if (judged.kind === 'refused') return { ...unanswered, note: judged.reason };
  const { exponent, verdict } = judged;
  return {
    ...unanswered,
    verdict,
    measured: { value: exponent.value, low: exponent.low, high: exponent.high, unit: powerOfN },
    note: `${metricKey(check.metric)} ${growthWords(judged)}`,
  };
}
