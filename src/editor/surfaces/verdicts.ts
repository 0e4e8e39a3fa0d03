import * as vscode from 'vscode';
import type { Verdict } from '../../core/results/measurement.js';
import type { BudgetState } from '../../core/results/state.js';
import { visibleLine } from '../../core/text/escape.js';
import { worstFirst } from '../../core/text/rank.js';
import { stateTitle } from '../../core/text/title.js';
import { cutName, joined } from '../../core/text/words.js';
import type { ShownBudget } from '../session/budgetIndex.js';
import { againstOf, type Session } from '../session/session.js';
import { showsVerdicts } from '../session/settings.js';

const colors: Readonly<Record<Verdict, string>> = {
  pass: 'testing.iconPassed',
  warn: 'editorWarning.foreground',
  fail: 'editorError.foreground',
  undecided: 'descriptionForeground',
  error: 'editorError.foreground',
};

/** Shows the verdict in colour at the end of the line, which a CodeLens cannot; only for those who turn it on. */
export function verdicts(session: Session): vscode.Disposable {
  const behind = vscode.window.createTextEditorDecorationType({
    after: { margin: '0 0 0 3ch' },
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
  });
  const draw = (): void => {
    for (const editor of vscode.window.visibleTextEditors) editor.setDecorations(behind, decorations(session, editor));
  };
  return vscode.Disposable.from(
    behind,
    session.onDidChange(draw),
    vscode.window.onDidChangeVisibleTextEditors(draw),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('perfBudget.decoration')) draw();
    }),
  );
}

function decorations(session: Session, { document }: vscode.TextEditor): readonly vscode.DecorationOptions[] {
  if (!showsVerdicts(document)) return [];
  const lines = new Map<number, ShownBudget[]>();
  for (const one of session.shownIn(document)) {
    const { line } = session.positions.now(one.location).start;
    if (line < document.lineCount) lines.set(line, [...(lines.get(line) ?? []), one]);
  }
  return Array.from(lines, ([line, shown]) => {
    const { end } = document.lineAt(line).range;
    const words = shown.map(({ project, view: { budget, state } }) => {
      const title = stateTitle(state, againstOf(project));
      return shown.length > 1 ? `${cutName(budget.name)}: ${title}` : title;
    });
    const [worst] = worstFirst(shown, ({ view }) => view.state);
    const after = {
      contentText: visibleLine(joined(...words)),
      color: new vscode.ThemeColor(colorOf(worst?.view.state)),
    };
    return { range: new vscode.Range(end, end), renderOptions: { after } };
  });
}

/** What does not hold any more has no colour. */
const colorOf = (state: BudgetState | undefined): string =>
  state?.kind === 'known' ? colors[state.known.result.verdict] : 'descriptionForeground';
