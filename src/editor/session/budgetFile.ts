import * as vscode from 'vscode';
import type { TextEdit } from '../../core/assist/edit-config.js';
import { configFileName } from '../../core/config/file-names.js';
import type { Project } from '../../engine/project/snapshot.js';
import { showError } from './dialogs.js';
import { editDocuments } from './edits.js';

/** Opens the `perf-budget.jsonc` of a project without showing it; its text may have changes that are not saved. */
export const openBudgetFileOf = ({ root }: Project): Thenable<vscode.TextDocument> =>
  vscode.workspace.openTextDocument(vscode.Uri.file(`${root}/${configFileName}`));

/** Edits a budget file; null if it has a mistake, which is said instead. */
export async function editBudgetFile(document: vscode.TextDocument, edits: readonly TextEdit[] | null): Promise<void> {
  if (edits === null) showError(vscode.l10n.t('{0} has a mistake. Correct it first.', configFileName));
  else await editDocuments([{ document, edits }]);
}
