import { existsSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { afterEach, expect, test } from 'vitest';
import type { Bisection } from '../../src/core/results/bisection.js';
import { commit, git, remove, repository, temporaryFolder, write } from '../engine/repository.js';
import { benchFile, config, work } from './project.js';
import { expectEnded, perfBudget, processId, seen, type Ended } from './run.js';

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) remove(folder);
});

function kept(folder: string): string {
  folders.push(folder);
  return folder;
}

const start = {
  'perf-budget.jsonc': config,
  '.gitignore': '.perf-budget/\n',
  'src/steady.ts': work(20_000),
  'src/growing.ts': work(20_000),
  'bench/steady.bench.ts': benchFile('steady', "import { work } from '../src/steady.js';", 'work();'),
  'bench/growing.bench.ts': benchFile('growing', "import { work } from '../src/growing.js';", 'work();'),
};

/** Commits in their order, each with the files that it changes, after one with the budgets. Returns their ids by subject. */
function history(commits: Readonly<Record<string, Readonly<Record<string, string>>>>): {
  readonly root: string;
  readonly ids: ReadonlyMap<string, string>;
} {
  const root = kept(repository(temporaryFolder()));
  const first = commit(root, start, 'start');
  const ids = Object.entries(commits).map(([subject, files]) => [subject, commit(root, files, subject)] as const);
  return { root, ids: new Map([['start', first], ...ids]) };
}

/** Twelve commits: the ninth makes it three times as slow, and the sixth, in the middle, does not build. */
const twelve = () =>
  history({
    'say more': { 'README.md': 'more' },
    'tidy up': { 'src/steady.ts': `${work(20_000)}\n// The end.` },
    'say even more': { 'README.md': 'even more' },
    'mention it': { 'README.md': 'further' },
    'half of it': { 'src/growing.ts': 'export const' },
    'all of it': { 'src/growing.ts': `// A comment.\n${work(20_000)}` },
    'say it all': { 'README.md': 'all' },
    'count further': { 'src/growing.ts': work(60_000) },
    'explain it': { 'src/growing.ts': `// Further.\n${work(60_000)}` },
    'steady on': { 'src/steady.ts': work(20_001) },
    'the end': { 'README.md': 'the end' },
  });

/** The same from run to run. */
const shown = (ended: Ended): string =>
  seen(ended)
    .replaceAll(/\d{4}-\d\d-\d\d/g, 'DAY')
    .replaceAll(/[+−][\d.,]+% \(INTERVAL\)/g, 'CHANGE')
    .replaceAll(/about \d+%/g, 'about SHARE');

test('the commit that made it slower is found by measuring, told in text and in JSON, and known from then on', async () => {
  const { root, ids } = twelve();
  const args = ['bisect', 'growing', '--good', ids.get('start') ?? '', '--time', '2s', '--strict'];
  const first = await perfBudget(root, [...args, '--json', 'found.json'], { isReal: true });
  expect(shown(first)).toMatchInlineSnapshot(`
    "exit code 0
    COMMIT  DAY  Test  count further
      SHARE slower than COMMIT (INTERVAL); beside COMMIT: the same code before, CHANGE after
      src/growing.ts:4  for (let i = 0; i < 60000; i++) sum += i % 7;  TIME, about SHARE

    11 commits, 5 of them compared and 1 skipped.
    COMMIT was skipped: it does not build: src/growing.ts does not compile: Expected identifier but found end of file.

    growing is SHARE slower at HEAD than at COMMIT (INTERVAL): COMMIT made it SHARE slower."
  `);
  const found = JSON.parse(readFileSync(`${root}/found.json`, 'utf8')) as Bisection & { readonly version: number };
  expect(Object.keys(found)).toEqual([
    ...['version', 'budget', 'benchmark', 'metric', 'outcome', 'good', 'bad', 'total', 'commits', 'tested', 'skipped'],
    ...['notes', 'message'],
  ]);
  expect(found).toMatchObject({
    ...{ version: 1, budget: 'growing', benchmark: 'growing', outcome: 'found' },
    commits: [{ commit: ids.get('count further'), author: 'Test', subject: 'count further' }],
    skipped: [{ commit: ids.get('half of it') }],
  });
  const [slower] = found.commits;
  expect(slower?.step.low).toBeGreaterThan(2);
  expect(slower?.step.high).toBeLessThan(4.5);
  expect(Date.parse(slower?.date ?? '')).not.toBeNaN();
  // Nothing of it needs measuring again; causes are looked for in profiles, which are not kept.
  const again = await perfBudget(root, [...args, '--json', '-', '--verbose'], { isReal: true });
  expect(again.stderr).not.toContain('perf-budget: measured');
  const verdict = ({ commits, ...rest }: Bisection) => ({
    ...rest,
    commits: commits.map((one) => ({ ...one, causes: [] })),
  });
  expect(verdict(JSON.parse(again.stdout) as Bisection)).toEqual(verdict(found));
  expect(git(root, 'status', '--porcelain', '--untracked-files=no')).toBe('');
});

test('a commit that cannot run beside it leaves it open, which fails only if that is asked', async () => {
  const { root, ids } = history({
    broken: { 'src/growing.ts': 'export const' },
    further: { 'src/growing.ts': work(40_000) },
  });
  write(root, { 'src/growing.ts': work(99_000) });
  const args = ['bisect', 'growing', '--good', ids.get('start') ?? ''];
  expect(shown(await perfBudget(root, args))).toMatchInlineSnapshot(`
    "exit code 0
    COMMIT  DAY  Test  further
      SHARE slower than COMMIT (INTERVAL)
      It may as well be COMMIT, which cannot run or differs by too little to tell.

    2 commits, 1 of them compared and 1 skipped.
    COMMIT was skipped: it does not build: src/growing.ts does not compile: Expected identifier but found end of file.
    Uncommitted changes are left out: HEAD is searched.

    growing is SHARE slower at HEAD than at COMMIT (INTERVAL): one of 2 commits up to COMMIT made it SHARE slower."
  `);
  expect((await perfBudget(root, [...args, '--strict'])).code).toBe(1);
});

// Windows has no signals to send to another process.
test.skipIf(process.platform === 'win32')('Ctrl-C keeps what was compared, and writes nothing', async () => {
  const pids = temporaryFolder();
  folders.push(pids);
  const hangs = `import { appendFileSync } from 'node:fs';
    export const work = () => { appendFileSync(${JSON.stringify(`${pids}/pids`)}, process.pid + '\\n'); for (;;); };`;
  const { root, ids } = history({
    hangs: { 'src/growing.ts': hangs },
    slower: { 'src/growing.ts': work(40_000) },
  });
  const args = ['bisect', 'growing', '--good', ids.get('start') ?? '', '--json', 'found.json', '--time', '2s'];
  const ended = await perfBudget(root, args, {
    running: (child) => void processId(`${pids}/pids`).then(() => child.kill('SIGINT')),
  });
  await expectEnded([await processId(`${pids}/pids`)]);
  expect(ended).toEqual({
    code: 130,
    stdout: '',
    stderr: 'Interrupted: what was compared is kept. The same request goes on from there.\n',
  });
  expect(existsSync(`${root}/found.json`)).toBe(false);
});

test.each([
  [2, ['bisect']],
  [2, ['bisect', 'growin']],
  [2, ['bisect', 'growing', '--good', 'v9']],
  [2, ['bisect', 'growing', '--good', 'HEAD']],
  [3, ['bisect', 'growing', '--good', 'HEAD~2', '--bad', 'HEAD~1']],
])('exit code %i and one message for %j', async (code, args) => {
  const { root } = history({
    broken: { 'src/growing.ts': 'export const' },
    mended: { 'src/growing.ts': work(20_000) },
  });
  const ended = await perfBudget(root, args);
  expect(ended.code).toBe(code);
  expect(seen(ended)).toMatchSnapshot();
});
