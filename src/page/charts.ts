import type { TrendText } from '../core/formats/reporters/page-data.js';
import { readTrend } from '../core/formats/reporters/page-data.js';
import type { Trend } from '../core/formats/reporters/trend.js';
import { TrendView, type Span } from './trend-view.js';

export interface ChartSource {
  /** The histories of a chart; null while they are not there. */
  read(element: HTMLElement): readonly TrendText[] | null;
  /** See `TrendView`. */
  openCommit(element: HTMLElement, commit: string): string | null;
  /** Makes a change that may move what the user looks at. */
  steady(change: () => void): void;
}

/** The charts of a page: only those in view are drawn, and all of them when it is printed. */
export class Charts {
  readonly #views = new Map<Element, TrendView>();
  /** Those in view that are not drawn yet. */
  readonly #wanted = new Set<HTMLElement>();
  readonly #seen = new Set<Element>();
  #span: Span = null;
  #isPrinting = false;

  readonly #observer = new IntersectionObserver(
    (entries) => {
      const before = this.#wanted.size;
      for (const { target, isIntersecting } of entries) {
        if (!(target instanceof HTMLElement)) continue;
        if (isIntersecting) {
          this.#wanted.add(target);
          this.#seen.add(target);
        } else {
          this.#wanted.delete(target);
          this.#seen.delete(target);
          if (!this.#isPrinting) this.#views.get(target)?.rest();
        }
      }
      if (before === 0 && this.#wanted.size > 0) requestAnimationFrame(() => this.#drawNext());
    },
    { rootMargin: '300px' },
  );

  constructor(readonly source: ChartSource) {
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.redraw());
    addEventListener('beforeprint', () => this.#print(true));
    addEventListener('afterprint', () => this.#print(false));
    matchMedia('print').addEventListener('change', ({ matches }) => this.#print(matches));
  }

  watch(root: ParentNode): void {
    for (const element of root.querySelectorAll('[data-trend]')) this.#observer.observe(element);
  }

  /** Forgets the chart of an element that is gone. */
  forget(element: Element): void {
    this.#observer.unobserve(element);
    this.#views.get(element)?.rest();
    this.#views.delete(element);
    this.#seen.delete(element);
    if (element instanceof HTMLElement) this.#wanted.delete(element);
  }

  /** Shows the histories that the source has now. */
  update(element: HTMLElement): void {
    const view = this.#views.get(element);
    const trends = this.#trends(element);
    if (view !== undefined && trends !== null) view.update(trends);
  }

  /** Shows the runs of a span of time in every chart. */
  show(span: Span): void {
    if (span?.from === this.#span?.from) return;
    this.#span = span;
    for (const view of this.#views.values()) view.show(span);
  }

  /** Draws anew, as when the colours change. */
  redraw(): void {
    for (const view of this.#views.values()) if (view.isDrawn) view.draw();
  }

  /** Draws one chart a frame, so that scrolling stays smooth: a thousand at once would keep everybody waiting. */
  #drawNext(): void {
    for (const element of this.#wanted) {
      if (!this.#views.has(element) && this.source.read(element) === null) continue;
      this.#wanted.delete(element);
      // A chart that is drawn for the first time may be higher than its place was.
      this.source.steady(() => this.#viewOf(element)?.draw());
      break;
    }
    if (this.#wanted.size > 0) requestAnimationFrame(() => this.#drawNext());
  }

  #trends(element: HTMLElement): readonly Trend[] | null {
    // A machine that never measured anything has nothing to draw.
    return (
      this.source
        .read(element)
        ?.map(readTrend)
        .filter(({ series }) => series.length > 0) ?? null
    );
  }

  #viewOf(element: HTMLElement): TrendView | null {
    const known = this.#views.get(element);
    if (known !== undefined) return known;
    const trends = this.#trends(element);
    if (trends === null) return null;
    if (trends.length === 0) {
      element.remove();
      return null;
    }
    const open = (commit: string): string | null => this.source.openCommit(element, commit);
    const view = new TrendView(element, element.dataset['name'] ?? '', trends, open);
    view.show(this.#span);
    this.#views.set(element, view);
    return view;
  }

  /** Draws all charts that will be on paper, in the colours of paper. */
  #print(isPrinting: boolean): void {
    if (isPrinting === this.#isPrinting) return;
    this.#isPrinting = isPrinting;
    document.documentElement.classList.toggle('print', isPrinting);
    if (!isPrinting) {
      for (const [element, view] of this.#views) {
        if (this.#seen.has(element)) view.draw();
        else view.rest();
      }
      return;
    }
    for (const element of document.querySelectorAll<HTMLElement>('article:not([hidden]) [data-trend]')) {
      const view = this.#viewOf(element);
      view?.rest();
      view?.drawNow();
    }
  }
}
