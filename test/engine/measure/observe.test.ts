import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Observation } from '../../../src/core/results/observations.js';
import { BundleStore } from '../../../src/engine/bundle/bundle-store.js';
import { Bundler } from '../../../src/engine/bundle/bundler.js';
import type { BenchmarkWorkers } from '../../../src/engine/workers/benchmark-workers.js';
import { WorkerPool } from '../../../src/engine/workers/pool.js';
import { silent } from '../../../src/engine/util/log.js';
import { observe, type ObservedMetrics } from '../../../src/engine/measure/observe.js';
import { findRuntime } from '../../../src/engine/workers/runtime.js';
import { remove, temporaryFolder, write } from '../repository.js';

const folder = temporaryFolder();
const bundler = new Bundler(folder);
const store = new BundleStore();
const worker = path.resolve(import.meta.dirname, '../../../dist/worker.js');
const runtime = await findRuntime(null);
const sharedPool = new WorkerPool(runtime, worker, folder, silent);

afterAll(async () => {
  sharedPool.dispose();
  await bundler.dispose();
  store.dispose();
  remove(folder);
});

interface Settings {
  readonly timeMs?: number;
  readonly runs?: number | null;
  readonly pool?: BenchmarkWorkers;
  readonly signal?: AbortSignal;
  /** The old bench file; `same` for the same bundle. */
  readonly old?: string;
}

async function bundled(body: string): Promise<string> {
  write(folder, { 'a.bench.ts': body });
  const bundle = await bundler.current(path.join(folder, 'a.bench.ts'));
  if (!bundle.ok) throw new Error(bundle.error.message);
  return store.url(bundle.value);
}

const ask = async (body: string, wanted: Partial<Observation>, settings: Settings = {}) => {
  const { timeMs = 2000, runs = 2, pool = sharedPool, signal = new AbortController().signal, old } = settings;
  const baseline = old === undefined ? null : await bundled(old);
  const current = await bundled(body);
  const observation = { running: false, cycles: null, attempts: null, baseline: old !== undefined, ...wanted };
  const target = { name: 'case', benchFile: path.join(folder, 'a.bench.ts'), current, baseline, timeMs };
  return observe({ ...target, observe: observation, settings: { runs } }, pool, { signal });
};

async function observed(...args: Parameters<typeof ask>): Promise<ObservedMetrics> {
  const answer = await ask(...args);
  if (!answer.ok) throw new Error(answer.error.kind);
  return answer.value;
}

const bench = (fn: string, before = ''): string =>
  `import { bench } from 'vitest';\n${before}\nbench('case', ${fn});\n`;
const hooked = (fn: string): string =>
  `import { Bench } from 'tinybench';
  const bench = new Bench();
  export let kept: unknown;
  bench.add('case', ${fn}, { beforeEach() { kept = new Uint8Array(5000); }, afterEach() { kept = [1, 2, 3]; } });
  await bench.run();`;
const running = { running: true };

describe('allocated', () => {
  // V8 on 64 bits: an object has a header of three words, an array four words and a store of two and one an element.
  test.each([
    ['nothing', bench('() => undefined'), 0, 0],
    ['a small integer', bench('() => 5'), 0, 0],
    ['a number, which needs a box only where it leaves the loop', bench('() => 1.5'), 0, 0],
    ['an object with one property', bench('() => ({ a: 1 })'), 32, 1],
    ['an array of ten', bench('() => new Array(10).fill(0)'), 128, 2],
    ['an object in a promise, with the promise', bench('async () => ({ a: 1 })'), 80, 2],
    ['a promise only sometimes', bench('() => (n++ % 2 ? Promise.resolve(1) : undefined)', 'let n = 0;'), 24, 1],
    // Unfilled: filled with other numbers it is allocated twice, until V8 knows that.
    ['1.6 MB at once', bench('() => new Array(2e5)'), 1_600_100, 10_000],
    ['a buffer outside of the heap', bench('() => new Uint8Array(1000)'), 1200, 15],
    ['buffers that are collected all the time', bench('() => new Uint8Array(1e6)'), 1_000_200, 1000],
    [
      'a megabyte now and then',
      bench(
        '() => { if (++n % 1000 === 0) kept = new Array(125_000).fill(0); }',
        'let n = 0; export let kept: unknown;',
      ),
      1000,
      50,
    ],
    // 8048, and up to 2% more: what does not fit at the end of a page of 256 KB is left empty.
    ['an array between hooks, without what they allocate', hooked('() => new Array(1000).fill(0)'), 8120, 120],
    ['a buffer between hooks', hooked('() => new Uint8Array(1000)'), 1200, 50],
  ])('of %s', async (_, body, bytes, tolerance) => {
    const { current, ...rest } = await observed(body, running);
    const { value, low, high, samples } = current['allocated'] ?? expect.fail('nothing was observed');
    expect(Math.abs(value - bytes)).toBeLessThanOrEqual(tolerance);
    expect(low).toBeLessThanOrEqual(value);
    expect(high).toBeGreaterThanOrEqual(value);
    expect(samples).toBeGreaterThan(0);
    expect(rest).toEqual({ baseline: null, note: null, failure: null });
  });
});

// To the process, a machine that swaps, or a virtual machine that is paused, looks the same.
test.each([5, 100_000])('allocated is what it is when a machine stalls at iteration %i', async (stall) => {
  const wait = `let n = 0; const wait = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 900);`;
  const body = bench(`() => { if (++n === ${stall}) wait(); return new Uint8Array(1000); }`, wait);
  const { current } = await observed(body, running);
  expect(current['allocated']?.value).toBeGreaterThan(1185);
  expect(current['allocated']?.value).toBeLessThan(1215);
  expect(current['allocated']?.samples).toBeGreaterThan(1000);
});

test('one run shows processor time and peaks, whatever else is asked of it', async () => {
  const { current } = await observed(
    bench(
      '() => { const end = performance.now() + 4; while (performance.now() < end); return kept; }',
      'const kept = new Array(4e6).fill(1.5); const outside = Buffer.alloc(64e6, 1); export { outside };',
    ),
    running,
  );
  expect(Object.keys(current)).toEqual(['cpu', 'allocated', 'heap', 'rss']);
  // Another program may take the processor away, and never adds to it.
  expect(current['cpu']?.value).toBeGreaterThan(0.5e6);
  expect(current['cpu']?.value).toBeLessThan(8e6);
  expect(current['heap']?.value).toBeGreaterThan(32e6);
  expect(current['heap']?.value).toBeLessThan(96e6);
  expect(current['rss']?.value).toBeGreaterThan(32e6 + 64e6);
  expect(current['rss']).toMatchObject({ samples: 2 });
});

test('waiting is no processor time', async () => {
  const { current } = await observed(bench('() => new Promise((resolve) => setTimeout(resolve, 20))'), running);
  expect(current['cpu']?.value).toBeLessThan(10e6);
});

test.each([
  ['two processes, which show a spread', null, 2],
  ['as many processes as are asked for', 3, 3],
])('an iteration longer than the time that there is gets %s', async (_, runs, processes) => {
  const body = bench('() => new Promise((resolve) => setTimeout(resolve, 700))');
  const { current } = await observed(body, running, { timeMs: 600, runs });
  expect(current['cpu']?.samples).toBe(processes);
  expect(current['rss']?.samples).toBe(processes);
});

describe('retained', () => {
  const keep = 'const kept: unknown[] = []; export { kept };';
  test.each([
    ['a function that keeps nothing', bench(`() => JSON.parse('{"a":[1,2,3]}')`), 0, 4000],
    ['a kilobyte a cycle', bench('() => { kept.push(new Array(126).fill(0.5)); }', keep), 106_600, 4000],
    [
      'a kilobyte a cycle, asynchronously',
      bench('async () => { await null; kept.push(new Array(126).fill(0.5)); }', keep),
      106_600,
      4000,
    ],
    ['a kilobyte outside of the heap', bench('() => { kept.push(new Uint8Array(1024)); }', keep), 123_200, 5000],
    [
      'a cache that fills for longer than the warm-up',
      bench('() => { cache.set(n++ % 150, new Array(1000).fill(0)); }', 'const cache = new Map(); let n = 0;'),
      0,
      4000,
    ],
    [
      'what is made once, late',
      bench('() => { if (n++ === 250) kept = new Array(1e5).fill(0); }', 'let n = 0; export let kept: unknown;'),
      0,
      4000,
    ],
    [
      'what a FinalizationRegistry lets go',
      bench(
        '() => { registry.register({}, new Array(100).fill(1)); }',
        'const registry = new FinalizationRegistry(() => {});',
      ),
      0,
      4000,
    ],
    [
      'a megabyte a cycle, with fewer cycles',
      bench('() => { kept.push(Buffer.alloc(1e6, 1)); }', 'const kept: Buffer[] = [];'),
      100e6,
      100_000,
    ],
  ])('%s', async (_, body, bytes, tolerance) => {
    const { current, ...rest } = await observed(body, { cycles: 100 });
    const { value, low, high } = current['retained'] ?? expect.fail('nothing was observed');
    expect(Math.abs(value - bytes)).toBeLessThanOrEqual(tolerance);
    expect(low).toBeLessThan(value);
    expect(high).toBeGreaterThan(value);
    expect(rest).toEqual({ baseline: null, note: null, failure: null });
  });

  test('cycles that do not fit into the time are told, not guessed', async () => {
    const body = bench('() => new Promise((resolve) => setTimeout(resolve, 300))');
    expect(await observed(body, { cycles: 100 }, { timeMs: 400 })).toEqual({
      current: {},
      baseline: null,
      note: 'retained needs three cycles, which did not fit into the time: set a longer "time"',
      failure: null,
    });
  });
});

describe('errors and crashes', () => {
  const one = { attempts: { concurrency: 1, iterations: 100 } };
  const many = { attempts: { concurrency: 100, iterations: 1000 } };
  const fact = (value: number, samples: number) => ({ value, low: value, high: value, samples });
  const counting = 'let n = 0;';
  const later = 'await new Promise((resolve) => setTimeout(resolve, 1));';

  test.each([
    ['none', bench('async () => 1'), many, 0, 0, 1000, null],
    [
      'a throw every third time',
      bench(`() => { if (++n % 3 === 0) throw new Error('boom'); }`, counting),
      one,
      33,
      0,
      100,
      '33 of 100 iterations failed, the first with: boom',
    ],
    [
      'a rejection only sometimes',
      bench(`async () => { ${later} if (++n % 10 === 0) throw new Error('late'); }`, counting),
      many,
      100,
      0,
      1000,
      '100 of 1000 iterations failed, the first with: late',
    ],
    [
      'a promise only sometimes',
      bench(`() => (++n % 2 ? Promise.reject(new Error('odd')) : n)`, counting),
      one,
      50,
      0,
      100,
      '50 of 100 iterations failed, the first with: odd',
    ],
    [
      'an exit of every process',
      bench('() => process.exit(3)'),
      one,
      0,
      10,
      10,
      '10 crashes, the first: the benchmark exited with code 3 before it was measured',
    ],
    [
      'a signal once',
      bench(
        `() => { if (!existsSync(mark)) { writeFileSync(mark, ''); process.kill(process.pid, 'SIGSEGV'); } }`,
        `import { existsSync, writeFileSync } from 'node:fs'; const mark = import.meta.dirname + '/signal once';`,
      ),
      one,
      0,
      1,
      100,
      '1 crash, the first: the benchmark crashed with signal SIGSEGV',
    ],
    [
      'what nothing catches',
      bench(
        `() => new Promise((resolve) => { setTimeout(resolve, 20); if (!existsSync(mark)) { writeFileSync(mark, ''); setTimeout(() => { throw new Error('later'); }); } })`,
        `import { existsSync, writeFileSync } from 'node:fs'; const mark = import.meta.dirname + '/uncaught once';`,
      ),
      { attempts: { concurrency: 10, iterations: 100 } },
      0,
      1,
      100,
      '1 crash, the first: the benchmark crashed with an uncaught error: later',
    ],
  ])('%s', async (_, body, wanted, errors, crashes, samples, note) => {
    expect(await observed(body, wanted)).toEqual({
      current: { errors: fact(errors, samples), crashes: fact(crashes, samples) },
      baseline: null,
      note,
      failure: null,
    });
  });

  test('as many iterations are in flight as are asked for', async () => {
    const body = bench(
      `async () => { most = Math.max(most, ++inFlight); ${later} inFlight--; if (most > 7) throw new Error('too many'); if (++n === 100 && most < 7) throw new Error('too few'); }`,
      'let inFlight = 0, most = 0, n = 0;',
    );
    const { current } = await observed(body, { attempts: { concurrency: 7, iterations: 100 } });
    expect(current['errors']?.value).toBe(0);
  });

  test('a process that is out of memory has crashed', async () => {
    const { command, env } = runtime;
    const small = new WorkerPool(
      { command, env: { ...env, NODE_OPTIONS: '--max-old-space-size=64' } },
      worker,
      folder,
      silent,
    );
    const body = bench(
      '() => { for (;;) kept.push(new Array(1e5).fill(kept.length)); }',
      'const kept: unknown[] = [];',
    );
    const { current, failure } = await observed(body, { attempts: { concurrency: 1, iterations: 2 } }, { pool: small });
    small.dispose();
    expect(failure).toBe(null);
    expect(current).toEqual({ errors: fact(0, 2), crashes: fact(2, 2) });
  });

  test('what cannot be observed of a benchmark that throws costs nothing else', async () => {
    const body = bench(`() => { if (++n % 3 === 0) throw new Error('boom'); }`, counting);
    const { current, failure } = await observed(body, { ...running, ...one, cycles: 100 });
    expect(current).toEqual({ errors: fact(33, 100), crashes: fact(0, 100) });
    expect(failure).toMatchObject({ kind: 'threw', message: 'the benchmark threw: boom', side: 'current', line: 3 });
  });

  test('what a benchmark starts ends with it', async () => {
    const body = bench(
      '() => 1',
      `import { spawn } from 'node:child_process'; import { writeFileSync } from 'node:fs';
      const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
      writeFileSync(import.meta.dirname + '/child', String(child.pid));`,
    );
    await observed(body, one);
    const { readFileSync } = await import('node:fs');
    const pid = Number(readFileSync(path.join(folder, 'child'), 'utf8'));
    await expect
      .poll(
        () => {
          try {
            return process.kill(pid, 0);
          } catch {
            return false;
          }
        },
        { timeout: 10_000 },
      )
      .toBe(false);
  });
});

describe('what a benchmark reports', () => {
  const reporting = (body: string, before = ''): string =>
    bench(`() => { ${body} }`, `import { report } from 'perf-budget'; let n = 0; ${before}`);

  test('is the mean over its iterations, in base units, and what it reported at its start where there is no other', async () => {
    const { current } = await observed(
      reporting(
        `report(' lost   messages', n++ % 2); report('wait', 3, 'ms');`,
        `report('wait', 7, 'ms'); report('index', 2, 'KB');`,
      ),
      running,
    );
    expect(Object.keys(current).slice(0, -4)).toEqual(['wait', 'index', 'lost messages']);
    expect(current['index']).toEqual({ value: 2000, low: 2000, high: 2000, samples: 2, unit: 'KB' });
    expect(current['wait']).toMatchObject({ value: 3e6, low: 3e6, high: 3e6, unit: 'ms' });
    const lost = current['lost messages'] ?? expect.fail('nothing was reported');
    expect(lost.value).toBeCloseTo(0.5, 2);
    expect(lost.low).toBeLessThan(0.5);
    expect(lost.high).toBeGreaterThan(0.5);
    expect(lost.samples).toBe(current['wait']?.samples);
  });

  test('at its very end counts', async () => {
    const body = `import { bench, afterAll } from 'vitest'; import { report } from 'perf-budget';
      let n = 0; bench('case', () => { n++; }); afterAll(() => report('calls', Math.min(n, 5)));`;
    expect((await observed(body, running)).current['calls']).toEqual({ value: 5, low: 5, high: 5, samples: 2 });
  });

  test.each([
    [`report('p95', 3)`, 'report(): "p95" is a built-in metric; use another name'],
    [`report('rate', 0 / 0)`, 'report(): "rate" needs a finite number, not NaN'],
    [`report('', 1)`, 'report() needs the name of a metric'],
  ])('%s is told', async (call, message) => {
    const { current, failure } = await observed(reporting(call), running);
    expect(current).toEqual({});
    expect(failure?.message).toBe(`the benchmark threw: ${message}`);
  });
});

describe('old code', () => {
  const keeping = (numbers: number): string => bench(`() => new Array(${numbers}).fill(0)`);

  test('is observed beside the new', async () => {
    const { current, baseline } = await observed(keeping(10), running, { old: keeping(20) });
    expect(Math.round(current['allocated']?.value ?? NaN)).toBe(128);
    expect(Math.round(baseline?.['allocated']?.value ?? NaN)).toBe(208);
  });

  test('that is the same is observed once', async () => {
    const { current, baseline } = await observed(keeping(10), running, { old: keeping(10) });
    expect(current['allocated']?.value).toBeGreaterThan(100);
    expect(baseline).toEqual(current);
  });

  test('that cannot run costs its own figures', async () => {
    const old = bench(`() => { throw new Error('no'); }`);
    const { current, ...rest } = await observed(keeping(10), running, { old });
    expect(current['allocated']?.value).toBeGreaterThan(100);
    const note = 'the old code cannot run this benchmark: the benchmark threw: no';
    expect(rest).toEqual({ baseline: null, note, failure: null });
  });
});

test('an abort is answered while the benchmark is in an endless loop', async () => {
  const controller = new AbortController();
  const answer = ask(bench('() => { for (;;); }'), running, { signal: controller.signal });
  setTimeout(() => controller.abort(), 300);
  expect(await answer).toEqual({ ok: false, error: { kind: 'aborted' } });
});

test('an iteration that never ends is told', async () => {
  // The eight seconds that a process has on top of its time are for machines under load.
  const waited: number[] = [];
  const impatient: BenchmarkWorkers = {
    prepare: () => undefined,
    dispose: () => undefined,
    request: (request, options) => {
      waited.push(options.timeoutMs);
      return sharedPool.request(request, { ...options, timeoutMs: 1000 });
    },
  };
  const { current, failure } = await observed(
    bench('() => new Promise(() => {})'),
    { attempts: { concurrency: 1, iterations: 100 } },
    { timeMs: 1, pool: impatient },
  );
  expect(waited).toEqual([8002]);
  expect(current).toEqual({});
  expect(failure).toMatchObject({ kind: 'timeout' });
});
