import * as l10n from '@vscode/l10n';
import { formatChange, formatInterval, formatPercent, formatPlusMinus, formatSpeed } from '../language/figures.js';
import { unreachable } from '../result.js';
import type { Bisection, FoundCommit, Ratio } from '../results/bisection.js';
import type { Cause } from '../results/causes.js';
import { causePlace, causeShort, causeSubject } from './cause.js';
import { counts } from './words.js';

/** The words for commits that changed the cost of a budget. */

const short = (commit: string): string => commit.slice(0, 7);

/** `14% slower`, `5% faster`, `320 times slower`; of memory, `14% more allocated`. */
function changeOf(metric: string, found: Ratio): string {
  if (metric === 'time') return formatSpeed(found.ratio, found);
  const change = Math.abs(found.ratio - 1);
  return `${formatPercent(change)} ${found.ratio < 1 ? 'less' : 'more'} ${metric}`;
}

/** Says in one or two sentences what was found. */
export function bisectMessage(found: Omit<Bisection, 'message'>): string {
  const { budget, metric, outcome, good, bad, commits } = found;
  const isTime = metric === 'time';
  const at = l10n.t`at ${bad.name} than at ${good.name}`;
  const change = `${budget} ${isTime ? 'is' : 'has'} ${changeOf(metric, bad)} ${at} (${formatInterval(bad, 'to')})`;
  switch (outcome) {
    case 'no difference': {
      if (isExact(bad))
        return l10n.t`${budget} runs the same code at ${bad.name} as at ${good.name}, so there is nothing to find.`;
      const none = isTime ? l10n.t`is not slower ${at}` : l10n.t`has no more ${metric} ${at}`;
      return l10n.t`${budget} ${none}: ${withInterval(bad)}. There is nothing to find.`;
    }
    case 'faster':
      return l10n.t`${change}, so there is nothing to find.`;
    case 'found':
    case 'undecided': {
      if (commits.length > 0) return `${change}: ${commits.map((one) => deed(metric, one)).join(', ')}.`;
      const figures = formatPlusMinus(bad.ratio, bad);
      return isTime
        ? l10n.t`Whether ${budget} is slower ${at} could not be decided: ${figures}. More time may help, such as --time 10s.`
        : l10n.t`Whether ${budget} has more ${metric} ${at} could not be decided: ${figures}. More time may help, such as --time 10s.`;
    }
    default:
      return unreachable(outcome);
  }
}

/** `a1b2c3d made it 14% slower`, `one of 3 commits up to a1b2c3d made it 14% slower`. */
function deed(metric: string, { commit, step, among }: FoundCommit): string {
  const who =
    among === undefined ? short(commit) : l10n.t`one of ${counts(among.length, 'commit')} up to ${short(commit)}`;
  return metric === 'time'
    ? l10n.t`${who} made it ${changeOf(metric, step)}`
    : l10n.t`${who} gave it ${changeOf(metric, step)}`;
}

const isExact = ({ low, high }: Ratio): boolean => low === 1 && high === 1;

/** `+0.4% (−1.2 to +2.0%)`. */
const withInterval = (found: Ratio): string => `${formatChange(found.ratio, found)} (${formatInterval(found, 'to')})`;

/** A line about a commit: `a1b2c3d  2026-11-02  Ada Lovelace  Validate every token`. */
const commitTitle = ({ commit, date, author, subject }: FoundCommit): string =>
  [short(commit), date.slice(0, 10), author, subject].filter(Boolean).join('  ');

/** The figures of a commit: `14% slower than 0f1e2d3 (+11 to +17%); beside v1.0, +1% before and +15% after`. */
function commitFigures({ metric, good }: Pick<Bisection, 'metric' | 'good'>, found: FoundCommit): string {
  const { parent, step, before, after } = found;
  const words = l10n.t`${changeOf(metric, step)} than ${short(parent)} (${formatInterval(step, 'to')})`;
  if (parent === good.commit) return words;
  return l10n.t`${words}; beside ${good.name}: ${level(before)} before, ${level(after)} after`;
}

const level = (found: Ratio): string => (isExact(found) ? l10n.t('the same code') : withInterval(found));

/** What a reader must know of a found commit besides its figures, one sentence each. */
function commitNotes(budget: string, found: FoundCommit): readonly string[] {
  const { commit, parent, among, isMerge, causesNote } = found;
  const others = among?.filter((one) => one !== commit) ?? [];
  return [
    ...(others.length === 0
      ? []
      : [
          others.length === 1
            ? l10n.t`It may as well be ${listed(others.map(short))}, which cannot run or differs by too little to tell.`
            : l10n.t`It may as well be ${listed(others.map(short))}, which cannot run or differ by too little to tell.`,
        ]),
    ...(isMerge === true && among === undefined
      ? [
          l10n.t`It is a merge. To search what it merged: perf-budget bisect ${quoted(budget)} --good ${short(parent)} --bad ${short(commit)}^2`,
        ]
      : []),
    ...(causesNote === undefined ? [] : [causesNote]),
  ];
}

const quoted = (name: string): string => (/^[\w./-]+$/.test(name) ? name : JSON.stringify(name));

/** How many commits are listed. */
const most = 6;

function listed(names: readonly string[]): string {
  if (names.length > most) return l10n.t`${names.slice(0, most).join(', ')} or ${names.length - most} others`;
  return names.length < 2 ? names.join('') : l10n.t`${names.slice(0, -1).join(', ')} or ${names.at(-1) ?? ''}`;
}

/** A line about what accounts for a difference: `src/diff.ts:120  delete last.previous;  +3.9 µs, 97%`. */
const causeLine = (cause: Cause): string =>
  [causePlace(cause) ?? '', causeSubject(cause), causeShort(cause)].filter(Boolean).join('  ');

/** How many commits were compared and passed over: `112 commits, 7 of them compared and 1 skipped.` */
function searchedWords({ total, tested, skipped }: Bisection): string {
  return skipped.length === 0
    ? l10n.t`${counts(total, 'commit')}, ${tested.length} of them compared.`
    : l10n.t`${counts(total, 'commit')}, ${tested.length} of them compared and ${skipped.length} skipped.`;
}

const skippedWords = ({ commit, why }: Bisection['skipped'][number]): string =>
  l10n.t`${short(commit)} was skipped: ${why}.`;

function skippedLines(skipped: Bisection['skipped']): readonly string[] {
  const others = skipped.length - most;
  const lines = skipped.slice(0, most).map(skippedWords);
  return others > 0 ? [...lines, l10n.t`${others} more were skipped; --json has them.`] : lines;
}

/** What is being compared: `a1b2c3d`, `a1b2c3d, which is hard to tell`. */
export const comparedWords = (commit: string, isLonger: boolean): string =>
  isLonger ? l10n.t`${short(commit)}, which is hard to tell` : short(commit);

/** `Of its 12 benchmarks, parser/large became slower most, and was compared.` */
export const followedNote = (count: number, benchmark: string): string =>
  l10n.t`Of its ${counts(count, 'benchmark')}, ${benchmark} became slower most, and was compared.`;

export const interruptedBisect = (): string =>
  l10n.t('Interrupted: what was compared is kept. The same request goes on from there.');

/** A report as plain lines: a title and lines for each found commit, what else there is to know, and what was found in a sentence. */
export interface BisectReport {
  readonly commits: readonly { readonly title: string; readonly lines: readonly string[] }[];
  readonly rest: readonly string[];
  readonly message: string;
}

export function bisectReport(found: Bisection): BisectReport {
  const { budget, commits, skipped, notes, message } = found;
  return {
    commits: commits.map((one) => ({
      title: commitTitle(one),
      lines: [commitFigures(found, one), ...(one.causes ?? []).map(causeLine), ...commitNotes(budget, one)],
    })),
    rest: [searchedWords(found), ...skippedLines(skipped), ...notes],
    message,
  };
}

/** The same as lines of a log. */
export function bisectLines(found: Bisection): readonly string[] {
  const { commits, rest, message } = bisectReport(found);
  return [message, ...commits.flatMap(({ title, lines }) => [title, ...lines.map((line) => `  ${line}`)]), ...rest];
}
