/**
 * The messages between the engine and the process that has the project's own Vite open. The process answers each request with
 * its number, in any order.
 */

/** Which project to open. */
export interface OpenRequest {
  readonly type: 'open';
  /** The folder whose configuration counts. */
  readonly folder: string;
  /** The configuration file; null for none. */
  readonly configFile: string | null;
  /** The installed packages' folders; `vitest` is null if the project has only Vite. */
  readonly vitest: string | null;
  readonly vite: string;
}

/** How a bench file is to be run. */
export interface ProfileRequest {
  readonly type: 'profile';
  readonly file: string;
}

/** Which module a specifier means. */
export interface ResolveRequest {
  readonly type: 'resolve';
  readonly project: ProjectName;
  readonly specifier: string;
  readonly importer: string;
}

/** What a module's text becomes. */
export interface LoadRequest {
  readonly type: 'load';
  readonly project: ProjectName;
  readonly id: string;
  /** Whether the file has changed since it was last loaded. */
  readonly hasChanged: boolean;
}

export type PipelineRequest = OpenRequest | ProfileRequest | ResolveRequest | LoadRequest;

/** One of the projects of a Vitest configuration, and one of its Vite environments. */
export interface ProjectName {
  readonly index: number;
  readonly environment: 'ssr' | 'client';
}

export interface Opened {
  readonly type: 'opened';
  /** `vitest 4.1.2`. */
  readonly tool: string;
  /** The configuration files and everything that they import, and the `.env` files, which need not exist. */
  readonly dependencies: readonly string[];
}

/** What runs before a bench file. */
export interface Profile {
  readonly type: 'profile';
  readonly project: ProjectName;
  /** Absolute paths. */
  readonly setupFiles: readonly string[];
  /** What `import.meta.env` contains. */
  readonly metaEnv: Readonly<Record<string, unknown>>;
  /** The variables of `process.env`. `NODE_ENV` counts only where nothing else sets it. */
  readonly variables: Readonly<Record<string, string>>;
  readonly defines: Readonly<Record<string, unknown>>;
  /** JavaScript that defines more of them. */
  readonly moreDefines: string;
  /** Names of Vitest's functions that are global. */
  readonly globals: readonly string[];
  /** What makes the environment; null for Node's own. */
  readonly environment: {
    readonly name: string;
    /** The file URL of the module that exports it, and of whose `builtinEnvironments` it is one if `isBuiltin`. */
    readonly module: string;
    readonly isBuiltin: boolean;
    readonly options: Readonly<Record<string, unknown>>;
  } | null;
  readonly execArgv: readonly string[];
  /** One sentence for each thing that the configuration asks for and that does not happen. */
  readonly remarks: readonly string[];
}

export interface Resolved {
  readonly type: 'resolved';
  /** Null if it means no module. */
  readonly id: string | null;
  /** Whether Node loads it itself. */
  readonly external: boolean;
}

export interface Loaded {
  readonly type: 'loaded';
  readonly code: string;
  /** A source map as JSON; null if there is none. */
  readonly map: string | null;
  /** The text of the file, if it was read from disk. */
  readonly source: string | null;
  /** More files that the code depends on. */
  readonly watched: readonly string[];
}

/** It cannot be done, for a reason that the user can remove. */
export interface Refused {
  readonly type: 'refused';
  readonly message: string;
  readonly file?: string;
  /** From one. */
  readonly line?: number;
  readonly column?: number;
}

export type PipelineAnswer = Opened | Profile | Resolved | Loaded | Refused;

/** The answer to each kind of request. */
export interface Answers {
  readonly open: Opened;
  readonly profile: Profile;
  readonly resolve: Resolved;
  readonly load: Loaded;
}

export type Numbered<Message> = Message & { readonly number: number };
/** Answers that are ready together are sent together. */
export interface PipelineMessage {
  readonly answers: readonly { readonly to: number; readonly answer: PipelineAnswer }[];
}
