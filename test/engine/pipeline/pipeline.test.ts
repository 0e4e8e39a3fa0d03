import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { BundleStore } from '../../../src/engine/bundle/bundle-store.js';
import type { Bundle } from '../../../src/engine/bundle/bundle.js';
import { Bundler } from '../../../src/engine/bundle/bundler.js';
import type { OldCode } from '../../../src/engine/bundle/tree.js';
import { Git } from '../../../src/engine/git/repository.js';
import { Pipelines } from '../../../src/engine/pipeline/pipelines.js';
import { createProject, openProject } from '../../../src/engine/project/open.js';
import { silent } from '../../../src/engine/util/log.js';
import { WorkerPool } from '../../../src/engine/workers/pool.js';
import { findRuntime } from '../../../src/engine/workers/runtime.js';
import { commit, remove, repository, temporaryFolder, write } from '../repository.js';

const dist = path.resolve(import.meta.dirname, '../../../dist');
const packages = path.resolve(import.meta.dirname, '../../../node_modules');

const config = (more = ''): string => `
import path from 'node:path';
import { defineConfig } from 'vitest/config';
console.log('a configuration may print');
export default defineConfig({
  plugins: [
    {
      name: 'table',
      resolveId: (id) => (id === 'virtual:table' ? '\\0virtual:table' : null),
      load: (id) => (id === '\\0virtual:table' ? 'export const table = [1, 2, 3];' : null),
    },
    {
      name: 'shout',
      transform: (code, id) => (id.endsWith('.shout') ? 'export default ' + JSON.stringify(code.trim().toUpperCase()) : null),
    },
  ],
  resolve: { alias: { '~': path.resolve(import.meta.dirname, 'src') }, },
  ssr: { resolve: { conditions: ['special', 'node', 'development|production'] } },
  define: { __LIMIT__: '40' },
  test: {
    globals: true,
    environment: './test/environment.mjs',
    environmentOptions: { colour: 'green' },
    setupFiles: ['./test/set-up.ts'],
    env: { FROM_CONFIG: 'yes' },
    execArgv: ['--stack-size=1500'],
    ${more}
  },
});
`;

const files = {
  '.gitignore': 'node_modules\n.perf-budget\n*.local\n',
  'package.json': '{ "type": "module" }',
  '.env': 'VITE_COLOUR=blue\n',
  'vitest.config.ts': config(),
  'test/environment.mjs': `export default {
    name: 'paper',
    viteEnvironment: 'ssr',
    setup(global, options) { global.paper = options.colour; return { teardown() {} }; },
  };`,
  'test/set-up.ts': `import { marks } from '~/marks';
marks.push([typeof describe, (globalThis as { paper?: string }).paper].join());`,
  'src/marks.ts': 'export const marks: string[] = [];',
  'src/list/one.ts': 'export const one: number = 1;',
  'src/greeting.shout': 'hello\n',
  'src/words.txt': 'a b c',
  'src/numbers.json': '{ "one": 1, "two": 2 }',
  'src/size.ts': `declare const __LIMIT__: number;
export const size: number = __LIMIT__;`,
  'packages/own/package.json': `{ "name": "own", "exports": { "special": "./special.js", "default": "./usual.js" } }`,
  'packages/own/special.js': `export const own = 'special';`,
  'packages/own/usual.js': `export const own = 'usual';`,
  // The names of its benchmarks say what it sees.
  'bench/a.bench.ts': `import { writeFileSync } from 'node:fs';
import { bench } from 'vitest';
import { marks } from '~/marks';
import { size } from '../src/size';
import { table } from 'virtual:table';
import greeting from '~/greeting.shout';
import words from '../src/words.txt?raw';
import url from '../src/words.txt?url';
import { own } from 'own';
import numbers, { two } from '../src/numbers.json';
const list = Object.keys(import.meta.glob('../src/list/*.ts'));
const { env } = import.meta;
const seen = { marks, size, table, greeting, words, url, own, numbers, two, list, paper: (globalThis as { paper?: string }).paper,
  environment: [env.VITE_COLOUR, env.FROM_CONFIG, env.MODE, env.SSR], variables: [process.env.VITEST, process.env.FROM_CONFIG],
  flags: process.execArgv.filter((flag) => /stack/.test(flag)) };
if (process.env.SEEN) writeFileSync(process.env.SEEN, JSON.stringify(seen));
describe('sees', () => bench(JSON.stringify(seen), () => {}));
`,
};

const seen = {
  ...{
    marks: ['function,green'],
    size: 40,
    table: [1, 2, 3],
    greeting: 'HELLO',
    words: 'a b c',
    url: '/src/words.txt',
  },
  ...{ numbers: { one: 1, two: 2 }, two: 2 },
  ...{ own: 'special', list: ['../src/list/one.ts'], paper: 'green' },
  ...{ environment: ['blue', 'yes', 'benchmark', true], variables: ['true', 'yes'] },
  flags: ['--stack-size=1500'],
};

const ends: (() => unknown)[] = [];

afterAll(async () => {
  for (const end of ends.reverse()) await end();
});

/** A project with the Vitest of this repository. */
function project(more: Readonly<Record<string, string>> = {}): { readonly root: string; readonly head: string } {
  const root = repository(temporaryFolder('perf budget vite '));
  ends.push(() => remove(root));
  mkdirSync(path.join(root, 'node_modules'));
  for (const name of ['vitest', 'vite']) symlinkSync(path.join(packages, name), path.join(root, 'node_modules', name));
  symlinkSync(path.join(root, 'packages/own'), path.join(root, 'node_modules/own'));
  return { root, head: commit(root, { ...files, ...more }) };
}

async function open(root: string) {
  const opened = await Git.open(root);
  if (!opened.ok) throw new Error(opened.error.message);
  const git = opened.value;
  const runtime = await findRuntime(null);
  const pipelines = new Pipelines({ root, runtime, program: path.join(dist, 'pipeline.js'), git, log: silent });
  const bundler = new Bundler(root, undefined, pipelines);
  const store = new BundleStore();
  const pool = new WorkerPool(runtime, path.join(dist, 'worker.js'), root, silent);
  ends.push(async () => {
    pool.dispose();
    pipelines.dispose();
    await bundler.dispose();
    store.dispose();
    git.dispose();
  });
  const at = (revision: string): OldCode => ({
    commit: revision,
    name: 'HEAD',
    read: (file) => git.readFile(revision, git.relative(file) ?? ''),
    has: (file) => git.has(revision, git.relative(file) ?? ''),
    ignores: (file) => git.isIgnored(git.relative(file) ?? ''),
  });
  const names = async (bundle: Bundle, benchFile: string): Promise<readonly string[]> => {
    const request = { type: 'discover', bundle: store.url(bundle), benchFile, launch: store.launch(bundle) } as const;
    const answer = await pool.request(request, { timeoutMs: 20_000, signal: new AbortController().signal });
    if (!answer.ok) throw new Error(answer.error.kind === 'aborted' ? 'aborted' : answer.error.message);
    return answer.value.type === 'names' ? answer.value.names : [];
  };
  const benchFile = path.join(root, 'bench/a.bench.ts');
  return {
    benchFile,
    current: async (file = benchFile): Promise<Bundle> => {
      const built = await bundler.current(file);
      if (!built.ok)
        throw new Error(JSON.stringify({ ...built.error, file: path.relative(root, built.error.file ?? '') }));
      return built.value;
    },
    old: (revision: string, file = benchFile) => bundler.old(file, at(revision)),
    sees: async (bundle: Bundle, file = benchFile) =>
      JSON.parse((await names(bundle, file))[0]?.replace('sees/', '') ?? '') as unknown,
  };
}

/** What Vitest itself shows the bench file. */
function real(root: string): unknown {
  const output = path.join(root, 'seen.local');
  const environment = Object.entries(process.env).filter(([name]) => !/VITEST|^TEST$|NODE_ENV/.test(name));
  const vitest = path.join(packages, 'vitest/vitest.mjs');
  execFileSync(process.execPath, [vitest, 'bench', '--run'], {
    cwd: root,
    env: { ...Object.fromEntries(environment), SEEN: output },
    stdio: 'ignore',
  });
  return JSON.parse(readFileSync(output, 'utf8')) as unknown;
}

async function built(old: ReturnType<Bundler['old']>): Promise<Bundle> {
  const result = await old;
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

describe('a bench file of a project with Vitest', () => {
  test('sees what Vitest shows it, on both sides, and unchanged code is the same code', async () => {
    const { root, head } = project();
    const { current, old, sees } = await open(root);
    const now = await current();
    expect(await sees(now)).toEqual(seen);
    expect(real(root)).toEqual(seen);
    expect(now.unsafe).toEqual([]);
    const inputs = now.inputs.map((file) => path.relative(root, file));
    expect(inputs).toEqual(
      expect.arrayContaining(['src/size.ts', 'src/words.txt', 'src/greeting.shout', 'test/set-up.ts']),
    );
    const dependencies = now.dependencies.map((file) => path.relative(root, file));
    expect(dependencies).toEqual(expect.arrayContaining(['vitest.config.ts', '.env', '.env.local']));
    const before = await built(old(head));
    expect(before.hash).toBe(now.hash);
    expect(before.remarks).toEqual([]);
    expect(await sees(before)).toEqual(seen);
  });

  test('sees the old code on the old side: aliases, globs, plugins, workspace packages and set-up files', async () => {
    const { root, head } = project();
    write(root, {
      'src/marks.ts': `export const marks: string[] = ['new'];`,
      'src/list/two.ts': 'export const two: number = 2;',
      'src/greeting.shout': 'bye',
      'src/words.txt': 'd e f',
      'packages/own/special.js': `export const own = 'new';`,
      'test/set-up.ts': `import { marks } from '~/marks'; marks.push('changed');`,
    });
    const { current, old, sees } = await open(root);
    const changed = { marks: ['new', 'changed'], greeting: 'BYE', words: 'd e f', own: 'new' };
    const list = ['../src/list/one.ts', '../src/list/two.ts'];
    expect(await sees(await current())).toEqual({ ...seen, ...changed, list });
    expect(await sees(await built(old(head)))).toEqual(seen);
  });

  test('is read again after each save, with what a save adds', async () => {
    const { root } = project();
    const { current, sees } = await open(root);
    await current();
    write(root, { 'src/words.txt': 'saved', 'src/list/two.ts': 'export const two = 2;' });
    const list = ['../src/list/one.ts', '../src/list/two.ts'];
    expect(await sees(await current())).toEqual({ ...seen, words: 'saved', list });
    rmSync(path.join(root, 'src/list/two.ts'));
    write(root, { '.env.local': 'VITE_COLOUR=red\n' });
    const environment = ['red', ...seen.environment.slice(1)];
    expect(await sees(await current())).toEqual({ ...seen, words: 'saved', environment });
  });

  test('sees what a plugin watches, each time', async () => {
    const watching = `{
      name: 'watching',
      async transform(code, id) {
        if (!id.endsWith('.inc')) return null;
        const file = path.resolve(import.meta.dirname, 'src/dep.dat');
        this.addWatchFile(file);
        return 'export default ' + JSON.stringify((await import('node:fs')).readFileSync(file, 'utf8'));
      },
    },`;
    const { root } = project({
      'vitest.config.ts': config().replace('plugins: [', `plugins: [${watching}`),
      'src/size.ts': "import size from './a.inc';\nexport { size };",
      'src/a.inc': '-',
      'src/dep.dat': '1',
    });
    const { current, sees } = await open(root);
    for (const size of ['1', '2', '3', '4']) {
      write(root, { 'src/dep.dat': size });
      const bundle = await current();
      expect(await sees(bundle)).toMatchObject({ size });
      expect(bundle.dependencies).toContain(path.join(root, 'src/dep.dat'));
    }
  });

  test('is read with what a package of the repository exports by now', async () => {
    const { root } = project();
    const { current, sees } = await open(root);
    expect(await sees(await current())).toMatchObject({ own: 'special' });
    write(root, { 'packages/own/package.json': '{ "name": "own", "exports": "./usual.js" }' });
    expect(await sees(await current())).toMatchObject({ own: 'usual' });
  });

  test('is read with a configuration that was saved while it loaded', async () => {
    const { root } = project();
    const slow = `(await import('node:fs')).writeFileSync(path.resolve(import.meta.dirname, 'loading.local'), '');
await new Promise((go) => setTimeout(go, 1500));
export default`;
    const text = config().replace('export default', slow);
    write(root, { 'vitest.config.ts': text });
    const { current, sees } = await open(root);
    const first = current();
    await expect.poll(() => existsSync(path.join(root, 'loading.local')), { timeout: 20_000 }).toBe(true);
    write(root, { 'vitest.config.ts': config().replace("'40'", "'41'") });
    await first;
    expect(await sees(await current())).toMatchObject({ size: 41 });
  });

  test('is read again as soon as its configuration is mended', async () => {
    const { root } = project({ 'vitest.config.ts': "throw new Error('half written');" });
    const { current, sees } = await open(root);
    await expect(current()).rejects.toThrow('half written');
    write(root, { 'vitest.config.ts': config() });
    expect(await sees(await current())).toMatchObject({ size: 40 });
  });

  test('has each side run with its own configuration, and says so', async () => {
    const { root, head } = project();
    const { current, old, sees } = await open(root);
    const first = await current();
    write(root, { 'vitest.config.ts': files['vitest.config.ts'].replace(`'40'`, `'50'`) });
    const now = await current();
    expect(now.hash).not.toBe(first.hash);
    expect(await sees(now)).toEqual({ ...seen, size: 50 });
    const before = await built(old(head));
    expect(await sees(before)).toEqual(seen);
    expect(before.remarks).toEqual(['vitest.config.ts differs from HEAD, so each side ran with its own.']);
  });

  test('says what the commit lacks', async () => {
    const { root, head } = project();
    write(root, { 'src/added.ts': 'export const added = 1;' });
    const bench = readFileSync(path.join(root, 'bench/a.bench.ts'), 'utf8');
    write(root, { 'bench/a.bench.ts': `import { added } from '~/added';\n${bench}console.log(added);` });
    const { current, old } = await open(root);
    await current();
    expect(await old(head)).toEqual({
      ok: false,
      error: { kind: 'missing', message: 'src/added.ts does not exist at HEAD' },
    });
  });
});

test('unchanged code is the same code, and a slowdown behind an alias is found', async () => {
  const { root } = project({
    'perf-budget.jsonc': `{
      "benchmarks": [{ "files": "bench/work.bench.ts" }],
      "budgets": {
        "work": { "benchmark": "work", "limit": ["time <= baseline + 50%"] },
        "answer": { "benchmark": "work", "limit": ["time <= 1 s"], "answers": "same" },
      },
    }`,
    'bench/work.bench.ts': `import { bench } from 'vitest';
import { work } from '~/work';
declare const paper: string;
let n = 1;
bench('work', () => (n = work((n % 7) + paper.length)));`,
    'src/work.ts': `import { table } from 'virtual:table';
export function work(n: number): number {
  let sum = n;
  for (let i = 0; i < 1000; i++) sum += Math.sqrt(i * n) + table[i % table.length];
  return sum;
}`,
  });
  const workerPath = path.join(dist, 'worker.js');
  const opened = await openProject(path.join(root, 'perf-budget.jsonc'), {
    ...{ log: silent, trusted: true, nodePath: null, workerPath },
  });
  ends.push(() => opened.dispose());
  const result = (name = 'work') => {
    const state = opened.snapshot.budgets.find(({ budget }) => budget.name === name)?.state;
    return state?.kind === 'known' ? state.known.result : null;
  };
  await opened.run({});
  expect(result()).toMatchObject({ verdict: 'pass', compared: 'same code' });
  const file = path.join(root, 'src/work.ts');
  write(root, { 'src/work.ts': readFileSync(file, 'utf8').replace('1000', '4000') });
  opened.filesChanged([file]);
  await expect.poll(() => result()?.compared, { timeout: 30_000 }).toBe('measured');
  expect(result()?.verdict).toBe('fail');
  await expect
    .poll(() => result('answer')?.concerns?.[0]?.message, { timeout: 30_000 })
    .toMatch(/^returns a different answer than at HEAD/);
});

test('a run that is cancelled while the old configuration loads leaves nothing for the next', async () => {
  const root = repository(temporaryFolder('perf budget vite '));
  ends.push(() => remove(root));
  mkdirSync(path.join(root, 'node_modules'));
  for (const name of ['vitest', 'vite']) symlinkSync(path.join(packages, name), path.join(root, 'node_modules', name));
  const [waiting, ready] = ['waiting', 'ready'].map((name) => path.join(root, 'node_modules', name));
  const slow = `import { existsSync, writeFileSync } from 'node:fs';
if (process.cwd().includes('perf-budget-run-') && !existsSync(${JSON.stringify(ready)})) {
  writeFileSync(${JSON.stringify(waiting)}, '');
  await new Promise((resolve) => setTimeout(resolve, 50_000));
}
export default {};`;
  const work = (turns: number) => ({
    'src/work.js': `export const work = (n) => { for (let i = 0; i < ${turns}; i++) n += Math.sqrt(i); return n; };`,
  });
  commit(root, {
    'perf-budget.jsonc':
      '{ "benchmarks": [{ "files": "a.bench.js" }], "budgets": { "a": { "benchmark": "a", "limit": ["time <= 1 s"] } } }',
    ...{ '.gitignore': 'node_modules\n.perf-budget\n', 'vitest.config.mjs': slow, ...work(1000) },
    'a.bench.js': "import { bench } from 'vitest';\nimport { work } from './src/work.js';\nbench('a', () => work(1));",
  });
  write(root, work(2000));
  const workerPath = path.join(dist, 'worker.js');
  const opened = await createProject(path.join(root, 'perf-budget.jsonc'), {
    ...{ log: silent, trusted: true, nodePath: null, workerPath, isBrief: true },
  });
  ends.push(() => opened.dispose());
  await opened.reload();
  const controller = new AbortController();
  const first = opened.run({}, controller.signal);
  await expect.poll(() => existsSync(waiting ?? ''), { timeout: 30_000 }).toBe(true);
  controller.abort();
  expect((await first).budgets).toEqual([]);
  writeFileSync(ready ?? '', '');
  const [second] = (await opened.run({})).budgets;
  expect(second).toMatchObject({ compared: 'measured' });
  expect(second?.note).toBeUndefined();
});

describe('what cannot be done is said with its place', () => {
  const failure = async (more: Readonly<Record<string, string>>): Promise<unknown> => {
    const { root } = project(more);
    return (await open(root)).current().then(
      () => null,
      (error: unknown) => JSON.parse((error as Error).message) as unknown,
    );
  };

  test('a configuration that throws', async () => {
    expect(await failure({ 'vitest.config.ts': `\nthrow new Error('no database');` })).toMatchObject({
      kind: 'compile',
      message: 'vitest.config.ts could not be loaded: no database.',
      file: 'vitest.config.ts',
    });
  });

  test('a configuration that ends its process', async () => {
    expect(await failure({ 'vitest.config.ts': `console.error('it broke'); process.exit(3);` })).toMatchObject({
      message: `vitest.config.ts could not be loaded: the process with the project's Vite ended with code 3 (it broke).`,
    });
  });

  test('a text that a plugin refuses', async () => {
    expect(await failure({ 'src/size.ts': 'export const size: number = 1;\nexport const = 2;' })).toMatchObject({
      message: expect.stringMatching(/^src\/size\.ts does not compile: /) as string,
      file: 'src/size.ts',
      line: 2,
    });
  });

  test('an option that no process can be given', async () => {
    const options = config().replace("{ colour: 'green' }", "{ colour: 'green', paint() {} }");
    expect(await failure({ 'vitest.config.ts': options })).toMatchObject({
      message: expect.stringMatching(/could not be cloned/) as string,
    });
  });

  test('a browser', async () => {
    expect(
      await failure({
        'vitest.config.ts': config(
          `browser: { enabled: true, provider: { name: 'none', options: {} }, instances: [{ browser: 'chromium' }] },`,
        ),
      }),
    ).toMatchObject({
      message: 'Vitest runs this bench file in a browser, and Perf Budget measures in Node.',
    });
  });

  test('mocks', async () => {
    const bench = `import { bench, vi } from 'vitest';
import { size } from '../src/size';
vi.mock('../src/size', () => ({ size: 1 }));
bench('a', () => size);`;
    expect(await failure({ 'bench/a.bench.ts': bench })).toEqual({
      kind: 'compile',
      message: 'bench/a.bench.ts uses vi.mock, which Perf Budget does not support: it would measure the mock.',
      ...{ file: 'bench/a.bench.ts', line: 3, column: 1 },
    });
  });
});
