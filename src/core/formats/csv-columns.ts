/** The columns of `export --format csv`, in order. */
export const csvColumns = [
  ...(['at', 'budget', 'benchmark', 'metric', 'value', 'low', 'high', 'unit'] as const),
  ...(['verdict', 'commit', 'dirty', 'baseline', 'machine'] as const),
] as const;

/** The columns whose text others wrote. */
const texts: ReadonlySet<string> = new Set(['budget', 'benchmark', 'metric', 'unit', 'commit', 'baseline', 'machine']);

/** How a spreadsheet's formula begins; apostrophes before it are there or were added. */
const formula = /^'*[=+\-@\t\r]/;

/** Puts an apostrophe before what a spreadsheet would take for a formula, as OWASP advises; `readText` takes it away again. */
export const writtenText = (column: CsvColumn, text: string): string =>
  texts.has(column) && formula.test(text) ? `'${text}` : text;

export const readText = (column: CsvColumn, text: string): string =>
  texts.has(column) && text.startsWith("'") && formula.test(text) ? text.slice(1) : text;

export type CsvColumn = (typeof csvColumns)[number];
