import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { BundleStore } from '../../../src/engine/bundle/bundle-store.js';
import { Bundler } from '../../../src/engine/bundle/bundler.js';
import { WorkerPool } from '../../../src/engine/workers/pool.js';
import { silent } from '../../../src/engine/util/log.js';
import { findRuntime, type Runtime } from '../../../src/engine/workers/runtime.js';
import { Worker } from '../../../src/engine/workers/worker.js';
import type { Tiering } from '../../../src/worker/protocol.js';

let folder: string;
let bundler: Bundler;
let store: BundleStore;
let runtime: Runtime;
let sharedPool: WorkerPool;

const worker = path.resolve(import.meta.dirname, '../../../dist/worker.js');

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'perf budget ü '));
  bundler = new Bundler(folder);
  store = new BundleStore();
  const { command, env } = await findRuntime(null);
  // A small heap is sooner full.
  runtime = { command, env: { ...env, NODE_OPTIONS: '--max-old-space-size=256' } };
  sharedPool = new WorkerPool(runtime, worker, folder, silent);
});

afterAll(async () => {
  sharedPool.dispose();
  await bundler.dispose();
  store.dispose();
  await rm(folder, { recursive: true, force: true });
});

async function measured(
  body: string,
  {
    name = 'case',
    timeoutMs = 20_000,
    deadlineMs = 3000,
    signal = new AbortController().signal,
    pool = sharedPool,
    isLatency = true,
    current = '',
    warmup = null as number | null,
  } = {},
) {
  const benchFile = path.join(folder, 'a.bench.ts');
  await writeFile(benchFile, body);
  const bundle = await bundler.current(benchFile);
  if (!bundle.ok) throw new Error(bundle.error.message);
  const url = store.url(bundle.value);
  return pool.request(
    {
      type: 'measure',
      name,
      benchFile,
      sides: [
        { side: 'current', bundle: `${url}${current}` },
        { side: 'baseline', bundle: `${url}?old` },
      ],
      cold: false,
      sampleMs: 30,
      warmMs: 800,
      warmup,
      concurrency: 1,
      deadlineMs,
      latency: isLatency ? { sides: ['current'], ms: 20, iterations: 10 } : null,
    },
    { timeoutMs, signal },
  );
}

/** The lines that benchmarks have written. */
const linesOf = async (file: string): Promise<readonly string[]> => (await readFile(file, 'utf8')).trim().split('\n');

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

test('each side has a process of its own, and they take turns: A B B A', async () => {
  const log = path.join(folder, 'turns');
  // An iteration is longer than a slice, so there is one in each.
  const run = `() => {
    appendFileSync(${JSON.stringify(log)}, process.pid + '\\n');
    return new Promise((resolve) => setTimeout(resolve, 6));
  }`;
  const answer = await measured(bench(run, `import { appendFileSync } from 'node:fs';`), {
    deadlineMs: 10_000,
    isLatency: false,
  });
  expect(answer).toMatchObject({ ok: true });
  const lines = await linesOf(log);
  // The first calls come one after the other. What follows is the warm-up, which both have at once.
  const [a, b] = lines;
  expect(b).not.toBe(a);
  expect(new Set(lines).size).toBe(2);
  expect(lines.slice(-8)).toEqual([a, b, b, a, a, b, b, a]);
});

/** A bench file with two benchmarks that says when a process loads it, and when its teardown runs. */
const two = (log: string, head: string): string => `import { afterAll, bench } from 'vitest';
import { appendFileSync } from 'node:fs';
const say = (word: string): void => appendFileSync(${JSON.stringify(log)}, process.pid + ' ' + word + '\\n');
say('load');
${head}
bench('case', () => Math.sqrt(Math.random()));
bench('other', () => Math.cbrt(Math.random()));
afterAll(() => say('end'));
`;

async function saidOf(head: string, names: readonly string[]): Promise<readonly (readonly string[])[]> {
  const log = path.join(folder, 'loads');
  await rm(log, { force: true });
  const pool = new WorkerPool(runtime, worker, folder, silent);
  // Meanwhile the next processes start, so that on a busy machine no start looks like a file that takes long to load.
  await measured(bench('() => 1'), { pool });
  for (const name of names) expect(await measured(two(log, head), { name, pool })).toMatchObject({ ok: true });
  pool.dispose();
  return (await linesOf(log)).map((line) => line.split(' '));
}

test('the benchmarks of a file that loads quickly have fresh processes each', async () => {
  const said = await saidOf('', ['case', 'other']);
  expect(said.map(([, word]) => word)).toEqual(['load', 'load', 'end', 'end', 'load', 'load', 'end', 'end']);
  expect(new Set(said.map(([pid]) => pid)).size).toBe(4);
});

test('a file that takes long to load is loaded once for its benchmarks, but none has a process twice', async () => {
  const slow = 'await new Promise((resolve) => setTimeout(resolve, 1100));';
  const said = await saidOf(slow, ['case', 'other', 'case']);
  // Once there is none left to measure, the teardown runs. What is kept for others is ended without, as its pool is.
  expect(said.map(([, word]) => word)).toEqual(['load', 'load', 'end', 'end', 'load', 'load']);
  const pids = said.map(([pid]) => pid);
  expect(new Set(pids).size).toBe(4);
  expect(pids.slice(2, 4).toSorted()).toEqual(pids.slice(0, 2).toSorted());
});

/** Measures code of which one call computes for so many milliseconds of processor time, twice, and returns how each process was opened, and what they said. */
async function slowly(callMs: number) {
  const log = path.join(folder, 'slow');
  await rm(log, { force: true });
  const body = `import { afterAll, bench } from 'vitest';
import { appendFileSync } from 'node:fs';
const say = (word: string): void => appendFileSync(${JSON.stringify(log)}, process.pid + ' ' + word + '\\n');
say('load');
const usedMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e3;
};
bench('case', () => {
  let sum = 0;
  // Not by the wall clock, which other programs move too.
  for (const end = usedMs() + ${callMs}; usedMs() < end;) for (let i = 0; i < 1e4; i++) sum += Math.sqrt(i);
  return sum;
}, { setup: () => say('set up'), teardown: () => say('torn down') });
afterAll(() => say('end'));
`;
  const ask = vi.spyOn(Worker.prototype, 'ask');
  const pool = new WorkerPool(runtime, worker, folder, silent);
  const opened = (): readonly (Tiering | null)[] =>
    ask.mock.calls.flatMap(([request]) => (request.type === 'open' ? [request.tiering] : []));
  try {
    const [first, second] = [await measured(body, { pool }), opened()];
    ask.mockClear();
    const again = await measured(body, { pool });
    expect([first, again]).toMatchObject([{ ok: true }, { ok: true }]);
    const said = new Map<string, readonly string[]>();
    for (const [pid = '', ...words] of (await linesOf(log)).map((line) => line.split(' ')))
      said.set(pid, [...(said.get(pid) ?? []), words.join(' ')]);
    return { opened: second, openedAgain: opened(), said: [...said.values()] };
  } finally {
    pool.dispose();
    ask.mockRestore();
  }
}

/** Each phase that a process began has ended; one that never began a phase only loaded the file. */
function expectEnded(said: readonly (readonly string[])[]): void {
  for (const words of said) expect(words.join(', ')).toMatch(/^load(?:(?:, set up, torn down)+, end)?$/);
}

test('code of which a call computes for more than 20 ms has its loops replaced, and what is given up is torn down', async () => {
  const { opened, openedAgain, said } = await slowly(40);
  // The first two processes showed how long a call takes.
  expect(opened.map((tiering) => tiering?.replacesLoops)).toEqual([false, false, ...opened.slice(2).map(() => true)]);
  expect(opened.length).toBeGreaterThan(2);
  // That is known the next time.
  expect(openedAgain.map((tiering) => tiering?.replacesLoops)).toEqual(openedAgain.map(() => true));
  expect(said.length).toBe(opened.length + openedAgain.length);
  expectEnded(said);
});

test('a first call that takes longer than a second is not waited for, and what can be is torn down', async () => {
  const { opened, said } = await slowly(1500);
  expect(opened.map((tiering) => tiering?.replacesLoops).slice(0, 3)).toEqual([false, false, true]);
  // One was busy when it was given up. The other one waited for its first call.
  const [idle, busy, ...later] = said.toSorted((a, b) => a.length - b.length);
  expect([idle, busy]).toEqual([['load'], ['load', 'set up']]);
  expectEnded(later);
});

test('code of which a call computes for less is left to V8 as it enters its functions', async () => {
  const { opened, openedAgain, said } = await slowly(5);
  expect([...opened, ...openedAgain].some((tiering) => tiering?.replacesLoops)).toBe(false);
  expect(said.length).toBe(opened.length + openedAgain.length);
  expectEnded(said);
});

test('a process that had V8 as it is, for a given number of calls, is not kept for others', async () => {
  const slow = 'await new Promise((resolve) => setTimeout(resolve, 1100));';
  const log = path.join(folder, 'plain');
  const pool = new WorkerPool(runtime, worker, folder, silent);
  for (const [name, warmup] of [['case', 5] as const, ['other', null] as const])
    expect(await measured(two(log, slow), { name, warmup, pool })).toMatchObject({ ok: true });
  pool.dispose();
  const loads = (await linesOf(log)).filter((line) => line.endsWith(' load'));
  expect(loads).toHaveLength(4);
});

test('a process that is kept replaces loops for slow code, too', async () => {
  const body = `import { bench } from 'vitest';
await new Promise((resolve) => setTimeout(resolve, 1100));
bench('case', () => Math.sqrt(Math.random()));
bench('slow', () => {
  let sum = 0;
  for (let i = 0; i < 4e7; i++) sum += Math.sqrt(i ^ 5);
  return sum;
});
`;
  const pool = new WorkerPool(runtime, worker, folder, silent);
  try {
    // Four processes are kept, of which two show that the slow code is slow.
    for (let round = 0; round < 2; round++) expect(await measured(body, { pool })).toMatchObject({ ok: true });
    // A current version that has just been saved has fresh processes; its old one has those that are kept. There is time for the
    // first calls only.
    const answer = await measured(body, { pool, name: 'slow', current: '?saved', deadlineMs: 500 });
    if (!answer.ok || answer.value.type !== 'measured') throw new Error(JSON.stringify(answer));
    expect(Math.abs(answer.value.logRatio ?? NaN)).toBeLessThan(1);
  } finally {
    pool.dispose();
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
  expect(answer.value.sides[0]?.time).toBeCloseTo(5e6, 3);
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
  const small = new WorkerPool(runtime, worker, folder, silent, { memoryBytes: 400e6 });
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
  const pidFile = path.join(folder, 'pids');
  const start = `import { spawn } from 'node:child_process'; import { appendFileSync } from 'node:fs';
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    appendFileSync(${JSON.stringify(pidFile)}, child.pid + '\\n');`;
  expect((await measured(bench('() => 1', start))).ok).toBe(true);
  const pids = (await linesOf(pidFile)).map(Number);
  expect(pids).toHaveLength(2);
  const alive = (pid: number): boolean => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  for (let waited = 0; pids.some(alive) && waited < 100; waited++) await sleep(50);
  expect(pids.filter(alive)).toEqual([]);
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

test('a Node before 20.16, which does not give its modules by name, measures', async () => {
  const preload = path.join(folder, 'before-20.16.cjs');
  await writeFile(preload, 'delete process.getBuiltinModule;');
  const { command, env } = await findRuntime(null);
  const runtime = { command, env: { ...env, NODE_OPTIONS: `--require="${preload}"` } };
  const pool = new WorkerPool(runtime, worker, folder, silent);
  expect(await measured(bench('() => 1'), { pool })).toMatchObject({ ok: true, value: { type: 'measured' } });
  pool.dispose();
});

test('a Node that is too old to measure with is told, and not started', async () => {
  const old = new WorkerPool({ command: '/nowhere/node', env: {} }, worker, folder, silent, { node: '18.20.8' });
  old.prepare();
  expect(await measured(bench('() => 1'), { pool: old })).toMatchObject({
    ok: false,
    error: { kind: 'spawn', message: expect.stringMatching(/^Node 18\.20\.8 is too old to measure with: /) as string },
  });
  old.dispose();
});
