import * as vscode from 'vscode';
import { causesTable } from '../../core/text/causes-table.js';
import { concernSentence } from '../../core/text/concern.js';
import {
  checksTable,
  commandLink,
  markdown,
  openNotes,
  paragraphs,
  picture,
  runsTable,
} from '../../core/text/markdown.js';
import { lastResult } from '../../core/results/state.js';
import { canExplain } from '../commands/explain.js';
import { commands } from '../session/ids.js';
import { markdownString } from '../drawing/markdown-string.js';
import { picture as drawn } from '../drawing/picture.js';
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
  const links = [
    ...(vscode.workspace.isTrusted ? [commandLink('Run', commands.runBudget, [key])] : []),
    commandLink('Show History', commands.showHistory, [key]),
    ...(view.bench === null ? [] : [commandLink('Benchmark', commands.goTo, [key, 'bench'])]),
    commandLink('Budget', commands.goTo, [key, 'entry']),
    ...(canExplain(view) ? [commandLink('Explain', commands.explain, [key])] : []),
  ];

  const text = paragraphs([
    markdown`**${budget.name}** ${stateTitle(state, against)}`,
    markdown.join(links, ' · '),
    ...(result === null ? [] : [checksTable(result.checks)]),
    ...openNotes(result?.checks ?? []).map((note) => markdown`${note}`),
    ...(result?.concerns ?? []).map((concern) => markdown`${concernSentence(budget.name, concern)}`),
    markdown`${result?.note ?? ''}`,
    ...(result === null
      ? []
      : [causesTable(result, (words, index) => commandLink(words, commands.goTo, [key, index]))]),
    ...(rows.length === 0
      ? []
      : [picture(`History of ${budget.name}`, drawn(rows, budget)), runsTable(rows.slice(0, shownRuns), Date.now())]),
  ]);
  return markdownString(text, [commands.runBudget, commands.showHistory, commands.goTo, commands.explain]);
}
