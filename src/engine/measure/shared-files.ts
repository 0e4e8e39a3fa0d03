import * as l10n from '@vscode/l10n';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { lockFilesOf, otherVersions } from '../bundle/lock-files.js';
import type { Reached } from '../bundle/reached.js';
import type { OldCode } from '../bundle/tree.js';
import { relativeTo } from '../util/paths.js';

/** How many files a sentence names. */
const named = 3;

/**
 * Says, one sentence each, what old code would have found otherwise, while both sides ran or read what is here now: files that
 * were changed, and packages in other versions.
 */
export async function sharedFiles(
  { files, versions }: Reached,
  old: OldCode,
  root: string,
  baseline: string,
): Promise<readonly string[]> {
  const [states, others] = await Promise.all([
    Promise.all(files.map((file) => stateOf(file, old))),
    lockFilesOf(root).then((locks) => otherVersions(versions, locks, old)),
  ]);
  const of = (wanted: FileState): string => {
    const found = files.filter((_, index) => states[index] === wanted).map((file) => relativeTo(root, file));
    const rest = found.length - named;
    const list = found.slice(0, named).join(', ');
    return rest > 0 ? l10n.t`${list} and ${rest} more` : list;
  };
  const [changed, outside] = [of('changed'), of('outside')];
  return [
    ...(changed === '' ? [] : [l10n.t`${changed} differs from ${baseline}, but both sides used the current version.`]),
    ...(outside === '' ? [] : [l10n.t`${outside} is not in Git, so both sides used the same copy of it.`]),
    ...others.map(
      ({ name, installed, locked }) =>
        l10n.t`${baseline} has ${name} ${locked.join(' and ')}, but both sides ran the installed ${installed}.`,
    ),
  ];
}

type FileState = 'same' | 'changed' | 'outside';

async function stateOf(file: string, old: OldCode): Promise<FileState> {
  const [before, now] = await Promise.all([old.read(file), readFile(file).catch(() => null)]);
  if (before !== null) return now?.equals(before) === true ? 'same' : 'changed';
  return (await old.ignores(path.resolve(file))) ? 'outside' : 'changed';
}

/** Returns a hash of the contents of these files, which are inputs that no import shows. */
export async function contents(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) hash.update(await readFile(file).catch(() => '')).update('\0');
  return files.length === 0 ? '' : hash.digest('hex');
}
