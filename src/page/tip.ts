/** Beside the pointer, by this many pixels. */
const beside = 12;

/** A few lines beside the pointer. Screen readers have the readout below the chart, which says the same. */
export class Tip {
  readonly #element = document.createElement('div');

  constructor() {
    this.#element.className = 'tip';
    this.#element.hidden = true;
    this.#element.setAttribute('aria-hidden', 'true');
  }

  /** Shows lines, the first of them strong, in `over`, without leaving it. */
  show(
    over: HTMLElement,
    { left, top }: { readonly left: number; readonly top: number },
    [first = '', ...more]: readonly string[],
  ): void {
    const strong = document.createElement('strong');
    strong.textContent = first;
    const lines = more.map((line) => {
      const element = document.createElement('div');
      element.textContent = line;
      return element;
    });
    this.#element.replaceChildren(strong, ...lines);
    this.#element.hidden = false;
    if (this.#element.parentElement !== over) over.append(this.#element);
    const { offsetWidth, offsetHeight } = this.#element;
    const isRoom = left + beside + offsetWidth <= over.clientWidth;
    this.#element.style.left = `${isRoom ? left + beside : Math.max(0, left - beside - offsetWidth)}px`;
    this.#element.style.top = `${Math.max(0, Math.min(top + beside, over.clientHeight - offsetHeight))}px`;
  }

  hide(): void {
    this.#element.hidden = true;
  }
}
