import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import * as esbuild from 'esbuild';
import { isPackage } from './plugin.js';
import { readsOf } from './reads.js';
import { isCode } from './source.js';

/** What a bundle leaves outside but its benchmarks run or read: installed packages, workers, data. */
export interface Reached {
  /** SHA-256 of the contents of all of it; empty if there is nothing. */
  readonly hash: string;
  /** The user's own files among it: absolute paths, sorted. */
  readonly files: readonly string[];
  /** The installed packages that it loads, by name. */
  readonly versions: ReadonlyMap<string, string>;
}

const reachesNothing: Reached = { hash: '', files: [], versions: new Map() };

/** Larger files, such as native addons, count by size and time of change. */
const mostHashed = 4_000_000;
/** How often code that is started may start other code. */
const mostStarts = 4;

/** Many benchmarks ask about the same files in one run, so an answer stands for so many milliseconds. */
const standsMs = 250;

interface Scanned {
  checkedAt: number;
  readonly files: readonly string[];
  readonly stamps: ReadonlyMap<string, string>;
  readonly reached: Reached;
}

/** Finds out what files reach, and remembers it until one of them changes. */
export class ReachedFiles {
  readonly #scanned = new Map<string, Scanned>();
  readonly #hashes = new Map<string, { readonly stamp: string; readonly hash: string }>();

  constructor(private readonly root: string) {}

  /** All files that were found so far, of packages too; missing ones among them. */
  get all(): readonly string[] {
    return [...new Set(Array.from(this.#scanned.values(), ({ files }) => files).flat())];
  }

  /** `entries` are absolute paths: files of packages that a bundle imports, and files that its code names. */
  async of(entries: readonly string[]): Promise<Reached> {
    if (entries.length === 0) return reachesNothing;
    const key = entries.join('\n');
    const known = this.#scanned.get(key);
    if (known !== undefined && performance.now() - known.checkedAt < standsMs) return known.reached;
    if (known !== undefined && (await isFresh(known))) {
      known.checkedAt = performance.now();
      return known.reached;
    }
    const scanned = await this.#scan(entries);
    this.#scanned.set(key, scanned);
    return scanned.reached;
  }

  async #scan(entries: readonly string[]): Promise<Scanned> {
    const all = new Set<string>();
    let next = entries;
    for (let round = 0; round < mostStarts && next.length > 0; round++) {
      for (const file of next) all.add(file);
      for (const file of await importedBy(next.filter(isCode), this.root)) all.add(file);
      const named = [...all].filter((file) => isCode(file) && !isPackage(this.root, file));
      const texts = await Promise.all(named.map(async (file) => [file, await textOf(file)] as const));
      const reads = texts.flatMap(([file, text]) => {
        const { beside, fromDirectory } = readsOf(text, file, this.root);
        return [...beside, ...fromDirectory];
      });
      next = [...new Set(reads)].filter((file) => !all.has(file));
    }
    const versions = await this.#versions(all);
    const files = [...all].sort();
    const stamps = new Map(await Promise.all(files.map(async (file) => [file, await stampOf(file)] as const)));
    const hash = createHash('sha256');
    for (const file of files)
      hash.update(`${path.relative(this.root, file)}\0${await this.#hash(file, stamps.get(file) ?? '')}\0`);
    const own = files.filter((file) => !isPackage(this.root, file));
    return { checkedAt: performance.now(), files, stamps, reached: { hash: hash.digest('hex'), files: own, versions } };
  }

  /** Adds the package.json of each package to `all`, because it decides what is loaded, and returns their versions. */
  async #versions(all: Set<string>): Promise<ReadonlyMap<string, string>> {
    const folders = new Set([...all].flatMap((file) => packageFolder(file) ?? []));
    const versions = new Map<string, string>();
    for (const folder of folders) {
      const manifest = path.join(folder, 'package.json');
      all.add(manifest);
      const { name, version } = parsed(await textOf(manifest));
      if (typeof name === 'string' && typeof version === 'string') versions.set(name, version);
    }
    return versions;
  }

  async #hash(file: string, stamp: string): Promise<string> {
    const known = this.#hashes.get(file);
    if (known?.stamp === stamp) return known.hash;
    const content = await readFile(file).catch(() => null);
    const hash =
      content === null || content.length > mostHashed ? stamp : createHash('sha256').update(content).digest('hex');
    this.#hashes.set(file, { stamp, hash });
    return hash;
  }
}

const isFresh = async ({ files, stamps }: Scanned): Promise<boolean> =>
  (await Promise.all(files.map(async (file) => (await stampOf(file)) === stamps.get(file)))).every(Boolean);

async function stampOf(file: string): Promise<string> {
  const found = await stat(file).catch(() => null);
  return found === null ? '' : `${found.mtimeMs} ${found.size} ${found.ino}`;
}

const textOf = (file: string): Promise<string> => readFile(file, 'utf8').catch(() => '');

function parsed(text: string): { readonly name?: unknown; readonly version?: unknown } {
  try {
    return (JSON.parse(text) as object | null) ?? {};
  } catch {
    return {};
  }
}

/** Returns the folder of the installed package that a file belongs to; null if it belongs to none. */
function packageFolder(file: string): string | null {
  const parts = file.split(path.sep);
  const at = parts.lastIndexOf('node_modules');
  if (at === -1) return null;
  const isScoped = parts[at + 1]?.startsWith('@') === true;
  return parts.slice(0, at + (isScoped ? 3 : 2)).join(path.sep);
}

/** Returns every file that these import, however deep, and in packages too; what cannot be found or read is left out. */
async function importedBy(entries: readonly string[], root: string): Promise<readonly string[]> {
  if (entries.length === 0) return [];
  const asked = Symbol('asked');
  const found = new Set<string>();
  const tolerant: esbuild.Plugin = {
    name: 'tolerant',
    setup(build) {
      build.onResolve({ filter: /./ }, async ({ path: specifier, pluginData, ...args }) => {
        if (pluginData === asked) return undefined;
        if (args.kind === 'entry-point') return undefined;
        if (isBuiltin(specifier)) return { path: specifier, external: true };
        const { kind, importer, namespace, resolveDir } = args;
        const to = await build.resolve(specifier, { kind, importer, namespace, resolveDir, pluginData: asked });
        if (to.errors.length > 0 || to.external || to.namespace !== 'file') return { path: specifier, external: true };
        found.add(to.path);
        return isCode(to.path) || to.path.endsWith('.json') ? undefined : { path: to.path, external: true };
      });
    },
  };
  await esbuild
    .build({
      entryPoints: [...entries],
      absWorkingDir: root,
      outdir: path.join(root, '.perf-budget'),
      ...{ bundle: true, write: false, platform: 'node', format: 'esm', target: 'node20', logLevel: 'silent' },
      loader: { '.js': 'jsx', '.mjs': 'jsx', '.cjs': 'jsx' },
      plugins: [tolerant],
    })
    // A package that does not parse still has a version.
    .catch(() => undefined);
  return [...found];
}
