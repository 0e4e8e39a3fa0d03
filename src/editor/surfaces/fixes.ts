import * as vscode from 'vscode';
import { visible, visibleLine } from '../../core/text/escape.js';
import type { BudgetView, Project } from '../../engine/project/snapshot.js';
import { budgetActions } from '../commands/budgetActions.js';
import { fileKey } from '../session/budgetIndex.js';
import { mayHaveProblems, problemsIn, rangeOf } from '../session/documentBudgets.js';
import { commands, source, type BudgetKey } from '../session/ids.js';
import { keyOf, type Session } from '../session/session.js';

/** What can be done about a problem of ours: what a misspelt word was meant to be, and all that helps with a missed budget. */
export function fixes(session: Session): vscode.Disposable {
  const provider: vscode.CodeActionProvider = {
    async provideCodeActions(document, _, { diagnostics }) {
      const ours = diagnostics.filter((diagnostic) => diagnostic.source === source);
      if (ours.length === 0) return [];
      const budgets = ours.map((diagnostic) => ({ diagnostic, found: budgetOf(session, diagnostic) }));
      const misspelt = budgets.filter(({ found }) => found === null).map(({ diagnostic }) => diagnostic);
      return [...(await spellings(session, document, misspelt)), ...offers(budgets)];
    },
  };
  return vscode.languages.registerCodeActionsProvider({ scheme: 'file' }, provider, {
    providedCodeActionKinds: [vscode.CodeActionKind.QuickFix],
  });
}

/** Asks about the current text, not about where its problems were last drawn: one fix may come right after another. */
async function spellings(
  session: Session,
  document: vscode.TextDocument,
  diagnostics: readonly vscode.Diagnostic[],
): Promise<readonly vscode.CodeAction[]> {
  if (diagnostics.length === 0 || !mayHaveProblems(document)) return [];
  const { version } = document;
  const problems = (await problemsIn(session, document)) ?? [];
  if (document.version !== version) return [];
  return diagnostics.flatMap((diagnostic) => {
    const same = problems.filter(({ message }) => visible(message) === diagnostic.message);
    const isHere = ({ location }: (typeof same)[number]): boolean =>
      location.start.line - 1 === diagnostic.range.start.line;
    const problem = same.find(isHere) ?? same[0];
    if (problem?.suggestion === undefined) return [];
    const range = rangeOf(problem.location);
    const action = new vscode.CodeAction(
      visibleLine(vscode.l10n.t('Change {0} to {1}', document.getText(range), problem.suggestion)),
      vscode.CodeActionKind.QuickFix,
    );
    action.edit = new vscode.WorkspaceEdit();
    action.edit.replace(document.uri, range, problem.suggestion);
    action.diagnostics = [diagnostic];
    action.isPreferred = true;
    return [action];
  });
}

interface Found {
  readonly project: Project;
  readonly view: BudgetView;
}

/** Returns the budget that a diagnostic is about: a missed check has it in its code, a cause in its command. */
function budgetOf(session: Session, { code }: vscode.Diagnostic): Found | null {
  if (typeof code !== 'object') return null;
  const { value, target } = code;
  if (target.scheme === 'command') {
    if (target.path !== commands.explain) return null;
    const [key] = JSON.parse(target.query) as [BudgetKey];
    return session.find(key);
  }
  const key = fileKey(target.fsPath);
  for (const project of session.projects) {
    const view = project.snapshot.budgets.find(
      ({ budget, state }) =>
        state.kind !== 'unmeasured' &&
        visibleLine(budget.name) === value &&
        [budget.location, ...budget.checks.map(({ location }) => location)].some(
          (one) => one !== null && fileKey(one.file) === key,
        ),
    );
    if (view !== undefined) return { project, view };
  }
  return null;
}

/** Offers what can be done, once a budget however many of its checks are missed. None of it mends the code, so none is preferred. */
function offers(
  all: readonly { readonly diagnostic: vscode.Diagnostic; readonly found: Found | null }[],
): readonly vscode.CodeAction[] {
  const budgets = new Map<BudgetView, { readonly project: Project; readonly diagnostics: vscode.Diagnostic[] }>();
  for (const { diagnostic, found } of all) {
    if (found === null) continue;
    const { project, view } = found;
    const known = budgets.get(view);
    if (known === undefined) budgets.set(view, { project, diagnostics: [diagnostic] });
    else known.diagnostics.push(diagnostic);
  }
  return Array.from(budgets, ([view, { project, diagnostics }]) => {
    // A menu has room for all that helps with one budget; of several it names each.
    const choices =
      budgets.size === 1
        ? budgetActions(project, view)
        : [{ label: `${view.budget.name}…`, command: commands.showActions, args: [keyOf(project, view)] }];
    return choices.map(({ label, command, args }) => {
      const title = visibleLine(label);
      const action = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
      action.command = { command, title, arguments: [...args] };
      action.diagnostics = diagnostics;
      return action;
    });
  }).flat();
}
