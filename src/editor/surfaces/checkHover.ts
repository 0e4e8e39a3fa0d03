import * as vscode from 'vscode';
import type { Check } from '../../core/language/budget.js';
import { explainCheck, explainLevel, explainState } from '../../core/assist/explain.js';
import { markdown, paragraphs } from '../../core/text/markdown.js';
import { markdownString } from '../drawing/markdown-string.js';
import { againstOf, type Session } from '../session/session.js';
import { rangeOf, budgetsIn } from '../session/documentBudgets.js';

/** Shows what a check means and what was measured for it. */
export function checkHover(session: Session): vscode.Disposable {
  return vscode.languages.registerHoverProvider(
    { scheme: 'file' },
    {
      async provideHover(document, position) {
        const written = await budgetsIn(session, document);
        if (written === null) return undefined;
        const { project, budgets } = written;
        for (const { name, checks, run } of budgets) {
          const isHere = ({ location }: Check): boolean => location !== null && rangeOf(location).contains(position);
          const check = checks.find(isHere);
          if (check === undefined || check.location === null) continue;
          const view = project.snapshot.budgets.find(({ budget }) => budget.name === name);
          const lines = [
            explainCheck(check, run, againstOf(project)),
            explainState(check, view?.state ?? { kind: 'unmeasured' }),
            explainLevel(check.level),
          ];
          return new vscode.Hover(
            markdownString(paragraphs(lines.map((line) => markdown`${line}`))),
            rangeOf(check.location),
          );
        }
        return undefined;
      },
    },
  );
}
