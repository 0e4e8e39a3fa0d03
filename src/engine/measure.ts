import type { RunSettings } from '../core/budget.js';
import { compare, estimateSide } from '../core/estimate.js';
import type { Comparison, Measurement, RunFailure } from '../core/measurement.js';
import type { Observation } from '../core/observe.js';
import { samplesNeeded } from '../core/metric.js';
import { ok, type Result } from '../core/result.js';
import type { Measured, SideName } from '../worker/protocol.js';
import type { Aborted, Forks } from './forks.js';

/** Slices of one process, and single iterations of each side that is asked for; together with warm-up about 0.4 s. */
const sampleMs = 130;
const latencyMs = 60;
const leastForks = 2;
/** An alarm is dear and rare, so it stands on more processes than a pass. */
const leastForksToFail = 4;
const mostForks = 24;

export interface Target {
  readonly name: string;
  readonly benchFile: string;
  /** File URLs of the bundles; `baseline` null where there is no old code, and the same as `current` where nothing changed. */
  readonly current: string;
  readonly baseline: string | null;
  /** Said with the measurement: why there is no old code, what could not be told apart. */
  readonly note: string | null;
  /** Whether iterations must be timed singly, and on both sides, and the percentiles that are asked for. */
  readonly latency: 'none' | 'current' | 'both';
  readonly percentiles: readonly number[];
  /** What budgets ask for besides times; null for nothing. */
  readonly observe: Observation | null;
  readonly settings: Pick<RunSettings, 'cycles' | 'concurrency' | 'warmup' | 'runs' | 'isolation'>;
  readonly timeMs: number;
}

/** How far the budgets have got with what was measured so far. */
export type Judged = 'passed' | 'failed' | 'open';

/**
 * Measures one benchmark in fresh processes, old code beside new, until `judge` has its answer or the time is over.
 * What the old code alone cannot do (it throws, it lacks the benchmark) costs the comparison, not the run.
 */
export async function measure(
  target: Target,
  forks: Forks,
  judge: (measurement: Measurement) => Judged,
  options: {
    readonly signal: AbortSignal;
    readonly onSampling?: () => void;
    /** Told the log-ratios of a comparison that is over, one a process. */
    readonly learn?: (logRatios: readonly number[]) => void;
  },
): Promise<Result<Measurement, RunFailure | Aborted>> {
  const started = performance.now();
  const elapsed = (): number => performance.now() - started;
  const same = target.baseline === target.current;
  let old = same ? null : target.baseline;
  let note = target.note;
  let taken: Measured[] = [];
  for (;;) {
    const sides: { side: SideName; bundle: string }[] = [{ side: 'current', bundle: target.current }];
    if (old !== null) sides.push({ side: 'baseline', bundle: old });
    // Whatever is loaded and run first is favoured, so the order alternates from process to process.
    if (taken.length % 2 === 1) sides.reverse();
    const asked = await forks.ask(
      {
        type: 'measure',
        name: target.name,
        benchFile: target.benchFile,
        sides,
        sampleMs,
        deadlineMs: target.timeMs / leastForks,
        latency:
          target.latency === 'none'
            ? null
            : {
                sides: target.latency === 'both' ? ['current', 'baseline'] : ['current'],
                ms: latencyMs,
                iterations: Math.ceil(Math.max(0, ...target.percentiles.map(samplesNeeded)) / leastForks),
              },
      },
      { ...options, timeoutMs: 2 * target.timeMs + 8_000 },
    );
    if (!asked.ok) {
      if (asked.error.kind === 'aborted' || asked.error.side !== 'baseline') return asked;
      // The current bench file measures both sides, and may ask the old code for what it cannot do.
      note = `the old code cannot run this benchmark: ${asked.error.message}`;
      old = null;
      taken = [];
      continue;
    }
    if (asked.value.type !== 'measured') throw new Error(`a worker answered ${asked.value.type} to measure`);
    taken.push(asked.value);
    const measurement = assemble(target, taken, same, note, elapsed());
    const judged = judge(measurement);
    const enough = taken.length >= (judged === 'failed' ? leastForksToFail : leastForks);
    const anotherFits = elapsed() + elapsed() / taken.length <= target.timeMs;
    // Two processes are the least that show a spread; an alarm gets its four even where they cost more than the time.
    const over =
      (enough && judged !== 'open') ||
      taken.length >= mostForks ||
      (!anotherFits && (enough || elapsed() > 2 * target.timeMs));
    if (!over) continue;
    options.learn?.(logRatiosOf(taken));
    return ok(measurement);
  }
}

function logRatiosOf(taken: readonly Measured[]): readonly number[] {
  return taken.flatMap((fork) => (fork.logRatio === null ? [] : [fork.logRatio]));
}

function assemble(
  target: Target,
  taken: readonly Measured[],
  same: boolean,
  note: string | null,
  elapsedMs: number,
): Measurement {
  const side = (name: SideName) => taken.flatMap((fork) => fork.sides.filter((one) => one.side === name));
  const current = estimateSide(side('current'), target.percentiles);
  const clock = taken.filter((fork) => fork.clock === 'cpu').length * 2 >= taken.length ? 'cpu' : 'wall';
  const base = {
    benchmark: target.name,
    current,
    samples: taken.reduce((sum, fork) => sum + fork.slices, 0),
    elapsedMs: Math.round(elapsedMs),
    note,
  };
  if (same) {
    const comparison: Comparison = { ratio: 1, low: 1, high: 1, forks: 0, clock };
    return { ...base, baseline: current, comparison };
  }
  const logRatios = logRatiosOf(taken);
  if (logRatios.length === 0) return { ...base, baseline: null, comparison: null };
  return {
    ...base,
    baseline: estimateSide(side('baseline'), target.percentiles),
    comparison: compare(logRatios, clock),
  };
}
