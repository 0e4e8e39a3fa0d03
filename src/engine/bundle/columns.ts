import { decode, encode } from '@jridgewell/sourcemap-codec';

/**
 * Text that the bundler reads on a line and the user did not write. Lines count from zero; columns are UTF-16 units from zero in
 * what the bundler reads.
 */
export interface Insertion {
  readonly line: number;
  readonly column: number;
  readonly length: number;
}

/** Returns the insertion that makes one text of another; null if they are the same. No insertion adds a line. */
export function insertionOf(text: string, changed: string): Insertion | null {
  const length = changed.length - text.length;
  if (length <= 0) return null;
  // From the end, so that the columns behind the insertion are exact, whichever of several places it may have.
  let start = text.length;
  while (start > 0 && text[start - 1] === changed[start - 1 + length]) start--;
  const before = changed.slice(0, start);
  const line = before.split('\n').length - 1;
  return { line, column: start - (before.lastIndexOf('\n') + 1), length };
}

/** Returns the column in the user's file of a column in what the bundler reads. */
export function writtenColumn(insertions: readonly Insertion[], line: number, column: number): number {
  let shift = 0;
  for (const one of insertions.filter((each) => each.line === line).toSorted((a, b) => a.column - b.column)) {
    if (column < one.column) break;
    // What was inserted stands for the place where it was.
    if (column < one.column + one.length) return one.column - shift;
    shift += one.length;
  }
  return column - shift;
}

/** Returns a source map (as JSON) whose columns are those of the user's files. `insertionsOf` takes a name in its `sources`. */
export function withWrittenColumns(map: string, insertionsOf: (source: string) => readonly Insertion[]): string {
  const { sources, mappings, ...rest } = JSON.parse(map) as {
    readonly sources: readonly string[];
    readonly mappings: string;
  };
  const all = sources.map(insertionsOf);
  if (all.every((insertions) => insertions.length === 0)) return map;
  const lines = all.map((insertions) => new Set(insertions.map(({ line }) => line)));
  const decoded = decode(mappings);
  for (const segment of decoded.flat()) {
    if (segment.length === 1 || lines[segment[1]]?.has(segment[2]) !== true) continue;
    segment[3] = writtenColumn(all[segment[1]] ?? [], segment[2], segment[3]);
  }
  return JSON.stringify({ ...rest, sources, mappings: encode(decoded) });
}
