import * as vscode from 'vscode';
import { showInformation } from '../session/dialogs.js';
import type { Session } from '../session/session.js';

/** What we use of Git's own extension: https://github.com/microsoft/vscode/blob/main/extensions/git/src/api/git.d.ts */
interface GitExtension {
  getAPI(version: 1): { getRepository(uri: vscode.Uri): object | null };
}

/** Shows a commit as the Git extension does; if it cannot, copies its id. */
export async function showCommit(session: Session, root: string, commit: string): Promise<void> {
  const folder = vscode.Uri.file(root);
  try {
    const git = await vscode.extensions.getExtension<GitExtension>('vscode.git')?.activate();
    if ((git?.getAPI(1).getRepository(folder) ?? null) !== null) {
      await vscode.commands.executeCommand('git.viewCommit', folder, commit);
      return;
    }
  } catch (error) {
    // It is turned off, or too old to have that command.
    session.log.debug(`The Git extension cannot show ${commit}: ${String(error)}`);
  }
  await vscode.env.clipboard.writeText(commit);
  showInformation(
    vscode.l10n.t('{0} is on the clipboard, because the Git extension cannot show it here.', commit.slice(0, 7)),
  );
}
