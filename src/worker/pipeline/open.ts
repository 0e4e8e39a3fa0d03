import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { OpenRequest } from './protocol.js';
import { serverOf, type ViteServer, type Vite, type VitestNode, type VitestProject } from './vite.js';

/** One project of a configuration. */
export interface Project {
  readonly server: ViteServer;
  /** Null if the project has only Vite. */
  readonly test: VitestProject | null;
}

export interface Pipeline {
  readonly tool: string;
  readonly projects: readonly Project[];
  readonly dependencies: readonly string[];
  /** The file URLs of Vitest's entries. */
  readonly entry: (name: string) => string | null;
}

/**
 * Writes imports as URLs of the development server, with code for its browser, and `import.meta.env` as a lookup at run time. What
 * esbuild gets keeps them as they are.
 */
const unwanted = ['vite:import-analysis', 'vitest:meta-env-replacer', 'vitest:ssr-replacer', 'vitest:normalize-url'];

/** Before the first module, because Vite keeps what it has found of its plugins. */
function simplify({ config, environments = {} }: ViteServer): void {
  const plugins = [...config.plugins, ...Object.values(environments).flatMap((each) => each.plugins)];
  for (const plugin of plugins) if (unwanted.includes(plugin.name)) plugin.transform = undefined;
}

/** Nothing is served or watched, and nothing is written. */
const overrides = {
  server: { middlewareMode: true, watch: null, hmr: false, ws: false },
  optimizeDeps: { noDiscovery: true, include: [] },
  clearScreen: false,
};

interface Optimizing {
  optimizeDeps?: { include?: readonly string[] };
}

/** Vite adds to what the configuration includes, and would replace what a development server of the user's keeps. */
const withoutOptimizer = {
  name: 'perf-budget',
  enforce: 'post',
  config(config: Optimizing & { environments?: Readonly<Record<string, Optimizing>> }): void {
    for (const each of [config, ...Object.values(config.environments ?? {})])
      if (each.optimizeDeps !== undefined) each.optimizeDeps.include = [];
  },
};

/** Loads the project's configuration into its own Vite. Runs the user's code. */
export async function openPipeline(request: OpenRequest): Promise<Pipeline> {
  return request.vitest === null ? openVite(request) : openVitest(request, request.vitest);
}

async function openVite({ folder, configFile, vite: installed }: OpenRequest): Promise<Pipeline> {
  const { version, createServer } = (await import(entryOf(installed, '.') ?? '')) as Vite;
  const server = await createServer({
    ...overrides,
    plugins: [withoutOptimizer],
    root: folder,
    configFile: configFile ?? false,
    appType: 'custom',
    logLevel: 'warn',
  });
  simplify(server);
  const projects = [{ server, test: null }];
  const dependencies = dependenciesOf(projects, [installed]);
  return { tool: `vite ${version}`, projects, dependencies, entry: () => null };
}

async function openVitest({ folder, configFile, vite }: OpenRequest, installed: string): Promise<Pipeline> {
  // As Vitest's own command line does before it loads the configuration.
  Object.assign(process.env, { TEST: 'true', VITEST: 'true' });
  process.env['NODE_ENV'] ??= 'test';
  const { version } = JSON.parse(readFileSync(path.join(installed, 'package.json'), 'utf8')) as { version: string };
  const { createVitest } = (await import(entryOf(installed, './node') ?? '')) as VitestNode;
  const isOld = Number(version.split('.')[0]) < 5;
  const options = {
    root: folder,
    config: configFile ?? false,
    watch: false,
    run: true,
    reporters: [{}],
    coverage: { enabled: false },
    api: false,
    ui: false,
    typecheck: { enabled: false },
    // Neither reads nor writes what an optimizer keeps.
    deps: { optimizer: { ssr: { enabled: false }, web: { enabled: false }, client: { enabled: false } } },
    ...(!isOld && { benchmarkOnly: true }),
  };
  const vitest = await createVitest(isOld ? 'benchmark' : 'test', options, overrides);
  const projects = vitest.projects.map((test) => ({ server: serverOf(test), test }));
  // The projects of a configuration open servers of their own.
  for (const { server } of projects) simplify(server);
  const entry = (name: string) => entryOf(installed, name);
  return { tool: `vitest ${version}`, projects, dependencies: dependenciesOf(projects, [installed, vite]), entry };
}

/** Returns the file URL of what a package exports under a name; null if it exports nothing under it. */
function entryOf(folder: string, name: string): string | null {
  const { exports } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as { exports?: unknown };
  const found = (exports as Readonly<Record<string, unknown>> | undefined)?.[name];
  const file = conditional(found);
  return file === null ? null : pathToFileURL(path.join(folder, file)).href;
}

function conditional(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return null;
  const { import: imported, default: usual } = value as Readonly<Record<string, unknown>>;
  return conditional(imported ?? usual);
}

/** The files whose change means that the configuration must be loaded again. They need not exist. */
function dependenciesOf(projects: readonly Project[], installed: readonly string[]): readonly string[] {
  const files = projects.flatMap(({ server: { config } }) => {
    const { root, mode, envDir = root } = config;
    const names = ['.env', '.env.local', `.env.${mode}`, `.env.${mode}.local`];
    return [
      ...(config.configFile === undefined ? [] : [config.configFile]),
      ...(config.configFileDependencies ?? []),
      ...(envDir === false ? [] : names.map((name) => path.resolve(root, envDir, name))),
      ...['package.json', 'tsconfig.json'].map((name) => path.join(root, name)),
    ];
  });
  return [...new Set([...files, ...installed.map((folder) => path.join(folder, 'package.json'))])].filter(
    (file) => !/[\\/]\.vite-temp[\\/]/.test(file) && (existsSync(file) || path.isAbsolute(file)),
  );
}
