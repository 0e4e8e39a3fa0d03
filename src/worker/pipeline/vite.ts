/** The part of Vite's and Vitest's own types that all their versions share, because each project has its own version. */

export interface PluginContainer {
  resolveId(
    specifier: string,
    importer?: string,
    options?: object,
  ): Promise<{ readonly id: string; readonly external?: unknown } | null>;
  load(
    id: string,
    options?: object,
  ): Promise<string | { readonly code: string; readonly map?: unknown } | null | undefined>;
  transform(code: string, id: string, options?: object): Promise<{ readonly code: string; readonly map?: unknown }>;
  watchChange?(id: string, change: { readonly event: 'update' }): Promise<void>;
  /** Since Vite 6. */
  readonly watchFiles?: Set<string>;
}

interface Plugin {
  readonly name: string;
  transform?: unknown;
}

export interface ViteConfig {
  readonly root: string;
  readonly mode: string;
  readonly envDir?: string | false;
  readonly env: Readonly<Record<string, unknown>>;
  readonly configFile?: string;
  readonly configFileDependencies?: readonly string[];
  readonly isProduction: boolean;
  readonly plugins: readonly Plugin[];
  readonly resolve: {
    readonly alias: readonly { readonly find: string | RegExp }[];
    readonly conditions?: readonly string[];
  };
  readonly ssr?: { readonly resolve?: { readonly conditions?: readonly string[] } };
}

export interface ViteServer {
  readonly config: ViteConfig;
  readonly pluginContainer: PluginContainer;
  /** Since Vite 6. */
  readonly environments?: Readonly<
    Record<string, { readonly pluginContainer: PluginContainer; readonly plugins: readonly Plugin[] }>
  >;
}

export interface Vite {
  readonly version: string;
  readonly createServer: (options: object) => Promise<ViteServer>;
}

/** What Vitest passes to its workers. */
export interface TestConfig {
  readonly env?: Readonly<Record<string, unknown>>;
  readonly defines?: Readonly<Record<string, unknown>>;
  readonly serializedDefines?: string;
  readonly globals?: boolean;
  readonly environment?: string;
  readonly environmentOptions?: Readonly<Record<string, unknown>>;
  readonly setupFiles?: readonly string[];
}

export interface VitestProject {
  /** A getter since version 3, `server` before. */
  readonly vite?: ViteServer;
  readonly server: ViteServer;
  readonly name?: string;
  readonly config: TestConfig & {
    readonly root: string;
    readonly name?: string | { readonly label: string };
    readonly browser?: { readonly enabled?: boolean };
    readonly globalSetup?: readonly string[] | string;
    readonly runner?: string;
    readonly execArgv?: readonly string[];
    readonly pool?: string;
    readonly poolOptions?: Readonly<Record<string, { readonly execArgv?: readonly string[] }>>;
    readonly environmentMatchGlobs?: readonly (readonly [string, string])[];
  };
  readonly serializedConfig?: TestConfig;
  getSerializableConfig?(): TestConfig;
  matchesTestGlob?(file: string, source?: () => string): boolean;
  isTargetFile?(file: string): Promise<boolean>;
  readonly vitenode?: Externalizer;
  readonly _resolver?: Externalizer;
}

interface Externalizer {
  shouldExternalize(id: string): Promise<unknown>;
}

export interface Vitest {
  readonly projects: readonly VitestProject[];
}

export interface VitestNode {
  readonly createVitest: (mode: string, options: object, viteOverrides: object) => Promise<Vitest>;
}

export const serverOf = (project: VitestProject): ViteServer => project.vite ?? project.server;

/** Vite removes what follows `?` and `#` where it needs the file. */
export const fileOf = (id: string): string => id.replace(/[?#].*$/, '');
