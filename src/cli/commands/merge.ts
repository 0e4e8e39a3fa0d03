import * as l10n from '@vscode/l10n';
import path from 'node:path';
import { mergeDocuments, readDocument } from '../../core/formats/reporters/merge.js';
import { pageText } from './report.js';
import { exitCodeOf } from '../../requests/report/exit-code.js';
import { gravest } from '../../requests/report/exit-codes.js';
import { UsageError } from '../../requests/selection/usage-error.js';
import type { GlobalOptions, ReportOptions } from '../input/options.js';
import { readText } from '../input/read-text.js';
import { writeReports } from '../report/write-reports.js';

/** Combines the documents of several `check --json`, writes the reports, and returns the exit code. Runs nothing. */
export async function merge(
  { directory, signal }: GlobalOptions,
  files: readonly string[],
  { reporters, strict }: ReportOptions,
): Promise<number> {
  const documents = await Promise.all(
    files.map(async (file) => {
      const text = await readText(path.resolve(directory, file), signal).catch((error: unknown) => {
        const why = error instanceof Error && 'code' in error ? String(error.code) : String(error);
        throw new UsageError(
          why === 'ENOENT' ? l10n.t`${file} does not exist.` : l10n.t`${file} cannot be read: ${why}.`,
        );
      });
      const read = text.ok ? readDocument(text.value) : text;
      if (!read.ok) throw new UsageError(`${file}: ${read.error}`);
      return { file, document: read.value };
    }),
  );
  const merged = mergeDocuments(documents);
  if (!merged.ok) throw new UsageError(merged.error);
  const document = merged.value;
  const html = (): Promise<string> => pageText(document, []);
  const outputCode = await writeReports({
    directory,
    document,
    reporters,
    strict,
    nothing: l10n.t('There are no budgets yet.'),
    html,
  });
  return gravest([outputCode, exitCodeOf(document, strict)]);
}
