import path from 'node:path';
import pLimit, { type LimitFunction } from 'p-limit';
import type { Standing } from '../../core/judge/judge.js';
import type { Budget } from '../../core/language/budget.js';
import { err, ok, unreachable } from '../../core/result.js';
import type { Explanation } from '../../core/results/causes.js';
import type { BudgetResult, Measurement } from '../../core/results/measurement.js';
import type { WaitsFor } from '../../core/results/state.js';
import { measuredLine } from '../../core/text/log.js';
import { measureCommand, noRounds, type CommandTarget, type Rounds } from '../command/command.js';
import type { BenchFiles } from '../discovery/bench-files.js';
import { GitError } from '../git/process.js';
import type { Log } from '../util/log.js';
import { slashed } from '../util/paths.js';
import { together } from '../util/together.js';
import type { BenchmarkWorkers } from '../workers/benchmark-workers.js';
import type { Runtime } from '../workers/runtime.js';
import { isExplainable, metricToExplain, mostExplained, type BundleJob, type Explain } from './explaining.js';
import { groupsOf, comparesBenchmarks } from './groups.js';
import type { Idle } from './idle.js';
import type { Noise } from './noise.js';
import { measure, type MeasureOptions } from './paired.js';
import type { Job } from './plan.js';
import { Place, recordResult, type RecordParts } from './record.js';
import type { MeasuredCommit, MeasureRequest, RunEvents } from './request.js';
import { isOld, isUndecided, keptOf, outcome, placedIn, resultOf, type Planned, type Results } from './results.js';

export interface JobParts extends RecordParts {
  readonly root: string;
  readonly workers: BenchmarkWorkers;
  /** The runtime that runs commands. */
  readonly runtime: Runtime;
  readonly workerPath: string;
  readonly benchFiles: BenchFiles;
  readonly log: Log;
  readonly noise: Noise;
  readonly idle: Idle | null;
  readonly explain: Explain | null;
}

/** Jobs whose figures a budget compares with one another; their processes alternate. */
interface ComparisonGroup {
  readonly mutex: LimitFunction;
  readonly interim: Map<Job, Measurement>;
}

/** One run: reports the budgets with known results, and measures until each of the others has one. */
export class JobRun {
  /** The jobs that have to run, in order. */
  readonly #open: readonly Job[];
  /** The budgets that need each job. */
  readonly #askers: ReadonlyMap<Job, readonly Planned[]>;
  /** The budgets that have no result yet. */
  readonly #waiting: Set<Planned>;
  readonly #commandRounds = new Map<string, Rounds>();
  /** The jobs whose old code ran with its own bench file. */
  readonly #withOwnBench = new Set<Job>();
  readonly #place: Place;
  #done = 0;

  constructor(
    readonly parts: JobParts,
    readonly planned: readonly Planned[],
    readonly results: Results,
    readonly options: {
      readonly signal: AbortSignal;
      readonly events: RunEvents;
      /** Absolute paths of the files that were saved. */
      readonly saved: ReadonlySet<string>;
      /** The commit to measure in place of the working tree. */
      readonly commit: MeasuredCommit | null;
      readonly request: Pick<MeasureRequest, 'causes' | 'explain'>;
      /** Other budgets, with known results, whose causes a newer run has kept from being found. */
      readonly unexplained: readonly Planned[];
    },
  ) {
    this.#waiting = new Set(planned);
    this.#askers = askersOf([...planned, ...options.unexplained]);
    this.#place = new Place(parts, options.commit);
    this.#open = this.#ordered([...jobsOf(planned)].filter((job) => this.#isOpen(job)));
    for (const job of this.#open) results.delete(job);
  }

  /** Settles when every budget has its result, and its causes, or when the signal aborts. Returns false in that case. */
  async run(): Promise<boolean> {
    await this.#reportKnown();
    const compared = this.planned.flatMap(({ resolved, jobs }) =>
      comparesBenchmarks(resolved.budget) ? [[...jobs.values()]] : [],
    );
    for (const jobs of groupsOf(this.#open, compared)) {
      await this.#measureGroup(jobs);
      if (this.options.signal.aborted) return false;
    }
    await this.#explain();
    return !this.options.signal.aborted;
  }

  /** Looks for the causes of what is broken, when all verdicts are there. */
  async #explain(): Promise<void> {
    const { signal, events, commit, request } = this.options;
    const { explain, log } = this.parts;
    events.judged?.();
    if (explain === null || request.causes === false) return;
    const always = request.explain !== undefined;
    for (const { job, measurement, metric } of this.#explainable(always).slice(0, mostExplained)) {
      const from = performance.now();
      const found = await explain(job, measurement, {
        metric,
        current: commit?.code.code ?? null,
        retainers: request.explain?.retainers === true || (always && metric === 'retained'),
        signal,
        onExplanation: (explanation) => {
          log.debug(`explained ${job.target.name} in ${(performance.now() - from).toFixed(0)} ms`);
          this.#explained(job, { ...measurement, explanation });
        },
        onProgress: (progress) => events.explaining?.(progress),
      });
      if (signal.aborted) return;
      if (!found.ok && found.error.kind !== 'aborted')
        log.info(`${job.target.name} did not run under a profiler: ${found.error.stack ?? found.error.message}`);
    }
  }

  /** The budgets of this run that are broken, and whose causes are not known. */
  get unexplained(): readonly string[] {
    const jobs = new Set<Job>(this.#explainable(false).map(({ job }) => job));
    const all = [...this.planned, ...this.options.unexplained];
    return all.filter((one) => [...one.jobs.values()].some((job) => jobs.has(job))).map(nameOf);
  }

  #explainable(
    always: boolean,
  ): readonly { job: BundleJob; measurement: Measurement; metric: Explanation['metric'] }[] {
    return [...jobsOf([...this.planned, ...this.options.unexplained])].flatMap((job) => {
      const known = this.results.get(job);
      if (known?.ok !== true || !isExplainable(job, known.value.measurement)) return [];
      const { measurement } = known.value;
      if (measurement.explanation !== undefined && !always) return [];
      const asking = this.#asking(job).map((one) => ({ resolved: one.resolved, result: resultOf(one, this.results) }));
      const metric = metricToExplain(measurement, asking, this.options.request.explain);
      return metric === null ? [] : [{ job, measurement, metric }];
    });
  }

  /** Reports the budgets of a benchmark again, with causes. */
  #explained(job: BundleJob, measurement: Measurement): void {
    const known = this.results.get(job);
    if (known?.ok !== true || this.options.signal.aborted) return;
    this.parts.history.keepMeasurement(job.key, measurement, measurement.at ?? Date.now());
    this.results.set(job, ok({ measurement, cached: known.value.cached }));
    for (const one of this.#asking(job)) {
      const result = resultOf(one, this.results);
      if (result !== null) this.#report(one, result);
    }
  }

  #isOpen(job: Job): boolean {
    const known = this.results.get(job);
    if (known?.ok !== true) return true;
    // A measurement may have stopped early because its checks were answered; today's checks may need more of it.
    const { measurement } = known.value;
    const stopped = measurement.elapsedMs < 0.7 * job.target.timeMs;
    if (!stopped && !isOld(measurement, Date.now())) return false;
    return isUndecided(outcome(job, new Map([[job, measurement]]), this.#asking(job), this.results));
  }

  /** Puts jobs that fail at once first, then those about a saved file, because that is what the user is looking at. */
  #ordered(jobs: readonly Job[]): readonly Job[] {
    const rank = (job: Job): number => (job.kind === 'unable' ? 0 : this.#isSaved(job) ? 1 : 2);
    const ranks = new Map(jobs.map((job) => [job, rank(job)]));
    return jobs.toSorted((a, b) => (ranks.get(a) ?? 0) - (ranks.get(b) ?? 0));
  }

  #isSaved(job: Job): boolean {
    const isIn = ({ code }: Budget): boolean =>
      code !== null && this.options.saved.has(slashed(path.resolve(this.parts.root, code.file)));
    return this.#asking(job).some(({ resolved }) => isIn(resolved.budget));
  }

  /** Returns the budgets that need this job. */
  #asking(job: Job): readonly Planned[] {
    return this.#askers.get(job) ?? [];
  }

  /** Reports the known results, and which budgets have to be measured. */
  async #reportKnown(): Promise<void> {
    const { events, commit } = this.options;
    const known = this.planned.flatMap((one) => {
      const result = resultOf(one, this.results);
      return result === null ? [] : [{ one, result }];
    });
    for (const { one, result } of known) this.#report(one, result);
    events.measuring(Array.from(this.#waiting, ({ resolved }) => resolved.budget.name));
    // A verdict from the cache is not a new run, except of a commit that the history does not have yet.
    if (commit !== null && commit.isRecorded !== false)
      for (const { one, result } of known) await recordResult(this.parts, result, one, this.results, this.#place);
  }

  #report(planned: Planned, result: BudgetResult): void {
    this.#waiting.delete(planned);
    this.options.events.result(result, keptOf(planned, this.results, result));
  }

  async #measureGroup(jobs: readonly Job[]): Promise<void> {
    const group: ComparisonGroup = { mutex: pLimit(1), interim: new Map() };
    // Benchmarks that share the runs of a command are measured one after the other.
    const sameRuns = jobs.flatMap((job) =>
      job.kind === 'command' ? [jobs.filter((other) => sharesOf(other) === job.target.shares)] : [],
    );
    const inLane = async (lane: readonly Job[], signal: AbortSignal): Promise<void> => {
      for (const job of lane) {
        if (signal.aborted) return;
        this.options.events.progress(this.#done, this.#open.length);
        await this.#measureJob(job, group, signal);
        this.#done++;
      }
    };
    await together(this.options.signal, (signal) => groupsOf(jobs, sameRuns).map((lane) => inLane(lane, signal)));
  }

  async #measureJob(job: Job, group: ComparisonGroup, signal: AbortSignal): Promise<void> {
    const asking = this.#asking(job);
    // A budget has its answer early if another of its benchmarks failed.
    const isAnswered = (): boolean => asking.every((one) => !this.#waiting.has(one));
    if (isAnswered()) return;
    const judged = (measurement: Measurement): Standing => {
      group.interim.set(job, measurement);
      return isAnswered() ? 'passed' : outcome(job, group.interim, asking, this.results);
    };
    const [from, waited] = [performance.now(), new Set<WaitsFor>()];
    const measured = await this.#measure(job, judged, this.#measureOptions(job, group.mutex, signal, waited));
    if (measured.ok) {
      const spent = { elapsedMs: performance.now() - from, timeMs: job.target.timeMs, waited };
      this.parts.log.info(measuredLine(job.target.name, measured.value, spent));
      this.#keep(job, measured.value);
      this.results.set(job, ok({ measurement: measured.value, cached: false }));
    } else {
      if (measured.error.kind === 'aborted') return;
      const { stack } = measured.error;
      this.parts.log.info(`${job.target.name} was not measured: ${stack ?? measured.error.message}`);
      this.results.set(job, err(placedIn(this.parts.root, measured.error)));
    }
    for (const one of asking) {
      const result = resultOf(one, this.results);
      if (result === null || !this.#waiting.delete(one)) continue;
      if (this.options.commit?.isRecorded !== false)
        await recordResult(this.parts, result, one, this.results, this.#place);
      this.#report(one, result);
    }
  }

  #measureOptions(job: Job, mutex: LimitFunction, signal: AbortSignal, waited: Set<WaitsFor>): MeasureOptions {
    const { name } = job.target;
    const { log, noise } = this.parts;
    return {
      signal,
      onSampling: () => log.trace(`sampling ${name}`),
      onMeasured: ({ busyMs, elapsedMs }) =>
        log.debug(`measured ${name}: ${busyMs.toFixed(0)} of ${elapsedMs.toFixed(0)} ms`),
      onWaiting: (waitsFor) => {
        waited.add(waitsFor);
        const names = this.#asking(job).map(({ resolved }) => resolved.budget.name);
        this.options.events.waiting?.(names, waitsFor);
      },
      onOldFailure: (failure) => {
        const { stack = failure.message } = failure;
        log.info(`${name} did not run with the old code: ${stack}`);
      },
      root: this.parts.root,
      ...(job.kind === 'bundle' && { ownBaseline: () => this.#ownBaseline(job) }),
      learn: (logRatios) => noise.learn(name, logRatios),
      prior: noise.prior(name),
      comparisons: this.#open.length,
      isFollowed: () => this.#done + 1 < this.#open.length,
      mutex,
    };
  }

  #measure(
    job: Job,
    judged: (measurement: Measurement) => Standing,
    options: MeasureOptions,
  ): ReturnType<typeof measure> {
    switch (job.kind) {
      case 'bundle':
        return measure(job.target, this.parts.workers, judged, options);
      case 'command':
        return this.#measureCommand(job.target, judged, options);
      case 'unable':
        return Promise.resolve(err(job.failure));
      default:
        return unreachable(job);
    }
  }

  #measureCommand(
    target: CommandTarget,
    judged: (measurement: Measurement) => Standing,
    options: MeasureOptions,
  ): ReturnType<typeof measureCommand> {
    const { runtime, workerPath, benchFiles } = this.parts;
    const rounds = this.#commandRounds.get(target.shares) ?? noRounds();
    this.#commandRounds.set(target.shares, rounds);
    const onNames = (names: readonly string[]): void => benchFiles.commandNamed(target.source, names);
    return measureCommand(target, rounds, judged, { ...options, runtime, workerPath, onNames });
  }

  async #ownBaseline(job: Extract<Job, { kind: 'bundle' }>): ReturnType<typeof job.ownBaseline> {
    const own = await job.ownBaseline().catch((error: unknown) => {
      // Then the reason why the current one does not run there is what is left to say.
      if (error instanceof GitError) return null;
      throw error;
    });
    if (own !== null) this.#withOwnBench.add(job);
    return own;
  }

  /** Keeps a measurement for later runs of the same code. */
  #keep(job: Job, measurement: Measurement): void {
    const { history, idle } = this.parts;
    if (measurement.mayPass === true) return;
    history.keepMeasurement(job.key, measurement, Date.now());
    if (job.kind !== 'bundle') return;
    idle?.measured(job.target);
    const { comparison, current } = measurement;
    const isWhole = measurement.notCompared === undefined && measurement.unseen === undefined;
    if (comparison === null || job.target.note !== null || this.#withOwnBench.has(job) || !isWhole) return;
    // Once this code is committed, and in later commits that leave it alone, it has the same figures and nothing has changed.
    const unchanged = { ...comparison, ratio: 1, low: 1, high: 1, processes: 0 };
    const same = { baseline: current, comparison: unchanged, answers: { kind: 'same' } } as const;
    history.keepMeasurement(job.restKey, { ...measurement, ...same }, Date.now());
  }
}

const nameOf = ({ resolved }: Planned): string => resolved.budget.name;

/** Returns the jobs of these budgets without duplicates. */
export const jobsOf = (planned: readonly Planned[]): ReadonlySet<Job> =>
  new Set(planned.flatMap(({ jobs }) => [...jobs.values()]));

/** Returns the budgets that need each job. */
function askersOf(planned: readonly Planned[]): ReadonlyMap<Job, readonly Planned[]> {
  const askers = new Map<Job, Planned[]>();
  for (const one of planned) {
    for (const job of new Set(one.jobs.values())) {
      const known = askers.get(job);
      if (known === undefined) askers.set(job, [one]);
      else known.push(one);
    }
  }
  return askers;
}

/** Returns the key that benchmarks measured by the same runs of a command have in common; null for other jobs. */
const sharesOf = (job: Job): string | null => (job.kind === 'command' ? job.target.shares : null);
