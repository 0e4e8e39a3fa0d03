import * as vscode from 'vscode';
import { fileKey } from './shown.js';
import { source } from './ids.js';
import type { Session } from './session.js';
import { writtenIn } from './written.js';

/** Corrects what is misspelt, where its problem knows what was meant. */
export function fixes(session: Session): vscode.Disposable {
  const provider: vscode.CodeActionProvider = {
    async provideCodeActions(document, _, { diagnostics }) {
      const ours = diagnostics.filter((diagnostic) => diagnostic.source === source);
      if (ours.length === 0) return [];
      const key = fileKey(document.uri.fsPath);
      const saved = session.projects.flatMap(({ snapshot }) => snapshot.problems);
      const problems = [
        ...((await writtenIn(session, document))?.problems ?? []),
        ...saved.filter(({ location }) => fileKey(location.file) === key),
      ];
      return ours.flatMap((diagnostic) => {
        const suggestion = problems.find(({ message }) => message === diagnostic.message)?.suggestion;
        if (suggestion === undefined) return [];
        const wrong = document.getText(diagnostic.range);
        const action = new vscode.CodeAction(`Change ${wrong} to ${suggestion}`, vscode.CodeActionKind.QuickFix);
        action.edit = new vscode.WorkspaceEdit();
        action.edit.replace(document.uri, diagnostic.range, suggestion);
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
