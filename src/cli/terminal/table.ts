import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';

export type Alignment = 'left' | 'right';

export interface Row {
  readonly cells: readonly string[];
  /** Stands after the cells of this row, and has no part in the columns. */
  readonly rest?: string;
}

const gap = '   ';

/** Lines of aligned columns, by the width that a terminal gives each character; colours take none. */
export function table(rows: readonly Row[], alignments: readonly Alignment[]): readonly string[] {
  const widths = alignments.map((_, column) => Math.max(0, ...rows.map(({ cells }) => widthOf(cells[column] ?? ''))));
  return rows.map(({ cells, rest }) => {
    const count = rest === undefined ? alignments.length : cells.length;
    const padded = alignments.slice(0, count).flatMap((alignment, column) => {
      const width = widths[column] ?? 0;
      // A column that no row fills leaves no gap behind.
      if (width === 0) return [];
      const text = cells[column] ?? '';
      const padding = ' '.repeat(width - widthOf(text));
      return [alignment === 'left' ? text + padding : padding + text];
    });
    return [...padded, ...(rest === undefined ? [] : [rest])].join(gap).trimEnd();
  });
}

/** Latin letters, figures and our own marks: a column each, in every terminal. */
const narrow = /^[ -~\u{a0}-\u{ac}\u{ae}-\u{24f}–…−✓✗⚠○]*$/u;

/** Cutting text into what is seen as characters takes 20 ms the first time, and nearly no text needs it. */
function widthOf(text: string): number {
  const shown = stripVTControlCharacters(text);
  return narrow.test(shown) ? shown.length : stringWidth(shown);
}
