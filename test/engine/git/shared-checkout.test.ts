import { existsSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { Git } from '../../../src/engine/git/repository.js';
import { Worktrees } from '../../../src/engine/git/worktrees.js';
import { perfBudget } from '../../cli/run.js';
import { commit, remove, repository, temporaryFolder, write } from '../repository.js';

const folders: string[] = [];

afterEach(() => {
  folders.splice(0).forEach(remove);
});

/** Notes when it begins and ends, and takes long enough for another program to come between. */
const noting = (file: string): string => `import { appendFileSync, existsSync } from 'node:fs';
import path from 'node:path';
const place = process.cwd().includes('worktrees') ? 'old' : 'new';
const log = ${JSON.stringify(file)};
appendFileSync(log, place + ' begins\\n');
await new Promise((resolve) => setTimeout(resolve, 300));
if (place === 'old' && process.argv[2] === 'wait') while (!existsSync(log + '.go')) await new Promise((resolve) => setTimeout(resolve, 20));
appendFileSync(log, place + ' ends\\n');
`;

function project(build: boolean, wait: boolean): { readonly root: string; readonly log: string; readonly id: string } {
  const [root, aside] = [repository(temporaryFolder()), temporaryFolder()];
  folders.push(root, aside);
  const log = `${aside}/log`;
  const words = ['node', 'note.mjs', ...(wait ? ['wait'] : [])];
  const source = { name: 'made', command: build ? ['node', '-e', '0'] : words, ...(build && { build: words }) };
  const id = commit(root, {
    'perf-budget.jsonc': JSON.stringify({
      benchmarks: [{ ...source, watch: ['*.mjs'] }],
      budgets: { made: { benchmark: 'made', limit: ['time <= baseline * 100'], runs: 3 } },
    }),
    ...{ '.gitignore': '.perf-budget/\n', 'note.mjs': noting(log), 'other.mjs': '' },
  });
  write(root, { 'other.mjs': '// changed' });
  return { root, log, id };
}

const lines = (log: string): readonly string[] => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []);

/** Only the old side, whose folder both programs have in common. */
const ofOld = (log: string): readonly string[] => lines(log).filter((line) => line.startsWith('old'));

test('no program deletes a checkout in which another one runs', { timeout: 120_000 }, async () => {
  const { root, log, id } = project(false, true);
  const running = perfBudget(root, ['check', '--time', '1s'], { isReal: true });
  await expect.poll(() => ofOld(log).length, { timeout: 60_000 }).toBe(1);
  const place = path.join(root, '.perf-budget/worktrees', id.slice(0, 16));
  // It was used long ago, as far as its file says.
  const hourAgo = Date.now() / 1000 - 3600;
  utimesSync(`${place}.json`, hourAgo, hourAgo);
  const git = await Git.open(root);
  if (!git.ok) throw new Error(git.error.message);
  const own = new Worktrees(root, git.value);
  for (let n = 1; n <= 5; n++) {
    const other = commit(root, { 'other.mjs': `// ${n}` });
    own.release();
    expect((await own.of(other)).ok).toBe(true);
  }
  expect(existsSync(`${place}/note.mjs`)).toBe(true);
  writeFileSync(`${log}.go`, '');
  const ended = await running;
  expect(ended.stdout).toContain('1 passed');
  // Now nobody uses it.
  utimesSync(`${place}.json`, hourAgo, hourAgo);
  for (let n = 6; n <= 8; n++) {
    own.release();
    expect((await own.of(commit(root, { 'other.mjs': `// ${n}` }))).ok).toBe(true);
  }
  expect(existsSync(place)).toBe(false);
  own.release();
  git.value.dispose();
});

test.each(['build', 'command'])(
  'two programs take turns with a %s in a checkout',
  { timeout: 120_000 },
  async (what) => {
    const { root, log } = project(what === 'build', false);
    const both = await Promise.all([1, 2].map(() => perfBudget(root, ['check', '--time', '1s'], { isReal: true })));
    for (const { stdout } of both) expect(stdout).toContain('1 passed');
    const seen = ofOld(log);
    expect(seen.length).toBeGreaterThanOrEqual(what === 'build' ? 2 : 12);
    expect(seen).toEqual(seen.map((_, index) => (index % 2 === 0 ? 'old begins' : 'old ends')));
    // The second one finds it built.
    if (what === 'build') expect(seen).toHaveLength(2);
  },
);

test('what a killed program has replaced in a checkout is put back', async () => {
  const root = repository(temporaryFolder());
  folders.push(root);
  const id = commit(root, { 'a.txt': 'old', 'perf-budget.jsonc': '{}' });
  const git = await Git.open(root);
  if (!git.ok) throw new Error(git.error.message);
  const of = async () => {
    const made = await new Worktrees(root, git.value).of(id);
    if (!made.ok) throw new Error(made.error);
    return made.value;
  };
  const worktree = await of();
  const [file, added] = [path.join(worktree.root, 'a.txt'), path.join(worktree.root, 'b/b.txt')];
  // As if the process had ended there, nothing that it would do afterwards is done.
  const never = new Promise<never>(() => undefined);
  for (const [each, before] of [
    [file, 'old'],
    [added, null],
  ] as const) {
    void worktree.withText(each, 'new', () => never);
    await expect.poll(() => existsSync(each) && readFileSync(each, 'utf8')).toBe('new');
    await (await of()).exclusively(() => Promise.resolve());
    expect(existsSync(each) ? readFileSync(each, 'utf8') : null).toBe(before);
  }
  git.value.dispose();
});
