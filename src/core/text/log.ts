import { formatTime } from '../language/figures.js';
import type { BudgetResult, Measurement } from '../results/measurement.js';
import type { WaitsFor } from '../results/state.js';
import { isSameCode } from './figures.js';
import { resultTitle } from './title.js';
import { counts } from './words.js';

/** The lines of the output channel: what was measured, and what took so long. */

/** `1.3 s`, `840 ms` */
export const duration = (ms: number): string =>
  formatTime(Math.round(ms) * 1e6, { low: ms * 0.95e6, high: ms * 1.05e6 });

/** What the time of one benchmark was spent on besides being measured. */
export interface Spent {
  /** From the beginning until the verdict, in milliseconds. */
  readonly elapsedMs: number;
  /** The most it was meant to take, in milliseconds. */
  readonly timeMs: number;
  /** What it took longer for. */
  readonly waited: ReadonlySet<WaitsFor>;
}

/** `registry/lookup: 1.3 s, 96 samples in 4 processes; waited for V8’s last compiler` */
export function measuredLine(name: string, measurement: Measurement, { elapsedMs, timeMs, waited }: Spent): string {
  const { comparison, samples, disturbed } = measurement;
  const ran = comparison?.processes ?? 0;
  const processes = ran === 0 ? '' : ran === 1 ? ' in 1 process' : ` in ${ran} processes`;
  const why = [
    ...(waited.has('compiler') ? ['waited for V8’s last compiler'] : []),
    ...(waited.has('proof') ? ['looked slower and was measured until that was certain'] : []),
    ...(disturbed === true ? ['other programs kept the machine busy'] : []),
    ...(elapsedMs >= timeMs && waited.size === 0 ? [`used all of its time, ${formatTime(timeMs * 1e6)}`] : []),
  ];
  return [`${name}: ${duration(elapsedMs)}, ${counts(samples, 'sample')}${processes}`, ...why].join('; ');
}

/** `tokenize: ✗ 14% slower than HEAD · 10% allowed` */
export const verdictLine = (result: BudgetResult, against: string): string =>
  `${result.name}: ${resultTitle(result, against)}`;

/** The parts of a run, in milliseconds. */
export interface RunTimes {
  readonly planned: number;
  readonly measured: number;
  readonly explained: number;
}

/** `3 budgets in 4.1 s: 0.3 s to read and bundle the code, 3.1 s to measure, 0.7 s to find the causes` */
export function runLine(results: readonly BudgetResult[], { planned, measured, explained }: RunTimes): string {
  const unchanged = results.filter((result) => isSameCode(result) || result.cached).length;
  const parts = [
    `${duration(planned)} to read and bundle the code`,
    ...(measured < 1 ? [] : [`${duration(measured)} to measure`]),
    ...(explained < 1 ? [] : [`${duration(explained)} to find the causes`]),
  ];
  const known = unchanged === 0 ? '' : `, ${unchanged} of them known from before or unchanged`;
  return `${counts(results.length, 'budget')} in ${duration(planned + measured + explained)}${known}: ${parts.join(', ')}`;
}

/** `src/tokenizer.ts changed: 2 budgets of 15 can be affected`; of several files, the first is named. */
export function changeLine(files: readonly string[], affected: number, all: number): string {
  const [first = ''] = files;
  const what = files.length === 1 ? first : `${counts(files.length, 'file')} (${first}, …)`;
  return `${what} changed: ${counts(affected, 'budget')} of ${all} can be affected`;
}
