import * as l10n from '@vscode/l10n';
import { baselineName } from '../../text/terminal.js';
import { againstOf, interruption, worstFirst, type CheckDocument } from './document.js';
import { card, type Entry } from './card.js';
import { mark, time } from './markup.js';
import { lineAttributes, overview, overviewLine, sparkOf, type OverviewLine } from './overview.js';
import { filters, hint, order, tally } from './filters.js';
import { trendText } from './page-data.js';
import { day, noPast, type NamedRun, type Past } from './past.js';
import { jsonText, markup, type Markup } from '../../text/escape.js';
import { headline } from '../../text/title.js';
import { commitName, counts } from '../../text/words.js';

export interface PageOptions {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** What `src/page` compiles to. */
  readonly script: string;
  readonly style: string;
  /** The address of a page about a commit, without its id at the end; null if there is none. */
  readonly commits?: string | null;
}

/** A list shows this many entries and folds the rest; past `listedFailures` it only counts them. */
const listed = 10;
const listedFailures = 100;

/**
 * Renders one self-contained page: a line for each budget, what is wrong today and what failed this week, then every budget with
 * its history as a chart. Tables repeat all that the charts show, so without scripts the page lacks only charts and filters. `pasts` holds the
 * histories of the budgets in the order of the document.
 */
export function htmlReport(
  document: CheckDocument,
  pasts: readonly Past[],
  { now, script, style, commits = null }: PageOptions,
): string {
  const histories = new Map(document.budgets.map((budget, place) => [budget, pasts[place] ?? noPast]));
  const entries = worstFirst(document).map((budget): Entry => ({
    budget,
    past: histories.get(budget) ?? noPast,
    id: `b${document.budgets.indexOf(budget)}`,
    against: againstOf(budget, document),
  }));
  const lines = entries.map(lineOf);
  const cards = entries.map((entry, index) => {
    const line = lines[index];
    return card(entry, { attributes: line === undefined ? markup`` : lineAttributes(line) });
  });
  const trends = entries.flatMap(({ past, id }) =>
    past.trends.length === 0
      ? []
      : [markup`<script type="application/json" id="t-${id}">${json(past.trends.map(trendText))}</script>`],
  );
  const { budgets } = document;
  const tags = [...new Set(budgets.flatMap((budget) => budget.tags ?? []))].sort();
  const filtered = order.filter((verdict) =>
    entries.some(
      ({ budget, past }) => budget.verdict === verdict || past.alerts.some(({ result }) => result.verdict === verdict),
    ),
  );
  const interrupted = interruption(document);
  // The page loads nothing from the network.
  const policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";
  return markup`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${l10n.t('Performance budgets')}</title>
<style>${markup.trusted(style.replaceAll('</', String.raw`<\/`))}</style>
</head>
<body data-now="${now}"${commits === null ? '' : markup` data-commits="${commits}"`}>
<header class="page-head">
<h1>${l10n.t('Performance budgets')}</h1>
<p>${introduction(document, now)}</p>
${interrupted === null ? '' : markup`<p><strong>${interrupted}</strong></p>\n`}${tally(budgets.map(({ verdict }) => verdict))}
</header>
${entries.length === 0 ? '' : filters(filtered, tags)}
<main>
${entries.length === 0 ? markup`<p>${l10n.t('There are no budgets yet.')}</p>\n` : overview(lines.map(overviewLine))}${problems(document)}${recent(entries, now)}<section aria-labelledby="budgets" class="all">
<h2 id="budgets">${l10n.t('Budgets')}</h2>
${entries.length === 0 ? '' : hint()}<div class="cards">
${markup.join(cards, '\n')}
</div>
</section>
</main>
<script>${markup.trusted(script.replaceAll('</script', String.raw`<\/script`))}</script>
${markup.join(trends, '\n')}
</body>
</html>
`.text;
}

function introduction({ baseline, machine: { cpu, cores, os } }: CheckDocument, now: number): Markup {
  const machine = cpu === '' ? null : [cpu, counts(cores, 'core'), os].join(', ');
  const against = baseline === null ? null : baselineName(baseline);
  const at = time(now);
  if (machine === null) return against === null ? at : markup.filled(l10n.t('{0}, compared with {1}'), at, against);
  return against === null
    ? markup.filled(l10n.t('{0} on {1}'), at, machine)
    : markup.filled(l10n.t('{0} on {1}, compared with {2}'), at, machine, against);
}

interface Alert {
  readonly entry: Entry;
  readonly run: NamedRun;
}

/** Lists the alerts of the last day, one line per budget, and the failed runs of the last week; empty if there are none. */
function recent(entries: readonly Entry[], now: number): Markup {
  const all = entries.map((entry) => entry.past.alerts.map((run): Alert => ({ entry, run })));
  const today = all.flatMap((alerts) => alerts.slice(0, 1)).filter(({ run }) => now - run.at <= day);
  const failed = all
    .flat()
    .filter(({ run }) => run.result.verdict === 'fail' || run.result.verdict === 'error')
    .sort((a, b) => b.run.at - a.run.at);
  return markup`${list('alerts', l10n.t('Alerts of the last day'), today)}${list('failures', l10n.t('Failed runs of the last week'), failed)}`;
}

function list(id: string, title: string, all: readonly Alert[]): Markup {
  if (all.length === 0) return markup``;
  const items = (from: number, to: number): Markup =>
    markup`<ul>\n${markup.join(all.slice(from, to).map(line), '\n')}\n</ul>\n`;
  const rest = Math.max(0, Math.min(all.length, listedFailures) - listed);
  const folded =
    rest === 0
      ? ''
      : markup`<details><summary>${l10n.t`${rest} more`}</summary>\n${items(listed, listed + rest)}</details>\n`;
  const left = all.length - listed - rest;
  return markup`<section class="recent" aria-labelledby="${id}">
<h2 id="${id}">${title}</h2>
${items(0, listed)}${folded}${left > 0 ? markup`<p>${l10n.t`and ${left} older ones`}</p>\n` : ''}</section>
`;
}

function line({ entry: { budget, past, id }, run: { at, commit, dirty, result, baseline, where } }: Alert): Markup {
  const title = headline(result, baseline?.name ?? l10n.t('the baseline'));
  const machine = past.trends.length > 1 ? ` · ${where}` : '';
  return markup`<li data-of="${id}" data-verdict="${result.verdict}" data-at="${at}">${mark(result.verdict)} <a href="#${id}">${budget.name}</a> <span>${title}</span> <small>${time(at)} · ${commitName(commit, dirty)}${machine}</small></li>`;
}

function problems({ problems: all }: CheckDocument): Markup {
  if (all.length === 0) return markup``;
  const items = all.map(({ file, line, column, message }) => {
    return markup`<li><code>${file}:${line}:${column}</code> ${message}</li>`;
  });
  return markup`<section aria-labelledby="problems">\n<h2 id="problems">${l10n.t('Problems')}</h2>\n<ul>${items}</ul>\n</section>\n`;
}

function lineOf({ budget, past, id, against }: Entry): OverviewLine {
  const { name, benchmark, place, tags = [] } = budget;
  const known = { result: budget, at: past.runs[0]?.at ?? 0 };
  const where = place === undefined ? '' : `${place.file}:${place.line}`;
  const state = { kind: 'known', known } as const;
  return { id, name, benchmark, where, tags, state, against, spark: sparkOf(past.trends[0]) };
}

/** Where hosts have the page about a commit, below that of the repository. */
const places: readonly (readonly [host: RegExp, path: string])[] = [
  [/^https:\/\/(?:[\w-]+\.)*gitlab\./, '/-/commit/'],
  [/^https:\/\/bitbucket\.org\//, '/commits/'],
  [/^https:\/\//, '/commit/'],
];

/** Returns the address of the pages about commits, without the id at the end; null for a repository without a page. */
export function commitsAddress(repository: string): string | null {
  const place = places.find(([host]) => host.test(repository));
  return place === undefined ? null : repository + place[1];
}

/** Writes JSON that cannot close its script element or open a comment. */
const json = (value: unknown): Markup => markup.trusted(jsonText(value).replaceAll('<', String.raw`\u003c`));
