import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import picomatch from 'picomatch';
import type { Pipeline, Project } from './open.js';
import type { Profile, Refused } from './protocol.js';
import type { TestConfig, ViteConfig, VitestProject } from './vite.js';

/** The environments that come with Vitest, and which of Vite's they get their modules from. */
const builtin: Readonly<Record<string, 'ssr' | 'client'>> = {
  node: 'ssr',
  'edge-runtime': 'ssr',
  jsdom: 'client',
  'happy-dom': 'client',
};

/** Vitest's `globalApis`. `bench` is not one of them. */
const globals = [
  ...['suite', 'test', 'describe', 'it', 'chai', 'expect', 'assert', 'expectTypeOf', 'assertType', 'vitest', 'vi'],
  ...['beforeAll', 'afterAll', 'beforeEach', 'afterEach', 'onTestFinished', 'onTestFailed'],
];

/** Flags that would have the process wait for a debugger, or write files. */
const unwantedFlags = /^--(?:inspect|cpu-prof|heap-prof|prof\b|diagnostic-dir)/;

/** Says how the project runs a bench file. */
export async function profileOf(
  pipeline: Pipeline,
  file: string,
  before: Readonly<Record<string, string | undefined>>,
): Promise<Profile | Refused> {
  const text = readFileSync(file, 'utf8');
  const index = await projectOf(pipeline.projects, file);
  const project = pipeline.projects[index];
  if (project === undefined) throw new Error('the configuration has no project');
  const { server, test } = project;
  const plain: Profile = {
    type: 'profile',
    project: { index, environment: 'ssr' },
    metaEnv: { ...server.config.env, SSR: true },
    ...{ setupFiles: [], variables: {}, defines: {}, moreDefines: '', globals: [], environment: null },
    ...{ execArgv: [], remarks: [] },
  };
  // A script for another library is run by Node, not by Vitest.
  if (test === null || !(await isVitestFile(test, file, text))) return plain;
  const config = test.serializedConfig ?? test.getSerializableConfig?.() ?? test.config;
  if (test.config.browser?.enabled === true)
    return refused('Vitest runs this bench file in a browser, and Perf Budget measures in Node.');
  const { name, options } = environmentOf(test, config, file, text);
  const environment = moduleOf(pipeline, server.config, name);
  if (typeof environment === 'string') return refused(environment);
  const side = builtin[name] ?? 'ssr';
  const changed = Object.entries(process.env).filter(([key, value]) => before[key] !== value);
  const variables = Object.fromEntries(
    [...changed, ...Object.entries(config.env ?? {})].map(([key, value]) => [key, String(value)]),
  );
  return {
    ...plain,
    project: { index, environment: side },
    setupFiles: [config.setupFiles ?? []].flat(),
    metaEnv: { ...Object.fromEntries(changed), ...server.config.env, ...config.env, SSR: side === 'ssr' },
    variables: {
      ...variables,
      ...{ TEST: 'true', VITEST: 'true', VITEST_MODE: 'RUN', VITEST_WORKER_ID: '1', VITEST_POOL_ID: '1' },
      SSR: side === 'ssr' ? '1' : '',
    },
    defines: config.defines ?? {},
    moreDefines: config.serializedDefines ?? '',
    globals: config.globals === true ? globals : [],
    environment: environment === null ? null : { name, ...environment, options },
    execArgv: [...conditionsOf(server.config), ...flagsOf(test)],
    remarks: remarksOf(test),
  };
}

const refused = (message: string): Refused => ({ type: 'refused', message });

/** Returns the index of the first project that has the file, else of the one in the deepest folder around it. */
async function projectOf(projects: readonly Project[], file: string): Promise<number> {
  for (const [index, { test }] of projects.entries()) if (test !== null && (await isIncluded(test, file))) return index;
  const around = projects
    .map(({ server }, index) => ({ root: server.config.root, index }))
    .filter(({ root }) => !path.relative(root, file).startsWith('..'))
    .sort((a, b) => b.root.length - a.root.length);
  return around[0]?.index ?? 0;
}

async function isIncluded(test: VitestProject, file: string): Promise<boolean> {
  return test.matchesTestGlob?.(file, () => '') ?? (await test.isTargetFile?.(file)) ?? false;
}

async function isVitestFile(test: VitestProject, file: string, text: string): Promise<boolean> {
  const imports = (name: string): boolean =>
    new RegExp(`(?:\\bfrom|\\bimport|\\brequire\\()\\s*['"]${name}['"]`).test(text);
  if (imports('vitest')) return true;
  if (['tinybench', 'mitata', 'benchmark'].some(imports)) return false;
  return isIncluded(test, file);
}

function environmentOf(
  test: VitestProject,
  config: TestConfig,
  file: string,
  text: string,
): { readonly name: string; readonly options: Readonly<Record<string, unknown>> } {
  const written = /@(?:vitest|jest)-environment\s+([\w./@-]+)/.exec(text)?.[1];
  const matched = test.config.environmentMatchGlobs?.find(([glob]) =>
    picomatch.isMatch(path.relative(test.config.root, file), glob),
  );
  const name = written ?? matched?.[1] ?? test.config.environment ?? config.environment ?? 'node';
  const json = /@(?:vitest|jest)-environment-options\s+(\{.*\})/.exec(text)?.[1];
  const key = name === 'happy-dom' ? 'happyDOM' : name;
  const options =
    json === undefined
      ? (test.config.environmentOptions ?? config.environmentOptions)
      : { [key]: JSON.parse(json) as unknown };
  return { name, options: options ?? {} };
}

/** Returns the module of an environment, null for Node's own, or one sentence that says why there is none. */
function moduleOf(
  { entry }: Pipeline,
  { root }: ViteConfig,
  name: string,
): { readonly module: string; readonly isBuiltin: boolean } | string | null {
  if (name === 'node') return null;
  if (name in builtin) {
    // Since version 4.1 the first has them, and the second warns.
    const module = [entry('./runtime'), entry('./environments')].find(
      (url) => url !== null && readFileSync(new URL(url), 'utf8').includes('builtinEnvironments'),
    );
    return module === undefined || module === null
      ? `This Vitest has no environment "${name}".`
      : { module, isBuiltin: true };
  }
  const isPath = /^[./]/.test(name);
  if (isPath && /\.[cm]?tsx?$/.test(name))
    return `The environment "${name}" is TypeScript, which Node cannot load: compile it.`;
  if (isPath) return { module: pathToFileURL(path.resolve(root, name)).href, isBuiltin: false };
  try {
    const module = createRequire(path.join(root, 'package.json')).resolve(`vitest-environment-${name}`);
    return { module: pathToFileURL(module).href, isBuiltin: false };
  } catch {
    return `The environment "vitest-environment-${name}" is not installed.`;
  }
}

/** As Vitest passes them to its workers. */
function conditionsOf(config: ViteConfig): readonly string[] {
  const { ssr, resolve, isProduction } = config;
  const mode = isProduction ? 'production' : 'development';
  return [
    ...new Set([
      ...(ssr?.resolve?.conditions ?? []),
      ...(ssr?.resolve?.conditions === undefined ? (resolve.conditions ?? []) : []),
    ]),
  ]
    .map((condition) => (condition === 'development|production' ? mode : condition))
    .filter((condition) => condition === mode || !['production', 'development'].includes(condition))
    .filter(
      (condition) => !['node', 'module', 'module-sync', 'import', 'require', 'default', 'browser'].includes(condition),
    )
    .map((condition) => `--conditions=${condition}`);
}

function flagsOf({ config }: VitestProject): readonly string[] {
  const { execArgv, pool = 'forks', poolOptions } = config;
  const all = execArgv ?? poolOptions?.[pool]?.execArgv ?? [];
  return all.filter((flag) => !unwantedFlags.test(flag));
}

function remarksOf({ config }: VitestProject): readonly string[] {
  const setups = [config.globalSetup ?? []].flat();
  return [
    ...(setups.length === 0
      ? []
      : [`Vitest's globalSetup (${setups.map((file) => path.basename(file)).join(', ')}) was not run.`]),
    ...(config.runner === undefined ? [] : [`Vitest's runner ${path.basename(config.runner)} was not used.`]),
  ];
}
