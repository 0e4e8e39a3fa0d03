import path from 'node:path';
import { UsageError } from '../input/options.js';
import { print } from '../terminal/terminal.js';
import { writeWhole } from '../terminal/write-whole.js';

/** Returns a document as text for a file or standard output. */
export const jsonText = (document: unknown): string => `${JSON.stringify(document, null, 2)}\n`;

/** Writes a document to a file, whole or not at all; `-` is standard output. Throws `UsageError` if it cannot. */
export async function writeJson(directory: string, to: string, document: unknown): Promise<void> {
  if (to === '-') return print([jsonText(document).trimEnd()]);
  const written = await writeWhole(path.resolve(directory, to), jsonText(document));
  if (!written.ok) throw new UsageError(`--json ${to} cannot be written: ${written.error}.`);
}
