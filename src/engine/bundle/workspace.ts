import { existsSync, readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { extensions } from './old-paths.js';

/** Folders that builds write, with those in them that tell module formats apart. */
const built = /^(?:dist|build|out|lib|output)(?:[-.][\w-]+)?$/;
const formats = /^(?:esm?|cjs|mjs|node|module|es20\d\d|src)$/;

/**
 * Returns the source of what a specifier means, if that is built output of another package of the same workspace. Then the source is
 * measured, because Git has no old build to compare with. Null if it means anything else, or if there is no source. `disk` is the
 * file that was found; null if it is not built yet.
 */
export function workspaceSource(specifier: string, folder: string, disk: string | null): string | null {
  const name = /^(?:@[^/]+\/)?[^./@:#][^/:]*/.exec(specifier)?.[0];
  if (name === undefined) return null;
  const own = linked(name, folder);
  if (own === null) return null;
  if (disk !== null && !isBuilt(path.relative(own, disk).split(path.sep).join('/'))) return null;
  const subpath = `.${specifier.slice(name.length)}`;
  const source = targetOf(own, subpath, true);
  if (source !== null && !isBuilt(source) && existsSync(path.join(own, source))) return path.join(own, source);
  const target = disk === null ? targetOf(own, subpath, false) : path.relative(own, disk).split(path.sep).join('/');
  return target === null || !isBuilt(target) ? null : sourceOf(own, target);
}

const isBuilt = (target: string): boolean => built.test(path.posix.normalize(target).split('/')[0] ?? '');

/** Returns the real folder of a package that is linked from outside of node_modules; null if it is not. */
function linked(name: string, from: string): string | null {
  for (let folder = from; ; folder = path.dirname(folder)) {
    const found = path.join(folder, 'node_modules', name);
    if (existsSync(path.join(found, 'package.json'))) {
      const real = realpathSync(found);
      return real.split(path.sep).includes('node_modules') ? null : real;
    }
    if (folder === path.dirname(folder)) return null;
  }
}

/** Returns the file that a package exports under a subpath, relative to it. It need not exist. */
function targetOf(folder: string, subpath: string, fromSource: boolean): string | null {
  const description = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as Readonly<
    Record<'exports' | 'main' | 'module' | 'source', unknown>
  >;
  const { exports, main, module, source } = description;
  if (exports !== undefined && exports !== null) return exported(exports, subpath, fromSource);
  if (subpath !== '.') return subpath;
  const found = fromSource ? [source] : [module, main, 'index.js'];
  return found.find((each) => typeof each === 'string') ?? null;
}

function exported(exports: unknown, subpath: string, fromSource: boolean): string | null {
  const isMap =
    typeof exports === 'object' && exports !== null && Object.keys(exports).some((key) => key.startsWith('.'));
  if (!isMap) return subpath === '.' ? conditional(exports, fromSource) : null;
  for (const [key, value] of Object.entries(exports as Readonly<Record<string, unknown>>)) {
    const [start = '', end] = key.split('*', 2);
    if (end === undefined ? key !== subpath : !subpath.startsWith(start) || !subpath.endsWith(end)) continue;
    const star = end === undefined ? '' : subpath.slice(start.length, subpath.length - end.length);
    return conditional(value, fromSource)?.replaceAll('*', star) ?? null;
  }
  return null;
}

/** Takes the common names of conditions that lead to sources, or the usual ones. */
function conditional(value: unknown, fromSource: boolean): string | null {
  if (typeof value === 'string') return fromSource ? null : value;
  if (typeof value !== 'object' || value === null) return null;
  const entries = Object.entries(Array.isArray(value) ? { default: value[0] as unknown } : value);
  const source = fromSource ? entries.find(([key]) => /(?:^|[/@])(?:source|src)$/.test(key)) : undefined;
  if (source !== undefined) return conditional(source[1], false);
  const chosen = entries.find(([key]) => ['node', 'import', 'require', 'default'].includes(key));
  return chosen === undefined ? null : conditional(chosen[1], fromSource);
}

/** Returns the source of a built file: the same path, without the folders that builds add, in the package or its `src`. */
function sourceOf(folder: string, target: string): string | null {
  const parts = path.posix.normalize(target).split('/');
  const file = path.join(folder, ...parts);
  let at = 1;
  while (at < parts.length - 1 && formats.test(parts[at] ?? '')) at++;
  const stem = parts
    .slice(at)
    .join('/')
    .replace(/\.[cm]?js$/, '');
  const candidates = ['src', 'source', '.'].flatMap((each) =>
    extensions.map((extension) => path.join(folder, each, stem + extension)),
  );
  return candidates.find((each) => each !== file && existsSync(each)) ?? null;
}
