import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { benchCalls, findCallee, outline } from '../../../src/core/outline/index.js';

/** `path: name` of each symbol, where the name is what stands at `nameRange`. */
function symbols(text: string, filename = 'file.ts'): string[] {
  return outline(text, filename).map(({ path, nameRange }) => `${path}: ${text.slice(nameRange.start, nameRange.end)}`);
}

/** `name (what stands at nameRange) -> imported.member from source` of each benchmark. */
function calls(text: string, filename = 'file.bench.ts'): string[] {
  return benchCalls(text, filename).map(({ name, nameRange, callee }) => {
    const called =
      callee === null
        ? 'null'
        : `${callee.imported}${callee.member === null ? '' : ` . ${callee.member}`} from ${callee.source}`;
    return `${String(name)} (${text.slice(nameRange.start, nameRange.end)}) -> ${called}`;
  });
}

/** The names and the callees alone. */
function measured(text: string): string[] {
  return calls(text).map((call) => call.replace(/ \(.*\) ->/, ' ->'));
}

const demo = (file: string): string =>
  readFileSync(fileURLToPath(new URL(`../../fixtures/demo/${file}`, import.meta.url)), 'utf8');

describe('outline', () => {
  it('gives a path, the range of the name and the range of the whole', () => {
    const text = 'export class Registry {\n  lookup(name: string) { return name; }\n}\n';
    expect(outline(text, 'registry.ts')).toEqual([
      { path: 'Registry', nameRange: { start: 13, end: 21 }, range: { start: 7, end: 65 } },
      { path: 'Registry.lookup', nameRange: { start: 26, end: 32 }, range: { start: 26, end: 63 } },
    ]);
  });

  it('finds every way to declare a function in TypeScript', () => {
    const text = `
      import { x } from './x.js';
      function plain() {}
      export async function* generated<T>(a: T): AsyncGenerator<T> { yield a; }
      function overloaded(a: string): void;
      function overloaded(a: number): void;
      function overloaded(a: unknown) {}
      const arrow = (a: number) => a, expression = function named() {};
      export let typed = ((a) => a) as Fn;
      const remembered = memoize((key: string) => key.length, 100);
      const rows = list.map((row) => row);
      let later: Fn;
      abstract class Shape<T> extends Base {
        static create = () => new Shape();
        static { const inStatic = () => 1; }
        #secret() {}
        #field = () => 1;
        handler: Fn = () => {};
        plainField = 1;
        constructor(private a: T) { super(); this.bound = () => a; }
        get size() { return 1; }
        set size(value) {}
        abstract area(): number;
        accessor auto = () => 1;
        async *[Symbol.asyncIterator]() {}
        'quoted name'() {}
        [computed]() {}
      }
      const Anonymous = class { run() {} };
      const api = { find() {}, get all() { return 1; }, load: async () => {}, deep: { er() {} }, [x]: () => 1, n: 1, x };
      namespace Outer { export namespace Inner { export function deep() {} } }
      namespace A.B { export const c = () => 1; }
      enum Kind { One }
      interface Nope { method(): void }
      declare function ambient(): void;
    `;
    expect(symbols(text)).toEqual([
      'plain: plain',
      'generated: generated',
      'overloaded: overloaded',
      'arrow: arrow',
      'expression: expression',
      'typed: typed',
      'remembered: remembered',
      'Shape: Shape',
      'Shape.create: create',
      'Shape.inStatic: inStatic',
      'Shape.#secret: #secret',
      'Shape.#field: #field',
      'Shape.handler: handler',
      'Shape.constructor: constructor',
      'Shape.bound: bound',
      'Shape.size: size',
      'Shape.size: size',
      'Shape.auto: auto',
      'Shape.[Symbol.asyncIterator]: Symbol.asyncIterator',
      "Shape.quoted name: 'quoted name'",
      'Anonymous: Anonymous',
      'Anonymous.run: run',
      'api.find: find',
      'api.all: all',
      'api.load: load',
      'api.deep.er: er',
      'Outer.Inner.deep: deep',
      'A.B.c: c',
    ]);
  });

  it('finds functions inside functions and what a factory returns', () => {
    const text = `
      export function createParser(options) {
        function inner() { const deeper = () => 1; }
        if (options) { const inBlock = () => 2; }
        return { parse(text) { return inner(text); }, reset: () => {} };
      }
      (function () { function hidden() {} })();
      register({ callback() {} });
    `;
    expect(symbols(text)).toEqual([
      'createParser: createParser',
      'createParser.inner: inner',
      'createParser.inner.deeper: deeper',
      'createParser.inBlock: inBlock',
      'createParser.parse: parse',
      'createParser.reset: reset',
      'hidden: hidden',
    ]);
  });

  it.each([
    ['export default function () {}', ['default: default']],
    ['export default function parse() {}', ['parse: parse', 'default: parse']],
    ['export default async (text) => text;', ['default: default']],
    ['export default class { run() {} }', ['default: default', 'default.run: run']],
    ['class A { run() {} }\nexport default A;', ['A: A', 'default: A', 'A.run: run', 'default.run: run']],
    ['export default { run() {} };', ['default.run: run']],
    ['export default memoize((x) => x);', ['default: default']],
    ['function a() {}\nexport { a as b, a, a as "c d" };', ['a: a', 'b: a', 'c d: a']],
    ["export { a as b } from './a.js';\nexport * from './b.js';", []],
  ])('finds what is exported: %s', (text, expected) => {
    expect(symbols(text)).toEqual(expected);
  });

  it.each([
    ['exports.parse = function (text) {};', ['parse: parse']],
    ['module.exports.parse = (text) => text;', ['parse: parse']],
    ['module.exports = function () {};', ['default: exports']],
    ['function wrap() {}\nmodule.exports = wrap;', ['wrap: wrap', 'default: wrap']],
    [
      'function wrap() {}\nmodule.exports = { wrap, renamed: wrap, own() {}, arrow: () => 1 };',
      ['wrap: wrap', 'renamed: wrap', 'own: own', 'arrow: arrow'],
    ],
    [
      'const app = module.exports = function () {};\napp.use = function () {};',
      ['app: app', 'default: exports', 'app.use: use'],
    ],
    [
      'function Registry() { this.find = function () {}; }\nRegistry.prototype.lookup = function () {};\nRegistry.of = () => 1;',
      ['Registry: Registry', 'Registry.find: find', 'Registry.lookup: lookup', 'Registry.of: of'],
    ],
    ['x = function () {};\nlist[0] = () => {};\nlist[i] = () => {};', ['list.0: 0']],
  ])('finds what CommonJS exports: %s', (text, expected) => {
    expect(symbols(text, 'file.cjs')).toEqual(expected);
  });

  it('reads what each extension allows', () => {
    expect(symbols('const f = <T,>(x: T) => <b>{x}</b>;', 'f.tsx')).toEqual(['f: f']);
    expect(symbols('const f = (x) => <b>{x}</b>;', 'f.js')).toEqual(['f: f']);
    expect(symbols('const f = <T>(x: T) => x; const g = <Fn>((x) => x);', 'f.mts')).toEqual(['f: f', 'g: g']);
    expect(symbols('@dec() class A { @dec() run(@param() x: string) {} }')).toEqual(['A: A', 'A.run: run']);
    expect(symbols('#!/usr/bin/env node\nreturn await f();\nfunction f() {}', 'f.cjs')).toEqual(['f: f']);
    expect(symbols('const é = () => 1;\r\nfunction b() {}\r\n')).toEqual(['é: é', 'b: b']);
    expect(symbols('with (x) { var a = function () {}; }', 'f.js')).toEqual(['a: a']);
  });

  describe('of broken code', () => {
    const source = (broken: string): string =>
      `import { a } from './a.js';\nexport function before() {\n  return 1;\n}\n\nexport class Broken {\n  first() {\n${broken}\n  }\n\n  second() {}\n}\n\nexport const after = () => 2;\n`;
    const all = ['before: before', 'Broken: Broken', 'Broken.first: first', 'Broken.second: second', 'after: after'];

    it.each([
      '    const x = ',
      '    this.',
      '    if (',
      '    foo(a, ',
      '    const x = [1, 2',
      '    return a +',
      '    for (const x of',
      "    const s = 'never closed",
      '    let let let',
      '    const { a, = b;',
      '    @@@',
      '    foo(\n    const y = 1;',
    ])('still finds everything around %j', (broken) => {
      expect(symbols(source(broken))).toEqual(all);
    });

    it('loses a function that is cut in half, and nothing else', () => {
      const text = 'export function before() {}\n\nfunction half(a, {\n\nexport function after() {}\n';
      expect(symbols(text)).toEqual(['before: before', 'after: after']);
    });

    it('is empty where nothing can be found', () => {
      expect(['', ' ', '}}}}', '\0', '<<<<<<< HEAD', '('.repeat(50_000)].map((text) => outline(text, 'x.ts'))).toEqual(
        Array(6).fill([]),
      );
    });

    it('survives merge conflicts', () => {
      const text =
        '<<<<<<< HEAD\nfunction ours() {}\n=======\nfunction theirs() {}\n>>>>>>> main\nfunction after() {}\n';
      expect(symbols(text)).toEqual(['ours: ours', 'theirs: theirs', 'after: after']);
    });
  });

  it('never throws, whatever the text', () => {
    const token = fc.constantFrom(
      ...[
        'export ',
        'default ',
        'class A ',
        'function f',
        '(',
        ')',
        '{',
        '}',
        '=>',
        '=',
        'a',
        '.',
        '`',
        '${',
        "'",
        '/',
        '*/',
        '\n',
      ],
      ...[
        'module.exports',
        'bench(',
        'describe("x", ',
        'new Bench',
        '.add("y", ',
        'import ',
        ' from "./x"',
        '@',
        '<',
        '>',
        '#',
        ';',
      ],
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(token, { maxLength: 60 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, fc.constantFrom('a.ts', 'a.tsx', 'a.js', 'a.cjs', 'a'), (source, filename) => {
        for (const { nameRange, range } of outline(source, filename)) {
          expect(range.start).toBeLessThanOrEqual(nameRange.start);
          expect(nameRange.end).toBeLessThanOrEqual(range.end);
          expect(range.end).toBeLessThanOrEqual(source.length);
        }
        for (const { nameRange } of benchCalls(source, filename)) {
          expect(nameRange.start).toBeLessThan(nameRange.end);
          expect(nameRange.end).toBeLessThanOrEqual(source.length);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('reads long, deep and broken files', () => {
    const functions = Array.from(
      { length: 2500 },
      (_, i) => `export function f${i}(a: number) {\n  return a + ${i};\n}`,
    );
    expect(outline(functions.join('\n'), 'long.ts')).toHaveLength(2500);
    expect(outline([...functions, 'function broken( {'].join('\n'), 'long.ts')).toHaveLength(2500);
    const cases = Array.from({ length: 2500 }, (_, i) => `  bench('case ${i}', () => {\n    f${i}(1);\n  });`);
    const bench = `import { bench, describe } from 'vitest';\nimport { f7 } from './long.js';\ndescribe('long', () => {\n${cases.join('\n')}\n});\n`;
    const found = benchCalls(bench, 'long.bench.ts');
    expect(found).toHaveLength(2500);
    expect(found.filter(({ callee }) => callee !== null).map(({ name }) => name)).toEqual(['long/case 7']);
    const chain = `import { Bench } from 'tinybench';\nnew Bench()${Array.from({ length: 500 }, (_, i) => `.add('${i}', () => 1)`).join('')};`;
    expect(benchCalls(chain, 'chain.bench.ts').map(({ name }) => name)).toEqual(
      Array.from({ length: 500 }, (_, i) => `${i}`),
    );
  });
});

describe('benchCalls', () => {
  it('reads the demo', () => {
    const files = [
      'tokenizer.ts',
      'lru.ts',
      'router.ts',
      'diff.ts',
      'text.ts',
      'graph.ts',
      'json.ts',
      'markdown.ts',
      'glob.ts',
    ];
    const found = [...files, 'mapLimit.ts', 'wrap.cjs'].flatMap((file) =>
      calls(demo(`bench/${file.replace('.', '.bench.')}`), file),
    );
    expect(found).toEqual([
      "tokenizer/source file ('source file') -> tokenize from ../src/tokenizer.js",
      "tokenizer/comments and strings ('comments and strings') -> tokenize from ../src/tokenizer.js",
      "tokenizer/numbers ('numbers') -> tokenize from ../src/tokenizer.js",
      "lru/get ('get') -> LruCache . get from ../src/lru",
      "lru/evict ('evict') -> LruCache . set from ../src/lru",
      "lru/memoize ('memoize') -> memoize from ../src/lru",
      "router/static/hit ('hit') -> Router . match from ../src/router.js",
      "router/static/miss ('miss') -> Router . match from ../src/router.js",
      "router/parameters/nested ('nested') -> Router . match from ../src/router.js",
      "router/parameters/nested, cached ('nested, cached') -> Router . match from ../src/router.js",
      "diff/edited file ('edited file') -> diffLines from ../src/diff.js",
      "diff/rewritten file ('rewritten file') -> diffLines from ../src/diff.js",
      "diff/format ('format') -> formatEdits from ../src/diff.js",
      "csv/parse ('parse') -> parseCsv from ../src/csv.js",
      "csv/records ('records') -> parseRecords from ../src/csv.js",
      "csv/format ('format') -> formatCsv from ../src/csv.js",
      "search/one word ('one word') -> findAll from ../src/search.js",
      "search/many words ('many words') -> WordFinder . find from ../src/search.js",
      "search/build finder ('build finder') -> WordFinder from ../src/search.js",
      "graph/drain queue ('drain queue') -> PriorityQueue . pop from ../src/priorityQueue.js",
      "graph/shortest path ('shortest path') -> shortestPath from ../src/shortestPath.js",
      "json/pointer ('pointer') -> resolve from ../src/json",
      "json/equal ('equal') -> equal from ../src/json",
      "json/create patch ('create patch') -> createPatch from ../src/json",
      "json/patch/apply ('apply') -> applyPatch from ../src/json",
      "markdown/article ('article') -> renderMarkdown from ../src/markdown.js",
      "markdown/escape ('escape') -> escapeHtml from ../src/escape.js",
      "glob match ('glob match') -> matchGlob from ../src/glob.js",
      "glob filter ('glob filter') -> filterPaths from ../src/glob.js",
      "mapLimit/four at once ('four at once') -> mapLimit from ../src/mapLimit.js",
      "mapLimit/one at a time ('one at a time') -> mapLimit from ../src/mapLimit.js",
      "wrap/article ('article') -> wrap from ../legacy/wrap.cjs",
      "wrap/wide characters ('wide characters') -> wrap from ../legacy/wrap.cjs",
    ]);
  });

  it('names cases as they will be named', () => {
    const text = `
      import { bench as measure, describe } from 'vitest';
      import { f } from './f.js';
      const version = '1.2';
      describe('a', () => {
        describe.skip('b', { timeout: 10 }, function () {
          measure.only('c', () => f());
        });
        measure(\`v\${version} of \${2}\`, f, { time: 10 });
        measure('options first', { time: 10 }, f);
        measure.todo('later');
        for (const size of [1, 2]) measure(\`size \${size}\`, () => f(size));
      });
      describe.each([1, 2])('of %i', () => { measure('x', f); });
      describe.skipIf(true)('skipped', () => { measure('x', f); });
      describe(f, () => { measure('x', f); });
      measure(version, f);
      measure(version + '!', f);
      bench('the global is hidden by no import', f);
    `;
    expect(calls(text)).toEqual([
      "a/b/c ('c') -> f from ./f.js",
      'a/v1.2 of 2 (`v${version} of ${2}`) -> f from ./f.js',
      "a/options first ('options first') -> f from ./f.js",
      "a/later ('later') -> null",
      'null (`size ${size}`) -> f from ./f.js',
      "null ('x') -> f from ./f.js",
      "skipped/x ('x') -> f from ./f.js",
      "null ('x') -> f from ./f.js",
      '1.2 (version) -> f from ./f.js',
      "null (version + '!') -> f from ./f.js",
      "the global is hidden by no import ('the global is hidden by no import') -> f from ./f.js",
    ]);
  });

  it('takes add only where it adds a benchmark', () => {
    const text = `
      import { Bench as B } from 'tinybench';
      import Benchmark from 'benchmark';
      import { f, list } from './f.js';
      const options = { time: 1, name: 'named' };
      const named = new B(options);
      named.add('one', f).add('two', f, { beforeEach() {} });
      const chained = new B({ name: \`tick\` }).add('three', f);
      chained.add(\`\${process.version}\`, f);
      new B().add('four', async () => { await f(); }).run();
      const unclear = new B({ name: process.argv[2] });
      unclear.add('five', f);
      const suite = new Benchmark.Suite('old');
      suite.add('six', f).on('cycle', () => {}).add('seven', function () { f(); });
      export default (bench) => bench.add('eight', () => f());
      new Set().add('not', f);
      const set = new Set();
      set.add('not', () => f());
      list.add('not', () => f());
      bench('nine', f);
    `;
    expect(calls(text)).toEqual([
      "named/one ('one') -> f from ./f.js",
      "named/two ('two') -> f from ./f.js",
      "tick/three ('three') -> f from ./f.js",
      'null (`${process.version}`) -> f from ./f.js',
      "four ('four') -> f from ./f.js",
      "null ('five') -> f from ./f.js",
      "old/six ('six') -> f from ./f.js",
      "old/seven ('seven') -> f from ./f.js",
      "eight ('eight') -> f from ./f.js",
      "nine ('nine') -> f from ./f.js",
    ]);
  });

  it.each([
    ["import { f } from './f.js'", 'expect(f(1))', 'f from ./f.js'],
    ["import f from './f.js'", 'f(1)', 'default from ./f.js'],
    ["import * as lib from './f.js'", 'lib.f(1)', '* . f from ./f.js'],
    ["import { f as g } from '..'", 'g(1)', 'f from ..'],
    ["const f = require('./f.cjs')", 'f(1)', 'default from ./f.cjs'],
    ["const lib = require('./f.cjs')", 'lib.f(1)', '* . f from ./f.cjs'],
    ["const { f: g } = require('./f.cjs')", 'g(1)', 'f from ./f.cjs'],
    ["const g = require('./f.cjs').f", 'g(1)', 'f from ./f.cjs'],
    ["const { f } = await import('./f.js')", 'f(1)', 'f from ./f.js'],
    ["import { X } from './x.js'", 'new X()', 'X from ./x.js'],
    ["import { X } from './x.js'", 'new X().run()', 'X . run from ./x.js'],
    ["import { X } from './x.js'", '{ const x = new X(); x.run(); }', 'X . run from ./x.js'],
    ["import { X } from './x.js'; const x = new X<string>()", 'x?.run()', 'X . run from ./x.js'],
    ["import { X } from './x.js'; let x; beforeEach(() => { x = new X(); })", 'x.run()', 'X . run from ./x.js'],
    ["import { type X } from './x.js'; let x: X | undefined", 'x!.run()', 'X . run from ./x.js'],
    ["import { X } from './x.js'; const x = await X.open('a')", 'x.run()', 'X . run from ./x.js'],
    ["import { X } from './x.js'; const make = () => new X(); const x = make()", 'x.run()', 'X . run from ./x.js'],
    [
      "import { X } from './x.js'; function make() { const x = new X(); return x; } const x = make()",
      'x.run()',
      'X . run from ./x.js',
    ],
    [
      "import { X } from './x.js'; async function make(): Promise<X> {} const x = await make()",
      'x.run()',
      'X . run from ./x.js',
    ],
    ["import * as lib from './x.js'; const x = new lib.X()", 'x.run()', 'X . run from ./x.js'],
    ["import { make } from './x.js'; const run = make()", 'run(1)', 'make from ./x.js'],
    ["import { make } from './x.js'; const x = make()", 'x.run(1)', 'make . run from ./x.js'],
    ["import { read, f } from './x.js'; const rows = read()", 'rows.map((row) => f(row))', 'f from ./x.js'],
    ["import { f } from './f.js'; function helper() { return f(1); }", 'helper()', 'f from ./f.js'],
    ["import { f, g } from './f.js'; const helper = () => f(1);", '{ helper(); g(); }', 'g from ./f.js'],
    ["import { f } from './f.js'; const one = () => f(1); const two = () => one();", 'two()', 'null'],
    ["import { f } from 'f'", 'f(1)', 'null'],
    ["import data from './data.json'", 'data.forEach(String)', 'null'],
    ["import { f } from './f.js'", '{ const f = () => 1; f(); }', 'null'],
    ["import { f } from './f.js'", '[1].map((f) => f())', 'null'],
    ['', 'Math.sqrt(2)', 'null'],
    ['function loop() { loop(); }', 'loop()', 'null'],
    ['const a = b, b = a', 'a.run()', 'null'],
  ])('sees what a benchmark calls: %s; %s', (before, called, expected) => {
    expect(measured(`${before};\nbench('x', () => ${called});`)).toEqual([`x -> ${expected}`]);
  });

  it.each([
    ['f', 'f from ./f.js'],
    ['lib.run', '* . run from ./lib.js'],
    ['x.run.bind(x)', 'X . run from ./lib.js'],
    ['local', 'f from ./f.js'],
    ['function () { return f(); }', 'f from ./f.js'],
    ['unknown', 'null'],
  ])('sees through what is given in place of a function: %s', (fn, expected) => {
    const text = `
      import { f } from './f.js';
      import * as lib from './lib.js';
      const x = new lib.X();
      const local = async () => { await f(); };
      bench('x', ${fn});
    `;
    expect(measured(text)).toEqual([`x -> ${expected}`]);
  });

  it('keeps apart what two suites call by one name', () => {
    const text = `
      import { A, B } from './ab.js';
      describe('a', () => { const it = new A(); bench('run', () => it.run()); });
      describe('b', () => { const it = new B(); bench('run', () => it.run()); });
    `;
    expect(measured(text)).toEqual(['a/run -> A . run from ./ab.js', 'b/run -> B . run from ./ab.js']);
  });

  it('finds what it can in a broken bench file', () => {
    const text = `import { bench, describe } from 'vitest';
import { f } from './f.js';

describe('suite', () => {
  bench('first', () => f(1));

  bench('second', () => {
    f(
  });
});

bench('third', () => f(3));
`;
    expect(measured(text)).toEqual(['suite/first -> f from ./f.js', 'suite/second -> null', 'third -> f from ./f.js']);
  });
});

describe('findCallee', () => {
  const found = (text: string, imported: string, member: string | null): string | null =>
    findCallee(outline(text, 'x.cjs'), { imported, member })?.path ?? null;

  it('prefers the method, then what has it', () => {
    const text =
      'class Cache { get() {} }\nfunction make() { return { run() {} }; }\nmodule.exports = { Cache, make, wrap() {} };';
    expect([
      found(text, 'Cache', 'get'),
      found(text, 'Cache', 'inherited'),
      found(text, 'Cache', null),
      found(text, 'make', 'run'),
      found(text, '*', 'wrap'),
      found(text, 'default', 'wrap'),
      found(text, 'elsewhere', null),
      found(text, '*', null),
    ]).toEqual(['Cache.get', 'Cache', 'Cache', 'make.run', 'wrap', 'wrap', null, null]);
  });
});
