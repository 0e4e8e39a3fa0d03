import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { defaultPrior } from '../../../src/core/stats/interval.js';
import { BundleStore } from '../../../src/engine/bundle/bundle-store.js';
import { Bundler } from '../../../src/engine/bundle/bundler.js';
import { WorkerPool } from '../../../src/engine/workers/pool.js';
import { History } from '../../../src/engine/history/history.js';
import { Idle } from '../../../src/engine/measure/idle.js';
import { silent } from '../../../src/engine/util/log.js';
import { Noise } from '../../../src/engine/measure/noise.js';
import { createProject } from '../../../src/engine/project/open.js';
import { OpenProject } from '../../../src/engine/project/project.js';
import { findRuntime } from '../../../src/engine/workers/runtime.js';
import type { Target } from '../../../src/engine/measure/target.js';
import { measured, ScriptedWorkers } from '../scripted-workers.js';

const workerPath = path.resolve(import.meta.dirname, '../../../dist/worker.js');
const times = { waitMs: 1, runMs: 6000 };
const day = 24 * 60 * 60 * 1000;

let folder: string;
let history: History;
let workers: ScriptedWorkers;
const made: Idle[] = [];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'perf budget ü '));
  history = await History.open(folder);
});

afterEach(async () => {
  for (const idle of made.splice(0)) idle.dispose();
  history.close();
  await rm(folder, { recursive: true, force: true });
});

const target = (name: string): Target => ({
  ...{ name, benchFile: '/b.bench.ts', current: `file:///${name}.mjs`, baseline: null, note: 'none' },
  ...{
    latency: 'both',
    percentiles: [99],
    observe: { running: true, cycles: null, attempts: null, baseline: false },
    timeMs: 2000,
  },
  settings: { cycles: null, concurrency: 1, warmup: null, runs: null, isolation: 'bundle' },
});

/** Every second process shows 1% more, the others 3%; or none ever answers. */
function answering(hang = false): void {
  workers = new ScriptedWorkers((request, count) => {
    if (request.type !== 'measure') throw new Error(`unexpected ${request.type}`);
    const logRatio = count % 2 === 0 ? 0.01 : 0.03;
    return hang ? null : measured(request, { current: 100, baseline: 100 }, { logRatio });
  });
}

function make(more: Partial<Idle['parts']> = {}, waits = times): Idle {
  const noise = new Noise(history, 'here', () => 100 * day);
  const idle = new Idle({ workers, noise, log: silent, power: () => Promise.resolve('mains'), ...more }, waits);
  made.push(idle);
  return idle;
}

const names = (): readonly string[] => [
  ...new Set(workers.requests.map(({ request }) => (request.type === 'measure' ? request.name : request.type))),
];
const quiet = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 60));

test('what was measured last is measured beside itself, and its spread is learned about the known truth', async () => {
  answering();
  const idle = make();
  idle.busy();
  idle.measured(target('a'));
  idle.measured(target('b'));
  await quiet();
  expect(workers.requests).toEqual([]);
  idle.rest();
  await vi.waitFor(() => expect(history.noise('here').length).toBe(2));
  expect(names()).toEqual(['b', 'a']);
  const [first, second] = workers.requests.map(({ request }) => (request.type === 'measure' ? request : null));
  expect(first?.sides).toEqual([
    { side: 'current', bundle: 'file:///b.mjs' },
    { side: 'baseline', bundle: 'file:///b.mjs?again' },
  ]);
  expect(second?.sides).toEqual(first?.sides.toReversed());
  expect(first?.latency).toBe(null);
  const row = history.noise('here').find(({ benchmark }) => benchmark === 'b');
  const processesOfOne = workers.requests.length / 2;
  expect(row).toEqual({
    ...{ benchmark: 'b', day: 100, kind: 'same', runs: 1, df: processesOfOne },
    total: expect.closeTo(0.02, 10) as number,
    squares: expect.closeTo((processesOfOne / 2) * (0.01 ** 2 + 0.03 ** 2), 10) as number,
  });
});

test('the same one runs once an hour, and no more than so many a session', async () => {
  answering();
  let now = 0;
  const idle = make({ now: () => now }, { ...times, most: 3 } as typeof times);
  idle.measured(target('a'));
  idle.rest();
  await vi.waitFor(() => expect(history.noise('here')[0]?.runs).toBe(1));
  idle.touch();
  await quiet();
  expect(history.noise('here')[0]?.runs).toBe(1);
  for (const runs of [2, 3, 3]) {
    now += 3_600_000;
    idle.touch();
    await quiet();
    await vi.waitFor(() => expect(history.noise('here')[0]?.runs).toBe(runs));
  }
});

test.each(['busy', 'touch', 'dispose'] as const)('%s ends what runs before it returns', async (event) => {
  answering(true);
  const idle = make();
  idle.measured(target('a'));
  idle.rest();
  await vi.waitFor(() => expect(workers.requests.length).toBe(1));
  idle[event]();
  expect(workers.requests[0]?.options.signal.aborted).toBe(true);
  await quiet();
  expect(workers.requests.length).toBe(1);
  expect(history.noise('here')).toEqual([]);
});

test('another project of the same editor ends it too, and it waits until that one rests', async () => {
  answering(true);
  const [mine, other] = [make(), make()];
  mine.measured(target('a'));
  mine.measured(target('b'));
  mine.rest();
  await vi.waitFor(() => expect(workers.requests.length).toBe(1));
  other.busy();
  expect(workers.requests[0]?.options.signal.aborted).toBe(true);
  mine.touch();
  await quiet();
  expect(workers.requests.length).toBe(1);
  other.rest();
  await vi.waitFor(() => expect(names()).toEqual(['b', 'a']));
});

test('nothing runs on battery, and what takes too long is ended', async () => {
  answering(true);
  const unplugged = make({ power: () => Promise.resolve('battery') });
  unplugged.measured(target('a'));
  unplugged.rest();
  await quiet();
  expect(workers.requests).toEqual([]);
  unplugged.dispose();
  const slow = make({}, { waitMs: 1, runMs: 30 });
  slow.measured(target('slow'));
  slow.rest();
  await vi.waitFor(() => expect(workers.requests[0]?.options.signal.aborted).toBe(true));
  expect(history.noise('here')).toEqual([]);
});

test.each([
  ['an editor', { trusted: true, measuresWhenIdle: true }, true],
  ['an editor in a workspace that is not trusted', { trusted: false, measuresWhenIdle: true }, false],
  ['the command line', { trusted: true }, false],
])('idle moments of %s', async (_, who, used) => {
  const configFile = path.join(folder, 'perf-budget.jsonc');
  const project = await createProject(configFile, { ...who, log: silent, nodePath: null, workerPath });
  try {
    if (!(project instanceof OpenProject)) throw new Error('another kind of project');
    expect(project.parts.idle !== null).toBe(used);
  } finally {
    await project.dispose();
  }
});

test('in real processes the two copies are apart, and nearly the same', async () => {
  const bundler = new Bundler(folder);
  const store = new BundleStore();
  const pool = new WorkerPool(await findRuntime(null), workerPath, folder, silent);
  try {
    const benchFile = path.join(folder, 'a.bench.ts');
    const work = '() => { let s = 0; for (let i = 0; i < 1e4; i++) s += Math.sqrt(i); return s; }';
    await writeFile(benchFile, `import { bench } from 'vitest';\nbench('case', ${work});\n`);
    const bundle = await bundler.current(benchFile);
    if (!bundle.ok) throw new Error(bundle.error.message);
    const idle = make({ workers: pool, power: () => Promise.resolve(null) });
    idle.measured({ ...target('case'), benchFile, current: store.url(bundle.value) });
    idle.rest();
    await vi.waitFor(() => expect(history.noise('here').length).toBe(1), { timeout: 15_000 });
    const [row] = history.noise('here');
    expect(row).toMatchObject({ benchmark: 'case', kind: 'same', runs: 1 });
    expect(row?.df).toBeGreaterThanOrEqual(2);
    expect(Math.sqrt((row?.squares ?? NaN) / (row?.df ?? NaN))).toBeGreaterThan(0);
    expect(Math.abs(row?.total ?? NaN)).toBeLessThan(0.5);
    const { sigma, weight } = new Noise(history, 'here', () => 100 * day).prior('case');
    expect(weight).toBeGreaterThan(defaultPrior.weight);
    expect(sigma).toBeGreaterThanOrEqual(0.008);
    expect(new Noise(history, 'elsewhere', () => 100 * day).prior('case')).toEqual(defaultPrior);
  } finally {
    pool.dispose();
    await bundler.dispose();
    store.dispose();
  }
});
