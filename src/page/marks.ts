import type uPlot from 'uplot';
import type { Level } from '../core/language/budget.js';
import { formatChange } from '../core/language/figures.js';
import { verdicts, type Series, type Trend } from '../core/formats/reporters/trend.js';

/** The marks over the lines of a chart. */

export type Color = (name: string) => string;

export const levelColors: Readonly<Record<Level, string>> = {
  limit: '--bad',
  acceptable: '--warn',
  target: '--good',
};

export const isWorse = ({ lowerIsBetter }: Series, ratio: number): boolean => ratio > 1 === lowerIsBetter;

export function colors(element: Element): Color {
  const style = getComputedStyle(element);
  return (name) => style.getPropertyValue(name).trim();
}

/** Draws bounds, the moments when the level moved, and the runs. */
export function drawMarks(chart: uPlot, trend: Trend, series: Series, color: Color): void {
  const { ctx, bbox } = chart;
  const scale = devicePixelRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.font = `${11 * scale}px system-ui, sans-serif`;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'alphabetic';
  ctx.lineJoin = 'round';
  // The outline keeps words readable on top of lines.
  const write = (text: string, x: number, y: number): void => {
    const { strokeStyle } = ctx;
    ctx.setLineDash([]);
    ctx.lineWidth = 3 * scale;
    ctx.strokeStyle = color('--card');
    ctx.strokeText(text, x, y);
    ctx.fillText(text, x, y);
    ctx.strokeStyle = strokeStyle;
    ctx.lineWidth = scale;
  };
  ctx.lineWidth = scale;
  ctx.setLineDash([]);
  ctx.globalAlpha = 1;
  for (const { value, text, level } of series.bounds) {
    const at = chart.valToPos(value, 'y', true);
    const isAbove = at < bbox.top;
    const isBelow = at > bbox.top + bbox.height;
    ctx.strokeStyle = ctx.fillStyle = color(levelColors[level]);
    if (!isAbove && !isBelow) stroke(ctx, [bbox.left, at], [bbox.left + bbox.width, at]);
    const arrow = isAbove ? '↑ ' : isBelow ? '↓ ' : '';
    const above = isBelow ? bbox.top + bbox.height - 4 * scale : at - 4 * scale;
    // If there is no room above the line, the words go below it.
    const y = isAbove ? bbox.top + 12 * scale : above < bbox.top + 12 * scale ? at + 12 * scale : above;
    write(`${arrow}${text} ${level}`, bbox.left + 4 * scale, y);
  }
  for (const { at, ratio } of series.changes) {
    const x = chart.valToPos(trend.at[at] ?? 0, 'x', true);
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.strokeStyle = ctx.fillStyle = color(isWorse(series, ratio) ? '--bad' : '--good');
    ctx.setLineDash([2 * scale, 3 * scale]);
    stroke(ctx, [x, bbox.top], [x, bbox.top + bbox.height]);
    const text = formatChange(ratio);
    const width = ctx.measureText(text).width + 4 * scale;
    const isRoom = x + width < bbox.left + bbox.width;
    write(text, isRoom ? x + 4 * scale : x - width, bbox.top + bbox.height - 6 * scale);
  }
  ctx.restore();
  ctx.save();
  // A point at an edge is whole.
  const edge = 5 * scale;
  ctx.beginPath();
  ctx.rect(bbox.left - edge, bbox.top - edge, bbox.width + 2 * edge, bbox.height + 2 * edge);
  ctx.clip();
  drawPoints(chart, trend, series, color);
  ctx.restore();
}

/** With more runs than this in view, their points would hide the line: only those that failed have one. */
const mostPoints = 120;

/** Whether a run's working tree differed from its commit, or there was none. */
export const isUncommitted = (commit: string | undefined): boolean => commit?.endsWith('+') === true;

/** Draws the runs as points, filled at a commit and hollow with changes that are in none. */
function drawPoints(chart: uPlot, { at, verdict, commit }: Trend, { value }: Series, color: Color): void {
  const { ctx } = chart;
  const scale = devicePixelRatio;
  const failed = verdicts.indexOf('fail');
  const [start, end] = chart.series[0]?.idxs ?? [0, -1];
  const isAll = end - start < mostPoints;
  ctx.setLineDash([]);
  ctx.lineWidth = 1.5 * scale;
  let last = NaN;
  for (let index = start; index <= end; index++) {
    const own = value[index] ?? NaN;
    const isFailed = verdict[index] === failed;
    if (Number.isNaN(own) || (!isAll && !isFailed)) continue;
    const x = Math.round(chart.valToPos(at[index] ?? 0, 'x', true));
    // Runs in one pixel need only one mark.
    if (x === last && !isAll) continue;
    last = x;
    ctx.beginPath();
    ctx.arc(x, chart.valToPos(own, 'y', true), (isFailed ? 3.5 : 2.5) * scale, 0, 2 * Math.PI);
    ctx.strokeStyle = color(isFailed ? '--bad' : '--line');
    ctx.fillStyle = isUncommitted(commit[index]) ? color('--card') : ctx.strokeStyle;
    ctx.fill();
    ctx.stroke();
  }
}

function stroke(ctx: CanvasRenderingContext2D, from: readonly [number, number], to: readonly [number, number]): void {
  ctx.beginPath();
  ctx.moveTo(...from);
  ctx.lineTo(...to);
  ctx.stroke();
}
