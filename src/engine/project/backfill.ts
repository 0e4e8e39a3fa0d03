import * as l10n from '@vscode/l10n';
import type { Config } from '../../core/language/budget.js';
import { err, ok, type Result } from '../../core/result.js';
import { benchmarksOf, resolve } from '../discovery/resolve.js';
import { commitSide } from '../baseline/resolve.js';
import { GitError, type Commit, type Git } from '../git/repository.js';
import type { OpenProject } from './project.js';
import type { Outlook, MeasuredCommit, RunEvents } from '../measure/request.js';
import { counts } from '../../core/text/words.js';

export interface BackfillRequest {
  /** The names of the budgets to measure. */
  readonly budgets: readonly string[];
  /** How many commits to measure, from HEAD along the first parents. */
  readonly commits: number;
  /** The most one benchmark may take, in place of `defaults.time`. */
  readonly timeMs: number | null;
}

export type BackfillProgress =
  /** Finding out which of the commits changed anything. */
  | { readonly kind: 'looking'; readonly done: number; readonly total: number }
  /** `leftMs` is null until something was measured. */
  | { readonly kind: 'measuring'; readonly done: number; readonly total: number; readonly leftMs: number | null };

export interface Backfilled {
  /** How many commits were looked at, for how many something was measured, and how many others were already known. */
  readonly commits: number;
  readonly measured: number;
  readonly known: number;
  /** What was not done and why, one sentence each. */
  readonly notes: readonly string[];
  /** What is wrong in today's configuration or bench files, one sentence each. */
  readonly failures: readonly { readonly kind: 'not-found' | 'broken'; readonly message: string }[];
}

/**
 * Measures commits against the commits before them, with today's bench files and budgets, and records the results in the
 * history under the commits' dates. Skips what the history already has. After an abort, returns what was finished. The error
 * is one sentence.
 */
export async function backfill(
  project: OpenProject,
  request: BackfillRequest,
  onProgress: (progress: BackfillProgress) => void,
  signal: AbortSignal,
): Promise<Result<Backfilled, string>> {
  const { git, history, planner } = project.parts;
  const { config } = project.snapshot;
  if (config === null) return err(l10n.t`${project.configFile} cannot be read.`);
  if (git === null) return err(planner.parts.gitMessage);
  if (!history.isPersistent) return err(history.warning ?? l10n.t('The history cannot be written.'));
  try {
    const all = await git.commits(request.commits);
    if (all.length === 0) return err(l10n.t('The repository has no commits yet.'));
    const commits = datedApart(all).filter(({ at }) => at >= history.keptSince(Date.now()));
    const limits = [await fewerThan(request.commits, all.length, git), tooOld(all.length - commits.length)];
    const { able, unfit, failures } = sorted(config, request.budgets, project);
    const run = new Backfill(project, config, able, request.timeMs, git, signal, onProgress);
    const done = await run.all(commits);
    const notes = [...limits, ...unfit, ...done.notes, history.warning].filter((note) => note !== null);
    return ok({ ...done, notes, failures });
  } catch (error) {
    if (error instanceof GitError) return err(`${error.message}.`);
    throw error;
  }
}

/** Gives commits of the same second, as from a rebase, distinct dates in order. Moves dates in the future to now. */
function datedApart(commits: readonly Commit[]): readonly Commit[] {
  const now = Date.now();
  let same = 0;
  return commits
    .toReversed()
    .map((commit, index, all) => {
      same = all[index - 1]?.at === commit.at ? same + 1 : 0;
      return { ...commit, at: Math.min(commit.at + same, now) };
    })
    .reverse();
}

async function fewerThan(wanted: number, found: number, git: Git): Promise<string | null> {
  if (found === wanted) return null;
  const commits = counts(found, 'commit');
  if (await git.isShallow()) {
    return l10n.t('This shallow clone has only {0}. `git fetch --unshallow` fetches the rest.', commits);
  }
  return l10n.t`The branch has only ${commits}.`;
}

const tooOld = (count: number): string | null =>
  count === 0 ? null : l10n.t`${counts(count, 'commit')} older than a year left out: the history keeps one year.`;

interface Sorted {
  readonly able: readonly string[];
  readonly unfit: readonly string[];
  readonly failures: Backfilled['failures'];
}

/** Returns the budgets that bench files can answer, and why the others are left out. */
function sorted(config: Config, names: readonly string[], { parts: { benchFiles } }: OpenProject): Sorted {
  const able: string[] = [];
  const unfit: string[] = [];
  const failures: Backfilled['failures'][number][] = [];
  for (const budget of config.budgets.filter(({ name }) => names.includes(name))) {
    const { name } = budget;
    const asked = resolve(config, budget, benchFiles);
    if (!asked.ok) {
      failures.push({ kind: 'not-found', message: `${name}: ${asked.error[0].message}` });
      continue;
    }
    const origins = benchmarksOf(asked.value).map(({ found }) => found.origin);
    const failure = origins.find((origin) => origin.failure !== null)?.failure ?? null;
    if (failure !== null) failures.push({ kind: 'broken', message: `${name}: ${failure.message}` });
    else if (budget.subject.kind === 'manual') {
      unfit.push(l10n.t`${name}: its figures are recorded by hand, so Git has no older ones.`);
    } else if (origins.some(({ kind }) => kind === 'command')) {
      unfit.push(l10n.t`${name}: a command cannot run from a past commit; only bench files can.`);
    } else able.push(name);
  }
  return { able, unfit, failures };
}

/** What is known about one budget at one commit before anything is measured. */
interface Answer {
  readonly key: string;
  readonly outlook: Outlook;
}

/** One commit and the budgets to answer for it; `measures` of them need measuring. */
interface Task {
  readonly commit: Commit;
  readonly names: readonly string[];
  readonly measures: number;
}

class Backfill {
  /** The combinations of budget, commit and key that the history has a run for. */
  readonly #kept = new Set<string>();
  readonly #measured = new Set<Commit>();
  readonly #known = new Set<Commit>();
  /** By budget: how many commits cannot run it, and why the newest of them cannot. */
  readonly #unable = new Map<string, { readonly count: number; readonly newest: Commit; readonly message: string }>();
  #started = 0;
  #done = 0;
  #total = 0;

  constructor(
    readonly project: OpenProject,
    readonly config: Config,
    readonly budgets: readonly string[],
    readonly timeMs: number | null,
    readonly git: Git,
    readonly signal: AbortSignal,
    readonly onProgress: (progress: BackfillProgress) => void,
  ) {
    for (const name of budgets) {
      for (const { commit, dirty, key } of project.parts.history.rows(name, Number.MAX_SAFE_INTEGER)) {
        if (!dirty) this.#kept.add(idOf(name, commit, key));
      }
    }
  }

  /** Answers for all commits, which come newest first. */
  async all(commits: readonly Commit[]): Promise<Omit<Backfilled, 'failures'>> {
    const answers: (readonly [Commit, ReadonlyMap<string, Answer>])[] = [];
    for (const commit of commits) {
      if (this.signal.aborted) break;
      this.onProgress({ kind: 'looking', done: answers.length, total: commits.length });
      answers.push([commit, await this.#look(commit)]);
    }
    const tasks = tasksOf(answers, this.budgets);
    this.#total = tasks.reduce((sum, { measures }) => sum + measures, 0);
    this.#started = performance.now();
    this.#show();
    for (const task of tasks) {
      if (this.signal.aborted) break;
      await this.#do(task);
    }
    const notes = Array.from(this.#unable, ([name, { count, newest, message }]) => {
      const id = shortOf(newest.commit);
      const which =
        count === 1 ? l10n.t`commit ${id} cannot run it` : l10n.t`${count} commits cannot run it, most recently ${id}`;
      return `${name}: ${which}: ${message.replace(/\.$/, '')}.`;
    });
    const known = [...this.#known].filter((commit) => !this.#measured.has(commit)).length;
    return { commits: commits.length, measured: this.#measured.size, known, notes };
  }

  /** Finds out what is known about a commit. Runs no benchmark. */
  async #look(commit: Commit): Promise<ReadonlyMap<string, Answer>> {
    const answers = new Map<string, Answer>();
    await this.#run(commit, this.budgets, (name, key, outlook) => {
      // That is an answer already, and needs no measuring.
      if (outlook === 'unable') return true;
      if (this.#kept.has(idOf(name, commit.commit, key))) this.#known.add(commit);
      else answers.set(name, { key, outlook });
      return false;
    });
    return answers;
  }

  async #do({ commit, names, measures }: Task): Promise<void> {
    const before = this.#done;
    await this.#run(commit, names, () => true);
    // Budgets that could not run, or were known by then, are done as well.
    if (!this.signal.aborted) this.#done = before + measures;
    this.#show();
  }

  async #run(commit: Commit, names: readonly string[], wants: MeasuredCommit['wants']): Promise<void> {
    const { parent } = commit;
    const sideOf = (id: string) => commitSide(this.git, id, shortOf(id));
    const measured: MeasuredCommit = {
      commit: commit.commit,
      at: commit.at,
      code: sideOf(commit.commit),
      before:
        parent === null
          ? { old: null, note: l10n.t('it has no parent commit to compare with') }
          : { old: sideOf(parent), note: null },
      wants,
    };
    const request = { against: parent ?? 'none', ...(this.timeMs !== null && { timeMs: this.timeMs }) };
    await this.project.parts.runner.run(this.config, names, request, this.signal, this.#events(commit), measured);
  }

  #events(commit: Commit): RunEvents {
    const nothing = (): void => undefined;
    return {
      ...{ baseline: nothing, measuring: nothing, progress: nothing },
      result: ({ name, verdict, cached, message }) => {
        if (verdict === 'error') {
          const before = this.#unable.get(name);
          const newest = before === undefined || commit.at > before.newest.at ? { newest: commit, message } : before;
          this.#unable.set(name, { ...newest, count: (before?.count ?? 0) + 1 });
        } else if (cached) this.#known.add(commit);
        else {
          this.#measured.add(commit);
          this.#done++;
          this.#show();
        }
      },
    };
  }

  #show(): void {
    const done = Math.min(this.#done, this.#total);
    const leftMs = done === 0 ? null : ((performance.now() - this.#started) / done) * (this.#total - done);
    this.onProgress({ kind: 'measuring', done, total: this.#total, leftMs });
  }
}

const idOf = (budget: string, commit: string | null, key: string): string => `${commit}\n${key}\n${budget}`;

const shortOf = (commit: string): string => commit.slice(0, 7);

/**
 * Returns the tasks, newest commits first. A commit that leaves a benchmark's code alone has the figures of the commit that
 * wrote that code, so it waits for that commit.
 */
function tasksOf(
  commits: readonly (readonly [Commit, ReadonlyMap<string, Answer>])[],
  budgets: readonly string[],
): readonly Task[] {
  /** By the indexes of the commit to wait for and of the task's own commit. */
  const tasks = new Map<
    string,
    { readonly order: number; readonly commit: Commit; names: string[]; measures: number }
  >();
  const seen = new Set<string>();
  const add = (name: string, index: number, turn: number): void => {
    const [commit, answers] = commits[index] ?? [];
    const answer = answers?.get(name);
    if (commit === undefined || answer === undefined) return;
    // The commit that the others wait for comes first.
    const order = turn * (commits.length + 1) + (index === turn ? 0 : index + 1);
    const task = tasks.get(`${turn} ${index}`) ?? { order, commit, names: [], measures: 0 };
    tasks.set(`${turn} ${index}`, task);
    task.names.push(name);
    const isMeasured = index === turn && (answer.outlook === 'changed' || answer.outlook === 'unchanged');
    if (isMeasured && !seen.has(idOf(name, null, answer.key))) task.measures++;
    seen.add(idOf(name, null, answer.key));
  };
  for (const name of budgets) {
    let waiting: number[] = [];
    const settle = (turn = waiting[0] ?? 0): void => {
      for (const index of waiting) add(name, index, turn);
      waiting = [];
    };
    for (const [index, [, answers]] of commits.entries()) {
      const outlook = answers.get(name)?.outlook;
      if (outlook === 'unchanged') {
        waiting.push(index);
        continue;
      }
      settle(outlook === 'changed' ? index : undefined);
      add(name, index, index);
    }
    settle();
  }
  return [...tasks.values()].sort((a, b) => a.order - b.order);
}
