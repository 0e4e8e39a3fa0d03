import * as vscode from 'vscode';
import type { Session } from './session.js';

const scheme = 'perf-budget-baseline';

/** Returns the address of a file as it was in a commit; read-only. `root` is the project's. */
export function oldCodeUri(root: string, commit: string, file: string): vscode.Uri {
  return vscode.Uri.file(file).with({ scheme, query: JSON.stringify([root, commit]) });
}

/** Reads old code for the diff editor: what Git would check out. */
export function oldCode(session: Session): vscode.Disposable {
  return vscode.workspace.registerTextDocumentContentProvider(scheme, {
    async provideTextDocumentContent(uri) {
      const [root, commit] = JSON.parse(uri.query) as [string, string];
      const project = session.projects.find((one) => one.root === root);
      if (project === undefined) throw new Error(vscode.l10n.t('{0} is not open.', root));
      const text = await project.oldText(commit, vscode.Uri.file(uri.path).fsPath);
      if (!text.ok) throw new Error(text.error);
      return text.value;
    },
  });
}
