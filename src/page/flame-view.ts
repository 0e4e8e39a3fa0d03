import flamegraph, { type FlameGraph, type FlameNode } from 'd3-flame-graph';
import { select } from 'd3-selection';
import type { FrameText } from '../core/text/flame.js';

type Side = 'baseline' | 'current';

/** What the library draws, and marks while it does. */
interface Drawn {
  readonly frame: FrameText;
  readonly value: number;
  readonly children: readonly Drawn[];
}

type Node = FlameNode<Drawn>;

const rowHeight = 20;

/** One side of the flame graph. Pointer and keyboard do the same; a screen reader reads it as a tree. */
export class FlameView {
  readonly #chart: FlameGraph<Drawn> = flamegraph<Drawn>();
  #root: Node | null = null;
  /** The frame that Tab leads to. */
  #current: Node | null = null;
  /** What is as wide as the longer side of it is. */
  #zoomed: FrameText;

  constructor(
    readonly element: HTMLElement,
    root: FrameText,
    readonly side: Side,
    readonly on: {
      /** A pointer or the focus is on this frame. */
      readonly looked: (frame: FrameText) => void;
      readonly zoomed: (frame: FrameText) => void;
      readonly found: (frames: readonly FrameText[]) => void;
    },
  ) {
    this.#zoomed = root;
    this.#chart
      .width(this.#width())
      .cellHeight(rowHeight)
      .minFrameSize(1)
      // Nothing moves, whatever the user prefers.
      .transitionDuration(0)
      .inverted(true)
      .getName(({ data }) => data.frame.name)
      .setLabelHandler(({ data }) => data.frame.title)
      .setColorMapper(color)
      .setSearchMatch(({ data }, term) => data.frame.searched.includes(term))
      .setSearchHandler((nodes) => on.found(nodes.map(({ data }) => data.frame)))
      .onHover(({ data }) => on.looked(data.frame))
      .onClick((node) => {
        this.#describe();
        on.zoomed(node.data.frame);
      });
    this.#chart(select(element).datum(drawn(root, side)));
    this.#describe();
    element.addEventListener('keydown', (event) => this.#key(event));
    element.addEventListener('focusin', ({ target }) => {
      const node = nodeOf(target);
      if (node === null) return;
      this.#current = node;
      this.#describe();
      on.looked(node.data.frame);
    });
    new ResizeObserver(() => {
      this.#chart.width(this.#width()).update();
      this.#describe();
    }).observe(element);
  }

  search(term: string): void {
    if (term === '') this.#chart.clear();
    else this.#chart.search(term);
    this.#describe();
  }

  /** Shows a frame, if this side has it, as wide as all. */
  zoom(frame: FrameText): void {
    const found = this.#root?.descendants().find(({ data }) => data.frame === frame);
    if (found === undefined) return;
    this.#zoomed = frame;
    this.#chart.width(this.#width()).zoomTo(found);
  }

  /** Both sides have one scale: the faster is narrower. */
  #width(): number {
    const { baseline, current } = this.#zoomed;
    const whole = Math.max(baseline, current);
    return Math.max(1, Math.floor((this.element.clientWidth * this.#zoomed[this.side]) / whole));
  }

  /** The library draws frames anew as it likes; they get their roles afterwards. */
  #describe(): void {
    const svg = this.element.querySelector('svg');
    svg?.setAttribute('role', 'tree');
    svg?.setAttribute('aria-label', this.element.dataset['name'] ?? '');
    const frames = [...this.element.querySelectorAll('g.frame')];
    this.#root = nodeOf(frames[0] ?? null);
    const isShown = frames.some((frame) => nodeOf(frame) === this.#current);
    if (!isShown) this.#current = this.#root;
    for (const frame of frames) {
      const node = nodeOf(frame);
      if (node === null) continue;
      frame.setAttribute('role', 'treeitem');
      frame.setAttribute('aria-level', String(node.depth + 1));
      frame.setAttribute('aria-label', node.data.frame.title);
      frame.setAttribute('tabindex', node === this.#current ? '0' : '-1');
    }
  }

  #key(event: KeyboardEvent): void {
    const node = nodeOf(event.target);
    if (node === null) return;
    if (event.key === 'Enter' || event.key === ' ') this.#chart.zoomTo(node);
    else if (event.key === 'Escape' && this.#root !== null) this.#chart.zoomTo(this.#root);
    const beside = node.parent?.children ?? [node];
    const at = beside.indexOf(node);
    const next: Readonly<Record<string, Node | null | undefined>> = {
      ArrowUp: node.parent,
      ArrowDown: node.children?.toSorted((a, b) => b.data.value - a.data.value)[0],
      ArrowLeft: beside[at - 1],
      ArrowRight: beside[at + 1],
      Home: this.#root,
      Enter: node,
      ' ': node,
      Escape: this.#root,
    };
    if (!(event.key in next)) return;
    event.preventDefault();
    const frames = [...this.element.querySelectorAll<SVGElement>('g.frame')];
    frames.find((frame) => nodeOf(frame) === next[event.key])?.focus();
  }
}

/** d3 keeps what an element shows in it. */
function nodeOf(target: EventTarget | null): Node | null {
  const frame: (Element & { readonly __data__?: Node }) | null =
    target instanceof Element ? target.closest('g.frame') : null;
  return frame?.__data__ ?? null;
}

const drawn = (frame: FrameText, side: Side): Drawn => ({
  frame,
  value: frame[side],
  children: frame.children.filter((child) => child[side] > 0).map((child) => drawn(child, side)),
});

/** In the colours of the theme; more of it, the more of the difference is in the frame. */
function color({ data: { frame }, highlight }: Node): string {
  if (highlight === true) return 'var(--found)';
  const part = Math.round(Math.min(1, Math.abs(frame.tint)) * 100);
  return `color-mix(in srgb, var(${frame.tint > 0 ? '--more' : '--less'}) ${part}%, var(--same))`;
}
