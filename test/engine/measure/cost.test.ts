import type * as processes from 'node:child_process';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { BundleStore } from '../../../src/engine/bundle/bundle-store.js';
import { Bundler } from '../../../src/engine/bundle/bundler.js';
import { WorkerPool } from '../../../src/engine/workers/pool.js';
import { silent } from '../../../src/engine/util/log.js';
import { openProject } from '../../../src/engine/project/open.js';
import { findRuntime } from '../../../src/engine/workers/runtime.js';
import type { Project } from '../../../src/engine/project/snapshot.js';
import { expectEnded, processId } from '../../cli/run.js';
import { commit, remove, repository, temporaryFolder, write } from '../repository.js';

vi.mock('node:child_process', async (original) => {
  const real = await original<typeof processes>();
  return { ...real, spawn: vi.fn(real.spawn) };
});

const workerPath = path.resolve(import.meta.dirname, '../../../dist/worker.js');
let folder: string;

beforeEach(() => {
  folder = temporaryFolder();
  vi.mocked(spawn).mockClear();
});
afterEach(() => {
  vi.useRealTimers();
  remove(folder);
});

/** The workers that were started, oldest first. */
const workers = (): readonly ChildProcess[] =>
  vi.mocked(spawn).mock.results.flatMap(({ type, value }, index) => {
    const args = vi.mocked(spawn).mock.calls[index]?.[1];
    return type === 'return' && Array.isArray(args) && args.includes(workerPath) ? [value] : [];
  });

const isRunning = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode === null && signalCode === null;

async function ended(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined) expect.fail('no worker was started');
  if (isRunning(child)) await once(child, 'exit');
}

test('a run that is overtaken by a save ends its worker, and nothing of it is told', async () => {
  repository(folder);
  const file = path.join(folder, 'code.ts');
  const pids = path.join(folder, 'pids');
  const endless = `import { appendFileSync } from 'node:fs';
export const run = (): void => { appendFileSync(${JSON.stringify(pids)}, process.pid + '\\n'); for (;;); };\n`;
  const quick = (turns: number): string =>
    `export const run = (): number => { let sum = 0; for (let i = 0; i < ${turns}; i++) sum += Math.sqrt(i); return sum; };\n`;
  commit(folder, {
    'perf-budget.jsonc': `{
      "benchmarks": [{ "files": "*.bench.ts" }],
      "budgets": { "case": { "benchmark": "case", "limit": ["time <= 1 s", "time <= baseline * 20"] } },
    }`,
    'a.bench.ts': `import { bench } from 'vitest';\nimport { run } from './code.js';\nbench('case', () => run());\n`,
    'code.ts': quick(5000),
  });
  const options = { log: silent, trusted: true, nodePath: null, workerPath };
  const project: Project = await openProject(path.join(folder, 'perf-budget.jsonc'), options);
  const told: string[] = [];
  project.onDidChange(() => {
    const state = project.snapshot.budgets[0]?.state;
    const now = state?.kind === 'known' ? `known ${state.known.result.verdict}` : (state?.kind ?? '');
    if (told.at(-1) !== now) told.push(now);
  });
  try {
    write(folder, { 'code.ts': endless });
    project.filesChanged([file]);
    const overtaken = await processId(pids);
    write(folder, { 'code.ts': quick(6000) });
    project.filesChanged([file]);
    await expect.poll(() => told.at(-1), { timeout: 30_000 }).toBe('known pass');
    await expectEnded([overtaken]);
    // What was measuring has never been measured: nothing but that is known before the answer.
    expect(told).toEqual(['measuring', 'known pass']);
    expect((await project.history('case', 10)).map(({ result }) => result.verdict)).toEqual(['pass']);
  } finally {
    await project.dispose();
  }
  await expectEnded(workers().flatMap(({ pid }) => pid ?? []));
});

test('a process for each side is there before it is needed, and goes away when none has been for two minutes', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const pool = new WorkerPool(await findRuntime(null), workerPath, folder, silent);
  pool.prepare();
  pool.prepare();
  const waiting = workers();
  expect(waiting).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(119_000);
  pool.prepare();
  await vi.advanceTimersByTimeAsync(119_000);
  expect(workers().map(isRunning)).toEqual([true, true]);
  await vi.advanceTimersByTimeAsync(1000);
  await Promise.all(waiting.map(ended));
  pool.prepare();
  expect(workers().map(isRunning)).toEqual([false, false, true, true]);
  pool.dispose();
  await Promise.all(workers().map(ended));
});

const benchText = (named: string): string =>
  `import { bench } from 'vitest';\nbench('case', () => Math.sqrt(Math.random()));\nbench(${named}, () => 1);\n`;

/** A pool, and a bench file whose benchmark `case` takes next to no time; `named` is what its other one is called. */
async function poolWith(named: string, text = benchText(named)) {
  const bundler = new Bundler(folder);
  const store = new BundleStore();
  const pool = new WorkerPool(await findRuntime(null), workerPath, folder, silent);
  const benchFile = path.join(folder, 'a.bench.ts');
  write(folder, { 'a.bench.ts': text });
  const bundle = await bundler.current(benchFile);
  if (!bundle.ok) expect.fail(bundle.error.message);
  const url = store.url(bundle.value);
  const options = { timeoutMs: 20_000, signal: new AbortController().signal };
  const sides = [
    { side: 'current', bundle: url },
    { side: 'baseline', bundle: `${url}?old` },
  ] as const;
  const limits = { sampleMs: 10, deadlineMs: 200, warmMs: 50, concurrency: 1, latency: null };
  return {
    pool,
    discover: () => pool.request({ type: 'discover', bundle: url, benchFile }, options),
    measure: (warmup: number | null, isLast = false) =>
      pool.request(
        { type: 'measure', name: 'case', benchFile, sides, cold: warmup === 0, warmup, ...limits },
        { ...options, isLast },
      ),
    close: async () => {
      pool.dispose();
      await Promise.all(workers().map(ended));
      await bundler.dispose();
      store.dispose();
    },
  };
}

test('each question about a file starts a process, which ends with the answer', async () => {
  const { discover, close } = await poolWith('String(process.pid)');
  const asked: unknown[] = [];
  for (let time = 0; time < 3; time++) {
    asked.push(await discover());
    expect(workers()).toHaveLength(time + 1);
  }
  expect(asked).toEqual(
    workers().map(({ pid }) => ({ ok: true, value: { type: 'names', names: ['case', String(pid)], failures: [] } })),
  );
  await Promise.all(workers().map(ended));
  await close();
});

test('a measurement takes the processes that wait, and as many are started in their place', async () => {
  const { pool, measure, close } = await poolWith("'other'");
  pool.prepare();
  for (let time = 0; time < 2; time++) {
    const taken = workers().slice(-2);
    expect(taken.map(isRunning)).toEqual([true, true]);
    expect(await measure(null)).toMatchObject({ ok: true });
    expect(workers()).toHaveLength(2 * time + 4);
    await Promise.all(taken.map(ended));
  }
  expect(workers().map(isRunning)).toEqual([false, false, false, false, true, true]);
  await close();
});

test('the last measurement leaves none that wait', async () => {
  const { measure, close } = await poolWith("'other'");
  expect(await measure(null, true)).toMatchObject({ ok: true });
  expect(workers()).toHaveLength(2);
  await Promise.all(workers().map(ended));
  await close();
});

test('only code that allocates gets the memory for it beforehand', async () => {
  const sizes: number[] = [];
  for (const work of ['(last + 1) % 1000', '[1, 2, 3, 4]']) {
    const text = `import { writeFileSync } from 'node:fs';
import { bench } from 'vitest';
let last = 0;
const teardown = () => writeFileSync('size.txt', String(process.memoryUsage().rss));
bench('case', () => { last = ${work}; }, { teardown });
`;
    const { measure, close } = await poolWith("'other'", text);
    expect(await measure(null, true)).toMatchObject({ ok: true });
    sizes.push(Number(readFileSync(path.join(folder, 'size.txt'), 'utf8')));
    await close();
  }
  const [little = NaN, much = NaN] = sizes;
  expect(much - little).toBeGreaterThan(30e6);
});

test.each([0, 5])(
  'where exactly %s calls warm it up, its processes are others, and nothing starts beside them',
  async (warmup) => {
    const { pool, measure, close } = await poolWith("'other'");
    pool.prepare();
    expect(await measure(warmup)).toMatchObject({ ok: true });
    expect(workers()).toHaveLength(4);
    await Promise.all(workers().slice(2).map(ended));
    expect(workers().map(isRunning)).toEqual([true, true, false, false]);
    await close();
  },
);
