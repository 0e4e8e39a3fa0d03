import { formatChange, formatQuantity, type Interval } from '../core/language/figures.js';
import { freeUnit } from '../core/language/quantity.js';
import { verdicts, type Held, type Series, type Trend } from '../core/formats/reporters/trend.js';
import { counts } from '../core/text/words.js';
import { isUncommitted, isWorse } from './marks.js';

/** What a chart shows, in words. */

export function figureOf({ unit }: Series, value: number, interval?: Interval): string {
  return formatQuantity(value, freeUnit(unit), interval, interval === undefined ? 4 : 3);
}

function when({ at }: Trend, index: number, options: Intl.DateTimeFormatOptions): string {
  return new Date((at[index] ?? 0) * 1000).toLocaleString(undefined, options);
}

/** A run: when, what was measured, how it compares, of which commit, and its verdict. */
export function runWords(trend: Trend, series: Series, index: number): readonly string[] {
  const { value, low, high, baseline } = series;
  const [own = NaN, old = NaN] = [value[index], baseline[index]];
  const verdict = verdicts[trend.verdict[index] ?? 0] ?? '';
  const interval = { low: low[index] ?? own, high: high[index] ?? own };
  return [
    when(trend, index, { dateStyle: 'medium', timeStyle: 'short' }),
    Number.isNaN(own) ? '' : figureOf(series, own, interval),
    Number.isNaN(own / old) ? '' : `${formatChange(own / old)} vs ${figureOf(series, old, interval)}`,
    trend.commit[index] ?? '',
    verdict,
  ].filter((part) => part !== '');
}

/** The same for a tooltip, the figure and its interval first. */
export function tipLines(trend: Trend, series: Series, index: number): readonly string[] {
  const { value, low, high, changes } = series;
  const [at = '', ...rest] = runWords(trend, series, index);
  const [own = NaN, from = NaN, to = NaN] = [value[index], low[index], high[index]];
  const [figure = '', ...more] = Number.isNaN(own) ? ['no figure', ...rest] : rest;
  const change = changes.find((one) => one.at === index);
  const commit = trend.commit[index];
  return [
    figure,
    ...(from < to
      ? [`${figureOf(series, from, { low: from, high: to })} to ${figureOf(series, to, { low: from, high: to })}`]
      : []),
    at,
    ...more.map((part) => (part === commit && isUncommitted(part) ? `${part.slice(0, -1)} + changes` : part)),
    ...(change === undefined ? [] : [`the level changed by ${formatChange(change.ratio)}`]),
  ];
}

const held = ({ text, level }: Held): string => `${level} ${text}`;

/** What each kind of line and point is, by the class that draws it. */
export function legendItems(trend: Trend, series: Series): readonly (readonly [kind: string, text: string])[] {
  const { metric, baseline, bounds, relative, changes, value } = series;
  const failed = verdicts.indexOf('fail');
  const isFailed = value.some((one, index) => !Number.isNaN(one) && trend.verdict[index] === failed);
  const isOpen = trend.commit.some(isUncommitted);
  const isCommitted = trend.commit.some((one) => one !== '' && !isUncommitted(one));
  return [
    ['figure', `${metric} and its interval`],
    ...(baseline.some((one) => !Number.isNaN(one)) ? [['dashed', 'baseline'] as const] : []),
    ...bounds.map((one) => [one.level, held(one)] as const),
    ...relative.map((one) => [`dashed ${one.level}`, held(one)] as const),
    ...(isCommitted ? [['run', 'commit'] as const] : []),
    ...(isOpen ? [['run open', 'with uncommitted changes'] as const] : []),
    ...(isFailed ? [['run failed', 'failed'] as const] : []),
    ...changes
      .slice(-2)
      .toReversed()
      .map(({ at, ratio }) => {
        const commit = trend.commit[at] ?? '';
        const since = `${when(trend, at, { dateStyle: 'medium' })}${commit === '' ? '' : `, ${commit}`}`;
        const worse = isWorse(series, ratio) ? 'worse' : 'better';
        return [`change ${worse}`, `the level changed by ${formatChange(ratio)} on ${since}`] as const;
      }),
    ...(changes.length > 2 ? [['more', `and ${changes.length - 2} earlier changes`] as const] : []),
  ];
}

/** What a screen reader says of the chart. `where` is the machine, if there are several. */
export function summary(name: string, trend: Trend, series: Series, where: string | null): string {
  const { value, metric, changes, bounds, relative } = series;
  const last = value.findLast((one) => !Number.isNaN(one)) ?? NaN;
  const lastChange = changes.at(-1);
  const moved =
    lastChange === undefined
      ? ''
      : `, ${counts(changes.length, 'level change')}, the last by ${formatChange(lastChange.ratio)}`;
  const limits = [...bounds, ...relative].map((one) => `, ${held(one)}`).join('');
  const on = where === null ? '' : ` on ${where}`;
  return `${metric} of ${name}${on}: ${counts(trend.at.length, 'run')}, the last ${figureOf(series, last)}${limits}${moved}. Use the arrow keys to move from run to run, plus and minus to zoom, and Enter to show the commit.`;
}
