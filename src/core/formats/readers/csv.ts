import { err, ok, type Result } from '../../result.js';
import { csvColumns, readText, type CsvColumn } from '../csv-columns.js';
import { readDate } from '../../config/day.js';
import { brief, commitOf, figure, type Figure, type ImportedRun } from './reader.js';

const needed = ['at', 'budget', 'metric', 'value'] as const;

/** Reads the runs from a file that `export --format csv` wrote. Columns may be in any order, with others among them. */
export function readCsv(text: string): Result<readonly ImportedRun[], string> {
  const lines = recordsOf(text.replace(/^\uFEFF/, ''));
  if (!lines.ok) return lines;
  const [header, ...records] = lines.value;
  const columns = new Map(header?.fields.map((name, index) => [name.trim(), index]));
  const missing = needed.filter((name) => !columns.has(name));
  if (missing.length > 0) {
    return err(
      `This is not Perf Budget's CSV: its first line has no ${missing.join(', ')}. Such a file begins with ${csvColumns.join(',')}.`,
    );
  }
  const runs = new Map<string, { at: number; commit: string | null; figures: Map<string, Map<string, Figure>> }>();
  for (const { line, fields } of records) {
    const cell = (column: CsvColumn): string => readText(column, fields[columns.get(column) ?? -1] ?? '');
    // The run measured nothing: its line has only a verdict.
    if (cell('metric') === '') continue;
    const at = readDate(cell('at'));
    if (at === null) return err(`Line ${line}: "${brief(cell('at'))}" is not a date such as 2026-11-21T10:00:00Z.`);
    const value = numberOf(cell('value'));
    if (value === null) return err(`Line ${line}: "${brief(cell('value'))}" is not a number.`);
    const ends = { low: numberOf(cell('low')) ?? undefined, high: numberOf(cell('high')) ?? undefined };
    const read = figure(value, cell('unit'), 1, ends);
    const key = JSON.stringify([at, cell('commit'), cell('machine')]);
    const run = runs.get(key) ?? {
      at,
      commit: commitOf(cell('commit')),
      figures: new Map<string, Map<string, Figure>>(),
    };
    runs.set(key, run);
    if (read === undefined) continue;
    const metrics = run.figures.get(cell('budget')) ?? new Map<string, Figure>();
    run.figures.set(cell('budget'), metrics.set(cell('metric'), read));
  }
  if (runs.size === 0) return err('It has no runs.');
  return ok(
    Array.from(runs.values(), ({ at, commit, figures }) => ({
      at,
      commit,
      benchmarks: Array.from(figures, ([name, metrics]) => ({ name, metrics: Object.fromEntries(metrics) })),
    })),
  );
}

function numberOf(text: string): number | null {
  const value = Number(text);
  return text.trim() === '' || !Number.isFinite(value) ? null : value;
}

/** Splits text into the records of RFC 4180, each with its first line; lines may end in LF or CRLF. */
function recordsOf(
  text: string,
): Result<readonly { readonly line: number; readonly fields: readonly string[] }[], string> {
  const records: { line: number; fields: string[] }[] = [];
  const field = /(?:"([^"]*(?:""[^"]*)*)"|([^",\r\n]*))(,|\r?\n|$)/y;
  let line = 1;
  let current: { line: number; fields: string[] } = { line, fields: [] };
  while (field.lastIndex < text.length || current.fields.length > 0) {
    const start = field.lastIndex;
    const [all, quoted, plain = '', end] = field.exec(text) ?? [];
    if (all === undefined) return err(`Line ${line}: a quotation mark is not closed, or is in the middle of a field.`);
    current.fields.push(quoted?.replaceAll('""', '"') ?? plain);
    line += all.split('\n').length - 1;
    if (end === ',') continue;
    if (current.fields.length > 1 || current.fields[0] !== '') records.push(current);
    current = { line, fields: [] };
    if (field.lastIndex >= text.length || field.lastIndex === start) break;
  }
  return ok(records);
}
