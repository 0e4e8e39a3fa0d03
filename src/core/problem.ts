/** A half-open range of UTF-16 code units in a text. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** One-based, as every editor and compiler prints it. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A place in a file, ready for an editor or a terminal. `file` is absolute, with `/` on every system. */
export interface Location {
  readonly file: string;
  readonly start: Position;
  readonly end: Position;
}

/** A problem in what the user wrote: what is wrong, where, and how to fix it. */
export interface Problem {
  readonly location: Location;
  readonly message: string;
  /** The text that should replace the location, with its quotes and escapes. */
  readonly suggestion?: string;
  /** Shown, but no reason to fail: the user wrote nothing wrong. */
  readonly warning?: true;
  /** A bench file could not be loaded: the mistake is in its code, not in a budget. */
  readonly isFailure?: true;
}

/** Turns offsets into positions: one scan of the text, then a binary search for each look-up. */
export class Lines {
  readonly #starts: number[] = [0];
  /** The line found last: the next look-up is usually on the same line. */
  #last = 0;

  constructor(
    readonly file: string,
    text: string,
  ) {
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) this.#starts.push(at + 1);
  }

  position(offset: number): Position {
    const isLast = offset >= (this.#starts[this.#last] ?? 0) && offset < (this.#starts[this.#last + 1] ?? Infinity);
    if (!isLast) this.#last = this.#search(offset);
    return { line: this.#last + 1, column: offset - (this.#starts[this.#last] ?? 0) + 1 };
  }

  #search(offset: number): number {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Returns the offset of a position in this text. */
  offset({ line, column }: Position): number {
    return (this.#starts[line - 1] ?? 0) + column - 1;
  }

  location(range: Range): Location {
    const start = this.position(range.start);
    const next = this.#starts[start.line] ?? Infinity;
    // Most ranges lie within one line, and a second look-up would find the same line.
    const end =
      range.end < next
        ? { line: start.line, column: start.column + range.end - range.start }
        : this.position(range.end);
    return { file: this.file, start, end };
  }
}
