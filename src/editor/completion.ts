import * as vscode from 'vscode';
import type { Completion } from '../core/completion.js';
import { configFileName } from './ids.js';
import type { Session } from './session.js';
import { isConfig } from './written.js';

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

/** Checks and the names of benchmarks, in budget files and in `@perf-budget` comments. */
export function completion(session: Session): vscode.Disposable {
  const provide = async (
    document: vscode.TextDocument,
    position: vscode.Position,
    how: 'completeConfig' | 'completeComment',
  ): Promise<vscode.CompletionItem[] | undefined> => {
    const project = session.projectOf(document.uri);
    if (project === null) return undefined;
    const core = await import('../core/completion.js');
    const { benchmarks, budgets } = project.snapshot;
    const names = {
      benchmarks: benchmarks.map(({ name }) => name),
      budgets: budgets.map(({ budget }) => budget.name),
    };
    const found = core[how](document.getText(), document.offsetAt(position), names);
    return found.map((one, index) => item(one, index, document));
  };
  const inConfig: vscode.CompletionItemProvider = {
    provideCompletionItems: (document, position) => provide(document, position, 'completeConfig'),
  };
  const inComments: vscode.CompletionItemProvider = {
    provideCompletionItems(document, position) {
      // Nearly every line is left at once: it is no comment of ours.
      if (isConfig(document) || !document.lineAt(position).text.includes('@')) return undefined;
      return provide(document, position, 'completeComment');
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

/** In our order, and filtered by what stands in their place. */
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
  // What follows is offered at once.
  const goesOn = kind === 'level' || kind === 'tag' || insert.endsWith(': ');
  if (goesOn) made.command = { title: 'Suggest', command: 'editor.action.triggerSuggest' };
  return made;
}
