import type { Check, Metric, RunSettings } from '../language/budget.js';
import { interval } from '../stats/interval.js';
import { unitOf } from '../language/quantity.js';
import { unreachable } from '../result.js';
import { around, estimateRetained, type RetainedPoint } from '../stats/retained.js';
import type { Estimate, Side } from '../stats/estimate.js';

/** What to measure of a benchmark besides its time, in separate processes. */
export interface Observation {
  /** `cpu`, `allocated`, `heap`, `rss` and what the benchmark reports, all from the same run. */
  readonly running: boolean;
  /** `retained`: the number of runs it covers. */
  readonly cycles: number | null;
  /** `errors` and `crashes`: how many iterations are in flight at once, and the least number in all. */
  readonly attempts: { readonly concurrency: number; readonly iterations: number } | null;
  /** Whether to observe the old code too, because some check is relative to it. */
  readonly baseline: boolean;
}

/** For a budget that asks for `retained` without saying over how many runs. */
export const defaultCycles = 100;
/** Enough attempts to make a one-in-a-hundred error hard to miss (63%), and ten rounds of whatever runs concurrently. */
const leastAttempts = 100;
const rounds = 10;

/** Returns the observation that the checks of one benchmark need; null if they need none. */
export function observationOf(
  checks: readonly Pick<Check, 'metric' | 'bound'>[],
  run: Pick<RunSettings, 'cycles' | 'concurrency'>,
): Observation | null {
  const asking = checks.filter(({ metric }) => partOf(metric) !== null);
  if (asking.length === 0) return null;
  const asksFor = (part: ReturnType<typeof partOf>): boolean => asking.some(({ metric }) => partOf(metric) === part);
  const { concurrency } = run;
  const iterations = Math.max(leastAttempts, rounds * concurrency, run.cycles ?? 0);
  return {
    running: asksFor('running'),
    cycles: asksFor('cycles') ? (run.cycles ?? defaultCycles) : null,
    attempts: asksFor('attempts') ? { concurrency, iterations } : null,
    baseline: asking.some(({ bound }) => bound.kind === 'baseline'),
  };
}

/** Returns which process measures a metric; null if the time measurement does, or no process. */
function partOf(metric: Metric): 'running' | 'cycles' | 'attempts' | null {
  switch (metric.kind) {
    case 'cpu':
    case 'allocated':
    case 'heap':
    case 'rss':
    case 'reported':
      return 'running';
    case 'retained':
      return 'cycles';
    case 'errors':
    case 'crashes':
      return 'attempts';
    case 'time':
    case 'mean':
    case 'median':
    case 'min':
    case 'max':
    case 'throughput':
    case 'percentile':
    case 'value':
      return null;
    default:
      return unreachable(metric);
  }
}

/** A metric that a benchmark reported in one process: the mean of its values, and the standard error of that mean. */
export interface ReportedFigure {
  readonly name: string;
  readonly unit: string | null;
  readonly count: number;
  readonly mean: number;
  readonly standardError: number;
}

/** The figures of one process while a benchmark ran. */
export interface RunningFigures {
  readonly iterations: number;
  /** Nanoseconds of processor time per iteration, over all threads of the process: the benchmark's own and V8's helpers. */
  readonly cpu: number;
  /** Bytes per iteration: on V8's heap, and in array buffers outside it. */
  readonly allocated: number;
  /** Bytes: the most that V8's heap held, garbage included. */
  readonly heap: number;
  /** Bytes: the most that the whole process occupied, Node itself (some 50 MB) included. */
  readonly rss: number;
  readonly reported: readonly ReportedFigure[];
}

/** The totals of several processes that ran one after another. */
export interface AttemptFigures {
  readonly iterations: number;
  /** Iterations that threw or rejected. */
  readonly errors: number;
  /** Processes that ended before their iterations did. */
  readonly crashes: number;
}

/** Nanoseconds. Between hooks, single iterations of a few nanoseconds are below the resolution of the system's clock. */
const leastCpu = 0.1;
/** The standard deviation of a peak's logarithm: a peak depends on when V8 collects garbage. */
const peakSigma = 0.02;
/** Allocation differs between runs only by V8's own work and by where compilers avoid an object. */
const allocationPrior = { share: 0.002, bytes: 0.25 };
/**
 * Bytes per iteration. V8 allocates whole bytes, and its own work adds hundredths of one. If all processes are this near to the
 * same whole number, that is the figure, so that `allocated <= 32 B` can hold for code that allocates 32.
 */
const nearWhole = 0.1;

/** Returns the metrics of one side, in base units, keyed as in `Side.metrics`; intervals are over processes. */
export function runningMetrics(processes: readonly RunningFigures[]): Side['metrics'] {
  const samples = processes.reduce((sum, one) => sum + one.iterations, 0);
  const logs = (read: (one: RunningFigures) => number): number[] =>
    processes.map((one) => Math.log(Math.max(read(one), leastCpu)));
  const peak = (read: (one: RunningFigures) => number): Estimate => {
    const { value, low, high } = around(logs(read), peakSigma);
    return { value: Math.exp(value), low: Math.exp(low), high: Math.exp(high), samples: processes.length };
  };
  const { ratio, ...ends } = interval(logs((one) => one.cpu));
  const allocations = processes.map((one) => one.allocated);
  const most = Math.max(...allocations);
  const sigma = allocationPrior.share * most + allocationPrior.bytes;
  const whole = Math.round(most);
  const isWhole = allocations.every((bytes) => Math.abs(bytes - whole) < nearWhole);
  const allocated = isWhole ? { value: whole, low: whole, high: whole } : around(allocations, sigma);
  return {
    // First, so that no reported name can replace a measured metric.
    ...reportedMetrics(processes),
    cpu: { value: ratio, ...ends, samples },
    allocated: { ...allocated, low: Math.max(0, allocated.low), samples },
    heap: peak((one) => one.heap),
    rss: peak((one) => one.rss),
  };
}

function reportedMetrics(processes: readonly RunningFigures[]): Record<string, Estimate> {
  const figures = processes.flatMap(({ reported }) => reported);
  return Object.fromEntries(
    [...new Set(figures.map(({ name }) => name))].map((name) => {
      const own = figures.filter((one) => one.name === name);
      const unit = own[own.length - 1]?.unit ?? null;
      const scale = (unit === null ? null : unitOf(unit))?.scale ?? 1;
      // The spread to expect between processes, given that of their iterations.
      const sigma = Math.sqrt(own.reduce((sum, one) => sum + one.standardError ** 2, 0) / own.length);
      const { value, low, high } = around(
        own.map(({ mean }) => mean * scale),
        sigma * scale,
      );
      const samples = own.reduce((sum, { count }) => sum + count, 0);
      return [name, { value, low, high, samples, ...(unit !== null && { unit }) }];
    }),
  );
}

export function retainedMetrics(processes: readonly (readonly RetainedPoint[])[], cycles: number): Side['metrics'] {
  const retained = estimateRetained(processes, cycles);
  return retained === null ? {} : { retained };
}

/** Returns the counts of these iterations. They are facts, not estimates, so their intervals are points. */
export function attemptMetrics({ iterations, errors, crashes }: AttemptFigures): Side['metrics'] {
  const fact = (value: number): Estimate => ({ value, low: value, high: value, samples: iterations });
  return { errors: fact(errors), crashes: fact(crashes) };
}
