import * as l10n from '@vscode/l10n';
import type { Verdict } from '../results/measurement.js';
import { escapeMarkup, visibleLine } from './escape.js';
import { round, type Palette } from './sparkline-marks.js';
import type { Picture, SparkPoint } from './sparkline-picture.js';
import type { Scale } from './sparkline-scale.js';

export const fontSize = 11;
/** A generous mean over the fonts in `sparkline.ts`, because text cannot be measured here. */
const glyphWidth = 6.4;
const boldWidth = 7.2;
const lineHeight = 13;

export interface Note {
  readonly text: string;
  readonly value: number;
  readonly strong: boolean;
}

export const widthOf = ({ text, strong }: Note): number => (text.length + 1) * (strong ? boldWidth : glyphWidth);

/** Returns the words beside the picture. */
export function notes(points: readonly SparkPoint[], { bound, baseline, format }: Picture): readonly Note[] {
  const last = points.at(-1)?.estimate ?? null;
  return [
    ...(bound === null ? [] : [{ text: boundText(bound, format), value: bound.value, strong: false }]),
    ...(last === null ? [] : [{ text: format(last.value, last), value: last.value, strong: true }]),
    ...(baseline === null ? [] : [{ text: baseline.name, value: baseline.value, strong: false }]),
  ];
}

export function labels(
  all: readonly Note[],
  palette: Palette,
  scale: Scale,
  { x, height, room }: { x: number; height: number; room: number },
): string[] {
  const sorted = all.toSorted((a, b) => b.value - a.value);
  const middles = spread(
    sorted.map(({ value }) => scale.y(value)),
    lineHeight,
    height,
  );
  return sorted.map(({ text, value, strong }, index) => {
    const arrow = scale.fits(value) ? '' : scale.y(value) === scale.top ? '↑ ' : '↓ ';
    const most = Math.floor(room / (strong ? boldWidth : glyphWidth));
    const letters = Array.from(visibleLine(text));
    const words = arrow + (letters.length > most ? `${letters.slice(0, most - 1).join('')}…` : letters.join(''));
    const style = strong ? ` font-weight="600" fill="${palette.foreground}"` : ` fill="${palette.muted}"`;
    // The base line of digits is a third of the font size below their middle.
    return `<text x="${round(x)}" y="${round((middles[index] ?? 0) + fontSize * 0.36)}"${style}>${escapeMarkup(words)}</text>`;
  });
}

/** Moves overlapping labels apart as little as possible, in the same order and inside the picture. Topmost first. */
function spread(wanted: readonly number[], distance: number, height: number): number[] {
  const placed: number[] = [];
  for (const middle of wanted) placed.push(Math.max(middle, (placed.at(-1) ?? -Infinity) + distance, distance / 2));
  // All move back up by half of the largest push; then labels below the bottom edge push the others up.
  const pushed = placed.map((middle, index) => middle - (wanted[index] ?? middle));
  const back = Math.min(Math.max(0, ...pushed) / 2, (placed[0] ?? 0) - distance / 2);
  const centred = placed.map((middle) => middle - Math.max(0, back));
  let below = height - distance / 2 + distance;
  for (let index = centred.length - 1; index >= 0; index--) {
    below = Math.min(centred[index] ?? 0, below - distance);
    centred[index] = below;
  }
  return centred;
}

function boundText(bound: NonNullable<Picture['bound']>, format: Picture['format']): string {
  const sign = { '<': '<', '<=': '≤', '>': '>', '>=': '≥', '=': '=' }[bound.relation];
  return bound.label ?? `${sign} ${format(bound.value)}`;
}

/** Describes in words what the picture shows. */
export function describe(points: readonly SparkPoint[], { format, bound, baseline }: Picture): string {
  const values = points.flatMap(({ estimate }) => (estimate === null ? [] : [estimate.value]));
  const last = points.at(-1);
  const count = (verdict: Verdict, words: string): string[] => {
    const found = points.filter((point) => point.verdict === verdict).length;
    return found === 0 ? [] : [`${found} ${words}`];
  };
  const parts = [
    points.length === 1 ? l10n.t('1 run') : l10n.t`${points.length} runs`,
    ...(values.length > 1 ? [l10n.t`between ${format(Math.min(...values))} and ${format(Math.max(...values))}`] : []),
    ...(last === undefined
      ? []
      : [
          last.estimate === null
            ? l10n.t('the last one failed')
            : l10n.t`the last one ${format(last.estimate.value, last.estimate)}`,
        ]),
    ...count('fail', l10n.t('over budget')),
    ...count('warn', l10n.t('with a warning')),
    ...count('undecided', l10n.t('undecided')),
    ...count('error', l10n.t('without a result')),
    ...(bound === null ? [] : [l10n.t`bound ${boundText(bound, format)}`]),
    ...(baseline === null ? [] : [`${baseline.name} ${format(baseline.value)}`]),
  ];
  return `${parts.join(', ')}.`;
}
