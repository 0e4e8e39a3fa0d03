import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { OldCode } from './tree.js';

export const lockFileNames = [
  ...['package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock'],
] as const;

/** A package that is installed in another version than the one that a commit locks. */
interface OtherVersion {
  readonly name: string;
  readonly installed: string;
  /** The versions that the commit's lock file has of it. */
  readonly locked: readonly string[];
}

/** Returns the lock files that decide what is installed for code in `folder`: those of the nearest folder that has any. */
export async function lockFilesOf(folder: string): Promise<readonly string[]> {
  for (let at = folder; ; at = path.dirname(at)) {
    const files = lockFileNames.map((name) => path.join(at, name));
    const there = await Promise.all(files.map((file) => stat(file).then(Boolean, () => false)));
    const found = files.filter((_, index) => there[index]);
    if (found.length > 0 || at === path.dirname(at)) return found;
  }
}

/** Returns which of the installed packages are of a version that the lock files of a commit do not have. */
export async function otherVersions(
  installed: ReadonlyMap<string, string>,
  lockFiles: readonly string[],
  old: OldCode,
): Promise<readonly OtherVersion[]> {
  const others: OtherVersion[] = [];
  for (const file of installed.size === 0 ? [] : lockFiles) {
    const [before, now] = await Promise.all([old.read(file), readFile(file).catch(() => null)]);
    if (before === null || now?.equals(before) === true) continue;
    const text = before.toString();
    for (const [name, version] of installed) {
      const locked = [...lockedVersions(text, name)];
      if (locked.length > 0 && !locked.includes(version)) others.push({ name, installed: version, locked });
    }
  }
  return others;
}

/**
 * Returns the versions of a package in a lock file, whatever its format: `"node_modules/a": { "version": "1.2.3"` of npm,
 * `a@1.2.3` of pnpm and Bun, `a@npm:1.2.3` of Yarn Berry, `a@^1.0.0:` above `version "1.2.3"` of Yarn 1.
 */
function lockedVersions(text: string, name: string): ReadonlySet<string> {
  const escaped = name.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  const version = String.raw`(\d+\.\d+\.\d+[\w.+-]*)`;
  const patterns = [
    String.raw`node_modules\/${escaped}": \{\s*(?:"name": "[^"]*",\s*)?"version": "${version}"`,
    String.raw`(?<![\w/.-])\/?${escaped}@(?:npm:)?${version}`,
    String.raw`^"?(?:[^\n]*, "?)?${escaped}@[^\n]*:\n {2}version:? "?${version}`,
  ];
  return new Set(
    patterns.flatMap((one) => Array.from(text.matchAll(new RegExp(one, 'gm')), ([, found = '']) => found)),
  );
}
