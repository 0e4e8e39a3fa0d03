import type * as processes from 'node:child_process';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
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

test('a process is there before it is needed, and goes away when none has been for two minutes', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const pool = new WorkerPool(await findRuntime(null), workerPath, folder, silent);
  pool.prepare();
  pool.prepare();
  const [first, ...more] = workers();
  expect(more).toEqual([]);
  await vi.advanceTimersByTimeAsync(119_000);
  pool.prepare();
  await vi.advanceTimersByTimeAsync(119_000);
  expect(workers().map(isRunning)).toEqual([true]);
  await vi.advanceTimersByTimeAsync(1000);
  await ended(first);
  pool.prepare();
  expect(workers().map(isRunning)).toEqual([false, true]);
  pool.dispose();
  await ended(workers()[1]);
});

test('each question takes the process that waits, and one more is started in its place', async () => {
  const bundler = new Bundler(folder);
  const store = new BundleStore();
  const pool = new WorkerPool(await findRuntime(null), workerPath, folder, silent);
  const benchFile = path.join(folder, 'a.bench.ts');
  write(folder, { 'a.bench.ts': `import { bench } from 'vitest';\nbench(String(process.pid), () => 1);\n` });
  const bundle = await bundler.current(benchFile);
  if (!bundle.ok) expect.fail(bundle.error.message);
  const url = store.url(bundle.value);
  const asked: unknown[] = [];
  for (let time = 0; time < 3; time++) {
    const signal = new AbortController().signal;
    asked.push(await pool.request({ type: 'discover', bundle: url, benchFile }, { timeoutMs: 20_000, signal }));
    expect(workers()).toHaveLength(time + 2);
  }
  const answers = workers().map(({ pid }) => ({ ok: true, value: { type: 'names', names: [String(pid)] } }));
  expect(asked).toEqual(answers.slice(0, 3));
  await Promise.all(workers().slice(0, 3).map(ended));
  expect(workers().map(isRunning)).toEqual([false, false, false, true]);
  pool.dispose();
  await ended(workers()[3]);
  await bundler.dispose();
  store.dispose();
});
