import * as vscode from 'vscode';
import { concernSentence } from '../../core/text/concern.js';
import { checksTable, escapeMarkdown, openNotes, runsTable } from '../../core/text/markdown.js';
import { lastResult } from '../../core/results/state.js';
import { commands } from '../session/ids.js';
import { picture } from '../drawing/picture.js';
import { againstOf, keyOf, type Session } from '../session/session.js';
import type { ShownBudget } from '../session/budgetIndex.js';
import { stateTitle } from '../../core/text/title.js';

const shownRuns = 10;
/** Enough for the picture's width. */
const drawnRuns = 60;

/** Shows the checks, a picture of the history and the last runs, on the name of the function, the benchmark and the budget. */
export function hover(session: Session): vscode.Disposable {
  return vscode.languages.registerHoverProvider(
    { scheme: 'file' },
    {
      async provideHover(document, position) {
        const shown = session
          .shownIn(document)
          .filter(({ location }) => session.positions.now(location).contains(position))
          // On a check in a comment, the check's own hover is enough.
          .filter(({ place, view, location: { file } }) => {
            const checks = place === 'entry' ? view.budget.checks.flatMap(({ location }) => location ?? []) : [];
            return !checks.some((one) => one.file === file && session.positions.now(one).contains(position));
          });
        return shown.length === 0 ? undefined : new vscode.Hover(await Promise.all(shown.map(card)));
      },
    },
  );
}

async function card({ project, view }: ShownBudget): Promise<vscode.MarkdownString> {
  const { budget, state } = view;
  const against = againstOf(project);
  const rows = await project.history(budget.name, drawnRuns, true);
  const result = lastResult(state);
  const key = keyOf(project, view);
  const markdown = new vscode.MarkdownString(
    [
      `**${escapeMarkdown(budget.name)}** ${escapeMarkdown(stateTitle(state, against))}`,
      [
        vscode.workspace.isTrusted ? link('Run', commands.runBudget, key) : null,
        link('Show History', commands.showHistory, key),
        view.bench === null ? null : link('Benchmark', commands.goTo, key, 'bench'),
        link('Budget', commands.goTo, key, 'entry'),
      ]
        .filter((part) => part !== null)
        .join(' · '),
      result === null ? '' : checksTable(result.checks),
      ...openNotes(result?.checks ?? []).map(escapeMarkdown),
      ...(result?.concerns ?? []).map((concern) => escapeMarkdown(concernSentence(budget.name, concern))),
      result?.note === undefined ? '' : escapeMarkdown(result.note),
      rows.length === 0 ? '' : `![History of ${escapeMarkdown(budget.name)}](${picture(rows, budget)})`,
      rows.length === 0 ? '' : runsTable(rows.slice(0, shownRuns), Date.now()),
    ]
      .filter((part) => part !== '')
      .join('\n\n'),
  );
  markdown.isTrusted = { enabledCommands: [commands.runBudget, commands.showHistory, commands.goTo] };
  return markdown;
}

function link(text: string, command: string, ...args: readonly unknown[]): string {
  return `[${text}](command:${command}?${encodeURIComponent(JSON.stringify(args))})`;
}
