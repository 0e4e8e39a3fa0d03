import { expect, test } from 'vitest';
import { causeTable, foundBy, type Asked, type NamedCause } from './score.js';

const cause = (name: string | null, line: number | null, file: string | null = 'src/lru.js'): NamedCause => ({
  kind: 'time',
  function: name,
  file,
  line,
});
const asked = (some: Partial<Asked>): Asked => ({
  module: 'lru',
  change: 'a delete',
  kind: 'delete',
  size: 0.25,
  expected: [{ functions: ['LruCache.unlink', 'default.unlink'], file: 'src/lru.js', lines: [10, 14] }],
  verdict: 'fail',
  ratio: 1.25,
  causes: [cause('LruCache.unlink', 10)],
  causesMs: 600,
  error: null,
  ...some,
});
const control: Partial<Asked> = { kind: null, size: null, expected: [], verdict: 'pass', ratio: 1, causes: [] };

test.each([
  ['the line itself', 'line', [cause('LruCache.unlink', 10)]],
  ['the line below, under its other name', 'line', [cause('default.unlink', 15)]],
  ['two lines away', 'function', [cause('LruCache.unlink', 12)]],
  ['no line', 'function', [cause('LruCache.unlink', null)]],
  ['the right line of another file', 'wrong', [cause('LruCache.unlink', 10, 'src/key.js')]],
  ['another function', 'wrong', [cause('LruCache.link', 10)]],
  ['no function', 'wrong', [cause(null, null, null)]],
  ['the right one, but second', 'wrong', [cause('LruCache.link', 3), cause('LruCache.unlink', 10)]],
  ['nothing', 'nothing', []],
] as const)('%s is told as %s', (_, found, causes) => {
  expect(foundBy(asked({ causes }))).toBe(found);
});

test('a second answer is as right as the first, but not a mixture of both', () => {
  const expected = [
    { functions: ['get'], file: 'a.js', lines: [3] },
    { functions: ['set'], file: 'b.js', lines: [30] },
  ];
  expect(foundBy(asked({ expected, causes: [cause('set', 30, 'b.js')] }))).toBe('line');
  expect(foundBy(asked({ expected, causes: [cause('get', 30, 'a.js')] }))).toBe('function');
  expect(foundBy(asked({ expected, causes: [cause('get', 30, 'b.js')] }))).toBe('wrong');
});

test('every fault is in the table, with what was named instead', () => {
  const table = causeTable([
    asked({}),
    asked({ change: 'another line', causes: [cause('LruCache.unlink', 20)], causesMs: 900, verdict: 'undecided' }),
    asked({
      change: 'elsewhere',
      kind: 'sort',
      module: 'report',
      causes: [{ ...cause(null, null, null), kind: 'garbage collection' }],
    }),
    asked({
      change: 'no answer',
      kind: 'sort',
      verdict: 'error',
      ratio: null,
      causes: [],
      causesMs: null,
      error: 'it threw',
    }),
    asked({ ...control, change: 'renamed' }),
    asked({ ...control, change: 'moved', causes: [cause('LruCache.get', 1), cause('serve', 2)] }),
    asked({ ...control, change: 'in another order', verdict: 'fail', ratio: 1.07 }),
    asked({ ...control, change: 'hung', verdict: 'error', ratio: null, causesMs: null, error: 'no answer after 60 s' }),
  ]);
  expect(table).toMatchInlineSnapshot(`
    "4 slowdowns: the right function first in 2 (50.0%), the right line in 1 (25.0%); told as slower: 2 (50.0%).
    4 changes that cost nothing: causes named for 1, told as slower: 1, no answer: 1.
    From the verdict to the causes: median 0.60 s, p95 0.82 s.

    | kind   | n   | function   | line      |
    | ---    | --- | ---        | ---       |
    | delete | 2   | 2 (100.0%) | 1 (50.0%) |
    | sort   | 2   | 0 (0.0%)   | 0 (0.0%)  |

    | module | n   | function  | line      |
    | ---    | --- | ---       | ---       |
    | lru    | 3   | 2 (66.7%) | 1 (33.3%) |
    | report | 1   | 0 (0.0%)  | 0 (0.0%)  |

    lru/another line (+25%; undecided, ratio 1.25): function, named: LruCache.unlink src/lru.js:20; right: LruCache.unlink src/lru.js:10,14
    report/elsewhere (+25%; fail, ratio 1.25): wrong, named: garbage collection in (no function) (no file):?; right: LruCache.unlink src/lru.js:10,14
    lru/no answer (+25%; error): nothing, named: it threw; right: LruCache.unlink src/lru.js:10,14
    lru/moved (costs nothing; pass, ratio 1.00): named: LruCache.get src/lru.js:1; serve src/lru.js:2
    lru/in another order (costs nothing; fail, ratio 1.07): named: no cause
    lru/hung (costs nothing; error): named: no answer after 60 s
    "
  `);
});

test('nothing asked yet', () => {
  expect(causeTable([]).split('\n').slice(0, 3)).toEqual([
    '0 slowdowns: the right function first in –, the right line in –; told as slower: –.',
    '0 changes that cost nothing: causes named for 0, told as slower: 0, no answer: 0.',
    'From the verdict to the causes: median –, p95 –.',
  ]);
});
