import type { RunSettings } from '../../core/language/budget.js';
import type { Observation } from '../../core/results/observations.js';

/** One benchmark that is to be measured, and what for. */
export interface Target {
  readonly name: string;
  readonly benchFile: string;
  /** File URLs of the bundles; `baseline` null where there is no old code, and the same as `current` where nothing changed. */
  readonly current: string;
  readonly baseline: string | null;
  /** Shown with the measurement: why there is no old code, what could not be compared. */
  readonly note: string | null;
  /** Whether iterations must be timed singly, and on both sides, and the percentiles that are asked for. */
  readonly latency: 'none' | 'current' | 'both';
  readonly percentiles: readonly number[];
  /** What budgets ask for besides times; null for nothing. */
  readonly observe: Observation | null;
  readonly settings: Pick<RunSettings, 'cycles' | 'concurrency' | 'warmup' | 'runs' | 'isolation'>;
  readonly timeMs: number;
  /** What the machine rests before each process; absent for not at all. The time is without it. */
  readonly cooldownMs?: number;
}
