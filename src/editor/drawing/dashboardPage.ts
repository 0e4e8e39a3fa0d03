import * as l10n from '@vscode/l10n';
import { createHash } from 'node:crypto';
import path from 'node:path';
import * as v from 'valibot';
import { card } from '../../core/formats/reporters/card.js';
import { filters, hint, order, tally } from '../../core/formats/reporters/filters.js';
import {
  lineAttributes,
  overview,
  overviewLine,
  stateMark,
  verdictOf,
  type OverviewLine,
} from '../../core/formats/reporters/overview.js';
import { trendText } from '../../core/formats/reporters/page-data.js';
import type { FromPage, PageAction, ToPage } from '../../core/formats/reporters/page-messages.js';
import type { Past } from '../../core/formats/reporters/past.js';
import type { Location } from '../../core/problem.js';
import type { BudgetResult } from '../../core/results/measurement.js';
import { subjectText } from '../../core/language/budget.js';
import { knownOf } from '../../core/results/state.js';
import { markup, type Markup } from '../../core/text/escape.js';
import { stateTitle } from '../../core/text/title.js';
import { counts } from '../../core/text/words.js';
import type { BudgetView, Project } from '../../engine/project/snapshot.js';
import { relativeTo } from '../../engine/util/paths.js';
import type { BudgetKey } from '../session/ids.js';

export { sparkPicture } from '../../core/formats/reporters/overview.js';

/** The dashboard: the page of a report, in a webview that gets its lines and cards as they are needed. */

interface Shell {
  readonly script: string;
  readonly stylesheet: string;
  /** The source from which the page may load styles. */
  readonly source: string;
  /** Only scripts with this word run. */
  readonly nonce: string;
}

/** Returns the page without its budgets, which come as messages. */
export function dashboardPage({ script, stylesheet, source, nonce }: Shell): string {
  // Charts and timelines set styles of elements.
  const policy = `default-src 'none'; style-src ${source} 'unsafe-inline'; script-src 'nonce-${nonce}';`;
  return markup`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<link rel="stylesheet" href="${stylesheet}">
<title>${l10n.t('Performance budgets')}</title>
</head>
<body>
<header class="page-head">
<h1>${l10n.t('Performance budgets')}</h1>
<p id="about"></p>
<div id="tally"></div>
</header>
<nav class="back"><button type="button" data-action="all">${l10n.t('All budgets')}</button></nav>
<p class="nothing">${l10n.t('There are no budgets yet.')}</p>
${filters(order, [])}
<main>
${overview([])}<section aria-labelledby="budgets" class="all">
<h2 id="budgets">${l10n.t('Budgets')}</h2>
${hint()}<div class="cards"></div>
</section>
</main>
<script nonce="${nonce}" src="${script}"></script>
</body>
</html>
`.text;
}

const id = v.pipe(v.string(), v.maxLength(100));
const request = v.variant('type', [
  v.object({ type: v.literal('ready') }),
  v.object({ type: v.literal('card'), id }),
  v.object({ type: v.literal('sparks'), ids: v.pipe(v.array(id), v.maxLength(10_000)) }),
  v.object({ type: v.literal('commit'), id, commit: v.pipe(v.string(), v.regex(/^[0-9a-f]{4,64}$/)) }),
  v.object({ type: v.literal('do'), id, action: v.picklist(['run', 'goTo', 'explain'] satisfies PageAction[]) }),
  v.object({ type: v.literal('shown'), id: v.nullable(id) }),
]);

/** Returns what the page asks for; null if it is no such thing. */
export function readPageMessage(message: unknown): FromPage | null {
  const read = v.safeParse(request, message);
  return read.success ? read.output : null;
}

/** A budget as the page shows it. */
export interface PageBudget {
  readonly key: BudgetKey;
  readonly view: BudgetView;
  readonly line: OverviewLine;
}

/** Kept, because each is asked for whenever the page is drawn. */
const ids = new Map<string, string>();

/** Names a budget in the page: the same in every window, because a page that is loaded anew asks for it. */
export function pageId({ root, budget }: BudgetKey): string {
  const key = `${root}\0${budget}`;
  const known = ids.get(key);
  if (known !== undefined) return known;
  const made = `b${createHash('sha256').update(key).digest('hex').slice(0, 12)}`;
  ids.set(key, made);
  return made;
}

export function pageBudget(project: Project, view: BudgetView, against: string, isOne: boolean): PageBudget {
  const { budget, state, code, bench } = view;
  const key = { root: project.root, budget: budget.name };
  const line: OverviewLine = {
    ...{ id: pageId(key), name: budget.name, benchmark: subjectText(budget), state, against, spark: null },
    where: placeOf(project.root, code ?? bench ?? budget.location),
    tags: budget.tags ?? [],
    ...(!isOne && { project: path.basename(project.root) }),
  };
  return { key, view, line };
}

const placeOf = (root: string, { file, start }: Location): string => `${relativeTo(root, file)}:${start.line}`;

/** Returns a budget's line as a message has it. */
export const lineHtml = ({ line }: PageBudget): string => overviewLine(line).text;

/** Returns what is above the lines: how many have which verdict, and where they are from. */
export function pageHead(
  budgets: readonly PageBudget[],
  projects: readonly Project[],
): { tally: string; about: string } {
  // With none, the page says so.
  const about = budgets.length === 0 ? '' : fromWhere(budgets.length, projects);
  return { tally: tally(budgets.map(({ view }) => verdictOf(view.state))).text, about: markup`${about}`.text };
}

function fromWhere(count: number, projects: readonly Project[]): string {
  const all = counts(count, 'budget');
  if (projects.length !== 1) return l10n.t('{0} in {1}', all, counts(projects.length, 'project'));
  return l10n.t('{0}, compared with {1}', all, projects[0]?.snapshot.baseline?.name ?? l10n.t('the baseline'));
}

/** Returns a budget's card with its history. */
export function cardMessage(
  { line, view }: PageBudget,
  past: Past,
  can: { readonly run: boolean; readonly explain: boolean },
): ToPage {
  const { budget, state } = view;
  const result = knownOf(state)?.result ?? notYet(budget.name);
  const html = card(
    { budget: { ...result, place: place(line.where), tags: line.tags }, past, id: line.id, against: line.against },
    {
      attributes: lineAttributes(line),
      mark: stateMark(state),
      headline: stateTitle(state, line.against),
      actions: actions(can),
      where: markup`<code>${line.where}</code>`,
      ...(line.project !== undefined && { project: line.project }),
    },
  );
  return { type: 'card', id: line.id, html: html.text, trends: past.trends.map(trendText) };
}

const place = (where: string): { file: string; line: number; column: number } => ({ file: where, line: 1, column: 1 });

/** Stands for the result of a budget that has none. */
const notYet = (name: string): BudgetResult => ({
  ...{ name, benchmark: '', verdict: 'pass', severity: null, cached: false, elapsedMs: 0, samples: 0 },
  ...{ comparison: null, checks: [], message: '' },
});

function actions({ run, explain }: { readonly run: boolean; readonly explain: boolean }): Markup {
  const button = (action: PageAction, words: string): Markup =>
    markup`<button type="button" data-action="${action}">${words}</button>`;
  const all = [
    ...(run ? [button('run', l10n.t('Run'))] : []),
    button('goTo', l10n.t('Go to Code')),
    ...(explain ? [button('explain', l10n.t('Explain'))] : []),
  ];
  return markup`<div class="actions">${all}</div>`;
}
