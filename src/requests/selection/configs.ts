import { existsSync } from 'node:fs';
import path from 'node:path';
import { withoutCopies } from '../../engine/util/links.js';
import { slashed } from '../../engine/util/paths.js';
import { configFileName } from '../../core/config/file-names.js';

const notSearched = ['node_modules', '.git', '.perf-budget', 'dist'];

/** Finds every `perf-budget.jsonc` in or under a folder, outer ones first; if there is none, the nearest one above. */
export async function findConfigs(folder: string): Promise<readonly string[]> {
  const { glob } = await import('tinyglobby');
  const ignore = notSearched.map((name) => `**/${name}/**`);
  const below = await glob(`**/${configFileName}`, { cwd: folder, absolute: true, dot: true, ignore });
  const found = await withoutCopies(below.map(slashed));
  if (found.length > 0) return outerFirst(found);
  for (let above = path.dirname(folder); ; above = path.dirname(above)) {
    const file = path.join(above, configFileName);
    if (existsSync(file)) return [slashed(file)];
    if (above === path.dirname(above)) return [];
  }
}

/** Whether `findConfigs` looks where a file below a folder is. */
export const isSearched = (folder: string, file: string): boolean =>
  !slashed(path.relative(folder, file))
    .split('/')
    .some((name) => notSearched.includes(name));

/** Whether a folder itself has a `perf-budget.jsonc`. */
export const hasConfig = (folder: string): boolean => existsSync(path.join(folder, configFileName));

/** Returns each file once, outer ones first, as `withConfigs` takes them. */
export const outerFirst = (files: readonly string[]): readonly string[] =>
  [...new Set(files)].sort((a, b) => depth(a) - depth(b) || (a < b ? -1 : 1));

const depth = (file: string): number => file.split('/').length;
