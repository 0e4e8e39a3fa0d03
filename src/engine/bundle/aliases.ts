import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'jsonc-parser';

interface Tsconfig {
  readonly extends?: unknown;
  readonly compilerOptions?: { readonly baseUrl?: unknown; readonly paths?: unknown };
}

/**
 * Returns the absolute paths that a specifier may mean according to `paths` in the nearest tsconfig.json. esbuild does this
 * for files that exist; this is for files that only an older tree has.
 */
export async function aliasTargets(root: string, importer: string, specifier: string): Promise<readonly string[]> {
  for (let folder = path.dirname(importer); ; folder = path.dirname(folder)) {
    const found = await mapping(path.join(folder, 'tsconfig.json'));
    if (found !== null) return targets(found, specifier);
    if (folder === root || folder === path.dirname(folder)) return [];
  }
}

interface Mapping {
  readonly base: string;
  readonly paths: Readonly<Record<string, unknown>>;
}

/** Reads the `paths` of a tsconfig, or of its base configuration if it has none of its own. Null if there is no such file. */
async function mapping(file: string, depth = 0): Promise<Mapping | null> {
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null || depth > 10) return null;
  const { extends: base, compilerOptions = {} } = ((parse(text) as unknown) ?? {}) as Tsconfig;
  const folder = path.dirname(file);
  const baseUrl = typeof compilerOptions.baseUrl === 'string' ? path.resolve(folder, compilerOptions.baseUrl) : folder;
  if (typeof compilerOptions.paths === 'object' && compilerOptions.paths !== null)
    return { base: baseUrl, paths: compilerOptions.paths as Record<string, unknown> };
  const bases = [base].flat().filter((each) => typeof each === 'string' && each.startsWith('.')) as string[];
  for (const each of bases.reverse()) {
    const inherited = await mapping(path.resolve(folder, each.endsWith('.json') ? each : `${each}.json`), depth + 1);
    if (inherited !== null) return inherited;
  }
  return { base: baseUrl, paths: typeof compilerOptions.baseUrl === 'string' ? { '*': ['*'] } : {} };
}

/** Returns the targets of the longest pattern that fits, as TypeScript does. */
function targets({ base, paths }: Mapping, specifier: string): readonly string[] {
  const fitting = Object.keys(paths)
    .map((pattern) => ({ pattern, star: starOf(pattern, specifier) }))
    .filter(({ star }) => star !== null)
    .sort((a, b) => b.pattern.length - a.pattern.length)[0];
  if (fitting === undefined) return [];
  const list = [paths[fitting.pattern]].flat().filter((each) => typeof each === 'string');
  return list.map((each) =>
    path.resolve(
      base,
      each.replace('*', () => fitting.star ?? ''),
    ),
  );
}

function starOf(pattern: string, specifier: string): string | null {
  const [start = '', end] = pattern.split('*', 2);
  if (end === undefined) return pattern === specifier ? '' : null;
  if (specifier.length < start.length + end.length) return null;
  return specifier.startsWith(start) && specifier.endsWith(end)
    ? specifier.slice(start.length, specifier.length - end.length)
    : null;
}
