import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Bundle } from '../../../src/engine/bundle/bundle.js';
import { Bundler } from '../../../src/engine/bundle/bundler.js';
import type { OldCode } from '../../../src/engine/bundle/tree.js';
import { commit, git, remove, repository, temporaryFolder, write } from '../repository.js';

let root: string;
let elsewhere: string;
let bundler: Bundler;

beforeEach(() => {
  root = repository(join(temporaryFolder(), 'a répo'));
  elsewhere = temporaryFolder();
  bundler = new Bundler(root);
});

afterEach(async () => {
  await bundler.dispose();
  remove(join(root, '..'));
  remove(elsewhere);
});

const at = (path: string): string => join(root, path);

async function current(benchFile: string): Promise<Bundle> {
  const result = await bundler.current(at(benchFile));
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

async function old(benchFile: string, revision: string): Promise<Bundle> {
  const result = await bundler.old(at(benchFile), oldCode(revision));
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

function oldCode(revision: string): OldCode {
  const path = (file: string) => relative(root, file).replaceAll('\\', '/');
  const files = new Set(git(root, 'ls-tree', '-r', '-z', '--name-only', revision).split('\0'));
  return {
    commit: git(root, 'rev-parse', revision),
    name: revision,
    has: (file) => Promise.resolve(files.has(path(file))),
    read: (file) => Promise.resolve(files.has(path(file)) ? Buffer.from(show(`${revision}:${path(file)}`)) : null),
    ignores: (file) => Promise.resolve(path(file).startsWith('..') || ignored(file)),
  };
}

const show = (object: string): Buffer => execFileSync('git', ['show', object], { cwd: root });

function ignored(file: string): boolean {
  try {
    git(root, 'check-ignore', '--quiet', file);
    return true;
  } catch {
    return false;
  }
}

/** Evaluates a bundle that lies elsewhere, and returns what it printed, a JSON text a line. */
function run(bundle: Bundle, ...args: string[]): unknown[] {
  write(elsewhere, { 'bundle.mjs': bundle.code });
  const stand = `{ library: (name) => ({ bench: name + '.bench', Bench: name + '.Bench', Suite: name + '.Suite' }) }`;
  const script = `globalThis[Symbol.for('perf-budget.collector')] = ${stand}; process.setSourceMapsEnabled(true); await import(${JSON.stringify(pathToFileURL(join(elsewhere, 'bundle.mjs')).href)});`;
  const printed = execFileSync(process.execPath, ['--input-type=module', '--eval', script, '--', ...args], {
    cwd: root,
    encoding: 'utf8',
  });
  return printed
    .split('\n')
    .filter((line) => line !== '')
    .map((line): unknown => JSON.parse(line));
}

const print = (expression: string): string => `console.log(JSON.stringify(${expression}));\n`;

describe('both sides', () => {
  test('are the same text where nothing changed, and each has its own code where something did', async () => {
    commit(root, {
      'bench/a.bench.ts': `import { speed } from '../src/speed.js';\n${print('speed()')}`,
      'src/speed.ts': `export const speed = (): string => 'old';\nexport const unused = 1;\n`,
    });
    const before = await current('bench/a.bench.ts');
    expect((await old('bench/a.bench.ts', 'HEAD')).hash).toBe(before.hash);

    write(root, {
      'src/speed.ts': `// Said since.\nexport const speed = (): string => /* so */ 'old';\n\nexport const unused = 2;\n`,
    });
    expect((await current('bench/a.bench.ts')).hash).toBe(before.hash);

    write(root, { 'src/speed.ts': `export const speed = (): string => 'new';\n` });
    const after = await current('bench/a.bench.ts');
    expect(after.hash).not.toBe(before.hash);
    expect(run(after)).toEqual(['new']);
    expect(run(await old('bench/a.bench.ts', 'HEAD'))).toEqual(['old']);
  });

  test('run the bench file as it is now', async () => {
    commit(root, { 'a.bench.js': print('1'), 'b.js': `export const b = 'old';\n` });
    write(root, {
      'a.bench.js': `import { b } from './b.js';\n${print('[2, b]')}`,
      'b.js': `export const b = 'new';\n`,
    });
    expect(run(await current('a.bench.js'))).toEqual([[2, 'new']]);
    expect(run(await old('a.bench.js', 'HEAD'))).toEqual([[2, 'old']]);
  });

  test('see the text that was saved last, however quickly saves follow each other', async () => {
    write(root, { 'a.bench.js': print('0') });
    const bundles: Promise<Bundle>[] = [];
    for (let save = 1; save <= 5; save++) {
      write(root, { 'a.bench.js': print(String(save)) });
      bundles.push(current('a.bench.js'));
    }
    expect(run((await Promise.all(bundles)).at(-1) ?? (await current('a.bench.js')))).toEqual([5]);
  });
});

describe('what a module sees', () => {
  test('is its own place on disk, in every module format', async () => {
    commit(root, {
      'bench/esm.bench.ts': [
        `import './more/mod.mjs';`,
        `import common from './more/common.cjs';`,
        `import typed = require('./more/typed.cts');`,
        print('[import.meta.url, import.meta.filename, import.meta.dirname, __dirname, common, typed]'),
        print(`import.meta.resolve('./data.json')`),
        print('import.meta.env.MODE + import.meta.vitest'),
      ].join('\n'),
      'bench/more/mod.mjs': print('[import.meta.url]'),
      'bench/more/common.cjs': `'use strict'\nmodule.exports = [__filename, __dirname, (function () { return this === undefined; })()];\n`,
      'bench/more/typed.cts': `export = require('node:path').basename(__filename) as string;\n`,
    });
    const url = (path: string) => pathToFileURL(at(path)).href;
    const expected = [
      [url('bench/more/mod.mjs')],
      [
        ...[url('bench/esm.bench.ts'), at('bench/esm.bench.ts'), at('bench'), at('bench')],
        ...[[at('bench/more/common.cjs'), at('bench/more'), true], 'typed.cts'],
      ],
      url('bench/data.json'),
      'benchmarkundefined',
    ];
    expect(run(await current('bench/esm.bench.ts'))).toEqual(expected);
    expect(run(await old('bench/esm.bench.ts', 'HEAD'))).toEqual(expected);
  });

  test('leaves names alone that it declares itself, a first line and directives', async () => {
    write(root, {
      'a.bench.mjs': `#!/usr/bin/env node\nimport path from 'node:path';\nimport { fileURLToPath } from 'node:url';\nconst __dirname = path.dirname(fileURLToPath(import.meta.url)) + '!';\n${print('__dirname')}`,
    });
    expect(run(await current('a.bench.mjs'))).toEqual([`${root}!`]);
  });

  test('knows the bench file as the main module, and no other', async () => {
    write(root, {
      'a.bench.cjs': `const other = require('./other.cjs');\n${print('[require.main === module, other]')}`,
      'other.cjs': `module.exports = require.main === module;\n`,
    });
    expect(run(await current('a.bench.cjs'))).toEqual([[true, false]]);
  });

  test('finds fixtures by its own address, the working directory, JSON imports and ?raw', async () => {
    write(root, {
      'bench/a.bench.ts': [
        `import { readFileSync } from 'node:fs';`,
        `import data from './data.json' with { type: 'json' };`,
        `import raw from './data.json?raw';`,
        `const near = readFileSync(new URL('./data.json', import.meta.url), 'utf8');`,
        `const inRoot = readFileSync('bench/data.json', 'utf8');`,
        print('[data, raw, near, inRoot]'),
      ].join('\n'),
      'bench/data.json': '{"n":1}',
    });
    const bundle = await current('bench/a.bench.ts');
    expect(run(bundle)).toEqual([[{ n: 1 }, '{"n":1}', '{"n":1}', '{"n":1}']]);
    expect(bundle.inputs).toEqual([at('bench/a.bench.ts'), at('bench/data.json')]);
  });

  test('keeps its file and line in the stack of an error', async () => {
    write(root, {
      'a.bench.ts': `import { boom } from './src/boom.js';\ntry {\n  boom();\n} catch (error) {\n  ${print('(error as Error).stack')}}\n`,
      'src/boom.ts': `interface Lost {\n  a: 1;\n}\nexport const boom = (): never => {\n  const here = [import.meta.url];\n  throw new Error(here.join());\n};\n`,
    });
    const [stack] = run(await current('a.bench.ts'));
    const frames = String(stack)
      .split('\n')
      .filter((line) => line.includes('   at '))
      .map((line) => decodeURI(/((?:file:\/\/)?\/[^()]*):\d+\)?$/.exec(line)?.[1] ?? line).replace('file://', ''));
    expect(frames.slice(0, 2)).toEqual([`${at('src/boom.ts')}:6`, `${at('a.bench.ts')}:3`]);
  });
});

describe('specifiers', () => {
  test('TypeScript behind .js, a folder, no extension and an alias', async () => {
    commit(root, {
      'tsconfig.json': `{ "compilerOptions": { "paths": { "@/*": ["./src/*"] } } } // as tsc reads it`,
      'bench/a.bench.ts': [
        `import { js } from '../src/js.js';`,
        `import { mjs } from '../src/mjs.mjs';`,
        `import { folder } from '../src/folder';`,
        `import { bare } from '../src/bare';`,
        `import { alias } from '@/alias';`,
        print('[js, mjs, folder, bare, alias]'),
      ].join('\n'),
      'src/js.ts': `export const js = 1;\n`,
      'src/mjs.mts': `export const mjs = 2;\n`,
      'src/folder/index.ts': `export const folder = 3;\n`,
      'src/bare.tsx': `export const bare = 4;\n`,
      'src/alias.ts': `export const alias = 5;\n`,
    });
    const bundle = await current('bench/a.bench.ts');
    expect(run(bundle)).toEqual([[1, 2, 3, 4, 5]]);
    expect(bundle.imports.get(at('bench/a.bench.ts'))).toEqual(
      new Map([
        ['../src/js.js', at('src/js.ts')],
        ['../src/mjs.mjs', at('src/mjs.mts')],
        ['../src/folder', at('src/folder/index.ts')],
        ['../src/bare', at('src/bare.tsx')],
        ['@/alias', at('src/alias.ts')],
      ]),
    );
    expect(bundle.inputs).toEqual(
      ['bench/a.bench.ts', 'src/alias.ts', 'src/bare.tsx', 'src/folder/index.ts', 'src/js.ts', 'src/mjs.mts'].map(at),
    );
    expect((await old('bench/a.bench.ts', 'HEAD')).hash).toBe(bundle.hash);
  });

  test('packages stay outside, by the conditions of the import that asks for them', async () => {
    commit(root, {
      '.gitignore': 'node_modules\n',
      'node_modules/dual/package.json': `{ "name": "dual", "exports": { "import": "./dual.mjs", "require": "./dual.cjs", "module": "./wrong.js" } }`,
      'node_modules/dual/dual.mjs': `export default 'import';\n`,
      'node_modules/dual/dual.cjs': `module.exports = 'require';\n`,
      'node_modules/plain/package.json': `{ "name": "plain", "main": "lib.js" }`,
      'node_modules/plain/lib.js': `exports.plain = __filename;\n`,
      'node_modules/typed/package.json': `{ "name": "typed", "main": "typed.ts" }`,
      'node_modules/typed/typed.ts': `export const typed: number = 1;\n`,
      'bench/a.bench.ts': [
        `import dual from 'dual';`,
        `import { plain } from 'plain';`,
        `import { typed } from 'typed';`,
        `import { required } from './required.cjs';`,
        print('[dual, plain, typed, required]'),
      ].join('\n'),
      'bench/required.cjs': `exports.required = [require('dual'), require('fs') === require('node:fs'), require.resolve('plain')];\n`,
    });
    const bundle = await current('bench/a.bench.ts');
    expect(run(bundle)).toEqual([
      ['import', at('node_modules/plain/lib.js'), 1, ['require', true, at('node_modules/plain/lib.js')]],
    ]);
    expect(bundle.inputs).toEqual([at('bench/a.bench.ts'), at('bench/required.cjs')]);
    expect(await old('bench/a.bench.ts', 'HEAD')).toEqual(bundle);
  });

  test('a package that is a link to sources of the workspace is code like any other', async () => {
    commit(root, {
      '.gitignore': 'node_modules\n',
      'packages/inner/package.json': `{ "name": "inner", "exports": "./src/index.ts" }`,
      'packages/inner/src/index.ts': `export const inner = 'old';\n`,
      'node_modules/.keep': '',
      'a.bench.ts': `import { inner } from 'inner';\n${print('inner')}`,
    });
    symlinkSync(at('packages/inner'), at('node_modules/inner'), 'junction');
    write(root, { 'packages/inner/src/index.ts': `export const inner = 'new';\n` });
    const bundle = await current('a.bench.ts');
    expect(bundle.inputs).toEqual([at('a.bench.ts'), at('packages/inner/src/index.ts')]);
    expect(run(bundle)).toEqual(['new']);
    expect(run(await old('a.bench.ts', 'HEAD'))).toEqual(['old']);
  });

  test('benchmark libraries are collectors, whether they are installed or not', async () => {
    write(root, {
      'a.bench.ts': [
        `import { bench } from 'vitest';`,
        `import { Bench } from 'tinybench';`,
        `import { bench as third } from 'mitata';`,
        `import Benchmark, { Suite } from 'benchmark';`,
        `import common from './common.cjs';`,
        print('[bench, Bench, third, Benchmark.Suite, Suite, common]'),
      ].join('\n'),
      'common.cjs': `const { Bench } = require('tinybench');\nmodule.exports = [Bench, require('benchmark').Suite];\n`,
    });
    expect(run(await current('a.bench.ts'))).toEqual([
      [
        ...['vitest.bench', 'tinybench.Bench', 'mitata.bench', 'benchmark.Suite', 'benchmark.Suite'],
        ['tinybench.Bench', 'benchmark.Suite'],
      ],
    ]);
  });

  test('top-level await stands beside CommonJS, and createRequire is followed', async () => {
    commit(root, {
      'a.bench.mjs': `import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);\nconst { x } = require('./lib.cjs');\nconst later = await Promise.resolve(2);\n${print('[x, later]')}`,
      'lib.cjs': `exports.x = 'old';\n`,
    });
    write(root, { 'lib.cjs': `exports.x = 'new';\n` });
    const bundle = await current('a.bench.mjs');
    expect(bundle.inputs).toEqual([at('a.bench.mjs'), at('lib.cjs')]);
    expect(bundle.unsafe).toEqual([]);
    expect(run(bundle)).toEqual([['new', 2]]);
    expect(run(await old('a.bench.mjs', 'HEAD'))).toEqual([['old', 2]]);
  });

  test('the tsconfig says how JSX and decorators are written, on both sides', async () => {
    commit(root, {
      'tsconfig.json': `{ "compilerOptions": { "jsx": "react", "jsxFactory": "h", "experimentalDecorators": true } }`,
      'a.bench.tsx': `import { Marked } from './marked.js';\nconst h = (tag: string) => tag;\n${print('[<b />, Marked.mark]')}`,
      'marked.ts': `const mark = (target: object) => void Object.assign(target, { mark: 1 });\n@mark\nexport class Marked {\n  static mark: number;\n}\n`,
    });
    const bundle = await current('a.bench.tsx');
    expect(run(bundle)).toEqual([['b', 1]]);
    expect((await old('a.bench.tsx', 'HEAD')).hash).toBe(bundle.hash);
  });
});

describe('the old tree', () => {
  test('has its own answer to what a specifier means', async () => {
    commit(root, {
      'a.bench.ts': '',
      'tsconfig.json': `{ "compilerOptions": { "paths": { "~/*": ["./lib/*"] } } }`,
      'lib/all.ts': [
        `export { gone } from './gone.js';`,
        `export { moved } from './moved';`,
        `export { typed } from './typed.js';`,
        `export { alias } from '~/alias';`,
      ].join('\n'),
      'lib/gone.ts': `export const gone = 'old';\n`,
      'lib/moved.ts': `export const moved = 'old';\n`,
      'lib/typed.js': `export const typed = 'old';\n`,
      'lib/alias.ts': `export const alias = 'old';\n`,
    });
    for (const file of ['gone.ts', 'moved.ts', 'typed.js', 'alias.ts']) rmSync(at(`lib/${file}`));
    write(root, {
      'a.bench.ts': `import * as all from './lib/all.js';\n${print('all')}`,
      'lib/all.ts': `export { moved } from './moved';\nexport { typed } from './typed.js';\n`,
      'lib/moved/index.ts': `export const moved = 'new';\n`,
      'lib/typed.ts': `export const typed = 'new';\n`,
    });
    expect(run(await current('a.bench.ts'))).toEqual([{ moved: 'new', typed: 'new' }]);
    const before = await old('a.bench.ts', 'HEAD');
    expect(run(before)).toEqual([{ alias: 'old', gone: 'old', moved: 'old', typed: 'old' }]);
    expect(before.inputs).toEqual(
      ['a.bench.ts', 'lib/alias.ts', 'lib/all.ts', 'lib/gone.ts', 'lib/moved.ts', 'lib/typed.js'].map(at),
    );
  });

  test('lets a folder say itself which file it means', async () => {
    const files = { 'index.js': `exports.is = 'index';\n`, 'main.js': `exports.is = 'main';\n` };
    commit(root, {
      'bench/a.bench.cjs': `const { is } = require('../');\nconst inner = require('./inner');\n${print('[is, inner.is]')}`,
      'package.json': '{ "main": "main.js" }',
      ...files,
      ...Object.fromEntries(Object.entries(files).map(([name, text]) => [`bench/inner/${name}`, text])),
    });
    const bundle = await current('bench/a.bench.cjs');
    expect(run(bundle)).toEqual([['main', 'index']]);
    expect((await old('bench/a.bench.cjs', 'HEAD')).hash).toBe(bundle.hash);
  });

  test('has nothing to compare with where the code is new', async () => {
    commit(root, { 'a.bench.ts': '' });
    write(root, {
      'a.bench.ts': `import { x } from './src/x.js';\n${print('x')}`,
      'src/x.ts': 'export const x = 1;\n',
    });
    expect(await bundler.old(at('a.bench.ts'), oldCode('HEAD'))).toEqual({
      ok: false,
      error: { kind: 'missing', message: 'src/x.ts does not exist at HEAD' },
    });
  });

  test('takes what git does not keep, and new data, from the disk, and says so', async () => {
    commit(root, { '.gitignore': 'dist\n', 'a.bench.ts': '' });
    write(root, {
      'a.bench.ts': `import { x } from './dist/x.js';\nimport data from './data.json';\n${print('[x, data]')}`,
      'dist/x.js': `export { x } from './chunk.js';\n`,
      'dist/chunk.js': `export const x = 1;\n`,
      'data.json': '[2]',
    });
    const before = await old('a.bench.ts', 'HEAD');
    expect(run(before)).toEqual([[1, [2]]]);
    expect(before.unsafe).toEqual([
      'data.json does not exist at HEAD, so both sides ran the same copy of it.',
      'dist/chunk.js is not in Git, so both sides ran the same copy of it.',
      'dist/x.js is not in Git, so both sides ran the same copy of it.',
    ]);
    expect(before.borrowed).toEqual(['data.json', 'dist/chunk.js', 'dist/x.js'].map(at));
    expect((await current('a.bench.ts')).borrowed).toEqual([]);
  });
});

describe('dynamic imports', () => {
  test('are bundled where the specifier is known, also as a pattern', async () => {
    commit(root, {
      'a.bench.ts': `const name = 'one';\nconst { x } = await import('./x.js');\nconst { one } = await import(\`./parts/\${name}.ts\`);\n${print('[x, one]')}`,
      'x.ts': `export const x = 'old';\n`,
      'parts/one.ts': `export const one = 'old';\n`,
    });
    write(root, { 'x.ts': `export const x = 'new';\n`, 'parts/one.ts': `export const one = 'new';\n` });
    expect(run(await current('a.bench.ts'))).toEqual([['new', 'new']]);
    const before = await old('a.bench.ts', 'HEAD');
    expect(run(before)).toEqual([['old', 'old']]);
    expect(before.unsafe).toEqual([]);
  });

  test('are noted where it is not, and load what their own module means', async () => {
    commit(root, {
      'bench/a.bench.ts': [
        `import { load } from '../src/load.cjs';`,
        `const specifier = ['./late', 'mjs'].join('.');`,
        `const ünicode = 1, { late } = await import(specifier);`,
        print('[late, load("./late.cjs"), ünicode]'),
      ].join('\n'),
      'bench/late.mjs': `export const late = 'bench';\n`,
      'src/load.cjs': `exports.load = (name) => require(name);\n`,
      'src/late.cjs': `module.exports = 'src';\n`,
    });
    const bundle = await current('bench/a.bench.ts');
    expect(run(bundle)).toEqual([['bench', 'src', 1]]);
    expect(bundle.unsafe).toEqual([
      'bench/a.bench.ts:3 loads a file that is only known at run time, so both sides ran the same copy of it.',
      'src/load.cjs:1 loads a file that is only known at run time, so both sides ran the same copy of it.',
    ]);
    expect(await current('bench/a.bench.ts')).toEqual(bundle);
    expect(await old('bench/a.bench.ts', 'HEAD')).toEqual(bundle);
  });
});

describe('a bench file that does not bundle', () => {
  test('says where', async () => {
    write(root, {
      'src/bad.ts': `export const a = 1;\nconst ü = 'ü' oops;\n`,
      'a.bench.ts': `import './src/bad.js';\n`,
    });
    expect(await bundler.current(at('a.bench.ts'))).toEqual({
      ok: false,
      error: {
        kind: 'compile',
        message: 'src/bad.ts does not compile: Expected ";" but found "oops".',
        file: at('src/bad.ts'),
        line: 2,
        column: 15,
      },
    });
    write(root, { 'src/bad.ts': `export const a = 1;\n` });
    expect((await bundler.current(at('a.bench.ts'))).ok).toBe(true);
  });

  test('because it imports what is not there, or is not there itself', async () => {
    write(root, { 'a.bench.ts': `import './nothing.js';\n`, 'b.bench.ts': `import 'no-such-package';\n` });
    expect(await bundler.current(at('a.bench.ts'))).toEqual({
      ok: false,
      error: {
        kind: 'compile',
        message: 'a.bench.ts does not compile: Could not resolve "./nothing.js".',
        ...{ file: at('a.bench.ts'), line: 1, column: 8 },
      },
    });
    expect(await bundler.current(at('b.bench.ts'))).toEqual({
      ok: false,
      error: {
        kind: 'compile',
        message: 'b.bench.ts does not compile: Could not resolve "no-such-package": is it installed?',
        ...{ file: at('b.bench.ts'), line: 1, column: 8 },
      },
    });
    write(root, {
      'c.bench.ts': `import '../dist/index.js';\n`,
      'd.bench.ts': `import 'unbuilt';\n`,
      'node_modules/unbuilt/package.json': '{ "name": "unbuilt", "exports": "./index.js" }',
    });
    const built = (await Promise.all(['c', 'd'].map((name) => bundler.current(at(`${name}.bench.ts`))))).map((each) =>
      each.ok ? null : each.error.message,
    );
    expect(built).toEqual([
      'c.bench.ts does not compile: Could not resolve "../dist/index.js": is it built?',
      'd.bench.ts does not compile: Could not resolve "unbuilt": is it built?',
    ]);
    expect(await bundler.current(at('none.bench.ts'))).toEqual({
      ok: false,
      error: {
        kind: 'compile',
        message: expect.stringContaining('none.bench.ts') as string,
        file: at('none.bench.ts'),
      },
    });
  });
});

test('many bench files are bundled at once, with a bounded number kept open', async () => {
  const files = Array.from({ length: 20 }, (_, index) => `bench/${index}.bench.js`);
  write(root, Object.fromEntries(files.map((file, index) => [file, print(String(index))])));
  const first = await Promise.all(files.map((file) => current(file)));
  const second = await Promise.all(files.map((file) => current(file)));
  expect(second).toEqual(first);
  expect(new Set(first.map(({ hash }) => hash)).size).toBe(files.length);
});

test('a bundler that was disposed of lets its process end', async () => {
  write(root, { 'a.bench.js': print('1') });
  const own = fileURLToPath(new URL('../../../', import.meta.url));
  const script = join(own, 'node_modules', `.bundle-test-${process.pid}.mjs`);
  const { build } = await import('esbuild');
  await build({
    stdin: {
      contents: `import { Bundler } from './src/engine/bundle/bundler.js';\nconst bundler = new Bundler(process.argv[2]);\nconst result = await bundler.current(process.argv[3]);\nconsole.log(result.ok);\nawait bundler.dispose();\n`,
      resolveDir: own,
    },
    ...{
      bundle: true,
      alias: { '@vscode/l10n': '@vscode/l10n/dist/browser.js' },
      format: 'esm',
      platform: 'node',
      external: ['esbuild'],
      mainFields: ['module', 'main'],
      outfile: script,
    },
  });
  try {
    expect(
      execFileSync(process.execPath, [script, root, at('a.bench.js')], { encoding: 'utf8', timeout: 30_000 }),
    ).toBe('true\n');
    expect(readFileSync(at('a.bench.js'), 'utf8')).toBe(print('1'));
  } finally {
    rmSync(script);
  }
});
