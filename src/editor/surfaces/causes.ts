import * as vscode from 'vscode';
import type { Cause } from '../../core/results/causes.js';
import { isBroken, lineWords } from '../../core/text/causes-table.js';
import { causeShort } from '../../core/text/cause.js';
import { visible, visibleLine } from '../../core/text/escape.js';
import { causeLocation } from '../session/causePlaces.js';
import { fileKey } from '../session/budgetIndex.js';
import { commands, source } from '../session/ids.js';
import { keyOf, type Session } from '../session/session.js';
import { showsCauses } from '../session/settings.js';

/** How soon after a keystroke a changed line loses its mark. */
const pauseMs = 100;

/** A cause in a file, while its budget is broken and its verdict is about the text as it was saved. */
interface Mark {
  readonly cause: Cause;
  readonly range: vscode.Range;
  readonly diagnostic: vscode.Diagnostic;
}

/** Marks the lines that account for a broken budget: dots under the line with the whole sentence, and the figure behind it. */
export function causes(session: Session): vscode.Disposable {
  const hints = vscode.languages.createDiagnosticCollection(`${source}-causes`);
  const behind = vscode.window.createTextEditorDecorationType({
    after: { color: new vscode.ThemeColor('editorCodeLens.foreground'), margin: '0 0 0 3ch' },
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
  });
  /** What was set, by document: only changes cross to the window. */
  const drawn = new Map<string, string>();
  let timer: NodeJS.Timeout | undefined;

  const draw = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const editors = vscode.window.visibleTextEditors;
    for (const document of new Set(editors.map((editor) => editor.document))) {
      const key = document.uri.toString();
      const marks = marksIn(session, document);
      const diagnostics = marks.map(({ diagnostic }) => diagnostic);
      const shown = JSON.stringify(diagnostics.map(({ range, message }) => [range, message]));
      if ((drawn.get(key) ?? '[]') !== shown) hints.set(document.uri, diagnostics);
      drawn.set(key, shown);
      const options = showsCauses(document) ? decorations(document, marks) : [];
      for (const editor of editors) if (editor.document === document) editor.setDecorations(behind, options);
    }
  };

  return vscode.Disposable.from(
    hints,
    behind,
    session.onDidChange(draw),
    vscode.window.onDidChangeVisibleTextEditors(draw),
    vscode.workspace.onDidChangeTextDocument(({ document }) => {
      if (drawn.has(document.uri.toString())) timer ??= setTimeout(draw, pauseMs);
    }),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => {
      drawn.delete(uri.toString());
      hints.delete(uri);
    }),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('perfBudget.causes.inline')) draw();
    }),
    new vscode.Disposable(() => clearTimeout(timer)),
  );
}

function marksIn(session: Session, document: vscode.TextDocument): readonly Mark[] {
  if (document.uri.scheme !== 'file') return [];
  const here = fileKey(document.uri.fsPath);
  return session.projects.flatMap((project) =>
    project.snapshot.budgets.flatMap((view) => {
      const { state, budget } = view;
      if (state.kind !== 'known' || !isBroken(state.known.result)) return [];
      const { causes: all = [] } = state.known.result;
      return all.flatMap((cause) => {
        const location = causeLocation(cause, project.root);
        if (location === null || cause.line === null || fileKey(location.file) !== here) return [];
        const range = rangeIn(document, session.positions.now(location), cause);
        if (range === null) return [];
        const message = `${budget.name}: ${lineWords(cause, all)}`;
        const diagnostic = new vscode.Diagnostic(range, visible(message), vscode.DiagnosticSeverity.Hint);
        diagnostic.source = source;
        const argument = encodeURIComponent(JSON.stringify([keyOf(project, view)]));
        diagnostic.code = {
          value: vscode.l10n.t('Explain Regression'),
          target: vscode.Uri.parse(`command:${commands.explain}?${argument}`),
        };
        return [{ cause, range, diagnostic }];
      });
    }),
  );
}

/** Returns the range of the line's text; null if it is no longer the text that was measured, which may cost something else. */
function rangeIn(document: vscode.TextDocument, { start }: vscode.Range, { text }: Cause): vscode.Range | null {
  if (start.line >= document.lineCount) return null;
  const line = document.lineAt(start.line);
  if (!line.text.trim().startsWith(text)) return null;
  const from = line.firstNonWhitespaceCharacterIndex;
  return new vscode.Range(start.line, from, start.line, from + line.text.trim().length);
}

/** One decoration a line, with what all causes there have gained. */
function decorations(document: vscode.TextDocument, marks: readonly Mark[]): readonly vscode.DecorationOptions[] {
  const lines = new Map<number, string[]>();
  for (const { cause, range } of marks)
    lines.set(range.start.line, [...(lines.get(range.start.line) ?? []), causeShort(cause)]);
  return Array.from(lines, ([line, words]) => {
    const { end } = document.lineAt(line).range;
    const after = { contentText: visibleLine(words.join(' · ')) };
    return { range: new vscode.Range(end, end), renderOptions: { after } };
  });
}
