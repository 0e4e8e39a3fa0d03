import type { Budget } from '../language/budget.js';
import { judge } from './judge.js';
import type { BudgetResult, Measurement } from '../results/measurement.js';

/** A figure that somebody measured by hand. */
export interface Recorded {
  /** In the base unit of the budget's. */
  readonly value: number;
  /** When: `2026-11-21`. */
  readonly at: string;
  /** Who; empty where nobody said. */
  readonly by: string;
}

/** After so many days a figure is of other code. */
const staleDays = 90;
const day = 24 * 60 * 60 * 1000;

/** What a recorded figure says of a `manual` budget. Nothing is run for it. `now` in milliseconds since the epoch. */
export function judgeManual(budget: Budget, recorded: Recorded | null, now: number): BudgetResult {
  const measurement: Measurement = {
    benchmark: budget.name,
    current: { metrics: recorded === null ? {} : { value: exactly(recorded.value, budget) } },
    baseline: null,
    comparison: null,
    samples: recorded === null ? 0 : 1,
    elapsedMs: 0,
    note: recorded === null ? `nothing was recorded yet: perf-budget record "${budget.name}" <value>` : null,
  };
  const member = { name: budget.name, size: null, measurement, work: budget.run.work };
  const result = judge(budget, { members: [member], references: new Map() }, { cached: true, baselineName: '' });
  if (recorded === null) return result;
  const { at, by } = recorded;
  const stale = staleness(at, now);
  const origin = `recorded ${at}${by === '' ? '' : ` by ${by}`}`;
  return {
    ...result,
    checks: result.checks.map((check) => ({ ...check, note: check.note ?? stale })),
    message: [result.message, origin, ...(stale === null ? [] : [stale])].join(' · '),
  };
}

/** `stale: 112 days old`; null for a while. */
function staleness(at: string, now: number): string | null {
  const age = Math.floor((now - Date.parse(at)) / day);
  return age > staleDays ? `stale: ${age} days old` : null;
}

function exactly(value: number, { subject }: Budget) {
  const unit = subject.kind === 'manual' ? subject.unit.symbol : '';
  return { value, low: value, high: value, samples: 1, unit };
}
