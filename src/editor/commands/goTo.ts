import * as vscode from 'vscode';
import { lastResult } from '../../core/results/state.js';
import { causeLocation } from '../session/causePlaces.js';
import { commands, type BudgetKey, type BudgetSite } from '../session/ids.js';
import type { Session } from '../session/session.js';
import { locationsOf } from '../session/budgetIndex.js';

/** Opens the function, the benchmark, the entry or a cause (by its index) of a budget; without a place, the first that exists. */
export function goTo(session: Session): vscode.Disposable {
  return vscode.commands.registerCommand(commands.goTo, async (key: BudgetKey, place?: BudgetSite | number) => {
    const found = session.find(key);
    if (found === null) return;
    const { project, view } = found;
    const cause = typeof place === 'number' ? lastResult(view.state)?.causes?.[place] : undefined;
    const places = locationsOf(view);
    const { location } = places.find((one) => one.place === place) ?? places[0] ?? { location: null };
    const target = cause === undefined ? location : causeLocation(cause, project.root);
    if (target === null) return;
    const { start } = session.positions.now(target);
    const range = cause === undefined ? session.positions.now(target) : new vscode.Range(start, start);
    await vscode.window.showTextDocument(vscode.Uri.file(target.file), { selection: range });
  });
}
