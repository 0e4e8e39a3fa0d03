import * as vscode from 'vscode';
import { applied, placesOf, type TextEdit } from '../../core/assist/edit-config.js';
import { visibleLine } from '../../core/text/escape.js';

/** What may be before a new entry in its edit. */
const space = /^(?:[\s,]|\/\/[^\n]*|\/\*[^]*?\*\/)*/;

/** Edits of one document. */
export interface DocumentEdits {
  readonly document: vscode.TextDocument;
  readonly edits: readonly TextEdit[];
}

/**
 * Edits documents as one step that can be undone, and puts the cursor on the last new text of the first. With `label`, VS Code shows them
 * in its refactor preview first, where the user ticks what to do. Nothing is saved. Returns whether anything was changed.
 */
export async function editDocuments(all: readonly DocumentEdits[], label: string | null = null): Promise<boolean> {
  const edit = new vscode.WorkspaceEdit();
  const metadata = label === null ? undefined : { needsConfirmation: true, label: visibleLine(label) };
  const before = all.map(({ document }) => document.getText());
  for (const { document, edits } of all) {
    for (const { range, text } of edits) {
      const where = new vscode.Range(document.positionAt(range.start), document.positionAt(range.end));
      edit.replace(document.uri, where, text, metadata);
    }
  }
  const isDone = await vscode.workspace.applyEdit(edit, { isRefactoring: label !== null });
  const index = all.findIndex(({ document }, at) => document.getText() !== before[at]);
  const changed = all[index];
  if (!isDone || changed === undefined) return false;
  const { document, edits } = changed;
  const text = document.getText();
  const isWhole = text === applied(before[index] ?? '', edits);
  const place = (isWhole ? placesOf(edits).at(-1) : edits[0]?.range) ?? { start: 0, end: 0 };
  // Behind the comma, the comments and the indentation before a new entry.
  const offset = place.start + (isWhole ? (space.exec(text.slice(place.start, place.end))?.[0].length ?? 0) : 0);
  const start = document.positionAt(offset);
  await vscode.window.showTextDocument(document, { selection: new vscode.Range(start, start) });
  return true;
}
