import { outline, type Symbol } from '../outline/index.js';
import { Lines } from '../problem.js';

/** The user's source files of one side: which function a place is in, and what its line says. */
export class Code {
  readonly #files = new Map<string, File | null>();

  /** `read` returns the text of a file; null if it is not known. */
  constructor(readonly read: (file: string) => string | null) {}

  /** The lines of a file, without their ends; empty if its text is not known. */
  lines(file: string): readonly string[] {
    return this.#file(file)?.lines ?? [];
  }

  /** The source line without the space around it; empty if it is not known. */
  text(file: string, line: number): string {
    return (this.#file(file)?.lines[line - 1] ?? '').trim();
  }

  /** The innermost function, method or class with a name around a place, as the outline names it; null outside of all. */
  functionAt(file: string, line: number, column: number): string | null {
    return this.#around(file, line, column)?.path ?? null;
  }

  /** The text of the first function of this name; empty if there is none. */
  functionText(file: string, path: string): string {
    const known = this.#file(file);
    const range = known?.symbols.find((one) => one.path === path)?.range;
    return known === null || range === undefined ? '' : known.text.slice(range.start, range.end);
  }

  /** The first and the last line of the first function of this name; of the file for null, and zeros if there is none. */
  lineRange(file: string, path: string | null): readonly [first: number, last: number] {
    const known = this.#file(file);
    if (known === null) return [0, 0];
    if (path === null) return [1, known.lines.length];
    const range = known.symbols.find((one) => one.path === path)?.range;
    return range === undefined
      ? [0, 0]
      : [known.places.position(range.start).line, known.places.position(range.end - 1).line];
  }

  has(file: string, path: string): boolean {
    return this.#file(file)?.symbols.some((one) => one.path === path) ?? false;
  }

  #around(file: string, line: number, column: number): Symbol | null {
    const known = this.#file(file);
    if (known === null) return null;
    const at = known.places.offset({ line, column });
    let innermost: Symbol | null = null;
    for (const symbol of known.symbols) {
      const { range } = symbol;
      if (range.start > at || at >= range.end) continue;
      if (innermost === null || range.end - range.start < innermost.range.end - innermost.range.start)
        innermost = symbol;
    }
    return innermost;
  }

  #file(file: string): File | null {
    const known = this.#files.get(file);
    if (known !== undefined) return known;
    const text = this.read(file);
    const read =
      text === null
        ? null
        : { text, lines: text.split(/\r\n|\r|\n/), places: new Lines(file, text), symbols: outline(text, file) };
    this.#files.set(file, read);
    return read;
  }
}

interface File {
  readonly text: string;
  readonly lines: readonly string[];
  readonly places: Lines;
  readonly symbols: readonly Symbol[];
}
