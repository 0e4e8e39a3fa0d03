import * as l10n from '@vscode/l10n';
import { err, ok, type Result } from '../../core/result.js';
import type { BudgetResult } from '../../core/results/measurement.js';
import { sentence } from '../../core/text/words.js';
import { commitSide, type BaselineSide } from '../baseline/resolve.js';
import { cpuProfile } from '../explain/cpu-profile.js';
import type { Explained, ExplainRequest } from '../explain/request.js';
import type { Explainer } from '../explain/explainer.js';
import { GitError, type Git } from '../git/repository.js';
import type { ExplainProgress } from '../measure/explaining.js';
import type { Planner } from '../measure/plan.js';
import type { MeasuredCommit, RunEvents } from '../measure/request.js';
import type { Runner } from '../measure/run.js';
import type { Project } from './snapshot.js';

/** How many times a budget's usual time a comparison may take. */
const patience = 4;

/** What of a project it takes. */
interface Explainable extends Pick<Project, 'snapshot' | 'run'> {
  readonly configFile: string;
  readonly parts: {
    readonly trusted: boolean;
    readonly git: Git | null;
    readonly planner: Planner;
    readonly runner: Runner;
    readonly explainer: Explainer;
  };
}

/**
 * Compares two versions of a budget's benchmark, and finds out which functions and lines account for the difference. The error
 * is one sentence.
 */
export async function explainBudget(
  project: Explainable,
  request: ExplainRequest,
  onProgress: (progress: ExplainProgress) => void,
  signal: AbortSignal,
): Promise<Result<Explained, string>> {
  const { config } = project.snapshot;
  const budget = config?.budgets.find(({ name }) => name === request.budget);
  if (config === null) return err(l10n.t`${project.configFile} cannot be read.`);
  if (budget === undefined) return err(l10n.t`There is no budget "${request.budget}".`);
  if (!project.parts.trusted) return err(l10n.t('Nothing runs in Restricted Mode, so nothing can be explained.'));
  onProgress('comparing');
  // Who asks for causes waits for them. What is decided sooner ends sooner.
  const wanted = { timeMs: patience * budget.run.timeMs, ...request };
  const { to } = request;
  const measured = await (to === undefined
    ? ofWorkingTree(project, wanted, signal)
    : ofCommit(project, wanted, { to, baseline: budget.baseline }, onProgress, signal));
  if (!measured.ok) return measured;
  if (signal.aborted) return err(l10n.t('The explanation was cancelled.'));
  const { result } = measured.value;
  const about = { budget: budget.name, benchmark: result.benchmark, ...measured.value };
  const { explainer } = project.parts;
  const explanation = result.causes === undefined ? null : explainer.explanation(result.causes);
  if (explanation === null) return ok({ ...about, explanation, why: whyNot(result), profiles: null });
  const found = result.causes === undefined ? null : explainer.profiled(result.causes);
  if (found === null) return ok({ ...about, explanation, why: null, profiles: null });
  const [baseline, current] = (['baseline', 'current'] as const).map((side) =>
    cpuProfile(found, side, explainer.parts.workerPath),
  );
  const profiles = baseline === undefined || current === undefined ? null : { baseline, current };
  return ok({ ...about, explanation, why: null, profiles });
}

interface Compared {
  readonly result: BudgetResult;
  readonly from: string;
  readonly to: string;
}

async function ofWorkingTree(
  project: Explainable,
  { budget, from, timeMs, retainers = false }: ExplainRequest,
  signal: AbortSignal,
): Promise<Result<Compared, string>> {
  const request = {
    ...{ budgets: [budget], explain: { retainers } },
    ...(from !== undefined && { against: from }),
    ...(timeMs !== undefined && { timeMs }),
  };
  const { budgets, baseline } = await project.run(request, signal);
  const [result] = budgets;
  if (result === undefined) return err(l10n.t('The explanation was cancelled.'));
  return ok({ result, from: baseline?.name ?? from ?? l10n.t('the baseline'), to: l10n.t('the working tree') });
}

async function ofCommit(
  project: Explainable,
  { budget, from, timeMs, retainers = false }: ExplainRequest,
  { to, baseline }: { readonly to: string; readonly baseline: string },
  onProgress: (progress: ExplainProgress) => void,
  signal: AbortSignal,
): Promise<Result<Compared, string>> {
  const { git, planner, runner } = project.parts;
  const { config } = project.snapshot;
  if (git === null || config === null) return err(planner.parts.gitMessage);
  try {
    const commit = await git.resolve(to);
    if (commit === null) return err(l10n.t`"${to}" is not a revision of this repository.`);
    const before = await planner.baselineSide(from ?? baseline);
    const code: BaselineSide = commitSide(git, commit, to);
    const results: BudgetResult[] = [];
    const nothing = (): void => undefined;
    const events: RunEvents = {
      ...{ baseline: nothing, measuring: nothing, progress: nothing, explaining: onProgress },
      result: (found) => void results.push(found),
    };
    const measured: MeasuredCommit = { commit, at: Date.now(), code, before, isRecorded: false, wants: () => true };
    const request = {
      explain: { retainers },
      ...(from !== undefined && { against: from }),
      ...(timeMs !== undefined && { timeMs }),
    };
    await runner.run(config, [budget], request, signal, events, measured);
    const result = results.at(-1);
    if (result === undefined)
      return err(signal.aborted ? l10n.t('The explanation was cancelled.') : l10n.t`${budget} has no result.`);
    return ok({ result, from: before.old?.baseline.name ?? from ?? l10n.t('the baseline'), to });
  } catch (error) {
    if (error instanceof GitError) return err(`${error.message}.`);
    throw error;
  }
}

/** Says why there is nothing to explain. */
function whyNot({ verdict, message, compared, why }: BudgetResult): string {
  if (verdict === 'error') return sentence(message);
  if (compared === 'same code') return l10n.t('Both sides are the same code.');
  if (compared === 'nothing') return sentence(why ?? l10n.t('nothing was compared'));
  if (verdict === 'undecided')
    return l10n.t('Whether anything differs is undecided, so there is nothing to explain yet. Give it more time.');
  return l10n.t('The benchmark could not be profiled. Its verdict stands.');
}
