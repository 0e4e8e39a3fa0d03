import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import process from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';

/**
 * Writes a file whole or not at all: the old text stays until the new one is complete and on disk. This is our own because
 * `write-file-atomic` and `atomically` replace a good file with half of the new one if the disk is full.
 */
export async function writeAtomically(file: string, text: string): Promise<void> {
  const unfinished = `${file}.${randomUUID().slice(0, 8)}`;
  try {
    const handle = await open(unfinished, 'wx');
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await replace(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

/** Retries on Windows, which refuses to replace a file while a virus scanner or an editor reads it for a moment. */
async function replace(from: string, to: string): Promise<void> {
  for (const delayMs of process.platform === 'win32' ? [10, 50, 250, 1000] : []) {
    try {
      return await rename(from, to);
    } catch (error) {
      const isBusy = error instanceof Error && 'code' in error && /^(?:EPERM|EACCES|EBUSY)$/.test(String(error.code));
      if (!isBusy) throw error;
      await wait(delayMs);
    }
  }
  await rename(from, to);
}
