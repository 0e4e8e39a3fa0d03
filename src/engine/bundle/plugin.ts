import { existsSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { OnLoadResult, OnResolveArgs, OnResolveResult, Plugin, PluginBuild } from 'esbuild';
import { GitError } from '../git/process.js';
import { DamageError } from '../git/repair.js';
import { type Insertion, insertionOf } from './columns.js';
import type { CheckedOutCode, DynamicCalls } from './dynamic.js';
import { withFunctionTexts } from './function-texts.js';
import { libraryText, standInOf } from './libraries.js';
import { refusals } from './refuse.js';
import { runtimeText } from './runtime.js';
import { bundleRequire, isCode, loaderOf, locate, movedRequire } from './source.js';
import { readsOf } from './reads.js';
import { type Resolution, type Tree, workingTree } from './tree.js';
import { compilerOptionsFor } from './tsconfig.js';
import { workspaceSource } from './workspace.js';

/** What one build found besides its output. */
export interface Findings {
  /** What the user should know about code that is the same on both sides, one sentence each. */
  readonly unsafe: Set<string>;
  /** Those of them that a checkout of the old code puts right. */
  readonly dynamic: Set<string>;
  /** Files from disk in an old bundle. */
  readonly borrowed: Set<string>;
  /** Files of packages that Node loads. */
  readonly externals: Set<string>;
  /** Files that the code names to read or to start them: from its own place, and from the working directory. */
  readonly beside: Set<string>;
  readonly fromDirectory: Set<string>;
  /** The texts that esbuild gets, but without replaced calls. */
  readonly texts: Map<string, string>;
  /** What those have that is not in the user's files. */
  readonly inserted: Map<string, readonly Insertion[]>;
  /** The texts that their source maps lead to, where they are others. */
  readonly sources: Map<string, string>;
  /** What else the reader should know, one sentence each. */
  readonly remarks: Set<string>;
  /** More files that the code depends on. */
  readonly watched: Set<string>;
  /** Why there is no old code; null if there is some. */
  missing: string | null;
  /** Whether that may change without another commit: a filter failed, or a submodule is not here. */
  isElsewhere: boolean;
  /** Set if the repository is damaged: then nothing can be said of old code. */
  damage: DamageError | null;
}

export const noFindings = (): Findings => ({
  unsafe: new Set(),
  dynamic: new Set(),
  borrowed: new Set(),
  externals: new Set(),
  beside: new Set(),
  fromDirectory: new Set(),
  texts: new Map(),
  inserted: new Map(),
  sources: new Map(),
  remarks: new Set(),
  watched: new Set(),
  missing: null,
  isElsewhere: false,
  damage: null,
});

const own = 'perf-budget';
/** Marks our own calls of `build.resolve`, so that we do not handle them again. */
export const asked = Symbol('asked');

export function userCode(
  root: string,
  benchFile: string,
  treeOf: (findings: Findings) => Tree,
  calls: DynamicCalls,
  findings: { current: Findings },
  checkOut: () => Promise<CheckedOutCode | null>,
): Plugin {
  return {
    name: own,
    setup(build) {
      let tree = treeOf(findings.current);
      build.onStart(() => {
        findings.current = noFindings();
        tree = treeOf(findings.current);
      });
      // A call of this plugin costs as much as a whole small module, so esbuild resolves the plain cases itself.
      const filter = tree.ownPaths ? /./ : /^[^.]|node_modules|\.node$|\?raw$/;
      build.onResolve({ filter }, (args) => resolve(build, root, tree, findings.current, args));
      build.onLoad({ filter: /./, namespace: own }, ({ path: name }) => ({
        contents: name === 'runtime' ? runtimeText : libraryText(name),
        loader: 'js',
      }));
      build.onLoad({ filter: /./, namespace: 'file' }, (args) =>
        load(args.path, args.suffix, { root, benchFile, tree, calls, findings: findings.current, checkOut }),
      );
    },
  };
}

async function resolve(
  build: PluginBuild,
  root: string,
  tree: Tree,
  findings: Findings,
  args: OnResolveArgs,
): Promise<OnResolveResult | undefined> {
  // The bench file of a commit may have been deleted since.
  if (args.kind === 'entry-point') return tree.ownPaths && !existsSync(args.path) ? { path: args.path } : undefined;
  if (args.pluginData === asked) return undefined;
  if (args.path === 'perf-budget:runtime') return { path: 'runtime', namespace: own };
  const library = standInOf(args.path);
  if (library !== null) return { path: library, namespace: own };
  if (isBuiltin(args.path)) return { path: args.path, external: true };

  const relative = /^\.{1,2}(?:\/|$)/.test(args.path) || path.isAbsolute(args.path);
  const [specifier = '', suffix = ''] = relative ? (/^(.*?)(\?raw)?$/.exec(args.path)?.slice(1) ?? []) : [args.path];
  const { kind, importer, namespace, resolveDir } = args;
  const target = relative ? path.resolve(resolveDir, specifier) : null;
  if (target !== null && suffix === '' && !isPackage(root, target)) {
    const quick = await tree.known(target);
    if (quick !== undefined) return quick === null ? undefined : { path: quick };
  }
  const found = await build.resolve(specifier, {
    kind,
    importer,
    namespace,
    resolveDir,
    with: args.with,
    pluginData: asked,
  });
  const disk = found.errors.length > 0 || found.external || found.namespace !== 'file' ? null : found.path;
  if (disk !== null && isPackage(root, disk) && (isCode(disk) ? !/\.[cm]?tsx?$|\.jsx$/.test(disk) : !loaderOf(disk)))
    return external(findings, disk, args.kind);
  if (disk?.endsWith('.node') === true) {
    findings.unsafe.add(`${show(root, disk)} is a native addon, so both sides ran the same copy of it.`);
    return external(findings, disk, args.kind);
  }
  // A package that Node itself could not load is bundled like the user's code, and is the same on both sides.
  if (disk !== null && isPackage(root, disk)) return undefined;

  const source = relative ? null : workspaceSource(specifier, resolveDir, disk);
  if (source !== null) {
    const resolution = await tree.resolve({ importer, specifier, target, disk: source });
    return resolution === null ? { path: source } : resolvedAs(resolution, '', findings);
  }

  const resolution = await tree.resolve({ importer, specifier, target, disk });
  // If esbuild's own answer is right, it is better, because it carries the tsconfig with it.
  if (resolution === null) return suffix === '' || disk === null ? undefined : { path: disk, suffix };
  return resolvedAs(resolution, suffix, findings);
}

export function resolvedAs(resolution: NonNullable<Resolution>, suffix: string, findings: Findings): OnResolveResult {
  if (resolution.kind === 'file') return { path: resolution.path, suffix };
  findings.missing ??= resolution.message;
  findings.isElsewhere ||= resolution.kind === 'elsewhere';
  return { errors: [{ text: resolution.message }] };
}

interface Preparing {
  readonly root: string;
  readonly benchFile: string;
  readonly calls: DynamicCalls;
  readonly findings: Findings;
  readonly checkOut: () => Promise<CheckedOutCode | null>;
}

interface Loading extends Preparing {
  readonly tree: Tree;
}

async function load(file: string, suffix: string, loading: Loading): Promise<OnLoadResult | undefined> {
  const { root, tree, findings } = loading;
  const loader = suffix === '?raw' ? 'text' : loaderOf(file);
  if (loader === undefined) return undefined;
  let contents: string | Uint8Array;
  try {
    contents = await (isPackage(root, file) ? workingTree : tree).read(file);
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    findings.missing ??= error.message;
    findings.isElsewhere = true;
    if (error instanceof DamageError) findings.damage ??= error;
    return { errors: [{ text: error.message }] };
  }
  if (!isCode(file) || suffix !== '') return { contents, loader };
  const text = Buffer.from(contents).toString();
  if (
    /\.[cm]?tsx?$/.test(file) &&
    /^\s*@[A-Za-z_$]/m.test(text) &&
    compilerOptionsFor(file, root).emitDecoratorMetadata
  )
    findings.remarks.add(
      `${show(root, file)} has decorators, and ran without the metadata that "emitDecoratorMetadata" asks for: only a Vite plugin can add it.`,
    );
  const errors = isPackage(root, file) ? [] : refusals(text, file);
  return errors.length > 0 ? { errors } : { contents: await prepared(file, text, loading), loader };
}

/** Returns the text of a module as it is in the bundle, where it must still see its own path. */
export async function prepared(
  file: string,
  code: string,
  { root, benchFile, calls, findings, checkOut }: Preparing,
): Promise<string> {
  const text = bundleRequire(code);
  if (!isPackage(root, file)) {
    const reads = readsOf(text, file, root);
    for (const each of reads.beside) findings.beside.add(each);
    for (const each of reads.fromDirectory) findings.fromDirectory.add(each);
  }
  const shares = (what: string): void => {
    findings.unsafe.add(what);
    findings.dynamic.add(what);
  };
  const hasRequire = /\bcreateRequire\s*\(/.test(text);
  if (hasRequire) calls.checkedOut ??= await checkOut();
  const moved = withFunctionTexts(calls.checkedOut === null ? text : movedRequire(text, calls.runtimeOf(file)));
  if (hasRequire && (calls.checkedOut === null || /\bcreateRequire\s*\(/.test(moved)))
    shares(`${show(root, file)} uses createRequire, so both sides ran the same copy of what it loads.`);
  const located = locate(moved, isPackage(root, file) ? file : calls.placeOf(file), file === benchFile);
  findings.texts.set(file, located);
  if (calls.has(file, located)) calls.checkedOut ??= await checkOut();
  const replaced = calls.replace(file, located);
  const inserted = [insertionOf(moved, located) ?? [], replaced?.insertions ?? []].flat();
  if (inserted.length > 0) findings.inserted.set(file, inserted);
  for (const line of calls.checkedOut === null ? (replaced?.lines ?? []) : [])
    shares(
      `${show(root, file)}:${line} loads a file that is only known at run time, so both sides ran the same copy of it.`,
    );
  return replaced?.text ?? located;
}

/** Leaves a file to Node, which loads it once for both sides. */
export function external({ externals }: Findings, file: string, kind: OnResolveArgs['kind']): OnResolveResult {
  externals.add(file);
  return { path: kind === 'require-call' ? file : pathToFileURL(file).href, external: true };
}

/** Whether a file belongs to an installed package, and not to the user's code. */
export function isPackage(root: string, file: string): boolean {
  const relative = path.relative(root, file);
  const inside = relative !== '' && !relative.startsWith('..') && !path.isAbsolute(relative);
  return (inside ? relative : file).split(path.sep).includes('node_modules');
}

const show = (root: string, file: string): string => path.relative(root, file).split(path.sep).join('/');
