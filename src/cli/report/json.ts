import * as l10n from '@vscode/l10n';
import path from 'node:path';
import { jsonText } from '../../core/text/escape.js';
import { UsageError } from '../../requests/selection/usage-error.js';
import { printDocument } from '../terminal/terminal.js';
import { writeWhole } from '../terminal/write-whole.js';

/** Returns a document as text for a file or standard output. */
export const documentText = (document: unknown): string => `${jsonText(document, 2)}\n`;

/** Writes a document to a file, whole or not at all; `-` is standard output. Throws `UsageError` if it cannot. */
export async function writeJson(directory: string, to: string, document: unknown): Promise<void> {
  if (to === '-') return printDocument(documentText(document));
  const written = await writeWhole(path.resolve(directory, to), documentText(document));
  if (!written.ok) throw new UsageError(l10n.t`--json ${to} cannot be written: ${written.error}.`);
}
