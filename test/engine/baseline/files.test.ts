import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { CapturedBaseline } from '../../../src/core/judge/baseline.js';
import { unknownMachine } from '../../../src/core/results/measurement.js';
import { baselineRef } from '../../../src/engine/baseline/resolve.js';
import {
  baselinesStamp,
  cannotKeep,
  currentBaseline,
  keepBaseline,
  readBaselines,
  useBaseline,
} from '../../../src/engine/baseline/files.js';
import { remove, temporaryFolder, write } from '../repository.js';

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) remove(folder);
});

function folder(): string {
  const made = temporaryFolder();
  folders.push(made);
  return made;
}

const captured = (name: string, at: number): CapturedBaseline => ({
  ...{ name, at, reason: 'why', automatic: false, commit: null, uncommitted: null },
  ...{ machine: unknownMachine, machineId: 'here', accepts: [], figures: [] },
});

const files = (root: string): readonly string[] => readdirSync(path.join(root, 'perf-budget.baselines')).sort();

test('several are kept, the last one captured being the current one until another is chosen', async () => {
  const root = folder();
  expect(await readBaselines(root)).toEqual({ all: [], broken: [], current: null, lost: null, warnings: [] });
  expect(await cannotKeep(root)).toBe(null);
  expect(readdirSync(root)).toEqual([]);
  expect(await keepBaseline(root, captured('v1', 1000))).toEqual({ ok: true, value: 'perf-budget.baselines/v1.json' });
  const before = await baselinesStamp(root);
  await keepBaseline(root, captured('v2', 2000));
  expect(await baselinesStamp(root)).not.toBe(before);
  await keepBaseline(root, captured('v1', 3000));
  const now = await readBaselines(root);
  expect(now.all.map(({ name, at }) => [name, at])).toEqual([
    ['v1', 3000],
    ['v2', 2000],
  ]);
  expect(currentBaseline(now)?.name).toBe('v1');
  await useBaseline(root, 'v2');
  expect(currentBaseline(await readBaselines(root))?.name).toBe('v2');
  await useBaseline(root, null);
  await useBaseline(root, null);
  expect(currentBaseline(await readBaselines(root))).toBe(null);
  expect(files(root)).toEqual(['v1.json', 'v2.json']);
});

test('names that a file system takes for one have files of their own', async () => {
  const root = folder();
  for (const [index, name] of ['v1', 'V1', 'a/b', 'a b', 'v1'].entries())
    await keepBaseline(root, captured(name, index));
  const { all } = await readBaselines(root);
  expect(all.map(({ name }) => name)).toEqual(['v1', 'a b', 'a/b', 'V1']);
  expect(new Set(files(root).map((name) => name.toLowerCase())).size).toBe(5);
});

test('a broken file costs itself, says so, and gives way to a capture of its name', async () => {
  const root = folder();
  await keepBaseline(root, captured('good', 1));
  await keepBaseline(root, captured('release/2', 2));
  const [file = ''] = files(root).filter((name) => name.startsWith('release'));
  const full = path.join(root, 'perf-budget.baselines', file);
  writeFileSync(full, `${readFileSync(full, 'utf8')}<<<<<<< ours\n`);
  const { all, broken, current, warnings } = await readBaselines(root);
  expect(all.map(({ name }) => name)).toEqual(['good']);
  expect([broken, current]).toEqual([warnings, 'release/2']);
  expect(broken).toEqual([
    {
      name: 'release/2',
      file: `perf-budget.baselines/${file}`,
      message: `perf-budget.baselines/${file} has a merge conflict. Its figures are unknown. Run perf-budget capture --name "release/2" to write it again.`,
    },
  ]);
  await keepBaseline(root, captured('release/2', 3));
  expect((await readBaselines(root)).warnings).toEqual([]);
  expect(files(root)).toEqual(['current', 'good.json', file].sort());
});

test.each([
  ['', 'names no baseline'],
  ['v9\n', 'names v9, of which there is no file', 'the file of the current baseline v9 is gone'],
  ['v1\nv2\n', 'names no baseline'],
  ['\u0007', 'names no baseline'],
])('a mark that holds %j is none', async (text, why, lost = `perf-budget.baselines/current ${why}`) => {
  const root = folder();
  await keepBaseline(root, captured('v2', 1));
  write(root, { 'perf-budget.baselines/current': text });
  const { current, lost: found, warnings } = await readBaselines(root);
  expect([current, found]).toEqual([null, lost]);
  expect(warnings.map(({ message }) => message)).toEqual([
    `perf-budget.baselines/current ${why}. Choose one with perf-budget capture --use <name>, or compare with Git with --use none.`,
  ]);
});

test('a file in the way of the folder is said', async () => {
  const root = folder();
  write(root, { 'perf-budget.baselines': '' });
  expect(await cannotKeep(root)).toMatch(/^perf-budget\.baselines cannot be written \(E.*\)\.$/);
  expect(await keepBaseline(root, captured('v1', 1))).toMatchObject({ ok: false });
  expect((await readBaselines(root)).all).toEqual([]);
});

test('every folder of a repository has its own code of a name', () => {
  const refs = ['/r', '/r/a', '/r/b', '/r/a/b'].map((root) => baselineRef('/r', root, 'v1'));
  expect(refs[0]).toBe('refs/perf-budget/v1');
  expect(new Set([...refs, baselineRef('/r', '/r', 'a-v1'), baselineRef('/r', '/r', 'a/v2')]).size).toBe(6);
});
