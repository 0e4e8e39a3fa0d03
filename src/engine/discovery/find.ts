import { readFile } from 'node:fs/promises';
import { posix } from 'node:path';
import { glob } from 'tinyglobby';
import { libraryOf } from '../bundle/libraries.js';
import type { Git } from '../git/repository.js';
import { slashed } from '../util/paths.js';

const code = '{js,mjs,cjs,jsx,ts,mts,cts,tsx}';
const isCode = /(?<!\.d)\.[cm]?[jt]sx?$/;
/** The file names that Vitest uses for bench files, and the folders where others keep theirs. */
const isNamed = /\.(bench|benchmark)\.[cm]?[jt]sx?$/;
const isInBenchFolder = /(?:^|\/)_*bench(?:e?s|mark|marks)?_*\//i;
const notSearched =
  /(?:^|\/)(?:node_modules|\.git|\.perf-budget|dist|\.yarn)\/|\.(?:test|spec)\.[cm]?[jt]sx?$|\.min\.js$/;
/** Larger files are generated. */
export const mostBytes = 1_000_000;

export const isNamedAsBench = (file: string): boolean => isNamed.test(file);

/** Whether a file is about benchmarks and not what they measure. */
export const isBesideBench = (relative: string): boolean =>
  isNamed.test(relative) || isInBenchFolder.test(relative) || /(?:^|\/)(?:_*tests?_*|fixtures?)\//.test(relative);

/** All files that git does not ignore (absolute, sorted), and whether git told. */
export interface Listed {
  readonly files: readonly string[];
  readonly byGit: boolean;
}

export async function listFiles(root: string, git: Git | null): Promise<Listed> {
  const tracked = (await git?.unignoredFiles(root)) ?? null;
  const ignore = ['**/node_modules/**', '**/.git/**', '**/.perf-budget/**'];
  const files = tracked ?? (await glob(`**/*.${code}`, { cwd: root, absolute: true, ignore })).map(slashed);
  return { files: [...files].sort(), byGit: tracked !== null };
}

/**
 * Finds the files of these that import a benchmark library or use Vitest's `bench`, and those in bench folders that import
 * such a file, because a repository may wrap the library in a module of its own.
 */
export async function findBenchFiles(root: string, files: readonly string[]): Promise<readonly string[]> {
  const searched = files.filter((file) => isCode.test(file) && !notSearched.test(posix.relative(root, file)));
  const texts = new Map<string, string>();
  await eachOf(searched, async (file) => {
    const text = await readFile(file, 'utf8').catch(() => '');
    const relative = posix.relative(root, file);
    const isAbout = isInBenchFolder.test(relative) || /bench|mitata/i.test(file) || /bench|mitata/.test(text);
    if (isAbout && text.length <= mostBytes) texts.set(file, text);
  });
  const direct = new Set([...texts].flatMap(([file, text]) => (usesLibrary(file, text) ? [file] : [])));
  const indirect = [...texts].flatMap(([file, text]) => {
    const relative = posix.relative(root, file);
    if (direct.has(file) || !(isNamed.test(file) || isInBenchFolder.test(relative))) return [];
    const imported = specifiersOf(text).filter((specifier) => specifier.startsWith('.'));
    return imported.some((specifier) => meansOneOf(file, specifier, direct)) ? [file] : [];
  });
  return [...direct, ...indirect].sort();
}

/** Reads many files, but not all at once. */
async function eachOf(files: readonly string[], read: (file: string) => Promise<void>): Promise<void> {
  for (let at = 0; at < files.length; at += 64) await Promise.all(files.slice(at, at + 64).map(read));
}

const specifiersOf = (text: string): readonly string[] =>
  [...text.matchAll(/(?:from|import|require\(|import\()\s*(['"])([^'"\n]+)\1/g)].map((match) => match[2] ?? '');

function usesLibrary(file: string, text: string): boolean {
  const libraries = specifiersOf(text).flatMap((specifier) => libraryOf(specifier) ?? []);
  // Vitest's functions may be globals. Elsewhere, a file that imports Vitest is probably just a test.
  if (isNamed.test(file)) return libraries.length > 0 || /\bbench\s*[.(]/.test(text);
  return libraries.some((library) => library !== 'vitest' || /\bbench\s*[.(]/.test(text));
}

/** Whether a relative specifier in a file may mean one of these files. */
function meansOneOf(file: string, specifier: string, files: ReadonlySet<string>): boolean {
  const target = posix.join(posix.dirname(file), specifier);
  const bare = target.replace(/\.[cm]?[jt]sx?$/, '');
  const endings = ['js', 'mjs', 'cjs', 'ts', 'mts', 'cts', 'tsx', 'jsx'];
  return [bare, `${target}/index`].some((stem) => endings.some((ending) => files.has(`${stem}.${ending}`)));
}

/**
 * Returns patterns for these bench files (relative to the root), none of which matches one of `broken`: one for all that are
 * named as bench files, one for each folder of which they are all the code, and one for each of the others.
 */
export function filePatterns(
  files: readonly string[],
  listed: readonly string[],
  broken: readonly string[],
): readonly string[] {
  const named = files.filter(isNamedAsBench);
  const folder = commonFolder(named);
  const isWhole = named.length > 1 && !broken.some((file) => isNamedAsBench(file) && file.startsWith(folder));
  const parts = (index: number): readonly string[] =>
    [...new Set(named.map((file) => /\.(bench|benchmark)\.(\w+)$/.exec(file)?.[index] ?? ''))].sort();
  const pattern = `${escapeGlob(folder)}**/*.${either(parts(1))}.${either(parts(2))}`;
  const others = isWhole ? files.filter((file) => !isNamedAsBench(file)) : files;
  const isBeside = (one: string) => (other: string) =>
    posix.dirname(other) === posix.dirname(one) && posix.extname(other) === posix.extname(one);
  const patterns = others.map((file) => {
    const own = others.filter(isBeside(file));
    const isAll = own.length > 2 && listed.filter(isBeside(file)).length === own.length;
    return escapeGlob(isAll ? `${posix.dirname(file)}/` : file) + (isAll ? `*${posix.extname(file)}` : '');
  });
  return [...(isWhole ? [pattern] : []), ...new Set(patterns)];
}

const either = (parts: readonly string[]): string => (parts.length === 1 ? parts.join('') : `{${parts.join(',')}}`);

/** Returns the common folder, like `bench/` for `bench/a.bench.ts` and `bench/b/c.bench.ts`; empty if there is none. */
function commonFolder(files: readonly string[]): string {
  const folders = files.map((file) => file.split('/').slice(0, -1));
  const [first = []] = folders;
  const shared = first.findIndex((part, index) => folders.some((folder) => folder[index] !== part));
  const parts = shared === -1 ? first : first.slice(0, shared);
  return parts.map((part) => `${part}/`).join('');
}

/** Escapes the characters that have a meaning in a glob. */
const escapeGlob = (text: string): string => text.replaceAll(/[\\*?[\]{}()!+@]/g, (character) => `\\${character}`);
