import { formatChange, formatQuantity, formatTime } from '../figures.js';
import type { BudgetResult, Verdict } from '../measurement.js';
import { freeUnit } from '../quantity.js';
import {
  checkMark,
  commitName,
  counts,
  figuresOf,
  findings,
  formatShare,
  headline,
  marks,
  shareOf,
} from '../wording.js';
import { baselineName, openReasons } from '../wording-terminal.js';
import { againstOf, worstFirst, type BudgetEntry, type CheckDocument } from './document.js';
import { trendText } from './page-data.js';
import { trendOf, type PastRun } from './trend.js';
import { escapeXml as escape } from './xml.js';

/** The history of one budget of a document. */
export interface Past {
  readonly name: string;
  /** Newest first. */
  readonly runs: readonly PastRun[];
}

export interface PageOptions {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** What `src/page` is built to. */
  readonly script: string;
  readonly style: string;
}

const day = 24 * 60 * 60 * 1000;
const listedRuns = 20;
const listedFailures = 50;

/**
 * One page that stands alone: what is wrong today and what failed this week, then every budget with its history as a chart. All
 * that the charts show stands in tables too; without scripts the page lacks charts and filters, and nothing else.
 * Each of `pasts` is that of the budget at its place in the document.
 */
export function htmlReport(
  document: CheckDocument,
  pasts: readonly Past[],
  { now, script, style }: PageOptions,
): string {
  const histories = new Map(document.budgets.map((budget, place) => [budget, pasts[place]?.runs ?? []]));
  const budgets = worstFirst(document);
  const trends: string[] = [];
  const cards = budgets.map((budget) => {
    const runs = histories.get(budget) ?? [];
    const trend = trendOf(runs);
    if (trend !== null)
      trends.push(`<script type="application/json" id="t${trends.length}">${json(trendText(trend))}</script>`);
    return card(budget, runs, { document, now, chart: trend === null ? null : `t${trends.length - 1}` });
  });
  // Whatever the figures say of others than these would need the network: there is none.
  const policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>Performance budgets</title>
<style>${style.replaceAll('</', String.raw`<\/`)}</style>
</head>
<body data-now="${now}">
<header>
<h1>Performance budgets</h1>
<p>${escape(introduction(document, now))}</p>
${tally(budgets)}
</header>
<main>
${recent(budgets, histories, document, now)}
${problems(document)}<section aria-labelledby="budgets">
<h2 id="budgets">Budgets</h2>
${budgets.length === 0 ? '<p>There are no budgets yet.</p>' : filters(budgets)}
<div class="cards">
${cards.join('\n')}
</div>
</section>
</main>
${trends.join('\n')}
<script>${script.replaceAll('</script', String.raw`<\/script`)}</script>
</body>
</html>
`;
}

function introduction({ baseline, machine: { cpu, cores, os } }: CheckDocument, now: number): string {
  const machine = cpu === '' ? '' : ` on ${cpu}, ${counts(cores, 'core')}, ${os}`;
  const against = baseline === null ? '' : `, against ${baselineName(baseline)}`;
  return `${moment(now)}${machine}${against}`;
}

const words: Readonly<Record<Verdict, string>> = {
  error: 'not measured',
  fail: 'failed',
  undecided: 'undecided',
  warn: 'warned',
  pass: 'passed',
};
const order = ['error', 'fail', 'undecided', 'warn', 'pass'] as const;

function tally(budgets: readonly BudgetEntry[]): string {
  const items = order.flatMap((verdict) => {
    const count = budgets.filter((budget) => budget.verdict === verdict).length;
    return count === 0 ? [] : [`<li class="${verdict}"><b>${count}</b> ${words[verdict]}</li>`];
  });
  return items.length === 0 ? '' : `<ul class="tally">${items.join('')}</ul>`;
}

type Histories = ReadonlyMap<BudgetEntry, readonly PastRun[]>;

/** The alerts of the last day, a line a budget, and the failed runs of the last week. */
function recent(budgets: readonly BudgetEntry[], histories: Histories, document: CheckDocument, now: number): string {
  const all = budgets.flatMap((budget) => (histories.get(budget) ?? []).map((run) => ({ budget, run })));
  const isBad = ({ run }: { readonly run: PastRun }): boolean =>
    run.result.verdict === 'fail' || run.result.verdict === 'error';
  const today = all.filter(
    ({ run }) => now - run.at <= day && run.result.verdict !== 'pass' && run.result.verdict !== 'undecided',
  );
  const alerts = budgets.flatMap((budget) => {
    const [latest] = today.filter((one) => one.budget === budget);
    return latest === undefined ? [] : [latest];
  });
  const failed = all.filter((one) => now - one.run.at <= 7 * day && isBad(one)).sort((a, b) => b.run.at - a.run.at);
  const rest = failed.length - listedFailures;
  const rows = failed
    .slice(0, listedFailures)
    .map(({ budget, run }) => [
      mark(run.result.verdict),
      time(run.at),
      link(budget, document),
      escape(commitName(run.commit, run.dirty)),
      escape(headline(run.result, run.baseline?.name ?? 'the baseline')),
    ]);
  return `<section aria-labelledby="alerts">
<h2 id="alerts">Alerts of the last day</h2>
${alerts.length === 0 ? '<p>None.</p>' : `<ul class="alerts">${alerts.map(({ budget, run }) => alert(budget, run, document)).join('')}</ul>`}
</section>
<section aria-labelledby="failures">
<h2 id="failures">Failed runs of the last week</h2>
${rows.length === 0 ? '<p>None.</p>' : table('Failed runs of the last week, newest first', ['Verdict', 'When', 'Budget', 'Commit', 'Finding'], rows)}
${rest > 0 ? `<p>and ${rest} more</p>\n` : ''}</section>
`;
}

function alert(budget: BudgetEntry, run: PastRun, document: CheckDocument): string {
  const said = escape(headline(run.result, run.baseline?.name ?? 'the baseline'));
  return `<li class="${run.result.verdict}">${mark(run.result.verdict)} ${link(budget, document)} ${said} ${time(run.at)}</li>`;
}

function problems({ problems: all }: CheckDocument): string {
  if (all.length === 0) return '';
  const items = all.map(({ file, line, column, message }) => {
    return `<li><code>${escape(`${file}:${line}:${column}`)}</code> ${escape(message)}</li>`;
  });
  return `<section aria-labelledby="problems">\n<h2 id="problems">Problems</h2>\n<ul>${items.join('')}</ul>\n</section>\n`;
}

/** Shown where there are scripts. */
function filters(budgets: readonly BudgetEntry[]): string {
  const boxes = order.flatMap((verdict) => {
    if (!budgets.some((budget) => budget.verdict === verdict)) return [];
    return [`<label><input type="checkbox" name="verdict" value="${verdict}" checked> ${words[verdict]}</label>`];
  });
  const spans = [
    ['', 'all time'],
    ['1', 'last day'],
    ['7', 'last week'],
    ['31', 'last month'],
    ['365', 'last year'],
  ].map(([value = '', name = '']) => `<option value="${value}">${name}</option>`);
  return `<form class="filters" role="search" aria-label="Filter budgets" hidden>
<label>Name, benchmark or file <input type="search" name="text" autocomplete="off"></label>
<fieldset><legend>Verdict</legend>${boxes.join('')}</fieldset>
<label>Time <select name="days">${spans.join('')}</select></label>
<output aria-live="polite"></output>
</form>`;
}

interface CardOptions {
  readonly document: CheckDocument;
  readonly now: number;
  /** The id of the element that has the trend. */
  readonly chart: string | null;
}

function card(budget: BudgetEntry, runs: readonly PastRun[], { document, chart }: CardOptions): string {
  const { name, benchmark, verdict, place, checks } = budget;
  const against = againstOf(budget, document);
  const where = place === undefined ? '' : `${place.file}:${place.line}`;
  const searched = [name, benchmark, where].join('\n').toLowerCase();
  const said = [...findings(name, budget, against).map(({ message }) => message), ...openReasons([budget])];
  const parts = [
    `<h3>${mark(verdict)} ${escape(name)}</h3>`,
    `<p class="headline">${escape(headline(budget, against))}</p>`,
    ...(where === '' ? [] : [`<p class="place"><code>${escape(where)}</code></p>`]),
    ...said.map((sentence) => `<p>${escape(sentence)}</p>`),
    ...(chart === null ? [] : [`<div class="trend" data-trend="${chart}" data-name="${escape(name)}"></div>`]),
    ...(budget.parts === undefined ? [] : [timeline(budget.parts)]),
    ...(checks.length === 0 && runs.length === 0
      ? []
      : [`<details><summary>Checks and runs</summary>\n${checksTable(budget)}${runsTable(runs)}</details>`]),
  ];
  return `<article class="${verdict}" id="${idOf(budget, document)}" data-verdict="${verdict}" data-text="${escape(searched)}" data-last="${runs[0]?.at ?? ''}">
${parts.join('\n')}
</article>`;
}

/** What happens one after the other, each phase where it begins and as long as it takes. */
function timeline(parts: NonNullable<BudgetResult['parts']>): string {
  const total = parts.reduce((sum, { value }) => sum + value, 0);
  if (!(total > 0)) return '';
  let from = 0;
  const rows = parts.map(({ name, value, unit }) => {
    const percent = (share: number): string => `${Number(((share / total) * 100).toFixed(2))}%`;
    const bar = `<span class="bar" style="margin-left:${percent(from)};width:${percent(value)}"></span>`;
    from += value;
    return [escape(name), quantity(value, unit), escape(formatShare(value / total)), bar];
  });
  return table('One after the other', ['Part', 'Time', 'Share', 'When'], rows, 'timeline');
}

const quantity = (value: number, symbol: string): string => {
  const unit = freeUnit(symbol);
  const known = value * unit.scale;
  return escape(formatQuantity(known, unit, { low: known * 0.995, high: known * 1.005 }));
};

function checksTable({ checks }: BudgetEntry): string {
  if (checks.length === 0) return '';
  const rows = checks.map((check) => {
    const figures = figuresOf(check);
    const share = shareOf(check);
    return [
      `<span class="${check.verdict}">${escape(checkMark(check))}</span>`,
      `<code>${escape(check.check)}</code> ${check.level}`,
      escape(figures?.measured ?? check.note ?? '–'),
      escape(figures?.bound ?? '–'),
      share === null ? '–' : escape(formatShare(share)),
    ];
  });
  return table('Checks', ['Verdict', 'Check', 'Measured', 'Bound', 'Used'], rows);
}

function runsTable(runs: readonly PastRun[]): string {
  if (runs.length === 0) return '';
  const rows = runs
    .slice(0, listedRuns)
    .map(({ at, commit, dirty, result, time: own, baseline }) => [
      mark(result.verdict),
      time(at),
      escape(commitName(commit, dirty)),
      own === null ? '–' : escape(formatTime(own.value, own)),
      result.comparison === null ? '–' : escape(formatChange(result.comparison.ratio, result.comparison)),
      escape(baseline?.name ?? '–'),
    ]);
  const caption =
    runs.length > listedRuns ? `The last ${listedRuns} of ${counts(runs.length, 'run')}` : counts(runs.length, 'run');
  return table(`${caption}, newest first`, ['Verdict', 'When', 'Commit', 'Time', 'Change', 'Against'], rows);
}

/** Cells are HTML. */
function table(caption: string, heads: readonly string[], rows: readonly (readonly string[])[], kind = ''): string {
  const head = heads.map((name) => `<th scope="col">${name}</th>`).join('');
  const lines = rows.map((cells) => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`);
  const of = kind === '' ? '' : ` class="${kind}"`;
  return `<div class="scroll"><table${of}>
<caption>${escape(caption)}</caption>
<thead><tr>${head}</tr></thead>
<tbody>
${lines.join('\n')}
</tbody>
</table></div>
`;
}

const mark = (verdict: Verdict): string =>
  `<span class="mark ${verdict}" role="img" aria-label="${words[verdict]}" title="${words[verdict]}">${marks[verdict]}</span>`;

/** In the reader's own time where there are scripts. */
const time = (at: number): string => `<time datetime="${new Date(at).toISOString()}">${moment(at)}</time>`;

const moment = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

const link = (budget: BudgetEntry, document: CheckDocument): string =>
  `<a href="#${idOf(budget, document)}">${escape(budget.name)}</a>`;

const idOf = (budget: BudgetEntry, { budgets }: CheckDocument): string => `b${budgets.indexOf(budget)}`;

/** JSON that ends no element and is no comment. */
const json = (value: unknown): string => JSON.stringify(value).replaceAll('<', String.raw`\u003c`);
