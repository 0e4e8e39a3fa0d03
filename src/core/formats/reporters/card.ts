import * as l10n from '@vscode/l10n';
import { formatChange, formatTime } from '../../language/figures.js';
import { shareOf } from '../../text/check.js';
import { causesText } from '../../text/cause.js';
import { markup, type Markup } from '../../text/escape.js';
import { figuresOf, formatShare } from '../../text/figures.js';
import { findings } from '../../text/finding.js';
import { openReasons } from '../../text/terminal.js';
import { checkMark, headline } from '../../text/title.js';
import { commitName, counts } from '../../text/words.js';
import type { BudgetEntry } from './document.js';
import { cells, mark, table, time } from './markup.js';
import type { Past } from './past.js';
import { timeline } from './timeline.js';

/** A budget with all that its card shows. */
export interface Entry {
  readonly budget: BudgetEntry;
  readonly past: Past;
  /** The HTML id of its card. */
  readonly id: string;
  /** What it is compared with. */
  readonly against: string;
}

/** What a card shows besides its result. */
export interface CardMore {
  /** The attributes that filters read. */
  readonly attributes: Markup;
  /** In place of the mark and the headline of the result: what is known now. */
  readonly mark?: Markup;
  readonly headline?: string;
  /** Buttons in its head. */
  readonly actions?: Markup;
  /** In place of the path. */
  readonly where?: Markup;
  /** The name of its project, if the page shows several. */
  readonly project?: string;
}

/** Returns the card of a budget: what was found, its history as a chart, and in tables all that the chart shows. */
export function card({ budget, past, id, against }: Entry, more: CardMore): Markup {
  const { name, verdict, place, checks, tags = [] } = budget;
  const path = place === undefined ? '' : `${place.file}:${place.line}`;
  const title = headline(budget, against);
  // The open reason is often just the headline.
  const reasons = openReasons([budget]).filter((reason) => reason !== `${name}: ${title}.`);
  const sentences = [...findings(name, budget, against).map(({ message }) => message), ...reasons];
  const about = [
    ...(path === '' ? [] : [more.where ?? markup`<code>${path}</code>`]),
    ...tags.map((tag) => markup`<span class="tag">${tag}</span>`),
  ];
  const under = more.project === undefined ? '' : markup` <small>${more.project}</small>`;
  const tables = [checksTable(budget), changesTable(past), runsTable(past)];
  const parts = [
    markup`<header><h3 title="${name}">${more.mark ?? mark(verdict)} ${name}${under}</h3>${more.actions ?? ''}</header>`,
    markup`<p class="headline">${more.headline ?? title}</p>`,
    ...(about.length === 0 ? [] : [markup`<p class="about">${markup.join(about, ' ')}</p>`]),
    ...sentences.map((sentence) => markup`<p>${sentence}</p>`),
    causeList(budget),
    ...(past.trends.length === 0 ? [] : [markup`<div class="trend" data-trend="t-${id}" data-name="${name}"></div>`]),
    timeline(budget, past.sums),
    ...(checks.length === 0 && past.count === 0
      ? []
      : [markup`<details><summary>${l10n.t('Checks and runs')}</summary>\n${tables}</details>`]),
  ];
  return markup`<article class="${verdict}" id="${id}" aria-label="${name}" ${more.attributes}>
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
  const heads = [l10n.t('Verdict'), l10n.t('Check'), l10n.t('Measured'), l10n.t('Bound'), l10n.t('Used')];
  return table(l10n.t('Checks'), heads, rows);
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
  const heads = [l10n.t('Since'), l10n.t('Figure'), l10n.t('Change'), l10n.t('First commit')];
  return table(l10n.t('Level changes, newest first'), isOne ? heads : [...heads, l10n.t('Machine')], rows);
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
  const all = counts(count, 'run');
  const caption =
    count > runs.length ? l10n.t`The last ${runs.length} of ${all}, newest first` : l10n.t`${all}, newest first`;
  const heads = [
    l10n.t('Verdict'),
    l10n.t('When'),
    l10n.t('Commit'),
    l10n.t('Time'),
    l10n.t('Change'),
    l10n.t('Against'),
  ];
  return table(caption, isOne ? heads : [...heads, l10n.t('Machine')], rows);
}
