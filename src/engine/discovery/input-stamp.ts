import { readdirSync, readFileSync, readlinkSync, statSync, utimesSync, type Dirent } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { slashed } from '../util/paths.js';

/** What decides the results of one `perf-budget.jsonc`, as it was when they were found. All paths are absolute, with `/`. */
export interface StampSources {
  /** Files that were read. */
  readonly files: Iterable<string>;
  /** Files of installed packages that code imports. */
  readonly packages: Iterable<string>;
  /** The environment variables that code reads. */
  readonly variables: Iterable<string>;
  readonly git: { readonly root: string; readonly gitFolder: string } | null;
}

/** What `stat` says of a file: mtime, ctime, size and inode; null if there is none. */
type FileState = readonly [number, number, number, number] | null;

/** Which names in a folder count: all, only those of settings, or only those of packages. */
type Kind = 'all' | 'settings' | 'packages';

interface FolderState {
  readonly kind: Kind;
  /** Null if it changed so recently that it says nothing: then the names are always compared. */
  readonly mtime: number | null;
  readonly names: readonly string[];
}

/** A stamp as it is kept, in JSON. */
interface Stamp {
  readonly root: string;
  /** When reading began, by the clock of the file system. */
  readonly at: number;
  readonly files: readonly (readonly [string, FileState])[];
  readonly folders: readonly (readonly [string, FolderState])[];
  readonly variables: readonly (readonly [string, string | null])[];
}

/** Never searched: see `packages` for the first; what is in the others is not the user's. */
const notWalked = new Set(['node_modules', '.git', '.perf-budget']);
/** In a larger folder, a stamp would take as long as what it saves. */
const mostNames = 100_000;

/** The files that can decide how others are read, built or resolved. */
const settings = /\.(?:jsonc?|json5|ya?ml|toml|lock|lockb)$|^\.(?:env|git|npm|pnp)|^(?:vite|vitest)\./;

/**
 * Tells whether anything has changed that can decide a result, without reading a file: by `stat`, as Git's index does. It covers
 * the files that were read, and those that would have been read in their place had they existed: every file
 * of the repository but prose, what lies beside an input outside it, settings such as tsconfig.json above, the installed packages,
 * Git's references and settings, and the environment variables that code reads. A change that alters nothing is no mistake: it
 * only costs a longer look.
 */
export class InputStamp {
  private constructor(readonly stamp: Stamp) {}

  static parse(json: string): InputStamp {
    return new InputStamp(JSON.parse(json) as Stamp);
  }

  get json(): string {
    return JSON.stringify(this.stamp);
  }

  /** The folders, with the root, that have a file of this name. */
  foldersWith(name: string): readonly string[] {
    return this.stamp.folders.flatMap(([folder, { kind, names }]) =>
      kind === 'all' && names.includes(name) && isWithin(this.stamp.root, folder) ? [folder] : [],
    );
  }

  /** Whether everything is as it was. */
  holds(): boolean {
    const { at, files, folders, variables } = this.stamp;
    if (!variables.every(([name, value]) => (process.env[name] ?? null) === value)) return false;
    if (environmentNames().some((name) => !variables.some(([known]) => known === name))) return false;
    if (!files.every(([file, state]) => isSame(stateOf(file), state))) return false;
    if (!folders.every(([folder, state]) => isFolderSame(folder, state))) return false;
    return folders.every(
      ([folder, { kind, names }]) => kind !== 'all' || names.every((name) => isOld(folder, name, at)),
    );
  }
}

/** Whether a file has not changed since a time. Prose may change: it has no code, and no budgets in comments. */
function isOld(folder: string, name: string, at: number): boolean {
  if (name.endsWith('/') || name.endsWith('.md')) return true;
  const found = statSync(`${folder}/${name.replace(/ -> .*$/, '')}`, { throwIfNoEntry: false });
  return found === undefined || found.ctimeMs < at || !found.isFile();
}

/** The start of reading: only what did not change since then is known by what was read. */
export class StampBeginning {
  private constructor(
    readonly root: string,
    readonly at: number,
    readonly folders: ReadonlyMap<string, FolderState>,
  ) {}

  /** Reads the names in the repository around a folder, or under it; null if they are too many, or the disk does not say. `own` is a file of ours in it. */
  static of(root: string, own: string): StampBeginning | null {
    try {
      // The clock of the file system may not be ours. Every change sets a ctime, and nobody can set it back.
      utimesSync(own, new Date(), new Date());
      const at = statSync(own).ctimeMs;
      const folders = new Map<string, FolderState>();
      // Whether anything differs from a commit is a question about the whole repository.
      const top = above(root).find((folder) => statSync(`${folder}/.git`, { throwIfNoEntry: false }) !== undefined);
      return walk(top ?? root, at, folders) ? new StampBeginning(root, at, folders) : null;
    } catch {
      return null;
    }
  }

  /** Returns the stamp of what was read since; null if something changed meanwhile. */
  end({ files, packages, variables, git }: StampSources): InputStamp | null {
    const { root, at } = this;
    const inputs = new Set(files);
    const kept = new Map<string, FolderState>();
    const top = git?.root ?? root;
    for (const [folder, state] of this.folders) {
      kept.set(folder, state);
      addSettings(inputs, folder, state.names);
    }
    const outside = new Set([...inputs, ...packages].map((file) => path.posix.dirname(file)));
    for (const folder of [...outside].filter((one) => !kept.has(one))) {
      if (!folder.split('/').includes('node_modules')) kept.set(folder, folderState(folder, 'all', at));
    }
    for (const folder of new Set([root, ...outside].flatMap(above))) {
      if (isWithin(top, folder)) {
        if (!kept.has(folder)) kept.set(folder, folderState(folder, 'settings', at));
        addSettings(inputs, folder, kept.get(folder)?.names ?? []);
        addPackages(kept, inputs, `${folder}/node_modules`, at);
      } else
        for (const name of ['package.json', 'tsconfig.json', 'node_modules', '.git'])
          inputs.add(`${folder === '/' ? '' : folder}/${name}`);
    }
    for (const file of packages) {
      inputs.add(file);
      const manifest = manifestOf(file);
      if (manifest !== null) inputs.add(manifest);
    }
    if (git !== null) addGit(kept, inputs, git, at);
    const states = Array.from(inputs, (file) => [file, stateOf(file)] as const);
    if (states.some(([, state]) => state !== null && state[1] >= at)) return null;
    if ([...kept].some(([folder, state]) => !isFolderSame(folder, state))) return null;
    const named = [...new Set([...variables, ...environmentNames()])].sort();
    return InputStamp.parse(
      JSON.stringify({
        root,
        at,
        files: states,
        folders: [...kept],
        variables: named.map((name) => [name, process.env[name] ?? null]),
      } satisfies Stamp),
    );
  }
}

/** The variables that change Node or Git, whatever reads them. */
const environmentNames = (): readonly string[] =>
  Object.keys(process.env).filter((name) => /^(?:NODE_|GIT_CONFIG|GIT_CEILING|HOME$|XDG_CONFIG_HOME$)/.test(name));

const isWithin = (root: string, folder: string): boolean => folder === root || folder.startsWith(`${root}/`);

function stateOf(file: string): FileState {
  const found = statSync(file, { throwIfNoEntry: false });
  // The times of a folder change with what is in it, which is covered by itself.
  if (found === undefined || found.isDirectory()) return found === undefined ? null : [0, 0, 0, found.ino];
  return [found.mtimeMs, found.ctimeMs, found.size, found.ino];
}

const isSame = (one: FileState, other: FileState): boolean =>
  one === null || other === null ? one === other : one.every((part, index) => part === other[index]);

/** Returns the names in a folder that count, sorted. A folder ends in `/`; a link says where it leads. */
function namesIn(folder: string, kind: Kind): readonly string[] {
  let entries: readonly Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
  const counts = (name: string): boolean => {
    if (kind === 'settings') return settings.test(name) || name === 'node_modules' || name === '.git';
    return kind === 'packages' ? !name.startsWith('.') : name !== '.perf-budget';
  };
  return entries
    .filter(({ name }) => counts(name))
    .map((entry) => {
      if (entry.isSymbolicLink()) return `${entry.name} -> ${readlinkSync(`${folder}/${entry.name}`)}`;
      return entry.isDirectory() ? `${entry.name}/` : entry.name;
    })
    .sort();
}

function folderState(folder: string, kind: Kind, at: number): FolderState {
  const found = statSync(folder, { throwIfNoEntry: false });
  const mtime = found === undefined || found.ctimeMs >= at ? null : found.mtimeMs;
  return { kind, mtime, names: namesIn(folder, kind) };
}

function isFolderSame(folder: string, { kind, mtime, names }: FolderState): boolean {
  if (mtime !== null && statSync(folder, { throwIfNoEntry: false })?.mtimeMs === mtime) return true;
  const now = namesIn(folder, kind);
  return now.length === names.length && now.every((name, index) => name === names[index]);
}

/** Reads the names in a folder and all below it. Returns whether they are few enough. */
function walk(root: string, at: number, folders: Map<string, FolderState>): boolean {
  const open = [root];
  const seen = new Set<string>();
  let count = 0;
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    const { dev, ino } = statSync(folder);
    // A link may lead to a folder around it.
    if (seen.has(`${dev} ${ino}`)) continue;
    seen.add(`${dev} ${ino}`);
    const state = folderState(folder, 'all', at);
    folders.set(folder, state);
    count += state.names.length;
    if (count > mostNames) return false;
    for (const name of state.names) {
      const plain = name.replace(/\/$| -> .*$/, '');
      if (plain === name || notWalked.has(plain)) continue;
      const below = `${folder}/${plain}`;
      if (name.endsWith('/') || statSync(below, { throwIfNoEntry: false })?.isDirectory() === true) open.push(below);
    }
  }
  return true;
}

/** A folder and all that are around it. */
function above(folder: string): readonly string[] {
  const around = path.posix.dirname(folder);
  return around === folder ? [folder] : [folder, ...above(around)];
}

function addSettings(files: Set<string>, folder: string, names: readonly string[]): void {
  for (const name of names) if (settings.test(name) && !name.endsWith('/')) files.add(`${folder}/${name}`);
}

/** Adds the installed packages of a folder: their names, where links lead, and what the package manager says is installed. */
function addPackages(folders: Map<string, FolderState>, files: Set<string>, folder: string, at: number): void {
  if (folders.has(folder)) return;
  const state = folderState(folder, 'packages', at);
  folders.set(folder, state);
  for (const name of state.names) {
    if (name.startsWith('@') && name.endsWith('/')) {
      folders.set(`${folder}/${name.slice(0, -1)}`, folderState(`${folder}/${name.slice(0, -1)}`, 'packages', at));
    }
  }
  for (const name of ['.package-lock.json', '.modules.yaml', '.yarn-state.yml', '.yarn-integrity']) {
    files.add(`${folder}/${name}`);
  }
}

/** Returns the package.json that is closest to a file; null if there is none in a package. */
function manifestOf(file: string): string | null {
  for (let folder = path.posix.dirname(file); folder.includes('/node_modules/'); folder = path.posix.dirname(folder)) {
    const manifest = `${folder}/package.json`;
    if (statSync(manifest, { throwIfNoEntry: false }) !== undefined) return manifest;
  }
  return null;
}

/** Adds Git's references, settings and attributes, which decide what the baseline is and what its files are. */
function addGit(
  folders: Map<string, FolderState>,
  files: Set<string>,
  { gitFolder }: { readonly gitFolder: string },
  at: number,
): void {
  let common = gitFolder;
  try {
    // A worktree has its own HEAD, and shares the rest.
    common = slashed(path.resolve(gitFolder, readFileSync(`${gitFolder}/commondir`, 'utf8').trim()));
  } catch {
    // Not a worktree.
  }
  for (const folder of new Set([gitFolder, common])) {
    const names = ['HEAD', 'packed-refs', 'config', 'config.worktree', 'shallow', 'reftable/tables.list'];
    for (const name of [...names, 'info/attributes', 'info/exclude', 'info/grafts']) files.add(`${folder}/${name}`);
    const refs = new Map<string, FolderState>();
    if (statSync(`${folder}/refs`, { throwIfNoEntry: false }) !== undefined) walk(`${folder}/refs`, at, refs);
    for (const [each, state] of refs) {
      folders.set(each, state);
      for (const name of state.names) if (!name.endsWith('/')) files.add(`${each}/${name}`);
    }
  }
  const home = slashed(os.homedir());
  const config = slashed(process.env['XDG_CONFIG_HOME'] ?? `${home}/.config`);
  for (const name of ['config', 'attributes', 'ignore']) files.add(`${config}/git/${name}`);
  for (const file of [`${home}/.gitconfig`, '/etc/gitconfig']) files.add(file);
}
