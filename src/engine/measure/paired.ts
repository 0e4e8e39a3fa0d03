import * as l10n from '@vscode/l10n';
import { batchNote, coldNote, emptyNote, emptyWhy, mixedNote, nothingNote } from '../../core/text/measurement-notes.js';
import { compare, estimateSide, type Comparison, type Side } from '../../core/stats/estimate.js';
import type { Prior } from '../../core/stats/interval.js';
import type { Measurement, RunFailure } from '../../core/results/measurement.js';
import type { WaitsFor } from '../../core/results/state.js';
import type { Standing } from '../../core/judge/judge.js';
import { samplesNeeded } from '../../core/language/metric.js';
import { err, ok, type Result } from '../../core/result.js';
import type { SideName } from '../../worker/protocol.js';
import { relativeTo, slashed } from '../util/paths.js';
import { Cooldown } from '../workers/cooldown.js';
import { compareAnswers } from './answers.js';
import type { Aborted, BenchmarkWorkers, Measured, MeasureRequest } from '../workers/benchmark-workers.js';
import { observe, type ObservedMetrics } from './observe.js';
import { isSameCode, type Target } from './target.js';
import type { LimitFunction } from 'p-limit';

/** Time for the slices of a side, and for its single iterations; with start and warm-up, 0.3 s for both sides. */
const sampleMs = 64;
const latencyMs = 30;
const leastProcesses = 2;
/** An alarm is costly and rare, so it needs more processes than a pass. So does the claim that code became faster. */
const leastProcessesToClaim = 4;
const mostProcesses = 48;
/** The most that a warm-up may take: so many milliseconds, or this share of a longer time; of a suspect, twice its time. */
const warmMs = 600;
const warmShare = 0.3;

/** Returns the most that a warm-up may take of a benchmark that may take this long; both in milliseconds. */
export const warmMsFor = (timeMs: number): number => Math.max(warmMs, warmShare * timeMs);

export interface MeasureOptions {
  readonly signal: AbortSignal;
  readonly onSampling?: () => void;
  /** What to believe about the spread between processes. */
  readonly prior?: Prior;
  /** How many comparisons are made together, this one included. */
  readonly comparisons?: number;
  /** Receives the milliseconds that the benchmark ran, and those that its processes took in all. */
  readonly onMeasured?: (spent: { readonly busyMs: number; readonly elapsedMs: number }) => void;
  /** Called when it takes longer than the usual time. */
  readonly onWaiting?: (waitsFor: WaitsFor) => void;
  /** Returns the old code with its own bench file, for a current one that does not run there. */
  readonly ownBaseline?: () => Promise<{ readonly url: string; readonly note: string } | null>;
  /** Why the old code could not run with the current bench file, when its own is tried. */
  readonly failed?: { readonly error: RunFailure; readonly note: string | null };
  /** Receives why the old code cannot run. */
  readonly onOldFailure?: (failure: RunFailure) => void;
  /** The folder that places in notes are relative to. */
  readonly root?: string;
  /** Receives the log-ratios of a finished comparison, one per process. */
  readonly learn?: (logRatios: readonly number[]) => void;
  /** Whether another benchmark is to be measured after this one. */
  readonly isFollowed?: () => boolean;
  /** Shared by all benchmarks that are measured at the same time. */
  readonly mutex?: LimitFunction;
}

/**
 * Measures one benchmark in fresh processes, old code and current in turns, until `judge` has its answer or the time is up.
 * If only the old code fails (it throws, or lacks the benchmark), there is no comparison, but the run goes on.
 */
export async function measure(
  target: Target,
  workers: BenchmarkWorkers,
  judge: (measurement: Measurement) => Standing,
  options: MeasureOptions,
): Promise<Result<Measurement, RunFailure | Aborted>> {
  const { observe: wanted, settings } = target;
  const same = isSameCode(target);
  const cooldown = new Cooldown(target.cooldownMs ?? 0, options.signal, options.mutex);
  const started = cooldown.now();
  // Everything besides times is observed first, because the first call of `judge` needs it.
  let observed: ObservedMetrics | null = null;
  if (wanted !== null) {
    const answer = await observe({ ...target, observe: wanted }, workers, options, cooldown);
    if (!answer.ok) return answer;
    observed = answer.value;
  }
  const compared =
    target.comparesAnswers === true && !same ? await compareAnswers(target, workers, options, cooldown) : ok(null);
  if (!compared.ok) return compared;
  const answers = compared.value;
  let timing = cooldown.now();
  // Loading is not measuring.
  const elapsed = (): number => cooldown.now() - timing - loadedMs;
  let notCompared = target.notCompared;
  let mayPass = false;
  const seen = (taken: readonly Measured[], note: string | null): Measurement => ({
    ...assemble(target, taken, observed, same, options),
    ...(notCompared !== undefined && { notCompared }),
    ...(mayPass && { mayPass }),
    ...(target.unseen !== undefined && { unseen: target.unseen }),
    elapsedMs: Math.round(cooldown.now() - started - loadedMs),
    ...(taken.some(({ isHot }) => !isHot) && { unsettled: true }),
    ...(taken.some(({ nothing }) => nothing) && { empty: true }),
    ...(answers !== null && { answers }),
    note: joined(note, ...oddities(taken), observed?.note ?? null),
  });
  let old = same ? null : target.baseline;
  let { note } = target;
  let taken: Measured[] = [];
  let loadedMs = 0;
  let isPatient = false;
  /** How many processes it takes at least, as far as is known. */
  let expected = Math.max(leastProcesses, settings.runs ?? 0);
  // Without warm-up, each process gives only one first call.
  const most = settings.warmup === 0 ? Math.max(mostProcesses, samplesFor(target)) : mostProcesses;
  for (;;) {
    const side = old;
    const patience = isPatient ? 2 : 1;
    const answer = await cooldown.turn(() =>
      runProcess(target, side, { count: taken.length, patience }, workers, {
        ...options,
        isLast: taken.length + 1 === expected && options.isFollowed?.() !== true,
      }),
    );
    if (!answer.ok) {
      if (answer.error.kind === 'aborted') return answer;
      if (answer.error.side === 'baseline') {
        // The current bench file measures both sides, and may use something that the old code does not have.
        options.onOldFailure?.(answer.error);
        const mayHelp = options.failed === undefined && isBenchFailure(answer.error);
        const own = mayHelp ? await options.ownBaseline?.() : null;
        if (own) {
          const note = joined(`${own.note}: ${answer.error.message}`, target.note);
          return measure({ ...target, baseline: own.url, note }, workers, judge, {
            ...options,
            failed: { error: answer.error, note: target.note },
          });
        }
        // If its own bench file fails as well, the first failure says more.
        const error = options.failed?.error ?? answer.error;
        if (options.failed !== undefined) note = options.failed.note;
        notCompared = l10n.t`the old code cannot run this benchmark: ${error.message}${placeOf(error, options.root)}`;
        mayPass = isOfTheMachine(error);
        old = null;
        taken = [];
        continue;
      }
      // If errors are counted, an error is a figure and not a failure.
      if ((wanted?.attempts ?? null) === null || !isAttemptFailure(answer.error)) return err(answer.error);
      // Which side threw first says nothing about the old one.
      notCompared = target.notCompared;
      return ok(seen([], (observed?.note ?? null) === null ? answer.error.message : null));
    }
    taken.push(answer.value);
    loadedMs += answer.value.loadMs;
    const measurement = seen(taken, note);
    const stands = judge(measurement);
    const { comparison } = measurement;
    // "Faster" and "slower" are claims as well.
    const claims = stands === 'failed' || (comparison !== null && (comparison.low > 1 || comparison.high < 1));
    const least = Math.max(
      claims || !isSteady(measurement) ? leastProcessesToClaim : leastProcesses,
      settings.runs ?? 0,
    );
    expected = least;
    const enough = taken.length >= least;
    const answered = stands === 'passed' || stands === 'failed';
    // A suspected regression is worth twice the time: it is rare, and doubt about it is the worst answer.
    const limitMs = stands === 'suspected' ? 2 * target.timeMs : target.timeMs;
    const anotherFits = elapsed() + elapsed() / taken.length <= limitMs;
    // Two processes are the fewest that show a spread. A claim gets its four unless they take over twice the time.
    const over =
      (enough && answered) ||
      taken.length >= Math.max(most, least) ||
      (!anotherFits && (enough || elapsed() > 2 * target.timeMs));
    if (!over) {
      if (stands === 'suspected' && elapsed() > target.timeMs) options.onWaiting?.('proof');
      continue;
    }
    // What looks like a regression of code that was not hot yet gets a longer warm-up, once.
    if (stands === 'suspected' && measurement.unsettled === true && !isPatient) {
      isPatient = true;
      options.onWaiting?.('compiler');
      taken = [];
      timing = cooldown.now() - loadedMs;
      continue;
    }
    options.learn?.(logRatiosOf(taken));
    options.onMeasured?.({ busyMs: taken.reduce((sum, sample) => sum + sample.busyMs, 0), elapsedMs: elapsed() });
    return ok(measurement);
  }
}

/** Runs one more process of each side; `count` have run before. `patience` times the usual time may go into the warm-up. */
async function runProcess(
  target: Target,
  old: string | null,
  { count, patience }: { readonly count: number; readonly patience: number },
  workers: BenchmarkWorkers,
  options: { readonly signal: AbortSignal; readonly isLast: boolean; readonly onSampling?: () => void },
): Promise<Result<Measured, RunFailure | Aborted>> {
  const { name, benchFile, settings, timeMs } = target;
  const sides: { side: SideName; bundle: string }[] = [{ side: 'current', bundle: target.current }];
  if (old !== null) sides.push({ side: 'baseline', bundle: old });
  // The side that runs first may have an advantage, so the order alternates.
  if (count % 2 === 1) sides.reverse();
  const iterations = Math.ceil(samplesFor(target) / leastProcesses);
  const request: MeasureRequest = {
    type: 'measure',
    ...{ name, benchFile, sides, sampleMs },
    launch: target.launch,
    // No warm-up means that the first call is what matters.
    cold: settings.warmup === 0,
    warmup: settings.warmup,
    concurrency: settings.concurrency,
    warmMs: patience === 1 ? warmMsFor(timeMs) : patience * timeMs,
    deadlineMs: patience === 1 ? timeMs / leastProcesses : 2 * patience * timeMs,
    latency:
      target.latency === 'none'
        ? null
        : { sides: target.latency === 'both' ? ['current', 'baseline'] : ['current'], ms: latencyMs, iterations },
  };
  const answer = await workers.request(request, { ...options, timeoutMs: 4 * patience * timeMs + 8_000 });
  if (!answer.ok) return answer;
  if (answer.value.type !== 'measured') throw new Error(`a worker answered ${answer.value.type} to measure`);
  return ok(answer.value);
}

/**
 * Whether the processes agree on the time. If one of two was disturbed, more must show which, because the figures of unchanged
 * code are kept and shown until it changes.
 */
function isSteady({ current: { metrics } }: Measurement): boolean {
  const { time } = metrics;
  return time === undefined || time.high < 2 * time.low;
}

/** Whether a bench file that fits the old code better may help. */
const isBenchFailure = ({ kind }: RunFailure): boolean => kind === 'import' || kind === 'threw' || kind === 'not-found';

/** ` (src/lib.js:3:7)`: where old code failed, in the lines that it had. */
function placeOf({ file, line, column }: RunFailure, root: string | undefined): string {
  if (file === undefined || line === undefined || root === undefined) return '';
  return ` (${relativeTo(root, slashed(file))}:${line}:${column ?? 1})`;
}

/** Whether a failure says more about the machine at that time than about the code. */
const isOfTheMachine = ({ kind }: RunFailure): boolean =>
  kind === 'timeout' || kind === 'crashed' || kind === 'memory' || kind === 'spawn';

const isAttemptFailure = ({ kind }: RunFailure): boolean =>
  kind === 'threw' || kind === 'crashed' || kind === 'exited' || kind === 'memory';

const joined = (...notes: readonly (string | null)[]): string | null => notes.filter(Boolean).join('; ') || null;

/** How many single iterations the percentiles need. */
const samplesFor = ({ percentiles }: Target): number => Math.max(0, ...percentiles.map(samplesNeeded));

/** Returns notes without which the figures cannot be understood. */
function oddities(taken: readonly Measured[]): readonly (string | null)[] {
  const times = taken.flatMap(({ sides }) => sides.flatMap(({ side, time }) => (side === 'current' ? time : [])));
  const batch = Math.max(...taken.flatMap(({ sides }) => sides.map((side) => side.batch)));
  return [
    taken.some(({ nothing }) => nothing) ? nothingNote(Math.min(...times)) : null,
    taken.some(({ asEmpty }) => asEmpty) ? emptyNote(Math.min(...times)) : null,
    batch > 1 ? batchNote(Math.min(...times), batch) : null,
    taken.some(({ mixed }) => mixed) ? mixedNote() : null,
    taken.some(({ isHot }) => !isHot) ? coldNote() : null,
  ];
}

function logRatiosOf(taken: readonly Measured[]): readonly number[] {
  return taken.flatMap((sample) => (sample.logRatio === null ? [] : [sample.logRatio]));
}

function assemble(
  target: Target,
  taken: readonly Measured[],
  observed: ObservedMetrics | null,
  same: boolean,
  options: Parameters<typeof compare>[2],
): Omit<Measurement, 'elapsedMs' | 'note'> {
  const side = (name: SideName): Side | null => {
    const timed = taken.flatMap((sample) => sample.sides.filter((one) => one.side === name));
    if (timed.length === 0 && (observed?.[name] ?? null) === null) return null;
    const times = timed.length === 0 ? {} : estimateSide(timed, target.percentiles).metrics;
    return { metrics: { ...observed?.[name], ...times } };
  };
  const current = side('current') ?? { metrics: {} };
  const clock = taken.filter((sample) => sample.clock === 'cpu').length * 2 >= taken.length ? 'cpu' : 'wall';
  const samples = taken.reduce((sum, sample) => sum + sample.slices, 0);
  const base = { benchmark: target.name, current, samples };
  if (same) {
    const comparison: Comparison = { ratio: 1, low: 1, high: 1, processes: 0, clock };
    return { ...base, baseline: current, comparison };
  }
  const logRatios = logRatiosOf(taken);
  if (taken.some(({ sides, logRatio }) => sides.length === 2 && logRatio === null))
    return { ...base, baseline: null, comparison: null, notCompared: emptyWhy() };
  const comparison = logRatios.length === 0 ? null : compare(logRatios, clock, options);
  return { ...base, baseline: side('baseline'), comparison };
}
