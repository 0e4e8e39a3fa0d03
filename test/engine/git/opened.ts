import { afterEach, beforeEach } from 'vitest';
import { Git, type GitOptions } from '../../../src/engine/git/repository.js';
import { remove, temporaryFolder } from '../repository.js';

/** A new folder for each test of the file that imports this. */
export let folder: string;
const opened: Git[] = [];

beforeEach(() => {
  folder = temporaryFolder();
});

afterEach(() => {
  for (const each of opened.splice(0)) each.dispose();
  remove(folder);
});

/** Opens a repository until the test ends. */
export async function open(at: string, options?: GitOptions): Promise<Git> {
  const result = await Git.open(at, options);
  if (!result.ok) throw new Error(result.error.message);
  opened.push(result.value);
  return result.value;
}
