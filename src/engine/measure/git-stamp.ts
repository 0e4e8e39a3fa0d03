import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Git } from '../git/repository.js';

type Folders = Pick<Git, 'gitFolder' | 'commonFolder'>;

const ownFiles = ['HEAD', 'logs/HEAD', 'FETCH_HEAD', 'index'];
/** Those that linked working trees share. */
const sharedFiles = ['packed-refs', 'objects/pack'];

/** Changes with every commit, checkout, fetch and clean-up. A hundred times faster than running git on every save. */
export async function gitStamp(git: Folders | null): Promise<readonly string[]> {
  if (git === null) return [];
  const files = [
    ...ownFiles.map((file) => path.join(git.gitFolder, file)),
    ...sharedFiles.map((file) => path.join(git.commonFolder, file)),
  ];
  const stats = files.map((file) => stat(file).catch(() => null));
  return (await Promise.all(stats)).map((one) => (one === null ? '' : `${one.mtimeMs} ${one.size}`));
}

/** Changes when git packs a commit, or deletes it because nothing names it any more. */
export async function commitStamp(git: Folders | null, commit: string | null): Promise<string> {
  if (git === null || commit === null) return '';
  const file = path.join(git.commonFolder, 'objects', commit.slice(0, 2), commit.slice(2));
  return (await stat(file).catch(() => null)) === null ? 'not loose' : 'loose';
}
