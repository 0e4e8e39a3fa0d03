import type { Budget } from '../language/budget.js';
import { judge } from './judge.js';
import type { Judgement } from './judgement.js';
import type { Measurement } from '../results/measurement.js';

/** A figure measured by hand. */
export interface Recorded {
  /** In the base unit of the budget's unit. */
  readonly value: number;
  /** The day: `2026-11-21`. */
  readonly at: string;
  /** Who recorded it; empty if unknown. */
  readonly by: string;
}

/** After this many days, a figure counts as that of other code. */
const staleDays = 90;
const day = 24 * 60 * 60 * 1000;

/** Judges a `manual` budget by its recorded figure, without running anything. `now` is in milliseconds since the epoch. */
export function judgeManual(budget: Budget, recorded: Recorded | null, now: number): Judgement {
  const measurement: Measurement = {
    benchmark: budget.name,
    current: { metrics: recorded === null ? {} : { value: exactly(recorded.value, budget) } },
    baseline: null,
    comparison: null,
    samples: recorded === null ? 0 : 1,
    elapsedMs: 0,
    note: null,
  };
  const member = { name: budget.name, size: null, measurement, work: budget.run.work };
  const judged = judge(budget, { members: [member], references: new Map() }, { cached: true, baselineName: '' });
  if (recorded === null) {
    const reason = { kind: 'not-recorded', budget: budget.name } as const;
    return { ...judged, checks: judged.checks.map((check) => ({ ...check, reason })), recorded: null };
  }
  const { at, by } = recorded;
  const age = Math.floor((now - Date.parse(at)) / day);
  const stale = age > staleDays ? ({ kind: 'stale', days: age } as const) : null;
  return {
    ...judged,
    checks: judged.checks.map((check) => ({ ...check, reason: check.reason ?? stale })),
    recorded: { at, by, staleDays: stale?.days ?? null },
  };
}

function exactly(value: number, { subject }: Budget) {
  const unit = subject.kind === 'manual' ? subject.unit.symbol : '';
  return { value, low: value, high: value, samples: 1, unit };
}
