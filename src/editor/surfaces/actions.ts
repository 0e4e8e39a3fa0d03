import * as vscode from 'vscode';
import { budgetActions, type BudgetAction } from '../commands/budgetActions.js';
import { choose } from '../session/dialogs.js';
import { commands, manageTrust, type BudgetKey } from '../session/ids.js';
import { againstOf, type Session } from '../session/session.js';
import { locationsOf } from '../session/budgetIndex.js';
import { stateTitle } from '../../core/text/title.js';

/** Shows what can be done about one budget; a click on its lens opens it. */
export function actions(session: Session): vscode.Disposable {
  return vscode.commands.registerCommand(commands.showActions, async (key: BudgetKey) => {
    const found = session.find(key);
    if (found === null) return;
    const { project, view } = found;
    const places = new Set(locationsOf(view).map(({ place }) => place));
    const measuring = project.snapshot.progress !== null;
    const choices: readonly (BudgetAction | false)[] = [
      measuring && { icon: 'debug-stop', label: vscode.l10n.t('Cancel'), command: commands.cancel, args: [] },
      !vscode.workspace.isTrusted && {
        ...{
          icon: 'shield',
          label: vscode.l10n.t('Manage Workspace Trust'),
          command: manageTrust,
          args: [],
        },
      },
      ...budgetActions(project, view),
      places.has('code') && {
        icon: 'symbol-method',
        label: vscode.l10n.t('Go to Code'),
        command: commands.goTo,
        args: [key, 'code'],
      },
      places.has('bench') && {
        icon: 'beaker',
        label: vscode.l10n.t('Go to Benchmark'),
        command: commands.goTo,
        args: [key, 'bench'],
      },
      { icon: 'output', label: vscode.l10n.t('Show Output'), command: commands.showOutput, args: [] },
    ];
    const picked = await choose(
      choices.filter((choice) => choice !== false),
      { title: view.budget.name, placeHolder: stateTitle(view.state, againstOf(project)) },
    );
    if (picked !== undefined) await vscode.commands.executeCommand(picked.command, ...picked.args);
  });
}
