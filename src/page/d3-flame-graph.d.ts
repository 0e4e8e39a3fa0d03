/** As much of these two packages as the page uses; they bring no types. */
declare module 'd3-flame-graph' {
  import type { Selected } from 'd3-selection';

  /** A frame as it is drawn: d3's node with the data that it was made of. */
  export interface FlameNode<Data> {
    readonly data: Data;
    readonly depth: number;
    readonly parent: FlameNode<Data> | null;
    readonly children?: readonly FlameNode<Data>[];
    /** Whether the last search found it. */
    readonly highlight?: boolean;
    descendants(): readonly FlameNode<Data>[];
  }

  export interface FlameGraph<Data> {
    (element: Selected): void;
    width(pixels: number): this;
    cellHeight(pixels: number): this;
    minFrameSize(pixels: number): this;
    transitionDuration(ms: number): this;
    inverted(isDownwards: boolean): this;
    getName(name: (node: FlameNode<Data>) => string): this;
    setLabelHandler(title: (node: FlameNode<Data>) => string): this;
    setColorMapper(color: (node: FlameNode<Data>) => string): this;
    setSearchMatch(isFound: (node: FlameNode<Data>, term: string) => boolean): this;
    setSearchHandler(found: (nodes: readonly FlameNode<Data>[]) => void): this;
    onClick(clicked: (node: FlameNode<Data>) => void): this;
    onHover(entered: (node: FlameNode<Data>) => void): this;
    search(term: string): void;
    clear(): void;
    zoomTo(node: FlameNode<Data>): void;
    update(): this;
  }

  export default function flamegraph<Data>(): FlameGraph<Data>;
}

declare module 'd3-selection' {
  export interface Selected {
    datum(data: unknown): this;
  }
  export function select(element: Element): Selected;
}
