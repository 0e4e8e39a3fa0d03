import type { Relation } from '../language/budget.js';
import { escapeMarkup, escapeUri } from './escape.js';
import { describe, fontSize, labels, notes, widthOf } from './sparkline-labels.js';
import {
  band,
  isMarked,
  isMeasured,
  line,
  mark,
  palettes,
  round,
  runsOf,
  shape,
  type Mark,
  type Palette,
} from './sparkline-marks.js';
import type { Picture, SparkOptions, SparkPoint } from './sparkline-picture.js';
import { verticalScale, type Scale } from './sparkline-scale.js';

export type { SparkOptions, SparkPoint, ThemeKind } from './sparkline-picture.js';

const font = "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', sans-serif";
const margin = 8;
/** A few runs stay close to "now", at the right, instead of being stretched. */
const widestStep = 22;
const narrowestStep = 3;

/** Returns a small standalone SVG of the runs, oldest first. It depends on nothing but its arguments. */
export function sparkline(points: readonly SparkPoint[], options: SparkOptions): string {
  const picture: Picture = { bound: null, baseline: null, id: 'sparkline', width: 320, height: 64, ...options };
  const { width, height, title, id } = picture;
  const palette = palettes[picture.theme];
  const labelled = notes(points, picture);
  const longest = Math.max(0, ...labelled.map(widthOf));
  const gutter = Math.round(Math.min(width * 0.45, longest + 14));
  const right = width - gutter;
  const shown = points.slice(-Math.max(1, Math.floor((right - margin) / narrowestStep) + 1));
  const step = Math.min(widestStep, (right - margin) / Math.max(1, shown.length - 1));
  const scale = verticalScale(shown, picture, margin, height - margin);
  const marks = shown.map((point, index) => mark(point, right - (shown.length - 1 - index) * step, scale));
  const last = marks.at(-1);
  const left = Math.min(margin, ...marks.map(({ x }) => x));

  const body = [
    ...rules(picture, palette, scale, { left, right, height }),
    ...runsOf(marks).flatMap((run) => [band(run, palette), `<g mask="url(#${id}-air)">${line(run, palette)}</g>`]),
    ...marks.filter((each) => each !== last && isMarked(each, marks.length)).map((each) => shape(each, palette, 1)),
    ...(last === undefined ? [] : [shape(last, palette, 1.4)]),
    ...labels(labelled, palette, scale, { x: right + 10, height, room: gutter - 10 }),
  ];
  if (last === undefined) {
    const x = round((margin + right) / 2);
    body.push(`<text x="${x}" y="${height - margin}" text-anchor="middle" fill="${palette.muted}">no runs yet</text>`);
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`,
    ` role="img" aria-labelledby="${id}-title ${id}-desc" font-family="${font}" font-size="${fontSize}">`,
    `<title id="${id}-title">${escapeMarkup(title)}</title><desc id="${id}-desc">${escapeMarkup(describe(points, picture))}</desc>`,
    cutOut(marks, picture),
    ...body,
    '</svg>',
  ].join('');
}

/** Returns an SVG as the URL of an image, safe inside Markdown's parentheses. */
export function svgAddress(svg: string): string {
  return `data:image/svg+xml,${escapeUri(svg)}`;
}

/** Returns a mask that leaves a little air around each shape, on any background. */
function cutOut(marks: readonly Mark[], { id, width, height }: Picture): string {
  const holes = marks
    .filter((each, index) => isMeasured(each) && (index === marks.length - 1 || each.verdict !== 'pass'))
    .map(({ x, y }) => `<circle cx="${round(x)}" cy="${round(y?.value ?? 0)}" r="5"/>`);
  // In units of the drawing, because the bounding box of a level line has no height.
  return `<mask id="${id}-air" maskUnits="userSpaceOnUse" x="0" y="0" width="${width}" height="${height}"><path d="M0 0H${width}V${height}H0Z" fill="#fff"/>${holes.join('')}</mask>`;
}

interface Frame {
  readonly left: number;
  readonly right: number;
  readonly height: number;
}

/** Draws the bound, dashed, with its forbidden side, and the baseline, dotted. */
function rules({ bound, baseline }: Picture, palette: Palette, scale: Scale, frame: Frame): string[] {
  const rule = (value: number, dash: string, colour: string): string =>
    `<path d="M${round(frame.left)} ${round(scale.y(value))}H${round(frame.right + 6)}" stroke="${colour}" stroke-dasharray="${dash}"/>`;
  const lines: string[] = [];
  if (baseline !== null && scale.fits(baseline.value)) lines.push(rule(baseline.value, '1 3', palette.muted));
  if (bound === null || !scale.fits(bound.value)) return lines;
  const y = scale.y(bound.value);
  const [from, to] = isCeiling(bound.relation) ? [0, y] : [y, frame.height];
  if (palette.beyond > 0 && bound.relation !== '=') {
    const d = `M${round(frame.left)} ${round(from)}H${round(frame.right + 6)}V${round(to)}H${round(frame.left)}Z`;
    lines.push(`<path d="${d}" fill="${palette.bad}" fill-opacity="${palette.beyond}"/>`);
  }
  return [...lines, rule(bound.value, '5 3', palette.bad)];
}

const isCeiling = (relation: Relation): boolean => relation === '<' || relation === '<=';
