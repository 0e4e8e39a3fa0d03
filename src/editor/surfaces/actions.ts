import * as vscode from 'vscode';
import { commands, type BudgetKey } from '../session/ids.js';
import { againstOf, type Session } from '../session/session.js';
import { locationsOf } from '../session/budgetIndex.js';
import { stateTitle } from '../../core/text/title.js';

interface Action extends vscode.QuickPickItem {
  readonly command: string;
  readonly args?: readonly unknown[];
}

/** Shows what can be done about one budget; a click on its lens opens it. */
export function actions(session: Session): vscode.Disposable {
  return vscode.commands.registerCommand(commands.showActions, async (key: BudgetKey) => {
    const found = session.find(key);
    if (found === null) return;
    const { project, view } = found;
    const places = new Set(locationsOf(view).map(({ place }) => place));
    const measuring = project.snapshot.progress !== null;
    const items: readonly (Action | null)[] = [
      measuring ? { label: '$(debug-stop) Cancel', command: commands.cancel } : null,
      vscode.workspace.isTrusted
        ? { label: '$(play) Run This Budget', command: commands.runBudget, args: [key] }
        : { label: '$(shield) Manage Workspace Trust', command: 'workbench.trust.manage' },
      { label: '$(history) Show History', command: commands.showHistory, args: [key] },
      places.has('code') ? { label: '$(symbol-method) Go to Code', command: commands.goTo, args: [key, 'code'] } : null,
      places.has('bench') ? { label: '$(beaker) Go to Benchmark', command: commands.goTo, args: [key, 'bench'] } : null,
      { label: '$(go-to-file) Go to Budget', command: commands.goTo, args: [key, 'entry'] },
      vscode.workspace.isTrusted
        ? { label: '$(bookmark) Capture Baseline…', command: commands.captureBaseline, args: [key] }
        : null,
      { label: '$(output) Show Output', command: commands.showOutput },
    ];
    const picked = await vscode.window.showQuickPick(
      items.filter((item) => item !== null),
      { title: view.budget.name, placeHolder: stateTitle(view.state, againstOf(project)) },
    );
    if (picked !== undefined) await vscode.commands.executeCommand(picked.command, ...(picked.args ?? []));
  });
}
