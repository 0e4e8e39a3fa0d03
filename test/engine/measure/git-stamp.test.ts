import { afterAll, beforeAll, expect, test } from 'vitest';
import { Git } from '../../../src/engine/git/repository.js';
import { commitStamp, gitStamp } from '../../../src/engine/measure/git-stamp.js';
import { commit, git, remove, repository, temporaryFolder } from '../repository.js';

let folder: string;

beforeAll(() => {
  folder = temporaryFolder();
});

afterAll(() => remove(folder));

// A linked working tree has its own HEAD and index; objects and packed refs are in the common folder.
test.each(['main', 'linked'])('packing and deleting changes the stamps of the %s working tree', async (kind) => {
  const main = repository(`${folder}/${kind}`);
  const first = commit(main, { 'a.txt': '1' });
  const linked = `${folder}/${kind}-tree`;
  git(main, 'worktree', 'add', '--quiet', '--detach', linked);
  const opened = await Git.open(kind === 'main' ? main : linked);
  if (!opened.ok) throw new Error(opened.error.message);
  const repo = opened.value;
  expect(await commitStamp(repo, first)).toBe('loose');
  const before = await gitStamp(repo);
  expect(await gitStamp(repo)).toEqual(before);
  git(main, 'gc', '--quiet');
  expect(await commitStamp(repo, first)).toBe('not loose');
  const after = await gitStamp(repo);
  expect(after.slice(-2)).not.toContain('');
  expect([0, 1].map((at) => after.at(-2 + at) === before.at(-2 + at))).toEqual([false, false]);
  repo.dispose();
});
