import { mkdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { err, ok, type Result } from '../../core/result.js';
import { writeAtomically } from '../../engine/util/atomic-write.js';
import { whyNot } from './terminal.js';

/**
 * Writes a file whole or not at all, in a folder that is made if need be: the old text stays until the new one is complete. The
 * error says why in a few words.
 */
export async function writeWhole(file: string, text: string): Promise<Result<null, string>> {
  const target = path.resolve(file);
  try {
    // Write to a device or a pipe (/dev/stderr) instead of replacing it with a file.
    const known = await stat(target).catch(() => null);
    if (known !== null && !known.isFile() && !known.isDirectory()) {
      await writeFile(target, text);
    } else {
      await mkdir(path.dirname(target), { recursive: true });
      await writeAtomically(target, text);
    }
    return ok(null);
  } catch (error) {
    return err(whyNot(error));
  }
}
