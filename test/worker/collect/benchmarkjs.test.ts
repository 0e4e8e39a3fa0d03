import { afterAll, expect, test } from 'vitest';
import { cleanUp, collecting } from './collecting.js';

afterAll(cleanUp);

const fileOf = (options: string, before = ''): string => `
  const Benchmark = require('benchmark');
  const log = (globalThis.log = (...all) => console.log(...all));
  const closed = 'closure';
  ${before}
  const suite = new Benchmark.Suite('s', { onStart: () => log('suite start') });
  suite.add('a', ${options}).on('cycle', () => {}).run();
`;

// What Benchmark.js 2.1.4 ran, up to the end of its first cycle: it tries the compiled text once, and then runs as many iterations
// as it counts, here two.
test.each([
  [
    'functions share a scope, whatever esbuild calls their variables',
    `{ setup: function () { var a = 1; log('setup', this.count); }, fn: function () { a++; log('fn', a); },
       teardown: function () { log('teardown', a); } }`,
    ['setup 1', 'fn 2', 'teardown 2', 'setup 2', 'begin', 'fn 2', 'fn 3', 'end', 'teardown 3'],
  ],
  [
    'strings do, too',
    `{ setup: 'var s = "S"; log("setup");', fn: 'log("fn", s)', teardown: 'log("teardown", s)' }`,
    ['setup', 'fn S', 'teardown S', 'setup', 'begin', 'fn S', 'fn S', 'end', 'teardown S'],
  ],
  [
    'const, arrow functions and methods',
    `{ setup: () => { const k = { n: 0 }; log('setup') }, fn() { log('fn', ++k.n); } }`,
    ['setup', 'fn 1', 'setup', 'begin', 'fn 1', 'fn 2', 'end'],
  ],
  [
    'a function that needs its own module is called, after the setup',
    `{ setup: function () { log('setup'); }, fn: function () { log('fn', closed); } }`,
    ['setup', 'setup', 'fn closure', 'setup', 'begin', 'fn closure', 'fn closure', 'end'],
  ],
  [
    'a function that returns is a function of its own in the same scope',
    `{ setup: function () { var x = 2; log('setup'); }, fn: function () { log('fn', x); return x; } }`,
    ['setup', 'fn 2', 'setup', 'fn 2', 'setup', 'begin', 'fn 2', 'fn 2', 'end'],
  ],
  [
    'without a setup it is called as it is',
    `{ fn: function () { log('fn', this.name, closed); } }`,
    ['fn a closure', 'fn a closure'],
  ],
  [
    'deferred, with the setup',
    `{ defer: true, setup: function () { var d = 5; log('setup'); },
       fn: function (deferred) { log('fn', d); setTimeout(function () { deferred.resolve(); }, 1); },
       teardown: function () { log('teardown'); } }`,
    ['setup', 'begin', 'fn 5', 'fn 5', 'end', 'teardown'],
  ],
  [
    'deferred strings, which resolve at once',
    `{ defer: true, setup: 'var d = 6; log("setup")', fn: 'log("fn", d); deferred.resolve()', teardown: 'log("teardown")' }`,
    ['setup', 'begin', 'fn 6', 'fn 6', 'end', 'teardown'],
  ],
])('%s', async (_, options, printed) => {
  const found = await collecting({ 'a.bench.cjs': fileOf(options) }, { wanted: 's/a', rounds: 2 });
  expect(found).toMatchObject({ names: ['s/a'], printed: ['suite start', ...printed] });
});

test('a setup on the prototype is that of every benchmark', async () => {
  const before = `Benchmark.prototype.setup = function () { var p = 1; log('setup'); };`;
  const found = await collecting(
    { 'a.bench.cjs': fileOf(`function () { log('fn', typeof p); }`, before) },
    { wanted: 's/a', rounds: 1 },
  );
  expect(found.printed).toEqual(['suite start', 'setup', 'fn number', 'setup', 'begin', 'fn number', 'end']);
});

test('a setup that needs its own module fails, as with Benchmark.js', async () => {
  const options = `{ setup: function () { log(closed); }, fn: function () { log('fn'); } }`;
  await expect(collecting({ 'a.bench.cjs': fileOf(options) }, { wanted: 's/a' })).rejects.toThrow(
    'ReferenceError: closed is not defined',
  );
});

test.each([
  `{ setup: () => log('setup'), fn: () => log('fn') }`,
  `{ defer: true, setup: () => {}, fn: (deferred) => deferred.resolve() }`,
])('a function without braces is empty to Benchmark.js, if it has a setup: %s', async (options) => {
  await expect(collecting({ 'a.bench.cjs': fileOf(options) }, { wanted: 's/a' })).rejects.toThrow(
    'The test "a" is empty. This may be the result of dead code removal.',
  );
});

test.each([
  ['Benchmark.runInContext({})', 'Benchmark.runInContext()'],
  ["Benchmark.invoke([], 'run')", 'Benchmark.invoke()'],
  ['suite.clone()', 'Suite.clone()'],
])('%s is refused by name', async (call, name) => {
  const file = `const Benchmark = require('benchmark'); const suite = Benchmark.Suite().add(() => 1); ${call};`;
  expect(await collecting({ 'a.bench.cjs': file })).toMatchObject({
    kind: 'threw',
    error: `Error: the bench file uses ${name}, which Perf Budget does not support`,
  });
});

test('a benchmark without a name is called as Benchmark.js prints it', async () => {
  const file = `require('benchmark').Suite().add(() => 1).add(() => 2).run();`;
  expect(await collecting({ 'a.bench.cjs': file })).toMatchObject({ names: ['<Test #1>', '<Test #2>'] });
});
