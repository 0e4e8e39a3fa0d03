import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { commitSide } from '../../../src/engine/baseline/resolve.js';
import type { Bundle } from '../../../src/engine/bundle/bundle.js';
import { Bundler } from '../../../src/engine/bundle/bundler.js';
import { Git } from '../../../src/engine/git/repository.js';
import { Worktrees } from '../../../src/engine/git/worktrees.js';
import { openProject } from '../../../src/engine/project/open.js';
import { silent } from '../../../src/engine/util/log.js';
import { commit, remove, repository, temporaryFolder, write } from '../repository.js';

let root: string;
let elsewhere: string;
let bundler: Bundler;
const opened: Git[] = [];

beforeEach(() => {
  // The addresses of both need escapes.
  root = repository(`${temporaryFolder()}/a répo`);
  elsewhere = temporaryFolder();
  bundler = new Bundler(root);
});

afterEach(async () => {
  await bundler.dispose();
  for (const each of opened.splice(0)) each.dispose();
  remove(path.dirname(root));
  remove(elsewhere);
});

/** The bundle of the old code, which may be checked out. */
async function old(benchFile: string, at: string): Promise<Bundle> {
  const repo = await Git.open(root);
  if (!repo.ok) throw new Error(repo.error.message);
  opened.push(repo.value);
  const { code } = commitSide(repo.value, at, 'HEAD');
  if (code === null) throw new Error('no code');
  const checkOut = async (): Promise<{ root: string; checkout: string; name: string } | null> => {
    const tree = await new Worktrees(root, repo.value).of(at);
    return tree.ok ? { root, checkout: tree.value.top, name: 'HEAD' } : null;
  };
  const built = await bundler.old(`${root}/${benchFile}`, { ...code, checkOut });
  if (!built.ok) throw new Error(built.error.message);
  return built.value;
}

/** Evaluates a bundle that lies elsewhere, and returns what it printed. */
function run(bundle: Bundle): unknown {
  write(elsewhere, { 'bundle.mjs': bundle.code });
  const address = pathToFileURL(path.join(elsewhere, 'bundle.mjs')).href;
  const printed = execFileSync(process.execPath, ['--input-type=module', '--eval', `await import('${address}')`], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return JSON.parse(printed);
}

async function sides(files: Readonly<Record<string, string>>, changed: Readonly<Record<string, string>>) {
  const first = commit(root, { '.gitignore': 'node_modules\ndist\n.perf-budget\n', ...files });
  write(root, changed);
  const before = await old('bench/a.bench.mjs', first);
  const now = await bundler.current(`${root}/bench/a.bench.mjs`);
  if (!now.ok) throw new Error(now.error.message);
  return { before, now: now.value };
}

const print = (text: string): string => `console.log(JSON.stringify(${text}));\n`;

/** Every way to load a file that is only known at run time. */
const bench = `import { createRequire } from 'node:module';
import * as node from 'node:module';
import { load, resolved } from '../src/load.cjs';
import { near } from '../src/near.mjs';
const own = createRequire(import.meta.url);
const join = (...parts) => parts.join('/');
const a = await import(join('..', 'src', 'a.mjs'));
const b = await import(new URL('../src/a.mjs', import.meta.url));
const c = await import(import.meta.resolve(join('..', 'src', 'a.mjs')));
const d = own(join('..', 'src', 'd.cjs'));
const e = node.createRequire(import.meta.url)(join('..', 'src', 'd.cjs'));
const f = load('./d.cjs');
const g = load(resolved());
const h = await near('./a.mjs');
const i = await import(['pk', 'g'].join(''));
const j = own(import.meta.dirname + '/../src/d.cjs');
${print('[a.x, b.x, c.x, d, e, f, g, h.x, i.x, j]')}`;

const files = (side: string): Readonly<Record<string, string>> => ({
  'src/a.mjs': `import { inner } from './deep/inner.mjs';\nexport const x = '${side} ' + inner;\n`,
  'src/deep/inner.mjs': `export const inner = '${side}';\n`,
  'src/d.cjs': `module.exports = '${side}';\n`,
});

test('what is loaded at run time is the old code on the old side', async () => {
  const { before, now } = await sides(
    {
      'bench/a.bench.mjs': bench,
      'src/load.cjs': `exports.load = (name) => require(name);\nexports.resolved = () => require.resolve('./' + 'd.cjs');\n`,
      'src/near.mjs': `export const near = (name) => import(name);\n`,
      ...files('old'),
    },
    {
      ...files('new'),
      'node_modules/pkg/package.json': '{ "type": "module", "exports": "./index.js" }',
      'node_modules/pkg/index.js': "export const x = 'package';\n",
    },
  );
  const as = (side: string): unknown => {
    const both = `${side} ${side}`;
    return [both, both, both, side, side, side, side, both, 'package', side];
  };
  expect(run(now)).toEqual(as('new'));
  expect(run(before)).toEqual(as('old'));
  expect([before.unsafe, before.isCheckedOut]).toEqual([[], true]);
  // Without old code to compare with, these are what both sides would share.
  expect(now.dynamic).toEqual(now.unsafe);
  expect(now.dynamic.length).toBeGreaterThan(4);
});

describe('what the old commit lacks', () => {
  test.each([
    ["await import(['./', name].join(''))", 'late.mjs'],
    ['require(["./" + name][0])', 'late.cjs'],
  ])('is not loaded from the working tree: %s', async (call, name) => {
    const { before } = await sides(
      {
        'bench/a.bench.mjs': `import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);\nconst name = '${name}';\ntry {\n  ${call};\n  console.log('1');\n} catch (error) {\n  ${print('[error.code, error.message]')}}\n`,
      },
      { [`bench/${name}`]: '' },
    );
    expect(run(before)).toEqual(
      name === 'late.mjs'
        ? [
            'ERR_MODULE_NOT_FOUND',
            'bench/late.mjs does not exist at HEAD, but code that is loaded at run time needs it',
          ]
        : ['MODULE_NOT_FOUND', './late.cjs does not exist at HEAD, but code that is loaded at run time needs it'],
    );
  });
});

test('a slowdown in code that is loaded at run time is found, and a clean tree is not measured', async () => {
  const config = {
    benchmarks: [{ files: '*.bench.mjs' }],
    budgets: { spin: { benchmark: 'spin', limit: ['time <= baseline * 2'] } },
  };
  commit(root, {
    '.gitignore': '.perf-budget\n',
    'perf-budget.jsonc': JSON.stringify(config),
    'a.bench.mjs': `import { bench } from 'vitest';
const name = 'plugin';
const { rounds } = await import('./src/' + (() => name)() + '.mjs');
const { more } = await import([name, 'mjs'].join('.').replace('plugin', './src/more'));
bench('spin', () => {
  let sum = 0;
  for (let i = 0; i < rounds * more; i++) sum += Math.sqrt(i);
  return sum;
});
`,
    'src/plugin.mjs': 'export const rounds = 100;\n',
    'src/more.mjs': 'export const more = 20;\n',
  });
  const run = async (): Promise<unknown> => {
    const options = { log: silent, trusted: true, nodePath: null };
    const workerPath = path.resolve(import.meta.dirname, '../../../dist/worker.js');
    const project = await openProject(path.join(root, 'perf-budget.jsonc'), { ...options, workerPath });
    const [result] = (await project.run({})).budgets;
    await project.dispose();
    const ratio = result?.comparison?.ratio ?? 0;
    return [result?.verdict, result?.compared, ratio > 4 ? 'slower' : ratio === 1 ? 'same' : ratio];
  };
  expect(await run()).toEqual(['pass', 'same code', 'same']);
  write(root, { 'src/more.mjs': 'export const more = 200;\n' });
  expect(await run()).toEqual(['fail', 'measured', 'slower']);
  rmSync(`${root}/src/more.mjs`);
});
