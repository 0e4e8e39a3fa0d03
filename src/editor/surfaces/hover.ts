import * as vscode from 'vscode';
import { causesTable } from '../../core/text/causes-table.js';
import { concernSentence } from '../../core/text/concern.js';
import {
  checksTable,
  commandLink,
  lines,
  markdown,
  openNotes,
  paragraphs,
  picture,
  runsTable,
  type Markdown,
} from '../../core/text/markdown.js';
import { worstChecksFirst, worstFirst } from '../../core/text/rank.js';
import { stateTitle } from '../../core/text/title.js';
import { lastResult } from '../../core/results/state.js';
import { canExplain } from '../commands/explain.js';
import { findingsOf } from '../session/findings.js';
import { commands } from '../session/ids.js';
import { markdownString } from '../drawing/markdown-string.js';
import { picture as drawn } from '../drawing/picture.js';
import { againstOf, keyOf, type Session } from '../session/session.js';
import { problemSeverity } from '../session/settings.js';
import type { ShownBudget } from '../session/budgetIndex.js';

const shownRuns = 5;
/** Enough for the picture's width. */
const drawnRuns = 60;

/** Shows one card on the name of the function, the benchmark and the budget: all checks in one table, and the history of the worst. */
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
        return shown.length === 0 ? undefined : new vscode.Hover(await card(shown));
      },
    },
  );
}

async function card(shown: readonly ShownBudget[]): Promise<vscode.MarkdownString> {
  const all = worstFirst(shown, ({ view }) => view.state);
  const [lead] = all;
  if (lead === undefined) return markdownString(markdown``);
  const isOne = all.length === 1;
  const results = all.flatMap((one) => {
    const result = lastResult(one.view.state);
    return result === null ? [] : [{ ...one, result }];
  });
  const { budget, state } = lead.view;
  const rows = await lead.project.history(budget.name, drawnRuns, true);
  const causes = lastResult(state);
  const links = linksOf(lead);
  const text = paragraphs([
    lines(
      all
        .filter((one) => !isTold(one))
        .map(({ project, view }) => markdown`**${view.budget.name}** ${stateTitle(view.state, againstOf(project))}`),
    ),
    checksTable(
      results.map(({ project, view, result }) => ({
        name: commandLink(view.budget.name, commands.showActions, [keyOf(project, view)]),
        checks: worstChecksFirst(result.checks),
        isCurrent: view.state.kind === 'known',
      })),
    ),
    isOne ? links : markdown`${budget.name}: ${links}`,
    ...notesOf(results.flatMap(({ result }) => openNotes(result.checks))),
    ...notesOf(
      results.flatMap(({ view, result, ...one }) =>
        (result.concerns ?? [])
          .filter(({ kind }) => !isTold({ ...one, view }, kind))
          .map((concern) => concernSentence(view.budget.name, concern)),
      ),
    ),
    ...notesOf(results.flatMap(({ result }) => result.note ?? [])),
    rows.length === 0 ? markdown`` : picture(vscode.l10n.t('History of {0}', budget.name), drawn(rows, budget)),
    causes === null
      ? markdown``
      : causesTable(causes, (words, index) =>
          commandLink(words, commands.goTo, [keyOf(lead.project, lead.view), index]),
        ),
    rows.length === 0 ? markdown`` : runsTable(rows.slice(0, shownRuns), Date.now()),
  ]);
  const { runBudget, showHistory, goTo, explain, showActions } = commands;
  return markdownString(text, [runBudget, showHistory, goTo, explain, showActions]);
}

/** Several budgets often have the same to say. */
const notesOf = (notes: readonly string[]): readonly Markdown[] => [...new Set(notes)].map((note) => markdown`${note}`);

function linksOf({ project, view }: ShownBudget): Markdown {
  const key = keyOf(project, view);
  return markdown.join(
    [
      ...(vscode.workspace.isTrusted ? [commandLink(vscode.l10n.t('Run'), commands.runBudget, [key])] : []),
      ...(canExplain(view) ? [commandLink(vscode.l10n.t('Explain'), commands.explain, [key])] : []),
      commandLink(vscode.l10n.t('Show History'), commands.showHistory, [key]),
      ...(view.bench === null ? [] : [commandLink(vscode.l10n.t('Benchmark'), commands.goTo, [key, 'bench'])]),
      commandLink(vscode.l10n.t('Budget'), commands.goTo, [key, 'entry']),
      commandLink(vscode.l10n.t('More…'), commands.showActions, [key]),
    ],
    ' · ',
  );
}

/** Whether a problem at this very place says it already: VS Code shows it above, in the same hover. */
function isTold(
  { project, view, location }: Pick<ShownBudget, 'project' | 'view' | 'location'>,
  concern?: string,
): boolean {
  if (view.state.kind !== 'known' || problemSeverity(project.root) === 'off') return false;
  return findingsOf(project, view).some(
    (one) => one.location === location && (concern === undefined || one.finding.concern === concern),
  );
}
