import { formatChange, formatTime } from '../../language/figures.js';
import { baselineName, openReasons } from '../../text/terminal.js';
import { againstOf, interruption, worstFirst, type BudgetEntry, type CheckDocument } from './document.js';
import { cells, mark, table, time, verdictWords } from './markup.js';
import { trendText } from './page-data.js';
import { day, noPast, type NamedRun, type Past } from './past.js';
import { timeline } from './timeline.js';
import { escapeMarkup as escape } from '../../text/escape.js';
import { checkMark, headline } from '../../text/title.js';
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
      : [`<script type="application/json" id="t-${id}">${json(past.trends.map(trendText))}</script>`],
  );
  const interrupted = interruption(document);
  // The page loads nothing from the network.
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
<p>${introduction(document, now)}</p>
${interrupted === null ? '' : `<p><strong>${escape(interrupted)}</strong></p>\n`}${tally(entries)}
</header>
${entries.length === 0 ? '' : filters(entries)}
<main>
${recent(entries, now)}${problems(document)}<section aria-labelledby="budgets">
<h2 id="budgets">Budgets</h2>
${entries.length === 0 ? '<p>There are no budgets yet.</p>' : `${hint}<p class="none" hidden>No budget matches.</p>`}
<div class="cards">
${entries.map(card).join('\n')}
</div>
</section>
</main>
<script>${script.replaceAll('</script', String.raw`<\/script`)}</script>
${trends.join('\n')}
</body>
</html>
`;
}

/** Shown only with scripts. */
const hint =
  '<p class="hint">Drag across a chart to zoom in, double-click to see all of it. On the keyboard, ← and → move from run to run, + and − zoom, Esc shows all runs.</p>\n';

/** A budget with all that the page shows about it. */
interface Entry {
  readonly budget: BudgetEntry;
  readonly past: Past;
  /** The HTML id of its card. */
  readonly id: string;
  /** What it is compared with. */
  readonly against: string;
}

function introduction({ baseline, machine: { cpu, cores, os } }: CheckDocument, now: number): string {
  const machine = cpu === '' ? '' : ` on ${cpu}, ${counts(cores, 'core')}, ${os}`;
  const against = baseline === null ? '' : `, compared with ${baselineName(baseline)}`;
  return `${time(now)}${escape(machine + against)}`;
}

const order = ['error', 'fail', 'undecided', 'warn', 'pass'] as const;

function tally(entries: readonly Entry[]): string {
  const items = order.flatMap((verdict) => {
    const count = entries.filter(({ budget }) => budget.verdict === verdict).length;
    return count === 0 ? [] : [`<li class="${verdict}"><b>${count}</b> ${verdictWords[verdict]}</li>`];
  });
  return items.length === 0 ? '' : `<ul class="tally">${items.join('')}</ul>`;
}

interface Alert {
  readonly entry: Entry;
  readonly run: NamedRun;
}

/** Lists the alerts of the last day, one line per budget, and the failed runs of the last week; empty if there are none. */
function recent(entries: readonly Entry[], now: number): string {
  const all = entries.map((entry) => entry.past.alerts.map((run): Alert => ({ entry, run })));
  const today = all.flatMap((alerts) => alerts.slice(0, 1)).filter(({ run }) => now - run.at <= day);
  const failed = all
    .flat()
    .filter(({ run }) => run.result.verdict === 'fail' || run.result.verdict === 'error')
    .sort((a, b) => b.run.at - a.run.at);
  return list('alerts', 'Alerts of the last day', today) + list('failures', 'Failed runs of the last week', failed);
}

function list(id: string, title: string, all: readonly Alert[]): string {
  if (all.length === 0) return '';
  const items = (from: number, to: number): string => `<ul>\n${all.slice(from, to).map(line).join('\n')}\n</ul>\n`;
  const rest = Math.max(0, Math.min(all.length, listedFailures) - listed);
  const folded =
    rest === 0 ? '' : `<details><summary>${rest} more</summary>\n${items(listed, listed + rest)}</details>\n`;
  const left = all.length - listed - rest;
  return `<section class="recent" aria-labelledby="${id}">
<h2 id="${id}">${title}</h2>
${items(0, listed)}${folded}${left > 0 ? `<p>and ${left} older ones</p>\n` : ''}</section>
`;
}

function line({ entry: { budget, past, id }, run: { at, commit, dirty, result, baseline, where } }: Alert): string {
  const title = headline(result, baseline?.name ?? 'the baseline');
  const machine = past.trends.length > 1 ? ` · ${escape(where)}` : '';
  return `<li data-of="${id}" data-verdict="${result.verdict}" data-at="${at}">${mark(result.verdict)} <a href="#${id}">${escape(budget.name)}</a> <span>${escape(title)}</span> <small>${time(at)} · ${escape(commitName(commit, dirty))}${machine}</small></li>`;
}

function problems({ problems: all }: CheckDocument): string {
  if (all.length === 0) return '';
  const items = all.map(({ file, line, column, message }) => {
    return `<li><code>${escape(`${file}:${line}:${column}`)}</code> ${escape(message)}</li>`;
  });
  return `<section aria-labelledby="problems">\n<h2 id="problems">Problems</h2>\n<ul>${items.join('')}</ul>\n</section>\n`;
}

const spans = [
  ['', 'all time'],
  ['1', 'last day'],
  ['7', 'last week'],
  ['30', 'last month'],
  ['90', 'last 90 days'],
] as const;

/** Shown only with scripts. */
function filters(entries: readonly Entry[]): string {
  const boxes = order.flatMap((verdict) => {
    const isThere = ({ budget, past }: Entry): boolean =>
      budget.verdict === verdict || past.alerts.some(({ result }) => result.verdict === verdict);
    if (!entries.some(isThere)) return [];
    return [
      `<label><input type="checkbox" name="verdict" value="${verdict}" checked> ${verdictWords[verdict]}</label>`,
    ];
  });
  const option = (value: string, name: string): string => `<option value="${escape(value)}">${escape(name)}</option>`;
  const tags = [...new Set(entries.flatMap(({ budget }) => budget.tags ?? []))].sort();
  const tag =
    tags.length === 0
      ? ''
      : `<label>Tag <select name="tag">${option('', 'any')}${tags.map((one) => option(one, one)).join('')}</select></label>\n`;
  return `<form class="filters" role="search" aria-label="Filter budgets" hidden>
<label>Search <input type="search" name="text" placeholder="name, benchmark or file" autocomplete="off"></label>
<fieldset><legend>Verdict</legend>${boxes.join('')}</fieldset>
${tag}<label>Time <select name="days">${spans.map(([value, name]) => option(value, name)).join('')}</select></label>
<output></output>
</form>`;
}

function card(entry: Entry): string {
  const { budget, past, id, against } = entry;
  const { name, benchmark, verdict, place, checks, tags = [] } = budget;
  const where = place === undefined ? '' : `${place.file}:${place.line}`;
  const searched = [name, benchmark, where].join('\n').toLowerCase();
  const title = headline(budget, against);
  // The open reason is often just the headline.
  const reasons = openReasons([budget]).filter((reason) => reason !== `${name}: ${title}.`);
  const sentences = [...findings(name, budget, against).map(({ message }) => message), ...reasons];
  const about = [
    ...(where === '' ? [] : [`<code>${escape(where)}</code>`]),
    ...tags.map((tag) => `<span class="tag">${escape(tag)}</span>`),
  ];
  const tables = [checksTable(budget), changesTable(past), runsTable(past)].join('');
  const parts = [
    `<h3>${mark(verdict)} ${escape(name)}</h3>`,
    `<p class="headline">${escape(title)}</p>`,
    ...(about.length === 0 ? [] : [`<p class="about">${about.join(' ')}</p>`]),
    ...sentences.map((sentence) => `<p>${escape(sentence)}</p>`),
    ...(past.trends.length === 0 ? [] : [`<div class="trend" data-trend="t-${id}" data-name="${escape(name)}"></div>`]),
    timeline(budget, past.sums),
    ...(checks.length === 0 && past.count === 0
      ? []
      : [`<details><summary>Checks and runs</summary>\n${tables}</details>`]),
  ];
  const data = `data-verdict="${verdict}" data-text="${escape(searched)}" data-tags="${escape(JSON.stringify(tags))}" data-at="${past.runs[0]?.at ?? ''}"`;
  return `<article class="${verdict}" id="${id}" aria-label="${escape(name)}" ${data}>
${parts.filter(Boolean).join('\n')}
</article>`;
}

function checksTable({ checks }: BudgetEntry): string {
  if (checks.length === 0) return '';
  const rows = checks.map((check) => {
    const figures = figuresOf(check);
    const share = shareOf(check);
    return cells([
      `<span class="${check.verdict}">${escape(checkMark(check))}</span>`,
      `<code>${escape(check.check)}</code> ${check.level}`,
      escape(figures?.measured ?? check.note ?? '–'),
      escape(figures?.bound ?? '–'),
      share === null ? '–' : escape(formatShare(share)),
    ]);
  });
  return table('Checks', ['Verdict', 'Check', 'Measured', 'Bound', 'Used'], rows);
}

/** The level changes that the charts mark. */
function changesTable({ trends }: Past): string {
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
  if (found.length === 0) return '';
  const isOne = trends.length === 1;
  const rows = found
    .sort((a, b) => b.at - a.at)
    .map(({ machine, metric, at, commit, ratio }) => {
      const all = [time(at), escape(metric), escape(formatChange(ratio)), escape(commit || '–')];
      return cells(isOne ? all : [...all, escape(machine)], ` data-at="${at}"`);
    });
  const heads = ['Since', 'Figure', 'Change', 'First commit', ...(isOne ? [] : ['Machine'])];
  return table('Level changes, newest first', heads, rows);
}

function runsTable({ runs, count, trends }: Past): string {
  if (runs.length === 0) return '';
  const isOne = trends.length === 1;
  const rows = runs.map(({ at, commit, dirty, result, time: own, baseline, where }) => {
    const all = [
      mark(result.verdict),
      time(at),
      escape(commitName(commit, dirty)),
      own === null ? '–' : escape(formatTime(own.value, own)),
      result.comparison === null ? '–' : escape(formatChange(result.comparison.ratio, result.comparison)),
      escape(baseline?.name ?? '–'),
    ];
    return cells(isOne ? all : [...all, escape(where)], ` data-at="${at}"`);
  });
  const caption = count > runs.length ? `The last ${runs.length} of ${counts(count, 'run')}` : counts(count, 'run');
  const heads = ['Verdict', 'When', 'Commit', 'Time', 'Change', 'Against', ...(isOne ? [] : ['Machine'])];
  return table(`${caption}, newest first`, heads, rows);
}

/** Writes JSON that cannot close its script element or open a comment. */
const json = (value: unknown): string => JSON.stringify(value).replaceAll('<', String.raw`\u003c`);
