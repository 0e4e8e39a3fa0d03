import type { Check, Growth } from '../language/budget.js';
import { judgeGrowth } from '../stats/growth.js';
import { estimateOf } from './check.js';
import { metricKey } from '../language/metric.js';
import type { JudgedCheck, Member, Reason } from './judgement.js';

/** What the unit of a measured growth is called: the b of nᵇ. */
export const powerOfN = 'power of n';

/**
 * What all members of a family say together of `metric <= O(…)`. Measured is the power of n by which the metric grows beyond a
 * fixed start-up; the bound has no number of its own, so that the reason says what holds.
 */
export function judgeGrowthCheck(check: Check, growth: Growth, members: readonly Member[]): JudgedCheck {
  const about = { check, level: check.level, bound: null, used: null, change: null, member: null, answerable: true };
  const unanswered = (reason: Reason): JudgedCheck => ({ ...about, verdict: 'undecided', measured: null, reason });
  const points = [];
  for (const member of members) {
    const estimate = estimateOf(check, member);
    if (!estimate.ok) return unanswered({ kind: 'size-unanswered', member: member.name, reason: estimate.error });
    if (member.size !== null) points.push({ n: member.size, value: estimate.value });
  }
  const judged = judgeGrowth(points, growth);
  if (judged.kind === 'refused')
    return unanswered({ kind: 'growth-refused', bound: judged.bound, refusal: judged.refusal });
  const { exponent, verdict } = judged;
  return {
    ...about,
    verdict,
    measured: { value: exponent.value, low: exponent.low, high: exponent.high, unit: powerOfN },
    reason: { kind: 'growth', metric: metricKey(check.metric), growth: judged },
  };
}
