import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { decode } from '@jridgewell/sourcemap-codec';
import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';
import type { Bundle } from '../../../src/engine/bundle/bundle.js';
import { Bundler } from '../../../src/engine/bundle/bundler.js';
import type { OldCode } from '../../../src/engine/bundle/tree.js';
import { withConstants } from '../../../src/engine/bundle/constants.js';
import { commit, git, remove, repository, temporaryFolder, write } from '../repository.js';

type Files = Readonly<Record<string, string>>;

/** What esbuild makes of files that import each other by name, the first of them the entry. */
async function bundled(files: Files): Promise<{ code: string; map: string }> {
  const { outputFiles } = await build({
    ...{ entryPoints: [Object.keys(files)[0] ?? ''], outfile: '/out.mjs', write: false, sourcemap: 'external' },
    ...{ bundle: true, format: 'esm', target: 'node20', minifyWhitespace: true, charset: 'utf8', logLevel: 'silent' },
    plugins: [
      {
        name: 'memory',
        setup(builder) {
          builder.onResolve({ filter: /./ }, ({ path: name }) => ({ path: name, namespace: 'memory' }));
          builder.onLoad({ filter: /./ }, ({ path: name }) => ({ contents: files[name] ?? '', loader: 'ts' }));
        },
      },
    ],
  });
  const text = (end: string) => outputFiles.find((file) => file.path.endsWith(end))?.text ?? '';
  return { code: text('.mjs'), map: text('.map') };
}

const textIn = (files: Files) => (source: string) => files[source.replace('memory:', '')];

async function restored(files: Files): Promise<{ code: string; map: string }> {
  const { code, map } = await bundled(files);
  return withConstants(code, map, textIn(files));
}

/** The bundle's text of one file, without the list of its exports. `used`: private names, which go if nothing uses them. */
async function one(text: string, used = ''): Promise<string> {
  const { code } = await restored({ a: used === '' ? text : `${text}\nuse(${used});` });
  return code.replace(/export\{[^}]*\};\n$/, '').replace(/use\([^)]*\);\n$/, '');
}

describe('const', () => {
  test.each([
    ['const n = 110;', 'n', 'const n=110;'],
    ['const n: number = 1;', 'n', 'const n=1;'],
    ['const a = 1, b = 2;', 'a, b', 'const a=1;const b=2;'],
    ['const { a, b: [c = 1, ...d], ...e } = f();', 'a', 'const{a,b:[c=1,...d],...e}=f();'],
    ['const [a, { b }] = f();', 'a', 'const[a,{b}]=f();'],
    ['/* let */ const // var\n /* * */ n /* */ = 1;', 'n', 'const n=1;'],
    ['const K = class { static n = 1; };', 'K', 'const K=class{static n=1};'],
    ['const fn = (): number => 1;', 'fn', 'const fn=()=>1;'],
    ['const enumerate = 1;', 'enumerate', 'const enumerate=1;'],
    ['const exported = 1; export {};', 'exported', 'const exported=1;'],
    ['\uFEFFconst a = 1;\r\nconst b = 2;\rconst c = 3;', 'a, b, c', 'const a=1;const b=2;const c=3;'],
    [
      'const é = "é😀", after = `\u2028\n`; const last = 1;',
      'é, after, last',
      'const é="é😀";const after=`\\u2028\n`;const last=1;',
    ],
  ])('%j', async (source, used, printed) => {
    expect(await one(source, used)).toBe(printed);
  });

  test('in every file, whatever its names are called in the bundle', async () => {
    const files = {
      a: `import { inner } from 'b';\nconst n = 1;\nconsole.log(n, inner());`,
      b: `const n = 2;\nexport function inner() { let m = n; m++; return m; }`,
    };
    const { code } = await restored(files);
    expect(code).toBe(`const n=2;function inner(){let m=n;m++;return m}const n2=1;console.log(n2,inner());\n`);
  });
});

describe('what a module exports stays a variable', () => {
  test.each([
    ['where it is declared', 'export const n = 110;', 'var n=110;'],
    ['with a type', 'export const n: number = 1;', 'var n=1;'],
    ['behind a comment', 'export /* const */ const // var\n n = 1;', 'var n=1;'],
    ['in a list', 'const n = 110; export { n };', 'var n=110;'],
    ['by another name', 'const n = 110; export { n as m };', 'var n=110;'],
    ['before its declaration', 'export { n }; const n = 110;', 'var n=110;'],
    ['the second of two', 'const a = 1, b = a; export { b };', 'const a=1;var b=a;'],
    ['part of a pattern', 'const { a, b } = f(); export { b };', 'var{a,b}=f();'],
    ['behind a comment of its own', 'const /* */ n = 1; export { n };', 'var n=1;'],
    ['a function', 'export const fn = (): number => 1;', 'var fn=()=>1;'],
  ])('%s', async (_, source, printed) => {
    expect(await one(source)).toBe(printed);
  });

  test('in every file, beside its own constants', async () => {
    const { code } = await restored({
      a: `import { n, sum } from 'b';\nconsole.log(n, sum());`,
      b: `export const n = 2;\nconst own = 3;\nexport const sum = () => n + own;`,
    });
    expect(code).toBe('var n=2;const own=3;var sum=()=>n+own;console.log(n,sum());\n');
  });
});

describe('what esbuild printed stays', () => {
  test.each([
    ['a let', 'export let n = 1;', 'var n=1;'],
    ['a var', 'export var n = 1;', 'var n=1;'],
    ['a var behind the word', 'export var /* const */ n = 1;', 'var n=1;'],
    ['a class', 'export class C { static own = () => C; }', 'var C=class _C{static own=()=>_C};'],
    ['an enum', 'export enum E { a }', 'var E=(E2=>{E2[E2["a"]=0]="a";return E2})(E||{});'],
    ['a const enum', 'export const /* */ enum E { a }', 'var E=(E2=>{E2[E2["a"]=0]="a";return E2})(E||{});'],
    ['a namespace', 'export namespace N { export const n = 1; }', 'var N;(N2=>{N2.n=1})(N||(N={}));'],
    ['a default export', 'export default 1 + 1;', 'var a_default=1+1;'],
  ])('%s', async (_, source, printed) => {
    expect(await one(source)).toBe(printed);
  });

  test('the exports of a module, whose place is that of its first statement', async () => {
    const { code } = await restored({
      a: `import * as b from 'b';\nconsole.log(b);`,
      b: `const own = 1;\nexport const n = () => own;`,
    });
    expect(code).toContain('var b_exports={};');
    expect(code).toContain('const own=1;');
  });

  test.each(['n=2;', 'n++;', '({n}=x);', '[a,...n]=x;', '({a:n=1}=x);', 'for(n of x);', 'for([n]in x);', '(n)+=1;'])(
    'a name that is assigned: %s',
    async (assignment) => {
      const files = { a: `const n = 1;\nconst other = 2;\nuse(n, other);` };
      const { code, map } = await bundled(files);
      const changed = `${code}function set(x,a){${assignment}}\n`;
      expect(withConstants(changed, map, textIn(files)).code).toBe(changed.replace('var other', 'const other'));
    },
  );

  test('a file whose text is unknown', async () => {
    const { code, map } = await bundled({ a: 'const n = 1;\nuse(n);' });
    expect(withConstants(code, map, () => undefined)).toEqual({ code, map });
  });

  test('a text that is not the one that was bundled', async () => {
    const { code, map } = await bundled({ a: '\n\nconst n = 1;\nuse(n);' });
    expect(withConstants(code, map, () => 'const').code).toBe(code);
  });

  test('a bundle that cannot be parsed', async () => {
    const files = { a: 'const n = 1;\nuse(n);' };
    const { code, map } = await bundled(files);
    const newer = `${code}someday maybe;\n`;
    expect(withConstants(newer, map, textIn(files))).toEqual({ code: newer, map });
  });
});

test('data of any size', async () => {
  const long = `const list = [${'1,'.repeat(200_000)}];\nconst sum = list[0]${'+1'.repeat(1000)};\nuse(list, sum);`;
  const { code } = await restored({ a: long });
  expect(code.match(/const \w+/g)).toEqual(['const list', 'const sum']);
  // Comments can be read in one way only.
  expect(await one(`const ${'// // /* * */ '.repeat(2000)}\n ${'/* * / */ '.repeat(2000)} n = 1;`, 'n')).toBe(
    'const n=1;',
  );
});

test('the source map leads to the same places as before', async () => {
  const files = {
    a: `import { n } from 'b';\nconst text = \`\n\`, later = 1;\nexport let free = 1;\nconst end = n + later;\nthrow new Error(text);`,
    b: `const first = 1;\nconst { m } = { m: first };\nexport const n = m;`,
  };
  const before = await bundled(files);
  const after = withConstants(before.code, before.map, textIn(files));
  // All lines are decoded: the word at each place in the bundle, and where it is from.
  const words = ({ code, map }: { code: string; map: string }) =>
    decode((JSON.parse(map) as { mappings: string }).mappings).flatMap((segments, line) =>
      segments.map(([column, ...origin]) => [/^\w*/.exec(code.split('\n')[line]?.slice(column) ?? '')?.[0], ...origin]),
    );
  const isConst = (each: readonly unknown[]) =>
    each[0] === 'var' || each[0] === 'const' ? ['', ...each.slice(1)] : each;
  expect(words(after).map(isConst)).toEqual(words(before).map(isConst));
  expect(words(after)).toContainEqual(['Error', 1, 5, 10]);
  expect(JSON.parse(after.map)).toMatchObject({ version: 3, sources: ['memory:b', 'memory:a'] });
  expect(after.code.match(/\b(?:const|var)\b/g)).toEqual([
    ...['const', 'const', 'var'],
    ...['const', 'const', 'var', 'const'],
  ]);
});

test('a bundler gives both sides their constants, and each a hash of its own', async () => {
  const root = repository(path.join(temporaryFolder(), 'a répo #1%41'));
  const bundler = new Bundler(root);
  const size = (n: number) =>
    `export const n = ${n};\nconst message = 'x';\nexport const stack = (): string => String(new Error(message).stack);\n`;
  const run = (bundle: Bundle): unknown => {
    write(root, { 'bundle.mjs': bundle.code });
    const args = ['--enable-source-maps', path.join(root, 'bundle.mjs')];
    return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }));
  };
  try {
    const revision = commit(root, {
      // The call of a module that is only known at run time is longer in the bundle than here.
      'a.bench.ts': [
        `import { n, stack } from './src/size é.js';`,
        `import raw from './src/size é.ts?raw';`,
        `const name = './late.mjs'; const { late } = await import(name); const last = 2;`,
        `let free = 3;`,
        `const place = stack().match(/size[^/:]*:\\d+/)?.[0];`,
        `console.log(JSON.stringify([n, late, last, free++, raw.slice(0, 20), decodeURI(String(place))]));`,
      ].join('\n'),
      'late.mjs': `export const late = 1;\n`,
      'src/size é.ts': size(110),
    });
    write(root, { 'src/size é.ts': size(111) });
    const read = (file: string) => {
      const name = path.relative(root, file).replaceAll('\\', '/');
      return Promise.resolve(name === 'src/size é.ts' ? Buffer.from(git(root, 'show', `${revision}:${name}`)) : null);
    };
    const oldCode: OldCode = {
      commit: revision,
      read,
      has: async (file) => (await read(file)) !== null,
      ignores: () => Promise.resolve(false),
    };
    const current = await bundler.current(path.join(root, 'a.bench.ts'));
    const old = await bundler.old(path.join(root, 'a.bench.ts'), oldCode);
    if (!current.ok || !old.ok) throw new Error('it was not bundled');
    for (const [bundle, n] of [[current.value, 111] as const, [old.value, 110] as const]) {
      for (const text of [
        `var n=${n};`,
        `const message="x";`,
        'var stack=',
        'const name=',
        'const{late}=',
        'const last=2;',
        'var free=3;',
      ])
        expect(bundle.code).toContain(text);
      expect(bundle.code).not.toMatch(/const (?:size_|require_)/);
      expect(run(bundle)).toEqual([n, 1, 2, 3, `export const n = ${n};`.slice(0, 20), 'size é.ts:3']);
    }
    expect(old.value.hash).not.toBe(current.value.hash);
  } finally {
    await bundler.dispose();
    remove(path.dirname(root));
  }
});
