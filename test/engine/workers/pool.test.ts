import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BundleStore } from '../../../src/engine/bundle/bundle-store.js';
import { Bundler } from '../../../src/engine/bundle/bundler.js';
import { WorkerPool } from '../../../src/engine/workers/pool.js';
import { silent } from '../../../src/engine/util/log.js';
import { findRuntime } from '../../../src/engine/workers/runtime.js';

let folder: string;
let bundler: Bundler;
let store: BundleStore;
let sharedPool: WorkerPool;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'perf budget ü '));
  bundler = new Bundler(folder);
  store = new BundleStore();
  const worker = path.resolve(import.meta.dirname, '../../../dist/worker.js');
  const { command, env } = await findRuntime(null);
  // A small heap is sooner full.
  sharedPool = new WorkerPool(
    { command, env: { ...env, NODE_OPTIONS: '--max-old-space-size=256' } },
    worker,
    folder,
    silent,
  );
});

afterAll(async () => {
  sharedPool.dispose();
  await bundler.dispose();
  store.dispose();
  await rm(folder, { recursive: true, force: true });
});

async function measured(
  body: string,
  { timeoutMs = 20_000, deadlineMs = 3000, signal = new AbortController().signal, pool = sharedPool } = {},
) {
  const benchFile = path.join(folder, 'a.bench.ts');
  await writeFile(benchFile, body);
  const bundle = await bundler.current(benchFile);
  if (!bundle.ok) throw new Error(bundle.error.message);
  const url = store.url(bundle.value);
  return pool.request(
    {
      type: 'measure',
      name: 'case',
      benchFile,
      sides: [
        { side: 'current', bundle: url },
        { side: 'baseline', bundle: `${url}?old` },
      ],
      sampleMs: 30,
      warmup: 0,
      concurrency: 1,
      deadlineMs,
      latency: { sides: ['current'], ms: 20, iterations: 10 },
    },
    { timeoutMs, signal },
  );
}

const bench = (fn: string, before = ''): string =>
  `import { bench } from 'vitest';\n${before}\nbench('case', ${fn});\n`;

test('both sides are measured in turns, and single iterations where they are asked for', async () => {
  const answer = await measured(
    bench('() => { let s = 0; for (let i = 0; i < 1e4; i++) s += Math.sqrt(i); return s; }'),
  );
  if (!answer.ok || answer.value.type !== 'measured') throw new Error(JSON.stringify(answer));
  const { sides, logRatio, slices } = answer.value;
  expect(sides.map(({ side, latencies }) => [side, latencies.length > 0])).toEqual([
    ['current', true],
    ['baseline', false],
  ]);
  expect(slices).toBeGreaterThanOrEqual(4);
  expect(Math.abs(logRatio ?? NaN)).toBeLessThan(1);
  for (const { time, batch } of sides) {
    expect(time).toBeGreaterThan(1000);
    expect(batch).toBe(1);
  }
});

test('iterations that the timer cannot see singly are timed in batches', async () => {
  const answer = await measured(
    bench('() => { seed = (seed * 1664525 + 1013904223) | 0; return seed; }', 'let seed = 1;'),
  );
  if (!answer.ok || answer.value.type !== 'measured') throw new Error(JSON.stringify(answer));
  const [current] = answer.value.sides;
  expect(current?.batch).toBeGreaterThan(5);
  expect(current?.latencies.length).toBeGreaterThanOrEqual(10);
  const median = current?.latencies[current.latencies.length >> 1] ?? NaN;
  // As long as the slices say, and not as long as reading the clock.
  expect(median / (current?.time ?? NaN)).toBeGreaterThan(0.3);
  expect(median / (current?.time ?? NaN)).toBeLessThan(5);
});

test('an iteration longer than the time that there is counts all the same', async () => {
  const answer = await measured(bench('() => new Promise((resolve) => setTimeout(resolve, 400))'), {
    deadlineMs: 500,
  });
  if (!answer.ok || answer.value.type !== 'measured') throw new Error(JSON.stringify(answer));
  expect(answer.value.clock).toBe('wall');
  expect(answer.value.sides[0]?.time).toBeGreaterThan(390e6);
});

test('a function that says itself how long it took is believed', async () => {
  const answer = await measured(bench('() => ({ overriddenDuration: 5 })'));
  if (!answer.ok || answer.value.type !== 'measured') throw new Error(JSON.stringify(answer));
  expect(answer.value.sides[0]?.time).toBeCloseTo(5e6, -4);
});

test.each([
  ['throws in the loop', bench(`() => { throw new Error('boom'); }`), 'threw', 'the benchmark threw: boom'],
  [
    'throws after a while',
    bench(`() => { if (++n > 50) throw new TypeError('late'); }`, 'let n = 0;'),
    'threw',
    'the benchmark threw: late',
  ],
  ['rejects', bench(`async () => { throw new Error('later'); }`), 'threw', 'the benchmark threw: later'],
  [
    'throws at import',
    bench('() => 1', `throw new Error('no data');`),
    'import',
    'the bench file threw while loading: no data',
  ],
  [
    'ends the process',
    bench('() => process.exit(7)'),
    'exited',
    'the benchmark exited with code 7 before it was measured',
  ],
  [
    'kills the process',
    bench(`() => process.kill(process.pid, 'SIGSEGV')`),
    'crashed',
    'the benchmark crashed with signal SIGSEGV',
  ],
  [
    'allocates until it dies',
    bench('() => { for (;;) kept.push(new Array(1e5).fill(kept.length)); }', 'const kept: unknown[] = [];'),
    'memory',
    'the benchmark ran out of memory: it uses more than Node allows',
  ],
  [
    'lacks the benchmark',
    bench('() => 1').replace('case', 'other'),
    'not-found',
    'the bench file has no benchmark "case"',
  ],
])('a benchmark that %s says so', async (_, body, kind, message) => {
  const answer = await measured(body, { timeoutMs: 60_000 });
  expect(answer).toMatchObject({ ok: false, error: { kind, message } });
});

test('a place in the user’s own file comes with what was thrown there', async () => {
  const answer = await measured(bench(`() => {\n  throw new Error('boom');\n}`));
  expect(answer).toMatchObject({ ok: false, error: { file: path.join(folder, 'a.bench.ts'), line: 4 } });
});

test('a benchmark that never ends is ended', async () => {
  const answer = await measured(bench('() => { for (;;); }'), { timeoutMs: 1500 });
  expect(answer).toMatchObject({ ok: false, error: { kind: 'timeout' } });
});

test('an abort is answered while the benchmark is in an endless loop', async () => {
  const controller = new AbortController();
  const answer = measured(bench('() => { for (;;); }'), { signal: controller.signal });
  await sleep(300);
  controller.abort();
  expect(await answer).toEqual({ ok: false, error: { kind: 'aborted' } });
});

test('memory outside the heap is watched, too', async () => {
  const small = new WorkerPool(sharedPool.runtime, sharedPool.workerPath, folder, silent, 400e6);
  const body = bench('() => { for (;;) kept.push(Buffer.alloc(1e6, 1)); }', 'const kept: Buffer[] = [];');
  const answer = await measured(body, { pool: small });
  small.dispose();
  expect(answer).toMatchObject({ ok: false, error: { kind: 'memory' } });
});

test('megabytes of output neither block the benchmark nor pile up', async () => {
  const answer = await measured(bench(`() => process.stdout.write('x'.repeat(100_000))`));
  expect(answer).toMatchObject({ ok: true });
});

test('a process that the benchmark started ends with it', async () => {
  const pidFile = path.join(folder, 'pid');
  const start = `import { spawn } from 'node:child_process'; import { writeFileSync } from 'node:fs';
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    writeFileSync(${JSON.stringify(pidFile)}, String(child.pid));`;
  expect((await measured(bench('() => 1', start))).ok).toBe(true);
  const pid = Number(await readFile(pidFile, 'utf8'));
  const alive = (): boolean => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  for (let waited = 0; alive() && waited < 100; waited++) await sleep(50);
  expect(alive()).toBe(false);
});

test('a Node that is not there is named', async () => {
  const none = new WorkerPool({ command: '/nowhere/node', env: {} }, 'worker.js', folder, silent);
  const answer = await none.request(
    { type: 'discover', bundle: 'file:///x.mjs', benchFile: 'x' },
    { timeoutMs: 5000, signal: new AbortController().signal },
  );
  none.dispose();
  expect(answer).toMatchObject({ ok: false, error: { kind: 'spawn' } });
});
