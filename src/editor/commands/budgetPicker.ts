import * as vscode from 'vscode';
import { commands } from '../session/ids.js';
import { pickBudget } from './pick.js';
import type { Session } from '../session/session.js';

/** All budgets of the workspace, to go to the code of one. */
export function budgetPicker(session: Session): vscode.Disposable {
  return vscode.commands.registerCommand(commands.showBudgets, async () => {
    const picked = await pickBudget(session, 'Go to the code of a budget');
    if (picked !== undefined) await vscode.commands.executeCommand(commands.goTo, picked);
  });
}
