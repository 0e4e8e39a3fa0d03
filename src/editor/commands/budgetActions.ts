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
    mayRun &&
      isMeasured &&
      action('play', result === null ? vscode.l10n.t('Measure') : vscode.l10n.t('Measure Again'), commands.runBudget),
    canExplain(view) && action('flame', vscode.l10n.t('Explain Regression'), commands.explain),
    mayRun && hasOldCode && action('diff', vscode.l10n.t('Compare with Baseline'), commands.compare),
    action('history', vscode.l10n.t('Show History'), commands.showHistory),
    mayRun &&
      isCurrent &&
      action(
        'bookmark',
        broken ? vscode.l10n.t('Accept…') : vscode.l10n.t('Capture Baseline…'),
        commands.captureBaseline,
      ),
    isCurrent && loosenedChecks(result ?? none).length > 0
      ? action('fold-up', vscode.l10n.t('Loosen to What Was Measured'), commands.loosen)
      : false,
    broken && action('calendar', vscode.l10n.t('Waive Until…'), commands.waive),
    { icon: 'go-to-file', label: vscode.l10n.t('Open Budget'), command: commands.goTo, args: [key, 'entry'] },
  ];
  return all.filter((one) => one !== false);
}

const none = { checks: [], comparison: null };
