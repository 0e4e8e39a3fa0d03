import { afterAll, expect, test } from 'vitest';
import { titleOf } from '../../../src/worker/collect/titles.js';
import { cleanUp, collecting } from './collecting.js';

afterAll(cleanUp);

class Point {
  a = 1;
}

const row = {
  ...{
    name: 'x',
    n: 1,
    deep: { s: 'q', l: [1, 2] },
    u: undefined,
    nu: null,
    f: function f() {
      return 0;
    },
    d: new Date(0),
  },
  ...{ map: new Map([['a', 1]]), set: new Set([1]), point: new Point(), r: /x/g, big: 10n, quote: "it's", Point },
  long: 'a'.repeat(60),
  wide: { aaaaaaaaaaaaaaa: 1, bbbbbbbbbbbbbbbbbbbb: 2, cccccccccccccccccc: 3 },
  list: Array.from({ length: 30 }, (_, index) => index),
};

// Taken from the names that vitest 3.2, 4.1.12 and 5.1.2 wrote into their JSON for these templates.
test.each([
  ['%s', ['str'], 'str'],
  ['%s', [{ a: 1, b: [1, 2, { c: 3 }] }], '{ a: 1, b: [ 1, 2, { c: 3 } ] }'],
  ['%i', ['42.5'], '42'],
  ['%d', [3.5], '3.5'],
  ['%f', [-0], '-0'],
  ['%f', [1.5], '1.5'],
  ['%j', [{ a: 'x' }], '{"a":"x"}'],
  ['%o', [{ a: 'x' }], "{ a: 'x' }"],
  ['%O', [[1, 2]], '[ 1, 2 ]'],
  ['%%', [1], '% 1'],
  ['%# %$', ['a'], '0 1'],
  ['100% of %s', ['x'], '100% of x'],
  ['%s and %s', ['a'], 'a and undefined'],
  ['%s', ['a', 'b'], 'a'],
  ['%c', ['css'], ''],
  ['list %s', [1, 2], 'list 1'],
  ['$0 $1 $1.k', ['a', { k: 1 }], ['a { k: 1 } $1.k', "'a' { k: 1 } $1.k"]],
  ['$name|$n|$deep|$deep.s', [row], ["x|1|{ s: 'q', l: [ 1, 2 ] }|q", "'x'|1|{ s: 'q', l: [ 1, 2 ] }|'q'"]],
  ['$deep.l|$u|$nu|$f|$d', [row], '[ 1, 2 ]|undefined|null|[Function f]|1970-01-01T00:00:00.000Z'],
  ['$missing|$n.x', [row], 'undefined|undefined'],
  ['$map|$set|$point', [row], ["Map { 'a' => 1 }|Set { 1 }|Point { a: 1 }", "Map{ 'a' => 1 }|Set{ 1 }|Point{ a: 1 }"]],
  ['$r|$big|$Point|$quote', [row], ["/x/g|10n|[Function Point]|it's", "/x/g|10n|[Function Point]|'it\\'s'"]],
  ['$long', [row], [`${'a'.repeat(39)}…`, `'${'a'.repeat(37)}…'`]],
  ['$wide', [row], '{ aaaaaaaaaaaaaaa: 1, …(2) }'],
  ['$list', [row], ['[ 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, …(20) ]', '[ Array(30) ]']],
])('the title %s', (template, items, expected) => {
  const [now, before] = typeof expected === 'string' ? [expected, expected] : expected;
  expect([titleOf(template, items, 0, 5), titleOf(template, items, 0, 4)]).toEqual([now, before]);
});

test('with no value left, version 3 keeps the placeholder', () => {
  expect(titleOf('%s and %s', ['a'], 0, 3)).toBe('a and %s');
});

const file = (version: string, text: string) => ({
  'a.bench.js': text,
  'node_modules/vitest/package.json': JSON.stringify({ version }),
});

test('names of benches and suites as vitest 4 prints them', async () => {
  const text = `
    import { bench, describe } from 'vitest';
    class Thing {}
    function helper() {}
    const none = () => {};
    bench(function named() {}, none);
    bench(Thing, none);
    bench(() => {}, none);
    bench('two\\nlines', none);
    bench(42, none);
    describe(Thing, () => { bench('in class', none); });
    describe.each([1])(helper, () => { bench('fn each', none); });
    describe.each([{ name: 'x' }])('obj $name', () => { bench('c', none); });
    describe.each\`a | b
      \${1} | \${'two'}\`('tpl $a + $b', ({ a, b }) => { bench(\`c\${a}\${b}\`, none); });
    describe.for([['x', 1], ['y', 2]])('for %s %i', ([s, n]) => { bench(\`c\${s}\${n}\`, none); });
    describe.for([{ name: 'q' }])('for $name', ({ name }) => { bench('c' + name, none); });
    describe.each([[[1, 2]], [[3]]])('list %s', (l) => { bench('c' + l, none); });
    describe.each([[1, 2], 3])('mixed %s', (l) => { bench('c' + l, none); });
    describe('options', { skip: true }, () => { bench('skipped', none); });
  `;
  expect((await collecting(file('4.1.12', text))).names).toEqual([
    ...['named', 'Thing', '<anonymous>', 'two lines', '42', 'Thing/in class', 'helper/fn each'],
    ...["obj 'x'/c", "tpl 1 + 'two'/c1two", 'for x 1/cx1', 'for y 2/cy2', "for 'q'/cq"],
    ...['list 1,2/c1,2', 'list 3/c3', 'mixed 1/c1,2', 'mixed 3/c3'],
  ]);
});

test('a file of benches runs no tests before version 5, and only the hooks of the file', async () => {
  const text = `
    import { beforeAll, beforeEach, bench, describe, test } from 'vitest';
    beforeAll(() => console.log('file'));
    beforeEach(() => console.log('never'));
    test('never', ({ expect }) => { console.log('never'); });
    describe('suite', () => {
      beforeAll(() => console.log('never'));
      bench('a', () => 'A', { setup: (task, mode) => console.log(task.name, mode), beforeAll: () => console.log('never') });
    });
  `;
  const found = await collecting(file('4.1.12', text), { wanted: 'suite/a', modes: ['warmup', 'run'] });
  expect(found.printed).toEqual(['file', 'a warmup', 'suite/a = A', 'a run', 'suite/a = A']);
});
