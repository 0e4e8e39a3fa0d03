import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';

export type Alignment = 'left' | 'right';

export interface Row {
  readonly cells: readonly string[];
  /** Text after the cells of this row, outside the columns. */
  readonly rest?: string;
}

const gap = '   ';

/** Returns lines of aligned columns, by the width of each character in a terminal; colours have none. */
export function table(rows: readonly Row[], alignments: readonly Alignment[]): readonly string[] {
  const widths = alignments.map((_, column) => Math.max(0, ...rows.map(({ cells }) => widthOf(cells[column] ?? ''))));
  return rows.map(({ cells, rest }) => {
    const count = rest === undefined ? alignments.length : cells.length;
    const padded = alignments.slice(0, count).flatMap((alignment, column) => {
      const width = widths[column] ?? 0;
      // A column that is empty in every row leaves no gap.
      if (width === 0) return [];
      const text = cells[column] ?? '';
      const padding = ' '.repeat(width - widthOf(text));
      return [alignment === 'left' ? text + padding : padding + text];
    });
    return [...padded, ...(rest === undefined ? [] : [rest])].join(gap).trimEnd();
  });
}

/** Latin letters, digits and our own marks, each of which is one column wide in every terminal. */
const narrow = /^[ -~\u{a0}-\u{ac}\u{ae}-\u{24f}–…−✓✗⚠○]*$/u;

/** Returns the width in columns. Segmenting text into characters takes 20 ms the first time, and hardly any text needs it. */
function widthOf(text: string): number {
  const shown = stripVTControlCharacters(text);
  return narrow.test(shown) ? shown.length : stringWidth(shown);
}
