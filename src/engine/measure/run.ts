import { createHash } from 'node:crypto';
import path from 'node:path';
import type { BudgetFigures } from '../../core/judge/baseline.js';
import type { Budget, Check, Config } from '../../core/language/budget.js';
import { judgeFailure, type Standing } from '../../core/judge/judge.js';
import { judgeManual } from '../../core/judge/manual.js';
import { budgetResult } from '../../core/text/result.js';
import type { Baseline, BudgetResult, Machine, Measurement } from '../../core/results/measurement.js';
import { err, ok, unreachable } from '../../core/result.js';
import { keptOf, keyOf, noResults, outcome, resultOf, timeOf, type Results, type Planned } from './results.js';
import { checksOf, benchmarksOf, resolve, type ResolvedBudget, type SingleBenchmark } from '../discovery/resolve.js';
import type { BaselineSide } from '../baseline/resolve.js';
import type { BenchFiles } from '../discovery/bench-files.js';
import { measureCommand, noRounds, type CommandOptions, type CommandTarget, type Rounds } from '../command/command.js';
import type { BenchmarkWorkers } from '../workers/benchmark-workers.js';
import type { Runtime } from '../workers/runtime.js';
import type { Git } from '../git/repository.js';
import type { History } from '../history/history.js';
import type { Idle } from './idle.js';
import type { Log } from '../util/log.js';
import { machineId } from '../workers/machine.js';
import { measure } from './paired.js';
import type { Noise } from './noise.js';
import { slashed } from '../util/paths.js';
import type { Job, Planner } from './plan.js';
import { readRecords, recordedFor } from '../history/manual-values.js';
import { groupsOf, isAcross } from './groups.js';
import pLimit, { type LimitFunction } from 'p-limit';

export interface RunRequest {
  /** Names of budgets; all where absent. */
  readonly budgets?: readonly string[];
  /** Absolute paths: only the budgets that these files can change. All where absent. */
  readonly files?: readonly string[];
  /** A revision or the name of a captured baseline, in place of `defaults.baseline`. */
  readonly against?: string;
  /** The most one benchmark may take, in place of `defaults.time`. */
  readonly timeMs?: number;
  /** Measure again even where the same code was measured before. */
  readonly fresh?: boolean;
  /** As `defaults.capture` says, where it does. */
  readonly capturing?: boolean;
}

/** Reports the progress of a run. */
export interface RunEvents {
  readonly baseline: (baseline: Baseline | null) => void;
  /** These budgets have to be measured. */
  readonly measuring: (budgets: readonly string[]) => void;
  readonly progress: (done: number, total: number) => void;
  /** With what a capture would keep of it; nothing where nothing was measured. */
  readonly result: (result: BudgetResult, figures: readonly BudgetFigures[]) => void;
}

/** What it takes to answer a budget. */
export type Outlook =
  | 'known' // it was measured before
  | 'unchanged' // both sides are the same code: one of them is to be measured
  | 'changed'
  | 'unable'; // some of its code is not there

/** A commit that is measured in place of the working tree, with the commit before it as its baseline. */
export interface Past {
  readonly commit: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly code: BaselineSide;
  readonly before: { readonly old: BaselineSide | null; readonly note: string | null };
  /** Whether a budget is to be answered now. */
  readonly wants: (budget: string, key: string, outlook: Outlook) => boolean;
}

/** Jobs that are measured in turns. */
interface Group {
  readonly mutex: LimitFunction;
  readonly interim: Map<Job, Measurement>;
}

/** Runs budgets: known results from the history at once, the rest by measuring. */
export class Runner {
  constructor(
    readonly parts: {
      readonly root: string;
      readonly history: History;
      readonly git: Git | null;
      readonly workers: BenchmarkWorkers;
      /** What runs commands. */
      readonly runtime: Runtime;
      readonly workerPath: string;
      readonly benchFiles: BenchFiles;
      readonly planner: Planner;
      readonly machine: Machine;
      readonly log: Log;
      readonly noise: Noise;
      readonly idle: Idle | null;
    },
  ) {}

  /** Compares what is known with the code as it is, and runs no benchmark. Returns the names of the budgets that need a run. */
  async look(config: Config, names: readonly string[], events: RunEvents): Promise<readonly string[]> {
    const { planned, settled } = await this.#plan(config, names, {}, events);
    for (const result of settled) events.result(result, []);
    const results = this.#known(planned);
    return planned.flatMap((one) => {
      const result = resultOf(one, results);
      if (result === null) return [one.resolved.budget.name];
      events.result(result, keptOf(one, results, result));
      return [];
    });
  }

  /** Settles when every budget has its result, or when `signal` aborts. */
  async run(
    config: Config,
    names: readonly string[],
    request: RunRequest,
    signal: AbortSignal,
    events: RunEvents,
    past: Past | null = null,
  ): Promise<void> {
    const { planned: all, settled } = await this.#plan(config, names, request, events, past);
    for (const result of settled) events.result(result, []);
    const results: Results = request.fresh === true ? noResults() : this.#known(all);
    const planned = all.filter(
      (one) => past === null || past.wants(one.resolved.budget.name, keyOf(one), outlookOf(one, results)),
    );
    const asking = (job: Job): readonly Planned[] => planned.filter(({ jobs }) => [...jobs.values()].includes(job));
    const open = [...new Set(planned.flatMap(({ jobs }) => [...jobs.values()]))].filter((job) => {
      const known = results.get(job);
      if (known?.ok !== true) return true;
      // A measurement that stopped early, for other checks than today's, has to go on.
      const { measurement } = known.value;
      const stopped = measurement.elapsedMs < 0.7 * job.target.timeMs;
      const stands = outcome(job, new Map([[job, measurement]]), asking(job), results);
      return stopped && (stands === 'open' || stands === 'suspected');
    });
    for (const job of open) results.delete(job);
    // What stands in the file that was saved is what the user looks at.
    const saved = new Set(request.files?.map((file) => slashed(path.resolve(file))));
    const isSaved = (job: Job): boolean => asking(job).some(({ resolved }) => this.#isIn(saved, resolved.budget));
    const cannot = ({ kind }: Job): boolean => kind === 'unable';
    open.sort((a, b) => Number(cannot(b)) - Number(cannot(a)) || Number(isSaved(b)) - Number(isSaved(a)));
    const waiting = new Set(planned);
    const known = planned.flatMap((one) => {
      const result = resultOf(one, results);
      return result === null ? [] : [{ one, result }];
    });
    for (const { one, result } of known) {
      waiting.delete(one);
      events.result(result, keptOf(one, results, result));
    }
    events.measuring(Array.from(waiting, ({ resolved }) => resolved.budget.name));
    for (const { one, result } of known) {
      // Back at code that was measured before: the history shows that it is so again.
      const isBack = past !== null || this.parts.history.ownRows(result.name, 1)[0]?.key !== keyOf(one);
      if (isBack) await this.#record(keyOf(one), result, one, results, past);
    }
    const commandRounds = new Map<string, Rounds>();
    let done = 0;
    const measureOne = async (job: Job, group: Group): Promise<void> => {
      const about = asking(job);
      // Another of its benchmarks has failed, and that was the answer.
      const isAnswered = (): boolean => about.every((one) => !waiting.has(one));
      if (isAnswered()) return;
      const onSampling = (): void => this.parts.log.trace(`sampling ${job.target.name}`);
      const onMeasured = ({ busyMs, elapsedMs }: { busyMs: number; elapsedMs: number }): void =>
        this.parts.log.debug(`measured ${job.target.name}: ${busyMs.toFixed(0)} of ${elapsedMs.toFixed(0)} ms`);
      const learn = (logRatios: readonly number[]): void => this.parts.noise.learn(job.target.name, logRatios);
      const judged = (one: Measurement): Standing => {
        group.interim.set(job, one);
        return isAnswered() ? 'passed' : outcome(job, group.interim, about, results);
      };
      const options = {
        ...{ signal, onSampling, onMeasured, learn },
        prior: this.parts.noise.prior(job.target.name),
        comparisons: open.length,
        mutex: group.mutex,
      };
      const measured = await this.#measure(job, commandRounds, judged, options);
      if (measured.ok) {
        if (job.kind === 'bundle') this.parts.idle?.measured(job.target);
        this.parts.history.keepMeasurement(job.key, measured.value, Date.now());
        if (past !== null) this.#keepAtRest(job, measured.value);
        results.set(job, ok({ measurement: measured.value, cached: false }));
      } else {
        if (measured.error.kind === 'aborted') return;
        results.set(job, err(measured.error));
      }
      for (const one of about) {
        const result = resultOf(one, results);
        if (result === null || !waiting.delete(one)) continue;
        await this.#record(keyOf(one), result, one, results, past);
        events.result(result, keptOf(one, results, result));
      }
    };
    const across = planned.filter(({ resolved }) => isAcross(resolved.budget)).map(({ jobs }) => [...jobs.values()]);
    for (const jobs of groupsOf(open, across)) {
      const group: Group = { mutex: pLimit(1), interim: new Map() };
      // Benchmarks of one command are measured by the same runs of it.
      const sameRuns = jobs.flatMap((job) =>
        job.kind === 'command' ? [jobs.filter((other) => sharesOf(other) === job.target.shares)] : [],
      );
      const lanes = groupsOf(jobs, sameRuns);
      const inLane = async (lane: readonly Job[]): Promise<void> => {
        for (const job of lane) {
          events.progress(done, open.length);
          await measureOne(job, group);
          done++;
        }
      };
      await Promise.all(lanes.map(inLane));
      if (signal.aborted) return;
    }
  }

  /** What changed code shows is what it shows in the commits after it, which leave it as it is. */
  #keepAtRest(job: Job, measurement: Measurement): void {
    const { comparison, current } = measurement;
    if (job.kind !== 'bundle' || comparison === null || job.target.note !== null) return;
    const unchanged = { ...comparison, ratio: 1, low: 1, high: 1, processes: 0 };
    const atRest = { ...measurement, baseline: current, comparison: unchanged };
    this.parts.history.keepMeasurement(job.restKey, atRest, Date.now());
  }

  #measure(
    job: Job,
    commandRounds: Map<string, Rounds>,
    judged: (measurement: Measurement) => Standing,
    options: Parameters<typeof measure>[3],
  ): ReturnType<typeof measure> {
    switch (job.kind) {
      case 'bundle':
        return measure(job.target, this.parts.workers, judged, options);
      case 'command':
        return this.#command(job.target, commandRounds, judged, options);
      case 'unable':
        return Promise.resolve(err(job.failure));
      default:
        return unreachable(job);
    }
  }

  /** Benchmarks of one command are measured by the same runs of it. */
  #command(
    target: CommandTarget,
    all: Map<string, Rounds>,
    judged: (measurement: Measurement) => Standing,
    options: Pick<CommandOptions, 'signal' | 'prior' | 'comparisons' | 'learn' | 'mutex'>,
  ): ReturnType<typeof measureCommand> {
    const { runtime, workerPath, benchFiles } = this.parts;
    const rounds = all.get(target.shares) ?? noRounds();
    all.set(target.shares, rounds);
    const onNames = (names: readonly string[]): void => benchFiles.commandNamed(target.source, names);
    return measureCommand(target, rounds, judged, {
      ...options,
      ...{ runtime, workerPath, onNames },
    });
  }

  #isIn(files: ReadonlySet<string>, { code }: Budget): boolean {
    return code !== null && files.has(slashed(path.resolve(this.parts.root, code.file)));
  }

  /** What was measured before for the same code and settings. */
  #known(planned: readonly Planned[]): Results {
    const results = noResults();
    for (const job of new Set(planned.flatMap(({ jobs }) => [...jobs.values()]))) {
      const measurement = this.parts.history.measurement(job.key);
      if (measurement !== null) results.set(job, ok({ measurement, cached: true }));
    }
    return results;
  }

  /** The jobs of these budgets, one for each benchmark and way to run it; budgets that need none have their results. */
  async #plan(
    config: Config,
    names: readonly string[],
    request: RunRequest,
    events: RunEvents,
    past: Past | null = null,
  ): Promise<{ planned: readonly Planned[]; settled: readonly BudgetResult[] }> {
    const { benchFiles, planner } = this.parts;
    const settled: BudgetResult[] = [];
    const resolvedBudgets: ResolvedBudget[] = [];
    const wanted = new Set(names);
    const budgets = config.budgets.filter(({ name }) => wanted.has(name));
    const manual = budgets.filter(({ subject }) => subject.kind === 'manual');
    if (manual.length > 0) settled.push(...(await this.#manual(manual)));
    for (const budget of budgets) {
      if (budget.subject.kind === 'manual') continue;
      const resolution = resolve(config, budget, benchFiles);
      if (!resolution.ok) {
        const [{ message }] = resolution.error;
        settled.push(judgeFailure(budget, { kind: 'not-found', message }));
        continue;
      }
      const broken = benchmarksOf(resolution.value).find(({ found }) => found.origin.failure !== null);
      const failure = broken?.found.origin.failure ?? null;
      if (failure === null) resolvedBudgets.push(resolution.value);
      else settled.push(judgeFailure(budget, failure));
    }
    const main = past?.before ?? (await planner.baselineSide(request.against ?? config.defaults.baseline));
    events.baseline(main.old?.baseline ?? null);
    const procedure = request.capturing === true ? config.defaults.capture : null;
    const groups = new Map<string, { one: SingleBenchmark; checks: Check[]; timeMs: number }>();
    for (const resolved of resolvedBudgets) {
      for (const [one, checks] of checksOf(resolved)) {
        const timeMs =
          request.timeMs ?? procedure?.timeMs ?? Math.max(one.budget.run.timeMs, resolved.budget.run.timeMs);
        const id = wayToRun(one, request);
        const group = groups.get(id) ?? { one, checks: [], timeMs };
        group.checks.push(...checks);
        groups.set(id, { ...group, timeMs: Math.max(group.timeMs, timeMs) });
      }
    }
    const jobs = new Map<string, Job>();
    await Promise.all(
      Array.from(groups, async ([id, { one, checks, timeMs }]) => {
        const { found, budget } = one;
        const side = past?.before ?? (await planner.baselineSide(request.against ?? budget.baseline));
        const { warmup, runs } = budget.run;
        const run = { ...budget.run, warmup: procedure?.warmup ?? warmup, runs: procedure?.runs ?? runs };
        const cooldownMs = procedure?.cooldownMs ?? 0;
        jobs.set(id, await planner.job({ found, checks, run, timeMs, cooldownMs }, side, past?.code));
      }),
    );
    const planned = resolvedBudgets.map((resolved): Planned => {
      const own = benchmarksOf(resolved).flatMap((one) => {
        const job = jobs.get(wayToRun(one, request));
        return job === undefined ? [] : [[one, job] as const];
      });
      return { resolved, jobs: new Map(own) };
    });
    return { planned, settled };
  }

  async #manual(budgets: readonly Budget[]): Promise<readonly BudgetResult[]> {
    const records = await readRecords(this.parts.root);
    const now = Date.now();
    const results: BudgetResult[] = [];
    for (const budget of budgets) {
      const recorded = records.ok ? recordedFor(budget, records.value) : records;
      if (!recorded.ok) {
        results.push(judgeFailure(budget, { kind: 'not-found', message: recorded.error }));
        continue;
      }
      const result = budgetResult(judgeManual(budget, recorded.value, now));
      const key = createHash('sha256').update(JSON.stringify(recorded.value)).digest('hex');
      if (this.parts.history.ownRows(budget.name, 1)[0]?.key !== key)
        await this.#record(key, result, null, noResults());
      results.push(result);
    }
    return results;
  }

  async #record(
    key: string,
    result: BudgetResult,
    planned: Planned | null,
    results: Results,
    past: Past | null = null,
  ): Promise<void> {
    // That old code cannot run today's benchmarks says nothing about it.
    if (past !== null && result.verdict === 'error') return;
    const head = past ?? (await this.parts.git?.head()) ?? null;
    const dirty = past === null && ((await this.parts.git?.isDirty()) ?? false);
    const [job] = planned?.jobs.values() ?? [];
    const time = planned === null ? null : timeOf(planned, results);
    this.parts.history.record({
      key,
      machine: machineId(this.parts.machine),
      at: past?.at ?? Date.now(),
      commit: head?.commit ?? null,
      dirty,
      baseline: job?.old?.baseline ?? null,
      result,
      time,
    });
  }
}

/** The benchmarks of one command that say the same here are measured by the same runs of it. */
const sharesOf = (job: Job): string | null => (job.kind === 'command' ? job.target.shares : null);

function outlookOf(planned: Planned, results: Results): Outlook {
  const jobs = [...planned.jobs.values()];
  if (jobs.some(({ kind }) => kind === 'unable')) return 'unable';
  if (jobs.every((job) => results.get(job)?.ok === true)) return 'known';
  return jobs.every((job) => job.kind === 'bundle' && job.target.baseline === job.target.current)
    ? 'unchanged'
    : 'changed';
}

/** Benchmarks of the same are measured once. */
function wayToRun({ found, budget }: SingleBenchmark, { against }: RunRequest): string {
  const { cycles, concurrency, warmup, runs, isolation } = budget.run;
  const settings = [cycles, concurrency, warmup, runs, isolation, against ?? budget.baseline];
  return JSON.stringify([found.origin.file, found.name, ...settings]);
}
