import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BundleStore } from '../../../src/engine/bundle/bundle-store.js';
import { Bundler } from '../../../src/engine/bundle/bundler.js';
import { silent } from '../../../src/engine/util/log.js';
import { WorkerPool } from '../../../src/engine/workers/pool.js';
import { findRuntime } from '../../../src/engine/workers/runtime.js';

let folder: string;
let bundler: Bundler;
let store: BundleStore;
let pool: WorkerPool;

const worker = path.resolve(import.meta.dirname, '../../../dist/worker.js');

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'perf-budget-libraries-'));
  bundler = new Bundler(folder);
  store = new BundleStore();
  pool = new WorkerPool(await findRuntime(null), worker, folder, silent);
});

afterAll(async () => {
  pool.dispose();
  await bundler.dispose();
  store.dispose();
  await rm(folder, { recursive: true, force: true });
});

/** Measures both sides of a benchmark, and returns the answer with the lines that `log` wrote. */
async function measured(body: string, name = 'case', file = 'a.bench.mjs') {
  const benchFile = path.join(folder, file);
  const lines = path.join(folder, 'lines.txt');
  await writeFile(lines, '');
  const log = `import { appendFileSync } from 'node:fs';
    const log = (...all) => appendFileSync(${JSON.stringify(lines)}, [process.pid, ...all].join(' ') + '\\n');`;
  await writeFile(benchFile, `${log}\n${body}`);
  const bundle = await bundler.current(benchFile);
  if (!bundle.ok) throw new Error(bundle.error.message);
  const url = store.url(bundle.value);
  const answer = await pool.request(
    {
      ...{ type: 'measure', name, benchFile, cold: false, warmup: null, concurrency: 1 },
      sides: [
        { side: 'current', bundle: url },
        { side: 'baseline', bundle: `${url}?old` },
      ],
      ...{ sampleMs: 30, warmMs: 300, deadlineMs: 2000, latency: { sides: ['current'], ms: 20, iterations: 10 } },
    },
    { timeoutMs: 20_000, signal: new AbortController().signal },
  );
  return { answer, lines: (await readFile(lines, 'utf8')).split('\n').filter((line) => line !== '') };
}

const hooks = `
  import { createServer } from 'node:net';
  import { Bench } from 'tinybench';
  const bench = new Bench({ setup: (task, mode) => log('setup', mode), teardown: (task, mode) => log('teardown', mode) });
  let server;
  const port = PORT;
  bench.add('case', () => WORK, {
    beforeAll: (mode) => new Promise((resolve, reject) => {
      log('open', mode);
      server = createServer().on('error', reject).listen(port, '127.0.0.1', resolve);
    }),
    afterAll: (mode) => new Promise((resolve) => server.close(() => { log('close', mode); resolve(); })),
    beforeEach: (mode) => { if (mode !== globalThis.mode) log('each', globalThis.mode = mode); },
  });
  await bench.run();
`;

/** A port that is free now. */
const port = 20_000 + (process.pid % 20_000);

test('hooks get the mode, and a server on a fixed port is never open on both sides at once', async () => {
  const { answer, lines } = await measured(
    hooks.replace('PORT', String(port)).replace('WORK', 'Math.sqrt(bench.iterations)'),
  );
  expect(answer).toMatchObject({ ok: true, value: { type: 'measured', sides: [{}, {}] } });
  const modes = new Map<string, string[]>();
  let open: string | null = null;
  for (const line of lines) {
    const [process = '', what, mode = ''] = line.split(' ');
    if (what === 'open') {
      expect(open).toBe(null);
      open = process;
      modes.set(process, [...(modes.get(process) ?? []), mode]);
    }
    if (what === 'each') expect(open).toBe(process);
    if (what === 'close') open = null;
  }
  expect(open).toBe(null);
  expect(modes.size).toBe(2);
  for (const all of modes.values()) {
    expect(all[0]).toBe('warmup');
    expect(all.at(-1)).toBe('run');
    // Once it is warm, it stays so.
    expect([...all].sort((a, b) => (a === b ? 0 : a === 'warmup' ? -1 : 1))).toEqual(all);
  }
  const counted = (what: string) => lines.filter((line) => line.split(' ')[1] === what).length;
  expect([counted('setup'), counted('open')]).toEqual([counted('teardown'), counted('close')]);
  expect(counted('each')).toBeGreaterThanOrEqual(4);
});

test('hooks end, even if the benchmark throws', async () => {
  const { answer, lines } = await measured(
    hooks.replace('PORT', String(port)).replace('WORK', "{ throw new Error('boom'); }"),
  );
  expect(answer).toMatchObject({ ok: false, error: { kind: 'threw', message: 'the benchmark threw: boom' } });
  const shown = lines.map((line) => line.replace(/^\d+ /, ''));
  expect(shown).toEqual(['setup warmup', 'open warmup', 'each warmup', 'close warmup', 'teardown warmup']);
});

test.each([
  ['that stand in the file', "['2023-01-01', '2024-02-02']", 'parse 2024-02-02', ['2024-02-02']],
  ['that each load makes anew', '[`${new Date().toISOString()}`]', 'parse 2024-02-02T10:11:12.345Z', null],
])('the benchmark that is asked for is measured, with dates in names %s', async (_, dates, name, ran) => {
  const { answer, lines } = await measured(
    `
    import { Bench } from 'tinybench';
    for (const date of ${dates}) {
      const bench = new Bench();
      let runs = 0;
      bench.add('parse ' + date, () => { if (runs++ === 0) log('ran', date); return Math.sqrt(runs); });
      await bench.run();
    }
  `,
    name,
  );
  expect(answer).toMatchObject({ ok: true, value: { type: 'measured' } });
  if (ran !== null) expect([...new Set(lines.map((line) => line.split(' ')[2]))]).toEqual(ran);
});

test("mitata's loop over the state is timed without what is around it", async () => {
  const { answer } = await measured(`
    import { bench, run } from 'mitata';
    bench('case', (state) => {
      const end = performance.now() + 20;
      while (performance.now() < end);
      let sum = 0;
      for (const _ of state) sum += Math.sqrt(sum + 1);
      return sum;
    });
    await run();
  `);
  if (!answer.ok || answer.value.type !== 'measured') throw new Error(JSON.stringify(answer));
  const [current] = answer.value.sides;
  // Both by the same clock, and a thousand times apart.
  expect(current?.time).toBeLessThan(20e6 / 1000);
  expect(current?.latencies.length).toBeGreaterThan(0);
});

test("gc('inner') collects before what is timed, manual counts what the function says", async () => {
  const { answer, lines } = await measured(`
    import { bench, run } from 'mitata';
    const collect = globalThis.gc;
    let collections = 0;
    globalThis.gc = (...all) => { if (all.length === 0) collections++; return collect(...all); };
    bench('case', function* () {
      yield { manual() { return 5_000; } };
      log('collections', collections);
    }).gc('inner');
    await run();
  `);
  if (!answer.ok || answer.value.type !== 'measured') throw new Error(JSON.stringify(answer));
  // The rest is what two readings of the clock take.
  for (const { time } of answer.value.sides) expect(Math.abs(time / 5000 - 1)).toBeLessThan(0.02);
  for (const line of lines) expect(Number(line.split(' ')[2])).toBeGreaterThan(10);
  expect(lines.length).toBe(2);
});

test('Benchmark.js runs setup and teardown around as many iterations as it times together', async () => {
  const { answer, lines } = await measured(
    `
    import Benchmark from 'benchmark';
    globalThis.log = log;
    new Benchmark.Suite().add('case', {
      setup: function () { var all = [3, 1, 2]; var runs = 0; },
      fn: function () { runs += all.slice().sort().length; },
      teardown: function () { if (runs > 3) log('iterations', runs / 3 === this.count); },
    }).run();
  `,
  );
  expect(answer).toMatchObject({ ok: true });
  expect(new Set(lines.map((line) => line.replace(/^\d+ /, '')))).toEqual(new Set(['iterations true']));
});

test("a generator's function is reached, whose parameters only its yield shows", async () => {
  const benchFile = path.join(folder, 'reach.bench.mjs');
  await writeFile(
    benchFile,
    `import { bench, run } from 'mitata';
     bench('case', function* () { yield { 0: () => 1, bench(one) { if (one !== 1) throw new Error('no parameter'); } }; });
     await run();`,
  );
  const bundle = await bundler.current(benchFile);
  if (!bundle.ok) throw new Error(bundle.error.message);
  const answer = await pool.request(
    { type: 'reach', name: 'case', done: [], benchFile, bundle: store.url(bundle.value), deadlineMs: 1000 },
    { timeoutMs: 20_000, signal: new AbortController().signal },
  );
  expect(answer).toMatchObject({ ok: true, value: { cases: [{ name: 'case', failure: null }] } });
});
