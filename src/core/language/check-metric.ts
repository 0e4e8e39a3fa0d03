import * as l10n from '@vscode/l10n';
import { levels, type Level, type Metric } from './budget.js';
import { metricNames } from './metric.js';
import type { Range } from '../problem.js';
import type { Scanner } from './check-scanner.js';
import { closest } from './spelling.js';

const commonPercentiles = ['p50', 'p75', 'p90', 'p95', 'p99', 'p99.9'];

/** Everything a check may begin with, for completion and for "did you mean". */
export const metricWords: readonly string[] = [...metricNames, ...commonPercentiles];

const plainMetrics: ReadonlyMap<string, Metric> = new Map(metricNames.map((kind) => [kind, { kind }]));

/** Other tools' names for our metrics. */
const otherNames: Readonly<Record<string, string>> = {
  avg: 'mean',
  average: 'mean',
  minimum: 'min',
  maximum: 'max',
  error: 'errors',
  crash: 'crashes',
};

const oneWord = /[\p{L}\p{N}_][\p{L}\p{N}_.-]*/uy;
const severalWords = /[\p{L}_][\p{L}\p{N}_.-]*(?:\s+[\p{L}\p{N}_][\p{L}\p{N}_.-]*)+(?=\s*[<>=≤≥⩽⩾!~])/uy;

/** Reads a metric and nothing else. */
export function readMetricAlone(scanner: Scanner): Metric | null {
  scanner.skipSpaces();
  const range = scanner.take(oneWord);
  const metric = singleWord(scanner, range);
  scanner.skipSpaces();
  if (metric !== null && scanner.at < scanner.text.length)
    return scanner.fail(scanner.rest(), l10n.t('write a single metric.'));
  return metric;
}

/** Reads the metric that a check begins with. */
export function readMetric(scanner: Scanner): Metric | null {
  const first = scanner.text.charAt(scanner.at);
  if (first === "'" || first === '"') return quotedMetric(scanner);
  // The name of a reported metric may have several words; it ends at the relation.
  const words = scanner.take(severalWords);
  if (words.end > words.start) {
    const [level = '', ...others] = scanner.slice(words).split(/\s+/);
    const meant = levelBefore(level, others.join(' '));
    if (meant === null) return { kind: 'reported', name: [level, ...others].join(' ') };
    const range = { start: words.start, end: words.start + level.length };
    return scanner.fail(range, l10n.t`write this check without ${level}, in the list "${meant}".`);
  }
  const range = scanner.take(oneWord);
  if (range.end === range.start) {
    const rest = scanner.rest();
    if (rest.start === rest.end) return scanner.fail(rest, l10n.t('A check is missing, such as p95 <= 10 ms.'));
    return scanner.fail(rest, l10n.t('a check begins with a metric, such as time, p95 or throughput.'));
  }
  return singleWord(scanner, range);
}

/** Reads a single word: a built-in metric, a misspelt one, or one that the benchmark reports. */
function singleWord(scanner: Scanner, range: Range): Metric | null {
  const word = scanner.slice(range);
  const plain = plainMetrics.get(word);
  if (plain !== undefined) return plain;
  const percent = /^p(\d+(?:\.\d+)?)$/.exec(word)?.[1];
  if (percent !== undefined) return percentileOf(scanner, percent, range);
  const folded = word.toLowerCase();
  const meant = /^p(?:[1-9]|[1-9]\d)(?:\.\d+)?(?!\d)/.exec(folded)?.[0];
  const other = Object.hasOwn(otherNames, folded) ? otherNames[folded] : undefined;
  const near = meant ?? other ?? closest(word, metricWords);
  if (near === null && /^[\p{L}_]/u.test(word) && /^\s*[<>=≤≥⩽⩾!~]/.test(scanner.text.slice(scanner.at))) {
    return { kind: 'reported', name: word };
  }
  return scanner.fail(
    range,
    near === null
      ? l10n.t`${word} is not a metric; try time, p95 or throughput.`
      : l10n.t`${word} is not a metric; did you mean ${near}?`,
    near,
  );
}

function quotedMetric(scanner: Scanner): Metric | null {
  const quoted = scanner.quoted();
  if (quoted === null) return null;
  const name = quoted.name.trim().replaceAll(/\s+/g, ' ');
  const known = metricNames.some((one) => one === name) || /^p\d+(\.\d+)?$/.test(name);
  if (known) return scanner.fail(quoted.range, l10n.t`${name} is a built-in metric: write it without quotes.`, name);
  return { kind: 'reported', name };
}

function percentileOf(scanner: Scanner, digits: string, range: Range): Metric | null {
  const percentile = Number(digits);
  if (percentile > 0 && percentile < 100) return { kind: 'percentile', percentile };
  const word = scanner.slice(range);
  if (percentile === 100) return scanner.fail(range, l10n.t('p100 is the maximum: write max.'), 'max');
  if (percentile === 0) return scanner.fail(range, l10n.t`${word} is the minimum: write min.`, 'min');
  const suggestion = /^99\d+$/.test(digits) ? `p99.${digits.slice(2)}` : null;
  return scanner.fail(
    range,
    suggestion === null
      ? l10n.t`a percentile lies between p0 and p100, but ${word} does not.`
      : l10n.t`a percentile lies between p0 and p100, but ${word} does not; did you mean ${suggestion}?`,
    suggestion,
  );
}

/**
 * Returns the level that a word means if `rest`, what follows it, begins with a built-in metric: `traget` before `median <= 2 ms`.
 * Null if the words may be the name of a reported metric.
 */
export function levelBefore(word: string, rest: string): Level | null {
  const level = levels.find((one) => one === closest(word, levels)) ?? null;
  const metric = /^[\w.]+(?=\s*(?:$|[<>=≤≥⩽⩾!~]))/u.exec(rest.trim())?.[0].toLowerCase() ?? '';
  const isMetric = plainMetrics.has(metric) || /^p\d+(?:\.\d+)?$/.test(metric) || closest(metric, metricWords) !== null;
  return isMetric ? level : null;
}
