import { decode, encode } from '@jridgewell/sourcemap-codec';
import type { OnLoadResult, OnResolveArgs, OnResolveResult, PartialMessage, Plugin } from 'esbuild';
import { existsSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import type { Profile, Refused } from '../../worker/pipeline/protocol.js';
import type { View } from '../pipeline/pipelines.js';
import { standInOf } from './libraries.js';
import { asked, external, type Findings, isPackage, prepared, resolvedAs } from './plugin.js';
import { refusals } from './refuse.js';
import type { CheckedOutCode, DynamicCalls } from './dynamic.js';
import type { Tree } from './tree.js';
import { workspaceSource } from './workspace.js';

/** The namespace of modules that are no files. It begins as our own, so that they do not count as the user's files. */
const virtual = 'perf-budget:vite';
const entry = 'perf-budget:entry';

interface ThroughVite {
  readonly root: string;
  readonly benchFile: string;
  readonly view: { readonly current: View };
  /** For old code, what the commit lacks; null for the working tree. */
  readonly tree: ((findings: Findings) => Tree) | null;
  readonly calls: DynamicCalls;
  readonly checkOut: () => Promise<CheckedOutCode | null>;
  readonly findings: { readonly current: Findings };
}

/** What the development server's code for a browser exports, as Vitest stands in for it. */
const client = 'perf-budget:client';
const clientText = `
export const injectQuery = (id) => id;
export const createHotContext = () => globalThis.__budgetHot;
const styleOf = (id) => document.querySelector('[data-vite-dev-id="' + id + '"]');
export const updateStyle = (id, css) => {
  if (typeof document === 'undefined') return;
  const style = styleOf(id) ?? document.createElement('style');
  style.setAttribute('type', 'text/css');
  style.setAttribute('data-vite-dev-id', id);
  style.textContent = css;
  document.head.appendChild(style);
};
export const removeStyle = (id) => typeof document !== 'undefined' && styleOf(id)?.remove();
`;

/** The name of the module that imports the set-up files and then the bench file. */
export const entryName = entry;

/**
 * Has the project's own Vite say what each specifier means and what each text becomes. Whatever it does not know is left to what
 * comes after, so that stand-ins, Node's modules and `require` are as they are without it.
 */
export function throughVite(options: ThroughVite): Plugin {
  const { root, benchFile, view, calls, checkOut, findings } = options;
  /** What Vite itself has named, so that what `require` finds is left alone. */
  const known = new Set<string>([benchFile]);
  return {
    name: 'perf-budget-vite',
    setup(build) {
      build.onResolve({ filter: /./ }, async (args) => {
        if (args.pluginData === asked || args.path.startsWith('perf-budget:')) return entryOf(args);
        if (args.kind !== 'import-statement' && args.kind !== 'dynamic-import') return undefined;
        if (/^\/?@vite\/client$/.test(args.path)) return { path: client, namespace: client };
        if (standInOf(args.path) !== null || args.with['type'] === 'json') return undefined;
        const importer = args.namespace === 'file' || args.namespace === virtual ? args.importer : benchFile;
        return resolve(options, known, args.path, importer, args);
      });
      build.onLoad({ filter: /./, namespace: entry }, () => ({
        contents: [...view.current.profile.setupFiles, benchFile]
          .map((file) => `import ${JSON.stringify(file)};`)
          .join('\n'),
        resolveDir: root,
      }));
      build.onLoad({ filter: /./, namespace: client }, () => ({ contents: clientText }));
      build.onLoad({ filter: /./, namespace: virtual }, (args) => load(args.path, args.path));
      build.onLoad({ filter: /./, namespace: 'file' }, (args) =>
        known.has(args.path + args.suffix) ? load(args.path + args.suffix, args.path) : undefined,
      );
    },
  };

  async function load(id: string, file: string): Promise<OnLoadResult | undefined> {
    const { side, profile } = view.current;
    // Neither the commit nor its checkout has it, so both sides have the one on disk.
    if (path.isAbsolute(file) && side.mapping.theirs !== side.mapping.ours && !existsSync(side.theirs(file)))
      return undefined;
    const loaded = await side.load(profile.project, id);
    if (loaded.type === 'refused') return { errors: [messageOf(loaded)] };
    const isFile = path.isAbsolute(file);
    if (!isFile) return { contents: loaded.code, loader: 'jsx', resolveDir: root };
    // From Vite 8 on, its bundler reads JSON itself, not a plugin.
    if (id === file && file.endsWith('.json') && loaded.code === loaded.source)
      return { contents: loaded.code, loader: 'json', resolveDir: path.dirname(file) };
    const errors = loaded.source === null || isPackage(root, file) ? [] : refusals(loaded.source, file);
    if (errors.length > 0) return { errors };
    for (const each of loaded.watched) findings.current.watched.add(each);
    const text = await prepared(file, loaded.code, { root, benchFile, calls, checkOut, findings: findings.current });
    if (id === file && loaded.source !== null && loaded.map !== null) findings.current.sources.set(file, loaded.source);
    const map = loaded.map === null ? null : mapped(loaded.map, loaded.code, text, path.dirname(file));
    return { contents: map === null ? text : `${text}\n${map}`, loader: 'jsx', resolveDir: path.dirname(file) };
  }
}

function entryOf(args: OnResolveArgs): OnResolveResult | undefined {
  return args.path === entry ? { path: entry, namespace: entry } : undefined;
}

async function resolve(
  { root, view, tree, findings }: ThroughVite,
  known: Set<string>,
  specifier: string,
  importer: string,
  args: OnResolveArgs,
): Promise<OnResolveResult | undefined> {
  const { side, profile, current } = view.current;
  const found = await side.resolve(profile.project, specifier, importer);
  const disk = found.type === 'refused' ? null : (found.id?.replace(/[?#].*$/s, '') ?? null);
  const source =
    /^[./\0]/.test(specifier) || (disk !== null && !isUsers(root, disk))
      ? null
      : workspaceSource(specifier, path.dirname(importer), disk);
  if (source !== null) {
    known.add(source);
    return existsSync(side.theirs(source)) ? { path: source } : lacking(source);
  }
  if (found.type === 'refused') return { errors: [messageOf(found)] };
  const { id } = found;
  if (id === null) return isBuiltin(specifier) ? undefined : lacking();
  if (standInOf(id) !== null) return undefined;
  if (isBuiltin(id)) return { path: id, external: true };
  const [file = '', suffix = ''] = /^([^?#]*)(.*)$/s.exec(id)?.slice(1) ?? [];
  const isFile = path.isAbsolute(file) && existsSync(side.theirs(file));
  if (!isFile) {
    if (found.external) return { path: id, external: true };
    // An alias means a path, whether there is a file or not.
    return (path.isAbsolute(file) ? await lacking() : undefined) ?? { path: id, namespace: virtual };
  }
  if (isOwn(root, file)) return undefined;
  if (found.external) return external(findings.current, file, args.kind);
  // It is the same on both sides, and that is said there.
  if (file.endsWith('.node')) return undefined;
  known.add(id);
  return { path: file, suffix, namespace: 'file' };

  /** What only the working tree has: says that the commit lacks it, unless Git cannot have it. */
  async function lacking(wanted?: string): Promise<OnResolveResult | undefined> {
    if (tree === null || current === null) return undefined;
    const now = await current.resolve(profile.project, specifier, importer);
    const disk = wanted ?? (now.type === 'refused' || now.external ? null : now.id?.replace(/[?#].*$/, ''));
    if (disk === null || disk === undefined || !isUsers(root, disk) || !existsSync(disk)) return undefined;
    const resolution = await tree(findings.current).resolve({ importer, specifier, target: null, disk });
    return resolution === null ? { path: disk } : resolvedAs(resolution, '', findings.current);
  }
}

const isUsers = (root: string, file: string): boolean => path.isAbsolute(file) && !isPackage(root, file);

/** Whether a file is a benchmark library's own, which a stand-in replaces. */
function isOwn(root: string, file: string): boolean {
  if (!isPackage(root, file)) return false;
  const parts =
    file
      .split(/[\\/]node_modules[\\/]/)
      .at(-1)
      ?.split(/[\\/]/) ?? [];
  return standInOf(parts[0] ?? '') !== null;
}

function messageOf({ message, file, line, column }: Refused): PartialMessage {
  if (file === undefined) return { text: message };
  return { text: message, location: { file, namespace: '', line: line ?? 1, column: Math.max(0, (column ?? 1) - 1) } };
}

/** Returns a module's source map as a comment, moved to where `text` has what `code` has, with sources relative to `folder`. */
function mapped(map: string, code: string, text: string, folder: string): string {
  const { mappings, sources, names } = JSON.parse(map) as { mappings: string; sources: string[]; names: string[] };
  let at = 0;
  while (at < code.length && code[at] === text[at]) at++;
  const added = text.length - code.length;
  const decoded = decode(mappings);
  if (added > 0) {
    const before = code.slice(0, at).split('\n');
    const column = before.at(-1)?.length ?? 0;
    for (const segment of decoded[before.length - 1] ?? []) if (segment[0] >= column) segment[0] += added;
  }
  const relative = sources.map((source) =>
    path.isAbsolute(source) ? path.relative(folder, source).split(path.sep).join('/') : source,
  );
  const json = JSON.stringify({ version: 3, names, sources: relative, mappings: encode(decoded) });
  return `//# sourceMappingURL=data:application/json;base64,${Buffer.from(json).toString('base64')}`;
}

/** What esbuild replaces, as Vite's own build does: the project's environment, and constants that are no objects. */
export function definesOf({ metaEnv, defines, project }: Profile): Readonly<Record<string, string>> {
  const plain = Object.entries(defines).filter(([key, value]) => isName(key) && typeof value !== 'object');
  const env = Object.entries(metaEnv).filter(([key, value]) => isName(key) && typeof value !== 'object');
  return {
    ...(project.environment === 'client' && { 'import.meta.hot': '__budgetHot' }),
    'import.meta.env': JSON.stringify(metaEnv),
    ...Object.fromEntries(env.map(([key, value]) => [`import.meta.env.${key}`, JSON.stringify(value)])),
    ...Object.fromEntries(plain.map(([key, value]) => [key, JSON.stringify(value)])),
  };
}

const isName = (key: string): boolean => /^[A-Za-z_$][\w$]*$/.test(key);
