import * as vscode from 'vscode';
import type { BudgetView } from '../../engine/project/snapshot.js';
import type { Session } from '../session/session.js';

/** Keeps the context keys for package.json's `when` clauses up to date. */
export function contexts(session: Session): vscode.Disposable {
  const set = new Map<string, boolean>();
  const keep = (name: string, value: boolean): void => {
    if (set.get(name) === value) return;
    set.set(name, value);
    void vscode.commands.executeCommand('setContext', `perfBudget.${name}`, value);
  };
  const update = (): void => {
    const snapshots = session.projects.map(({ snapshot }) => snapshot);
    keep('active', snapshots.length > 0);
    keep(
      'measuring',
      snapshots.some(({ progress }) => progress !== null),
    );
    keep(
      'measured',
      snapshots.some(({ budgets }) => budgets.some(isMeasured)),
    );
  };
  return vscode.Disposable.from(
    session.onDidChange(update),
    new vscode.Disposable(() => set.forEach((_, name) => keep(name, false))),
  );
}

/** Whether old and new code ran: that both are the same code is known without that. */
const isMeasured = ({ state }: BudgetView): boolean =>
  state.kind === 'known' && state.known.result.compared === 'measured';
