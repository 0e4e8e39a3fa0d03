import * as vscode from 'vscode';
import { isBroken as isBrokenLimit } from '../../core/judge/baseline-policy.js';
import { escapeLabel } from '../../core/text/escape.js';
import { captureRefusal } from '../../core/text/capture.js';
import { formatChange, formatTime } from '../../core/language/figures.js';
import type { BudgetResult } from '../../core/results/measurement.js';
import { lastResult } from '../../core/results/state.js';
import type { BudgetView, Project } from '../../engine/project/snapshot.js';
import { choose, showError, showInformation, type Choice } from '../session/dialogs.js';
import { commands, type BudgetKey } from '../session/ids.js';
import { pickProject } from './pick.js';
import { whenSlow } from './progress.js';
import { againstOf, type Session } from '../session/session.js';
import type { HistoryRow } from '../../engine/history/store.js';
import { resultTitle, stateTitle } from '../../core/text/title.js';

/** How many runs are searched for the one behind a known verdict. */
const searchedRuns = 60;

/** Capture Baseline: asks for a name and a reason, shows what would be accepted, and then captures it. */
export function captureCommand(session: Session): vscode.Disposable {
  return vscode.commands.registerCommand(commands.captureBaseline, async (key?: BudgetKey) => {
    const project =
      (key && session.find(key)?.project) ??
      (await pickProject(session, vscode.l10n.t('Capture the baseline of which budgets?')));
    if (project === undefined || !vscode.workspace.isTrusted) return;
    // Asks no questions if nothing can be captured.
    const why = await measured(session, project);
    if (why !== null) {
      showError(why);
      return;
    }
    const named = await newName(project);
    if (named === undefined) return;
    const { name, replace } = named;
    const isBroken = resultsOf(project).some(isBrokenLimit);
    const reason = await vscode.window.showInputBox({
      title: vscode.l10n.t('Capture Baseline (2 of 3)'),
      prompt: isBroken
        ? vscode.l10n.t('Why you accept these figures.')
        : vscode.l10n.t('Why you accept these figures (optional).'),
      placeHolder: vscode.l10n.t('The new parser checks its input'),
      validateInput: (text) =>
        isBroken && text.trim() === '' ? vscode.l10n.t('A limit is broken. Say why you accept that.') : undefined,
    });
    if (reason === undefined || !(await confirmed(project, name))) return;
    const captured = await whenSlow(session, vscode.l10n.t('Capturing {0}', name), (signal) =>
      project.capture({ name, reason: reason.trim(), automatic: false, replace }, signal),
    );
    if (captured.ok) showInformation(vscode.l10n.t('Baseline {0} captured.', captured.value.name));
    else showError(captured.error);
  });
}

/** Asks for a name until it is one that can be kept; undefined if the user gives up. An existing baseline is replaced only on request. */
async function newName(project: Project): Promise<{ readonly name: string; readonly replace: boolean } | undefined> {
  let value = '';
  for (;;) {
    const text = await vscode.window.showInputBox({
      title: vscode.l10n.t('Capture Baseline (1 of 3)'),
      prompt: vscode.l10n.t('The name of the baseline.'),
      placeHolder: 'v3.0.0',
      value,
      validateInput: async (typed) => {
        const problem = await project.baselineNameProblem(typed.trim());
        if (problem === null) return undefined;
        const { Error, Warning } = vscode.InputBoxValidationSeverity;
        return { message: escapeLabel(problem.message), severity: problem.kind === 'taken' ? Warning : Error };
      },
    });
    if (text === undefined) return undefined;
    const name = text.trim();
    const problem = await project.baselineNameProblem(name);
    if (problem === null) return { name, replace: false };
    value = text;
    if (problem.kind === 'refused') continue;
    const another: Choice = { icon: 'edit', label: vscode.l10n.t('Choose Another Name') };
    const replace: Choice = {
      icon: 'replace',
      label: vscode.l10n.t('Replace {0}', name),
      detail: vscode.l10n.t('Its figures and its reason are lost.'),
    };
    const picked = await choose([another, replace], {
      title: vscode.l10n.t('Capture Baseline'),
      placeHolder: problem.message,
    });
    if (picked === undefined) return undefined;
    if (picked === replace) return { name, replace: true };
  }
}

/** Measures if `defaults.capture` says how. Returns one sentence if nothing can be captured, otherwise null. */
async function measured(session: Session, project: Project): Promise<string | null> {
  const why = await project.cannotCapture();
  if (why !== null) return why;
  if ((project.snapshot.config?.defaults.capture ?? null) !== null) {
    const title = vscode.l10n.t('Measuring for the baseline');
    const { budgets } = await whenSlow(session, title, (signal) =>
      project.run({ capturing: true, fresh: true }, signal),
    );
    const measured = new Set(budgets.map(({ name }) => name));
    // Figures of earlier runs, measured in another way, are no substitute.
    if (!project.snapshot.budgets.every(({ budget }) => measured.has(budget.name)))
      return vscode.l10n.t('The measurement was cancelled, so nothing was captured.');
  }
  const results = resultsOf(project);
  if (results.length === 0) return vscode.l10n.t('The current code has not been measured. Run the budgets first.');
  return captureRefusal(results, null, { reason: 'to be asked for', automatic: false });
}

const resultsOf = (project: Project): readonly BudgetResult[] =>
  project.snapshot.budgets.flatMap(({ state }) => (state.kind === 'known' ? [state.known.result] : []));

/** Shows each budget's old and new figure. Returns whether the user chose the first line, as Enter alone does. */
async function confirmed(project: Project, name: string): Promise<boolean> {
  const against = againstOf(project);
  const lines = await Promise.all(project.snapshot.budgets.map((view) => acceptance(project, view, against)));
  const broken = lines.filter((line) => line.breaks).length;
  const accept: Choice = {
    icon: 'bookmark',
    label: vscode.l10n.t('Capture {0}', name),
    detail:
      broken === 0
        ? vscode.l10n.t('No limit is broken.')
        : broken === 1
          ? vscode.l10n.t('{0} of these breaks a limit.', broken)
          : vscode.l10n.t('{0} of these break a limit.', broken),
    alwaysShow: true,
  };
  const options = {
    title: vscode.l10n.t('Capture Baseline (3 of 3)'),
    placeHolder: vscode.l10n.t('Press Enter to capture or Escape to cancel'),
    matchOnDescription: true,
  };
  const picked = await choose([accept], options, {
    title: vscode.l10n.t('What it accepts'),
    choices: lines.map(({ item }) => item),
  });
  return picked === accept;
}

async function acceptance(
  project: Project,
  { budget, state }: BudgetView,
  against: string,
): Promise<{ item: Choice; breaks: boolean }> {
  const result = lastResult(state);
  const time = result === null ? null : await timeOf(project, result);
  const breaks = result?.checks.some(({ level, verdict }) => level === 'limit' && verdict === 'fail') ?? false;
  const comparison = result?.comparison ?? null;
  const figures =
    time === null
      ? ''
      : comparison === null || comparison.ratio === 1
        ? formatTime(time.value, time)
        : `${formatTime(time.value / comparison.ratio, scaled(time, comparison.ratio))} → ${formatTime(time.value, time)} (${formatChange(comparison.ratio, comparison)})`;
  const detail = result === null ? stateTitle(state, against) : resultTitle(result, against);
  return {
    item: { icon: breaks ? 'error' : 'dash', label: budget.name, description: figures, detail },
    breaks,
  };
}

/** Returns the time of the run behind this verdict: the newest run may have measured other code. */
async function timeOf(project: Project, { name, samples, comparison }: BudgetResult): Promise<HistoryRow['time']> {
  const runs = await project.history(name, searchedRuns, true);
  const run = runs.find(({ result }) => result.samples === samples && result.comparison?.ratio === comparison?.ratio);
  return run?.time ?? null;
}

const scaled = ({ low, high }: { low: number; high: number }, ratio: number): { low: number; high: number } => ({
  low: low / ratio,
  high: high / ratio,
});
