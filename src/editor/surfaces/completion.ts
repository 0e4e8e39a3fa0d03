import * as vscode from 'vscode';
import type { Completion } from '../../core/assist/complete-check.js';
import type { Project } from '../../engine/project/snapshot.js';
import type { Session } from '../session/session.js';
import { isConfig } from '../session/documentBudgets.js';
import { configFileName } from '../../core/config/file-names.js';

const kinds: Readonly<Record<Completion['kind'], vscode.CompletionItemKind>> = {
  metric: vscode.CompletionItemKind.Field,
  relation: vscode.CompletionItemKind.Operator,
  baseline: vscode.CompletionItemKind.Keyword,
  name: vscode.CompletionItemKind.Reference,
  growth: vscode.CompletionItemKind.Function,
  unit: vscode.CompletionItemKind.Unit,
  operator: vscode.CompletionItemKind.Operator,
  level: vscode.CompletionItemKind.Keyword,
  benchmark: vscode.CompletionItemKind.Reference,
  tag: vscode.CompletionItemKind.Keyword,
};

/** Completes checks and the names of benchmarks, in budget files and in `@perf-budget` comments. */
export function completion(session: Session): vscode.Disposable {
  const provide = async (
    document: vscode.TextDocument,
    position: vscode.Position,
    token: vscode.CancellationToken,
    how: 'completeConfig' | 'completeComment',
  ): Promise<vscode.CompletionItem[] | undefined> => {
    const project = await session.openedProjectOf(document.uri);
    if (project === null) return undefined;
    const core = await import('../../core/assist/completion.js');
    const complete = (benchmarks: readonly string[]): readonly Completion[] => {
      const budgets = project.snapshot.budgets.map(({ budget }) => budget.name);
      return core[how](document.getText(), document.offsetAt(position), { benchmarks, budgets });
    };
    // Waits for the benchmarks only if the name of one can be written here.
    const isUnknown =
      project.snapshot.benchmarks === null && complete(['?']).some(({ insert }) => insert.includes('?'));
    if (isUnknown) await benchmarksRead(project, token);
    const found = complete((project.snapshot.benchmarks ?? []).map(({ name }) => name));
    return found.map((one, index) => item(one, index, document));
  };
  const inConfig: vscode.CompletionItemProvider = {
    provideCompletionItems: (document, position, token) => provide(document, position, token, 'completeConfig'),
  };
  const inComments: vscode.CompletionItemProvider = {
    provideCompletionItems(document, position, token) {
      // Nearly every line ends here, because it is no comment of ours.
      if (isConfig(document) || !document.lineAt(position).text.includes('@')) return undefined;
      return provide(document, position, token, 'completeComment');
    },
  };
  const { registerCompletionItemProvider } = vscode.languages;
  return vscode.Disposable.from(
    registerCompletionItemProvider(
      { scheme: 'file', pattern: `**/${configFileName}` },
      inConfig,
      ...['"', "'", ' ', '<', '>', '=', '/', '('],
    ),
    registerCompletionItemProvider({ scheme: 'file' }, inComments, ...['@', ':', ' ', "'"]),
  );
}

/** Resolves once the bench files have been read for the first time, or the request is cancelled. */
async function benchmarksRead(project: Project, token: vscode.CancellationToken): Promise<void> {
  await new Promise<void>((resolve) => {
    const end = (): void => {
      unsubscribe();
      cancelled.dispose();
      resolve();
    };
    const unsubscribe = project.onDidChange(() => {
      if (project.snapshot.benchmarks !== null) end();
    });
    const cancelled = token.onCancellationRequested(end);
  });
}

/** Makes an item that keeps our order and is filtered by the text that it replaces. */
function item(
  { label, kind, detail, insert, range }: Completion,
  index: number,
  document: vscode.TextDocument,
): vscode.CompletionItem {
  const made = new vscode.CompletionItem({ label, description: detail }, kinds[kind]);
  made.range = new vscode.Range(document.positionAt(range.start), document.positionAt(range.end));
  made.insertText = insert;
  made.filterText = insert.trimStart();
  made.sortText = `0${String(index).padStart(5, '0')}`;
  // Offers what follows at once.
  const goesOn = kind === 'level' || kind === 'tag' || insert.endsWith(': ');
  if (goesOn) made.command = { title: 'Suggest', command: 'editor.action.triggerSuggest' };
  return made;
}
