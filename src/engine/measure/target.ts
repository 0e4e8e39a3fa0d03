import type { RunSettings } from '../../core/language/budget.js';
import type { Observation } from '../../core/results/observations.js';

/** Whether both sides of a target are the same code. */
export const isSameCode = ({ current, baseline }: Pick<Target, 'current' | 'baseline'>): boolean =>
  current === baseline;

/** One benchmark to measure, and the figures that we need from it. */
export interface Target {
  readonly name: string;
  readonly benchFile: string;
  /** File URLs of the bundles. `baseline` is null if there is no old code, and equal to `current` if nothing changed. */
  readonly current: string;
  readonly baseline: string | null;
  /** Shown with the measurement: why there is no old code, or what could not be compared. */
  readonly note: string | null;
  /** The sides on which to time single iterations, and the percentiles that the checks need. */
  readonly latency: 'none' | 'current' | 'both';
  readonly percentiles: readonly number[];
  /** What the checks need besides times; null for nothing. */
  readonly observe: Observation | null;
  readonly settings: Pick<RunSettings, 'cycles' | 'concurrency' | 'warmup' | 'runs' | 'isolation'>;
  readonly timeMs: number;
  /** How long the machine rests before each process, not counted in `timeMs`; absent for no rest. */
  readonly cooldownMs?: number;
}
