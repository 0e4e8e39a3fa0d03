import * as l10n from '@vscode/l10n';
import type { Frame } from '../cause/flame.js';
import { formatPercent, minus } from '../language/figures.js';
import { freeUnit } from '../language/quantity.js';
import type { Explanation, Figure } from '../results/causes.js';
import { causeFigure } from './cause.js';
import { visibleLine } from './escape.js';

/** One function of a flame graph with all that is said of it. */
export interface FrameText {
  /** What stands on it: `buildValues +3.9 µs`. */
  readonly name: string;
  /** What a pointer and a screen reader tell of it. */
  readonly title: string;
  /** What is searched. */
  readonly searched: string;
  readonly baseline: number;
  readonly current: number;
  /** From -1 (all that was gained is here or below) to 1 (all that was lost). */
  readonly tint: number;
  readonly file: string;
  readonly line: number | null;
  readonly column: number | null;
  readonly children: readonly FrameText[];
}

/** What is drawn and how its figures read. */
export interface FlameText {
  readonly root: FrameText;
  /** `5.1 µs`: each side's sum. */
  readonly baseline: string;
  readonly current: string;
}

/** Less than this part of the whole is not worth a figure on the frame. */
const leastTold = 0.01;

/** What the sums of both sides are: the times of the verdict; 1 each if the figures are no times, so that shares are shown. */
export function flameTotals(explanation: Explanation | null): { readonly baseline: number; readonly current: number } {
  const time = ({ value, unit }: Figure): number | null => {
    const { dimension, scale } = freeUnit(unit);
    return dimension === 'time' && value > 0 ? value * scale : null;
  };
  const baseline = explanation && time(explanation.baseline);
  const current = explanation && time(explanation.current);
  return baseline === null || current === null ? { baseline: 1, current: 1 } : { baseline, current };
}

/** Returns the words for a flame graph. `shown` writes an address as the user would: relative to the project. */
export function flameText(root: Frame, isTime: boolean, shown: (url: string) => string): FlameText {
  const figure = (value: number): string =>
    isTime ? causeFigure({ value, unit: 'ns' }) : formatPercent(value, value < 0.1 ? 1 : 0);
  const most = Math.max(...gains(root).map(Math.abs), Number.MIN_VALUE);
  const told = Math.max(root.baseline, root.current) * leastTold;
  const words = (frame: Frame): FrameText => {
    const gain = frame.current - frame.baseline;
    const file = visibleLine(shown(frame.url));
    const line = frame.line === null ? '' : `:${frame.line}`;
    const own = frame === root ? l10n.t('a call') : visibleLine(frame.name) || l10n.t('function without a name');
    // A frame has room for little.
    const short = frame.name === '' && frame !== root && file !== '' ? `${file.replace(/^.*[\\/]/, '')}${line}` : own;
    const change = Math.abs(gain) < told ? '' : ` ${gain < 0 ? minus : '+'}${figure(Math.abs(gain))}`;
    const place = frame.url === '' ? '' : `, ${file}${line}`;
    return {
      name: short + change,
      title: `${own}${place}: ${figure(frame.baseline)} → ${figure(frame.current)}${change === '' ? '' : ` (${change.trim()})`}`,
      searched: `${own} ${file}`.toLowerCase(),
      baseline: frame.baseline,
      current: frame.current,
      tint: gain / most,
      file: frame.url,
      line: frame.line,
      column: frame.column,
      children: frame.children.map(words),
    };
  };
  return { root: words(root), baseline: figure(root.baseline), current: figure(root.current) };
}

const gains = (frame: Frame): readonly number[] => [frame.current - frame.baseline, ...frame.children.flatMap(gains)];
