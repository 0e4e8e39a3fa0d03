import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { openProject } from '../../../src/engine/project/open.js';
import type { Project } from '../../../src/engine/project/snapshot.js';
import { silent } from '../../../src/engine/util/log.js';
import { files, project as committed, work } from '../../cli/project.js';
import { git, remove, temporaryFolder, write } from '../repository.js';
import { scriptMeasurements } from '../scripted.js';

scriptMeasurements();

const workerPath = path.resolve(import.meta.dirname, '../../../dist/worker.js');

let root: string;
let project: Project;

async function measured(folder: string): Promise<void> {
  root = folder;
  write(root, { 'src/steady.ts': work(20_001) });
  const file = path.join(root, 'perf-budget.jsonc');
  project = await openProject(file, { log: silent, trusted: true, nodePath: null, workerPath });
  await project.run({});
}

afterEach(async () => {
  await project.dispose();
  remove(root);
});

const capture = (name: string, signal?: AbortSignal): ReturnType<Project['capture']> =>
  project.capture({ name, reason: 'for a test', automatic: false }, signal);

const kept = (): readonly string[] => {
  const folder = path.join(root, 'perf-budget.baselines');
  return existsSync(folder) ? readdirSync(folder).sort() : [];
};

const cancelled = { ok: false, error: 'It was cancelled, and the baseline is unchanged.' };

test('a capture that is cancelled at any moment keeps all of it or nothing', async () => {
  await measured(committed());
  const refs = (): string => git(root, 'for-each-ref', '--format=%(refname:lstrip=2)', 'refs/perf-budget');
  expect(await capture('v0', AbortSignal.abort())).toEqual(cancelled);
  expect([refs(), kept()]).toEqual(['', []]);
  const whole: string[] = [];
  for (let waitMs = 0; waitMs < 120; waitMs += 5) {
    const controller = new AbortController();
    const name = `v${waitMs}`;
    const captured = capture(name, controller.signal);
    await delay(waitMs);
    controller.abort();
    const ended = await captured;
    if (ended.ok) whole.push(name);
    else expect(ended).toEqual(cancelled);
    expect(
      kept()
        .filter((file) => file.endsWith('.json'))
        .sort(),
    ).toEqual(whole.map((one) => `${one}.json`).sort());
    expect(refs().split('\n').filter(Boolean).length).toBe(whole.length);
    expect((await project.baselines()).current).toBe(whole.at(-1) ?? null);
  }
});

test('one whose file cannot be written leaves the ref as it was', async () => {
  await measured(committed());
  const refs = (): string => git(root, 'for-each-ref', 'refs/perf-budget');
  mkdirSync(path.join(root, 'perf-budget.baselines/v1.json/in the way'), { recursive: true });
  expect(await capture('v1')).toMatchObject({ ok: false });
  expect(refs()).toBe('');
  expect(kept()).toEqual(['v1.json']);
  expect(await capture('v2')).toMatchObject({ ok: true });
  const before = refs();
  remove(path.join(root, 'perf-budget.baselines/v2.json'));
  mkdirSync(path.join(root, 'perf-budget.baselines/v2.json/in the way'), { recursive: true });
  write(root, { 'src/steady.ts': work(20_002) });
  expect(await capture('v2')).toMatchObject({ ok: false });
  expect(refs()).toBe(before);
});

test('without Git a cancelled one keeps nothing either', async () => {
  const folder = temporaryFolder();
  write(folder, files);
  await measured(folder);
  expect(await capture('v1', AbortSignal.abort())).toEqual(cancelled);
  expect(kept()).toEqual([]);
  expect((await project.run({})).baseline).toBe(null);
  expect(await capture('v1')).toMatchObject({ ok: true });
  expect(kept()).toEqual(['current', 'v1.json']);
});
