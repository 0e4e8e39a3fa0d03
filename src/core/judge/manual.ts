import type { Budget } from '../language/budget.js';
import { judge } from './judge.js';
import type { Judgement } from './judgement.js';
import type { Measurement } from '../results/measurement.js';

/** A figure that somebody measured by hand. */
export interface Recorded {
  /** In the base unit of the budget's. */
  readonly value: number;
  /** When: `2026-11-21`. */
  readonly at: string;
  /** Who; empty where that is not known. */
  readonly by: string;
}

/** After so many days a figure is of other code. */
const staleDays = 90;
const day = 24 * 60 * 60 * 1000;

/** What a recorded figure says of a `manual` budget. Nothing is run for it. `now` in milliseconds since the epoch. */
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
