import { readFile } from 'node:fs/promises';
import path from 'node:path';
import picomatch from 'picomatch';
import type { Config } from '../../core/language/budget.js';
import { parseConfig } from '../../core/config/config.js';
import { slashed } from '../util/paths.js';

/** Whether `defaults.ignore` in the `perf-budget.jsonc` of `root` ignores a file. Paths use `/`. */
export function ignores(root: string, config: Config | null, file: string): boolean {
  if (config === null || !file.startsWith(`${root}/`)) return false;
  return picomatch([...config.defaults.ignore], { dot: true })(file.slice(root.length + 1));
}

/** Drops the `perf-budget.jsonc` files (absolute paths) that an outer one ignores. The others keep their order. */
export async function withoutIgnored(files: readonly string[]): Promise<readonly string[]> {
  const kept = new Set<string>();
  const outer: { readonly root: string; readonly config: Config | null }[] = [];
  for (const file of files.toSorted((a, b) => a.length - b.length)) {
    const written = slashed(file);
    if (outer.some(({ root, config }) => ignores(root, config, written))) continue;
    kept.add(file);
    const root = path.posix.dirname(written);
    if (!files.some((other) => slashed(other).startsWith(`${root}/`) && other !== file)) continue;
    const text = await readFile(file, 'utf8').catch(() => '');
    outer.push({ root, config: parseConfig(written, text).config });
  }
  return files.filter((file) => kept.has(file));
}
