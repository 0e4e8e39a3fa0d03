import { formatChange, formatTime } from '../../language/figures.js';
import { baselineName, openReasons } from '../../text/terminal.js';
import { againstOf, interruption, worstFirst, type BudgetEntry, type CheckDocument } from './document.js';
import { cells, mark, table, time, verdictWords } from './markup.js';
import { trendText } from './page-data.js';
import { day, noPast, type NamedRun, type Past } from './past.js';
import { timeline } from './timeline.js';
import { jsonText, markup, type Markup } from '../../text/escape.js';
import { checkMark, headline } from '../../text/title.js';
import { causesText } from '../../text/cause.js';
import { findings } from '../../text/finding.js';
import { figuresOf, formatShare } from '../../text/figures.js';
import { shareOf } from '../../text/check.js';
import { commitName, counts } from '../../text/words.js';

export interface PageOptions {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** What `src/page` compiles to. */
  readonly script: string;
  readonly style: string;
}

/** A list shows this many entries and folds the rest; past `listedFailures` it only counts them. */
const listed = 10;
const listedFailures = 100;

/**
 * Renders one self-contained page: what is wrong today and what failed this week, then every budget with its history as a
 * chart. Tables repeat all that the charts show, so without scripts the page lacks only charts and filters. `pasts` holds the
 * histories of the budgets in the order of the document.
 */
export function htmlReport(
  document: CheckDocument,
  pasts: readonly Past[],
  { now, script, style }: PageOptions,
): string {
  const histories = new Map(document.budgets.map((budget, place) => [budget, pasts[place] ?? noPast]));
  const entries = worstFirst(document).map((budget): Entry => ({
    budget,
    past: histories.get(budget) ?? noPast,
    id: `b${document.budgets.indexOf(budget)}`,
    against: againstOf(budget, document),
  }));
  const trends = entries.flatMap(({ past, id }) =>
    past.trends.length === 0
      ? []
      : [markup`<script type="application/json" id="t-${id}">${json(past.trends.map(trendText))}</script>`],
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
<title>Performance budgets</title>
<style>${markup.trusted(style.replaceAll('</', String.raw`<\/`))}</style>
</head>
<body data-now="${now}">
<header>
<h1>Performance budgets</h1>
<p>${introduction(document, now)}</p>
${interrupted === null ? '' : markup`<p><strong>${interrupted}</strong></p>\n`}${tally(entries)}
</header>
${entries.length === 0 ? '' : filters(entries)}
<main>
${recent(entries, now)}${problems(document)}<section aria-labelledby="budgets">
<h2 id="budgets">Budgets</h2>
${entries.length === 0 ? markup`<p>There are no budgets yet.</p>` : markup`${hint}<p class="none" hidden>No budget matches.</p>`}
<div class="cards">
${markup.join(entries.map(card), '\n')}
</div>
</section>
</main>
<script>${markup.trusted(script.replaceAll('</script', String.raw`<\/script`))}</script>
${markup.join(trends, '\n')}
</body>
</html>
`.text;
}

/** Shown only with scripts. */
const hint = markup`<p class="hint">Drag across a chart to zoom in, double-click to see all of it. On the keyboard, ← and → move from run to run, + and − zoom, Esc shows all runs.</p>\n`;

/** A budget with all that the page shows about it. */
interface Entry {
  readonly budget: BudgetEntry;
  readonly past: Past;
  /** The HTML id of its card. */
  readonly id: string;
  /** What it is compared with. */
  readonly against: string;
}

function introduction({ baseline, machine: { cpu, cores, os } }: CheckDocument, now: number): Markup {
  const machine = cpu === '' ? '' : ` on ${cpu}, ${counts(cores, 'core')}, ${os}`;
  const against = baseline === null ? '' : `, compared with ${baselineName(baseline)}`;
  return markup`${time(now)}${machine}${against}`;
}

const order = ['error', 'fail', 'undecided', 'warn', 'pass'] as const;

function tally(entries: readonly Entry[]): Markup {
  const items = order.flatMap((verdict) => {
    const count = entries.filter(({ budget }) => budget.verdict === verdict).length;
    return count === 0 ? [] : [markup`<li class="${verdict}"><b>${count}</b> ${verdictWords[verdict]}</li>`];
  });
  return items.length === 0 ? markup`` : markup`<ul class="tally">${items}</ul>`;
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
  return markup`${list('alerts', 'Alerts of the last day', today)}${list('failures', 'Failed runs of the last week', failed)}`;
}

function list(id: string, title: string, all: readonly Alert[]): Markup {
  if (all.length === 0) return markup``;
  const items = (from: number, to: number): Markup =>
    markup`<ul>\n${markup.join(all.slice(from, to).map(line), '\n')}\n</ul>\n`;
  const rest = Math.max(0, Math.min(all.length, listedFailures) - listed);
  const folded =
    rest === 0 ? '' : markup`<details><summary>${rest} more</summary>\n${items(listed, listed + rest)}</details>\n`;
  const left = all.length - listed - rest;
  return markup`<section class="recent" aria-labelledby="${id}">
<h2 id="${id}">${title}</h2>
${items(0, listed)}${folded}${left > 0 ? markup`<p>and ${left} older ones</p>\n` : ''}</section>
`;
}

function line({ entry: { budget, past, id }, run: { at, commit, dirty, result, baseline, where } }: Alert): Markup {
  const title = headline(result, baseline?.name ?? 'the baseline');
  const machine = past.trends.length > 1 ? ` · ${where}` : '';
  return markup`<li data-of="${id}" data-verdict="${result.verdict}" data-at="${at}">${mark(result.verdict)} <a href="#${id}">${budget.name}</a> <span>${title}</span> <small>${time(at)} · ${commitName(commit, dirty)}${machine}</small></li>`;
}

function problems({ problems: all }: CheckDocument): Markup {
  if (all.length === 0) return markup``;
  const items = all.map(({ file, line, column, message }) => {
    return markup`<li><code>${file}:${line}:${column}</code> ${message}</li>`;
  });
  return markup`<section aria-labelledby="problems">\n<h2 id="problems">Problems</h2>\n<ul>${items}</ul>\n</section>\n`;
}

const spans = [
  ['', 'all time'],
  ['1', 'last day'],
  ['7', 'last week'],
  ['30', 'last month'],
  ['90', 'last 90 days'],
] as const;

/** Shown only with scripts. */
function filters(entries: readonly Entry[]): Markup {
  const boxes = order.flatMap((verdict) => {
    const isThere = ({ budget, past }: Entry): boolean =>
      budget.verdict === verdict || past.alerts.some(({ result }) => result.verdict === verdict);
    if (!entries.some(isThere)) return [];
    return [
      markup`<label><input type="checkbox" name="verdict" value="${verdict}" checked> ${verdictWords[verdict]}</label>`,
    ];
  });
  const option = (value: string, name: string): Markup => markup`<option value="${value}">${name}</option>`;
  const tags = [...new Set(entries.flatMap(({ budget }) => budget.tags ?? []))].sort();
  const tag =
    tags.length === 0
      ? ''
      : markup`<label>Tag <select name="tag">${option('', 'any')}${tags.map((one) => option(one, one))}</select></label>\n`;
  return markup`<form class="filters" role="search" aria-label="Filter budgets" hidden>
<label>Search <input type="search" name="text" placeholder="name, benchmark or file" autocomplete="off"></label>
<fieldset><legend>Verdict</legend>${boxes}</fieldset>
${tag}<label>Time <select name="days">${spans.map(([value, name]) => option(value, name))}</select></label>
<output></output>
</form>`;
}

function card(entry: Entry): Markup {
  const { budget, past, id, against } = entry;
  const { name, benchmark, verdict, place, checks, tags = [] } = budget;
  const where = place === undefined ? '' : `${place.file}:${place.line}`;
  const searched = [name, benchmark, where].join('\n').toLowerCase();
  const title = headline(budget, against);
  // The open reason is often just the headline.
  const reasons = openReasons([budget]).filter((reason) => reason !== `${name}: ${title}.`);
  const sentences = [...findings(name, budget, against).map(({ message }) => message), ...reasons];
  const about = [
    ...(where === '' ? [] : [markup`<code>${where}</code>`]),
    ...tags.map((tag) => markup`<span class="tag">${tag}</span>`),
  ];
  const tables = [checksTable(budget), changesTable(past), runsTable(past)];
  const parts = [
    markup`<h3>${mark(verdict)} ${name}</h3>`,
    markup`<p class="headline">${title}</p>`,
    ...(about.length === 0 ? [] : [markup`<p class="about">${markup.join(about, ' ')}</p>`]),
    ...sentences.map((sentence) => markup`<p>${sentence}</p>`),
    causeList(budget),
    ...(past.trends.length === 0 ? [] : [markup`<div class="trend" data-trend="t-${id}" data-name="${name}"></div>`]),
    timeline(budget, past.sums),
    ...(checks.length === 0 && past.count === 0
      ? []
      : [markup`<details><summary>Checks and runs</summary>\n${tables}</details>`]),
  ];
  const data = markup`data-verdict="${verdict}" data-text="${searched}" data-tags="${JSON.stringify(tags)}" data-at="${past.runs[0]?.at ?? ''}"`;
  return markup`<article class="${verdict}" id="${id}" aria-label="${name}" ${data}>
${markup.join(
  parts.filter(({ text }) => text !== ''),
  '\n',
)}
</article>`;
}

/** Lists what accounts for the difference, with what V8 reported; empty if it was not looked for. */
function causeList(budget: BudgetEntry): Markup {
  const text = causesText(budget, Infinity);
  if (text === null) return markup``;
  const items = text.causes.map(({ words: { amount, code, where, place, reasons } }) => {
    const source = code === '' ? '' : markup` <code>${code}</code>`;
    const at = place === null ? '' : markup`, <code>${place}</code>`;
    const notes = reasons.map((reason) => markup`<br><small>${reason}</small>`);
    return markup`<li>${amount}${source}${where === '' ? '' : ` ${where}`}${at}${notes}</li>`;
  });
  const list = items.length === 0 ? [] : [markup`<ul class="causes">\n${markup.join(items, '\n')}\n</ul>`];
  return markup.join([...list, ...(text.note === null ? [] : [markup`<p>${text.note}</p>`])], '\n');
}

function checksTable({ checks }: BudgetEntry): Markup {
  if (checks.length === 0) return markup``;
  const rows = checks.map((check) => {
    const figures = figuresOf(check);
    const share = shareOf(check);
    return cells([
      markup`<span class="${check.verdict}">${checkMark(check)}</span>`,
      markup`<code>${check.check}</code> ${check.level}`,
      figures?.measured ?? check.note ?? '–',
      figures?.bound ?? '–',
      share === null ? '–' : formatShare(share),
    ]);
  });
  return table('Checks', ['Verdict', 'Check', 'Measured', 'Bound', 'Used'], rows);
}

/** The level changes that the charts mark. */
function changesTable({ trends }: Past): Markup {
  const found = trends.flatMap(({ machine, at, commit, series }) =>
    series.flatMap(({ metric, changes }) =>
      changes.map((one) => ({
        machine,
        metric,
        at: (at[one.at] ?? 0) * 1000,
        commit: commit[one.at] ?? '',
        ratio: one.ratio,
      })),
    ),
  );
  if (found.length === 0) return markup``;
  const isOne = trends.length === 1;
  const rows = found
    .sort((a, b) => b.at - a.at)
    .map(({ machine, metric, at, commit, ratio }) => {
      const all = [time(at), metric, formatChange(ratio), commit || '–'];
      return cells(isOne ? all : [...all, machine], markup` data-at="${at}"`);
    });
  const heads = ['Since', 'Figure', 'Change', 'First commit', ...(isOne ? [] : ['Machine'])];
  return table('Level changes, newest first', heads, rows);
}

function runsTable({ runs, count, trends }: Past): Markup {
  if (runs.length === 0) return markup``;
  const isOne = trends.length === 1;
  const rows = runs.map(({ at, commit, dirty, result, time: own, baseline, where }) => {
    const all = [
      mark(result.verdict),
      time(at),
      commitName(commit, dirty),
      own === null ? '–' : formatTime(own.value, own),
      result.comparison === null ? '–' : formatChange(result.comparison.ratio, result.comparison),
      baseline?.name ?? '–',
    ];
    return cells(isOne ? all : [...all, where], markup` data-at="${at}"`);
  });
  const caption = count > runs.length ? `The last ${runs.length} of ${counts(count, 'run')}` : counts(count, 'run');
  const heads = ['Verdict', 'When', 'Commit', 'Time', 'Change', 'Against', ...(isOne ? [] : ['Machine'])];
  return table(`${caption}, newest first`, heads, rows);
}

/** Writes JSON that cannot close its script element or open a comment. */
const json = (value: unknown): Markup => markup.trusted(jsonText(value).replaceAll('<', String.raw`\u003c`));
