import { createHash } from 'node:crypto';
import path from 'node:path';
import type { Budget, Check, Config } from '../../core/language/budget.js';
import { judgeFailure } from '../../core/judge/judge.js';
import { judgeManual } from '../../core/judge/manual.js';
import { mentions } from '../../core/config/mentions.js';
import { inOneLine, isPattern } from '../../core/language/name-pattern.js';
import { ok } from '../../core/result.js';
import { GitError } from '../git/process.js';
import type { BudgetResult } from '../../core/results/measurement.js';
import { goneWords } from '../../core/text/concern.js';
import { budgetResult } from '../../core/text/result.js';
import {
  benchmarksOf,
  checksOf,
  leaves,
  resolve,
  type ResolvedBudget,
  type SingleBenchmark,
} from '../discovery/resolve.js';
import { readRecords, recordedFor } from '../history/manual-values.js';
import type { StaleCause } from '../../core/results/state.js';
import { slashed } from '../util/paths.js';
import { together } from '../util/together.js';
import { JobRun, jobsOf, type JobParts } from './job-run.js';
import type { Job, Planner } from './plan.js';
import { lossOf, VanishedBenchmarks } from './vanished.js';
import { recordManual } from './record.js';
import type { MeasuredCommit, MeasureRequest, Outlook, RunEvents } from './request.js';
import {
  addSameCode,
  isOld,
  isUndecided,
  keptOf,
  keyOf,
  noResults,
  outcome,
  placedIn,
  resultOf,
  type Planned,
  type Results,
} from './results.js';
import { isSameCode } from './target.js';
import { logged } from './run-log.js';
import { silent } from '../util/log.js';

/** What all budgets together want of one benchmark. */
interface Asked {
  readonly benchmark: SingleBenchmark;
  readonly checks: Check[];
  readonly timeMs: number;
  readonly comparesAnswers: boolean;
}

type PlanArguments = readonly [
  config: Config,
  names: readonly string[],
  request: MeasureRequest,
  signal: AbortSignal,
  events: RunEvents,
  options: { readonly commit: MeasuredCommit | null; readonly mayRun: boolean },
];

/** Runs budgets: reports results from the history at once and measures the rest. */
export class Runner {
  readonly #vanished: VanishedBenchmarks;
  /** Budgets that are broken, and whose causes a newer run has kept from being found. */
  readonly #unexplained = new Set<string>();

  constructor(readonly parts: JobParts & { readonly planner: Planner }) {
    this.#vanished = new VanishedBenchmarks(parts);
  }

  /** Reports the results that still hold for the current code. Runs no benchmark. Returns the other budgets, and why. */
  async look(
    config: Config,
    names: readonly string[],
    events: RunEvents,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, StaleCause>> {
    const planned = await this.#plan(config, names, {}, signal, events, { commit: null, mayRun: false });
    if (signal.aborted) return new Map();
    const results = this.#known(planned);
    addSameCode(planned, results);
    const stale = new Map<string, StaleCause>();
    for (const one of planned) {
      // Whether benchmarks vanished is part of the verdict.
      const result = one.vanished === undefined ? null : resultOf(one, results);
      const { name } = one.resolved.budget;
      if (result === null) stale.set(name, this.#causeOf(one));
      else if (isToRepeat(one, results)) stale.set(name, 'undecided');
      else events.result(result, keptOf(one, results, result));
    }
    return stale;
  }

  /** Returns why the last verdict on a budget may no longer hold: its code has changed, or what it is compared with. */
  #causeOf({ resolved, jobs }: Planned): StaleCause {
    const [job] = jobs.values();
    const [last] = this.parts.history.ownRows(resolved.budget.name, 1);
    const [before, now] = [last?.baseline, job?.old?.baseline];
    if (before?.commit === now?.commit) return 'code';
    return before?.name === now?.name ? 'head' : 'baseline';
  }

  /** Runs these budgets. Settles when each has its result, or when `signal` aborts. */
  async run(
    config: Config,
    names: readonly string[],
    request: MeasureRequest,
    signal: AbortSignal,
    given: RunEvents,
    commit: MeasuredCommit | null = null,
  ): Promise<void> {
    const { events, planned: hasPlanned, ended } = logged(given, commit === null ? this.parts.log : silent);
    const all = await this.#plan(config, names, request, signal, events, { commit, mayRun: true });
    if (signal.aborted) return;
    hasPlanned();
    const isFresh = ({ resolved }: Planned): boolean => request.fresh?.has(resolved.budget.name) === true;
    const fresh = jobsOf(all.filter(isFresh));
    const results = this.#known(all);
    for (const job of fresh) results.delete(job);
    const planned = all.filter(
      (one) => commit?.wants(one.resolved.budget.name, keyOf(one), outlookOf(one, results)) ?? true,
    );
    // A commit of the past is measured for its figures.
    if (commit === null) addSameCode(planned, results, fresh);
    const saved = new Set(request.files?.map((file) => slashed(path.resolve(file))));
    const mayExplain = commit === null && request.causes !== false && this.parts.explain !== null;
    const unexplained =
      mayExplain && !isAlone(request) ? await this.#leftUnexplained(config, planned, results, signal) : [];
    const run = new JobRun(this.parts, planned, results, { signal, events, saved, commit, request, unexplained });
    const isWhole = await run.run();
    ended(isWhole);
    if (!mayExplain) return;
    if (!isAlone(request)) this.#unexplained.clear();
    // A newer run has ended this one before it came to them.
    if (!isWhole) for (const name of run.unexplained) this.#unexplained.add(name);
  }

  /** Returns the budgets of earlier runs that newer ones kept from being explained, if what was measured of them still holds. */
  async #leftUnexplained(
    config: Config,
    planned: readonly Planned[],
    results: Results,
    signal: AbortSignal,
  ): Promise<readonly Planned[]> {
    const run = new Set(planned.map(({ resolved }) => resolved.budget.name));
    const names = [...this.#unexplained].filter((name) => !run.has(name));
    if (names.length === 0) return [];
    const nothing = (): void => undefined;
    const silent = { baseline: nothing, measuring: nothing, progress: nothing, result: nothing };
    const left = await this.#plan(config, names, {}, signal, silent, { commit: null, mayRun: false });
    for (const [job, known] of this.#known(left)) if (!results.has(job)) results.set(job, known);
    return left;
  }

  /** Returns earlier measurements of the same code with the same settings. */
  #known(planned: readonly Planned[]): Results {
    const results = noResults();
    for (const job of jobsOf(planned)) {
      const measurement = this.parts.history.measurement(job.key);
      if (measurement !== null) results.set(job, ok({ measurement, cached: true }));
    }
    return results;
  }

  /**
   * Returns the budgets whose benchmarks can run, with their jobs. Reports the others, and the baseline. Runs nothing to
   * find out more unless it may.
   */
  async #plan(...args: PlanArguments): Promise<readonly Planned[]> {
    const { commit } = args[5];
    const { planner, benchFiles, idle } = this.parts;
    planner.faults.forget();
    // Nothing of this project runs while it plans.
    planner.forget(benchFiles.all, idle?.urls ?? []);
    try {
      return await this.#planWithGit(...args);
    } catch (error) {
      // A damaged repository is no reason not to judge what needs no old code.
      if (!(error instanceof GitError) || commit !== null) throw error;
      planner.faults.failed(error);
      return this.#planWithGit(...args);
    }
  }

  async #planWithGit(...args: PlanArguments): Promise<readonly Planned[]> {
    const [config, names, request, signal, events, { commit, mayRun }] = args;
    const wanted = new Set(names);
    const budgets = config.budgets.filter(({ name }) => wanted.has(name));
    const manual = await this.#manual(budgets.filter(({ subject }) => subject.kind === 'manual'));
    const old = commit === null ? await this.#oldBenchmarks(config, budgets, request, { signal, mayRun }) : noOldNames;
    const { resolved, failed } = this.#resolve(
      config,
      budgets.filter(({ subject }) => subject.kind !== 'manual'),
      old,
    );
    const side = commit?.before ?? (await this.parts.planner.baselineSide(request.against ?? config.defaults.baseline));
    if (!signal.aborted) events.baseline(side.old?.baseline ?? null);
    const jobs = await this.#jobs(config, resolved, request, signal, commit);
    // It may be about older code.
    if (signal.aborted) return [];
    for (const result of [...manual, ...failed]) events.result(result, []);
    return resolved.map((one): Planned => {
      const own = benchmarksOf(one).flatMap((benchmark) => {
        const job = jobs.get(wayToRun(benchmark, request));
        return job === undefined ? [] : [[benchmark, job] as const];
      });
      return { resolved: one, jobs: new Map(own), ...vanishedFrom(one, old) };
    });
  }

  /** Finds the benchmarks of these budgets. Returns error results for those with a benchmark that is missing or broken. */
  #resolve(
    config: Config,
    budgets: readonly Budget[],
    old: OldNames,
  ): { readonly resolved: readonly ResolvedBudget[]; readonly failed: readonly BudgetResult[] } {
    const resolved: ResolvedBudget[] = [];
    const failed: BudgetResult[] = [];
    for (const budget of budgets) {
      const resolution = resolve(config, budget, this.parts.benchFiles);
      if (!resolution.ok) {
        const [{ message }] = resolution.error;
        const known = this.#wasThere(config, budget, old) ?? message;
        failed.push(judgeFailure(budget, { kind: 'not-found', message: known }));
        continue;
      }
      const broken = benchmarksOf(resolution.value).find(({ found }) => found.origin.failure !== null);
      const failure = broken?.found.origin.failure ?? null;
      if (failure === null) {
        resolved.push(resolution.value);
        continue;
      }
      if (failure.stack !== undefined) this.parts.log.info(`${budget.name}: ${failure.stack}`);
      failed.push(judgeFailure(budget, placedIn(this.parts.root, failure)));
    }
    return { resolved, failed };
  }

  /** Says that the baseline has the benchmark that is not found; null if it has not, or if that is not known. */
  #wasThere(config: Config, budget: Budget, old: OldNames): string | null {
    const known = old.get(budget);
    const missing = mentions(budget).find(
      ({ name, isEither }) =>
        !this.parts.benchFiles.lookup.find(name).ok && !(isEither && config.budgets.some((one) => one.name === name)),
    );
    if (known === undefined || known.all === null || missing === undefined) return null;
    // Several have that name.
    if (this.parts.benchFiles.lookup.having(inOneLine(missing.name)).length > 0) return null;
    const loss = lossOf(missing.name, known.all, []);
    return loss && goneWords(missing.name, loss, known.against);
  }

  /** Returns the benchmarks of the baseline, for each budget that may have lost some. */
  async #oldBenchmarks(
    config: Config,
    budgets: readonly Budget[],
    { against }: MeasureRequest,
    options: { readonly signal: AbortSignal; readonly mayRun: boolean },
  ): Promise<OldNames> {
    const old = new Map<Budget, { readonly all: Old | null; readonly against: string }>();
    const byBaseline = new Map<string, Old | null>();
    for (const budget of budgets) {
      const mayLose =
        budget.subject.kind !== 'manual' &&
        ((budget.subject.kind === 'benchmark' && isPattern(budget.subject.name)) ||
          !resolve(config, budget, this.parts.benchFiles).ok);
      const setting = against ?? budget.baseline;
      const { old: side } = mayLose ? await this.parts.planner.baselineSide(setting) : { old: null };
      if (side === null) continue;
      const known = byBaseline.get(setting);
      const all = known === undefined ? await this.#vanished.of(config, side, options) : known;
      byBaseline.set(setting, all);
      old.set(budget, { all, against: side.baseline.name });
    }
    return old;
  }

  /** Returns the jobs of these budgets, one for each benchmark and way to run it. */
  async #jobs(
    { defaults }: Config,
    budgets: readonly ResolvedBudget[],
    request: MeasureRequest,
    signal: AbortSignal,
    commit: MeasuredCommit | null,
  ): Promise<ReadonlyMap<string, Job>> {
    const { planner } = this.parts;
    const procedure = request.capturing === true ? defaults.capture : null;
    const wanted = new Map<string, Asked>();
    for (const resolved of budgets) {
      for (const [benchmark, checks] of checksOf(resolved)) {
        const ownMs = Math.max(benchmark.budget.run.timeMs, resolved.budget.run.timeMs);
        const timeMs = request.timeMs ?? procedure?.timeMs ?? ownMs;
        const id = wayToRun(benchmark, request);
        const one = wanted.get(id) ?? { benchmark, checks: [], timeMs, comparesAnswers: false };
        const comparesAnswers = one.comparesAnswers || resolved.budget.run.answers === 'same';
        one.checks.push(...checks);
        wanted.set(id, { ...one, timeMs: Math.max(one.timeMs, timeMs), comparesAnswers });
      }
    }
    const cooldownMs = procedure?.cooldownMs ?? 0;
    // To ask whether the baseline has moved takes longer than to plan a benchmark.
    const sides = new Map<string, ReturnType<Planner['baselineSide']>>();
    const sideOf = (setting: string): ReturnType<Planner['baselineSide']> => {
      const side = sides.get(setting) ?? planner.baselineSide(setting);
      sides.set(setting, side);
      return side;
    };
    const planned = async (
      id: string,
      { benchmark, checks, timeMs, comparesAnswers }: Asked,
      each: AbortSignal,
    ): Promise<readonly [string, Job]> => {
      const { found, budget } = benchmark;
      const side = commit?.before ?? (await sideOf(request.against ?? budget.baseline));
      const { warmup, runs } = budget.run;
      const run = { ...budget.run, warmup: procedure?.warmup ?? warmup, runs: procedure?.runs ?? runs };
      const job = { found, checks, run, timeMs, comparesAnswers, cooldownMs };
      return [id, await planner.job(job, side, commit?.code, each)];
    };
    return new Map(await together(signal, (each) => Array.from(wanted, ([id, asked]) => planned(id, asked, each))));
  }

  /** Judges budgets whose figures are recorded by hand. */
  async #manual(budgets: readonly Budget[]): Promise<readonly BudgetResult[]> {
    if (budgets.length === 0) return [];
    const records = await readRecords(this.parts.root);
    const now = Date.now();
    const results: BudgetResult[] = [];
    const news: { result: BudgetResult; key: string }[] = [];
    const latest = this.parts.history.latestKeys();
    for (const budget of budgets) {
      const recorded = records.ok ? recordedFor(budget, records.value) : records;
      if (!recorded.ok) {
        results.push(judgeFailure(budget, { kind: 'not-found', message: recorded.error }));
        continue;
      }
      const result = budgetResult(judgeManual(budget, recorded.value, now));
      const key = createHash('sha256').update(JSON.stringify(recorded.value)).digest('hex');
      if (latest.get(budget.name) !== key) news.push({ result, key });
      results.push(result);
    }
    await recordManual(this.parts, news);
    return results;
  }
}

/** Whether somebody asks for these budgets in a way of their own, and waits. */
const isAlone = ({ explain, against, timeMs, capturing }: MeasureRequest): boolean =>
  explain !== undefined || against !== undefined || timeMs !== undefined || capturing === true;

/** Whether a known verdict is undecided, and so old that another measurement may well decide it. */
function isToRepeat(planned: Planned, results: Results): boolean {
  return [...planned.jobs.values()].some((job) => {
    const known = results.get(job);
    if (known?.ok !== true || !isOld(known.value.measurement, Date.now())) return false;
    return isUndecided(outcome(job, new Map(), [planned], results));
  });
}

function outlookOf(planned: Planned, results: Results): Outlook {
  const jobs = [...planned.jobs.values()];
  if (jobs.some(({ kind }) => kind === 'unable')) return 'unable';
  if (jobs.every((job) => results.get(job)?.ok === true)) return 'known';
  return jobs.every((job) => job.kind === 'bundle' && isSameCode(job.target)) ? 'unchanged' : 'changed';
}

/** Returns an identifier of a benchmark and its run settings: benchmarks with equal ones are measured once. */
function wayToRun({ found, budget }: SingleBenchmark, { against }: MeasureRequest): string {
  const { cycles, concurrency, warmup, runs, isolation } = budget.run;
  const settings = [cycles, concurrency, warmup, runs, isolation, against ?? budget.baseline];
  return JSON.stringify([found.origin.file, found.name, ...settings]);
}

type Old = Awaited<ReturnType<VanishedBenchmarks['of']>>;
/** The benchmarks of each budget's baseline; null where they are not known. */
type OldNames = ReadonlyMap<Budget, { readonly all: Old | null; readonly against: string }>;
const noOldNames: OldNames = new Map();

/** Returns what a pattern lost since the baseline, to spread: nothing if that is not known yet. */
function vanishedFrom({ budget, members }: ResolvedBudget, old: OldNames): Pick<Planned, 'vanished'> {
  const known = old.get(budget);
  if (known === undefined || budget.subject.kind !== 'benchmark') return { vanished: null };
  const now = leaves(members).map(({ found }) => found.name);
  return known.all === null ? {} : { vanished: lossOf(budget.subject.name, known.all, now) };
}
