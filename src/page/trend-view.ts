import uPlot from 'uplot';
import type { Series, Trend } from '../core/formats/reporters/trend.js';
import { axisFont, dateHeight, dateLabels, fewRuns, figureWidth, labelRoom, timesIn } from './axis.js';
import { colors, drawMarks, levelColors } from './marks.js';
import { Tip } from './tip.js';
import { figureOf, legendItems, runWords, summary, tipLines } from './trend-words.js';

const height = 170;
/** The widest distance between a pointer and the run that a click is for, in pixels. */
const near = 24;
/** A second click within this time makes a double click of the first. */
const doubleClickMs = 250;
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
  readonly #machines: HTMLSelectElement;
  #trends: readonly Trend[];
  readonly #resized: ResizeObserver;
  readonly #tip = new Tip();
  #clicked: ReturnType<typeof setTimeout> | undefined;
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
    trends: readonly Trend[],
    /** Shows a commit, as far as it is abbreviated here. Returns what was done, if it is not seen. */
    readonly openCommit: (commit: string) => string | null,
  ) {
    const [trend] = trends;
    const [series] = trend?.series ?? [];
    if (trend === undefined || series === undefined) throw new Error(`${name} has no figures`);
    this.#trends = trends;
    this.#trend = trend;
    this.#series = series;
    this.#at = trend.at.length - 1;
    this.#chosen.className = 'chosen';
    this.#figures = select(`Figure of ${name}`, () => this.#choose());
    this.#machines = select(`Machine of ${name}`, () => {
      this.#trend = this.#trends[this.#machines.selectedIndex] ?? this.#trend;
      this.#at = this.#trend.at.length - 1;
      this.#listFigures();
      this.#choose();
    });
    this.#chosen.append(this.#figures, this.#machines);
    this.#listMachines();
    this.#listFigures();
    this.#plot.className = 'plot';
    this.#plot.tabIndex = 0;
    this.#plot.setAttribute('role', 'group');
    this.#plot.setAttribute('aria-roledescription', 'chart');
    this.#plot.addEventListener('keydown', (event) => this.#key(event));
    this.#plot.addEventListener('click', (event) => this.#click(event));
    this.#plot.addEventListener('mouseleave', () => this.#tip.hide());
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

  /** Shows the history anew, after a run. What the user chose, and the part that is zoomed to, stay. */
  update(trends: readonly Trend[]): void {
    const machine = this.#trend.machine;
    const isLast = this.#at === this.#trend.at.length - 1;
    const { metric } = this.#series;
    const trend = trends.find((one) => one.machine === machine && one.series.length > 0) ?? trends[0];
    const series = trend?.series.find((one) => one.metric === metric) ?? trend?.series[0];
    if (trend === undefined || series === undefined) return;
    [this.#trends, this.#trend, this.#series] = [trends, trend, series];
    this.#at = isLast ? trend.at.length - 1 : Math.min(this.#at, trend.at.length - 1);
    this.#listMachines();
    this.#listFigures();
    this.#update();
    if (this.#chart !== null) this.draw();
  }

  /** Draws at once, for a picture of the page. */
  drawNow(): void {
    if (this.#chart === null) this.draw();
    this.#chart?.setSize({ width: this.#width, height });
    this.#chart?.batch(() => undefined);
  }

  get isDrawn(): boolean {
    return this.#chart !== null;
  }

  get #width(): number {
    return Math.max(200, this.element.clientWidth);
  }

  #listMachines(): void {
    this.#machines.replaceChildren(...this.#trends.map(({ machine }) => new Option(machine)));
    this.#machines.selectedIndex = this.#trends.indexOf(this.#trend);
    this.#machines.hidden = this.#trends.length < 2;
  }

  #listFigures(): void {
    const before = this.#figures.value;
    this.#figures.replaceChildren(...this.#trend.series.map(({ metric }) => new Option(metric, metric)));
    if (this.#trend.series.some(({ metric }) => metric === before)) this.#figures.value = before;
    this.#figures.hidden = this.#trend.series.length < 2;
    this.#chosen.hidden = this.#figures.hidden && this.#trends.length < 2;
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
    const figures = (_: uPlot, splits: number[]): string[] => splits.map((split) => figureOf(this.#series, split));
    const axis = {
      stroke: color('--muted'),
      font: axisFont,
      grid: { stroke: color('--grid'), width: 1 },
      ticks: { show: false },
    };
    const band = { stroke: 'transparent', points: { show: false } };
    const dashed = { width: 1, dash: [4, 4], alpha: 0.7, points: { show: false } };
    const room = labelRoom();
    const isFew = new Set(at).size <= fewRuns;
    const chart = new uPlot(
      {
        width: this.#width,
        height,
        padding: [8, 24, 0, 0],
        legend: { show: false },
        cursor: {
          drag: { x: true, y: false },
          points: { size: 7 },
          bind: { dblclick: () => () => (this.show(this.#span), null) },
        },
        scales: { x: { time: true }, y: { range: (_, min, max) => this.#range(min, max) } },
        axes: [
          {
            ...axis,
            space: room,
            size: (_, labels) => dateHeight(labels),
            values: (own, splits, __, ___, step) => dateLabels(own, splits, isFew ? null : step),
            // Round times around a single run would say less than its own.
            ...(isFew && { splits: (_, __, min, max) => timesIn(at, min, max) }),
          },
          { ...axis, values: figures, size: (_, labels) => figureWidth(labels), space: 24 },
        ],
        series: [
          {},
          { stroke: color('--line'), width: 1.5, points: { show: false } },
          band,
          band,
          { ...dashed, stroke: color('--muted') },
          ...relative.map(({ level }) => ({ ...dashed, stroke: color(levelColors[level]) })),
        ],
        bands: [{ series: [row.high, row.low], fill: color('--band') }],
        hooks: {
          draw: [(own) => drawMarks(own, this.#trend, this.#series, color)],
          setCursor: [(own) => this.#pointed(own)],
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
    // A single run has no width, and the label of one of a few reaches beyond it.
    const room = last === first ? 3600 : new Set(at).size <= fewRuns ? (last - first) * 0.15 : 0;
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
    const where = this.#trends.length > 1 ? this.#trend.machine : null;
    this.#plot.setAttribute('aria-label', summary(this.name, this.#trend, this.#series, where));
    this.#showRun(this.#at);
    this.#legend.replaceChildren(
      ...legendItems(this.#trend, this.#series).map(([kind, text]) => {
        const item = document.createElement('li');
        item.className = kind;
        item.textContent = text;
        return item;
      }),
    );
  }

  #showRun(index: number): void {
    this.#at = index;
    this.#readout.textContent = runWords(this.#trend, this.#series, index).join(' · ');
  }

  /** A pointer or a key is on a run: its words follow it. */
  #pointed(chart: uPlot): void {
    const { idx, left = -1, top = -1, event } = chart.cursor;
    if (idx === null || idx === undefined || left < 0) {
      this.#tip.hide();
      return;
    }
    this.#showRun(idx);
    const isPointer = event !== undefined;
    this.#tip.show(chart.over, { left, top: isPointer ? top : 0 }, tipLines(this.#trend, this.#series, idx));
    chart.over.style.cursor = this.#isNear(chart) && this.#commit() !== '' ? 'pointer' : '';
  }

  #isNear(chart: uPlot): boolean {
    const { idx, left = -1 } = chart.cursor;
    const at = this.#trend.at[idx ?? -1];
    return at !== undefined && Math.abs(chart.valToPos(at, 'x') - left) <= near;
  }

  /** The commit of the chosen run; empty if there is none. */
  #commit(): string {
    return (this.#trend.commit[this.#at] ?? '').replace('+', '');
  }

  #click({ detail }: MouseEvent): void {
    clearTimeout(this.#clicked);
    const chart = this.#chart;
    // The library swallows the click that ends a drag; a double click shows all.
    if (chart === null || detail > 1 || !this.#isNear(chart)) return;
    this.#clicked = setTimeout(() => this.#open(), doubleClickMs);
  }

  #open(): void {
    const commit = this.#commit();
    const done = commit === '' ? 'This run has no commit.' : this.openCommit(commit);
    if (done !== null) this.#readout.textContent = done;
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
      case 'Enter':
        this.#open();
        break;
      case 'Escape':
        this.#tip.hide();
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

/** uPlot draws a gap for null, which typed arrays cannot hold. */
function gaps(values: Float32Array): Float32Array | (number | null)[] {
  return values.some((value) => Number.isNaN(value))
    ? Array.from(values, (value) => (Number.isNaN(value) ? null : value))
    : values;
}
