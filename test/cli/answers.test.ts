import { afterEach, expect, test } from 'vitest';
import type { CheckDocument } from '../../src/core/formats/reporters/document.js';
import { commit, remove, repository, temporaryFolder, write } from '../engine/repository.js';
import { perfBudget } from './run.js';

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) remove(folder);
});

const names = [
  'object',
  'promise',
  'random',
  'nothing',
  'tinybench',
  'mitata',
  'benchmark',
  'deferred',
  'kept',
  'unasked',
];
const config = JSON.stringify({
  benchmarks: [{ files: 'bench/*.js' }],
  budgets: Object.fromEntries(
    names.map((name) => [
      name,
      {
        benchmark: name,
        limit: ['time <= 1 s', 'time <= baseline * 1000'],
        ...(name === 'unasked' && { answers: 'any' }),
      },
    ]),
  ),
  defaults: { answers: 'same', baseline: 'HEAD', time: '300 ms' },
});
const library = (id: number): string => `
let calls = 0;
export const object = () => ({ items: [{ id: 1 }, { id: ${id} }], f() {} });
export const promise = async () => { await null; return new Map([['a', calls++ < 1 ? 0 : ${id}]]); };
export const random = () => ({ id: ${id}, random: Math.random() });
export const kept = () => ({ same: [1, -0, NaN], calls: calls++ });
// ${id}
`;
const files = {
  'package.json': '{ "type": "module" }',
  'perf-budget.jsonc': config,
  'src/lib.js': library(4),
  'bench/a.js': `import { bench } from 'vitest';
import * as lib from '../src/lib.js';
bench('object', () => lib.object());
bench('promise', () => lib.promise());
bench('random', () => lib.random());
bench('nothing', () => { lib.object(); });
bench('kept', () => lib.kept());
bench('unasked', () => lib.object());
`,
  'bench/b.js': `import { Bench } from 'tinybench';
import * as lib from '../src/lib.js';
const bench = new Bench();
bench.add('tinybench', () => lib.object());
await bench.run();
`,
  'bench/c.js': `import { bench, run } from 'mitata';
import * as lib from '../src/lib.js';
bench('mitata', function* () { yield { [0]: () => 3, bench: (n) => [n, lib.object()] }; });
await run();
`,
  'bench/d.js': `import Benchmark from 'benchmark';
import * as lib from '../src/lib.js';
new Benchmark.Suite()
  .add('benchmark', () => lib.object())
  .add('deferred', (deferred) => { lib.object(); deferred.resolve(); }, { defer: true })
  .run();
`,
};

async function check(root: string, ...args: string[]) {
  const ended = await perfBudget(root, ['check', ...args, '--json', '-'], { isReal: true });
  const { budgets } = JSON.parse(ended.stdout) as CheckDocument;
  return {
    code: ended.code,
    budgets: budgets.map(({ name, verdict, concerns }) => [name, verdict, concerns?.[0]?.message ?? null]),
  };
}

test('old and new code have to return the same', async () => {
  const root = repository(temporaryFolder());
  folders.push(root);
  commit(root, files);
  write(root, { 'src/lib.js': library(5) });
  const another = 'returns a different answer than at HEAD: ';
  const nothing =
    'returns nothing, so there is no answer to compare with HEAD; return the result, or set "answers": "any"';
  const { code, budgets } = await check(root);
  expect(budgets).toEqual([
    ['object', 'fail', `${another}.items[1].id is 5, was 4`],
    ['promise', 'fail', `${another}in call 2, .get("a") is 5, was 4`],
    [
      'random',
      'undecided',
      'returns a different answer in every run, so its answers cannot be compared; make them repeatable, or set "answers": "any"',
    ],
    ['nothing', 'undecided', nothing],
    ['tinybench', 'fail', `${another}.items[1].id is 5, was 4`],
    ['mitata', 'fail', `${another}[1].items[1].id is 5, was 4`],
    ['benchmark', 'fail', `${another}.items[1].id is 5, was 4`],
    ['deferred', 'undecided', nothing],
    ['kept', 'pass', null],
    ['unasked', 'pass', null],
  ]);
  expect(code).toBe(1);

  const { stdout } = await perfBudget(root, ['check', 'object', 'kept'], { isReal: true });
  expect(stdout).toContain('✗ object');
  expect(stdout).toContain(
    'object returns a different answer than at HEAD: .items[1].id is 5, was 4.\n  perf-budget.jsonc:1:',
  );
  expect(stdout).toContain('✓ kept');
  expect(stdout).toContain('1 failed, 1 passed');

  // Committed, it is the answer.
  commit(root, { 'src/lib.js': library(5) });
  expect((await check(root, 'object')).budgets).toEqual([['object', 'pass', null]]);
}, 120_000);
