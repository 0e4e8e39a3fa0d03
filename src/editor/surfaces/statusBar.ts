import path from 'node:path';
import * as vscode from 'vscode';
import { budgetsTable, commandLink, markdown, paragraphs } from '../../core/text/markdown.js';
import { meter, type Meter } from '../../core/text/meter.js';
import { markdownString } from '../drawing/markdown-string.js';
import { commands, manageTrust } from '../session/ids.js';
import { againstOf, type Session } from '../session/session.js';
import { showsMeter } from '../session/settings.js';

/** A tooltip is for a glance: the worst are enough. */
const mostRows = 20;

const showProblems = 'workbench.actions.view.problems';

const backgrounds: Readonly<Record<Meter['tone'], vscode.ThemeColor | undefined>> = {
  calm: undefined,
  warning: new vscode.ThemeColor('statusBarItem.warningBackground'),
  error: new vscode.ThemeColor('statusBarItem.errorBackground'),
};

/** Shows one meter for all budgets of the workspace; a click opens the picker. */
export function statusBar(session: Session): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('meter', vscode.StatusBarAlignment.Left, 0);
  item.name = 'Perf Budget';
  item.command = commands.showBudgets;

  const draw = (): void => {
    const { projects } = session;
    if (projects.length === 0 || !showsMeter()) {
      item.hide();
      return;
    }
    const { text, label, tone } = meter(
      projects.flatMap(({ snapshot }) => snapshot.budgets.map(({ state }) => state)),
      sum(projects.flatMap(({ snapshot }) => snapshot.progress ?? [])),
    );
    item.text = text;
    item.accessibilityInformation = { label, role: 'button' };
    item.backgroundColor = backgrounds[tone];
    item.tooltip = tooltip(session);
    item.show();
  };

  return vscode.Disposable.from(
    item,
    session.onDidChange(draw),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('perfBudget.statusBar')) draw();
    }),
  );
}

function sum(parts: readonly { done: number; total: number }[]): { done: number; total: number } | null {
  if (parts.length === 0) return null;
  return {
    done: parts.reduce((done, part) => done + part.done, 0),
    total: parts.reduce((total, part) => total + part.total, 0),
  };
}

function tooltip({ projects }: Session): vscode.MarkdownString {
  const rows = projects.flatMap((project) =>
    project.snapshot.budgets.map(({ budget, state }) => ({
      name: projects.length > 1 ? `${budget.name} (${path.basename(project.root)})` : budget.name,
      state,
      against: againstOf(project),
    })),
  );
  const problems = projects.reduce((count, { snapshot }) => count + snapshot.problems.length, 0);
  const measuring = projects.some(({ snapshot }) => snapshot.progress !== null);
  const actions = [
    ...(measuring ? [commandLink(vscode.l10n.t('Cancel'), commands.cancel)] : []),
    ...(vscode.workspace.isTrusted && !measuring ? [commandLink(vscode.l10n.t('Run All'), commands.runAll)] : []),
    commandLink(vscode.l10n.t('Open Budget File'), commands.openBudgetFile),
    commandLink(vscode.l10n.t('Show Output'), commands.showOutput),
  ];
  const hints = [
    markdown`**Perf Budget** ${markdown.join(actions, ' · ')}`,
    rows.length === 0 ? markdown.trusted(vscode.l10n.t('No budgets yet.')) : budgetsTable(rows, mostRows),
    ...(problems === 0 ? [] : [commandLink(vscode.l10n.t('{0} in Problems', problems), showProblems)]),
    ...(vscode.workspace.isTrusted
      ? []
      : [
          markdown`${markdown.trusted(vscode.l10n.t('This workspace is not trusted: known results are shown, but nothing is measured.'))} ${commandLink(vscode.l10n.t('Manage Workspace Trust'), manageTrust)}`,
        ]),
  ];
  const { cancel, runAll, openBudgetFile, showOutput } = commands;
  return markdownString(paragraphs(hints), [cancel, runAll, openBudgetFile, showOutput, showProblems, manageTrust]);
}
