import * as l10n from '@vscode/l10n';
import type { Cause } from '../results/causes.js';
import type { BudgetResult } from '../results/measurement.js';
import { causeFunction, causeLine, causeSubject, causeWords, gainOf, causeShare, shareWithInterval } from './cause.js';
import { missed } from './check.js';
import { cutText } from './words.js';
import { codeCell, markdown, paragraphs, prose, table, type Markdown } from './markdown.js';

/** What an editor shows of causes: a table in a hover, a sentence at the line and at the function. */

/** A hover is for a glance. */
const mostRows = 5;

/** Whether a limit or an acceptable bound is missed: then its causes are shown in the code. */
export const isBroken = (result: BudgetResult): boolean => missed(result).some(({ level }) => level !== 'target');

/** The most of a source line, in characters, in a list that leads to the line. */
const longestCode = 48;

/** `+3.9 µs of +4.0 µs (97%): delete last.previous; in buildValues`, for a list that shows the place itself. */
export function relatedWords(cause: Cause, all: readonly Cause[]): string {
  const words = causeWords(cause, all);
  return causeLine({ ...words, code: cutText(words.code, longestCode), place: null });
}

/** The same with how certain it is, and with what V8 reported, for the line itself. */
export function lineWords(cause: Cause, all: readonly Cause[]): string {
  const words = causeWords(cause, all);
  const amount = words.amount.replace(`(${causeShare(cause)})`, `(${shareWithInterval(cause)})`);
  return [`${causeLine({ ...words, amount, place: null })}.`, ...words.reasons].join('\n');
}

/** Returns a table of the causes, what V8 reported below it, and the note. `link` links a place to the cause of that index. */
export function causesTable(
  { causes = [], causesNote = '' }: Pick<BudgetResult, 'causes' | 'causesNote'>,
  link: (words: string, index: number) => Markdown,
): Markdown {
  if (causes.length === 0) return prose(causesNote);
  const rows = causes.slice(0, mostRows).map((cause, index) => {
    const { place, code, where } = causeWords(cause, causes);
    return [
      place === null ? '–' : link(place, index),
      code === '' ? where || causeSubject(cause) : codeCell(code),
      gainOf(cause),
      shareWithInterval(cause),
    ];
  });
  const rest = causes.length - rows.length;
  const reasons = causes.slice(0, mostRows).flatMap((cause) => causeWords(cause, causes).reasons);
  return paragraphs([
    table([l10n.t('Cause'), '', l10n.t('A call'), l10n.t('Share')], rows, [2, 3]),
    rest > 0 ? markdown.filled(l10n.t('and {0} more'), rest) : markdown``,
    ...[...new Set(reasons)].map((reason) => prose(reason)),
    prose(causesNote),
  ]);
}

/** `buildValues (values before)`; of the collector, `encode`; what there is of a name. */
export const causeTitle = (cause: Cause): string => causeFunction(cause) || causeSubject(cause);
