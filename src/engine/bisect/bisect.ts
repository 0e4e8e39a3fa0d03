import * as l10n from '@vscode/l10n';
import type { Bisection, FoundCommit, Ratio, TestedCommit, TestedVerdict } from '../../core/results/bisection.js';
import type { Budget, Check, Config } from '../../core/language/budget.js';
import { metricKey } from '../../core/language/metric.js';
import { err, ok, type Result } from '../../core/result.js';
import {
  findSteps,
  isSettled,
  shows,
  type Answer,
  type Question,
  type Step,
  type Steps,
} from '../../core/stats/bisect.js';
import { bisectMessage, followedNote, interruptedBisect } from '../../core/text/bisect.js';
import { benchmarksOf, resolve, type ResolvedBenchmark } from '../discovery/resolve.js';
import type { Explained, ExplainRequest } from '../explain/request.js';
import { GitError, type Git } from '../git/repository.js';
import { withRepair } from '../git/repair.js';
import { findRange, type Range, type Version } from './range.js';
import type { BisectFailure, BisectProgress, BisectRequest } from './request.js';
import { Versions, type Care, type Compared, type Incomparable, type Subject, type VersionParts } from './versions.js';

export interface BisectParts extends VersionParts {
  readonly config: Config;
  /** Does some work while nothing else of this project runs. If something else has to run meanwhile, it is done again after that. */
  readonly turn: <T>(work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal) => Promise<T>;
  readonly explainStep: (request: ExplainRequest, signal: AbortSignal) => Promise<Result<Explained, string>>;
}

type Failed = Result<never, BisectFailure>;

const failed = (kind: BisectFailure['kind'], message: string): Failed => err({ kind, message });

/**
 * Finds the commits that made a budget's benchmark slower between two commits, and what made it faster in between. Compares few of
 * the commits with the good end, all with today's bench files. What was compared is kept in the history, so the same request goes
 * on where it was interrupted.
 */
export async function bisect(
  parts: BisectParts,
  request: BisectRequest,
  onProgress: (progress: BisectProgress) => void,
  signal: AbortSignal,
): Promise<Result<Bisection, BisectFailure>> {
  const { git, planner, config } = parts;
  if (signal.aborted) return failed('interrupted', interruptedBisect());
  const budget = config.budgets.find(({ name }) => name === request.budget);
  if (budget === undefined) return failed('request', l10n.t`There is no budget "${request.budget}".`);
  if (git === null) return failed('request', planner.parts.gitMessage);
  const benchmarks = searchable(parts, budget);
  if (!benchmarks.ok) return benchmarks;
  try {
    const range = await findRange(planner, git, budget.baseline, request);
    if (!range.ok) return failed('request', range.error);
    const run = new Bisect({ ...parts, git }, budget, range.value, request.timeMs ?? null, onProgress, signal);
    return await run.all(benchmarks.value);
  } catch (error) {
    if (error instanceof GitError) return failed('request', withRepair(error.message));
    throw error;
  }
}

/** Returns the benchmarks of a budget, if past commits can run them. */
function searchable(
  { config, benchFiles }: BisectParts,
  budget: Budget,
): Result<readonly ResolvedBenchmark[], BisectFailure> {
  const { name, subject } = budget;
  if (subject.kind === 'manual') {
    return failed('request', l10n.t`${name}: its figures are recorded by hand, so no commit can be measured.`);
  }
  const asked = resolve(config, budget, benchFiles);
  if (!asked.ok) return failed('request', `${name}: ${asked.error[0].message}`);
  const { members } = asked.value;
  const origins = benchmarksOf({ ...asked.value, references: new Map() }).map(({ found }) => found.origin);
  const failure = origins.find((origin) => origin.failure !== null)?.failure ?? null;
  if (failure !== null) return failed('broken', `${name}: ${failure.message}`);
  if (origins.some(({ kind }) => kind === 'command')) {
    return failed('request', l10n.t`${name}: a command cannot run from a past commit; only bench files can.`);
  }
  return ok(members);
}

class Bisect {
  readonly #versions: Versions;
  readonly #tested = new Map<Version, TestedCommit>();
  readonly #skipped = new Map<Version, string>();
  #done = 0;

  constructor(
    readonly parts: BisectParts & { readonly git: Git },
    readonly budget: Budget,
    readonly range: Range,
    timeMs: number | null,
    readonly onProgress: (progress: BisectProgress) => void,
    readonly signal: AbortSignal,
  ) {
    this.#versions = new Versions(parts, parts.git, timeMs);
  }

  async all(benchmarks: readonly ResolvedBenchmark[]): Promise<Result<Bisection, BisectFailure>> {
    const { good, bad, versions, notes } = this.range;
    const subject = await this.#subject(benchmarks);
    if (this.#isAborted()) return failed('interrupted', interruptedBisect());
    const found = subject === null ? null : await this.#steps(subject);
    if (this.#isAborted()) return failed('interrupted', interruptedBisect());
    if (subject === null || !found?.ends) {
      const why = this.#skipped.get(bad) ?? l10n.t('it cannot run');
      return failed('broken', l10n.t`${bad.name} cannot be compared with ${good.name}: ${why}.`);
    }
    const commits = await this.#commits(found.steps);
    if (this.#isAborted()) return failed('interrupted', interruptedBisect());
    const isOpen = found.outcome === 'undecided' || found.steps.some((step) => !this.#isCertain(step));
    const inOrder = <T>(of: ReadonlyMap<Version, T>): readonly (readonly [Version, T])[] =>
      versions.flatMap((version) => {
        const known = of.get(version);
        return known === undefined ? [] : [[version, known] as const];
      });
    const seen: Omit<Bisection, 'message'> = {
      budget: this.budget.name,
      benchmark: subject.benchmark.name,
      metric: subject.metric === null ? 'time' : metricKey(subject.metric.metric),
      outcome: outcomeOf(found.outcome, isOpen),
      good: { name: good.name, commit: good.commit },
      bad: { name: bad.name, commit: bad.commit, ...plain(found.ends) },
      total: versions.length - 1,
      commits,
      tested: inOrder(this.#tested).map(([, tested]) => tested),
      skipped: inOrder(this.#skipped).map(([{ commit }, why]) => ({ commit, why })),
      notes: [...(benchmarks.length > 1 ? [followedNote(benchmarks.length, subject.benchmark.name)] : []), ...notes],
    };
    return ok({ ...seen, message: bisectMessage(seen) });
  }

  #isAborted(): boolean {
    return this.signal.aborted;
  }

  /** Returns the benchmark that became slower most, by its time if any did, else by its memory; null if none can run. */
  async #subject(benchmarks: readonly ResolvedBenchmark[]): Promise<Subject | null> {
    const { good, bad } = this.range;
    const others = this.budget.checks.filter(isMemory);
    const metrics = [null, ...new Map(others.map((check) => [metricKey(check.metric), check])).values()];
    const [first] = benchmarks;
    if (first !== undefined && benchmarks.length === 1 && metrics.length === 1)
      return { benchmark: first, metric: null };
    const care: Care = { patience: 1, isFresh: false, isEnough: isSettled };
    let most: { readonly subject: Subject; readonly found: Compared } | null = null;
    for (const metric of metrics) {
      for (const [index, benchmark] of benchmarks.entries()) {
        this.#show(bad, good, benchmarks.length - index, false);
        const subject = { benchmark, metric };
        const found = await this.#compare(subject, [bad, good], care);
        if (this.#isAborted()) return null;
        this.#done++;
        if (!found.ok) {
          if (found.error.kind === 'unable') this.#skipped.set(bad, found.error.why);
        } else if (most === null || (shows(found.value) && found.value.low > most.found.low)) {
          most = { subject, found: found.value };
        }
      }
      if (most !== null && shows(most.found) && most.found.ratio > 1) break;
    }
    if (most !== null) this.#skipped.delete(bad);
    return most?.subject ?? null;
  }

  async #steps(subject: Subject): Promise<Steps | null> {
    const search = findSteps(this.range.versions.length - 1);
    let next = search.next();
    while (next.done !== true) {
      const answer = await this.#answer(subject, next.value);
      if (this.#isAborted()) return null;
      next = search.next(answer);
    }
    return next.value;
  }

  async #answer(subject: Subject, question: Question): Promise<Answer> {
    const { versions } = this.range;
    const [version, against] = [versions[question.at], versions[question.against]];
    if (version === undefined || against === undefined) throw new Error(`there is no version ${question.at}`);
    this.#show(version, against, question.left + 1, question.patience > 1);
    const found = await this.#compare(subject, [version, against], question);
    if (this.#isAborted()) return null;
    this.#done++;
    const isBesideGood = question.against === 0;
    if (!found.ok) {
      if (found.error.kind === 'unable' && isBesideGood) this.#skipped.set(version, found.error.why);
      return null;
    }
    if (isBesideGood) {
      const verdict = verdictOf(found.value);
      this.#tested.set(version, { commit: version.commit, verdict, ...plain(found.value) });
    }
    return found.value;
  }

  #compare(subject: Subject, pair: readonly [Version, Version], care: Care): Promise<Result<Compared, Incomparable>> {
    return this.parts.turn((signal) => this.#versions.compare(subject, pair, care, signal), this.signal);
  }

  #show({ commit }: Version, against: Version, left: number, isLonger: boolean): void {
    this.onProgress({ kind: 'measuring', commit, against: against.commit, done: this.#done, left, isLonger });
  }

  async #commits(steps: readonly Step[]): Promise<readonly FoundCommit[]> {
    const { versions } = this.range;
    const known = await this.parts.git.describe(steps.flatMap(({ after }) => versions[after]?.commit ?? []));
    const commits: FoundCommit[] = [];
    for (const step of steps) {
      const [parent, version] = [versions[step.before], versions[step.after]];
      if (parent === undefined || version === undefined) continue;
      this.onProgress({ kind: 'explaining', commit: version.commit, done: this.#done });
      const { author = '', timestamp = '', message = '' } = known.get(version.commit) ?? {};
      const among = versions.slice(step.before + 1, step.after + 1).map(({ commit }) => commit);
      commits.push({
        ...{ commit: version.commit, author, date: timestamp, subject: message },
        ...{ before: plain(step.levels.before), after: plain(step.levels.after), step: plain(step.ratio) },
        parent: parent.commit,
        ...(!this.#isCertain(step) && { among }),
        ...(version.isMerge && { isMerge: true as const }),
        ...(await this.#causes(parent, version)),
      });
      if (this.#isAborted()) break;
    }
    return commits;
  }

  /** What nobody can explain is told without its causes. */
  async #causes(from: Version, to: Version): Promise<Pick<FoundCommit, 'causes' | 'causesNote'>> {
    const request = { budget: this.budget.name, from: from.commit, to: to.commit };
    const explained = await this.parts.explainStep(request, this.signal);
    if (!explained.ok) {
      this.parts.log.debug(`${to.name} is not explained: ${explained.error}`);
      return {};
    }
    const { causes = [], note = null } = explained.value.explanation ?? {};
    return { ...(causes.length > 0 && { causes }), ...(note !== null && { causesNote: note }) };
  }

  #isCertain({ before, after }: Step): boolean {
    return after - before === 1;
  }
}

function isMemory({ metric: { kind } }: Check): boolean {
  return kind === 'allocated' || kind === 'retained' || kind === 'heap' || kind === 'rss';
}

function verdictOf(found: Compared): TestedVerdict {
  if (found.isSame) return 'same code';
  if (shows(found)) return found.ratio > 1 ? 'slower' : 'faster';
  return isSettled(found) ? 'as fast' : 'undecided';
}

function outcomeOf(outcome: Steps['outcome'], isOpen: boolean): Bisection['outcome'] {
  if (outcome === 'faster') return 'faster';
  if (outcome === 'equal') return 'no difference';
  return isOpen ? 'undecided' : 'found';
}

const plain = ({ ratio, low, high }: Ratio): Ratio => ({ ratio, low, high });
