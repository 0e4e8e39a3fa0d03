import * as vscode from 'vscode';
import { commands } from '../session/ids.js';
import { pickBudget } from './pick.js';
import type { Session } from '../session/session.js';

/** Lists all budgets of the workspace, and goes to the code of the one that the user picks. */
export function budgetPicker(session: Session): vscode.Disposable {
  return vscode.commands.registerCommand(commands.showBudgets, async () => {
    const picked = await pickBudget(session, vscode.l10n.t('Go to the code of a budget'));
    if (picked !== undefined) await vscode.commands.executeCommand(commands.goTo, picked);
  });
}
