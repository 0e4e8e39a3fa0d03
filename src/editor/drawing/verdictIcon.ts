import * as vscode from 'vscode';
import type { Verdict } from '../../core/results/measurement.js';
import type { BudgetState } from '../../core/results/state.js';

const icons: Readonly<Record<Verdict, readonly [icon: string, color: string]>> = {
  pass: ['pass', 'testing.iconPassed'],
  warn: ['warning', 'list.warningForeground'],
  fail: ['error', 'testing.iconFailed'],
  undecided: ['question', 'testing.iconQueued'],
  error: ['bug', 'testing.iconErrored'],
};

/** Returns the icon of a verdict in the colours of the theme; `isOld` for one that may no longer hold. */
export function verdictIcon(verdict: Verdict, isOld = false): vscode.ThemeIcon {
  const [icon, color] = icons[verdict];
  return new vscode.ThemeIcon(icon, new vscode.ThemeColor(isOld ? 'disabledForeground' : color));
}

export function stateIcon(state: BudgetState): vscode.ThemeIcon {
  switch (state.kind) {
    case 'known':
      return verdictIcon(state.known.result.verdict);
    case 'stale':
      return verdictIcon(state.previous.result.verdict, true);
    case 'measuring':
      return new vscode.ThemeIcon('loading~spin');
    case 'unmeasured':
      return new vscode.ThemeIcon('circle-outline');
  }
}
