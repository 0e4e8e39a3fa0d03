import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { decode, encode, type SourceMapSegment } from '@jridgewell/sourcemap-codec';
import { type Options, parse, type Token } from 'acorn';
import { build, type Loader } from 'esbuild';
import { afterAll, describe, expect, test } from 'vitest';
import { Bundler } from '../../../src/engine/bundle/bundler.js';
import { mappedCode, positionsIn } from '../../../src/engine/bundle/positions.js';
import { type ProfiledCode, profiledCode } from '../../../src/engine/explain/profiled-code.js';
import { remove, temporaryFolder, write } from '../repository.js';

const root = path.resolve(import.meta.dirname, '../../..');
const folder = temporaryFolder();
afterAll(() => remove(folder));

const options: Options = { ecmaVersion: 'latest', sourceType: 'module' };
const lineEnd = /\r\n|[\n\r\u2028\u2029]/g;

/** A bundle of files that import each other by name, the first of them the entry, as `bundler.ts` makes it; or of a file on disk. */
async function bundled(source: string | Readonly<Record<string, string>>, loader: Loader = 'tsx'): Promise<string> {
  const files = typeof source === 'string' ? {} : source;
  const { outputFiles } = await build({
    ...{
      entryPoints: [typeof source === 'string' ? source : (Object.keys(source)[0] ?? '')],
      outfile: '/virtual/.out.mjs',
    },
    ...{ bundle: true, write: false, format: 'esm', platform: 'node', target: 'node20', minifyWhitespace: true },
    ...{
      charset: 'utf8',
      sourcemap: 'inline',
      sourcesContent: false,
      sourceRoot: 'file:///virtual/',
      logLevel: 'silent',
    },
    // Comments and names have paths that begin there.
    ...{ absWorkingDir: typeof source === 'string' ? root : path.parse(root).root, legalComments: 'none' },
    plugins: [
      {
        name: 'memory',
        setup(builder) {
          if (typeof source === 'string') return;
          builder.onResolve({ filter: /./ }, ({ path: name }) => ({
            path: `/virtual/${name.replace('/virtual/', '')}`,
          }));
          builder.onLoad({ filter: /./ }, ({ path: name }) => {
            const contents = files[path.basename(name)] ?? '';
            return { contents, loader: name.endsWith('.cjs') ? 'js' : name.endsWith('.json') ? 'json' : loader };
          });
        },
      },
    ],
  });
  return outputFiles[0]?.text ?? '';
}

const withoutMap = (code: string): string => mappedCode(code)?.code ?? code;

const tree = (code: string): string =>
  JSON.stringify(parse(code, options), (key, value: unknown) =>
    key === 'start' || key === 'end' ? undefined : typeof value === 'bigint' ? `${value}n` : value,
  );

/** All tokens but parentheses, which may be added where the tree stays the same. */
function tokensOf(code: string): Token[] {
  const found: Token[] = [];
  parse(code, { ...options, onToken: found });
  return found.filter(({ type }) => !/^[()]$/.test(type.label));
}

const tokens = (code: string): string[] => tokensOf(code).map(({ start, end }) => code.slice(start, end));

const inline = (map: object): string =>
  `//# sourceMappingURL=data:application/json;base64,${Buffer.from(JSON.stringify(map)).toString('base64')}\n`;

function expectSameMeaning(bundle: string): ProfiledCode {
  const before = withoutMap(bundle);
  const meaning = [tree(before), tokens(before)];
  const profiled = profiledCode(bundle);
  const after = withoutMap(profiled.code);
  expect([tree(after), tokens(after)]).toEqual(meaning);
  return profiled;
}

/** As a bundle of which every character is from another line of the source, so that lines are broken wherever they may be. */
function scattered(code: string): string {
  const starts = [0, ...Array.from(code.matchAll(lineEnd), ({ 0: end, index }) => index + end.length)];
  const mappings = starts.map((start, index) =>
    Array.from({ length: (starts[index + 1] ?? code.length) - start }, (_, at): SourceMapSegment => [
      at,
      0,
      start + at,
      0,
    ]),
  );
  const map = { version: 3, sources: ['a.js'], sourceRoot: 'file:///', names: [], mappings: encode(mappings) };
  return `${code}\n${inline(map)}`;
}

/** The generated lines with their place and function: `file:line [function] code`. */
function laidOut({ code, firstLine, lines, functions }: ProfiledCode): string[] {
  const texts = withoutMap(code)
    .split(lineEnd)
    .slice(firstLine - 1);
  return texts.slice(0, -1).map((text, index) => {
    const { file, line, fn } = lines[index] ?? { file: '?', line: 0, fn: -1 };
    return `${file === null ? 'none' : path.basename(file)}:${line} [${fn === -1 ? '' : functions[fn]?.name}] ${text}`;
  });
}

describe('line breaks keep the meaning', () => {
  test.each([
    'function f(){return a}function g(){return{a:1}.a}function h(){return(a,b)}function i(){return/*(*/ (a)+b}',
    'function f(){return function(){return()=>async x=>x}}function g(){return a.b(c)(d)}function h(){return}',
    'function f(){throw new Error("x")}function g(){throw(a)}function h(){throw a?b:c}',
    'function*f(){yield a;yield*b;yield;const c=yield(yield d);return yield yield e;yield x=>x;yield function(){}}',
    'async function*f(){for await(const x of y)yield await x;await async function(){};return await a}',
    'async x=>x;async(x)=>x;async (x,y)=>x;async();async (x);(async x=>await x)(1);async()\nasync\nx',
    '({async a(){},async*b(){},async[c](){},get d(){return 1},set d(v){},*e(){},async:1,get:2,set:3,async async(){}})',
    'class A{async a(){}static async b(){}static async*c(){}get d(){return 1}set d(v){}static get e(){return 1}static{g()}}',
    'class A{#h=1;#i(){return#h in this}async;get;set;static;static static=1;async async(){}static async*[b](){}"x"=()=>1}',
    'class A{a\nb\nget\nc(){}static\nd=1\n"e"\n[f]\nset\n=()=>1;*g(){}static\nasync\nh(){}async\ni(){}}',
    'let a=1;a\n++b\na++\na--;++a;--a;a+ ++b;a- --b;a++ +b;+ +a;- -a;a-->b\na<!--b',
    'a\n(b)\na\n[b]\na\n`b`\nl:for(;;){for(;;){continue l}break l}l:for(;;){continue\nl}',
    'do x;while(y)z;do{}while(0)w;if(a)b;else c;if(a){}else if(b)d;for(;;);while(a)b',
    '"use strict";"also";a;function f(){"use strict";return 1}()=>{"use strict"}',
    'a/b/c;a=/[/]\\/x/g.exec(b)/2;({})/a/b;if(a)/x/.test(b);(a)/b/c;a=b\n/c/d',
    'a=`a ${b+`${()=>c}`} // d\n  ${  function(){return `x\r\n`}  }`;tag`a${b}\n\\u{}c`;(()=>a)`b`;a.b`c``d`',
    'import a,{b as c}from"d";import*as e from"e";import"f";import j from"g"with{type:"json"};export*from"h";export*as k from"i"',
    'export{a as z,b as"q q"};export default async function(){}export const{x=()=>1,...y}=z,[w=function(){},,...v]=u;let a,b',
    'export default async x=>x',
    'import.meta.url;import("x",{with:{type:"json"}});function f(){return new.target}',
    'a?.b?.[c]?.(d);a?.5:1;1..toString();1.5.toFixed();1n;a??b;a?x=>y:z;new A;new(a())();new a.b.c(d);new new A()()',
    'a=b=>c=>d=>({e:f});a=(b,c=()=>d)=>{return c};a=([b],{c})=>b;(function(){})();(()=>{})();!function(){}();a=async()=>{}',
    'switch(a){case b:case c:d;break;default:e}try{a}catch{b}finally{c}try{a}catch({b}){c}',
    'for(let i=0,j;i<1;i++,j--);for(var k in l);for(const m of n)o;for(async of=>{};;)break;for(let of of of);var of,async,get,set',
    '{using a=b;await using c=d;for(using e of f);}using\ng;var using',
    'var a=function b(){},c=class d extends e{},f=class extends(class{}){},g={h:function(){},i:()=>j,["k"+l](){}}',
    'var é="ünï\u2028😀",\\u0061b=1;é// é\r\na/* \n */+b\u2029',
    '#!/usr/bin/env node\na(()=>b)',
  ])('%j', (code) => {
    const { lines } = expectSameMeaning(scattered(code));
    expect(lines.length).toBeGreaterThan(3);
  });

  test.each([
    'marked/lib/marked.esm.js',
    'commander/index.js',
    'uplot/dist/uPlot.iife.min.js',
    'picomatch/index.js',
    'semver/index.js',
  ])('of the package %s', async (file) => {
    const bundle = await bundled(path.join(root, 'node_modules', file));
    const { lines, functions } = expectSameMeaning(bundle);
    expect(lines.length).toBeGreaterThan(500);
    expect(functions.length).toBeGreaterThan(50);
    expectSameMeaning(scattered(withoutMap(bundle)));
  });

  test('of TypeScript, with line ends of Windows and a byte order mark', async () => {
    const text = `\uFEFFenum É { A, B }\r\nconst t = \`a\r\n\${(() => {\r\n  return (\r\n    f<number>(1) as number\r\n  );\r\n})()}\`;\r\nconsole.log(É.A, t);`;
    const profiled = expectSameMeaning(await bundled({ 'a.tsx': text }));
    expect(laidOut(profiled)).toMatchInlineSnapshot(`
      [
        "a.tsx:2 [] var t=\`a",
        "a.tsx:2 [] \${(",
        "a.tsx:3 [null] ()=>{",
        "a.tsx:4 [null] return (",
        "a.tsx:5 [null] f(1))",
        "a.tsx:7 [null] }",
        "a.tsx:7 [] )()}\`;",
        "a.tsx:8 [] console.log(0,t);",
      ]
    `);
  });
});

describe('every generated line is of one line and one function', () => {
  const files = {
    'a.tsx': `import { helper } from './b.ts';
import * as all from './b.ts';
import cjs from './c.cjs';
import data from './d.json';
const React = { createElement: (...all: unknown[]) => all };
const sorted = data.list
  .map((x) => ({ x }))
  .filter(({ x }) => x > helper(1))
  .sort((a, b) => a.x - b.x);
function View() {
  return (
    <div>
      {helper(2)}
    </div>
  );
}
class Cache<T> extends Map<string, T> {
  #size = 1; order: string[] = []; static shared = new Cache();
  static { helper(3); }
  get first() { return this.order[0]; }
  async *[Symbol.iterator](from = () => 0): any { yield* super[Symbol.iterator](); return () => from; }
  set(k: string, v: T) { if (this.#size > 2) return this; else
    this.order.push(k);
    return super.set(k, v); }
}
console.log(sorted, View, Cache, all, cjs);`,
    'b.ts': `export function helper(n: number) { return n + 1; } export const other = (n: number) => n * 2, more = { deep() {} };`,
    'c.cjs': `exports.x = function () {\n  return 1; };\nfunction Old() {}\nOld.prototype.get = function () { throw new Error(); };`,
    'd.json': `{ "list": [\n1,\n2] }`,
  };

  test('of TypeScript, JSX, CommonJS and JSON', async () => {
    const profiled = expectSameMeaning(await bundled(files));
    const lines = laidOut(profiled);
    expect(lines.slice(lines.findIndex((line) => !line.startsWith('none')))).toMatchInlineSnapshot(`
      [
        "c.cjs:1 [] var require_c=__commonJS({"virtual/c.cjs"(exports){exports.x=",
        "c.cjs:1 [x] function(){",
        "c.cjs:2 [x] return 1}",
        "c.cjs:2 [] ;",
        "c.cjs:3 [Old] function Old(){}",
        "c.cjs:4 [] Old.prototype.get=",
        "c.cjs:4 [Old.get] function(){throw new Error}",
        "c.cjs:4 [] }});",
        "b.ts:1 [] var b_exports={};__export(b_exports,{helper:",
        "none:1 [helper] ()=>helper",
        "b.ts:1 [] ,more:",
        "none:1 [more] ()=>more",
        "b.ts:1 [] ,other:",
        "none:1 [other] ()=>other",
        "b.ts:1 [] });",
        "b.ts:1 [helper] function helper(n){return n+1}",
        "b.ts:1 [] var other=",
        "b.ts:1 [other] n=>n*2",
        "b.ts:1 [] ;var more={",
        "b.ts:1 [deep] deep(){}",
        "b.ts:1 [] };",
        "a.tsx:3 [] var import_c=__toESM(require_c());",
        "d.json:1 [] var d_default={list:[",
        "d.json:2 [] 1,",
        "d.json:3 [] 2]};",
        "a.tsx:5 [] var React={createElement:",
        "a.tsx:5 [createElement] (...all)=>all",
        "a.tsx:5 [] };",
        "a.tsx:6 [] var sorted=d_default.list.",
        "a.tsx:7 [] map(",
        "a.tsx:7 [null] x=>({x})",
        "a.tsx:7 [] ).",
        "a.tsx:8 [] filter(",
        "a.tsx:8 [null] ({x})=>x>helper(1)",
        "a.tsx:8 [] ).",
        "a.tsx:9 [] sort(",
        "a.tsx:9 [null] (a,b)=>a.x-b.x",
        "a.tsx:9 [] );",
        "a.tsx:10 [View] function View(){",
        "a.tsx:11 [View] return (",
        "a.tsx:12 [View] React.createElement("div",null,",
        "a.tsx:13 [View] helper(2)",
        "a.tsx:14 [View] ))",
        "a.tsx:16 [View] }",
        "a.tsx:17 [] var Cache=class _Cache extends Map{",
        "a.tsx:18 [Cache.#size] #size=1;",
        "a.tsx:18 [Cache.order] order=[];",
        "a.tsx:18 [Cache.shared] static shared=new _Cache;",
        "a.tsx:19 [null] static{helper(3)}",
        "a.tsx:20 [Cache.first] get first(){return this.order[0]}",
        "a.tsx:21 [] async*[Symbol.iterator]",
        "a.tsx:21 [Cache.[Symbol.iterator]] (from=",
        "a.tsx:21 [from] ()=>0",
        "a.tsx:21 [Cache.[Symbol.iterator]] ){yield*super[Symbol.iterator]();return(",
        "a.tsx:21 [null] ()=>from)",
        "a.tsx:21 [Cache.[Symbol.iterator]] }",
        "a.tsx:22 [Cache.set] set(k,v){if(this.#size>2)return this;else ",
        "a.tsx:23 [Cache.set] this.order.push(k);",
        "a.tsx:24 [Cache.set] return super.set(k,v)}",
        "a.tsx:25 [] };",
        "a.tsx:26 [] console.log(sorted,View,Cache,b_exports,import_c.default);",
      ]
    `);
    const places = profiled.functions.flatMap(({ name, parent, place, start, end }) =>
      place === null
        ? []
        : `${name} in ${profiled.functions[parent]?.name}: ${path.basename(place.file)}:${place.line}:${place.column}, ${end - start + 1}`,
    );
    expect(places).toMatchInlineSnapshot(`
      [
        "x in undefined: c.cjs:1:13, 2",
        "Old in undefined: c.cjs:3:1, 1",
        "Old.get in undefined: c.cjs:4:21, 1",
        "helper in undefined: b.ts:1:8, 1",
        "other in undefined: b.ts:1:75, 1",
        "deep in undefined: b.ts:1:105, 1",
        "createElement in undefined: a.tsx:5:32, 1",
        "null in undefined: a.tsx:7:9, 1",
        "null in undefined: a.tsx:8:11, 1",
        "null in undefined: a.tsx:9:9, 1",
        "View in undefined: a.tsx:10:1, 6",
        "Cache.#size in undefined: a.tsx:18:3, 1",
        "Cache.order in undefined: a.tsx:18:14, 1",
        "Cache.shared in undefined: a.tsx:18:36, 1",
        "null in undefined: a.tsx:19:3, 1",
        "Cache.first in undefined: a.tsx:20:3, 1",
        "Cache.[Symbol.iterator] in undefined: a.tsx:21:28, 5",
        "from in Cache.[Symbol.iterator]: a.tsx:21:35, 1",
        "null in Cache.[Symbol.iterator]: a.tsx:21:91, 1",
        "Cache.set in undefined: a.tsx:22:3, 3",
      ]
    `);
  });

  test('whatever ends or begins on it', async () => {
    const bundle = await bundled(path.join(root, 'node_modules/marked/lib/marked.esm.js'));
    const { code, firstLine, lines } = profiledCode(bundle);
    const texts = code.split('\n');
    const others = decode(mappedCode(code)?.map.mappings ?? '').flatMap((segments, index) =>
      segments.flatMap(([column, , from]) => {
        const own = lines[index + 1 - firstLine];
        return own === undefined || own.line - 1 === from ? [] : [texts[index]?.slice(column, column + 10)];
      }),
    );
    // V8 knows no place of what closes a literal, a class or the part of a template.
    expect(others.filter((text) => !/^\s*[)\]}]/.test(text ?? ''))).toEqual([]);
  });

  test('of minified sources, where functions share a line', async () => {
    const profiled = profiledCode(
      await bundled({ 'a.js': 'var a=x=>x+1,b=x=>{return a(x)*2};function c(){return[1].map(x=>b(x))}c()' }, 'js'),
    );
    expect(laidOut(profiled)).toMatchInlineSnapshot(`
      [
        "a.js:1 [] var a=",
        "a.js:1 [a] x=>x+1",
        "a.js:1 [] ;var b=",
        "a.js:1 [b] x=>{return a(x)*2}",
        "a.js:1 [] ;",
        "a.js:1 [c] function c(){return[1].map(",
        "a.js:1 [null] x=>b(x)",
        "a.js:1 [c] )}",
        "a.js:1 [] c();",
      ]
    `);
  });

  test('of code without a map, which is the place itself', () => {
    const { code, firstLine, lines, functions } = profiledCode('const a = () => 1;\nconst b = a;');
    expect(code.slice(firstLine - 1)).toBe('const a =\n () => 1\n;\nconst b = a;');
    expect(code.slice(0, firstLine - 1)).toBe('\n'.repeat(firstLine - 1));
    expect(lines).toEqual([
      { file: null, line: 1, column: 1, fn: -1 },
      { file: null, line: 1, column: 10, fn: 0 },
      { file: null, line: 1, column: 18, fn: -1 },
      { file: null, line: 2, column: 1, fn: -1 },
    ]);
    expect(functions).toEqual([{ name: 'a', parent: -1, place: null, start: firstLine + 1, end: firstLine + 1 }]);
  });

  test('below a hashbang, which stays the first line', () => {
    const { code, firstLine, lines } = profiledCode('#!/usr/bin/env node\na();');
    expect(code.split('\n').indexOf('a();') + 1).toBe(firstLine);
    expect(code).toMatch(/^#!.*\n\n/);
    expect(lines).toEqual([{ file: null, line: 2, column: 1, fn: -1 }]);
  });
});

describe('code that cannot be parsed', () => {
  test.each([
    ['is newer than the parser', 'a = b ::: c;\n'],
    ['is too deep', `a = ${'1 + '.repeat(50_000)}1;\n`],
    ['is too long', `a = '${' '.repeat(8_000_000)}';\n`],
  ])('%s: it keeps its lines, and claims no place for what is of several lines', (_, first) => {
    const code = `${first}b\nc d`;
    const mappings = encode([
      [[0, 0, 4, 0]],
      [[0, 0, 5, 2]],
      [
        [0, 0, 6, 0],
        [2, 0, 7, 0],
      ],
    ]);
    const map = { version: 3, sources: ['a.js'], sourceRoot: 'file:///', names: [], mappings };
    const { code: laid, firstLine, lines, functions } = profiledCode(`${code}\n${inline(map)}`);
    expect(withoutMap(laid).slice(firstLine - 1)).toBe(`${code}\n`);
    expect(lines.slice(0, 3)).toEqual([
      { file: '/a.js', line: 5, column: 1, fn: -1 },
      { file: '/a.js', line: 6, column: 3, fn: -1 },
      { file: null, line: 3, column: 1, fn: -1 },
    ]);
    expect(functions).toEqual([]);
  });
});

test('the source map leads from each token to the same place', async () => {
  const bundle = await bundled(path.join(root, 'node_modules/commander/index.js'));
  const { code } = profiledCode(bundle);
  const placesIn = (text: string) => {
    const placeOf = positionsIn(text);
    return tokensOf(withoutMap(text)).map(({ start }) => placeOf(start));
  };
  const places = placesIn(code);
  expect(places.length).toBeGreaterThan(1000);
  expect(places).toEqual(placesIn(bundle));
});

describe('V8', () => {
  const spin = (name: string, from: string) =>
    `export function ${name}(n: number) { let h = 1; for (let i = 0; i < n; i++) h = Math.imul(h ${from} i, 16777619); return h; }`;
  const files = {
    'package.json': '{}',
    'node_modules/dependency/package.json': '{ "type": "module", "main": "index.js" }',
    'node_modules/dependency/index.js': `// one\n// two\n${spin('shared', '-').replace(': number', '')}`,
    // Two functions share a line.
    'src/lib.ts': `${spin('short', '^')} ${spin('long', '+')}\n`,
    'bench/it.bench.ts': `import { shared } from 'dependency';
import { long, short } from '../src/lib.js';
function sum() {
  return (
    short(2_000) +
    long(8_000) +
    shared(4_000)
  );
}
export function fail(): never {
  throw (
    new Error(String(sum()))
  );
}
export function run(times: number) {
  let all = 0;
  for (let i = 0; i < times; i++) all += sum();
  return all;
}`,
  };

  async function written(): Promise<ProfiledCode> {
    write(folder, files);
    const bundler = new Bundler(folder);
    const bundle = await bundler.current(path.join(folder, 'bench/it.bench.ts')).finally(() => bundler.dispose());
    if (!bundle.ok) throw new Error(bundle.error.message);
    const profiled = expectSameMeaning(bundle.value.code);
    write(folder, { 'plain.mjs': bundle.value.code, 'profiled.mjs': profiled.code });
    return profiled;
  }

  /** What a script prints that has imported one of the two as `code`. */
  function printed(file: string, script: string, ...flags: readonly string[]): string {
    const text = `const code = await import(${JSON.stringify(pathToFileURL(path.join(folder, file)).href)});${script}`;
    return execFileSync(process.execPath, [...flags, '--input-type=module', '--eval', text], {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: 100_000_000,
    });
  }

  test('makes the same bytecode and the same stacks of it', async () => {
    await written();
    const bytecodeOf = (file: string) => {
      const parts = printed(file, 'code.run(1)', '--print-bytecode')
        .split('[generated bytecode for function: ')
        .slice(1);
      return parts
        .filter((part) => /^(?:sum|run|short|long) /.test(part))
        .map((part) => Array.from(part.matchAll(/@ +\d+ : .*/g), ([text]) => text.replace(/0x[0-9a-f]+/g, '')));
    };
    const bytecode = bytecodeOf('profiled.mjs');
    expect(bytecode.map((lines) => lines.length > 5)).toEqual([true, true, true, true]);
    expect(bytecode).toEqual(bytecodeOf('plain.mjs'));
    const stackOf = (file: string) =>
      printed(file, 'try { code.fail() } catch (e) { console.log(e.stack) }', '--enable-source-maps');
    const stack = stackOf('profiled.mjs').split('\n    at ').slice(1, 2);
    expect(stack).toEqual([`Module.fail (${path.join(folder, 'bench/it.bench.ts')}:12:5)`]);
    expect(stackOf('plain.mjs').split('\n    at ').slice(1, 2)).toEqual(stack);
  });

  test('tells the function of each sample by its line, inlined ones and those of packages too', async () => {
    const { firstLine, lines, functions } = await written();
    const profile = `
      const { Session } = await import('node:inspector/promises');
      code.run(300);
      const session = new Session();
      session.connect();
      await session.post('Profiler.enable');
      await session.post('Profiler.setSamplingInterval', { interval: 100 });
      await session.post('Profiler.start');
      code.run(15_000);
      const { profile } = await session.post('Profiler.stop');
      console.log(JSON.stringify(profile.nodes.flatMap(({ positionTicks = [] }) => positionTicks)));`;
    const ticks = JSON.parse(printed('profiled.mjs', profile, '--detailed-line-info')) as {
      line: number;
      ticks: number;
    }[];
    const counts = new Map<string, number>();
    for (const { line, ticks: count } of ticks) {
      const own = lines[line - firstLine];
      const name =
        own === undefined ? `line ${line}` : `${functions[own.fn]?.name} ${path.basename(own.file ?? '')}:${own.line}`;
      counts.set(name, (counts.get(name) ?? 0) + count);
    }
    const most = [...counts].sort(([, a], [, b]) => b - a).slice(0, 3);
    expect(most.map(([name]) => name)).toEqual(['long lib.ts:1', 'line 3', 'short lib.ts:1']);
  });
});
