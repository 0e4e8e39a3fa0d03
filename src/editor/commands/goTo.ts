import * as vscode from 'vscode';
import { commands, type BudgetKey, type BudgetSite } from '../session/ids.js';
import type { Session } from '../session/session.js';
import { locationsOf } from '../session/budgetIndex.js';

/** Opens the function, the benchmark or the entry of a budget; without a place, the first that exists. */
export function goTo(session: Session): vscode.Disposable {
  return vscode.commands.registerCommand(commands.goTo, async (key: BudgetKey, place?: BudgetSite) => {
    const found = session.find(key);
    if (found === null) return;
    const places = locationsOf(found.view);
    const { location } = places.find((one) => one.place === place) ?? places[0] ?? { location: null };
    if (location === null) return;
    const range = session.positions.now(location);
    await vscode.window.showTextDocument(vscode.Uri.file(location.file), { selection: range });
  });
}
