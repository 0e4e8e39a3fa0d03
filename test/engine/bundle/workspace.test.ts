import { mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Bundler } from '../../../src/engine/bundle/bundler.js';
import type { OldCode } from '../../../src/engine/bundle/tree.js';
import { Git } from '../../../src/engine/git/repository.js';
import { commit, remove, repository, temporaryFolder, write } from '../repository.js';

const ends: (() => unknown)[] = [];

afterAll(async () => {
  for (const end of ends.reverse()) await end();
});

const core = (more: object): Readonly<Record<string, string>> => ({
  'packages/core/package.json': JSON.stringify({ name: '@w/core', version: '1.0.0', ...more }),
  'packages/core/src/index.ts': `export const core = (n: number): string => 'source one' + n;`,
});
const built = { 'packages/core/dist/index.js': `export const core = () => 'built';` };
const app = {
  '.gitignore': 'node_modules\ndist\n',
  'packages/app/bench/a.bench.ts': `import { bench } from 'vitest';
import { core } from '@w/core';
bench('a', () => core(1));`,
};

/** A workspace whose packages are linked, as npm and pnpm do it, and what is committed in it is changed afterwards. */
async function workspace(files: Readonly<Record<string, string>>, ignored: Readonly<Record<string, string>> = {}) {
  const root = repository(temporaryFolder('perf budget workspace '));
  ends.push(() => remove(root));
  const scope = path.join(root, 'packages/app/node_modules/@w');
  mkdirSync(scope, { recursive: true });
  symlinkSync(path.join(root, 'packages/core'), path.join(scope, 'core'));
  const head = commit(root, { ...app, ...files });
  write(root, ignored);
  const source = 'packages/core/src/index.ts';
  write(root, { ...(source in files && { [source]: files[source].replace('one', 'two') }) });
  const opened = await Git.open(root);
  if (!opened.ok) throw new Error(opened.error.message);
  const git = opened.value;
  const bundler = new Bundler(root);
  ends.push(
    () => git.dispose(),
    () => bundler.dispose(),
  );
  const oldCode: OldCode = {
    commit: head,
    read: (file) => git.readFile(head, git.relative(file) ?? ''),
    has: (file) => git.has(head, git.relative(file) ?? ''),
    ignores: (file) => git.isIgnored(git.relative(file) ?? ''),
  };
  const file = path.join(root, 'packages/app/bench/a.bench.ts');
  const [current, old] = [await bundler.current(file), await bundler.old(file, oldCode)];
  if (!current.ok || !old.ok) throw new Error(JSON.stringify([current, old]));
  const text = ({ code }: { readonly code: string }): string | undefined => /(?:source \w+|built)/.exec(code)?.[0];
  return {
    current: text(current.value),
    old: text(old.value),
    unsafe: old.value.unsafe,
    remarks: current.value.remarks,
  };
}

const both = { current: 'source two', old: 'source one', unsafe: [] };

describe('a package of the same workspace is measured at its source', () => {
  test('although it is built', async () => {
    expect(await workspace(core({ main: './dist/index.js' }), built)).toMatchObject(both);
    expect(await workspace(core({ exports: { '.': { import: './dist/index.js' } } }), built)).toMatchObject(both);
  });

  test('before it is built', async () => {
    expect(await workspace(core({ exports: './dist/index.js' }))).toMatchObject(both);
    expect(await workspace(core({ main: 'dist/esm/index.js' }))).toMatchObject(both);
  });

  test('as its own condition says, which tsconfig.json names', async () => {
    const exports = { '.': { special: './code/main.ts', default: './dist/index.js' } };
    const files = {
      ...core({ exports }),
      'packages/core/code/main.ts': `export { core } from '../src/index.js';`,
      'tsconfig.base.json': '{ "compilerOptions": { "customConditions": ["special"] } }',
      'packages/app/tsconfig.json': '{ "extends": "../../tsconfig.base.json" }',
    };
    expect(await workspace(files, built)).toMatchObject(both);
  });

  test('as the common names of such conditions say', async () => {
    const exports = { '.': { '@w/source': './src/index.ts', types: './dist/index.d.ts', default: './dist/index.js' } };
    expect(await workspace(core({ exports }), built)).toMatchObject(both);
  });

  test('as paths across packages say', async () => {
    const files = {
      ...core({ main: './dist/index.js' }),
      'tsconfig.base.json': '{ "compilerOptions": { "paths": { "@w/*": ["./packages/*/src/index.ts"] } } }',
      'packages/app/tsconfig.json': '{ "extends": "../../tsconfig.base.json" }',
    };
    expect(await workspace(files, built)).toMatchObject(both);
  });

  test('unless nothing else is there', async () => {
    const files = { 'packages/core/package.json': JSON.stringify({ name: '@w/core', main: './dist/index.js' }) };
    expect(await workspace(files, built)).toMatchObject({
      current: 'built',
      old: 'built',
      unsafe: ['packages/core/dist/index.js is not in Git, so both sides ran the same copy of it.'],
    });
  });
});

test('what emitDecoratorMetadata would add is said to be missing', async () => {
  const files = {
    ...core({ main: './src/index.ts' }),
    'packages/app/tsconfig.json':
      '{ "compilerOptions": { "experimentalDecorators": true, "emitDecoratorMetadata": true } }',
    'packages/app/src/service.ts': `const injectable = (target: object): void => void target;
@injectable
export class Service {}`,
    'packages/app/bench/a.bench.ts': `import { bench } from 'vitest';
import { core } from '@w/core';
import { Service } from '../src/service';
bench('a', () => [core(1), new Service()]);`,
  };
  const { remarks } = await workspace(files);
  expect(remarks).toEqual([
    'packages/app/src/service.ts has decorators, and ran without the metadata that "emitDecoratorMetadata" asks for: only a Vite plugin can add it.',
  ]);
});
