import uPlot from 'uplot';
import { formatChange, formatQuantity, type Interval } from '../core/figures.js';
import { freeUnit } from '../core/quantity.js';
import { counts } from '../core/wording.js';
import { verdicts, type Series, type Trend } from '../core/reporters/trend.js';

const height = 220;
/** A bound that is further away would press the figures flat. */
const farthest = 3;
const row = { value: 1, low: 2, high: 3, baseline: 4 } as const;

/** The history of a budget as a chart: drag or + and − to zoom, arrows to go from run to run. */
export class TrendView {
  readonly #plot: HTMLElement;
  readonly #readout: HTMLElement;
  #series: Series;
  #chart: uPlot;
  #at: number;

  constructor(
    readonly element: HTMLElement,
    readonly name: string,
    readonly trend: Trend,
  ) {
    const [first] = trend.series;
    if (first === undefined) throw new Error(`${name} has no figures`);
    this.#series = first;
    this.#at = trend.at.length - 1;
    if (trend.series.length > 1) element.append(this.#choice());
    this.#plot = document.createElement('div');
    this.#plot.className = 'plot';
    this.#plot.tabIndex = 0;
    this.#plot.setAttribute('role', 'group');
    this.#plot.setAttribute('aria-roledescription', 'chart');
    this.#readout = document.createElement('output');
    this.#readout.className = 'readout';
    element.append(this.#plot, this.#readout);
    this.#chart = this.#make();
    this.#plot.addEventListener('keydown', (event) => this.#key(event));
    this.#plot.addEventListener('dblclick', () => this.#say(this.trend.at.length - 1));
    new ResizeObserver(() => this.#chart.setSize({ width: this.#width, height })).observe(element);
  }

  /** Shows the runs from one moment to another, in seconds since the epoch; all where `from` is null. */
  show(from: number | null, to: number): void {
    if (from === null) this.#all();
    else this.#chart.setScale('x', { min: from, max: to });
  }

  /** The colours are others. */
  redraw(): void {
    this.#replace();
  }

  get #width(): number {
    return Math.max(200, this.element.clientWidth);
  }

  #choice(): HTMLElement {
    const label = document.createElement('label');
    label.className = 'metric';
    const select = document.createElement('select');
    for (const { metric } of this.trend.series) select.add(new Option(metric, metric));
    select.setAttribute('aria-label', `Figure of ${this.name}`);
    select.addEventListener('change', () => {
      this.#series = this.trend.series.find(({ metric }) => metric === select.value) ?? this.#series;
      this.#replace();
    });
    label.append(select);
    return label;
  }

  #replace(): void {
    const { min, max } = this.#chart.scales['x'] ?? {};
    this.#chart.destroy();
    this.#chart = this.#make();
    if (min !== undefined && max !== undefined) this.#chart.setScale('x', { min, max });
  }

  #make(): uPlot {
    const { value, low, high, baseline } = this.#series;
    const color = colors(this.element);
    const figures = (_: uPlot, splits: number[]): string[] => splits.map((split) => this.#figure(split));
    const axis = { stroke: color('--muted'), grid: { stroke: color('--rule'), width: 1 }, ticks: { show: false } };
    const band = { stroke: 'transparent', points: { show: false } };
    const few = this.trend.at.length < 60;
    const chart = new uPlot(
      {
        width: this.#width,
        height,
        legend: { show: false },
        cursor: { drag: { x: true, y: false }, points: { size: 6 } },
        scales: { x: { time: true }, y: { range: (_, min, max) => this.#range(min, max) } },
        axes: [axis, { ...axis, values: figures, size: 72 }],
        series: [
          {},
          { stroke: color('--line'), width: 1.5, points: { show: few, size: 5, fill: color('--line') } },
          band,
          band,
          { stroke: color('--muted'), width: 1, dash: [4, 4], points: { show: false } },
        ],
        bands: [{ series: [row.high, row.low], fill: color('--band') }],
        hooks: { draw: [(own) => this.#marks(own, color)], setCursor: [(own) => this.#point(own)] },
      },
      [this.trend.at, gaps(value), gaps(low), gaps(high), gaps(baseline)] as uPlot.AlignedData,
      this.#plot,
    );
    this.#plot.setAttribute('aria-label', this.#summary());
    this.#say(this.#at);
    return chart;
  }

  /** Room for the bounds that are near enough to be seen beside the figures. */
  #range(min: number | null, max: number | null): [number, number] {
    if (min === null || max === null) return [0, 1];
    const near = this.#series.bounds
      .map(({ value }) => value)
      .filter((value) => value <= max * farthest && value >= min / farthest);
    const [low, high] = [Math.min(min, ...near), Math.max(max, ...near)];
    const room = (high - low || high || 1) * 0.08;
    return [low >= 0 ? Math.max(0, low - room) : low - room, high + room];
  }

  /** Bounds, the moments when the level moved, and the runs that failed. */
  #marks(chart: uPlot, color: (name: string) => string): void {
    const { ctx, bbox } = chart;
    const ratio = devicePixelRatio;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    ctx.font = `${11 * ratio}px system-ui, sans-serif`;
    ctx.textAlign = 'left';
    ctx.textBaseline = 'alphabetic';
    ctx.setLineDash([]);
    ctx.lineWidth = ratio;
    for (const { value, text, level } of this.#series.bounds) {
      const at = chart.valToPos(value, 'y', true);
      const isAbove = at < bbox.top;
      const isBelow = at > bbox.top + bbox.height;
      ctx.strokeStyle = ctx.fillStyle = color(
        level === 'limit' ? '--bad' : level === 'acceptable' ? '--warn' : '--good',
      );
      if (!isAbove && !isBelow) stroke(ctx, [bbox.left, at], [bbox.left + bbox.width, at]);
      const arrow = isAbove ? '↑ ' : isBelow ? '↓ ' : '';
      const above = isBelow ? bbox.top + bbox.height - 4 * ratio : at - 4 * ratio;
      // Where there is no room above the line, the words stand below it.
      const y = isAbove ? bbox.top + 12 * ratio : above < bbox.top + 12 * ratio ? at + 12 * ratio : above;
      ctx.fillText(`${arrow}${text} ${level}`, bbox.left + 4 * ratio, y);
    }
    ctx.setLineDash([2 * ratio, 3 * ratio]);
    for (const { at, ratio: change } of this.#series.changes) {
      const x = chart.valToPos(this.trend.at[at] ?? 0, 'x', true);
      const isWorse = change > 1 === this.#series.lowerIsBetter;
      ctx.strokeStyle = ctx.fillStyle = color(isWorse ? '--bad' : '--good');
      stroke(ctx, [x, bbox.top], [x, bbox.top + bbox.height]);
      ctx.fillText(formatChange(change), x + 4 * ratio, bbox.top + bbox.height - 6 * ratio);
    }
    ctx.fillStyle = color('--bad');
    const failed = verdicts.indexOf('fail');
    const [start, end] = chart.series[0]?.idxs ?? [0, -1];
    let last = NaN;
    for (let index = start; index <= end; index++) {
      const value = this.#series.value[index] ?? NaN;
      if (this.trend.verdict[index] !== failed || Number.isNaN(value)) continue;
      const x = Math.round(chart.valToPos(this.trend.at[index] ?? 0, 'x', true));
      // A pixel's worth of runs needs one mark.
      if (x === last) continue;
      last = x;
      ctx.beginPath();
      ctx.arc(x, chart.valToPos(value, 'y', true), 3 * ratio, 0, 2 * Math.PI);
      ctx.fill();
    }
    ctx.restore();
  }

  #summary(): string {
    const { value, metric, changes, bounds } = this.#series;
    const last = value.findLast((one) => !Number.isNaN(one)) ?? NaN;
    const told = changes.at(-1);
    const moved =
      told === undefined
        ? ''
        : `, ${counts(changes.length, 'change')} of level, the last by ${formatChange(told.ratio)}`;
    const held = bounds.map(({ text, level }) => `, ${level} ${text}`).join('');
    return `${metric} of ${this.name}: ${counts(this.trend.at.length, 'run')}, the last ${this.#figure(last)}${held}${moved}. Arrow keys go from run to run, plus and minus zoom.`;
  }

  #figure(value: number, interval?: Interval): string {
    return formatQuantity(value, freeUnit(this.#series.unit), interval, interval === undefined ? 4 : 3);
  }

  #point(chart: uPlot): void {
    const { idx } = chart.cursor;
    if (idx !== null && idx !== undefined) this.#say(idx);
  }

  #say(index: number): void {
    this.#at = index;
    const { value, low, high, baseline } = this.#series;
    const [own = NaN, old = NaN] = [value[index], baseline[index]];
    const when = new Date((this.trend.at[index] ?? 0) * 1000);
    const verdict = verdicts[this.trend.verdict[index] ?? 0] ?? '';
    const interval = { low: low[index] ?? own, high: high[index] ?? own };
    this.#readout.textContent = [
      when.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' }),
      Number.isNaN(own) ? null : this.#figure(own, interval),
      Number.isNaN(own / old) ? null : `${formatChange(own / old)} against ${this.#figure(old, interval)}`,
      this.trend.commit[index] ?? null,
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
        this.#go(this.trend.at.length - 1);
        break;
      case '+':
      case '=':
        this.#zoom(0.5);
        break;
      case '-':
        this.#zoom(2);
        break;
      case 'Escape':
        this.#all();
        break;
      default:
        return;
    }
    event.preventDefault();
  }

  #go(wanted: number): void {
    const { at } = this.trend;
    const index = Math.min(at.length - 1, Math.max(0, wanted));
    const moment = at[index] ?? 0;
    const { min = moment, max = moment } = this.#chart.scales['x'] ?? {};
    // The run comes into view as the page of a book does.
    if (moment < min || moment > max)
      this.#chart.setScale('x', { min: moment - (max - min) / 2, max: moment + (max - min) / 2 });
    const value = this.#series.value[index] ?? NaN;
    const top = Number.isNaN(value) ? 0 : this.#chart.valToPos(value, 'y');
    this.#chart.setCursor({ left: this.#chart.valToPos(moment, 'x'), top });
    this.#say(index);
  }

  #zoom(factor: number): void {
    const { at } = this.trend;
    const { min = at[0] ?? 0, max = at.at(-1) ?? 0 } = this.#chart.scales['x'] ?? {};
    const middle = at[this.#at] ?? (min + max) / 2;
    const half = Math.max(60, ((max - min) * factor) / 2);
    this.#chart.setScale('x', { min: middle - half, max: middle + half });
  }

  #all(): void {
    const { at } = this.trend;
    const [first, last] = [at[0] ?? 0, at.at(-1) ?? 0];
    // One run alone has no width.
    const room = last > first ? 0 : 3600;
    this.#chart.setScale('x', { min: first - room, max: last + room });
  }
}

/** uPlot draws a gap for null, which typed arrays cannot hold. */
function gaps(values: Float32Array): Float32Array | (number | null)[] {
  return values.some((value) => Number.isNaN(value))
    ? Array.from(values, (value) => (Number.isNaN(value) ? null : value))
    : values;
}

function colors(element: Element): (name: string) => string {
  const style = getComputedStyle(element);
  return (name) => style.getPropertyValue(name).trim();
}

function stroke(ctx: CanvasRenderingContext2D, from: readonly [number, number], to: readonly [number, number]): void {
  ctx.beginPath();
  ctx.moveTo(...from);
  ctx.lineTo(...to);
  ctx.stroke();
}
