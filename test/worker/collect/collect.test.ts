import { afterAll, describe, expect, test } from 'vitest';
import { cleanUp, collecting } from './collecting.js';

afterAll(cleanUp);

const lines = (...each: string[]): string => `${each.join('\n')}\n`;
const fromTinybench = `import { Bench } from 'tinybench';`;
const fromVitest = `import { afterAll, afterEach, beforeAll, beforeEach, bench, describe, expect, it, test, vi } from 'vitest';`;

describe('vitest', () => {
  test('names are paths of suites, in the order of the file, and hooks stand around', async () => {
    const found = await collecting(
      {
        'a.bench.ts': lines(
          fromVitest,
          `let data: string;`,
          `beforeAll(() => { data = 'ready'; console.log('beforeAll'); return () => console.log('cleanup'); });`,
          `afterAll(() => console.log('afterAll'));`,
          `beforeEach(() => console.log('never'));`,
          `bench('top', () => data);`,
          `describe('outer', () => {`,
          `  beforeAll(() => console.log('outer beforeAll'));`,
          `  afterAll(() => console.log('outer afterAll'));`,
          `  describe('inner', () => {`,
          `    bench('a', async () => later, {`,
          `      setup: (task, mode) => console.log('setup', task.name, mode),`,
          `      teardown: (task, mode) => console.log('teardown', task.name, mode),`,
          `    });`,
          `  });`,
          `  bench(function named() {});`,
          `});`,
          `const later = 'defined after the suite';`,
          `it('is no benchmark', () => { throw new Error('never run'); });`,
        ),
      },
      { wanted: '*', rounds: 2 },
    );
    expect(found.names).toEqual(['top', 'outer/inner/a', 'outer/named']);
    expect(found.printed).toEqual([
      ...['beforeAll', 'top = ready', 'top = ready'],
      'setup a run',
      ...['outer/inner/a = defined after the suite', 'outer/inner/a = defined after the suite', 'teardown a run'],
      ...['cleanup', 'afterAll'],
    ]);
  });

  test('skip, todo, only, each and conditions choose as vitest does', async () => {
    const all = await collecting({
      'a.bench.ts': lines(
        fromVitest,
        `bench.skip('skipped', () => {});`,
        `bench.todo('todo');`,
        `bench.skipIf(true)('skipped if', () => {});`,
        `bench.runIf(true)('run if', () => {});`,
        `describe.skip('skipped', () => { bench('a', () => {}); });`,
        `describe.sequential.each([[1, 'one'], [2, 'two']])('%i is %s', (n) => { bench('n' + n, () => {}); });`,
        `describe.each([{ name: 'x', deep: { n: 1 } }])('$name $deep.n', ({ name }) => { bench(name, () => {}); });`,
        'describe.each`a | b\n${1} | ${2}`("$a+$b", ({ a, b }) => { bench(String(a + b), () => {}); });',
        `describe.for([[3, 4]])('for %i', ([a, b]) => { bench(String(a + b), () => {}); });`,
        `bench('run if', () => {});`,
      ),
    });
    expect(all.names).toEqual(['run if', '1 is one/n1', '2 is two/n2', 'x 1/x', '1+2/3', 'for 3/7', 'run if (2)']);
    const only = await collecting({
      'a.bench.ts': lines(
        fromVitest,
        `bench('a', () => {});`,
        `bench.only('b', () => {});`,
        `describe.only('whole', () => { bench('c', () => {}); bench('d', () => {}); });`,
        `describe.only('part', () => { bench('e', () => {}); bench.only('f', () => {}); });`,
        `describe('outside', () => { bench('g', () => {}); bench.only('h', () => {}); });`,
      ),
    });
    expect(only.names).toEqual(['b', 'whole/c', 'whole/d', 'part/f', 'outside/h']);
  });

  test('what a bench file says about tests, spies and expectations does no harm', async () => {
    const found = await collecting(
      {
        'a.bench.ts': lines(
          fromVitest,
          `import * as all from 'vitest';`,
          `const spy = vi.fn((n: number) => n + 1); const held = vi.hoisted(() => 5);`,
          `test.each([1])('test %i', () => {}); expect.extend({}); all.assertType<number>(1);`,
          `bench('a', async () => { expect(1).not.toBe(1); await expect(Promise.resolve(1)).resolves.toBe(2); return spy(held); });`,
        ),
      },
      { wanted: 'a' },
    );
    expect(found).toMatchObject({ names: ['a'], printed: ['a = 6'] });
  });

  test.each([
    ['vi.useFakeTimers().setSystemTime(0)', 'vi.useFakeTimers()'],
    ['try { vi.advanceTimersByTime(1); } catch {}', 'vi.advanceTimersByTime()'],
    ["inject('url')", 'inject() of vitest'],
  ])('what would change what is measured is refused by name: %s', async (code, name) => {
    const file = lines(`import { bench, inject, vi } from 'vitest';`, `${code};`, `bench('a', () => {});`);
    expect(await collecting({ 'a.bench.ts': file })).toMatchObject({
      kind: 'threw',
      error: `Error: the bench file uses ${name}, which Perf Budget does not support`,
    });
  });

  test('globals and asynchronous suites', async () => {
    const found = await collecting({
      'a.bench.js': lines(
        `describe('suite', async () => { await new Promise((r) => setTimeout(r, 5)); bench('later', () => {}); });`,
        `bench('global', () => {});`,
      ),
    });
    expect(found).toMatchObject({ kind: 'cases', names: ['suite/later', 'global'], printed: [] });
  });

  test("version 5's bench fixture, compared and alone", async () => {
    const file = lines(
      fromVitest,
      `beforeAll(() => console.log('beforeAll'));`,
      `beforeEach(() => console.log('beforeEach'));`,
      `describe('suite', () => {`,
      `  test('sum', async ({ bench }) => {`,
      `    const result = await bench.compare(bench('a', () => 'A'), bench('b', { beforeEach: () => console.log('each') }, () => 'B'), { time: 5 });`,
      `    expect(result.get('a')).toBeFasterThan(result.get('b'));`,
      `    console.log('compared', result.get('a').latency.mean);`,
      `  });`,
      `});`,
      `test('alone', async (context) => { const { throughput } = await context.bench('c', () => 'C').run(); console.log('ran', throughput.mean); });`,
      `test.for([1, 2])('row %i', async (n, { bench }) => { await bench('d', { perProject: true }, () => n).run(); });`,
      `test('no benchmark', () => { console.log('runs, as in vitest'); });`,
    );
    const names = ['suite/sum/a', 'suite/sum/b', 'alone/c', 'row 1/d', 'row 2/d'];
    expect(await collecting({ 'a.bench.ts': file })).toMatchObject({
      names,
      printed: [
        ...['beforeAll', 'beforeEach', 'compared 0', 'beforeEach', 'ran 0'],
        ...['beforeEach', 'beforeEach', 'beforeEach', 'runs, as in vitest'],
      ],
    });
    expect(await collecting({ 'a.bench.ts': file }, { wanted: 'suite/sum/b' })).toMatchObject({
      names: names.slice(0, 2),
      // When it is measured, the test goes on to its end, and so do those after it.
      printed: [
        ...['beforeAll', 'beforeEach', 'each', 'suite/sum/b = B', 'compared 0', 'beforeEach', 'ran 0'],
        ...['beforeEach', 'beforeEach', 'beforeEach', 'runs, as in vitest'],
      ],
    });
  });
});

describe('tinybench', () => {
  const script = lines(
    fromTinybench,
    `const bench = new Bench({ name: 'suite', time: 10, setup: (task, mode) => console.log('setup', task.name, mode), teardown: () => console.log('teardown') });`,
    `bench.add('a', function () { return this.name; }, {`,
    `  beforeAll(mode) { console.log('beforeAll', this.name, mode); },`,
    `  beforeEach() { console.log('beforeEach'); },`,
    `  afterEach() { console.log('afterEach'); },`,
    `  afterAll() { console.log('afterAll'); },`,
    `}).add('b', async () => 'B').add('gone', () => {});`,
    `bench.remove('gone');`,
    `bench.addEventListener('cycle', (event) => console.log('cycle', event.task.name, event.task.result.state));`,
    `bench.addEventListener('complete', () => console.log('complete'));`,
    `const other = new Bench();`,
    `other.add('b', () => 'other');`,
    `await bench.run();`,
    `console.log(bench.table().map((row) => row['Task name']).join(), bench.tasks.length, bench.getTask('b').result.latency.p99);`,
    `for (const { name, result } of bench.tasks) console.log(name, result.throughput.mean.toFixed(1), result.latency.samples.length);`,
    `await other.warmup();`,
    `await other.run();`,
    `other.add('b', () => 'again');`,
    `const third = new Bench().add('b', () => 'third');`,
    `await third.run();`,
    `console.log('end');`,
    `process.exit(0);`,
  );

  test('a script runs to its end on results of zero, and all its cases are known', async () => {
    expect(await collecting({ 'a.bench.ts': script })).toMatchObject({
      kind: 'cases',
      names: ['suite/a', 'suite/b', 'b', 'b (2)', 'b (3)'],
      printed: [...['cycle a completed', 'cycle b completed', 'complete', 'a,b 2 0', 'a 0.0 0', 'b 0.0 0', 'end']],
    });
  });

  test('a wanted case is held at its run, with its hooks in order', async () => {
    expect(await collecting({ 'a.bench.ts': script }, { wanted: 'suite/a', rounds: 2 })).toMatchObject({
      names: ['suite/a', 'suite/b', 'b'],
      printed: [
        ...['setup a run', 'beforeAll a run'],
        ...['beforeEach', 'suite/a = a', 'afterEach', 'beforeEach', 'suite/a = a', 'afterEach'],
        ...['afterAll', 'teardown'],
      ],
    });
  });

  test('what a held script would tear down stays', async () => {
    const held = lines(
      fromTinybench,
      `import { createServer } from 'node:http';`,
      `const server = createServer((request, response) => response.end('served'));`,
      `await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));`,
      `const bench = new Bench();`,
      `bench.add('fetch', async () => (await fetch('http://127.0.0.1:' + server.address().port)).text());`,
      `await bench.run();`,
      `server.close();`,
      `console.log('torn down');`,
    );
    expect(await collecting({ 'a.bench.mjs': held }, { wanted: 'fetch' })).toMatchObject({
      printed: ['fetch = served'],
    });
    expect(await collecting({ 'a.bench.mjs': held })).toMatchObject({ names: ['fetch'], printed: ['torn down'] });
  });

  test('runSync is held too, and its script does not go on', async () => {
    const sync = lines(
      `const { Bench } = require('tinybench');`,
      `function main() {`,
      `  const first = new Bench().add('a', () => 'A');`,
      `  console.log(first.runSync().length);`,
      `  const second = new Bench().add('b', () => 'B');`,
      `  second.runSync();`,
      `  console.log('end');`,
      `}`,
      `try { main(); } catch (error) { process.exit(1); }`,
    );
    expect(await collecting({ 'a.bench.cjs': sync })).toMatchObject({ names: ['a', 'b'], printed: ['1', 'end'] });
    expect(await collecting({ 'a.bench.cjs': sync }, { wanted: 'b' })).toMatchObject({
      names: ['a', 'b'],
      printed: ['1', 'b = B'],
    });
  });

  test('a main() that nobody awaits is waited for, with and without something that keeps the process alive', async () => {
    const main = (extra: string) =>
      lines(
        fromTinybench,
        `import { readFile } from 'node:fs/promises';`,
        `import { setTimeout } from 'node:timers/promises';`,
        extra,
        `async function main() {`,
        `  await readFile(import.meta.filename); await setTimeout(30);`,
        `  const bench = new Bench(); bench.add('late', () => 'L'); await bench.run(); console.log('end');`,
        `}`,
        `main().catch((error) => { console.error(error); process.exit(1); });`,
      );
    for (const extra of ['', 'setInterval(() => {}, 50);']) {
      const file = { 'a.bench.ts': main(extra) };
      expect(await collecting(file)).toMatchObject({ names: ['late'], printed: ['end'] });
      expect(await collecting(file, { wanted: 'late' })).toMatchObject({ names: ['late'], printed: ['late = L'] });
    }
  });

  test('a name that is added again before a run stands for the last function', async () => {
    const file = lines(
      fromTinybench,
      `const bench = new Bench().add('a', () => 'first').add('b', () => 'B').add('a', () => 'last');`,
      `await bench.run();`,
    );
    expect(await collecting({ 'a.bench.ts': file }, { wanted: 'a' })).toMatchObject({
      names: ['a', 'b'],
      printed: ['a = last'],
    });
  });

  test('a Bench that is exported, and never run, is known', async () => {
    const file = { 'a.bench.ts': lines(fromTinybench, `export default new Bench().add('a', () => 'A');`) };
    expect(await collecting(file)).toMatchObject({ names: ['a'], printed: [] });
    expect(await collecting(file, { wanted: 'a' })).toMatchObject({ names: ['a'], printed: ['a = A'] });
  });

  test('an await that nothing will end is the end of the script', async () => {
    const file = {
      'a.bench.ts': lines(fromTinybench, `new Bench().add('a', () => 'A');`, `await new Promise(() => {});`),
    };
    expect(await collecting(file)).toMatchObject({ kind: 'cases', names: ['a'], printed: [] });
  });

  test('cases that the command line selects: none is given', async () => {
    const file = lines(
      fromTinybench,
      `const only = process.argv.slice(2);`,
      `const bench = new Bench();`,
      `for (const name of ['a', 'b']) if (only.length === 0 || only.includes(name)) bench.add(name, () => name);`,
      `if (process.argv[1] === import.meta.filename) await bench.run();`,
      `console.log(process.argv.length);`,
    );
    expect(await collecting({ 'a.bench.mts': file })).toMatchObject({ names: ['a', 'b'], printed: ['2'] });
  });

  test('two evaluations in one process do not mix', async () => {
    const file = lines(
      fromTinybench,
      `const bench = new Bench();`,
      `bench.add('a', () => Object.keys(globalThis).length > 0);`,
      `await bench.run();`,
      `bench.add('b', () => {});`,
    );
    const { all } = await collecting({ 'a.bench.ts': file }, { wanted: 'a', times: 2 });
    expect(all).toEqual([
      { kind: 'cases', names: ['a'] },
      { kind: 'cases', names: ['a'] },
    ]);
  });

  test('errors of the file are its own, errors on results of zero are not', async () => {
    const before = lines(fromTinybench, `const bench = new Bench().add('a', () => {});`);
    const after = `${before}await bench.run();\n`;
    expect(await collecting({ 'a.bench.ts': `${before}null.oops;` })).toMatchObject({
      kind: 'threw',
      error: "TypeError: Cannot read properties of null (reading 'oops')",
    });
    expect(await collecting({ 'a.bench.ts': `${before}Promise.reject(new Error('left alone'));` })).toMatchObject({
      kind: 'threw',
      error: 'Error: left alone',
    });
    expect(
      await collecting({ 'a.bench.ts': `${before}setTimeout(() => { throw new Error('later'); }, 1);` }),
    ).toMatchObject({
      kind: 'threw',
      error: 'Error: later',
    });
    expect(await collecting({ 'a.bench.ts': `${after}BigInt(1 / bench.tasks[0].result.hz);` })).toMatchObject({
      kind: 'cases',
      names: ['a'],
    });
  });

  test('a file without any library has no cases', async () => {
    expect(await collecting({ 'a.bench.ts': `console.log('hello');` })).toMatchObject({
      kind: 'cases',
      names: [],
      printed: ['hello'],
    });
  });
});

describe('mitata', () => {
  test('groups, arguments, generators and results', async () => {
    const file = lines(
      `import { barplot, bench, boxplot, do_not_optimize, group, run, summary } from 'mitata';`,
      `bench('plain', () => 'P').gc('inner').baseline(true);`,
      `group('outer', () => summary(() => {`,
      `  bench('size $n', function* (state) { const n = state.get('n'); yield () => do_not_optimize('n=' + n) ?? 'n=' + n; }).args('n', [1, 2]);`,
      `  boxplot(() => barplot(() => { bench('computed', function* () { yield { [0]() { return 'in'; }, bench(text) { return text; } }; }); }));`,
      `}));`,
      `bench('$a-$b', () => {}).args({ a: [1, 2], b: ['x'] });`,
      `bench('r$x', () => {}).range('x', 1, 64).highlight('red');`,
      `const { benchmarks } = await run({ format: 'quiet' });`,
      `console.log(benchmarks.length, benchmarks[0].runs[0].stats.avg);`,
    );
    const names = ['plain', 'outer/size 1', 'outer/size 2', 'outer/computed', '1-x', '2-x', 'r1', 'r8', 'r64'];
    expect(await collecting({ 'a.bench.mjs': file })).toMatchObject({ names, printed: ['5 0'] });
    expect(await collecting({ 'a.bench.mjs': file }, { wanted: 'outer/size 2' })).toMatchObject({
      names,
      printed: ['outer/size 2 = n=2'],
    });
    expect(await collecting({ 'a.bench.mjs': file }, { wanted: 'outer/computed' })).toMatchObject({
      printed: ['outer/computed = in'],
    });
  });
});

describe('Benchmark.js', () => {
  const file = lines(
    `const Benchmark = require('benchmark');`,
    `new Benchmark.Suite('suite')`,
    `  .add('a', function () { return this.name; })`,
    `  .add('b', { defer: true, setup: () => { console.log('setup'); }, fn: (deferred) => { setTimeout(() => deferred.resolve(), 1); } })`,
    `  .add({ name: 'c', fn: () => 'C' })`,
    `  .on('cycle', (event) => console.log(String(event.target)))`,
    `  .on('complete', function () { console.log('fastest', this.filter('fastest').map('name').join(), this[0].hz, this.length); })`,
    `  .run({ async: ASYNC });`,
    `console.log('end');`,
  );
  const results = ['a', 'b', 'c'].map((name) => `${name} x 0.00 ops/sec ±0.00% (0 runs sampled)`);
  const names = ['suite/a', 'suite/b', 'suite/c'];

  test('suites, deferred cases, events and results', async () => {
    expect(await collecting({ 'a.bench.js': file.replace('ASYNC', 'true') })).toMatchObject({
      names,
      printed: ['end', ...results, 'fastest a,b,c 0 3'],
    });
    expect(await collecting({ 'a.bench.js': file.replace('ASYNC', 'false') })).toMatchObject({
      names,
      // A deferred one lets the script go on.
      printed: [results[0], 'end', ...results.slice(1), 'fastest a,b,c 0 3'],
    });
    expect(await collecting({ 'a.bench.js': file.replace('ASYNC', 'true') }, { wanted: 'suite/b' })).toMatchObject({
      names,
      printed: ['end', 'setup', 'begin', 'end'],
    });
    expect(await collecting({ 'a.bench.js': file.replace('ASYNC', 'false') }, { wanted: 'suite/a' })).toMatchObject({
      names,
      printed: ['suite/a = a'],
    });
  });
});
