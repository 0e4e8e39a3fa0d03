import type { SourceMapMappings, SourceMapSegment } from '@jridgewell/sourcemap-codec';
import { lineStarts } from '../bundle/constants.js';
import { breaks, type FoundFunction, type Structure } from './line-breaks.js';

/** A segment that tells a place in a source; null for what the bundler made. */
export type Place = Exclude<SourceMapSegment, readonly [number]> | null;

/** A line of the new text. */
export interface LaidLine {
  place: Place;
  fn: number;
  /** Where it begins in the old text; both from one. */
  readonly line: number;
  readonly column: number;
}

/** A function, and its first and its last line in the new text, from zero. */
export interface LaidFunction {
  readonly found: FoundFunction;
  readonly place: Place;
  readonly start: number;
  end: number;
}

/**
 * Breaks the lines of a text wherever another line of a source or another function begins, and moves its source map along. Each
 * instance lays out one text.
 */
export class LineLayout {
  readonly mappings: SourceMapSegment[][] = [];
  readonly lines: LaidLine[] = [];
  readonly functions: LaidFunction[] = [];
  readonly #parts: string[] = [];
  /** What is in `#parts`: the text from `from` up to here. */
  #copied: number;
  /** The offset that the current line begins at, and the number of characters that were added to it since. */
  #lineStart: number;
  #added = 0;
  #place: Place = null;
  /** The segments of all lines, the offset of each, and the index of the next one. */
  readonly #segments: readonly SourceMapSegment[];
  readonly #offsets: Uint32Array;
  #next = 0;
  /** Where the lines of the old text begin, and the index of the next one. */
  readonly #starts: readonly number[];
  #nextStart: number;
  /** The indices of the functions around the current offset. */
  readonly #open: number[] = [];
  /** Where the function ends that the bundler made; what is inside of it has no place. */
  #unplacedTo = 0;
  /** Where the parentheses end that were opened. */
  readonly #parentheses: number[] = [];
  /** Where the next of these begins or ends. */
  #nextEvent = 0;

  /** `structure`: null if it is not known; then no line is broken. `from`: where to begin, at the start of a line. */
  constructor(
    private readonly code: string,
    private readonly structure: Structure | null,
    decoded: SourceMapMappings,
    from: number,
  ) {
    this.#copied = from;
    this.#lineStart = from;
    this.#starts = lineStarts(code);
    this.#nextStart = this.#starts.indexOf(from) + 1;
    this.#segments = decoded.flat();
    this.#offsets = new Uint32Array(this.#segments.length);
    let at = 0;
    for (const [line, segments] of decoded.entries())
      for (const [column] of segments) this.#offsets[at++] = (this.#starts[line] ?? code.length) + column;
  }

  /** Returns the new text. */
  run(): string {
    this.#begin(this.#copied);
    for (; this.#next < this.#segments.length; this.#next++) {
      const offset = this.#offsets[this.#next] ?? 0;
      const segment = this.#segments[this.#next];
      if (offset >= this.#nextEvent) this.#goTo(offset);
      if (segment !== undefined) this.#enter(offset, segment);
    }
    this.#goTo(this.code.length);
    return `${this.#parts.join('')}${this.code.slice(this.#copied)}`;
  }

  /** Passes all that ends or begins up to `limit`: parentheses, lines, functions. */
  #goTo(limit: number): void {
    for (;;) {
      const close = this.#parentheses.at(-1) ?? Infinity;
      const line = this.#starts[this.#nextStart] ?? Infinity;
      const end = this.functions[this.#owner]?.found.end ?? Infinity;
      const found = this.structure?.functions[this.functions.length];
      const start = found === undefined ? Infinity : this.#spacesBefore(found.start);
      const first = Math.min(close, line, end, start);
      this.#nextEvent = first;
      if (first > limit || first === Infinity) return;
      if (first === close) {
        this.#parentheses.pop();
        this.#add(close, ')');
      } else if (first === line) {
        this.#nextStart++;
        this.#begin(line);
      } else if (first === end) this.#leave(end);
      else if (found !== undefined) this.#call(found, start);
    }
  }

  /** A function begins. */
  #call(found: FoundFunction, offset: number): void {
    const next = this.#offsets[this.#next] ?? Infinity;
    const segment = this.#segments[this.#next];
    // esbuild gives all code of users a place, so what has none inside is its own.
    const isPlaced = next < found.end && offset >= this.#unplacedTo;
    if (!isPlaced) this.#unplacedTo = Math.max(this.#unplacedTo, found.end);
    const isFresh = this.#isFresh(offset) || this.#break(offset, found.start);
    const place = isPlaced && segment?.length !== 1 ? (segment ?? null) : null;
    const start = this.lines.length - 1;
    this.#open.push(this.functions.push({ found, place, start, end: start }) - 1);
    const line = this.lines.at(-1);
    if (!isFresh || line === undefined) return;
    line.fn = this.#owner;
    line.place = place;
  }

  /** All functions that end here end. */
  #leave(offset: number): void {
    for (let closed = this.functions[this.#owner]; closed?.found.end === offset;) {
      closed.end = this.lines.length - 1;
      this.#open.pop();
      closed = this.functions[this.#owner];
    }
    if (offset < this.code.length && this.#starts[this.#nextStart] !== offset + 1) this.#break(offset);
  }

  /** A segment of the source map begins. */
  #enter(offset: number, segment: SourceMapSegment): void {
    this.#place = segment.length === 1 ? null : segment;
    const line = this.lines.at(-1);
    if (line !== undefined && this.#isFresh(offset)) line.place = this.#here(offset);
    else if (line !== undefined && !isSameLine(line.place, this.#here(offset))) {
      const isBroken = this.#break(offset, this.#spacesAfter(offset));
      // Otherwise it is a token that V8 knows no place of, such as `else`.
      if (!isBroken && this.structure === null) line.place = null;
    }
    this.#map(offset - this.#lineStart + this.#added, segment);
  }

  /** Breaks the line at an offset, before the spaces in front of `token`. Returns false if that is not allowed. */
  #break(offset: number, token?: number): boolean {
    const kind = token === undefined ? breaks.harmless : this.structure?.breaks[token];
    if (kind !== breaks.harmless && kind !== breaks.inParentheses) return false;
    if (kind === breaks.inParentheses) {
      this.#add(offset, '(');
      const end = this.structure?.ends.get(token ?? 0) ?? this.code.length;
      this.#parentheses.push(end);
      this.#nextEvent = Math.min(this.#nextEvent, end);
    }
    this.#add(offset, '\n');
    this.#begin(offset);
    return true;
  }

  #begin(offset: number): void {
    this.#lineStart = offset;
    this.#added = 0;
    const old = this.#nextStart - 1;
    this.lines.push({
      place: this.#here(offset),
      fn: this.#owner,
      line: old + 1,
      column: offset - (this.#starts[old] ?? 0) + 1,
    });
    this.mappings.push([]);
    if (this.#place !== null) this.mappings.at(-1)?.push([0, this.#place[1], this.#place[2], this.#place[3]]);
  }

  get #owner(): number {
    return this.#open.at(-1) ?? -1;
  }

  #add(offset: number, text: string): void {
    this.#parts.push(this.code.slice(this.#copied, offset), text);
    this.#copied = offset;
    this.#added += text.length;
  }

  /** Adds a segment to the current line, in place of one at the same column. */
  #map(column: number, segment: SourceMapSegment): void {
    const line = this.mappings.at(-1);
    if (line?.at(-1)?.[0] === column) line.pop();
    segment[0] = column;
    line?.push(segment);
  }

  #here(offset: number): Place {
    return offset < this.#unplacedTo ? null : this.#place;
  }

  /** Whether the current line has only spaces so far. */
  #isFresh(offset: number): boolean {
    return this.#spacesAfter(this.#lineStart) >= offset;
  }

  #spacesAfter(offset: number): number {
    let at = offset;
    while (isSpace(this.code.charCodeAt(at))) at++;
    return at;
  }

  #spacesBefore(offset: number): number {
    let at = offset;
    while (isSpace(this.code.charCodeAt(at - 1))) at--;
    return at;
  }
}

const isSpace = (code: number): boolean => code === 32 || code === 9;

const isSameLine = (a: Place, b: Place): boolean => a?.[1] === b?.[1] && a?.[2] === b?.[2];
