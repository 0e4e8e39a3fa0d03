import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BudgetResult } from '../../../src/core/results/measurement.js';
import { lastResult } from '../../../src/core/results/state.js';
import { openProject } from '../../../src/engine/project/open.js';
import type { OpenProject } from '../../../src/engine/project/project.js';
import { silent } from '../../../src/engine/util/log.js';
import { commit, remove, repository, temporaryFolder, write } from '../repository.js';

const workerPath = path.resolve(import.meta.dirname, '../../../dist/worker.js');

const lib = (edit: string) => `export class Lru {
  map = new Map();
  last = null;
  set(key, value) {
    const entry = { key, value, previous: null };
    ${edit}
    this.last = entry;
    this.map.set(key, entry);
    if (this.map.size > 50) this.evict();
  }
  evict() {
    this.map.delete(this.map.keys().next().value);
  }
}
`;
const fast = lib('entry.previous = undefined;');
const slow = lib('delete entry.key;');
const slower = lib('delete entry.value;');
const bench = `import { bench } from 'vitest';
import { Lru } from '../src/lru.mjs';
const lru = new Lru();
let n = 0;
bench('lru', () => { for (let i = 0; i < 200; i++) lru.set((n = (n * 31 + 7) % 1000), i); });
`;
const config = JSON.stringify({
  benchmarks: [{ files: 'bench/*.mjs' }],
  budgets: { lru: { benchmark: 'lru', limit: ['time <= baseline + 40%'] } },
});

let root: string;
let project: OpenProject;

beforeAll(async () => {
  root = repository(path.join(temporaryFolder(), 'app'));
  commit(root, { 'perf-budget.jsonc': config, 'bench/lru.bench.mjs': bench, 'src/lru.mjs': fast });
  commit(root, { 'src/lru.mjs': slow });
  write(root, { 'src/lru.mjs': fast });
  project = await openProject(path.join(root, 'perf-budget.jsonc'), {
    ...{ log: silent, trusted: true, nodePath: null, workerPath },
  });
});

afterAll(async () => {
  await project.dispose();
  remove(path.dirname(root));
});

const cause = { function: 'Lru.set', file: 'src/lru.mjs', line: 6, text: 'delete entry.key;', changed: true };
const shown = (): BudgetResult | null => {
  const [view] = project.snapshot.budgets;
  return view === undefined ? null : lastResult(view.state);
};

test('between two revisions, with the profiles of both', async () => {
  const found = await project.explain({ budget: 'lru', from: 'HEAD~1', to: 'HEAD' });
  if (!found.ok) throw new Error(found.error);
  const { from, to, result, explanation, profiles } = found.value;
  expect([from, to, result.verdict]).toEqual(['HEAD~1', 'HEAD', 'fail']);
  expect(explanation?.causes[0]).toMatchObject(cause);
  expect(explanation?.causes[0]?.reasons?.[0]?.message).toMatch(/^`delete` turns the object into a dictionary/);
  const file = pathToFileURL(path.join(root, 'src/lru.mjs')).href;
  for (const profile of [profiles?.baseline, profiles?.current]) {
    const set = profile?.nodes.filter(({ callFrame }) => callFrame.functionName === 'set' && callFrame.url === file);
    expect(set?.map(({ callFrame }) => callFrame.lineNumber)).toContain(3);
  }
  // What is not compared with the commit before it is no part of the history.
  expect(await project.history('lru', 10)).toEqual([]);
}, 60_000);

test('what became faster, since it was asked for', async () => {
  const found = await project.explain({ budget: 'lru' });
  if (!found.ok) throw new Error(found.error);
  const { to, result, explanation } = found.value;
  expect([to, result.verdict, result.comparison?.high]).toEqual([
    'the working tree',
    'pass',
    expect.toSatisfy((high) => high < 1),
  ]);
  expect(explanation?.causes[0]).toMatchObject({ function: 'Lru.set', line: 6, text: 'entry.previous = undefined;' });
  expect(explanation?.causes[0]?.reasons).toBeUndefined();
}, 60_000);

test('after a save, the verdict is shown before its causes are known', async () => {
  commit(root, { 'src/lru.mjs': fast });
  await project.reload();
  const seen: string[] = [];
  project.onDidChange(() => {
    const result = shown();
    const step = `${project.snapshot.progress === null ? 'done' : 'running'} ${result?.verdict ?? ''} ${result?.causes?.[0]?.function ?? 'no cause'}`;
    if (seen.at(-1) !== step) seen.push(step);
  });
  write(root, { 'src/lru.mjs': slower });
  project.filesChanged([path.join(root, 'src/lru.mjs')]);
  await project.settled();
  expect(seen).toContain('done fail no cause');
  expect(seen.at(-1)).toBe('done fail Lru.set');
  expect(shown()?.causes?.[0]).toMatchObject({ ...cause, text: 'delete entry.value;' });
  // They stay with the verdict when the same code is asked about again.
  const [again] = (await project.run({})).budgets;
  expect([again?.cached, again?.causes?.[0]?.text]).toEqual([true, 'delete entry.value;']);
}, 60_000);

test('the same code, an unknown budget and an unknown revision', async () => {
  write(root, { 'src/lru.mjs': fast });
  project.filesChanged([path.join(root, 'src/lru.mjs')]);
  await project.settled();
  const same = await project.explain({ budget: 'lru' });
  expect(same.ok && [same.value.why, same.value.explanation]).toEqual(['Both sides are the same code.', null]);
  expect(await project.explain({ budget: 'nothing' })).toEqual({ ok: false, error: 'There is no budget "nothing".' });
  const unknown = await project.explain({ budget: 'lru', to: 'nowhere' });
  expect(unknown).toEqual({ ok: false, error: '"nowhere" is not a revision of this repository.' });
}, 60_000);
