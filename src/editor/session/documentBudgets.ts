import * as vscode from 'vscode';
import type { Budget } from '../../core/language/budget.js';
import type { Location, Problem, Range } from '../../core/problem.js';
import { slashed } from '../../engine/util/paths.js';
import type { Project } from '../../engine/project/snapshot.js';
import type { Session } from './session.js';
import { configFileName } from '../../core/config/file-names.js';

/** The budgets in a document's current text. */
export interface DocumentBudgets {
  readonly project: Project;
  readonly budgets: readonly Budget[];
  readonly problems: readonly Problem[];
}

const tag = '@perf-budget';
const known = new WeakMap<
  vscode.TextDocument,
  { readonly version: number; readonly written: Promise<DocumentBudgets | null> }
>();

export const isConfig = ({ uri }: vscode.TextDocument): boolean =>
  uri.scheme === 'file' && uri.path.endsWith(`/${configFileName}`);

/** Reads the budgets in a budget file, or in the comments of a source file, once for each version; null if there are none. */
export function budgetsIn(session: Session, document: vscode.TextDocument): Promise<DocumentBudgets | null> {
  const before = known.get(document);
  if (before?.version === document.version) return before.written;
  const written = read(session, document);
  known.set(document, { version: document.version, written });
  return written;
}

async function read(session: Session, document: vscode.TextDocument): Promise<DocumentBudgets | null> {
  const project = session.projectOf(document.uri);
  if (document.uri.scheme !== 'file' || project === null) return null;
  const text = document.getText();
  const file = slashed(document.uri.fsPath);
  if (isConfig(document)) {
    const { parseConfig } = await import('../../core/config/config.js');
    const { config, problems } = parseConfig(file, text);
    return { project, budgets: config?.budgets ?? [], problems };
  }
  const { config } = project.snapshot;
  if (config === null || !text.includes(tag)) return null;
  const { inlineBudgets } = await import('../../core/config/inline.js');
  return { project, ...inlineBudgets(file, text, config.defaults, await commentsIn(file, text)) };
}

/** Returns where the comments of a JavaScript or TypeScript file are; null in other languages, as for `inlineBudgets`. */
export async function commentsIn(file: string, text: string): Promise<readonly Range[] | null> {
  if (!/\.[cm]?[jt]sx?$/i.test(file)) return null;
  const { commentsOf } = await import('../../core/outline/index.js');
  return commentsOf(text, file);
}

/** Returns the range of a location that is in the current text. */
export function rangeOf({ start, end }: Location): vscode.Range {
  return new vscode.Range(start.line - 1, start.column - 1, end.line - 1, end.column - 1);
}

/** Whether the text of a document may have problems of ours: it is a budget file, or has our comments. */
export const mayHaveProblems = (document: vscode.TextDocument): boolean =>
  document.uri.scheme === 'file' && (isConfig(document) || document.getText().includes(tag));

/** Returns the problems in the current text, saved or not, as the engine finds them; null if no project has the document. */
export async function problemsIn(session: Session, document: vscode.TextDocument): Promise<readonly Problem[] | null> {
  const project = session.projectOf(document.uri);
  return project === null ? null : project.check(slashed(document.uri.fsPath), document.getText());
}
