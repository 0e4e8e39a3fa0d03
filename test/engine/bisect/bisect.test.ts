import { afterEach, describe, expect, test } from 'vitest';
import type { Bisection } from '../../../src/core/results/bisection.js';
import type { BisectProgress, BisectRequest } from '../../../src/engine/bisect/request.js';
import { git, remove, temporaryFolder, write } from '../repository.js';
import { bench, config, costing, history, opened, start, throwing, type Scripted } from './scripted.js';

/** A busy machine is slow. */
const patient = { timeout: 30_000 };

const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function made(...args: Parameters<typeof history>): ReturnType<typeof history> {
  const one = history(...args);
  closing.push(() => remove(one.root));
  return one;
}

async function open(...args: Parameters<typeof opened>): Promise<Scripted> {
  const scripted = await opened(...args);
  closing.push(() => scripted.project.dispose());
  return scripted;
}

async function found({ project }: Scripted, request: Partial<BisectRequest> = {}): Promise<Bisection> {
  const result = await project.bisect({ budget: 'one', ...request });
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

async function refused({ project }: Scripted, request: Partial<BisectRequest> = {}): Promise<string> {
  const result = await project.bisect({ budget: 'one', ...request });
  if (result.ok) throw new Error(result.value.message);
  return `${result.error.kind}: ${result.error.message}`.replaceAll(/\b[0-9a-f]{7}\b/g, 'COMMIT');
}

const changed = ({ commits }: Bisection): readonly string[] =>
  commits.map(({ subject, step }) => `${subject}: ${step.ratio.toFixed(1)}`);

const readme = (text: string): Readonly<Record<string, string>> => ({ 'README.md': text });

/** Most commits leave the code alone; 3 and 8 and 10 change its cost, 5 changes only its text. */
const changes = [
  readme('1'),
  readme('2'),
  { 'src/one.ts': costing(150) },
  readme('4'),
  { 'src/one.ts': `// Better.\n${costing(150)}` },
  readme('6'),
  readme('7'),
  { 'src/one.ts': costing(300) },
  readme('9'),
  { 'src/one.ts': costing(240) },
  readme('11'),
];

test('each commit that changed the cost is found, and nothing is measured twice', async () => {
  const { root, ids } = made(changes);
  const scripted = await open(root);
  const progress: BisectProgress[] = [];
  const result = await scripted.project.bisect({ budget: 'one', good: ids[0] ?? '' }, (one) => progress.push(one));
  if (!result.ok) throw new Error(result.error.message);
  const { value } = result;
  expect(changed(value)).toEqual(['change 3: 1.5', 'change 8: 2.0', 'change 10: 0.8']);
  expect(value).toMatchObject({
    ...{ budget: 'one', benchmark: 'one', metric: 'time', outcome: 'found', skipped: [], notes: [] },
    good: { name: ids[0]?.slice(0, 7), commit: ids[0] },
    bad: { name: 'HEAD', commit: ids[11] },
  });
  expect(value.commits.map(({ commit, parent, author, among }) => ({ commit, parent, author, among }))).toEqual(
    [3, 8, 10].map((at) => ({ commit: ids[at], parent: ids[at - 1], author: 'Test', among: undefined })),
  );
  const [first, second, third] = value.commits;
  expect(first?.before).toEqual({ ratio: 1, low: 1, high: 1 });
  expect(first?.after.ratio).toBeCloseTo(1.5, 1);
  expect([second?.before.ratio, second?.after.ratio]).toEqual([expect.closeTo(1.5, 1), expect.closeTo(3, 1)]);
  expect(third?.after.ratio).toBeCloseTo(2.4, 1);
  expect(value.bad.low).toBeGreaterThan(2.2);
  expect(value.tested.filter(({ verdict }) => verdict === 'same code').every(({ ratio }) => ratio === 1)).toBe(true);
  expect(value.message).toMatch(
    /^one is 1\d\d% slower at HEAD than at [0-9a-f]{7} \(\+1\d\d to \+1\d\d%\): [0-9a-f]{7} made it \d\d% slower, [0-9a-f]{7} made it \d+% slower, [0-9a-f]{7} made it \d\d% faster\.$/,
  );
  // The same code, in another commit or another text, is compared once, and the steps with what was before them.
  expect(scripted.compared.toSorted()).toEqual([...new Set(scripted.compared)].sort());
  expect(scripted.compared.length).toBeLessThanOrEqual(8);
  expect(progress[0]).toEqual({
    ...{ kind: 'measuring', commit: ids[11], against: ids[0], done: 0, left: 6, isLonger: false },
  });
  expect(progress.filter(({ kind }) => kind === 'explaining').map(({ commit }) => commit)).toEqual(
    [3, 8, 10].map((at) => ids[at]),
  );
});

test('after an interruption, it goes on where it was', async () => {
  const { root, ids } = made(changes);
  const request = { budget: 'one', good: ids[0] ?? '' };
  const abort = new AbortController();
  const first = await open(root);
  const interrupted = await first.project.bisect(
    request,
    (progress) => {
      // Two commits have been compared.
      if (progress.done === 2) abort.abort();
    },
    abort.signal,
  );
  expect(interrupted).toMatchObject({ ok: false, error: { kind: 'interrupted' } });
  await first.project.dispose();
  const second = await open(root);
  const value = await found(second, request);
  expect(changed(value)).toEqual(['change 3: 1.5', 'change 8: 2.0', 'change 10: 0.8']);
  expect(first.compared.length).toBeGreaterThan(0);
  expect(second.compared.filter((pair) => first.compared.includes(pair))).toEqual([]);
  await second.project.dispose();
  const third = await open(root);
  expect(await found(third, request)).toEqual(value);
  expect(third.compared).toEqual([]);
});

test('what is saved meanwhile is measured first, and takes nothing away from it', async () => {
  const { root, ids } = made(changes.slice(0, 3));
  let measuring = 0;
  const scripted = await open(root, ({ type }) => type === 'measure' && ++measuring === 1);
  const { project } = scripted;
  const result = found(scripted, { good: ids[0] ?? '' });
  await expect.poll(() => measuring, patient).toBe(1);
  write(root, { 'src/one.ts': costing(400) });
  project.filesChanged([`${root}/src/one.ts`]);
  expect(changed(await result)).toEqual(['change 3: 1.5']);
  expect(scripted.compared[0]).toBe('150 → 400');
  const [view] = project.snapshot.budgets;
  expect(view?.state).toMatchObject({ kind: 'known', known: { result: { verdict: 'fail' } } });
});

test('a project that closes ends it', async () => {
  const { root, ids } = made(changes.slice(0, 3));
  let measuring = 0;
  const scripted = await open(root, ({ type }) => type === 'measure' && ++measuring > 0);
  const result = scripted.project.bisect({ budget: 'one', good: ids[0] ?? '' });
  await expect.poll(() => measuring, patient).toBe(1);
  await scripted.project.dispose();
  expect(await result).toMatchObject({ ok: false, error: { kind: 'interrupted' } });
});

test('commits that do not build, or throw, are passed over and named', async () => {
  const { root, ids } = made([
    readme('1'),
    { 'src/one.ts': 'export const' },
    { 'src/one.ts': throwing },
    { 'src/one.ts': costing(140) },
    readme('5'),
  ]);
  const value = await found(await open(root), { good: ids[0] ?? '' });
  expect(value.outcome).toBe('undecided');
  expect(value.commits).toMatchObject([{ commit: ids[4], parent: ids[1], among: [ids[2], ids[3], ids[4]] }]);
  expect(value.skipped).toEqual([
    {
      commit: ids[2],
      why: expect.stringMatching(/^it does not build: src\/one\.ts does not compile: /) as string,
    },
    { commit: ids[3], why: 'the benchmark threw: not today' },
  ]);
  expect(value.message).toMatch(/: one of 3 commits up to [0-9a-f]{7} made it 40% slower\.$/);
});

test('a benchmark whose code came later did not exist before', async () => {
  const { 'src/one.ts': code = '', 'bench/one.bench.ts': file = '', ...rest } = start;
  const { root, ids } = made(
    [readme('1'), { 'src/one.ts': code, 'bench/one.bench.ts': file }, { 'src/one.ts': costing(130) }],
    rest,
  );
  const scripted = await open(root);
  expect(await refused(scripted, { good: ids[0] ?? '' })).toBe(
    'broken: HEAD cannot be compared with COMMIT: src/one.ts does not exist at COMMIT.',
  );
  expect(changed(await found(scripted, { good: ids[2] ?? '' }))).toEqual(['change 3: 1.3']);
});

test('the function, its bench file, and both were renamed on the way', async () => {
  const renamed = (text: string): string => text.replaceAll('work', 'run');
  const { root, ids } = made([
    readme('1'),
    { 'src/one.ts': costing(120) },
    readme('3'),
    { 'src/one.ts': renamed(costing(120)), 'bench/one.bench.ts': renamed(bench('one')) },
    readme('5'),
    { 'src/one.ts': renamed(costing(180)) },
  ]);
  git(root, 'mv', 'bench/one.bench.ts', 'bench/first.bench.ts');
  git(root, 'commit', '--quiet', '--message', 'rename');
  const after = await found(await open(root), { good: ids[4] ?? '' });
  expect(changed(after)).toEqual(['change 6: 1.5']);
  git(root, 'mv', 'bench/first.bench.ts', 'bench/one.bench.ts');
  const all = await found(await open(root), { good: ids[0] ?? '' });
  expect(changed(all)).toEqual(['change 2: 1.2', 'change 6: 1.5']);
  expect(all.skipped).toEqual([]);
});

test('of several benchmarks, the one that became slower most is followed; a sum is one', async () => {
  const two = { 'bench/two.bench.ts': bench('two'), 'src/two.ts': costing(100) };
  const budgets = { all: { benchmark: '*' }, both: { sum: ['one', 'two'], limit: ['time <= 1 s'] } };
  const { root, ids } = made(
    [{ 'src/one.ts': costing(136) }, readme('2'), { 'src/two.ts': costing(160) }, readme('4')],
    { ...start, ...two, 'perf-budget.jsonc': config(budgets) },
  );
  const scripted = await open(root);
  const all = await found(scripted, { budget: 'all', good: ids[0] ?? '' });
  expect(all).toMatchObject({
    benchmark: 'two',
    notes: ['Of its 2 benchmarks, two became slower most, and was compared.'],
  });
  expect(changed(all)).toEqual(['change 3: 1.6']);
  const both = await found(scripted, { budget: 'both', good: ids[0] ?? '' });
  expect(both).toMatchObject({ benchmark: 'both' });
  expect(changed(both)).toEqual(['change 1: 1.2', 'change 3: 1.3']);
});

describe('what is not slower', () => {
  test.each([
    ['no difference', { 'src/one.ts': `${costing(100)}// Better.\n` }, /^one runs the same code at HEAD as at \w+, so/],
    [
      'no difference',
      { 'src/one.ts': costing(101) },
      /^one is not slower at HEAD than at \w+: \+\d.* There is nothing/,
    ],
    [
      'faster',
      { 'src/one.ts': costing(70) },
      /^one is 30% faster at HEAD than at \w+ \(−\d+.*\), so there is nothing to/,
    ],
  ])('%s', async (outcome, files, message) => {
    const { root, ids } = made([readme('1'), files, readme('3')]);
    const value = await found(await open(root), { good: ids[0] ?? '' });
    expect(value).toMatchObject({ outcome, commits: [], message: expect.stringMatching(message) as string });
    expect(value.tested.map(({ commit }) => commit)).toEqual([ids[3]]);
  });
});

test('without ends of its own, it searches from the baseline to HEAD, and leaves out what is not committed', async () => {
  const { root, ids } = made([readme('1'), { 'src/one.ts': costing(130) }, readme('3')]);
  write(root, { 'src/one.ts': costing(900) });
  git(root, 'update-ref', 'refs/remotes/origin/main', ids[1] ?? '');
  git(root, 'checkout', '--quiet', '--detach');
  const value = await found(await open(root));
  expect(value).toMatchObject({
    good: { name: 'origin/main', commit: ids[1] },
    notes: ['Uncommitted changes are left out: HEAD is searched.'],
  });
  expect(changed(value)).toEqual(['change 2: 1.3']);
});

test('a captured baseline is the good end; with uncommitted code, the commit below it', async () => {
  const { root, ids } = made([readme('1')]);
  write(root, { 'src/one.ts': costing(105) });
  const first = await open(root);
  await first.project.run({});
  const captured = await first.project.capture({ name: 'v1', reason: 'so', automatic: false });
  expect(captured.ok).toBe(true);
  await first.project.dispose();
  for (const [cost, subject] of [
    [105, 'first'],
    [150, 'second'],
  ] as const) {
    write(root, { 'src/one.ts': costing(cost) });
    git(root, 'add', '--all');
    git(root, 'commit', '--quiet', '--message', subject);
  }
  const short = ids[1]?.slice(0, 7) ?? '';
  const value = await found(await open(root));
  expect(value.good).toEqual({ name: short, commit: ids[1] });
  expect(value.notes).toEqual([
    `v1 was captured with uncommitted changes, so the search begins at the commit below them, ${short}.`,
  ]);
  expect(changed(value).at(-1)).toBe('second: 1.4');
});

test('a merge counts as one commit', async () => {
  const { root, ids } = made([readme('1')]);
  git(root, 'checkout', '--quiet', '-b', 'side');
  write(root, { 'src/one.ts': costing(130) });
  git(root, 'commit', '--quiet', '--all', '--message', 'on the side');
  git(root, 'checkout', '--quiet', '-');
  write(root, readme('2'));
  git(root, 'commit', '--quiet', '--all', '--message', 'on main');
  git(root, 'merge', '--quiet', '--no-ff', '--message', 'merge it', 'side');
  const value = await found(await open(root), { good: ids[0] ?? '' });
  expect(value.commits).toMatchObject([{ subject: 'merge it', isMerge: true }]);
  expect(value.notes).toEqual([
    '1 merge on the way: each counts as one commit, because the search follows first parents.',
  ]);
});

describe('what cannot be searched is refused in one sentence', () => {
  test('ends that are none', async () => {
    const { root, ids } = made([readme('1'), readme('2')]);
    git(root, 'branch', 'other', ids[1] ?? '');
    git(root, 'commit', '--quiet', '--allow-empty', '--message', 'more');
    git(root, 'checkout', '--quiet', 'other');
    git(root, 'commit', '--quiet', '--allow-empty', '--message', 'other');
    git(root, 'checkout', '--quiet', '-');
    const scripted = await open(root);
    expect(await refused(scripted, { good: 'v9' })).toBe(
      'request: There is no good end: there is no captured baseline and no commit called "v9".',
    );
    expect(await refused(scripted, { bad: '--all' })).toBe('request: There is no commit called "--all".');
    expect(await refused(scripted, { good: 'HEAD~1', bad: 'HEAD~2' })).toBe(
      'request: HEAD~2 does not descend from HEAD~1, but the other way round. --good is the older commit, --bad the newer one.',
    );
    expect(await refused(scripted, { good: 'other' })).toBe(
      'request: HEAD does not descend from other. Both come from COMMIT: --good COMMIT searches from there.',
    );
    expect(await refused(scripted)).toBe(
      'request: HEAD is both ends, so there is nothing to search. Name an older commit: --good <rev>.',
    );
    const clone = temporaryFolder();
    closing.push(() => remove(clone));
    git(clone, 'clone', '--quiet', '--depth', '2', `file://${root}`, '.');
    const shallow = await open(clone);
    expect(await refused(shallow, { good: 'v9' })).toContain(
      '(this clone is shallow: `git fetch --unshallow` gets the rest).',
    );
    expect(await refused(shallow, { bad: ids[0] ?? '' })).toContain(
      'This clone is shallow: `git fetch --unshallow` gets the rest.',
    );
  });

  test('budgets that no commit can answer', async () => {
    const budgets = {
      battery: { manual: '%/h', limit: ['value < 1 %/h'] },
      outside: { benchmark: 'outside', limit: ['time <= 1 min'] },
      lost: { benchmark: 'nothing' },
    };
    const { root } = made([readme('1')], {
      ...start,
      'perf-budget.jsonc': JSON.stringify({
        benchmarks: [
          { files: 'bench/*.bench.ts' },
          { name: 'outside', command: ['node', '-e', '0'], watch: ['src/*'] },
        ],
        budgets,
      }),
    });
    const scripted = await open(root);
    const good = 'HEAD~1';
    expect(await refused(scripted, { budget: 'battery', good })).toBe(
      'request: battery: its figures are recorded by hand, so no commit can be measured.',
    );
    expect(await refused(scripted, { budget: 'outside', good })).toBe(
      'request: outside: a command cannot run from a past commit; only bench files can.',
    );
    expect(await refused(scripted, { budget: 'lost', good })).toMatch(
      /^request: lost: There is no benchmark "nothing"/,
    );
    expect(await refused(scripted, { budget: 'none', good })).toBe('request: There is no budget "none".');
  });

  test('a folder without git', async () => {
    const root = temporaryFolder();
    closing.push(() => remove(root));
    write(root, start);
    expect(await refused(await open(root))).toBe(`request: ${root} is not in a Git repository.`);
  });
});
