import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { afterEach, expect, test } from 'vitest';
import type { CheckDocument } from '../../src/core/formats/reporters/document.js';
import { commit, git, remove, repository, temporaryFolder, write } from '../engine/repository.js';
import { benchFile, loneProject, work } from './project.js';
import { environment, expectEnded, perfBudget, processId, type Ended } from './run.js';

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) remove(folder);
});

const posix = test.skipIf(process.platform === 'win32');

function folder(): string {
  const made = temporaryFolder();
  folders.push(made);
  return made;
}

/** Two commits, and a change of the code on top; one budget is absolute, and one is about the change. */
function project(): string {
  const root = repository(folder());
  const budgets = {
    absolute: { benchmark: 'case', limit: ['time <= 1 s'] },
    relative: { benchmark: 'case', limit: ['time <= baseline + 80%'] },
  };
  commit(root, {
    'perf-budget.jsonc': JSON.stringify({ benchmarks: [{ files: '*.bench.ts' }], budgets }),
    ...{ '.gitignore': '.perf-budget/\n', 'work.ts': work(20_000) },
    'a.bench.ts': benchFile('case', "import { work } from './work.js';", 'work();'),
  });
  commit(root, { 'other.txt': 'other' });
  write(root, { 'work.ts': work(20_001) });
  return root;
}

async function check(root: string): Promise<Ended & { readonly document: CheckDocument }> {
  const file = `${folder()}/check.json`;
  const ended = await perfBudget(root, ['check', '--json', file]);
  return { ...ended, document: JSON.parse(readFileSync(file, 'utf8')) as CheckDocument };
}

const objectOf = (root: string, revision: string): string => {
  const id = git(root, 'rev-parse', revision);
  return `${root}/.git/objects/${id.slice(0, 2)}/${id.slice(2)}`;
};

const erase = (file: string): void => {
  rmSync(file);
  writeFileSync(file, '');
};

/** Each with what the one problem says, and its way out. */
const damages: readonly (readonly [string, (root: string) => void, RegExp])[] = [
  ['no HEAD', (root) => rmSync(`${root}/.git/HEAD`), /does not recognize .*Restore/],
  ['a branch that a crash emptied', (root) => writeFileSync(`${root}/.git/refs/heads/main`, ''), /broken.*git reflog/],
  ['a branch that is lost', (root) => rmSync(`${root}/.git/refs/heads/main`), /no such branch.*git reflog/],
  [
    'a branch without its commit',
    (root) => writeFileSync(`${root}/.git/refs/heads/main`, `${'12'.repeat(20)}\n`),
    /bad object HEAD.*git reflog/,
  ],
  ['an empty commit', (root) => erase(objectOf(root, 'HEAD')), /is empty.*git fsck/],
  ['no tree', (root) => rmSync(objectOf(root, 'HEAD^{tree}')), /git fsck/],
  ['no blob', (root) => rmSync(objectOf(root, 'HEAD:work.ts')), /work\.ts at .* is not in this clone.*git fsck/],
  [
    'a pack that was cut off',
    (root) => {
      git(root, 'gc', '--quiet');
      for (const name of readdirSync(`${root}/.git/objects/pack`)) {
        if (name.endsWith('.pack')) erase(`${root}/.git/objects/pack/${name}`);
      }
    },
    /git fsck/,
  ],
  ['a broken configuration', (root) => writeFileSync(`${root}/.git/config`, '[core\n'), /bad config line 1.*Correct/],
  [
    'a .git that leads nowhere',
    (root) => {
      rmSync(`${root}/.git`, { recursive: true });
      writeFileSync(`${root}/.git`, `gitdir: ${root}/gone\n`);
    },
    /\/gone, where there is none.*git worktree repair/,
  ],
];

posix.each(damages)('a repository with %s is one problem, and what is absolute is judged', async (_, damage, says) => {
  const root = project();
  damage(root);
  const { code, stderr, document } = await check(root);
  expect(stderr).toBe('');
  expect(document.problems.map(({ file, message }) => `${file} ${message}`)).toEqual([
    expect.stringMatching(new RegExp(`^perf-budget.jsonc .*${says.source}`)),
  ]);
  expect(document.budgets.map(({ name, verdict }) => `${name} ${verdict}`).sort()).toEqual([
    'absolute pass',
    'relative undecided',
  ]);
  expect(code).toBe(2);
});

test('a damaged index costs no comparison, and is a warning with its way out', async () => {
  const root = project();
  writeFileSync(`${root}/.git/index`, 'DIRCgarbage');
  const { code, document } = await check(root);
  expect(document.problems.map(({ message, warning }) => [message.replace(/^.*?git/, 'git'), warning])).toEqual([
    [expect.stringContaining('Delete .git/index and run `git reset`'), true],
  ]);
  expect(document.budgets.map(({ verdict, compared }) => [verdict, compared])).toEqual([
    ['pass', 'measured'],
    ['pass', 'measured'],
  ]);
  expect(code).toBe(0);
  const staged = await perfBudget(root, ['check', '--staged']);
  expect(staged).toMatchObject({ code: 2, stdout: '' });
  expect(staged.stderr).toMatch(/^perf-budget: git diff failed: .*Delete \.git\/index.*\n$/);
});

const commands = ['check', 'capture --name v1 --reason none', 'init'];

posix.each(commands)('a TMPDIR that is a file ends %s in one line', async (command) => {
  const root = loneProject('lone', '', '');
  folders.push(root);
  if (command === 'init') rmSync(`${root}/perf-budget.jsonc`);
  const ended = await perfBudget(root, command.split(' '), { env: { TMPDIR: `${root}/lone.bench.ts` } });
  expect(ended).toEqual({
    code: 3,
    stdout: '',
    stderr: `perf-budget: The temporary folder ${root}/lone.bench.ts cannot be used: it is not a folder. Set TMPDIR to a folder that can be written.\n`,
  });
});

posix('a command that runs nothing needs no TMPDIR', async () => {
  const root = loneProject('lone', '', '');
  folders.push(root);
  const env = { TMPDIR: `${root}/lone.bench.ts` };
  expect(await perfBudget(root, ['history'], { env })).toMatchObject({ code: 0, stderr: '' });
});

/** Mounts a disk of a few kilobytes; null where that is not allowed. */
function smallDisk(): string | null {
  const made = folder();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', made], { stdio: 'ignore' });
    return made;
  } catch {
    return null;
  }
}

posix(
  'a TMPDIR without space ends a check in one line, with nothing left running',
  async ({ skip }) => {
    const disk = smallDisk();
    if (disk === null) return skip();
    try {
      const root = project();
      writeFileSync(`${disk}/full`, Buffer.alloc(60_000));
      try {
        for (;;) writeFileSync(`${disk}/full`, '0', { flag: 'a' });
      } catch {
        // Now it is full.
      }
      // Otherwise Node itself would write there.
      const ended = await perfBudget(root, ['check'], { env: { TMPDIR: disk, NODE_DISABLE_COMPILE_CACHE: '1' } });
      expect(ended).toEqual({
        code: 3,
        stdout: '',
        stderr: `perf-budget: The temporary folder ${disk} cannot be used: its disk is full. Free some space, or set TMPDIR to a folder on another disk.\n`,
      });
      expect(readdirSync(disk)).toEqual(['full']);
    } finally {
      execFileSync('umount', ['-l', disk]);
    }
  },
  50_000,
);

posix('what a killed run left in the temporary folder is deleted at the next start, and nothing else', async () => {
  const root = loneProject(
    'endless',
    "import { appendFileSync } from 'node:fs';\nconst note = () => appendFileSync('pids', `${process.pid}\\n`);",
    'note(); for (;;);',
  );
  folders.push(root);
  const quick = loneProject('lone', '', '');
  folders.push(quick);
  const [temporary, elsewhere] = [folder(), folder()];
  const env = { TMPDIR: temporary, NODE_DISABLE_COMPILE_CACHE: '1' };
  const ours = (): readonly string[] => readdirSync(temporary).filter((name) => name.startsWith('perf-budget-run-'));
  await perfBudget(root, ['check'], {
    env,
    running: (child) => void processId(`${root}/pids`).then(() => child.kill('SIGKILL')),
  });
  await expectEnded([await processId(`${root}/pids`)]);
  const killed = ours();
  expect(killed).toHaveLength(1);

  write(elsewhere, { 'mine.txt': 'mine', '.lock': '' });
  symlinkSync(elsewhere, `${temporary}/perf-budget-run-linked`);
  symlinkSync(elsewhere, `${temporary}/${killed[0] ?? ''}/inside`);
  mkdirSync(`${temporary}/perf-budget-run-new`);
  rmSync(`${root}/pids`);
  let during: readonly string[] = [];
  await perfBudget(root, ['check'], {
    env,
    running: (child) =>
      void processId(`${root}/pids`).then(async () => {
        during = ours();
        // Another run finds the folder of this one, which is alive.
        await perfBudget(quick, ['check'], { env });
        during = [...during, '|', ...ours()];
        child.kill('SIGINT');
      }),
  });
  const alive = during[0] === undefined ? [] : ours();
  expect(alive.toSorted()).toEqual(['perf-budget-run-linked', 'perf-budget-run-new']);
  const [before, after] = during.join(' ').split(' | ');
  expect(before?.split(' ')).toHaveLength(3);
  expect(before).not.toContain(killed[0]);
  expect(after).toBe(before);
  expect(readdirSync(elsewhere).sort()).toEqual(['.lock', 'mine.txt']);
});

posix('a folder named node on the PATH is passed over', async () => {
  const root = loneProject('lone', '', '');
  folders.push(root);
  mkdirSync(`${root}/first/node`, { recursive: true });
  const PATH = [`${root}/first`, environment.PATH].join(path.delimiter);
  expect(await perfBudget(root, ['check'], { env: { PATH } })).toMatchObject({ code: 0, stderr: '' });
});

test('a NUL in a command is a problem at its place', async () => {
  const root = folder();
  write(root, {
    'perf-budget.jsonc': `{
  "benchmarks": [{ "name": "odd", "command": ["node", "a\\u0000b"] }],
  "budgets": { "odd": { "benchmark": "odd", "limit": ["time <= 1 h"] } },
}`,
  });
  const ended = await perfBudget(root, ['check']);
  expect(ended.stdout).toContain(
    'perf-budget.jsonc:2:55  Each entry of "command" has a NUL character (\\u0000), which the system does not allow.',
  );
  expect(ended.stdout + ended.stderr).not.toMatch(/\bat .*\.js:\d/);
  expect(ended.code).toBe(2);
  expect(existsSync(`${root}/.perf-budget/build.log`)).toBe(false);
});
