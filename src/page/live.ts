import morphdom from 'morphdom';
import type { TrendText } from '../core/formats/reporters/page-data.js';
import type { FromPage, PageAction, ToPage } from '../core/formats/reporters/page-messages.js';
import type { Charts } from './charts.js';
import { localize } from './local.js';
import { inOrder, type Sorting } from './sort.js';

/** The side of the dashboard that runs in an editor: gets what is shown from the extension, each card when it comes into view. */

interface Api {
  postMessage(message: FromPage): void;
  getState(): unknown;
  setState(state: State): void;
}

/** What a page remembers when its window is loaded anew. */
interface State {
  /** The card that is shown alone. */
  readonly only: string | null;
  readonly filters: readonly (readonly [name: string, value: string])[];
  readonly sorting: readonly [by: string, isReverse: boolean];
  readonly scroll: number;
}

/** Returns VS Code's side of a webview; null in a browser. */
export function vscodeApi(): Api | null {
  const { acquireVsCodeApi } = globalThis as { readonly acquireVsCodeApi?: () => Api };
  return acquireVsCodeApi?.() ?? null;
}

/** How soon after a scroll the place is remembered. */
const keepMs = 200;
/** If the rest of the lines does not come, as when there is something newer, those that are there are shown. */
const collectMs = 150;
const actions: readonly string[] = ['run', 'goTo', 'explain'] satisfies PageAction[];

type Budgets = Extract<ToPage, { type: 'budgets' }>;

export class Live {
  readonly #body: HTMLTableSectionElement;
  readonly #cards: HTMLElement;
  /** The figures of cards that have been in view. */
  readonly #trends = new Map<string, readonly TrendText[]>();
  /** Lines and cards in view, and those of them that have what is known now, or have asked for it. */
  readonly #seen = new Set<Element>();
  readonly #asked = new Set<Element>();
  #only: string | null = null;
  #restored: State | null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Lines that are not shown yet. */
  readonly #lines: { readonly id: string; readonly html: string }[] = [];
  #collecting: ReturnType<typeof setTimeout> | undefined;
  /** A page scrolls by whole pixels: how far what the user looks at was left from its place, and where the page was scrolled to. */
  #left = { scroll: 0, pixels: 0 };

  readonly #observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (isIntersecting) this.#seen.add(target);
        else this.#seen.delete(target);
      }
      this.#ask();
    },
    { rootMargin: '200px' },
  );

  constructor(
    readonly api: Api,
    readonly charts: Charts,
    readonly sorting: Sorting,
    readonly form: HTMLFormElement,
    readonly filter: () => void,
  ) {
    this.#body = sorting.table.tBodies[0] ?? sorting.table.createTBody();
    this.#cards = document.querySelector<HTMLElement>('.cards') ?? document.body;
    this.#restored = (api.getState() as State | undefined) ?? null;
    addEventListener('message', ({ data }: MessageEvent<ToPage>) => this.#receive(data));
    addEventListener('scroll', () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.keep(), keepMs);
    });
    document.addEventListener('click', ({ target }) => this.#click(target));
    document.addEventListener('keydown', ({ key, target }) => {
      const isTyping = target instanceof HTMLInputElement || target instanceof HTMLSelectElement;
      const isChart = target instanceof Element && target.closest('.plot') !== null;
      if (key === 'Escape' && this.#only !== null && !isTyping && !isChart) this.#showAll();
    });
    // The theme of the editor is in the classes of the body.
    new MutationObserver(() => charts.redraw()).observe(document.body, {
      attributeFilter: ['data-vscode-theme-id', 'data-vscode-theme-kind'],
    });
    const first = this.#restored;
    if (first !== null) {
      sorting.state = first.sorting;
      this.#fill(first);
      this.#show(first.only);
    }
  }

  start(): void {
    this.api.postMessage({ type: 'ready' });
  }

  trendsOf({ dataset }: HTMLElement): readonly TrendText[] | null {
    return this.#trends.get((dataset['trend'] ?? '').slice('t-'.length)) ?? null;
  }

  openCommit(element: HTMLElement, commit: string): string | null {
    const id = element.closest('article')?.id;
    if (id !== undefined) this.api.postMessage({ type: 'commit', id, commit });
    return null;
  }

  /** Shows a card among the others. */
  goTo(card: HTMLElement): void {
    for (const other of document.querySelectorAll('.target')) other.classList.remove('target');
    card.classList.add('target');
    card.scrollIntoView({ behavior: 'instant' });
    card.querySelector<HTMLElement>('.plot')?.focus({ preventScroll: true });
  }

  /** Changes the page, and leaves what is at the top of the window where it is. */
  steady(change: () => void): void {
    const anchor = scrollY === 0 ? null : firstInView();
    const left = this.#left.scroll === scrollY ? this.#left.pixels : 0;
    const place = (anchor?.getBoundingClientRect().top ?? 0) - left;
    change();
    if (!anchor?.isConnected) return;
    const moved = anchor.getBoundingClientRect().top - place;
    if (Math.abs(moved) >= 0.5) scrollBy({ top: moved, behavior: 'instant' });
    const pixels = anchor.getBoundingClientRect().top - place;
    // A whole pixel and more is the end of the page.
    this.#left = { scroll: scrollY, pixels: Math.abs(pixels) < 1 ? pixels : 0 };
  }

  /** Remembers what the user chose. */
  keep(): void {
    const filters = Array.from(
      new FormData(this.form),
      ([name, value]) => [name, typeof value === 'string' ? value : ''] as const,
    );
    this.api.setState({ only: this.#only, filters, sorting: this.sorting.state, scroll: scrollY });
  }

  #fill({ filters }: State): void {
    for (const field of this.form.elements) {
      if (field instanceof HTMLInputElement && field.type === 'checkbox')
        field.checked = filters.some(([name, value]) => name === field.name && value === field.value);
      else if (field instanceof HTMLInputElement || field instanceof HTMLSelectElement)
        field.value = filters.find(([name]) => name === field.name)?.[1] ?? '';
    }
  }

  #receive(message: ToPage): void {
    switch (message.type) {
      case 'budgets':
        this.#collect(message);
        break;
      case 'card':
        this.steady(() => this.#card(message));
        break;
      case 'sparks':
        for (const { id, html } of message.sparks) {
          const cell = document.querySelector(`#o-${CSS.escape(id)} .sparks`);
          if (cell !== null) cell.innerHTML = html;
        }
        break;
      case 'show':
        this.#restored = null;
        this.#show(message.id);
        scrollTo({ top: 0, behavior: 'instant' });
        this.keep();
        break;
    }
  }

  /** Shows the first lines at once, and those that come in pieces after them together: each change lays out all of the table. */
  #collect(message: Budgets): void {
    this.#lines.push(...message.lines);
    const coming = new Set(this.#lines.map(({ id }) => id));
    const isWhole = message.order.every((id) => coming.has(id) || document.getElementById(`o-${id}`) !== null);
    const apply = (): void => {
      clearTimeout(this.#collecting);
      const lines = this.#lines.splice(0);
      this.steady(() => this.#budgets({ ...message, lines }));
      if (isWhole) this.#restore();
    };
    clearTimeout(this.#collecting);
    if (isWhole || this.#body.rows.length === 0) apply();
    else this.#collecting = setTimeout(apply, collectMs);
  }

  /** After all lines the page has its height, and what was chosen of them is there. */
  #restore(): void {
    const first = this.#restored;
    if (first === null) return;
    this.#restored = null;
    this.#fill(first);
    this.filter();
    scrollTo({ top: first.scroll, behavior: 'instant' });
  }

  #budgets({ lines, order, tally, about, tags }: Budgets): void {
    const fresh = document.createElement('template');
    fresh.innerHTML = lines.map(({ html }) => html).join('');
    localize(fresh.content);
    for (const row of [...fresh.content.querySelectorAll<HTMLElement>('tr')]) this.#line(row);
    const known = new Set(order);
    for (const row of this.#body.querySelectorAll<HTMLElement>('tr[data-row]'))
      if (!known.has(row.dataset['row'] ?? '')) this.#forget(row);
    this.sorting.ranked(order);
    inOrder(
      this.#cards,
      order.flatMap((id) => document.getElementById(id) ?? []),
    );
    setHtml('#tally', tally);
    setHtml('#about', about);
    this.#tags(tags);
    document.body.classList.toggle('empty', order.length === 0);
    this.filter();
    this.#show(this.#only);
    this.#ask();
  }

  /** Takes a line, new or changed, and the place of its card. */
  #line(row: HTMLElement): void {
    const id = row.dataset['row'] ?? '';
    const old = document.getElementById(row.id);
    const known = document.getElementById(id);
    const card = known ?? document.createElement('article');
    card.id = id;
    card.setAttribute('aria-label', row.querySelector('a')?.textContent ?? '');
    for (const name of ['verdict', 'text', 'tags', 'at']) card.dataset[name] = row.dataset[name] ?? '';
    if (known === null) this.#cards.append(card);
    if (old === null) this.#body.append(row);
    else {
      const isSame = old.dataset['at'] === row.dataset['at'];
      morphdom(old, row, {
        // Its history comes by itself.
        onBeforeElUpdated: (from) => !from.classList.contains('sparks'),
        onBeforeElChildrenUpdated: (from) => !from.classList.contains('sparks'),
      });
      if (!isSame) this.#asked.delete(old);
    }
    this.#asked.delete(card);
    this.#observer.observe(old ?? row);
    this.#observer.observe(card);
  }

  #forget(row: HTMLElement): void {
    const card = document.getElementById(row.dataset['row'] ?? '');
    for (const element of [row, card]) {
      if (element === null) continue;
      this.#observer.unobserve(element);
      this.#seen.delete(element);
      this.#asked.delete(element);
      for (const chart of element.querySelectorAll('.trend')) this.charts.forget(chart);
      element.remove();
    }
    this.#trends.delete(card?.id ?? '');
  }

  #card({ id, html, trends }: Extract<ToPage, { type: 'card' }>): void {
    const card = document.getElementById(id);
    if (card === null) return;
    this.#trends.set(id, trends);
    const fresh = document.createElement('template');
    fresh.innerHTML = html;
    localize(fresh.content);
    const next = fresh.content.firstElementChild;
    if (next === null) return;
    next.classList.toggle('target', card.classList.contains('target'));
    next.classList.toggle('alone', card.classList.contains('alone'));
    if (card.hidden) next.setAttribute('hidden', '');
    morphdom(card, next, {
      onBeforeElUpdated: (from, to) => {
        // What the user opened stays open.
        if (from instanceof HTMLDetailsElement && from.open) to.setAttribute('open', '');
        return !from.classList.contains('trend');
      },
      onNodeDiscarded: (node) => {
        if (node instanceof Element && node.classList.contains('trend')) this.charts.forget(node);
      },
    });
    this.filter();
    for (const chart of card.querySelectorAll<HTMLElement>('.trend')) this.charts.update(chart);
    this.charts.watch(card);
  }

  /** Asks for what is in view and not there. */
  #ask(): void {
    const ids: string[] = [];
    for (const element of this.#seen) {
      if (this.#asked.has(element)) continue;
      this.#asked.add(element);
      if (element instanceof HTMLTableRowElement) ids.push(element.dataset['row'] ?? '');
      else this.api.postMessage({ type: 'card', id: element.id });
    }
    if (ids.length > 0) this.api.postMessage({ type: 'sparks', ids });
  }

  #tags(tags: readonly string[]): void {
    const field = this.form.elements.namedItem('tag');
    if (!(field instanceof HTMLSelectElement)) return;
    const own = Array.from(field.options, ({ value }) => value).slice(1);
    if (own.join('\n') === tags.join('\n')) return;
    const { value } = field;
    field.replaceChildren(new Option('any', ''), ...tags.map((tag) => new Option(tag, tag)));
    field.value = value === '' || tags.includes(value) ? value : '';
    const label = field.closest('label');
    if (label !== null) label.hidden = tags.length === 0;
  }

  #showAll(): void {
    const id = this.#only;
    this.#show(null);
    const line = id === null ? null : document.getElementById(`o-${id}`);
    line?.scrollIntoView({ block: 'center', behavior: 'instant' });
    line?.querySelector('a')?.focus({ preventScroll: true });
    this.api.postMessage({ type: 'shown', id: null });
    this.keep();
  }

  #show(id: string | null): void {
    this.#only = id;
    document.body.classList.toggle('one', id !== null);
    for (const card of document.querySelectorAll('.alone')) if (card.id !== id) card.classList.remove('alone');
    if (id !== null) document.getElementById(id)?.classList.add('alone');
  }

  #click(target: EventTarget | null): void {
    const button = target instanceof Element ? target.closest('button') : null;
    if (button === null) return;
    const { action = '' } = button.dataset;
    if (action === 'all') this.#showAll();
    const id = button.closest('article')?.id;
    if (id !== undefined && actions.includes(action))
      this.api.postMessage({ type: 'do', id, action: action as PageAction });
  }
}

/** What the user looks at: what has the focus, the card that a link led to, else the line or card nearest to the top of the window. */
function firstInView(): Element | null {
  const all = '.overview tbody tr, article';
  const boxOf = (element: Element): DOMRect => element.getBoundingClientRect();
  const isInView = (element: Element | null | undefined): element is Element => {
    if (!element) return false;
    const { top, bottom, height } = boxOf(element);
    return height > 0 && bottom > 0 && top < innerHeight;
  };
  const likely = [document.activeElement?.closest(all), document.querySelector('.target')].find(isInView);
  if (likely !== undefined) return likely;
  // Of what ends here, only an edge may be seen.
  const shown = Array.from(document.querySelectorAll(all)).filter(isInView);
  return shown.find((element) => boxOf(element).top >= 0) ?? shown[0] ?? null;
}

/** Kept, because times are written anew after it. */
const written = new WeakMap<Element, string>();

function setHtml(selector: string, html: string): void {
  const element = document.querySelector(selector);
  if (element === null || written.get(element) === html) return;
  written.set(element, html);
  element.innerHTML = html;
  localize(element);
}
