import stringWidth from 'string-width';
import { visible, visibleLine } from '../../core/text/escape.js';
import { color, unpainted, withoutCommands } from './paint.js';

export type Alignment = 'left' | 'right';

export interface Row {
  readonly cells: readonly string[];
  /** Text after the cells of this row, outside the columns. */
  readonly rest?: string;
}

const gap = '   ';

/**
 * Returns lines of aligned columns, by the width of each character in a terminal; colours have none. If they are wider than
 * `width`, the first column, then the widest, is cut in the middle of its cells, and a row's rest continues on more lines.
 */
export function table(all: readonly Row[], alignments: readonly Alignment[], width = Infinity): readonly string[] {
  const rows = all.map(shown);
  const lines = aligned(rows, alignments);
  if (lines.every((line) => widthOf(line) <= width)) return lines;
  const most = alignments.map((_, column) => Math.max(0, ...rows.map(({ cells }) => widthOf(cells[column] ?? ''))));
  const total = (): number =>
    most.filter((each) => each > 0).reduce((sum, each) => sum + each + gap.length, -gap.length);
  while (total() > width) {
    // The first column has the names, which say enough when they are shorter; figures do not.
    const widest = (most[0] ?? 0) > leastWidth ? 0 : most.indexOf(Math.max(...most));
    if ((most[widest] ?? 0) <= leastWidth) break;
    most[widest] = (most[widest] ?? 0) - 1;
  }
  const cut = rows.map(({ cells, rest }) => {
    const fitting = cells.map((cell, column) => cutMiddle(cell, most[column] ?? Infinity));
    return rest === undefined ? { cells: fitting } : { cells: fitting, rest };
  });
  return aligned(cut, alignments).flatMap((line, index) =>
    rows[index]?.rest === undefined ? [line] : wrapped(line, width, '    '),
  );
}

/** Returns a row as a terminal shows it, on one line, so that its width is known. */
const shown = ({ cells, rest }: Row): Row => ({
  cells: cells.map(shownCell),
  ...(rest !== undefined && { rest: shownCell(rest) }),
});

const shownCell = (text: string): string => withoutCommands(visibleLine(text));

/** The most of a column that is never cut. */
const leastWidth = 10;

/** Shortens a text to a width, with `…` in the middle: both ends of a name or a path tell it from others. Colours stay. */
function cutMiddle(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  // Every other part is a colour.
  const parts = text.split(color).flatMap((part, index) => (index % 2 === 1 ? [part] : Array.from(part)));
  const letters = parts.flatMap((part, index) => (color.test(part) ? [] : [index]));
  for (let count = letters.length - 1; count > 0; count--) {
    const start = Math.ceil(count / 2);
    const dropped = new Set(letters.slice(start, letters.length - (count - start)));
    const [first] = dropped;
    const short = parts.map((part, index) => (index === first ? '…' : dropped.has(index) ? '' : part)).join('');
    if (widthOf(short) <= width) return short;
  }
  return '…';
}

/**
 * Breaks a text between words, so that no line is wider than `width` unless a word is, and where it has line breaks. Further lines
 * begin with `indent`.
 */
export function wrapped(text: string, width: number, indent = ''): readonly string[] {
  return withoutCommands(visible(text))
    .split('\n')
    .flatMap((line, index) => wrappedLine(index === 0 ? line : indent + line, width, indent));
}

function wrappedLine(text: string, width: number, indent: string): readonly string[] {
  if (widthOf(text) <= width) return [text];
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/(?<= )(?=[^ ])/)) {
    if (line.trim() !== '' && widthOf((line + word).trimEnd()) > width) {
      lines.push(line.trimEnd());
      line = indent + word;
    } else line += word;
  }
  return [...lines, line.trimEnd()];
}

function aligned(rows: readonly Row[], alignments: readonly Alignment[]): readonly string[] {
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

/** Returns the width of painted text in columns. Segmenting text into characters takes 20 ms the first time, and hardly any text needs it. */
export function widthOf(text: string): number {
  const shown = unpainted(text);
  return narrow.test(shown) ? shown.length : stringWidth(shown);
}
