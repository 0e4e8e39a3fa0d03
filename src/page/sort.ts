/** Sorting of the overview: by a click on the head of a column, and back by another. */

/** Null if there is none: that is last in both directions. */
type Value = string | number | null;

const values: Readonly<Record<string, (row: HTMLElement, rank: number) => Value>> = {
  verdict: (_, rank) => rank,
  name: (row) => (row.querySelector('a')?.textContent ?? '').toLowerCase(),
  // The largest change and the latest run first.
  change: ({ dataset }) => -Number(dataset['change']) || null,
  at: ({ dataset }) => -Number(dataset['at']) || null,
};

export class Sorting {
  #by = 'verdict';
  #isReverse = false;
  /** The places of the lines, worst first, by their ids. */
  #ranks: ReadonlyMap<string, number> = new Map();

  constructor(
    readonly table: HTMLTableElement,
    readonly changed: () => void,
  ) {
    for (const head of table.querySelectorAll<HTMLElement>('th[data-sort]')) {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = head.textContent;
      button.addEventListener('click', () => {
        const by = head.dataset['sort'] ?? 'verdict';
        this.#isReverse = by === this.#by && !this.#isReverse;
        this.#by = by;
        this.apply();
        changed();
      });
      head.replaceChildren(button);
    }
    this.ranked(Array.from(table.tBodies[0]?.rows ?? [], ({ dataset }) => dataset['row'] ?? ''));
  }

  get state(): readonly [by: string, isReverse: boolean] {
    return [this.#by, this.#isReverse];
  }

  set state([by, isReverse]: readonly [by: string, isReverse: boolean]) {
    if (!(by in values)) return;
    [this.#by, this.#isReverse] = [by, isReverse];
    this.apply();
  }

  /** Takes the order of the lines, worst first. */
  ranked(ids: readonly string[]): void {
    this.#ranks = new Map(ids.map((id, rank) => [id, rank]));
    this.apply();
  }

  /** Puts the lines in order. Only those that are out of place move, because what moves loses the focus. */
  apply(): void {
    for (const head of this.table.querySelectorAll('th[data-sort]')) {
      if (head.getAttribute('data-sort') !== this.#by) head.removeAttribute('aria-sort');
      else head.setAttribute('aria-sort', this.#isReverse ? 'descending' : 'ascending');
    }
    const [body] = this.table.tBodies;
    const of = values[this.#by];
    if (body === undefined || of === undefined) return;
    const rows = Array.from(body.rows, (row) => {
      const rank = this.#ranks.get(row.dataset['row'] ?? '') ?? 0;
      return { row, rank, value: of(row, rank) };
    });
    const sign = this.#isReverse ? -1 : 1;
    rows.sort((a, b) => compared(a.value, b.value, sign) || a.rank - b.rank);
    inOrder(
      body,
      rows.map(({ row }) => row),
    );
  }
}

function compared(a: Value, b: Value, sign: 1 | -1): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return a < b ? -sign : a > b ? sign : 0;
}

/** Puts children in order, and leaves the focus where it is. */
export function inOrder(parent: Element, children: readonly Element[]): void {
  const focused = document.activeElement;
  let next = parent.firstElementChild;
  for (const child of children) {
    if (child === next) next = next.nextElementSibling;
    else parent.insertBefore(child, next);
  }
  if (focused instanceof HTMLElement && focused !== document.activeElement && parent.contains(focused))
    focused.focus({ preventScroll: true });
}
