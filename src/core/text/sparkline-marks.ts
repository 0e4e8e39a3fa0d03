import { unreachable } from '../result.js';
import type { Verdict } from '../results/measurement.js';
import type { SparkPoint, ThemeKind } from './sparkline-picture.js';
import type { Scale } from './sparkline-scale.js';

export interface Palette {
  readonly foreground: string;
  readonly muted: string;
  readonly line: string;
  readonly good: string;
  readonly warning: string;
  readonly bad: string;
  /** The opacity of the interval's band, and of the forbidden side of the bound. */
  readonly band: number;
  readonly beyond: number;
}

/** Contrast is at least 4.5:1 for text and 3:1 for shapes on the hovers of VS Code's own themes (7:1 in high contrast). */
export const palettes: Readonly<Record<ThemeKind, Palette>> = {
  light: {
    ...{
      foreground: '#2f2f2f',
      muted: '#636363',
      line: '#2f6fab',
      good: '#2c7a32',
      warning: '#9a6400',
      bad: '#c4260e',
    },
    ...{ band: 0.16, beyond: 0.06 },
  },
  dark: {
    ...{
      foreground: '#dedede',
      muted: '#a3a3a3',
      line: '#6cb0f0',
      good: '#78c88a',
      warning: '#d9b03c',
      bad: '#f4806c',
    },
    ...{ band: 0.2, beyond: 0.08 },
  },
  'high-contrast': {
    ...{
      foreground: '#ffffff',
      muted: '#e4e4e4',
      line: '#8ec8ff',
      good: '#8ee89e',
      warning: '#ffd75e',
      bad: '#ff9c8c',
    },
    ...{ band: 0.35, beyond: 0 },
  },
  'high-contrast-light': {
    ...{
      foreground: '#000000',
      muted: '#292929',
      line: '#0b4a86',
      good: '#0f4a14',
      warning: '#5a3c00',
      bad: '#8f1606',
    },
    ...{ band: 0.25, beyond: 0 },
  },
};

/** One run in the picture. */
export interface Mark {
  readonly x: number;
  /** Null if nothing was measured. */
  readonly y: { readonly value: number; readonly low: number; readonly high: number } | null;
  /** Where the value lies if it is off the scale. */
  readonly beyond: 'above' | 'below' | null;
  readonly verdict: Verdict;
  readonly floor: number;
}

export function mark({ estimate, verdict }: SparkPoint, x: number, { y, top, bottom, fits }: Scale): Mark {
  if (estimate === null) return { x, y: null, beyond: null, verdict, floor: bottom };
  const at = { value: y(estimate.value), low: y(estimate.low), high: y(estimate.high) };
  const beyond = fits(estimate.value) ? null : at.value <= (top + bottom) / 2 ? 'above' : 'below';
  return { x, y: at, beyond, verdict, floor: bottom };
}

export type Measured = Mark & { readonly y: NonNullable<Mark['y']> };
export const isMeasured = (each: Mark): each is Measured => each.y !== null;

/** Groups neighbouring runs that were measured; a failed run is a gap. */
export function runsOf(marks: readonly Mark[]): readonly (readonly Measured[])[] {
  const runs: Measured[][] = [[]];
  for (const each of marks) {
    if (isMeasured(each)) runs.at(-1)?.push(each);
    else runs.push([]);
  }
  return runs.filter((run) => run.length > 0);
}

/** Whether a run gets a mark: one that passed does only while dots do not crowd. */
export const isMarked = ({ verdict, beyond }: Mark, count: number): boolean =>
  verdict !== 'pass' || beyond !== null || count <= 16;

/** Formats a coordinate to a tenth of a pixel. */
export const round = (value: number): string => String(Math.round(value * 10) / 10);
const path = (points: readonly (readonly [number, number])[]): string =>
  points.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`).join('');

/** Draws the interval of neighbouring runs. */
export function band(run: readonly Measured[], { line, band: opacity }: Palette): string {
  const [first] = run;
  if (first !== undefined && run.length === 1) {
    const d = path([
      [first.x, first.y.high],
      [first.x, first.y.low],
    ]);
    return `<path d="${d}" stroke="${line}" stroke-opacity="${opacity * 2}" stroke-width="5" stroke-linecap="round"/>`;
  }
  const upper = run.map(({ x, y }) => [x, y.high] as const);
  const lower = run.map(({ x, y }) => [x, y.low] as const).toReversed();
  return `<path d="${path([...upper, ...lower])}Z" fill="${line}" fill-opacity="${opacity}"/>`;
}

export function line(run: readonly Measured[], palette: Palette): string {
  const d = path(run.map(({ x, y }) => [x, y.value]));
  return `<path d="${d}" fill="none" stroke="${palette.line}" stroke-width="1.5" stroke-linejoin="round" stroke-linecap="round"/>`;
}

/** Draws one run. Each verdict has its own shape, so that colour only repeats what the shape says. */
export function shape({ x, y, beyond, verdict, floor }: Mark, palette: Palette, size: number): string {
  const at = y?.value ?? floor;
  const colour = colourOf(verdict, palette);
  const polygon = (corners: readonly (readonly [number, number])[]): string =>
    `<path d="${path(corners.map(([dx, dy]) => [x + dx * size, at + dy * size]))}Z" fill="${colour}"/>`;
  const arrow = beyond === null ? '' : chevron(x, at, beyond, colour);
  switch (verdict) {
    case 'pass':
      return `<circle cx="${round(x)}" cy="${round(at)}" r="${round(size === 1 ? 1.7 : 3.2)}" fill="${size === 1 ? palette.line : colour}"/>${arrow}`;
    case 'undecided':
      return `<circle cx="${round(x)}" cy="${round(at)}" r="${round(2.4 * size)}" fill="none" stroke="${colour}" stroke-width="1.5"/>${arrow}`;
    case 'warn':
      return polygon([
        [0, -3.1],
        [3.1, 2.3],
        [-3.1, 2.3],
      ]).concat(arrow);
    case 'fail':
      return polygon([
        [0, -3.4],
        [3.4, 0],
        [0, 3.4],
        [-3.4, 0],
      ]).concat(arrow);
    case 'error': {
      const arm = round(2.3 * size);
      const d = `M${round(x)} ${round(at)}m-${arm} -${arm}l${round(4.6 * size)} ${round(4.6 * size)}m0 -${round(4.6 * size)}l-${round(4.6 * size)} ${round(4.6 * size)}`;
      return `<path d="${d}" fill="none" stroke="${colour}" stroke-width="1.6" stroke-linecap="round"/>${arrow}`;
    }
    default:
      return unreachable(verdict);
  }
}

/** Draws an arrow to show that the value lies further out. */
function chevron(x: number, y: number, beyond: 'above' | 'below', colour: string): string {
  const out = beyond === 'above' ? -1 : 1;
  const d = path([
    [x - 2.5, y + out * 4.5],
    [x, y + out * 7],
    [x + 2.5, y + out * 4.5],
  ]);
  return `<path d="${d}" fill="none" stroke="${colour}" stroke-width="1.2" stroke-linecap="round" stroke-linejoin="round"/>`;
}

function colourOf(verdict: Verdict, palette: Palette): string {
  switch (verdict) {
    case 'pass':
      return palette.good;
    case 'warn':
      return palette.warning;
    case 'fail':
    case 'error':
      return palette.bad;
    case 'undecided':
      return palette.muted;
    default:
      return unreachable(verdict);
  }
}
