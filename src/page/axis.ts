import type uPlot from 'uplot';

/** The labels of a chart's axes: they never run into each other, and few runs have a label each. */

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;
const year = 365 * day;

/** Up to so many runs, the axis names each instead of round times, between which there would be none. */
export const fewRuns = 4;

export const axisFont = '12px system-ui, sans-serif';
/** The room between two labels, in pixels. */
const apart = 10;

let context: CanvasRenderingContext2D | null = null;

/** The width of a text on an axis, in CSS pixels. */
export function widthOf(text: string): number {
  context ??= document.createElement('canvas').getContext('2d');
  if (context === null) return text.length * 7;
  context.font = axisFont;
  return context.measureText(text).width;
}

/** Formats dates in the reader's language: by the step, as years, months, days or times of day. */
function formatOf(step: number): Intl.DateTimeFormat {
  const options: Intl.DateTimeFormatOptions =
    step >= year
      ? { year: 'numeric' }
      : step >= year / 13
        ? { month: 'short', year: '2-digit' }
        : step >= day
          ? { day: 'numeric', month: 'short' }
          : { hour: '2-digit', minute: '2-digit' };
  return new Intl.DateTimeFormat(undefined, options);
}

/** The room for a label at this step, which uPlot divides the axis by. */
export const labelRoom = (): number =>
  Math.max(...[hour, day, year / 12].map((step) => widthOf(formatOf(step).format(new Date(2026, 8, 28, 22, 48))))) +
  apart;

/**
 * Returns the labels of the x axis; empty where one would run into the one before, or out of the picture. `step` is null where
 * each run has a label of its own.
 */
export function dateLabels(chart: uPlot, splits: readonly number[], step: number | null): string[] {
  const format =
    step === null ? new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' }) : formatOf(step);
  const days = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
  const { min = 0, max = 0 } = chart.scales['x'] ?? {};
  // Times of day alone do not say which day.
  const isTime = step !== null && step < day;
  let [end, lastDay] = [-Infinity, ''];
  return splits.map((split) => {
    if (split < min || split > max) return '';
    const date = new Date(split * 1000);
    const today = days.format(date);
    const lines = [format.format(date), ...(isTime && today !== lastDay ? [today] : [])];
    const half = Math.max(...lines.map(widthOf)) / 2;
    const middle = chart.bbox.left / devicePixelRatio + chart.valToPos(split, 'x');
    if (middle - half < Math.max(0, end + apart) || middle + half > chart.width) return '';
    [end, lastDay] = [middle + half, today];
    return lines.join('\n');
  });
}

/** Returns the height of the x axis: a second line takes more. */
export const dateHeight = (labels: readonly string[] | null): number =>
  labels?.some((label) => label.includes('\n')) === true ? 44 : 30;

/** Returns the width of the y axis, which its longest label decides. */
export const figureWidth = (labels: readonly string[] | null): number =>
  Math.ceil(Math.max(24, ...(labels ?? []).map(widthOf))) + 14;

/** Returns the times in a span, each once. */
export const timesIn = (at: ArrayLike<number>, min: number, max: number): number[] =>
  [...new Set(Array.from(at))].filter((one) => one >= min && one <= max);
