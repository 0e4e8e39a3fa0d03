import { afterAll, expect, test } from 'vitest';
import { cleanUp, collecting } from './collecting.js';

afterAll(cleanUp);

const fileOf = (code: string, run = 'await run({ format: "quiet" });'): string => `
  import { bench, group, measure, run, summary } from 'mitata';
  const log = (...all) => console.log(...all);
  ${code}
  ${run}
`;

// What mitata 1.0.34 ran, in the order in which it did, for as many iterations.
test.each([
  [
    'a loop over the state: what is around it runs once, and is not measured',
    `bench('iter $n', function (state) { log('setup', state.get('n')); for (const _ of state) log('it'); log('after'); }).args('n', [1, 2]);`,
    'iter 2',
    ['setup 2', 'begin', 'it', 'it', 'it', 'end', 'after'],
  ],
  [
    'an asynchronous loop over the state',
    `bench('iter', async (state) => { log('setup'); for await (const _ of state) log('it'); log('after'); });`,
    'iter',
    ['setup', 'begin', 'it', 'it', 'it', 'end', 'after'],
  ],
  [
    'parameters that are promises are awaited',
    `bench('params', function* () { let i = 0; yield { async 0() { return 'p' + i++; }, 1() { return 'q'; }, bench(a, b) { log('run', a, b); } }; });`,
    'params',
    ['run p0 q', 'run p1 q', 'run p2 q'],
  ],
  [
    'manual: the function returns its own nanoseconds',
    `bench('manual', function* () { yield { 0() { return 'p'; }, async manual(p) { log('manual', p); return 5e6; } }; });`,
    'manual',
    Array.from({ length: 3 }, () => ['manual p', 'manual = {overriddenDuration:5}']).flat(),
  ],
  [
    'concurrency as an argument: so many calls an iteration, each with parameters of its own',
    `bench('c $concurrency', function* () { let k = 0; yield { 0() { return k++; }, async bench(p) { log('call', p); await null; } }; }).args('concurrency', [1, 2]);`,
    'c 2',
    Array.from({ length: 3 }, (_, i) => [`call ${2 * i}`, `call ${2 * i + 1}`, 'c 2 = [null,null]']).flat(),
  ],
  [
    'concurrency of what is yielded, without promises',
    `bench('c', function* () { let k = 0; yield { concurrency: 2, 0() { return k++; }, bench(p) { log('call', p); } }; });`,
    'c',
    ['call 0', 'call 1', 'call 2', 'call 3', 'call 4', 'call 5'],
  ],
  [
    'a generator with arguments',
    `bench('$a-$b', function* (state) { log('gen', state.get('a'), state.get('b')); yield () => log('it'); log('end'); }).args({ a: [1, 2], b: ['x', 'y'] });`,
    '2-x',
    ['gen 2 x', 'it', 'it', 'it', 'end'],
  ],
  ['gc', `bench('gc', () => log('it')).gc('inner');`, 'gc', ['it', 'it', 'it']],
  [
    'a measure() of its own',
    `const { avg } = await measure(function work() { log('it'); }); log('avg', avg);`,
    'work',
    ['it', 'it', 'it'],
  ],
])('%s', async (_, code, wanted, printed) => {
  const found = await collecting({ 'a.bench.mjs': fileOf(code) }, { wanted, rounds: 3 });
  expect(found).toMatchObject({ kind: 'cases', printed });
  expect(found.names).toContain(wanted);
});

test('names, with the first argument changing fastest, and ranges that end with their last value', async () => {
  const code = `
    bench('$a-$b', () => {}).args({ a: [1, 2], b: ['x', 'y'] });
    bench('r$x', () => {}).range('x', 1, 100);
    bench('d$x', () => {}).dense_range('x', 1, 10, 4);
    bench(function named() {});
    bench(() => {});
    group('g', () => { bench('in', () => {}); summary(() => group(() => { bench('deep', () => {}); })); });
  `;
  const names = ['1-x', '2-x', '1-y', '2-y', 'r1', 'r8', 'r64', 'r100', 'd1', 'd5', 'd9', 'd10', 'named', 'anonymous'];
  expect((await collecting({ 'a.bench.mjs': fileOf(code) })).names).toEqual([...names, 'g/in', 'g/deep']);
});

test('a filter leaves out what mitata would leave out, and observers and JSON get the results', async () => {
  const code = `bench('one', () => {}); bench('two', () => {});`;
  const run = `
    const { benchmarks } = await run({ filter: /two/, format: 'json', observe: (trial) => (log(trial.alias), trial), print: (text) => log(JSON.parse(text).benchmarks.length) });
    log(benchmarks[0].runs[0].stats.avg);
  `;
  expect(await collecting({ 'a.bench.mjs': fileOf(code, run) })).toMatchObject({
    names: ['two'],
    printed: ['two', '1', '0'],
  });
});

test.each([
  [`bench('a', function* () { yield 1; });`, 'expected benchmarkable yield from generator'],
  [`bench('a', function* () { yield { bench(p) {} }; });`, 'expected function for benchmark parameter'],
  [`bench('a', function* () { yield () => {}; yield 1; });`, 'expected generator to yield once'],
  [`bench('a', (state) => {});`, 'the benchmark takes a state but does not loop over it'],
])('what mitata does not accept fails: %s', async (code, message) => {
  await expect(collecting({ 'a.bench.mjs': fileOf(code) }, { wanted: 'a' })).rejects.toThrow(message);
});

test.each([
  [`bench('a', 5);`, 'TypeError: expected iterator, generator or one-shot function'],
  [`bench('a', () => {}).gc('never');`, 'TypeError: invalid gc type'],
])('what mitata refuses when it is defined is an error of the file: %s', async (code, error) => {
  expect(await collecting({ 'a.bench.mjs': fileOf(code) })).toMatchObject({ kind: 'threw', error });
});
