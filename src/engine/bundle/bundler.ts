import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as esbuild from 'esbuild';
import type { RunFailure } from '../../core/results/measurement.js';
import { err, ok, type Result } from '../../core/result.js';
import { bannerOf, hashOf, type Bundle, type BundleLaunch } from './bundle.js';
import { withWrittenColumns } from './columns.js';
import { withConstants } from './constants.js';
import { type CheckedOutCode, DynamicCalls, reported } from './dynamic.js';
import { variablesOf } from './environment.js';
import { compileFailure, missingExport } from './failure.js';
import { extensions } from './old-paths.js';
import type { Pipelines, View } from '../pipeline/pipelines.js';
import { preludeOf } from '../pipeline/prelude.js';
import { type Findings, isPackage, noFindings, userCode } from './plugin.js';
import { type Reached, ReachedFiles } from './reached.js';
import { definitions } from './source.js';
import { compilerOptionsFor } from './tsconfig.js';
import { definesOf, entryName, throughVite } from './through-vite.js';
import { type OldCode, OldTree, type Tree, workingTree } from './tree.js';

/**
 * The commit lacks some of the code, or it is `elsewhere`: the commit has it, but it is not on this machine. `message` says
 * which, without a full stop.
 */
export interface Missing {
  readonly kind: 'missing' | 'elsewhere';
  readonly message: string;
}

type Built = esbuild.BuildResult<typeof fixed>;

const fixed = {
  bundle: true,
  write: false,
  metafile: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  // Without esbuild's default `module` condition, so that packages resolve as in Node.
  conditions: ['node'],
  mainFields: ['main', 'module'],
  resolveExtensions: [...extensions],
  treeShaking: true,
  legalComments: 'none',
  // Otherwise comments inside expressions would stay and count as a change.
  minifyWhitespace: true,
  charset: 'utf8',
  sourcemap: 'external',
  sourcesContent: false,
  define: { ...definitions },
  logLevel: 'silent',
  logOverride: reported,
} satisfies esbuild.BuildOptions;

/** How many bench files stay ready for a fast rebuild, and for how long (milliseconds). */
const kept = 16;
const keptFor = 60_000;

/** A bench file whose code the project's own Vite reads. */
interface Through {
  readonly view: { current: View };
  readonly tree: ((findings: Findings) => Tree) | null;
}

interface Open {
  /** Changes with what cannot be changed in a context. */
  readonly shape: string;
  readonly through: Through | null;
  readonly context: Promise<esbuild.BuildContext<typeof fixed>>;
  readonly calls: DynamicCalls;
  readonly findings: { current: Findings };
  /** The build that is running or ran last. The next one waits for it, because a build reads files while it runs. */
  last: Promise<unknown>;
}

/** What bundles depend on besides the user's files that are in them. */
interface Beside {
  /** Absolute paths of files of packages, which the bundles import. */
  readonly packages: Set<string>;
  /** Absolute paths of the files from disk that stand in for missing old ones. */
  readonly borrowed: Set<string>;
  /** The environment variables that the bundles read by name. */
  readonly variables: Set<string>;
  /** Whether a bundle went through the project's own Vite. */
  isThroughVite: boolean;
}

/** Bundles bench files, from the working tree and from a commit. */
export class Bundler {
  /** What all bundles so far depend on. */
  readonly beside: Beside = { packages: new Set(), borrowed: new Set(), variables: new Set(), isThroughVite: false };
  /** Least recently used first. */
  readonly #open = new Map<string, Open>();
  #idle: NodeJS.Timeout | null = null;
  readonly #reached: ReachedFiles;

  constructor(
    private readonly root: string,
    private readonly log: (message: string) => void = () => undefined,
    /** The projects' own Vites; null where nothing of theirs may run. */
    private readonly pipelines: Pipelines | null = null,
  ) {
    this.#reached = new ReachedFiles(root);
  }

  /** Bundles the bench file with the code that is on disk now. */
  async current(benchFile: string): Promise<Result<Bundle, RunFailure>> {
    const found = (await this.pipelines?.current(benchFile)) ?? ok(null);
    if (!found.ok) return found;
    const view = viewOf(found.value);
    const open = this.#opened(benchFile, view);
    const turn = open.last.then(async (): Promise<Result<Bundle, RunFailure>> => {
      if (open.through !== null && view !== null) open.through.view.current = view;
      try {
        const context = await open.context;
        const build = () => context.rebuild();
        const built = await this.#build(build, open.calls, open.findings);
        return ok(this.#bundle(built, benchFile, open.calls, open.findings.current, found.value));
      } catch (error) {
        return err(this.#failure(error, benchFile, open.findings.current));
      }
    });
    open.last = turn;
    return turn;
  }

  /** Bundles the bench file that is on disk now with the code of a commit; with `isOwn`, the bench file of that commit. */
  async old(
    benchFile: string,
    oldCode: OldCode,
    { isOwn = false }: { readonly isOwn?: boolean } = {},
  ): Promise<Result<Bundle, RunFailure | Missing>> {
    const name = oldCode.name ?? oldCode.commit.slice(0, 8);
    const found = (await this.pipelines?.old(benchFile, oldCode.commit, { name, isOwn })) ?? ok(null);
    if (!found.ok) return found;
    const calls = new DynamicCalls();
    const findings = { current: noFindings() };
    const tree = (found: Findings) =>
      new OldTree(this.root, benchFile, oldCode, (file, why) => borrow(found, file, why), isOwn);
    const view = viewOf(found.value);
    const through = view === null ? null : { view: { current: view }, tree };
    try {
      let checkedOut: Promise<CheckedOutCode | null> | null = null;
      const checkOut = () => (checkedOut ??= oldCode.checkOut?.() ?? Promise.resolve(null));
      const build = () => esbuild.build(this.#options(benchFile, tree, calls, findings, through, checkOut));
      let built = await this.#build(build, calls, findings);
      const { beside } = findings.current;
      const place = beside.size === 0 ? null : ((await oldCode.checkOut?.([...beside])) ?? null);
      if (place !== null) {
        calls.checkedOut = place;
        calls.isPlaced = true;
        built = await this.#build(build, calls, findings);
      }
      return ok(this.#bundle(built, benchFile, calls, findings.current, found.value));
    } catch (error) {
      const { isElsewhere, damage } = findings.current;
      if (damage !== null) throw damage;
      const failure = this.#failure(error, benchFile, findings.current);
      const missing = findings.current.missing ?? missingExport(failure.message, name);
      if (missing === null) return err(failure);
      return err({ kind: isElsewhere ? 'elsewhere' : 'missing', message: missing });
    }
  }

  /** All files outside the bundles that they load, start or read, as far as is known. */
  get outside(): readonly string[] {
    return [...this.beside.packages, ...this.#reached.all];
  }

  /** Returns what these files run or read, as it is on disk now: the `outside` and `beside` of a bundle. */
  reached(files: readonly string[]): Promise<Reached> {
    return this.#reached.of(files.toSorted());
  }

  /** Lets the process end. The bundler can be used again afterwards. */
  async dispose(): Promise<void> {
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#idle = null;
    const all = [...this.#open.keys()];
    await Promise.all(all.map((file) => this.#close(file)));
  }

  #opened(benchFile: string, view: View | null): Open {
    const shape = JSON.stringify(
      view === null
        ? compilerOptionsFor(benchFile, this.root).customConditions
        : [view.profile.setupFiles, definesOf(view.profile)],
    );
    const known = this.#open.get(benchFile);
    if (known !== undefined && known.shape !== shape) void this.#close(benchFile);
    const open = known?.shape === shape ? known : this.#create(benchFile, view, shape);
    this.#open.delete(benchFile);
    this.#open.set(benchFile, open);
    for (const file of [...this.#open.keys()].slice(0, Math.max(0, this.#open.size - kept))) void this.#close(file);
    // An open context keeps the process alive, so unused ones are closed soon.
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#idle = setTimeout(() => void this.dispose(), keptFor).unref();
    return open;
  }

  #create(benchFile: string, view: View | null, shape: string): Open {
    const calls = new DynamicCalls();
    const findings = { current: noFindings() };
    const through = view === null ? null : { view: { current: view }, tree: null };
    const context = esbuild.context(this.#options(benchFile, () => workingTree, calls, findings, through));
    return { shape, through, context, calls, findings, last: Promise.resolve() };
  }

  async #close(benchFile: string): Promise<void> {
    const open = this.#open.get(benchFile);
    this.#open.delete(benchFile);
    try {
      await open?.last;
      await (await open?.context)?.dispose();
    } catch (error) {
      this.log(`could not close the bundler of ${benchFile}: ${String(error)}`);
    }
  }

  #options(
    benchFile: string,
    tree: (findings: Findings) => Tree,
    calls: DynamicCalls,
    findings: { current: Findings },
    through: Through | null,
    checkOut: () => Promise<CheckedOutCode | null> = () => Promise.resolve(null),
  ): typeof fixed & esbuild.BuildOptions {
    const { root } = this;
    const profile = through?.view.current.profile;
    const hasSetup = profile !== undefined && profile.setupFiles.length > 0;
    return {
      ...fixed,
      absWorkingDir: this.root,
      conditions: [...fixed.conditions, ...compilerOptionsFor(benchFile, root).customConditions],
      entryPoints: [hasSetup ? entryName : benchFile],
      define: { ...definitions, ...(profile !== undefined && definesOf(profile)) },
      // Never written: the paths in the source map are relative to it.
      outfile: path.join(this.root, '.perf-budget.mjs'),
      sourceRoot: folderUrl(this.root),
      // For code that takes `env` off it.
      banner: {
        js: `${bannerOf(benchFile)}${profile === undefined ? '' : `import.meta.env = ${JSON.stringify(profile.metaEnv)};`}`,
      },
      plugins: [
        ...(through === null ? [] : [throughVite({ root, benchFile, calls, findings, checkOut, ...through })]),
        userCode(root, benchFile, tree, calls, findings, checkOut),
      ],
    };
  }

  async #build(build: () => Promise<Built>, calls: DynamicCalls, findings: { current: Findings }): Promise<Built> {
    const first = await build();
    const again = calls.learn(first.warnings, findings.current.texts, (file) => path.resolve(this.root, file));
    const built = again ? await build() : first;
    for (const { id, text, location } of built.warnings)
      if (location?.namespace === '' && !(id in reported)) this.log(`${location.file}: ${text}`);
    return built;
  }

  #bundle(
    built: Built,
    benchFile: string,
    calls: DynamicCalls,
    findings: Findings,
    through: View | string | null,
  ): Bundle {
    const view = viewOf(through);
    if (view !== null) this.beside.isThroughVite = true;
    const output = (end: string) => built.outputFiles.find((file) => file.path.endsWith(end))?.text ?? '';
    const fileOf = (source: string): string => {
      const url = new URL(source, folderUrl(this.root));
      return url.protocol === 'file:' ? fileURLToPath(url) : source;
    };
    const { code, map } = withConstants(output('.mjs'), output('.map'), (source) => {
      const file = fileOf(source);
      const mapped = findings.sources.get(file);
      if (mapped !== undefined) return mapped;
      const text = findings.texts.get(file);
      return text === undefined ? undefined : (calls.replace(file, text)?.text ?? text);
    });
    for (const { imports: found } of Object.values(built.metafile.inputs)) {
      for (const { path: name, external } of found) if (external === true) addPackage(this.beside.packages, name);
    }
    for (const file of findings.borrowed) this.beside.borrowed.add(file);
    for (const name of variablesOf(code)) this.beside.variables.add(name);
    const written =
      findings.inserted.size === 0
        ? map
        : withWrittenColumns(map, (source) => findings.inserted.get(fileOf(source)) ?? []);
    const encoded = Buffer.from(written).toString('base64');
    const isUsers = (input: string) =>
      !input.startsWith('perf-budget:') && !isPackage(this.root, path.resolve(this.root, input));
    const absolute = (input: string) => path.resolve(this.root, input.replace(/\?.*$/, ''));
    const users = Object.entries(built.metafile.inputs).filter(([input]) => isUsers(input));
    const imports = users.map(([input, { imports: found }]) => {
      const inside = found.filter((each) => each.external !== true && isUsers(each.path));
      const files = inside.map((each) => [each.original ?? each.path, absolute(each.path)] as const);
      return [absolute(input), new Map(files)] as const;
    });
    const inputs = new Set([benchFile, ...users.map(([input]) => absolute(input))]);
    const environment = view?.launched.environment ?? null;
    if (environment !== null) findings.externals.add(fileURLToPath(environment.module));
    const notBundled = (files: ReadonlySet<string>) => [...files].filter((file) => !inputs.has(file));
    const outside = [...findings.externals, ...notBundled(findings.fromDirectory)];
    const launch = launchOf(view);
    const { files } = compilerOptionsFor(benchFile, this.root);
    const dependencies = [...files, ...(view?.side.dependencies ?? []), ...findings.watched];
    return {
      code: `${code}//# sourceMappingURL=data:application/json;base64,${encoded}\n`,
      hash: hashOf(code, launch),
      inputs: [...inputs].sort(),
      imports: new Map(imports),
      unsafe: [...findings.unsafe].sort(),
      outside: outside.sort(),
      beside: notBundled(findings.beside).sort(),
      isPlaced: calls.isPlaced,
      dynamic: [...findings.dynamic].sort(),
      isCheckedOut: calls.checkedOut !== null,
      borrowed: [...findings.borrowed].sort(),
      launch,
      dependencies: dependencies.filter((file) => !isPackage(this.root, file)),
      remarks: [...(typeof through === 'string' ? [through] : (view?.remarks ?? [])), ...findings.remarks],
    };
  }

  #failure(error: unknown, benchFile: string, { inserted }: Findings): RunFailure {
    if (error instanceof Error && 'errors' in error && Array.isArray(error.errors))
      return compileFailure(error.errors as esbuild.Message[], this.root, benchFile, inserted);
    const message = error instanceof Error ? error.message : String(error);
    return {
      kind: 'compile',
      message: `${path.relative(this.root, benchFile)} could not be bundled: ${message}.`,
      file: benchFile,
    };
  }
}

/** Without a view, a sentence says why there is none. */
const viewOf = (found: View | string | null): View | null => (typeof found === 'string' ? null : found);

function launchOf(view: View | null): BundleLaunch | null {
  if (view === null) return null;
  const { execArgv } = view.launched;
  const prelude = preludeOf(view.launched);
  return prelude === null && execArgv.length === 0 ? null : { prelude, execArgv };
}

/** What the sources of a source map are relative to. They are addresses, not paths. */
const folderUrl = (folder: string): string => `${pathToFileURL(folder).href}/`;

/** Adds the file that an import of a package names: an address or a path; those of Node have none. */
function addPackage(packages: Set<string>, name: string): void {
  if (name.startsWith('file:')) packages.add(fileURLToPath(name));
  else if (path.isAbsolute(name)) packages.add(name);
}

function borrow(findings: Findings, file: string, why: string): void {
  findings.unsafe.add(why);
  findings.borrowed.add(file);
}
