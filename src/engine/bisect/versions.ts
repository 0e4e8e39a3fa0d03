import * as l10n from '@vscode/l10n';
import type { Standing } from '../../core/judge/judge.js';
import type { Member } from '../../core/judge/judgement.js';
import type { Check } from '../../core/language/budget.js';
import { metricKey } from '../../core/language/metric.js';
import { err, ok, type Result } from '../../core/result.js';
import type { Measurement, RunFailure } from '../../core/results/measurement.js';
import type { RatioInterval } from '../../core/stats/interval.js';
import { commitSide } from '../baseline/resolve.js';
import { leaves, memberOf, type ResolvedBenchmark, type SingleBenchmark } from '../discovery/resolve.js';
import type { Git } from '../git/repository.js';
import type { JobParts } from '../measure/job-run.js';
import { measure } from '../measure/paired.js';
import type { Job, Planner } from '../measure/plan.js';
import { placedIn } from '../measure/results.js';
import { isSameCode } from '../measure/target.js';
import type { Version } from './range.js';

/** What is compared: a benchmark, or a sum, by its time or by another metric of the budget. */
export interface Subject {
  readonly benchmark: ResolvedBenchmark;
  /** The checks on the metric that is compared in place of the time; null for the time. */
  readonly metric: Check | null;
}

/** How to compare. */
export interface Care {
  /** How many times the usual time it may take. */
  readonly patience: number;
  /** Whether to measure again even what was measured before. */
  readonly isFresh: boolean;
  readonly isEnough: (found: RatioInterval) => boolean;
}

export interface Compared extends RatioInterval {
  /** Versions with the same code, beside the same old one, have the same. */
  readonly code: string;
  readonly isSame: boolean;
}

export type Incomparable = { readonly kind: 'aborted' } | { readonly kind: 'unable'; readonly why: string };

export interface VersionParts extends JobParts {
  readonly planner: Planner;
}

type BundleJob = Extract<Job, { kind: 'bundle' }>;

/** Compares commits of a project with each other: today's bench files on their code, without a checkout. */
export class Versions {
  constructor(
    readonly parts: VersionParts,
    readonly git: Git,
    /** In place of the time that the budgets say. */
    readonly timeMs: number | null,
  ) {}

  /** Compares one commit with another. What was measured before is known, and what is the same code needs no measuring. */
  async compare(
    subject: Subject,
    [current, old]: readonly [current: Version, old: Version],
    care: Care,
    signal: AbortSignal,
  ): Promise<Result<Compared, Incomparable>> {
    const { planner, benchFiles, idle } = this.parts;
    planner.forget(benchFiles.all, idle?.urls ?? []);
    const jobs = new Map<SingleBenchmark, BundleJob>();
    for (const one of leaves([subject.benchmark])) {
      const job = await this.#plan(one, subject, current, old, signal);
      if (signal.aborted) return aborted;
      if (job.kind === 'unable') return unable(job.failure.message);
      if (job.kind === 'command') throw new Error(`${one.name} is a benchmark of a command`);
      if (job.target.notCompared !== undefined) return unable(job.target.notCompared);
      jobs.set(one, job);
    }
    const measured = await this.#measured(subject, jobs, care, signal);
    if (!measured.ok) return measured;
    const found = ratioOf(subject, measured.value);
    if (found === null) return unable(whyNot(measured.value));
    const isSame = [...jobs.values()].every(({ target }) => isSameCode(target));
    return ok({ ...found, code: Array.from(jobs.values(), ({ key }) => key).join(' '), isSame });
  }

  #plan(
    found: SingleBenchmark,
    { metric }: Subject,
    current: Version,
    old: Version,
    signal: AbortSignal,
  ): Promise<Job> {
    const { run } = found.budget;
    const checks = metric === null ? [] : [{ ...metric, bound: { kind: 'baseline', factor: 1 } as const }];
    const sideOf = ({ commit, name }: Version) => commitSide(this.git, commit, name);
    return this.parts.planner.job(
      { found: found.found, checks, run, timeMs: this.timeMs ?? run.timeMs, pastMayHaveOwn: true },
      { old: sideOf(old), note: null },
      sideOf(current),
      signal,
    );
  }

  /** Returns the measurement of each benchmark, from before or from now. */
  async #measured(
    subject: Subject,
    jobs: ReadonlyMap<SingleBenchmark, BundleJob>,
    { patience, isFresh, isEnough }: Care,
    signal: AbortSignal,
  ): Promise<Result<ReadonlyMap<SingleBenchmark, Measurement>, Incomparable>> {
    const { history } = this.parts;
    const all = new Map<SingleBenchmark, Measurement>();
    // The figures of a part of a sum count even if it is the same code.
    const isSame = [...jobs.values()].every(({ target }) => isSameCode(target));
    for (const [one, { key, target }] of jobs) {
      const known = isSame ? sameCode(target.name) : isFresh ? null : history.measurement(key);
      if (known !== null) all.set(one, known);
    }
    const isAnswered = (): boolean => {
      const found = ratioOf(subject, all);
      return found !== null && isEnough(found);
    };
    for (const [one, job] of jobs) {
      const timeMs = patience * job.target.timeMs;
      const known = all.get(one);
      const isWhole = known !== undefined && (isSameCode(job.target) || known.elapsedMs >= wholeShare * timeMs);
      if (isWhole || (all.size === jobs.size && isAnswered())) continue;
      const judged = (measurement: Measurement): Standing => {
        all.set(one, measurement);
        // More of its time would tell nothing new.
        if (measurement.baseline === null || subject.metric !== null || isSameCode(job.target)) return 'passed';
        // Until the other parts of a sum are known, a part stands for all of it.
        const found = all.size < jobs.size ? measurement.comparison : ratioOf(subject, all);
        const isAnswered = found !== null && isEnough(found);
        // V8 may not be done with it, and what looks different then may not be.
        if (measurement.unsettled === true && !(isAnswered && found.low <= 1 && found.high >= 1)) return 'suspected';
        return isAnswered ? 'passed' : 'open';
      };
      const found = await this.#measure({ ...job, target: { ...job.target, timeMs } }, judged, signal);
      if (!found.ok) return found.error.kind === 'aborted' ? aborted : unable(this.#words(found.error));
      all.set(one, found.value);
      if (found.value.mayPass !== true) history.keepMeasurement(job.key, found.value, Date.now());
    }
    return ok(all);
  }

  #measure(
    { target, ownBaseline }: BundleJob,
    judged: (measurement: Measurement) => Standing,
    signal: AbortSignal,
  ): ReturnType<typeof measure> {
    const { workers, noise, root, log } = this.parts;
    const { name } = target;
    return measure(target, workers, judged, {
      ...{ signal, root, ownBaseline, prior: noise.prior(name) },
      learn: (logRatios) => noise.learn(name, logRatios),
      onMeasured: ({ busyMs, elapsedMs }) =>
        log.debug(`measured ${name}: ${busyMs.toFixed(0)} of ${elapsedMs.toFixed(0)} ms`),
    });
  }

  #words(failure: RunFailure): string {
    const { message, file, line, column } = placedIn(this.parts.root, failure);
    return file === undefined || line === undefined ? message : `${message} (${file}:${line}:${column ?? 1})`;
  }
}

/** A measurement that took this share of its time did not stop early. */
const wholeShare = 0.7;

const aborted = err({ kind: 'aborted' } as const);

/** To the planner, each commit is old code. */
const unable = (words: string) =>
  err({ kind: 'unable', why: words.replace(/\.$/, '').replace(/^the old code /, 'it ') } as const);

const sameCode = (benchmark: string): Measurement => ({
  ...{ benchmark, current: { metrics: {} }, baseline: { metrics: {} }, unmeasured: true },
  comparison: { ratio: 1, low: 1, high: 1, processes: 0, clock: 'wall' },
  ...{ samples: 0, elapsedMs: 0, note: null },
});

/** Returns the ratio of what is compared; null if a part of it is not measured, or not on both sides. */
function ratioOf(
  { benchmark, metric }: Subject,
  measurements: ReadonlyMap<SingleBenchmark, Measurement>,
): RatioInterval | null {
  const member: Member | null = memberOf(benchmark, (one) => measurements.get(one) ?? null);
  if (member === null) return null;
  const { comparison, current, baseline } = member.measurement;
  if (comparison?.processes === 0 || metric === null) return comparison;
  const key = metricKey(metric.metric);
  const [now, before] = [current.metrics[key], baseline?.metrics[key]];
  if (now === undefined || before === undefined) return null;
  // Less than one byte, or one nanosecond, is nothing.
  const ratio = (a: number, b: number): number => Math.max(a, 1) / Math.max(b, 1);
  return { ratio: ratio(now.value, before.value), low: ratio(now.low, before.high), high: ratio(now.high, before.low) };
}

function whyNot(measurements: ReadonlyMap<SingleBenchmark, Measurement>): string {
  const all = [...measurements.values()];
  return all.flatMap(({ notCompared, note }) => notCompared ?? note ?? [])[0] ?? l10n.t('it cannot be compared');
}
