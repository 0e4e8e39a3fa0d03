import path from 'node:path';
import * as vscode from 'vscode';
import { commands } from '../session/ids.js';
import { pickProject } from './pick.js';
import type { Session } from '../session/session.js';
import { configFileName } from '../../core/config/file-names.js';

/** Open Budget File: the one for the active file, or the one that the user picks. */
export function openBudgetFile(session: Session): vscode.Disposable {
  return vscode.commands.registerCommand(commands.openBudgetFile, async () => {
    const project = await pickProject(session, vscode.l10n.t('Which budget file?'));
    if (project === undefined) return;
    await vscode.window.showTextDocument(vscode.Uri.file(path.join(project.root, configFileName)));
  });
}
