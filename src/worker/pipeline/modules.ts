import { readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import type { Project } from './open.js';
import type { Loaded, LoadRequest, Resolved, ResolveRequest } from './protocol.js';
import { fileOf, type PluginContainer } from './vite.js';

const none: Resolved = { type: 'resolved', id: null, external: false };

export async function resolveModule(project: Project, request: ResolveRequest): Promise<Resolved> {
  const { specifier, importer, project: where } = request;
  const { config } = project.server;
  // Vite's answer for a module of Node depends on the version, but an alias may mean another module by its name.
  if (isBuiltin(specifier) && !config.resolve.alias.some(({ find }) => isAlias(find, specifier))) return none;
  const { container, options } = containerOf(project, where.environment);
  const found = await container.resolveId(specifier, importer, options);
  if (found === null || isBuiltin(found.id)) return { ...none, external: found !== null, id: found?.id ?? null };
  if (found.external !== undefined && found.external !== false) return { ...none, id: found.id, external: true };
  const id = found.id.replace(/[?&]v=[0-9a-f]+$/, '');
  return { type: 'resolved', id, external: await isExternal(project, id) };
}

/** As Vite's own alias plugin decides. */
const isAlias = (find: string | RegExp, specifier: string): boolean =>
  typeof find === 'string' ? specifier === find || specifier.startsWith(`${find}/`) : find.test(specifier);

async function isExternal({ test }: Project, id: string): Promise<boolean> {
  if (!id.includes('/node_modules/') || id.includes('\0')) return false;
  const externalizer = test?.vitenode ?? test?._resolver;
  if (externalizer === undefined) return /\.(?:[cm]?js|node)$/.test(id);
  return Boolean(await externalizer.shouldExternalize(id));
}

export async function loadModule(project: Project, request: LoadRequest): Promise<Loaded> {
  const { id, hasChanged, project: where } = request;
  const { container, options } = containerOf(project, where.environment);
  const watching = watchingOf(container.watchFiles);
  const added = new Set<string>();
  watching.add(added);
  try {
    return await loadWith(container, options, { id, hasChanged, added });
  } finally {
    watching.delete(added);
  }
}

async function loadWith(
  container: PluginContainer,
  options: { readonly ssr: boolean },
  { id, hasChanged, added }: { readonly id: string; readonly hasChanged: boolean; readonly added: ReadonlySet<string> },
): Promise<Loaded> {
  if (hasChanged) await container.watchChange?.(fileOf(id), { event: 'update' });
  const loaded = await container.load(id, options);
  const source = loaded === null || loaded === undefined ? await readFile(fileOf(id), 'utf8') : null;
  const code = source ?? (typeof loaded === 'string' ? loaded : (loaded?.code ?? ''));
  const transformed = await container.transform(code, id, options);
  const watched = [...added].filter((file) => file !== fileOf(id));
  const map = transformed.map ?? (typeof loaded === 'object' ? loaded?.map : null);
  return { type: 'loaded', code: transformed.code, map: mapText(map, id), source, watched };
}

/** The loads that are under way, by the set that Vite adds to what plugins watch. */
const loads = new WeakMap<Set<string>, Set<Set<string>>>();

/**
 * Returns the sets that get what plugins add from now on, also if it was added before: the set is one for all modules and only
 * grows. Loads overlap, so each may get what another one watches, which costs only a second look.
 */
function watchingOf(all: Set<string> | undefined): Set<Set<string>> {
  const known = all && loads.get(all);
  if (known !== undefined) return known;
  const watching = new Set<Set<string>>();
  if (all === undefined) return watching;
  loads.set(all, watching);
  const add = all.add.bind(all);
  all.add = (file) => {
    for (const each of watching) each.add(file);
    return add(file);
  };
  return watching;
}

/** Returns the map as JSON, with sources that are relative to the module; null if the text is as it was, or nothing maps it. */
function mapText(map: unknown, id: string): string | null {
  const parsed = (typeof map === 'string' ? JSON.parse(map) : map) as { mappings?: string; sources?: string[] } | null;
  if (!parsed?.mappings || parsed.sources === undefined) return null;
  const { mappings, sources } = parsed;
  const names = (parsed as { names?: string[] }).names ?? [];
  return JSON.stringify({ version: 3, mappings, names, sources: sources.length === 1 ? [fileOf(id)] : sources });
}

function containerOf(
  { server }: Project,
  name: 'ssr' | 'client',
): { readonly container: PluginContainer; readonly options: { readonly ssr: boolean } } {
  const options = { ssr: name === 'ssr' };
  return { container: server.environments?.[name]?.pluginContainer ?? server.pluginContainer, options };
}
