import path from 'node:path';
import { subjectText, type Budget, type Config } from '../core/budget.js';
import { isAnswerable, judge, judgeFailure } from '../core/judge.js';
import type { Baseline, BudgetResult, Measurement, RunFailure } from '../core/measurement.js';
import type { BenchFiles, FoundBenchmark } from './bench-files.js';
import type { Forks } from './forks.js';
import type { Git } from './git.js';
import type { History } from './history.js';
import type { Log } from './log.js';
import { measure, type Judged } from './measure.js';
import { slashed } from './paths.js';
import type { Job, Planner } from './plan.js';
import type { RunRequest } from './snapshot.js';

/** What a run tells while it goes on. */
export interface RunEvents {
  readonly baseline: (baseline: Baseline | null) => void;
  /** These budgets have to be measured. */
  readonly measuring: (budgets: readonly string[]) => void;
  readonly progress: (done: number, total: number) => void;
  readonly result: (result: BudgetResult) => void;
}

/** Runs budgets: known answers from the history at once, the rest by measuring. */
export class Runner {
  constructor(
    readonly parts: {
      readonly root: string;
      readonly history: History;
      readonly git: Git | null;
      readonly forks: Forks;
      readonly benchFiles: BenchFiles;
      readonly planner: Planner;
      readonly log: Log;
    },
  ) {}

  /** Compares what is known with the code as it is, and runs no benchmark. Returns the names of the budgets that need a run. */
  async look(config: Config, names: readonly string[], events: RunEvents): Promise<readonly string[]> {
    const { jobs, failed } = await this.#jobs(config, names, {}, events);
    for (const result of failed) events.result(result);
    return jobs.flatMap((job) => {
      const known = this.parts.history.measurement(job.key);
      for (const budget of known === null ? [] : job.budgets) {
        if (known !== null) events.result(judged(config, budget, known, job, true));
      }
      return known === null ? job.budgets.map((budget) => budget.name) : [];
    });
  }

  /** Settles when every budget has its result, or when `signal` aborts. */
  async run(
    config: Config,
    names: readonly string[],
    request: RunRequest,
    signal: AbortSignal,
    events: RunEvents,
  ): Promise<void> {
    const { jobs, failed } = await this.#jobs(config, names, request, events);
    for (const result of failed) events.result(result);
    const open: Job[] = [];
    const answered: { job: Job; measurement: Measurement }[] = [];
    for (const job of jobs) {
      const known = request.fresh === true ? null : this.parts.history.measurement(job.key);
      // A measurement that stopped early, for other checks than today's, has to go on.
      const stopped = known !== null && known.elapsedMs < 0.7 * job.target.timeMs;
      if (known === null || (stopped && outcome(config, job, known) === 'open')) open.push(job);
      else {
        for (const budget of job.budgets) events.result(judged(config, budget, known, job, true));
        answered.push({ job, measurement: known });
      }
    }
    // What stands in the file that was saved is what the user looks at.
    const saved = new Set(request.files?.map((file) => slashed(path.resolve(file))));
    open.sort((a, b) => Number(this.#isIn(saved, b)) - Number(this.#isIn(saved, a)));
    events.measuring(open.flatMap((job) => job.budgets.map((budget) => budget.name)));
    for (const { job, measurement } of answered) {
      // Back at code that was measured before: the history shows that it is so again.
      const back = job.budgets.filter(({ name }) => this.parts.history.rows(name, 1)[0]?.key !== job.key);
      await this.#record(
        job,
        measurement,
        back.map((budget) => judged(config, budget, measurement, job, true)),
      );
    }
    for (const [done, job] of open.entries()) {
      events.progress(done, open.length);
      const onSampling = (): void => this.parts.log.trace(`sampling ${job.target.name}`);
      const judge = (one: Measurement): Judged => outcome(config, job, one);
      const measured = await measure(job.target, this.parts.forks, judge, { signal, onSampling });
      if (measured.ok) {
        this.parts.history.keepMeasurement(job.key, measured.value, Date.now());
        const results = job.budgets.map((budget) => judged(config, budget, measured.value, job, false));
        await this.#record(job, measured.value, results);
        results.forEach(events.result);
      } else {
        const failure = measured.error;
        if (failure.kind === 'aborted') return;
        const results = job.budgets.map((budget) => judgeFailure(budget, failure));
        await this.#record(job, null, results);
        results.forEach(events.result);
      }
    }
  }

  #isIn(files: ReadonlySet<string>, { budgets }: Job): boolean {
    return budgets.some(({ code }) => code !== null && files.has(slashed(path.resolve(this.parts.root, code.file))));
  }

  /** The jobs of these budgets, grouped by benchmark; a budget without a benchmark has failed. */
  async #jobs(
    config: Config,
    names: readonly string[],
    request: RunRequest,
    events: RunEvents,
  ): Promise<{ jobs: readonly Job[]; failed: readonly BudgetResult[] }> {
    const groups = new Map<string, { found: FoundBenchmark; budgets: Budget[] }>();
    const failed: BudgetResult[] = [];
    const wanted = new Set(names);
    for (const budget of config.budgets) {
      if (!wanted.has(budget.name)) continue;
      const found = this.parts.benchFiles.find(subjectText(budget));
      const failure: RunFailure | null = found.ok
        ? found.value.file.failure
        : { kind: 'not-found', message: found.error };
      if (failure !== null) failed.push(judgeFailure(budget, failure));
      else if (found.ok) {
        const key = `${found.value.file.file}\0${found.value.name}`;
        const group = groups.get(key) ?? { found: found.value, budgets: [] };
        group.budgets.push(budget);
        groups.set(key, group);
      }
    }
    const side = await this.parts.planner.oldSide(request.against ?? config.defaults.baseline);
    events.baseline(side.old?.baseline ?? null);
    const timeMs = request.timeMs ?? config.defaults.timeMs;
    const jobs = Array.from(groups.values(), ({ found, budgets }) =>
      this.parts.planner.job(found, budgets, side, timeMs),
    );
    return { jobs: await Promise.all(jobs), failed };
  }

  async #record(job: Job, measurement: Measurement | null, results: readonly BudgetResult[]): Promise<void> {
    if (results.length === 0) return;
    const head = (await this.parts.git?.head()) ?? null;
    const dirty = (await this.parts.git?.isDirty()) ?? false;
    const time = measurement?.current.metrics['time'];
    for (const result of results) {
      this.parts.history.record({
        key: job.key,
        at: Date.now(),
        commit: head?.commit ?? null,
        dirty,
        baseline: job.old?.baseline ?? null,
        result,
        time: time === undefined ? null : { value: time.value, low: time.low, high: time.high },
      });
    }
  }
}

function judged(config: Config, budget: Budget, measurement: Measurement, job: Job, cached: boolean): BudgetResult {
  const baselineName = job.old?.baseline.name ?? 'the baseline';
  return judge(budget, measurement, config.defaults, { cached, baselineName });
}

/** Whether the budgets' questions are answered. A missed target is told of, but not worth measuring on for. */
function outcome(config: Config, job: Job, measurement: Measurement): Judged {
  let failed = false;
  for (const budget of job.budgets) {
    const { checks } = judged(config, budget, measurement, job, false);
    for (const [index, { level, verdict }] of checks.entries()) {
      if (level === 'target') continue;
      failed ||= verdict === 'fail';
      const check = budget.checks[index];
      if (verdict === 'undecided' && check !== undefined && isAnswerable(check, measurement)) return 'open';
    }
  }
  return failed ? 'failed' : 'passed';
}
