import * as vscode from 'vscode';
import type { Problem } from '../../core/problem.js';
import { visible } from '../../core/text/escape.js';
import { errorText } from '../../engine/util/log.js';
import { source } from '../session/ids.js';
import type { Session } from '../session/session.js';
import { fileKey } from '../session/budgetIndex.js';
import { mayHaveProblems, problemsIn } from '../session/documentBudgets.js';
import { configFileName } from '../../core/config/file-names.js';

/** The wait after the last keystroke; a shorter one would underline every half-written word. */
const pauseMs = 250;

/**
 * Shows the problems in each `perf-budget.jsonc` and in comments: those of the saved file or, while it is edited, those of its text.
 */
export function configProblems(session: Session): vscode.Disposable {
  const collection = vscode.languages.createDiagnosticCollection(`${source}-file`);
  const pauses = new Map<string, NodeJS.Timeout>();
  let drawn = new Map<string, readonly Problem[]>();

  const show = (uri: vscode.Uri, problems: readonly Problem[]): void => {
    collection.set(
      uri,
      problems.map(({ location, message, warning }) => {
        const { start, end } = location;
        const range = new vscode.Range(start.line - 1, start.column - 1, end.line - 1, end.column - 1);
        const severity = warning ? vscode.DiagnosticSeverity.Warning : vscode.DiagnosticSeverity.Error;
        const diagnostic = new vscode.Diagnostic(range, visible(message), severity);
        diagnostic.source = source;
        return diagnostic;
      }),
    );
  };

  const draw = (): void => {
    const byFile = new Map<string, Problem[]>();
    for (const problem of session.projects.flatMap(({ snapshot }) => snapshot.problems)) {
      const key = fileKey(problem.location.file);
      // `diagnostics.ts` shows what is wrong with a bench file.
      const isOurs = problem.isFailure !== true || key.endsWith(`/${configFileName}`);
      if (!isOurs) continue;
      const problems = byFile.get(key);
      if (problems === undefined) byFile.set(key, [problem]);
      else problems.push(problem);
    }
    for (const key of new Set([...drawn.keys(), ...byFile.keys()])) {
      const [problems, before] = [byFile.get(key) ?? [], drawn.get(key) ?? []];
      const same = problems.length === before.length && problems.every((problem, index) => problem === before[index]);
      if (!same && !isEdited(key)) show(vscode.Uri.file(key), problems);
    }
    drawn = byFile;
  };

  const check = async (document: vscode.TextDocument): Promise<void> => {
    const { version } = document;
    const saved = (): readonly Problem[] => drawn.get(fileKey(document.uri.fsPath)) ?? [];
    if (!mayHaveProblems(document) && !collection.has(document.uri)) return;
    const problems = document.isDirty ? await problemsIn(session, document) : saved();
    // A newer text has a check of its own, and a saved one is the engine's.
    if (document.isClosed || document.version !== version || problems === null) return;
    show(document.uri, document.isDirty ? problems : saved());
  };

  const pause = ({ document }: { document: vscode.TextDocument }): void => {
    if (document.uri.scheme !== 'file' || session.projects.length === 0) return;
    const key = fileKey(document.uri.fsPath);
    clearTimeout(pauses.get(key));
    pauses.set(
      key,
      setTimeout(() => {
        pauses.delete(key);
        check(document).catch((error: unknown) => session.log.error(`Checking ${key} failed: ${errorText(error)}`));
      }, pauseMs),
    );
  };

  return vscode.Disposable.from(
    collection,
    session.onDidChange(draw),
    vscode.workspace.onDidChangeTextDocument(pause),
    // Without a save, what is on disk is true again.
    vscode.workspace.onDidCloseTextDocument(({ uri }) => {
      const key = fileKey(uri.fsPath);
      if (uri.scheme === 'file' && (pauses.has(key) || collection.has(uri))) show(uri, drawn.get(key) ?? []);
    }),
    new vscode.Disposable(() => pauses.forEach((timer) => clearTimeout(timer))),
  );
}

const isEdited = (key: string): boolean =>
  vscode.workspace.textDocuments.some(({ uri, isDirty }) => isDirty && fileKey(uri.fsPath) === key);
