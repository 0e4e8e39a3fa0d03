import type { RunSettings } from '../../core/language/budget.js';
import type { Launch } from '../../worker/protocol.js';
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
  /** How the processes of both sides are made; absent for as usual. */
  readonly launch?: Launch | undefined;
  /** Shown with the measurement: why there is no baseline, or what code both sides share. */
  readonly note: string | null;
  /** Why there is a baseline but no old code to compare with, in a few words; absent if there is. */
  readonly notCompared?: string;
  /** What nobody can see of code that looks the same as its baseline, as a sentence; absent for nothing. */
  readonly unseen?: string;
  /** The sides on which to time single iterations, and the percentiles that the checks need. */
  readonly latency: 'none' | 'current' | 'both';
  readonly percentiles: readonly number[];
  /** What the checks need besides times; null for nothing. */
  readonly observe: Observation | null;
  /** Whether to compare what both sides return. */
  readonly comparesAnswers?: boolean;
  readonly settings: Pick<RunSettings, 'cycles' | 'concurrency' | 'warmup' | 'runs' | 'isolation'>;
  readonly timeMs: number;
  /** How long the machine rests before each process, not counted in `timeMs`; absent for no rest. */
  readonly cooldownMs?: number;
}
