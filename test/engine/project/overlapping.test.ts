import { renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openProject } from '../../../src/engine/project/open.js';
import type { OpenProject } from '../../../src/engine/project/project.js';
import { silent } from '../../../src/engine/util/log.js';
import type { Report } from '../../../src/core/results/measurement.js';
import { config, files, project as committed, work } from '../../cli/project.js';
import { remove, write } from '../repository.js';
import { measured, ScriptedWorkers } from '../scripted-workers.js';

const workerPath = path.resolve(import.meta.dirname, '../../../dist/worker.js');

let root: string;
let project: OpenProject;
let workers: ScriptedWorkers;
/** The benchmark whose requests wait until `answer`. */
let held: string | null = null;
/** Bench files that do not load in time, once. */
const late = new Set<string>();

/** How many pairs of processes have been asked to measure a benchmark. */
const measuring = (name: string): number =>
  workers.requests.filter(({ request }) => request.type === 'measure' && request.name === name).length;

async function opened(): Promise<OpenProject> {
  workers = new ScriptedWorkers((request) => {
    if (request.type === 'measure') {
      const times = request.name === 'steady' ? 100 : 200;
      return request.name === held ? null : measured(request, { current: times, baseline: times });
    }
    if (request.type === 'discover' && late.delete(path.basename(request.benchFile)))
      return { kind: 'timeout', message: 'it did not load in time' };
    if (request.type !== 'discover') return { kind: 'threw', message: `${request.type} is not scripted` };
    return { type: 'names', names: [path.basename(request.benchFile, '.bench.ts')], failures: [] };
  });
  const options = { log: silent, trusted: true, nodePath: null, workerPath, workers };
  return openProject(path.join(root, 'perf-budget.jsonc'), options);
}

beforeEach(async () => {
  root = committed();
  held = null;
  project = await opened();
});

afterEach(async () => {
  await project.dispose();
  remove(root);
});

/** Waits until a benchmark is being measured that does not end before it is asked for again. */
async function untilHeld(name: string): Promise<void> {
  const before = measuring(name);
  await vi.waitFor(() => expect(measuring(name)).toBeGreaterThan(before), 10_000);
  held = null;
}

/** Saves other code, which does the same. */
function save(name: string): void {
  write(root, { [`src/${name}.ts`]: work(20_001) });
  project.filesChanged([path.join(root, `src/${name}.ts`)]);
}

/** Whether each was known, and whether anything was measured for it. */
const summary = ({ budgets }: Report): unknown =>
  budgets.map(({ name, cached, samples }) => [name, cached, samples > 0]);

test('a save takes nothing away from a run that measures again', async () => {
  expect(summary(await project.run({}))).toEqual([
    ['steady', false, true],
    ['growing', false, false],
  ]);
  held = 'growing';
  const report = project.run({ fresh: true });
  await untilHeld('growing');
  save('steady');
  expect(summary(await report)).toEqual([
    ['steady', false, true],
    ['growing', false, true],
  ]);
});

test('a save in the middle of the measurement for a baseline leaves all of its figures', async () => {
  const capture = { warmup: 3, runs: 4, time: '400 ms' };
  write(root, { 'perf-budget.jsonc': config.replace('{', `{ "defaults": { "capture": ${JSON.stringify(capture)} },`) });
  await project.reload();
  held = 'growing';
  const report = project.run({ capturing: true, fresh: true });
  await untilHeld('growing');
  // What has been measured already, and what has not.
  save('steady');
  save('growing');
  expect((await report).budgets.map(({ name, cached }) => [name, cached])).toEqual([
    ['steady', false],
    ['growing', false],
  ]);
  await project.settled();
  const captured = await project.capture({ name: 'v1', reason: 'for a test', automatic: false });
  expect(captured.ok && captured.value.figures.map(({ budget, procedure }) => [budget, procedure])).toEqual(
    ['steady', 'growing'].map((name) => [name, { warmup: 3, runs: 4, cooldownMs: 0, timeMs: 400 }]),
  );
});

test('a run that is asked for right after a save is about what was saved', async () => {
  await project.run({});
  save('growing');
  expect(summary(await project.run({}))).toEqual([
    ['steady', true, true],
    ['growing', false, true],
  ]);
});

test('a bench file that did not load in time is read again by the next run', async () => {
  const file = 'bench/steady.bench.ts';
  write(root, { [file]: `${files[file]}// other text\n` });
  late.add(path.basename(file));
  project.filesChanged([path.join(root, file)]);
  await project.settled();
  expect(project.snapshot.problems.map(({ message }) => message)).toContain('It did not load in time.');
  await project.run({});
  expect(project.snapshot.problems).toEqual([]);
});

test('of readings that overlap, the last one counts', async () => {
  const file = path.join(root, 'perf-budget.jsonc');
  const names = (): string[] => project.snapshot.budgets.map(({ budget }) => budget.name);
  const replace = (text: string): void => {
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  };
  // It takes longer to read than the one that comes after it.
  const many = Array.from({ length: 3000 }, (_, index) => `"budget ${index}": { "benchmark": "growing" }`);
  for (const waitMs of [0, 1, 2, 4, 8, 16]) {
    replace(config.replace('"budgets": {', `"budgets": { ${many.join(', ')},`));
    const first = project.reload();
    await delay(waitMs);
    replace(config);
    const later = [project.reload(), project.reload()];
    project.filesChanged([file], false);
    later.push(project.reload());
    await Promise.all([first, ...later]);
    await project.settled();
    expect(names()).toEqual(['steady', 'growing']);
    expect(project.snapshot.problems).toEqual([]);
  }
});
