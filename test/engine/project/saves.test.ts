import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openProject } from '../../../src/engine/project/open.js';
import type { OpenProject } from '../../../src/engine/project/project.js';
import { silent } from '../../../src/engine/util/log.js';
import { benchFile, config, project as committed, work } from '../../cli/project.js';
import { remove, write } from '../repository.js';
import { scriptMeasurements } from '../scripted.js';

scriptMeasurements();

const workerPath = path.resolve(import.meta.dirname, '../../../dist/worker.js');

let root: string;
let project: OpenProject;

async function open(files: Readonly<Record<string, string>>): Promise<void> {
  write(root, files);
  const options = { log: silent, trusted: true, nodePath: null, workerPath };
  project = await openProject(path.join(root, 'perf-budget.jsonc'), options);
}

beforeEach(() => {
  root = committed();
});

afterEach(async () => {
  await project.dispose();
  remove(root);
});

function save(file: string, text: string): void {
  write(root, { [file]: text });
  project.filesChanged([path.join(root, file)]);
}

const stateOf = (name: string): string | undefined =>
  project.snapshot.budgets.find(({ budget }) => budget.name === name)?.state.kind;

/** The states that a budget goes through from now on, without repetition. */
function statesOf(name: string): readonly (string | undefined)[] {
  const seen = [stateOf(name)];
  project.onDidChange(() => {
    const state = stateOf(name);
    if (state !== seen.at(-1)) seen.push(state);
  });
  return seen;
}

test('the measurement for a baseline is also what a save just before it wanted', async () => {
  const defaults = { time: '300 ms', capture: { time: '500 ms', cooldown: '50 ms' } };
  await open({ 'perf-budget.jsonc': config.replace('{', `{ "defaults": ${JSON.stringify(defaults)},`) });
  save('src/growing.ts', work(20_001));
  await delay(5);
  await project.run({ capturing: true, fresh: true });
  await project.settled();
  const captured = await project.capture({ name: 'v1', reason: 'for a test', automatic: false });
  expect(captured.ok && captured.value.figures.map(({ budget, procedure }) => [budget, procedure])).toMatchObject(
    ['steady', 'growing'].map((name) => [name, { cooldownMs: 50, timeMs: 500 }]),
  );
});

test('nothing is captured while a budget is measured', async () => {
  await open({});
  await project.run({});
  save('src/growing.ts', work(20_001));
  await delay(50);
  const captured = await project.capture({ name: 'v1', reason: 'for a test', automatic: false });
  expect(captured).toEqual({
    ok: false,
    error: 'Budgets are still being measured. Capture the baseline when that is finished.',
  });
  await project.settled();
  expect(await project.capture({ name: 'v1', reason: 'for a test', automatic: false })).toMatchObject({ ok: true });
});

const slow = (version: number): string =>
  benchFile(
    'growing',
    `import { work } from '../src/growing.js';\nawait new Promise((resolve) => setTimeout(resolve, 700)); // ${version}`,
    'work();',
  );

test('what a save may have changed is stale until more is known', async () => {
  const more = `"budgets": { "any": { "benchmark": "stead*", "limit": ["time <= 1 s"] },`;
  await open({
    'perf-budget.jsonc': config.replace('"budgets": {', more),
    'bench/growing.bench.ts': slow(1),
  });
  await project.run({});
  const [growing, any, steady] = ['growing', 'any', 'steady'].map(statesOf);
  save('bench/growing.bench.ts', slow(2));
  await project.settled();
  expect(growing?.slice(0, 2)).toEqual(['known', 'stale']);
  expect(growing?.at(-1)).toBe('known');
  // Until the bench file is read, it may have one of its benchmarks.
  expect(any).toEqual(['known', 'stale', 'known']);
  expect(steady).toEqual(['known']);
});

test('what a cancelled save has changed stays stale', async () => {
  await open({ 'bench/growing.bench.ts': slow(1) });
  await project.run({});
  save('bench/growing.bench.ts', slow(2));
  await delay(30);
  project.cancel();
  await project.settled();
  expect([stateOf('growing'), stateOf('steady')]).toEqual(['stale', 'known']);
});

test('a run ends though files change all the time beside a bench file that is broken', async () => {
  await open({ 'bench/broken.bench.ts': `throw new Error('broken');\n` });
  const timer = setInterval(() => project.filesChanged([path.join(root, 'log.txt')]), 150);
  const report = await project.run({ fresh: true });
  clearInterval(timer);
  expect(report.budgets.map(({ name, cached }) => [name, cached])).toEqual([
    ['steady', false],
    ['growing', false],
  ]);
  write(root, { 'bench/broken.bench.ts': benchFile('mended', '', '') });
  project.filesChanged([path.join(root, 'bench/broken.bench.ts')]);
  await project.settled();
  expect(project.snapshot.problems).toEqual([]);
});
