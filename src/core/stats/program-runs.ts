import type { Comparison, Estimate } from './estimate.js';
import { interval, tailProbability, type Prior } from './interval.js';
import { mean } from './stats.js';

/** What one run of a whole program took, in nanoseconds. `cpu` is null if the system cannot tell. */
export interface ProgramRun {
  readonly wall: number;
  readonly cpu: number | null;
}

/** One run of the current code and one of the old. */
export interface RunPair {
  readonly current: ProgramRun;
  readonly baseline: ProgramRun;
}

/**
 * The spread of a program's times between runs, and of their ratios. It has nothing to do with that between copies of a function
 * in warm processes (`defaultPrior`): on a quiet machine it is some percent, but a run that waits for a processor beside three busy
 * programs takes from 2 to 120 ms (a spread of 1.3). So little is believed before the runs show it, and any spread is possible.
 */
export const programPrior: Prior = { sigma: 0.03, weight: 2, reach: 60 };

/** Runs of the same code on a quiet machine differ less than this, as a standard deviation of their logarithms. */
const calm = 0.05;

/** Without a witness, a claim about disturbed runs needs so many times the certainty: there are as many looks at them. */
const withoutWitness = 24;

/**
 * Whether something else than the code decides how long the runs of a side take. Other programs do, above all: on a loaded machine
 * a run waits for a processor, and neither the wall clock nor a model of its spread tells that from slower code.
 */
function isDisturbed(sides: readonly (readonly ProgramRun[])[]): boolean {
  let squares = 0;
  let df = 0;
  for (const runs of sides) {
    const logs = runs.map(({ wall }) => Math.log(wall));
    const centre = mean(logs);
    squares += logs.reduce((sum, log) => sum + (log - centre) ** 2, 0);
    df += runs.length - 1;
  }
  return df > 0 && squares > df * calm ** 2;
}

/**
 * Returns the comparison of current runs with old ones, and whether the machine disturbed them. `comparisons` are made at once: see
 * `compare`.
 *
 * What a budget on `time` promises is the wall clock. If that is disturbed, processor time is its witness: the more certain of the
 * two clocks decides, but only as far as the other one's estimate agrees. So neither a wait for a processor nor a change that only
 * one of them shows becomes a verdict; on a quiet machine the wall clock decides alone.
 */
export function comparePrograms(
  pairs: readonly RunPair[],
  { comparisons = 1 }: { readonly comparisons?: number } = {},
): { readonly comparison: Comparison; readonly disturbed: boolean } {
  const tails = { low: tailProbability / Math.max(1, comparisons), high: tailProbability };
  const by = (clock: Comparison['clock'], logRatios: readonly number[]): Comparison => ({
    ...interval(logRatios, programPrior, tails),
    processes: logRatios.length,
    clock,
  });
  const wallLogs = pairs.map(({ current, baseline }) => Math.log(current.wall / baseline.wall));
  const wall = by('wall', wallLogs);
  const disturbed = isDisturbed([pairs.map(({ current }) => current), pairs.map(({ baseline }) => baseline)]);
  const logs = pairs.flatMap(({ current: { cpu }, baseline: { cpu: before } }) =>
    cpu !== null && before !== null && cpu > 0 && before > 0 ? [Math.log(cpu / before)] : [],
  );
  if (!disturbed) return { comparison: wall, disturbed };
  if (logs.length < pairs.length) {
    const { low } = interval(wallLogs, programPrior, { ...tails, low: tails.low / withoutWitness });
    return { comparison: { ...wall, low }, disturbed };
  }
  const cpu = by('cpu', logs);
  const [surer, other] = cpu.high / cpu.low < wall.high / wall.low ? [cpu, wall] : [wall, cpu];
  const low = Math.min(surer.low, other.ratio);
  return { comparison: { ...surer, low, high: Math.max(surer.high, other.ratio) }, disturbed };
}

/**
 * Returns the time of a program. If other programs disturbed its runs, it may take no longer than the processor time that it used:
 * only the rest of the wall clock is in doubt.
 */
export function programTime(
  runs: readonly ProgramRun[],
): Pick<Estimate, 'low' | 'high'> & { readonly disturbed: boolean } {
  const { low, high } = interval(
    runs.map(({ wall }) => Math.log(wall)),
    programPrior,
  );
  const disturbed = isDisturbed([runs]);
  const used = runs.flatMap(({ cpu }) => (cpu === null || !(cpu > 0) ? [] : Math.log(cpu)));
  if (used.length < runs.length || !disturbed) return { low, high, disturbed };
  return { low: Math.min(low, Math.exp(mean(used))), high, disturbed };
}
