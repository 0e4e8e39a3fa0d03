import * as vscode from 'vscode';
import { formatChange, formatTime } from '../core/figures.js';
import type { BudgetResult } from '../core/measurement.js';
import { lastResult, resultTitle, stateTitle } from '../core/wording.js';
import type { BudgetView, HistoryRow, Project } from '../engine/snapshot.js';
import { commands, type BudgetKey } from './ids.js';
import { pickProject } from './pick.js';
import { whenSlow } from './progress.js';
import { againstOf, type Session } from './session.js';

/** How far back the run may be that a known verdict is from. */
const searchedRuns = 60;

/** Capture Baseline: asks for a name and a reason, shows what would be accepted, and then keeps it. */
export function captureCommand(session: Session): vscode.Disposable {
  return vscode.commands.registerCommand(commands.captureBaseline, async (key?: BudgetKey) => {
    const project =
      (key && session.find(key)?.project) ?? (await pickProject(session, 'Capture the baseline of which budgets?'));
    if (project === undefined || !vscode.workspace.isTrusted) return;
    const name = await vscode.window.showInputBox({
      title: 'Capture Baseline (1 of 3)',
      prompt: 'What this baseline is called.',
      placeHolder: 'v3.0.0',
      validateInput: (text) => (text.trim() === '' ? 'A baseline needs a name.' : undefined),
    });
    if (name === undefined) return;
    const reason = await vscode.window.showInputBox({
      title: 'Capture Baseline (2 of 3)',
      prompt: 'Why these figures are accepted.',
      placeHolder: 'The new parser checks its input',
      validateInput: (text) => (text.trim() === '' ? 'Say why, for whoever reads the history.' : undefined),
    });
    if (reason === undefined || !(await confirmed(project, name.trim()))) return;
    const captured = await whenSlow(session, `Capturing ${name.trim()}`, () =>
      project.capture(name.trim(), reason.trim()),
    );
    if (captured.ok) void vscode.window.showInformationMessage(`Baseline ${captured.value.name} captured.`);
    else void vscode.window.showErrorMessage(captured.error);
  });
}

/** Shows each budget's old and new figure; true where the first line, or nothing else, was chosen. */
async function confirmed(project: Project, name: string): Promise<boolean> {
  const against = againstOf(project);
  const lines = await Promise.all(project.snapshot.budgets.map((view) => acceptance(project, view, against)));
  const broken = lines.filter((line) => line.breaks).length;
  const accept: vscode.QuickPickItem = {
    label: `$(bookmark) Capture ${name}`,
    detail: broken === 0 ? 'No limit is broken.' : `${broken} of these ${broken === 1 ? 'breaks' : 'break'} a limit.`,
    alwaysShow: true,
  };
  const separator = { label: 'What it accepts', kind: vscode.QuickPickItemKind.Separator };
  const picked = await vscode.window.showQuickPick([accept, separator, ...lines.map(({ item }) => item)], {
    title: 'Capture Baseline (3 of 3)',
    placeHolder: 'Enter captures, Escape leaves everything as it is',
    matchOnDescription: true,
  });
  return picked === accept;
}

async function acceptance(
  project: Project,
  { budget, state }: BudgetView,
  against: string,
): Promise<{ item: vscode.QuickPickItem; breaks: boolean }> {
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
    item: { label: `$(${breaks ? 'error' : 'dash'}) ${budget.name}`, description: figures, detail },
    breaks,
  };
}

/** What the run took that this verdict is from: the newest run may have been of other code. */
async function timeOf(project: Project, { name, samples, comparison }: BudgetResult): Promise<HistoryRow['time']> {
  const runs = await project.history(name, searchedRuns);
  const run = runs.find(({ result }) => result.samples === samples && result.comparison?.ratio === comparison?.ratio);
  return run?.time ?? null;
}

const scaled = ({ low, high }: { low: number; high: number }, ratio: number): { low: number; high: number } => ({
  low: low / ratio,
  high: high / ratio,
});
