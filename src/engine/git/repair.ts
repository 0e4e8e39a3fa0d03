import { statSync } from 'node:fs';
import path from 'node:path';
import { GitError } from './process.js';

/** The repository lacks something that it says it has. */
export class DamageError extends GitError {}

/** Returns how to repair a repository of which Git says this, in one sentence. */
export function repairOf(message: string): string {
  if (message.includes('did not answer')) return 'Run it by hand to see what it waits for.';
  if (message.includes('could not be started')) return 'Install Git, or put it on the PATH.';
  if (message.includes('config')) return 'Correct that line.';
  if (/index file|index version|index uses|bad signature|stage entries/.test(message))
    return 'Delete .git/index and run `git reset`, which writes it again and leaves your files alone.';
  if (/no such branch|broken|bad object HEAD/.test(message))
    return '`git reflog` and `git fsck --lost-found` name the commits that it may have been; `git update-ref HEAD COMMIT` sets it again.';
  if (/write error|unable to write|disk ?space|No space left/i.test(message)) return 'Free some space on the disk.';
  return '`git fsck --full` lists what is damaged, and a fresh clone repairs it.';
}

/** Returns the `.git` that makes a folder part of a repository as Git sees it, if that were readable; null if there is none. */
export function gitEntryAbove(folder: string): string | null {
  const device = deviceOf(folder);
  for (let at = path.resolve(folder); deviceOf(at) === device; at = path.dirname(at)) {
    const entry = path.join(at, '.git');
    if (deviceOf(entry) !== null) return entry;
    if (at === path.dirname(at)) return null;
  }
  return null;
}

const deviceOf = (file: string): number | null => statSync(file, { throwIfNoEntry: false })?.dev ?? null;
