import process from 'node:process';
import { afterEach, expect, test } from 'vitest';
import { commit, git, remove, repository, temporaryFolder, write } from '../engine/repository.js';
import { benchFile, config, files, loneProject, project, work } from './project.js';
import { expectEnded, perfBudget, processId, seen } from './run.js';

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) remove(folder);
});

function kept(folder: string): string {
  folders.push(folder);
  return folder;
}

const only = (folder: string): Record<string, string> =>
  Object.fromEntries(Object.entries(files).filter(([file]) => file.startsWith(folder)));
const benches = only('bench/');

/** Six commits, the newest first; `growing` came in the second, and became slower in the fourth. Today's budgets are in none of them. */
function sixCommits(): { readonly root: string; readonly commits: readonly string[] } {
  const root = kept(repository(temporaryFolder()));
  const commits = [
    commit(root, { '.gitignore': '.perf-budget/\n', 'src/steady.ts': work(20_000) }),
    commit(root, { 'src/growing.ts': work(20_000) }),
    commit(root, { 'README.md': 'one' }),
    commit(root, { 'src/growing.ts': work(80_000) }),
    commit(root, { 'README.md': 'two' }),
    commit(root, { 'src/growing.ts': `// A comment.\n${work(80_000)}` }),
  ];
  write(root, { ...benches, 'perf-budget.jsonc': config });
  return { root, commits: commits.reverse() };
}

interface Run {
  readonly commit: string;
  readonly at: string;
  readonly dirty: boolean;
  readonly baseline: { readonly name: string; readonly commit: string } | null;
  readonly verdict: string;
  readonly severity: string | null;
  readonly comparison: { readonly ratio: number } | null;
}

async function runsOf(root: string, budget: string): Promise<readonly Run[]> {
  const { stdout } = await perfBudget(root, ['history', budget, '--json', '-', '--limit', '100']);
  return (JSON.parse(stdout) as { budgets: { runs: Run[] }[] }).budgets.flatMap(({ runs }) => runs);
}

/** The benchmarks that ran, in their order. */
const sampled = (stderr: string): readonly string[] =>
  [...stderr.matchAll(/^perf-budget: measured (.+?):/gm)].map(([, name = '']) => name);

test('the commit that made it slower says so, and no other does', async () => {
  const { root, commits } = sixCommits();
  const [comment = '', readme = '', slower = '', before = '', growing = '', first = ''] = commits;
  expect(seen(await perfBudget(root, ['history', 'growing', '--backfill', '9']))).toMatchInlineSnapshot(`
    "exit code 0
    when   commit   time   change   verdict
    WHEN   COMMIT   TIME   same code vs COMMIT   ✓ pass
    WHEN   COMMIT   TIME   same code vs COMMIT   ✓ pass
    WHEN   COMMIT   TIME   CHANGE vs COMMIT   ✗ fail
    WHEN   COMMIT   TIME   same code vs COMMIT   ✓ pass
    WHEN   COMMIT   TIME   not compared   ? undecided
    --- standard error
    6 commits: 3 measured, 2 known without measuring, 1 not measured.
    The branch has only 6 commits.
    growing: commit COMMIT cannot run it: src/growing.ts does not exist at COMMIT."
  `);
  const rows = await runsOf(root, 'growing');
  expect(rows.map((run) => [run.commit, run.baseline?.commit, run.verdict, run.severity])).toEqual([
    [comment, readme, 'pass', null],
    [readme, slower, 'pass', null],
    [slower, before, 'fail', 'critical'],
    [before, growing, 'pass', null],
    [growing, first, 'undecided', null],
  ]);
  expect(rows.map(({ comparison }) => comparison?.ratio === 1)).toEqual([true, true, false, true, false]);
  // 80,000 turns after 20,000.
  expect(rows[2]?.comparison?.ratio).toBeGreaterThan(2.5);
  expect(rows[2]?.comparison?.ratio).toBeLessThan(6);
  expect(rows.every(({ dirty }) => !dirty)).toBe(true);
  // As of the commits' dates, and in their order though they are of one second.
  for (const { at, commit: id } of rows) {
    const seconds = Number(git(root, 'show', '--no-patch', '--format=%ct', id));
    expect(Math.floor(Date.parse(at) / 1000)).toBe(seconds);
  }
  expect(git(root, 'status', '--porcelain', '--untracked-files=no')).toBe('');
});

test('what was measured is not measured again, and more commits measure the rest only', async () => {
  const { root } = sixCommits();
  const first = await perfBudget(root, ['history', 'growing', '--backfill', '3', '--verbose']);
  // What the newest commits left as it was, is what the one before them showed.
  expect(sampled(first.stderr)).toEqual(['growing']);
  const again = await perfBudget(root, ['history', 'growing', '--backfill', '3', '--verbose']);
  expect(sampled(again.stderr)).toEqual([]);
  expect(await runsOf(root, 'growing')).toHaveLength(3);
  const more = await perfBudget(root, ['history', '--backfill', '6', '--verbose']);
  expect(sampled(more.stderr).toSorted()).toEqual(['growing', 'growing', 'steady', 'steady']);
  expect(await runsOf(root, 'growing')).toHaveLength(5);
  expect(await runsOf(root, 'steady')).toHaveLength(6);
});

// Windows has no signals to send to another process.
test.skipIf(process.platform === 'win32')('Ctrl-C keeps what was finished, and the next goes on', async () => {
  const root = kept(repository(temporaryFolder()));
  const pids = `${root}/.perf-budget/pids`;
  const hangs = `import { appendFileSync } from 'node:fs';
    export const work = () => { appendFileSync(${JSON.stringify(pids)}, process.pid + '\\n'); for (;;); };`;
  commit(root, { ...only('src/'), '.gitignore': '.perf-budget/\n', 'src/growing.ts': hangs });
  commit(root, { 'src/growing.ts': work(20_000) });
  commit(root, { 'src/growing.ts': work(80_000) });
  write(root, { ...benches, 'perf-budget.jsonc': config });
  const args = ['history', 'growing', '--backfill', '3', '--verbose', '--time', '20s'];
  const ended = await perfBudget(root, args, {
    running: (child) => void processId(pids).then(() => child.kill('SIGINT')),
  });
  await expectEnded([await processId(pids)]);
  expect({ ...ended, stderr: ended.stderr.replaceAll(/^perf-budget: .*\n/gm, '') }).toEqual({
    code: 130,
    stdout: '',
    stderr: 'Interrupted: finished measurements are in the history. Run the same command to continue.\n',
  });
  expect(sampled(ended.stderr)).toEqual(['growing']);
  expect((await runsOf(root, 'growing')).map(({ verdict }) => verdict)).toEqual(['fail']);
});

test('budgets that git cannot answer, and commits that throw, are named; the others are measured', async () => {
  const root = kept(repository(temporaryFolder()));
  const throwing = "export const work = () => { throw new Error('not yet'); };";
  commit(root, { ...only('src/'), '.gitignore': '.perf-budget/\n', 'src/growing.ts': throwing });
  commit(root, { 'src/growing.ts': `${throwing} // still` });
  commit(root, { 'src/growing.ts': work(20_000) });
  write(root, {
    ...benches,
    'perf-budget.jsonc': `{
      "benchmarks": [
        { "files": "bench/**/*.bench.ts" },
        { "name": "outside", "command": ["node", "-e", "0"], "watch": ["src/*"] },
      ],
      "budgets": {
        "growing": { "benchmark": "growing" },
        "lost": { "benchmark": "growin" },
        "outside": { "benchmark": "outside", "limit": ["time <= 1 min"] },
        "battery": { "manual": "%/h", "limit": ["value < 1 %/h"] },
      },
    }`,
  });
  expect(seen(await perfBudget(root, ['history', '--backfill', '3']))).toMatchInlineSnapshot(`
    "exit code 2
    budget   when   commit   time   change   verdict
    growing   WHEN   COMMIT   TIME   not compared   ? undecided
    battery   WHEN   COMMIT   –   ? undecided
    --- standard error
    3 commits: 1 measured, 2 not measured.
    outside: a command cannot run from a past commit; only bench files can.
    battery: its figures are recorded by hand, so Git has no older ones.
    growing: 2 commits cannot run it, most recently COMMIT: the benchmark threw: not yet.
    lost: There is no benchmark "growin"; did you mean "growing"?"
  `);
});

test('code that is read from disk is checked out where a budget asks for it', async () => {
  const root = kept(repository(temporaryFolder()));
  const reading = `import { readFileSync } from 'node:fs';
const turns = Number(readFileSync(new URL('../turns.txt', import.meta.url), 'utf8'));`;
  const body = 'let sum = 0; for (let i = 0; i < turns; i++) sum += Math.sqrt(i); return sum;';
  commit(root, {
    'bench/a.bench.ts': benchFile('reads', reading, body),
    'turns.txt': '20000',
    '.gitignore': '.perf-budget/\n',
    'perf-budget.jsonc': JSON.stringify({
      benchmarks: [{ files: 'bench/*.bench.ts' }],
      budgets: { reads: { benchmark: 'reads', isolation: 'worktree' } },
    }),
  });
  commit(root, { 'turns.txt': '100000' });
  commit(root, { 'turns.txt': '20000' });
  expect((await perfBudget(root, ['history', '--backfill', '2'])).code).toBe(0);
  const rows = await runsOf(root, 'reads');
  expect(rows.map(({ verdict }) => verdict)).toEqual(['pass', 'fail']);
  expect(rows[0]?.comparison?.ratio).toBeLessThan(0.5);
  expect(rows[1]?.comparison?.ratio).toBeGreaterThan(2);
});

test('a shallow clone has what it has', async () => {
  const { root } = sixCommits();
  git(root, 'add', '--all');
  git(root, 'commit', '--quiet', '--message', 'budgets');
  const clone = kept(temporaryFolder());
  git(clone, 'clone', '--quiet', '--depth', '2', `file://${root}`, '.');
  expect(seen(await perfBudget(clone, ['history', 'growing', '--backfill', '5']))).toMatchInlineSnapshot(`
    "exit code 0
    when   commit   time   change   verdict
    WHEN   COMMIT   TIME   same code vs COMMIT   ✓ pass
    WHEN   COMMIT   TIME   not compared   ? undecided
    --- standard error
    2 commits: 2 measured.
    This shallow clone has only 2 commits. \`git fetch --unshallow\` fetches the rest."
  `);
});

test('what is older than the history keeps is left out, and what was checked stays the last', async () => {
  const root = kept(project());
  const old = git(root, 'cat-file', 'commit', 'HEAD').replace(/^(committer .*>) \d+/m, '$1 981173106');
  write(root, { '.perf-budget/old': `${old}\n` });
  git(root, 'update-ref', 'HEAD', git(root, 'hash-object', '-t', 'commit', '-w', '.perf-budget/old'));
  commit(root, { 'src/growing.ts': work(80_000) });
  write(root, { 'src/growing.ts': work(20_000) });
  await perfBudget(root, ['check', 'growing']);
  expect(seen(await perfBudget(root, ['history', 'growing', '--backfill', '2']))).toMatchInlineSnapshot(`
    "exit code 0
    when   commit   time   change   verdict
    WHEN   COMMIT + changes   TIME   CHANGE vs HEAD   ✓ pass
    WHEN   COMMIT   TIME   CHANGE vs COMMIT   ✗ fail
    --- standard error
    1 commit: 1 measured.
    1 commit older than a year left out: the history keeps one year."
  `);
});

test.each([
  [['history', '--backfill', '0']],
  [['history', '--backfill', 'all']],
  [['history', '--time', '4s']],
  [['history', 'stedy', '--backfill', '3']],
])('%j is told in one message', async (args) => {
  const { root } = sixCommits();
  expect(seen(await perfBudget(root, args))).toMatchSnapshot();
});

test('without git, and without a commit', async () => {
  const root = kept(loneProject('alone', '', 'Math.sqrt(2);'));
  expect(seen(await perfBudget(root, ['history', '--backfill', '3']), root)).toMatchInlineSnapshot(`
    "exit code 2

    --- standard error
    perf-budget: --backfill: ROOT is not in a Git repository."
  `);
  git(root, 'init', '--quiet');
  expect(seen(await perfBudget(root, ['history', '--backfill', '3']), root)).toMatchInlineSnapshot(`
    "exit code 2

    --- standard error
    perf-budget: --backfill: The repository has no commits yet."
  `);
});
