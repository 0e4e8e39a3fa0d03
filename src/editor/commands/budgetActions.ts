import * as vscode from 'vscode';
import { loosenedChecks } from '../../core/assist/loosen.js';
import { isBroken } from '../../core/judge/baseline-policy.js';
import { lastResult } from '../../core/results/state.js';
import type { BudgetView, Project } from '../../engine/project/snapshot.js';
import type { Choice } from '../session/dialogs.js';
import { commands } from '../session/ids.js';
import { keyOf } from '../session/session.js';
import { canExplain } from './explain.js';

/** What can be done about a budget. */
export interface BudgetAction extends Choice {
  readonly command: string;
  readonly args: readonly unknown[];
}

/** Returns what can be done about a budget now, what finds out more first. Nothing that could not work. */
export function budgetActions(project: Project, view: BudgetView): readonly BudgetAction[] {
  const key = keyOf(project, view);
  const action = (icon: string, label: string, command: string): BudgetAction => ({
    icon,
    label,
    command,
    args: [key],
  });
  const result = lastResult(view.state);
  const isMeasured = view.budget.subject.kind !== 'manual';
  const broken = result !== null && isBroken(result);
  const isCurrent = view.state.kind === 'known' && result?.verdict !== 'error';
  const mayRun = vscode.workspace.isTrusted;
  const hasOldCode = isMeasured && result !== null && (project.snapshot.baseline?.commit ?? null) !== null;
  const all: readonly (BudgetAction | false)[] = [
    mayRun && isMeasured && action('play', result === null ? 'Measure' : 'Measure Again', commands.runBudget),
    canExplain(view) && action('flame', 'Explain Regression', commands.explain),
    mayRun && hasOldCode && action('diff', 'Compare with Baseline', commands.compare),
    action('history', 'Show History', commands.showHistory),
    mayRun && isCurrent && action('bookmark', broken ? 'Accept…' : 'Capture Baseline…', commands.captureBaseline),
    isCurrent && loosenedChecks(result ?? none).length > 0
      ? action('fold-up', 'Loosen to What Was Measured', commands.loosen)
      : false,
    broken && action('calendar', 'Waive Until…', commands.waive),
    { icon: 'go-to-file', label: 'Open Budget', command: commands.goTo, args: [key, 'entry'] },
  ];
  return all.filter((one) => one !== false);
}

const none = { checks: [], comparison: null };
