import * as vscode from 'vscode';
import type { Completion } from '../../core/assist/complete-check.js';
import type { MeasuredFigures } from '../../core/assist/measured-bound.js';
import { lastResult } from '../../core/results/state.js';
import type { Project } from '../../engine/project/snapshot.js';
import type { Session } from '../session/session.js';
import { isConfig } from '../session/documentBudgets.js';
import { configFileName } from '../../core/config/file-names.js';

const kinds: Readonly<Record<Completion['kind'], vscode.CompletionItemKind>> = {
  metric: vscode.CompletionItemKind.Field,
  relation: vscode.CompletionItemKind.Operator,
  bound: vscode.CompletionItemKind.Value,
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
    const figures = await figuresOf(project);
    const [text, offset] = [document.getText(), document.offsetAt(position)];
    const complete = (benchmarks: readonly string[], near: readonly string[] = []): readonly Completion[] => {
      const budgets = project.snapshot.budgets.map(({ budget }) => budget.name);
      return core[how](text, offset, { benchmarks, budgets, near }, figures);
    };
    // Waits for the benchmarks only if the name of one can be written here.
    const isNamed = complete(['?']).some(({ insert }) => insert.includes('?'));
    if (isNamed && project.snapshot.benchmarks === null) await benchmarksRead(project, token);
    const isBelow = isNamed && how === 'completeComment';
    const near = isBelow ? await project.reaching(document.uri.fsPath, await symbolBelow(text, offset, document)) : [];
    const found = complete(
      (project.snapshot.benchmarks ?? []).map(({ name }) => name),
      near,
    );
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

/** Finds what was measured of a budget, or of another one about the same benchmark. */
async function figuresOf({ snapshot: { budgets } }: Project): Promise<MeasuredFigures> {
  const { measuredIn } = await import('../../core/assist/measured-bound.js');
  return (name, benchmark, metric) => {
    const own = budgets.filter(({ budget }) => budget.name === name);
    const alike = budgets.filter(
      ({ budget: { subject } }) => subject.kind === 'benchmark' && subject.name === benchmark,
    );
    for (const { state } of [...own, ...alike]) {
      const result = lastResult(state);
      const figure = result && measuredIn(result, metric);
      if (figure) return figure;
    }
    return null;
  };
}

/** Returns the path of the function that a comment at an offset is about; null if there is none, or if its language has no parser. */
async function symbolBelow(text: string, offset: number, { uri }: vscode.TextDocument): Promise<string | null> {
  if (!/\.[cm]?[jt]sx?$/i.test(uri.path)) return null;
  const { functionBelow, outline } = await import('../../core/outline/index.js');
  const symbols = outline(text, uri.path);
  const newline = text.indexOf('\n', offset);
  const comment = {
    start: text.lastIndexOf('@', offset),
    end: newline === -1 ? text.length : newline,
  };
  const range = functionBelow(text, symbols, comment);
  return symbols.find(({ nameRange }) => nameRange.start === range?.start)?.path ?? null;
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
  if (goesOn) made.command = { title: vscode.l10n.t('Suggest'), command: 'editor.action.triggerSuggest' };
  return made;
}
