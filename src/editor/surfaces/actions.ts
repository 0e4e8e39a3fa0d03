import * as vscode from 'vscode';
import { canExplain } from '../commands/explain.js';
import { choose, type Choice } from '../session/dialogs.js';
import { commands, type BudgetKey } from '../session/ids.js';
import { againstOf, type Session } from '../session/session.js';
import { locationsOf } from '../session/budgetIndex.js';
import { stateTitle } from '../../core/text/title.js';

interface Action extends Choice {
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
    const choices: readonly (Action | null)[] = [
      measuring ? { icon: 'debug-stop', label: 'Cancel', command: commands.cancel } : null,
      vscode.workspace.isTrusted
        ? { icon: 'play', label: 'Run This Budget', command: commands.runBudget, args: [key] }
        : { icon: 'shield', label: 'Manage Workspace Trust', command: 'workbench.trust.manage' },
      canExplain(view) ? { icon: 'flame', label: 'Explain Regression', command: commands.explain, args: [key] } : null,
      { icon: 'history', label: 'Show History', command: commands.showHistory, args: [key] },
      places.has('code')
        ? { icon: 'symbol-method', label: 'Go to Code', command: commands.goTo, args: [key, 'code'] }
        : null,
      places.has('bench')
        ? { icon: 'beaker', label: 'Go to Benchmark', command: commands.goTo, args: [key, 'bench'] }
        : null,
      { icon: 'go-to-file', label: 'Go to Budget', command: commands.goTo, args: [key, 'entry'] },
      vscode.workspace.isTrusted
        ? { icon: 'bookmark', label: 'Capture Baseline…', command: commands.captureBaseline, args: [key] }
        : null,
      { icon: 'output', label: 'Show Output', command: commands.showOutput },
    ];
    const picked = await choose(
      choices.filter((choice) => choice !== null),
      { title: view.budget.name, placeHolder: stateTitle(view.state, againstOf(project)) },
    );
    if (picked !== undefined) await vscode.commands.executeCommand(picked.command, ...(picked.args ?? []));
  });
}
