import type { Check, Growth } from '../language/budget.js';
import { judgeGrowth } from '../stats/growth.js';
import { estimateOf, isDoubtful } from './check.js';
import { metricKey } from '../language/metric.js';
import type { JudgedCheck, Member, Reason } from './judgement.js';

/** The unit of a measured growth: the b of nᵇ. */
const powerOfN = 'power of n';

/**
 * Judges all members of a family together by `metric <= O(…)`. The measured figure is the power of n by which the metric grows
 * beyond a fixed start-up. The bound has no number of its own, so the reason says what holds.
 */
export function judgeGrowthCheck(check: Check, growth: Growth, members: readonly Member[]): JudgedCheck {
  const about = {
    check,
    level: check.level,
    bound: null,
    used: null,
    change: null,
    member: null,
    ...{ answerable: true, isOwed: false },
  };
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
  const { exponent } = judged;
  const doubted =
    judged.verdict === 'fail' ? members.find(({ measurement }) => isDoubtful(check, measurement)) : undefined;
  const verdict = doubted === undefined ? judged.verdict : 'undecided';
  return {
    ...about,
    verdict,
    measured: { value: exponent.value, low: exponent.low, high: exponent.high, unit: powerOfN },
    reason:
      doubted === undefined
        ? { kind: 'growth', metric: metricKey(check.metric), growth: judged }
        : { kind: 'unsettled', note: `${doubted.name}: ${doubted.measurement.note ?? ''}` },
  };
}
