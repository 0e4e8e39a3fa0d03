import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { BudgetResult, Verdict } from '../../../src/core/results/measurement.js';
import { History, type KeptRow } from '../../../src/engine/history/history.js';
import { share, type Shared } from '../../../src/engine/history/share.js';
import { commit, git, remove, repository, temporaryFolder } from '../repository.js';

let folder: string;
let bare: string;
let ada: string;
let eve: string;
let first: string;
let second: string;

const now = Date.UTC(2026, 10, 21);
const day = 24 * 60 * 60 * 1000;

beforeEach(() => {
  folder = temporaryFolder('perf budget ümlaut-');
  bare = join(folder, 'bare.git');
  git(folder, 'init', '--quiet', '--bare', bare);
  ada = repository(join(folder, 'ada'));
  first = commit(ada, { 'perf-budget.jsonc': '{}' });
  second = commit(ada, { 'a.txt': 'a' });
  git(ada, 'remote', 'add', 'origin', bare);
  git(ada, 'push', '--quiet', 'origin', 'main');
  git(folder, 'clone', '--quiet', '--branch', 'main', bare, 'eve');
  eve = join(folder, 'eve');
});

afterEach(() => remove(folder));

const result = (name: string, verdict: Verdict): BudgetResult => ({
  ...{ name, benchmark: 'größe', verdict, severity: null, cached: false, elapsedMs: 840, samples: 96 },
  ...{ comparison: { ratio: 1.16, low: 1.15, high: 1.18 }, message: 'all is well', note: 'it is said' },
  checks: [
    {
      ...{ check: 'p95 <= 10 us', level: 'limit', verdict: 'pass', used: 0.81, note: null },
      ...{ measured: { value: 8.1, low: 8, high: 8.3, unit: 'us' }, bound: { value: 10, unit: 'us' } },
    },
  ],
});

const row = (machine: string, at: number, id: string | null, more: Partial<KeptRow> = {}): KeptRow => ({
  ...{ key: `key${at}`, at, commit: id, dirty: false, machine, baseline: { name: 'HEAD', commit: id } },
  ...{ result: result('a', 'pass'), time: { value: 8100.5, low: 8000, high: 8300 } },
  ...more,
});

async function record(clone: string, rows: readonly KeptRow[]): Promise<void> {
  const history = await History.open(clone);
  for (const each of rows) history.record(each);
  history.close();
}

/** Oldest first. */
async function kept(clone: string): Promise<readonly KeptRow[]> {
  const history = await History.open(clone);
  const rows = history.rows('a', 100).toReversed();
  history.close();
  return rows;
}

/** A run as another clone has it. */
const foreign = (own: KeptRow): KeptRow => ({ ...own, key: expect.stringMatching(/^shared:[0-9a-f]{64}$/) as string });

async function shareFrom(root: string, remote: string | null = 'origin'): Promise<Shared | string> {
  const shared = await share([{ root, budgets: ['a'] }], { remote, now, signal: new AbortController().signal });
  return shared.ok ? shared.value : shared.error;
}

const nothing: Shared = { written: 0, read: 0, old: 0, unreadable: 0 };

test('two clones share their runs, neither loses one, and the second time nothing is new', async () => {
  const adas = [row('ada', now - 3000, first), row('ada', now - 2000, second), row('ada', now - 1500, second)];
  const eves = [row('eve', now - 1000, second)];
  // What is not about a commit, and what failed, is nobody else's.
  const private_ = [
    row('eve', now - 900, second, { dirty: true }),
    row('eve', now - 800, null),
    row('eve', now - 700, second, { result: result('a', 'error'), time: null }),
    row('import:go', now - 600, second, { key: 'import:1' }),
  ];
  await record(ada, adas);
  await record(eve, [...eves, ...private_]);
  expect(await shareFrom(ada)).toEqual({ ...nothing, written: 3 });
  expect(await shareFrom(eve)).toEqual({ ...nothing, written: 1, read: 3 });
  expect(await shareFrom(ada)).toEqual({ ...nothing, read: 1 });
  expect(await kept(ada)).toEqual([...adas, ...eves.map(foreign)]);
  expect(await kept(eve)).toEqual([...adas.map(foreign), ...eves, ...private_]);
  const tip = git(bare, 'rev-parse', 'refs/notes/perf-budget');
  expect(await shareFrom(ada)).toEqual(nothing);
  expect(await shareFrom(eve)).toEqual(nothing);
  expect(git(bare, 'rev-parse', 'refs/notes/perf-budget')).toBe(tip);
  expect(git(ada, 'for-each-ref', '--format=%(refname)', 'refs/perf-budget')).toBe('');
  expect(git(ada, 'status', '--porcelain', '--untracked-files=no')).toBe('');
});

test('without a remote only the notes of this clone are written and read', async () => {
  await record(ada, [row('ada', now - 2000, first)]);
  expect(await shareFrom(ada, null)).toEqual({ ...nothing, written: 1 });
  expect(git(bare, 'for-each-ref', 'refs/notes')).toBe('');
  // Somebody brought the notes here by hand.
  git(eve, 'fetch', '--quiet', ada, 'refs/notes/perf-budget:refs/notes/perf-budget');
  expect(await shareFrom(eve, null)).toEqual({ ...nothing, read: 1 });
  expect(await shareFrom(eve, null)).toEqual(nothing);
});

test('somebody pushes in between: both are there in the end', async () => {
  await record(ada, [row('ada', now - 2000, second)]);
  await record(eve, [row('eve', now - 1000, second)]);
  // The first push of anybody meets another that was a moment earlier.
  const hook = `#!/bin/sh
if [ ! -e once ]; then
  touch once
  unset GIT_QUARANTINE_PATH
  git update-ref refs/notes/perf-budget "$(cat "${join(folder, 'eves')}")"
fi
`;
  await shareFrom(eve, null);
  git(eve, 'push', '--quiet', 'origin', 'refs/notes/perf-budget:refs/heads/eves');
  writeFileSync(join(folder, 'eves'), git(eve, 'rev-parse', 'refs/notes/perf-budget'));
  writeFileSync(join(bare, 'hooks', 'pre-receive'), hook);
  chmodSync(join(bare, 'hooks', 'pre-receive'), 0o755);
  expect(await shareFrom(ada)).toEqual({ ...nothing, written: 1, read: 1 });
  expect(await shareFrom(eve)).toEqual({ ...nothing, read: 1 });
  expect((await kept(ada)).map(({ machine }) => machine)).toEqual(['ada', 'eve']);
  expect((await kept(eve)).map(({ machine }) => machine)).toEqual(['ada', 'eve']);
});

test('many clones at once', async () => {
  const clones = Array.from({ length: 4 }, (_, index) => join(folder, `clone ${index}`));
  for (const [index, clone] of clones.entries()) {
    git(folder, 'clone', '--quiet', '--branch', 'main', bare, clone);
    await record(clone, [row(`machine ${index}`, now - index, second)]);
  }
  const told = await Promise.all(clones.map((clone) => shareFrom(clone)));
  expect(told.map((one) => (typeof one === 'string' ? one : one.written))).toEqual([1, 1, 1, 1]);
  for (const clone of clones) {
    await shareFrom(clone);
    expect((await kept(clone)).length).toBe(4);
  }
});

test('lines that mean nothing stay where they are; what is too old is not kept', async () => {
  await record(ada, [row('ada', now - 400 * day, second), row('ada', now - 1, second)]);
  expect(await shareFrom(ada)).toEqual({ ...nothing, written: 2 });
  const strange = ['a word of Ada’s', '{"v":2,"budget":"a"}', '{"v":1,"folder":"","budget":"a","at":"yesterday"}'];
  git(ada, 'notes', '--ref', 'perf-budget', 'append', '--message', strange.join('\n'), second);
  git(ada, 'notes', '--ref', 'perf-budget', 'append', '--message', 'by hand', first);
  expect(await shareFrom(ada)).toEqual({ ...nothing, unreadable: 4 });
  await record(eve, [row('eve', now, first)]);
  expect(await shareFrom(eve)).toEqual({ written: 1, read: 1, old: 1, unreadable: 4 });
  expect(await shareFrom(eve)).toEqual({ written: 0, read: 0, old: 1, unreadable: 4 });
  const shown = git(bare, 'notes', '--ref', 'perf-budget', 'show', second);
  const lines = shown.split('\n').filter((line) => line !== '');
  expect(lines).toEqual(expect.arrayContaining(strange));
  expect(lines.length).toBe(5);
  expect(git(bare, 'notes', '--ref', 'perf-budget', 'show', first).split('\n')).toContain('by hand');
});

test('a commit that is gone, and one that others do not have yet', async () => {
  await record(ada, [row('ada', now - 2, 'f'.repeat(40))]);
  expect(await shareFrom(ada)).toEqual(nothing);
  const unpushed = commit(ada, { 'b.txt': 'b' });
  await record(ada, [row('ada', now - 1, unpushed)]);
  expect(await shareFrom(ada)).toEqual({ ...nothing, written: 1 });
  expect(await shareFrom(eve)).toEqual({ ...nothing, read: 1 });
  expect((await kept(eve)).map((one) => one.commit)).toEqual([unpushed]);
});

test('several configurations of one repository', async () => {
  const inner = join(ada, 'packages/b');
  commit(ada, { 'packages/b/perf-budget.jsonc': '{}' });
  await record(ada, [row('ada', now - 2, second)]);
  await record(inner, [row('ada', now - 1, second)]);
  const projects = [ada, inner].map((root) => ({ root, budgets: ['a'] }));
  const signal = new AbortController().signal;
  expect(await share(projects, { remote: 'origin', now, signal })).toEqual({
    ok: true,
    value: { ...nothing, written: 2 },
  });
  expect(await shareFrom(eve)).toEqual({ ...nothing, read: 1 });
});

test('says why nothing can be shared', async () => {
  await record(ada, [row('ada', now - 2, second)]);
  const nowhere = join(folder, 'nowhere');
  expect(await shareFrom(ada, nowhere)).toBe(
    `${nowhere} cannot be read: '${nowhere}' does not appear to be a git repository.`,
  );
  // What was to be sent is kept until it can be.
  expect(await shareFrom(ada)).toEqual(nothing);
  expect(await shareFrom(eve)).toEqual({ ...nothing, read: 1 });
  writeFileSync(join(bare, 'hooks', 'pre-receive'), '#!/bin/sh\necho no notes here >&2\nexit 1\n');
  chmodSync(join(bare, 'hooks', 'pre-receive'), 0o755);
  await record(ada, [row('ada', now - 1, second)]);
  expect(await shareFrom(ada)).toBe('origin rejected the runs: [remote rejected] (pre-receive hook declined).');
  const outside = temporaryFolder();
  expect(await shareFrom(outside)).toBe(`${outside} is not in a Git repository.`);
  remove(outside);
});

test('Ctrl-C ends it', async () => {
  await record(ada, [row('ada', now - 2, second)]);
  const controller = new AbortController();
  const sharing = share([{ root: ada, budgets: ['a'] }], { remote: 'origin', now, signal: controller.signal });
  controller.abort();
  await expect(sharing).rejects.toThrow('aborted');
  expect(await shareFrom(ada)).toEqual({ ...nothing, written: 1 });
});
