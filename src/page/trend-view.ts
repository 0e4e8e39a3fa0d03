import uPlot from 'uplot';
import { formatChange, formatQuantity, type Interval } from '../core/language/figures.js';
import { freeUnit } from '../core/language/quantity.js';
import type { Held, Series, Trend } from '../core/formats/reporters/trend.js';
import { verdicts } from '../core/formats/reporters/trend.js';
import { colors, drawMarks, isWorse, levelColors } from './marks.js';
import { counts } from '../core/text/words.js';

const height = 220;
/** A bound more than this many times above or below the figures would squeeze them flat. */
const farthest = 3;
const row = { value: 1, low: 2, high: 3 } as const;

/** Seconds since the epoch; null for all runs. */
export type Span = { readonly from: number; readonly to: number } | null;

/** The history of a budget as a chart: drag, or press + and −, to zoom; press arrow keys to move from run to run. */
export class TrendView {
  readonly #chosen = document.createElement('p');
  readonly #plot = document.createElement('div');
  readonly #readout = document.createElement('output');
  readonly #legend = document.createElement('ul');
  readonly #figures: HTMLSelectElement;
  readonly #resized: ResizeObserver;
  #trend: Trend;
  #series: Series;
  /** Null while out of view. */
  #chart: uPlot | null = null;
  #at: number;
  #span: Span = null;
  /** The part that is zoomed to; null for the whole span. */
  #zoomed: Span = null;

  constructor(
    readonly element: HTMLElement,
    readonly name: string,
    readonly trends: readonly Trend[],
  ) {
    const [trend] = trends;
    const [series] = trend?.series ?? [];
    if (trend === undefined || series === undefined) throw new Error(`${name} has no figures`);
    this.#trend = trend;
    this.#series = series;
    this.#at = trend.at.length - 1;
    this.#chosen.className = 'chosen';
    this.#figures = select(`Figure of ${name}`, () => this.#choose());
    const machines = select(`Machine of ${name}`, () => {
      this.#trend = trends[machines.selectedIndex] ?? trend;
      this.#at = this.#trend.at.length - 1;
      this.#listFigures();
      this.#choose();
    });
    for (const { machine } of trends) machines.add(new Option(machine));
    machines.hidden = trends.length < 2;
    this.#chosen.append(this.#figures, machines);
    this.#listFigures();
    this.#plot.className = 'plot';
    this.#plot.tabIndex = 0;
    this.#plot.setAttribute('role', 'group');
    this.#plot.setAttribute('aria-roledescription', 'chart');
    this.#plot.addEventListener('keydown', (event) => this.#key(event));
    this.#readout.className = 'readout';
    this.#legend.className = 'legend';
    element.replaceChildren(this.#chosen, this.#plot, this.#readout, this.#legend);
    this.#update();
    this.#resized = new ResizeObserver(() => this.#chart?.setSize({ width: this.#width, height }));
    this.#resized.observe(element);
  }

  /** Shows the runs of a span of time. */
  show(span: Span): void {
    this.#span = span;
    this.#zoomed = null;
    if (this.#chart !== null) this.#fit(this.#chart);
  }

  /** Draws the chart, or draws it anew, as when the colours change. */
  draw(): void {
    this.#chart?.destroy();
    this.#chart = this.#make();
  }

  /** Frees the chart, because canvases out of view would fill the memory. */
  rest(): void {
    this.#chart?.destroy();
    this.#chart = null;
  }

  get isDrawn(): boolean {
    return this.#chart !== null;
  }

  get #width(): number {
    return Math.max(200, this.element.clientWidth);
  }

  #listFigures(): void {
    const before = this.#figures.value;
    this.#figures.replaceChildren(...this.#trend.series.map(({ metric }) => new Option(metric, metric)));
    if (this.#trend.series.some(({ metric }) => metric === before)) this.#figures.value = before;
    this.#figures.hidden = this.#trend.series.length < 2;
    this.#chosen.hidden = this.#figures.hidden && this.trends.length < 2;
  }

  #choose(): void {
    this.#series = this.#trend.series.find(({ metric }) => metric === this.#figures.value) ?? this.#series;
    this.#update();
    if (this.#chart !== null) this.draw();
  }

  #make(): uPlot {
    const { value, low, high, baseline, relative } = this.#series;
    const { at } = this.#trend;
    const color = colors(this.element);
    const figures = (_: uPlot, splits: number[]): string[] => splits.map((split) => this.#figure(split));
    const axis = {
      stroke: color('--muted'),
      font: '12px system-ui, sans-serif',
      grid: { stroke: color('--rule'), width: 1 },
      ticks: { show: false },
    };
    const band = { stroke: 'transparent', points: { show: false } };
    const dashed = { width: 1, dash: [4, 4], alpha: 0.7, points: { show: false } };
    const few = at.length < 60;
    const chart = new uPlot(
      {
        width: this.#width,
        height,
        legend: { show: false },
        cursor: {
          drag: { x: true, y: false },
          points: { size: 6 },
          bind: { dblclick: () => () => (this.show(this.#span), null) },
        },
        scales: { x: { time: true }, y: { range: (_, min, max) => this.#range(min, max) } },
        axes: [
          { ...axis, size: 32, values: (_, splits, __, ___, step) => dates(splits, step) },
          { ...axis, values: figures, size: 72 },
        ],
        series: [
          {},
          { stroke: color('--line'), width: 1.5, points: { show: few, size: 5, fill: color('--line') } },
          band,
          band,
          { ...dashed, stroke: color('--muted') },
          ...relative.map(({ level }) => ({ ...dashed, stroke: color(levelColors[level]) })),
        ],
        bands: [{ series: [row.high, row.low], fill: color('--band') }],
        hooks: {
          draw: [(own) => drawMarks(own, this.#trend, this.#series, color)],
          setCursor: [({ cursor: { idx } }) => idx !== null && idx !== undefined && this.#showRun(idx)],
          setSelect: [({ select: { width } }) => width > 0 && this.#keepZoom()],
        },
      },
      [
        at,
        gaps(value),
        gaps(low),
        gaps(high),
        gaps(baseline),
        ...relative.map((held) => gaps(baseline.map((one) => one * held.value))),
      ] as uPlot.AlignedData,
      this.#plot,
    );
    this.#fit(chart);
    return chart;
  }

  /** Shows the zoom, else the span, else all runs. */
  #fit(chart: uPlot): void {
    const { at } = this.#trend;
    const [first, last] = [at[0] ?? 0, at.at(-1) ?? 0];
    // A single run has no width.
    const room = last > first ? 0 : 3600;
    const { from: min, to: max } = this.#zoomed ?? this.#span ?? { from: first - room, to: last + room };
    chart.setScale('x', { min, max });
  }

  /** Reads the zoom from the selection, because uPlot's new scale holds only from its next drawing. */
  #keepZoom(): void {
    const chart = this.#chart;
    if (chart === null) return;
    const { left, width } = chart.select;
    this.#zoomed = { from: chart.posToVal(left, 'x'), to: chart.posToVal(left + width, 'x') };
  }

  /** Makes room for the bounds that are near enough to be seen beside the figures. */
  #range(min: number | null, max: number | null): [number, number] {
    if (min === null || max === null) return [0, 1];
    const near = this.#series.bounds
      .map(({ value }) => value)
      .filter((value) => value <= max * farthest && value >= min / farthest);
    const [low, high] = [Math.min(min, ...near), Math.max(max, ...near)];
    const room = (high - low || high || 1) * 0.08;
    return [low >= 0 ? Math.max(0, low - room) : low - room, high + room];
  }

  /** Says in words what the chart shows: its summary, the chosen run, and what its lines are. */
  #update(): void {
    this.#plot.setAttribute('aria-label', this.#summary());
    this.#showRun(this.#at);
    const { metric, baseline, bounds, relative, changes, value } = this.#series;
    const failed = verdicts.indexOf('fail');
    const isFailed = value.some((one, index) => !Number.isNaN(one) && this.#trend.verdict[index] === failed);
    const held = ({ text, level }: Held): string => `${level} ${text}`;
    const items: [kind: string, text: string][] = [
      ['figure', `${metric} and its interval`],
      ...(baseline.some((one) => !Number.isNaN(one)) ? [['dashed', 'baseline'] as [string, string]] : []),
      ...bounds.map((one): [string, string] => [one.level, held(one)]),
      ...relative.map((one): [string, string] => [`dashed ${one.level}`, held(one)]),
      ...(isFailed ? [['failed', 'failed'] as [string, string]] : []),
      ...changes
        .slice(-2)
        .toReversed()
        .map(({ at, ratio }): [string, string] => {
          const commit = this.#trend.commit[at] ?? '';
          const since = `${this.#when(at, { dateStyle: 'medium' })}${commit === '' ? '' : `, ${commit}`}`;
          const worse = isWorse(this.#series, ratio) ? 'worse' : 'better';
          return [`change ${worse}`, `the level changed by ${formatChange(ratio)} on ${since}`];
        }),
      ...(changes.length > 2 ? [['more', `and ${changes.length - 2} earlier changes`] as [string, string]] : []),
    ];
    this.#legend.replaceChildren(
      ...items.map(([kind, text]) => {
        const item = document.createElement('li');
        item.className = kind;
        item.textContent = text;
        return item;
      }),
    );
  }

  #summary(): string {
    const { value, metric, changes, bounds, relative } = this.#series;
    const last = value.findLast((one) => !Number.isNaN(one)) ?? NaN;
    const lastChange = changes.at(-1);
    const moved =
      lastChange === undefined
        ? ''
        : `, ${counts(changes.length, 'level change')}, the last by ${formatChange(lastChange.ratio)}`;
    const held = [...bounds, ...relative].map(({ text, level }) => `, ${level} ${text}`).join('');
    const where = this.trends.length > 1 ? ` on ${this.#trend.machine}` : '';
    return `${metric} of ${this.name}${where}: ${counts(this.#trend.at.length, 'run')}, the last ${this.#figure(last)}${held}${moved}. Use the arrow keys to move from run to run, and plus and minus to zoom.`;
  }

  #figure(value: number, interval?: Interval): string {
    return formatQuantity(value, freeUnit(this.#series.unit), interval, interval === undefined ? 4 : 3);
  }

  #when(index: number, options: Intl.DateTimeFormatOptions): string {
    return new Date((this.#trend.at[index] ?? 0) * 1000).toLocaleString(undefined, options);
  }

  #showRun(index: number): void {
    this.#at = index;
    const { value, low, high, baseline } = this.#series;
    const [own = NaN, old = NaN] = [value[index], baseline[index]];
    const verdict = verdicts[this.#trend.verdict[index] ?? 0] ?? '';
    const interval = { low: low[index] ?? own, high: high[index] ?? own };
    this.#readout.textContent = [
      this.#when(index, { dateStyle: 'medium', timeStyle: 'short' }),
      Number.isNaN(own) ? null : this.#figure(own, interval),
      Number.isNaN(own / old) ? null : `${formatChange(own / old)} vs ${this.#figure(old, interval)}`,
      this.#trend.commit[index] ?? null,
      verdict,
    ]
      .filter((part) => part !== null && part !== '')
      .join(' · ');
  }

  #key(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const step = event.shiftKey ? 10 : 1;
    switch (event.key) {
      case 'ArrowLeft':
        this.#go(this.#at - step);
        break;
      case 'ArrowRight':
        this.#go(this.#at + step);
        break;
      case 'Home':
        this.#go(0);
        break;
      case 'End':
        this.#go(this.#trend.at.length - 1);
        break;
      case '+':
      case '=':
        this.#zoom(0.5);
        break;
      case '-':
        this.#zoom(2);
        break;
      case 'Escape':
        this.show(this.#span);
        break;
      default:
        return;
    }
    event.preventDefault();
  }

  #go(wanted: number): void {
    const { at } = this.#trend;
    const index = Math.min(at.length - 1, Math.max(0, wanted));
    const moment = at[index] ?? 0;
    const chart = this.#chart;
    if (chart !== null) {
      const { min = moment, max = moment } = chart.scales['x'] ?? {};
      // A run out of view moves to the middle.
      if (moment < min || moment > max) {
        this.#zoomed = { from: moment - (max - min) / 2, to: moment + (max - min) / 2 };
        this.#fit(chart);
      }
      const value = this.#series.value[index] ?? NaN;
      const top = Number.isNaN(value) ? 0 : chart.valToPos(value, 'y');
      chart.setCursor({ left: chart.valToPos(moment, 'x'), top });
    }
    this.#showRun(index);
  }

  #zoom(factor: number): void {
    const chart = this.#chart;
    if (chart === null) return;
    const { at } = this.#trend;
    const { min = at[0] ?? 0, max = at.at(-1) ?? 0 } = chart.scales['x'] ?? {};
    const middle = at[this.#at] ?? (min + max) / 2;
    const half = Math.max(60, ((max - min) * factor) / 2);
    this.#zoomed = { from: middle - half, to: middle + half };
    this.#fit(chart);
  }
}

function select(label: string, changed: () => void): HTMLSelectElement {
  const element = document.createElement('select');
  element.setAttribute('aria-label', label);
  element.addEventListener('change', changed);
  return element;
}

const year = 365 * 24 * 60 * 60;

/** Formats dates in the reader's language: by the step, as years, months, days or times of day. */
function dates(splits: readonly number[], step: number): string[] {
  const options: Intl.DateTimeFormatOptions =
    step >= year
      ? { year: 'numeric' }
      : step >= year / 13
        ? { month: 'short', year: '2-digit' }
        : step >= year / 365
          ? { day: 'numeric', month: 'short' }
          : { hour: '2-digit', minute: '2-digit' };
  const format = new Intl.DateTimeFormat(undefined, options);
  return splits.map((split) => format.format(split * 1000));
}

/** uPlot draws a gap for null, which typed arrays cannot hold. */
function gaps(values: Float32Array): Float32Array | (number | null)[] {
  return values.some((value) => Number.isNaN(value))
    ? Array.from(values, (value) => (Number.isNaN(value) ? null : value))
    : values;
}
