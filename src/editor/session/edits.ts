import * as vscode from 'vscode';
import { placesOf, type TextEdit } from '../../core/assist/edit-config.js';
import { visibleLine } from '../../core/text/escape.js';

/** Edits of one document. */
export interface DocumentEdits {
  readonly document: vscode.TextDocument;
  readonly edits: readonly TextEdit[];
}

/**
 * Edits documents as one step that can be undone, and goes to the last new text of the first. With `label`, VS Code shows them first, for
 * the user to confirm. Nothing is saved. Returns whether they were made.
 */
export async function editDocuments(all: readonly DocumentEdits[], label: string | null = null): Promise<boolean> {
  const edit = new vscode.WorkspaceEdit();
  const metadata = label === null ? undefined : { needsConfirmation: true, label: visibleLine(label) };
  for (const { document, edits } of all) {
    for (const { range, text } of edits) {
      const where = new vscode.Range(document.positionAt(range.start), document.positionAt(range.end));
      edit.replace(document.uri, where, text, metadata);
    }
  }
  if (!(await vscode.workspace.applyEdit(edit, { isRefactoring: label !== null }))) return false;
  const [first] = all;
  const place = first === undefined ? undefined : placesOf(first.edits).at(-1);
  if (first === undefined || place === undefined) return true;
  const { document } = first;
  const text = document.getText().slice(place.start, place.end);
  // Neither the comma and the indentation before a new entry nor what ends its line.
  const start = place.start + (/^[\s,]*/.exec(text)?.[0].length ?? 0);
  const end = place.start + text.replace(/[\s,]+$/, '').length;
  const selection = new vscode.Range(document.positionAt(start), document.positionAt(Math.max(start, end)));
  await vscode.window.showTextDocument(document, { selection });
  return true;
}
