import * as vscode from 'vscode';
import type { Location } from '../../core/problem.js';
import { PositionTracker } from './positionTracker.js';
import { fileKey } from './budgetIndex.js';

/** After a document turns clean, its save may still be announced for this long. */
const saveLagMs = 100;

/** Keeps what is shown in its place while documents are edited. */
export class DocumentPositions implements vscode.Disposable {
  readonly #tracker = new PositionTracker();
  readonly #turnedClean = new Map<string, NodeJS.Timeout>();
  readonly #listeners = vscode.Disposable.from(
    vscode.workspace.onDidChangeTextDocument((event) => this.#changed(event)),
    vscode.workspace.onDidSaveTextDocument((document) => {
      const key = fileKey(document.uri.fsPath);
      this.#forget(key);
      this.#tracker.saved(key);
    }),
    vscode.workspace.onDidCloseTextDocument((document) => this.#tracker.reset(fileKey(document.uri.fsPath))),
  );

  /** Returns the range in the current text of `location`, which was found in the saved file. */
  now(location: Location): vscode.Range {
    const { start, end } = this.#tracker.now(location, fileKey(location.file));
    return new vscode.Range(start.line - 1, start.column - 1, end.line - 1, end.column - 1);
  }

  dispose(): void {
    this.#listeners.dispose();
    for (const key of [...this.#turnedClean.keys()]) this.#forget(key);
  }

  #changed({ document, contentChanges }: vscode.TextDocumentChangeEvent): void {
    if (document.uri.scheme !== 'file') return;
    const key = fileKey(document.uri.fsPath);
    if (contentChanges.length > 0) {
      this.#tracker.edited(
        key,
        contentChanges.map(({ range, text }) => ({ start: oneBased(range.start), end: oneBased(range.end), text })),
      );
    }
    this.#forget(key);
    if (document.isDirty) return;
    // Clean without a save: undone to the saved text, or read again from disk. Either way the saved places hold again.
    this.#turnedClean.set(
      key,
      setTimeout(() => {
        this.#turnedClean.delete(key);
        if (!document.isDirty) this.#tracker.reset(key);
      }, saveLagMs),
    );
  }

  #forget(key: string): void {
    clearTimeout(this.#turnedClean.get(key));
    this.#turnedClean.delete(key);
  }
}

function oneBased(position: vscode.Position): { line: number; column: number } {
  return { line: position.line + 1, column: position.character + 1 };
}
