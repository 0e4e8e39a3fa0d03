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

/** A finding about what the user wrote: says what is wrong, where, and the way out. */
export interface Problem {
  readonly location: Location;
  readonly message: string;
  /** What would be right in the place of the location, spelled as it has to stand there: quotes and escapes included. */
  readonly suggestion?: string;
  /** Told, and no reason to fail: nothing that the user wrote is wrong. */
  readonly warning?: true;
}

/** Turns offsets into positions: one scan of the text, then a binary search for each look-up. */
export class Lines {
  readonly #starts: number[] = [0];
  /** The line found last: the next one that is asked for is mostly the same. */
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

  /** The offset of a position of this text. */
  offset({ line, column }: Position): number {
    return (this.#starts[line - 1] ?? 0) + column - 1;
  }

  location(range: Range): Location {
    const start = this.position(range.start);
    const next = this.#starts[start.line] ?? Infinity;
    // Most ranges are within a line, and a second look-up would find the same one.
    const end =
      range.end < next
        ? { line: start.line, column: start.column + range.end - range.start }
        : this.position(range.end);
    return { file: this.file, start, end };
  }
}
