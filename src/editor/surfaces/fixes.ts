import * as vscode from 'vscode';
import { visible, visibleLine } from '../../core/text/escape.js';
import { fileKey } from '../session/budgetIndex.js';
import { source } from '../session/ids.js';
import type { Session } from '../session/session.js';
import { rangeOf, budgetsIn } from '../session/documentBudgets.js';

/** Corrects a misspelt word if its problem suggests what was meant. */
export function fixes(session: Session): vscode.Disposable {
  const provider: vscode.CodeActionProvider = {
    async provideCodeActions(document, _, { diagnostics }) {
      const ours = diagnostics.filter((diagnostic) => diagnostic.source === source);
      if (ours.length === 0) return [];
      // Uses the current text, not where its problems were last drawn: one fix may come right after another.
      const written = (await budgetsIn(session, document))?.problems ?? [];
      const key = fileKey(document.uri.fsPath);
      const saved = session.projects.flatMap(({ snapshot }) => snapshot.problems);
      const places = [
        ...written.map((problem) => ({ problem, range: rangeOf(problem.location) })),
        ...saved
          .filter(({ location }) => fileKey(location.file) === key)
          .map((problem) => ({ problem, range: session.positions.now(problem.location) })),
      ];
      return ours.flatMap((diagnostic) => {
        const same = places.filter(({ problem }) => visible(problem.message) === diagnostic.message);
        const place = same.find(({ range }) => range.start.line === diagnostic.range.start.line) ?? same[0];
        const suggestion = place?.problem.suggestion;
        if (place === undefined || suggestion === undefined) return [];
        const wrong = document.getText(place.range);
        if (!place.problem.message.includes(wrong)) return [];
        const action = new vscode.CodeAction(
          visibleLine(`Change ${wrong} to ${suggestion}`),
          vscode.CodeActionKind.QuickFix,
        );
        action.edit = new vscode.WorkspaceEdit();
        action.edit.replace(document.uri, place.range, suggestion);
        action.diagnostics = [diagnostic];
        action.isPreferred = true;
        return [action];
      });
    },
  };
  return vscode.languages.registerCodeActionsProvider({ scheme: 'file' }, provider, {
    providedCodeActionKinds: [vscode.CodeActionKind.QuickFix],
  });
}
