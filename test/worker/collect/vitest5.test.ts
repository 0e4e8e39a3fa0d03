import { afterAll, describe, expect, test } from 'vitest';
import { cleanUp, collecting } from './collecting.js';

afterAll(cleanUp);

/** A bench file is run as the installed version does. */
const installed = { 'node_modules/vitest/package.json': '{ "version": "5.1.2" }' };

const file = String.raw`
import { afterAll, afterEach, aroundAll, aroundEach, beforeAll, beforeEach, describe, expect, onTestFinished, test as base } from 'vitest';
const log = (...all) => console.log(...all);
const o = { time: 0, iterations: 2, warmupTime: 0, warmupIterations: 1 };
const test = base.extend({
  file: [async ({}, use) => { log('file fixture up'); await use('F'); log('file fixture down'); }, { scope: 'file' }],
  list: async ({ file }, use) => { log('list up', file); await use([1, 2, 3]); log('list down'); },
  auto: [async ({ task }, use) => { log('auto up', task.name); await use(0); log('auto down'); }, { auto: true }],
  plain: 5,
}).extend('built', ({ list }, { onCleanup }) => { log('built up', list.length); onCleanup(() => log('built down')); return 'B'; });
aroundAll(async (run) => { log('aroundAll in'); await run(); log('aroundAll out'); });
aroundEach(async (run, { task }) => { log('aroundEach in', task.name); await run(); log('aroundEach out'); });
beforeAll(() => { log('beforeAll'); return () => log('beforeAll cleanup'); });
afterAll(() => log('afterAll'));
beforeEach(({ task }) => { log('beforeEach', task.name); return () => log('beforeEach cleanup'); });
afterEach(() => log('afterEach'));
test('throws first', () => { throw new Error('first'); });
test('fixtures', async ({ bench, list, built, plain }) => {
  const r = await bench.compare(
    bench('a', () => { log('a runs', list.join(), built, plain); }),
    bench('b', { beforeAll: (m) => log('b beforeAll', m), beforeEach: (m) => log('b beforeEach', m), afterAll: (m) => log('b afterAll', m) }, function () { log('b runs', this?.name); }),
    { ...o, setup: (t, m) => log('setup', t.name, m), teardown: (t, m) => log('teardown', t.name, m) },
  );
  log('compared', typeof r.get('a').latency.mean, r.get('b').name);
  onTestFinished(() => log('finished'));
});
const helper = async (context) => { const { name } = await context.bench(function named() { log('helper runs'); }).run(o); log('helper', name); };
base('helper takes the context', async (context) => { await helper(context); });
base('skips', async ({ skip, bench }) => { skip(); await bench('never', () => {}).run(o); });
base('fails after', async ({ bench }) => { await bench('x', () => { log('x runs'); }).run(o); log('after x'); });
base('unrun', ({ bench }) => { bench('never run', () => {}); });
describe('suite', () => {
  test.override({ plain: 6 });
  beforeAll(() => log('suite beforeAll')); afterAll(() => log('suite afterAll'));
  test('in suite', async ({ bench, plain }) => { await bench('s', () => { log('s runs', plain); }).run(o); });
  base.for([['x', 1], ['y', 2]])('row %s %i', async ([s, n], { bench }) => { await bench('r', () => { log('r runs', s, n); }).run(o); });
  base.each([[1, 2]])('each %i', (...args) => { log('each', args.length); });
});
describe('bad', () => { base('before the throw', async ({ bench }) => { await bench('ok', () => { log('bad ok'); }).run(o); }); throw new Error('in a suite'); });
base('last', async ({ bench }) => { await bench('z', () => { log('z runs'); }).run(o); });
`;

// What vitest 5.1.2 printed for this file, without what the benchmarks themselves print.
const printed = `
aroundAll in
beforeAll
auto up throws first
aroundEach in throws first
beforeEach throws first
afterEach
beforeEach cleanup
aroundEach out
auto down
auto up fixtures
aroundEach in fixtures
beforeEach fixtures
file fixture up
list up F
built up 3
compared number b
afterEach
beforeEach cleanup
built down
list down
finished
aroundEach out
auto down
aroundEach in helper takes the context
beforeEach helper takes the context
afterEach
beforeEach cleanup
aroundEach out
aroundEach in skips
beforeEach skips
afterEach
beforeEach cleanup
aroundEach out
aroundEach in fails after
beforeEach fails after
after x
afterEach
beforeEach cleanup
aroundEach out
aroundEach in unrun
beforeEach unrun
afterEach
beforeEach cleanup
aroundEach out
suite beforeAll
auto up in suite
aroundEach in in suite
beforeEach in suite
afterEach
beforeEach cleanup
aroundEach out
auto down
aroundEach in row x 1
beforeEach row x 1
afterEach
beforeEach cleanup
aroundEach out
aroundEach in row y 2
beforeEach row y 2
afterEach
beforeEach cleanup
aroundEach out
aroundEach in each 1
beforeEach each 1
each 2
afterEach
beforeEach cleanup
aroundEach out
suite afterAll
aroundEach in before the throw
beforeEach before the throw
afterEach
beforeEach cleanup
aroundEach out
aroundEach in last
beforeEach last
afterEach
beforeEach cleanup
aroundEach out
afterAll
beforeAll cleanup
file fixture down
aroundAll out
`
  .trim()
  .split('\n');

const names = [
  ...['fixtures/a', 'fixtures/b', 'fails after/x', 'suite/in suite/s', 'suite/row x 1/r', 'suite/row y 2/r'],
  ...['bad/before the throw/ok', 'last/z'],
];

describe('fixtures, hooks and contexts', () => {
  test('run as in vitest, and what one test or suite throws loses none of the others', async () => {
    const found = await collecting({ 'a.bench.js': file, ...installed });
    expect(found).toMatchObject({
      names,
      failures: [
        'bad: Error: in a suite',
        'throws first: Error: first',
        'helper takes the context: TypeError: `bench()` expects a benchmark function. Call `bench(name, fn)` or `bench(name, options, fn)`.',
      ],
    });
    expect(found.printed).toEqual(printed);
  });

  test('a benchmark runs in its test, whose fixtures and hooks end after it', async () => {
    const found = await collecting(
      { 'a.bench.js': file, ...installed },
      { wanted: 'fixtures/b', modes: ['warmup', 'run'], rounds: 1 },
    );
    const at = printed.indexOf('built up 3') + 1;
    const phase = (mode: string) => [
      ...[`setup b ${mode}`, `b beforeAll ${mode}`, `b beforeEach ${mode}`, 'b runs b'],
      ...[`b afterAll ${mode}`, `teardown b ${mode}`],
    ];
    expect(found.printed).toEqual([
      ...printed.slice(0, at),
      ...[...phase('warmup'), ...phase('run')],
      ...printed.slice(at),
    ]);
    expect(found.names).toEqual(['fixtures/a', 'fixtures/b']);
  });
});

test('a helper that takes the context', async () => {
  const text = `
    import { test } from 'vitest';
    const all = async (context) => { const { bench } = context; await bench.compare(bench('a', () => {}), bench('b', () => {})); };
    test('helped', async (context) => { await all(context); });
  `;
  expect(await collecting({ 'a.bench.js': text, ...installed })).toMatchObject({ names: ['helped/a', 'helped/b'] });
});

test.each([
  ["bench.compare(bench('a', () => {}))", '`bench.compare()` requires at least 2 benchmarks, received 1 instead.'],
  ["bench('a', () => {}, { time: 1 }).run()", '`bench()` does not accept options as the third argument.'],
  [
    'bench.compare(1, 2)',
    '`bench.compare()` expects every argument to be the return value of `bench` or `bench.from`.',
  ],
])('what vitest refuses fails: %s', async (call, message) => {
  const text = `import { test } from 'vitest'; test('x', async ({ bench }) => { await ${call}; });`;
  const { failures } = await collecting({ 'a.bench.js': text, ...installed });
  expect(failures?.[0]).toContain(message);
});
