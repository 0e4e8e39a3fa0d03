import type { Relation } from '../language/budget.js';
import type { Verdict } from '../results/measurement.js';
import { unreachable } from '../result.js';
import { escapeMarkup } from './escape.js';

/** The kinds of themes that VS Code tells apart. */
export type ThemeKind = 'light' | 'dark' | 'high-contrast' | 'high-contrast-light';

/** One run. */
export interface SparkPoint {
  /** Null where the run failed. */
  readonly estimate: { readonly value: number; readonly low: number; readonly high: number } | null;
  readonly verdict: Verdict;
}

export interface SparkOptions {
  readonly theme: ThemeKind;
  /** What is shown, for those who cannot see it: `Time of tokenize`. */
  readonly title: string;
  /** Writes a value with its unit, to the digits that its interval supports. */
  readonly format: (value: number, interval?: { readonly low: number; readonly high: number }) => string;
  /** `label` replaces the default `≤ 2 ms`. */
  readonly bound?: { readonly value: number; readonly relation: Relation; readonly label?: string } | null;
  /** `name` is what it is called: `HEAD`. */
  readonly baseline?: { readonly value: number; readonly name: string } | null;
  /** Where several pictures are put into one document, each needs its own. */
  readonly id?: string;
  /** In CSS pixels. */
  readonly width?: number;
  readonly height?: number;
}

type Picture = Required<SparkOptions>;

interface Palette {
  readonly foreground: string;
  readonly muted: string;
  readonly line: string;
  readonly good: string;
  readonly warning: string;
  readonly bad: string;
  /** Opacity of the interval's band, and of the side of the bound that is not allowed. */
  readonly band: number;
  readonly beyond: number;
}

/** At least 4.5:1 for text and 3:1 for shapes on the hovers of VS Code's own themes (7:1 in high contrast). */
const palettes: Readonly<Record<ThemeKind, Palette>> = {
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

const font = "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', sans-serif";
const fontSize = 11;
/** A generous mean of the fonts above: text cannot be measured here. */
const glyphWidth = 6.4;
const boldWidth = 7.2;
const lineHeight = 13;
const margin = 8;
/** Few runs stay close to "now", at the right, instead of being stretched. */
const widestStep = 22;
const narrowestStep = 3;
/** The runs keep at least this share of the height: a bound or baseline that would take more is named at the edge. */
const leastShare = 0.1;
/** Runs that differ by less than this share of their value look level: it is noise, and must not look like news. */
const leastSpan = 0.1;
/** What differs from the usual by more than this share of it, and by more than the usual spread, is off the scale. */
const leastFence = 0.6;

/** A small standalone SVG of the runs, oldest first. It never changes with anything but its arguments. */
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

/** The address of an SVG as an image, safe inside Markdown's parentheses. */
export function svgAddress(svg: string): string {
  return `data:image/svg+xml,${encodeURIComponent(svg).replace(/[!'()*]/g, (each) => `%${each.charCodeAt(0).toString(16)}`)}`;
}

interface Scale {
  readonly y: (value: number) => number;
  readonly top: number;
  readonly bottom: number;
  readonly fits: (value: number) => boolean;
}

/**
 * From the runs, less the outliers among them; then the baseline and the bound, where they leave the runs room. The last
 * run is never an outlier: it is what one looks for.
 */
function verticalScale(
  points: readonly SparkPoint[],
  { bound, baseline }: Picture,
  top: number,
  bottom: number,
): Scale {
  const ends = points.flatMap(({ estimate }) => (estimate === null ? [] : [estimate.low, estimate.high]));
  const sorted = ends.toSorted((a, b) => a - b);
  const quantile = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  // Tukey's outer fences, but not near: quiet runs would make anything an outlier.
  const fence = Math.max(3 * (quantile(0.75) - quantile(0.25)), leastFence * Math.abs(quantile(0.5)));
  const usual = sorted.filter((end) => end >= quantile(0.25) - fence && end <= quantile(0.75) + fence);
  const last = points.at(-1)?.estimate ?? null;
  const all = [...usual, ...(last === null ? [] : [last.low, last.high])];
  const others = [baseline?.value, bound?.value].filter((value) => value !== undefined);
  let [low, high] = all.length > 0 ? [Math.min(...all), Math.max(...all)] : [Math.min(...others), Math.max(...others)];
  if (!Number.isFinite(low)) [low, high] = [0, 1];
  // Equal values are a calm line in the middle, not noise blown up to the full height.
  const least = leastSpan * Math.max(Math.abs(low), Math.abs(high)) || 1;
  const span = Math.max(high - low, least);
  [low, high] = [(low + high - span) / 2, (low + high + span) / 2];
  for (const other of others) {
    const [lower, higher] = [Math.min(low, other), Math.max(high, other)];
    if (span / (higher - lower) >= leastShare) [low, high] = [lower, higher];
  }
  const perUnit = (bottom - top) / (high - low);
  const slack = (high - low) * 1e-9;
  return {
    y: (value) => Math.min(bottom, Math.max(top, bottom - (value - low) * perUnit)),
    top,
    bottom,
    fits: (value) => value >= low - slack && value <= high + slack,
  };
}

interface Mark {
  readonly x: number;
  /** Null where nothing was measured. */
  readonly y: { readonly value: number; readonly low: number; readonly high: number } | null;
  /** Where the value lies when it is off the scale. */
  readonly beyond: 'above' | 'below' | null;
  readonly verdict: Verdict;
  readonly floor: number;
}

function mark({ estimate, verdict }: SparkPoint, x: number, { y, top, bottom, fits }: Scale): Mark {
  if (estimate === null) return { x, y: null, beyond: null, verdict, floor: bottom };
  const at = { value: y(estimate.value), low: y(estimate.low), high: y(estimate.high) };
  const beyond = fits(estimate.value) ? null : at.value <= (top + bottom) / 2 ? 'above' : 'below';
  return { x, y: at, beyond, verdict, floor: bottom };
}

type Measured = Mark & { readonly y: NonNullable<Mark['y']> };
const isMeasured = (each: Mark): each is Measured => each.y !== null;

/** Neighbours that were measured: a failed run is a gap. */
function runsOf(marks: readonly Mark[]): readonly (readonly Measured[])[] {
  const runs: Measured[][] = [[]];
  for (const each of marks) {
    if (isMeasured(each)) runs.at(-1)?.push(each);
    else runs.push([]);
  }
  return runs.filter((run) => run.length > 0);
}

/** What passed is a dot only while dots do not crowd. */
const isMarked = ({ verdict, beyond }: Mark, count: number): boolean =>
  verdict !== 'pass' || beyond !== null || count <= 16;

const round = (value: number): string => String(Math.round(value * 10) / 10);
const path = (points: readonly (readonly [number, number])[]): string =>
  points.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`).join('');

function band(run: readonly Measured[], { line, band: opacity }: Palette): string {
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

function line(run: readonly Measured[], palette: Palette): string {
  const d = path(run.map(({ x, y }) => [x, y.value]));
  return `<path d="${d}" fill="none" stroke="${palette.line}" stroke-width="1.5" stroke-linejoin="round" stroke-linecap="round"/>`;
}

/** Leaves a little air around each shape, on whatever background. */
function cutOut(marks: readonly Mark[], { id, width, height }: Picture): string {
  const holes = marks
    .filter((each, index) => isMeasured(each) && (index === marks.length - 1 || each.verdict !== 'pass'))
    .map(({ x, y }) => `<circle cx="${round(x)}" cy="${round(y?.value ?? 0)}" r="5"/>`);
  // In units of the drawing: the box of a level line has no height.
  return `<mask id="${id}-air" maskUnits="userSpaceOnUse" x="0" y="0" width="${width}" height="${height}"><path d="M0 0H${width}V${height}H0Z" fill="#fff"/>${holes.join('')}</mask>`;
}

/** Each verdict has a form of its own, so that colour only repeats what the form says. */
function shape({ x, y, beyond, verdict, floor }: Mark, palette: Palette, size: number): string {
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

/** Says that the value lies further out. */
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

interface Frame {
  readonly left: number;
  readonly right: number;
  readonly height: number;
}

/** The bound, dashed, with the side that is not allowed; the baseline, dotted. */
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

interface Note {
  readonly text: string;
  readonly value: number;
  readonly strong: boolean;
}

const widthOf = ({ text, strong }: Note): number => (text.length + 1) * (strong ? boldWidth : glyphWidth);

/** The words beside the picture. */
function notes(points: readonly SparkPoint[], { bound, baseline, format }: Picture): readonly Note[] {
  const last = points.at(-1)?.estimate ?? null;
  return [
    ...(bound === null ? [] : [{ text: boundText(bound, format), value: bound.value, strong: false }]),
    ...(last === null ? [] : [{ text: format(last.value, last), value: last.value, strong: true }]),
    ...(baseline === null ? [] : [{ text: baseline.name, value: baseline.value, strong: false }]),
  ];
}

function labels(
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
    const words = arrow + (text.length > most ? `${text.slice(0, most - 1)}…` : text);
    const style = strong ? ` font-weight="600" fill="${palette.foreground}"` : ` fill="${palette.muted}"`;
    // A third of the size below the middle is where the base line of digits is.
    return `<text x="${round(x)}" y="${round((middles[index] ?? 0) + fontSize * 0.36)}"${style}>${escapeMarkup(words)}</text>`;
  });
}

/** Moves what would overlap apart, as little as keeps the order, inside the picture. Tops first. */
function spread(wanted: readonly number[], distance: number, height: number): number[] {
  const placed: number[] = [];
  for (const middle of wanted) placed.push(Math.max(middle, (placed.at(-1) ?? -Infinity) + distance, distance / 2));
  // Half of what the others were pushed down goes back up; then what fell out at the bottom pushes up.
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

const isCeiling = (relation: Relation): boolean => relation === '<' || relation === '<=';

function boundText(bound: NonNullable<Picture['bound']>, format: Picture['format']): string {
  const sign = { '<': '<', '<=': '≤', '>': '>', '>=': '≥', '=': '=' }[bound.relation];
  return bound.label ?? `${sign} ${format(bound.value)}`;
}

/** What the picture shows, in words. */
function describe(points: readonly SparkPoint[], { format, bound, baseline }: Picture): string {
  const values = points.flatMap(({ estimate }) => (estimate === null ? [] : [estimate.value]));
  const last = points.at(-1);
  const count = (verdict: Verdict, words: string): string[] => {
    const found = points.filter((point) => point.verdict === verdict).length;
    return found === 0 ? [] : [`${found} ${words}`];
  };
  const parts = [
    points.length === 1 ? '1 run' : `${points.length} runs`,
    ...(values.length > 1 ? [`between ${format(Math.min(...values))} and ${format(Math.max(...values))}`] : []),
    ...(last === undefined
      ? []
      : [`the last one ${last.estimate === null ? 'failed' : format(last.estimate.value, last.estimate)}`]),
    ...count('fail', 'over budget'),
    ...count('warn', 'with a warning'),
    ...count('undecided', 'undecided'),
    ...count('error', 'without a result'),
    ...(bound === null ? [] : [`bound ${boundText(bound, format)}`]),
    ...(baseline === null ? [] : [`${baseline.name} ${format(baseline.value)}`]),
  ];
  return `${parts.join(', ')}.`;
}
