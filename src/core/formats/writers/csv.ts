import { csvColumns, writtenText, type CsvColumn } from '../csv-columns.js';
import type { WrittenRun } from './run.js';

/** Writes CSV (RFC 4180): one line per run and metric; a run without figures has one line with its verdict. */
export function writeCsv(runs: readonly WrittenRun[]): string {
  const lines = runs.flatMap(({ figures, ...run }) => {
    const about: Partial<Record<CsvColumn, string>> = {
      ...{ at: new Date(run.at).toISOString(), budget: run.budget, benchmark: run.benchmark, verdict: run.verdict },
      ...{
        commit: run.commit ?? '',
        dirty: String(run.dirty),
        baseline: run.baseline ?? '',
        machine: run.machine ?? '',
      },
    };
    const measured = Object.entries(figures).map(([metric, { value, low, high, unit }]) => ({
      ...about,
      ...{ metric, unit, value: String(value), low: low?.toString() ?? '', high: high?.toString() ?? '' },
    }));
    return measured.length === 0 ? [about] : measured;
  });
  const records = lines.map((line) =>
    csvColumns.map((column) => field(writtenText(column, line[column] ?? ''))).join(','),
  );
  return [csvColumns.join(','), ...records].map((line) => `${line}\r\n`).join('');
}

const field = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
