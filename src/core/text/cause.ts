import * as l10n from '@vscode/l10n';
import { formatPercent, formatQuantity, minus } from '../language/figures.js';
import { freeUnit, type Unit } from '../language/quantity.js';
import type { Cause, Figure, SlowReason } from '../results/causes.js';
import type { BudgetResult } from '../results/measurement.js';
import { unreachable } from '../result.js';

/** More digits than these are noise: a share is known to a few percent. */
const digits = 2;

/** The most that is shown of a line of source or a name, in characters. */
const longestText = 80;

/** The most causes that a report lists; `explain` lists all. */
const mostCauses = 3;

/** `+3.9 µs`, `−240 B`: what a call gained from one figure to the other, with the digits that the interval of its share supports. */
export function gainOf(cause: Pick<Cause, 'baseline' | 'current' | 'share' | 'low' | 'high'>): string {
  const { share, low, high } = cause;
  const gain = gainIn(cause);
  const half = share === 0 ? 0 : Math.abs((gain / share) * (high - low)) / 2;
  return signed(gain, half, unitOf(cause.current));
}

/** Returns the gain in the base unit. */
const gainIn = ({ baseline, current }: Pick<Cause, 'baseline' | 'current'>): number =>
  current.value * unitOf(current).scale - baseline.value * unitOf(baseline).scale;

const unitOf = ({ unit }: Figure): Unit => freeUnit(unit === 'bytes' ? 'B' : unit);

function signed(value: number, half: number, unit: Unit): string {
  const size = Math.abs(value);
  return `${value < 0 ? minus : '+'}${formatQuantity(size, unit, { low: size - half, high: size + half }, digits)}`;
}

/** `4.7 µs`, `5.0 KB`: a figure of a cause. */
export function causeFigure(figure: Figure): string {
  const unit = unitOf(figure);
  const value = figure.value * unit.scale;
  return formatQuantity(value, unit, value === 0 ? undefined : { low: value, high: value }, digits);
}

/** `97%`; `about 90%` if its interval supports no more. */
export const causeShare = (cause: Pick<Cause, 'share' | 'low' | 'high'>): string =>
  cause.high - cause.low >= 0.2 ? l10n.t`about ${roundedShare(cause)}` : roundedShare(cause);

const roundedShare = ({ share, low, high }: Pick<Cause, 'share' | 'low' | 'high'>): string =>
  formatQuantity(share, 'share', { low, high }, Math.abs(share) >= 1 ? digits + 1 : digits);

/** `97 ± 6%` */
export function shareWithInterval(cause: Pick<Cause, 'share' | 'low' | 'high'>): string {
  const half = Number(((cause.high - cause.low) / 2).toPrecision(1));
  const share = roundedShare(cause);
  return half > 0 ? `${share.slice(0, -1)} ± ${formatPercent(half, half < 0.01 ? 1 : 0)}` : share;
}

/** `+3.9 µs, 97%`: what stands behind the line. */
export const causeShort = (cause: Cause): string => `${gainOf(cause)}, ${causeShare(cause)}`;

/** `delete last.previous;`; of a function without a line, `buildValues`; of the collector, `garbage collection`. */
export function causeSubject({ kind, function: name, text }: Cause): string {
  if (kind === 'garbage collection') return l10n.t('garbage collection');
  return cut(text !== '' ? text : (name ?? l10n.t('code outside of functions')));
}

/** `src/diff.ts:120`; null if the place is not known. */
export function causePlace({ file, line }: Pick<Cause, 'file' | 'line'>): string | null {
  if (file === null) return null;
  return line === null ? file : `${file}:${line}`;
}

const outside = (): string => l10n.t('outside of functions');

/** `lodash: buildValues (values before)`; empty for code without a name and a place. */
export function causeFunction({ function: name, was, package: from, file }: Cause): string {
  const own = name === null ? '' : was === undefined ? cut(name) : l10n.t`${cut(name)} (${cut(was)} before)`;
  if (from === undefined) return own === '' && file !== null ? outside() : own;
  return own === '' ? from : `${from}: ${own}`;
}

/** The parts of the line of a cause, for media that set source code apart. They are a sentence one after the other. */
export interface CauseWords {
  /** `+3.9 µs of +4.0 µs (97%):` */
  readonly amount: string;
  /** The source line, or as much of it as is shown; may be empty. */
  readonly code: string;
  /** `in buildValues`; may be empty. */
  readonly where: string;
  /** `src/diff.ts:120` */
  readonly place: string | null;
  /** What V8 reported, a line each: `V8: …`. */
  readonly reasons: readonly string[];
}

/** Returns the parts of a cause's line. `all`: the causes of the same difference, which tell how large that is. */
export function causeWords(cause: Cause, all: readonly Cause[]): CauseWords {
  const about = aboutOf(cause);
  const hasDetails = about.code !== '' || about.details !== '';
  const name = causeFunction(cause);
  const inside = name === '' || name === outside() ? name : about.inside(name);
  return {
    amount: amountOf(cause, all) + (hasDetails ? ':' : ''),
    code: about.code,
    where: [about.details, inside].filter((part) => part !== '').join(', '),
    place: causePlace(cause),
    reasons: causeReasons(cause),
  };
}

/** What is told of a cause besides its figures and its function. */
interface About {
  readonly code: string;
  readonly details: string;
  /** `in buildValues`, with what happens there. */
  readonly inside: (name: string) => string;
}

function aboutOf({ kind, text, allocated, retainer }: Cause): About {
  const plain: About = { code: cut(text), details: '', inside: (name) => l10n.t`in ${name}` };
  switch (kind) {
    case 'time':
    case 'allocated':
      return plain;
    case 'garbage collection':
      if (allocated === undefined)
        return { ...plain, code: '', inside: (name) => l10n.t`for what is allocated in ${name}` };
      return { ...plain, code: '', details: allocationWords(allocated) };
    case 'retained':
      return retainer === undefined
        ? plain
        : { code: '', details: retainerWords(retainer), inside: (name) => l10n.t`allocated in ${name}` };
    default:
      return unreachable(kind);
  }
}

/** `allocates 8.9 KB a call, 5.0 KB before` */
function allocationWords({ baseline, current }: NonNullable<Cause['allocated']>): string {
  const bytes = (value: number): string => causeFigure({ value, unit: 'B' });
  return baseline === 0
    ? l10n.t`allocates ${bytes(current)} a call, nothing before`
    : l10n.t`allocates ${bytes(current)} a call, ${bytes(baseline)} before`;
}

/** `kept by Window.cache → Cache.entries → Map` */
const retainerWords = ({ path, constructor: kept }: NonNullable<Cause['retainer']>): string =>
  l10n.t`kept by ${shortPath([...path, kept].map(cut)).join(' → ')}`;

/** Returns what `explain` says of a cause below its source lines. */
export const causeDetails = ({ allocated, retainer }: Cause): readonly string[] => [
  ...(allocated === undefined ? [] : [allocationWords(allocated)]),
  ...(retainer === undefined ? [] : [retainerWords(retainer)]),
];

/** A path from a root of the heap may have hundreds of steps; both ends tell most. */
const shortPath = (steps: readonly string[]): readonly string[] =>
  steps.length <= 7 ? steps : [...steps.slice(0, 3), '…', ...steps.slice(-3)];

/** `+3.9 µs of +4.0 µs (97%)`; of code that became faster while all became slower, `−240 ns (offsets 6%)`. */
function amountOf(cause: Cause, all: readonly Cause[]): string {
  const { kind, share, low, high } = cause;
  const about = (words: string): string => {
    if (kind === 'garbage collection') return l10n.t`garbage collection ${words}`;
    return kind === 'allocated' ? l10n.t`${words} a call` : words;
  };
  const unit = unitOf(cause.current);
  const whole = wholeOf(all.filter(({ current }) => unitOf(current).dimension === unit.dimension));
  const half = (Math.abs(whole ?? 0) * (high - low)) / 2;
  const gain = signed(gainIn(cause), half, unit);
  if (share < 0) return l10n.t`${about(gain)} (offsets ${causeShare({ share: -share, low: -high, high: -low })})`;
  const words = whole === null ? gain : l10n.t`${gain} of ${signed(whole, half, unit)}`;
  return `${about(words)} (${causeShare(cause)})`;
}

/** Returns the whole difference in the base unit, as the cause with the largest share tells it; null if none has any. */
function wholeOf(causes: readonly Cause[]): number | null {
  const lead = causes.toSorted((a, b) => Math.abs(b.share) - Math.abs(a.share))[0];
  return lead === undefined || lead.share === 0 ? null : gainIn(lead) / lead.share;
}

/** Returns what V8 reported of a cause, a line each. */
export const causeReasons = (cause: Cause): readonly string[] =>
  (cause.reasons ?? []).map((reason) => reasonWords(reason, cause));

/** `V8: …`, with the place if that is not the one of the cause. */
function reasonWords({ file, line, message }: SlowReason, cause: Cause): string {
  const isThere = file === cause.file && line === cause.line;
  return `V8${isThere ? '' : `, ${file}:${line}`}: ${message.trim()}`;
}

/** What a report says of the causes of one budget. */
export interface CausesText {
  readonly causes: readonly { readonly cause: Cause; readonly words: CauseWords }[];
  /** `and 2 more: perf-budget explain "registry lookup"`; null if all are listed. */
  readonly more: string | null;
  /** What a reader must know besides; null if there is nothing. */
  readonly note: string | null;
}

/** Returns what a report says of the causes of a budget; null if there are none, or if it was not looked for any. */
export function causesText(
  { name, causes = [], causesNote }: Pick<BudgetResult, 'name' | 'causes' | 'causesNote'>,
  most = mostCauses,
): CausesText | null {
  if (causes.length === 0 && causesNote === undefined) return null;
  const rest = causes.length - most;
  return {
    causes: causes.slice(0, most).map((cause) => ({ cause, words: causeWords(cause, causes) })),
    more: rest > 0 ? l10n.t`and ${rest} more: ${explainCommand(name)}` : null,
    note: causesNote ?? null,
  };
}

/** `+3.9 µs of +4.0 µs (97%): delete last.previous; in buildValues, src/diff.ts:120` */
export function causeLine({ amount, code, where, place }: CauseWords): string {
  const words = [amount, code, where].filter((part) => part !== '').join(' ');
  return place === null ? words : `${words}, ${place}`;
}

/** Returns all of it as lines of plain text; what V8 reported is indented. */
export const causeLines = (text: CausesText): readonly string[] => [
  ...text.causes.flatMap(({ words }) => [causeLine(words), ...words.reasons.map((reason) => `  ${reason}`)]),
  ...[text.more, text.note].filter((line) => line !== null),
];

/** The command that says more. A name that a shell might take for more than a name is left out. */
export const explainCommand = (name: string): string =>
  `perf-budget explain${/^\w[\w ./:@,+=(){}-]*$/.test(name) ? ` ${/^[\w./:@+=-]+$/.test(name) ? name : `"${name}"`}` : ''}`;

/** Returns the lines of a function that account for a part, as `explain` lists them; empty if no place is known. */
export function sourceLines(cause: Cause): readonly SourceLine[] {
  const { lines, text, share, low, high, changed, file } = cause;
  if (lines === undefined || file === null) {
    const place = causePlace(cause);
    return place === null ? [] : [{ place, text: cut(text), share: '', changed: changed ? 'changed' : '' }];
  }
  return lines.map((one) => ({
    place: `${file}:${one.line}`,
    text: cut(one.text),
    // The lines of a function are known no better than the function.
    share: roundedShare({ share: one.share, low: one.share - (share - low), high: one.share + (high - share) }),
    changed: one.changed ? 'changed' : '',
  }));
}

/** A source line of a cause in columns; `share` is empty if it is that of the cause. */
export type SourceLine = Readonly<Record<'place' | 'text' | 'share' | 'changed', string>>;

/** Cuts text to what a line has room for; spaces count once. */
function cut(text: string): string {
  // Text of others may be megabytes, and the characters that count are among the first.
  const all = Array.from(
    text
      .slice(0, 4 * longestText)
      .replaceAll(/\s+/g, ' ')
      .trim(),
  );
  const isWhole = all.length <= longestText && text.length <= 4 * longestText;
  return isWhole
    ? all.join('')
    : `${all
        .slice(0, longestText - 1)
        .join('')
        .trimEnd()}…`;
}
