import { renameSync, rmSync, symlinkSync, utimesSync } from 'node:fs';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { InputStamp, StampBeginning } from '../../../src/engine/discovery/input-stamp.js';
import { commit, git, remove, repository, temporaryFolder, write } from '../repository.js';

let top: string;
let root: string;

beforeEach(async () => {
  top = repository(temporaryFolder());
  root = `${top}/packages/app`;
  commit(top, {
    'package.json': '{ "workspaces": ["packages/*"] }',
    'packages/app/perf-budget.jsonc': '{}',
    'packages/app/tsconfig.json': '{}',
    'packages/app/.perf-budget/.gitignore': '*\n',
    'packages/app/bench/a.bench.ts': "import '../src/a.js'; import '../../shared/b.js'; import 'pkg';\n",
    'packages/app/src/a.ts': 'export const a = 1;\n',
    'packages/app/src/other.ts': 'export const other = 1;\n',
    'packages/app/data/list.json': '[]\n',
    'packages/app/notes.md': 'some notes\n',
    'packages/shared/b.ts': 'export const b = 1;\n',
  });
  write(top, {
    'node_modules/pkg/package.json': '{ "name": "pkg", "version": "1.0.0" }',
    'node_modules/pkg/index.js': 'export {};\n',
    'node_modules/.package-lock.json': '{ "lockfileVersion": 3 }',
  });
  // A file system may tell times to a hundredth of a second.
  await sleep(30);
});

afterEach(() => {
  delete process.env['INPUT_STAMP_TEST'];
  remove(top);
});

const begin = (): StampBeginning | null => StampBeginning.of(root, `${root}/.perf-budget/.gitignore`);

const sources = () => ({
  files: [`${root}/perf-budget.jsonc`, `${root}/bench/a.bench.ts`, `${root}/src/a.ts`, `${top}/packages/shared/b.ts`],
  packages: [`${top}/node_modules/pkg/index.js`],
  variables: ['INPUT_STAMP_TEST'],
  git: { root: top, gitFolder: `${top}/.git` },
});

function stamp(): InputStamp {
  const made = begin()?.end(sources()) ?? null;
  if (made === null) throw new Error('no stamp');
  // As the history keeps it.
  return InputStamp.parse(made.json);
}

test('nothing has changed, and a change that cannot matter is none', async () => {
  const made = stamp();
  expect(made.holds()).toBe(true);
  await sleep(30);
  write(root, {
    'notes.md': 'other notes\n',
    '.perf-budget/history.db': '',
  });
  expect(made.holds()).toBe(true);
});

test.each<[string, () => void]>([
  ['an input', () => write(root, { 'src/a.ts': 'export const a = 2;\n' })],
  ['one outside the folder', () => write(top, { 'packages/shared/b.ts': 'export const b = 2;\n' })],
  ['the configuration', () => write(root, { 'perf-budget.jsonc': '{ }' })],
  ['a file that resolves before an input', () => write(root, { 'src/a.tsx': '' })],
  ['one beside an input outside the folder', () => write(top, { 'packages/shared/b.tsx': '' })],
  ['a new bench file', () => write(root, { 'bench/deep/b.bench.ts': '' })],
  ['a file that is gone', () => rmSync(`${root}/src/other.ts`)],
  ['a file that has another name', () => renameSync(`${root}/src/other.ts`, `${root}/src/others.ts`)],
  [
    'a comment in a file that nothing imports',
    () => write(root, { 'src/other.ts': `// @perf-budget a: time < 1 s\n` }),
  ],
  ['JSON beside the code', () => write(root, { 'data/list.json': '[1]\n' })],
  ['a tsconfig.json', () => write(root, { 'tsconfig.json': '{ "compilerOptions": {} }' })],
  ['a new one above the folder', () => write(top, { 'packages/tsconfig.json': '{}' })],
  ['the workspace', () => write(top, { 'package.json': '{ "workspaces": [] }' })],
  ['the file of a package', () => write(top, { 'node_modules/pkg/index.js': 'export default 1;\n' })],
  ['its version', () => write(top, { 'node_modules/pkg/package.json': '{ "name": "pkg", "version": "1.0.1" }' })],
  ['what is installed', () => write(top, { 'node_modules/.package-lock.json': '{ "lockfileVersion": 3, "a": 1 }' })],
  ['a package closer to the code', () => write(root, { 'node_modules/pkg/index.js': '' })],
  ['a new package', () => write(top, { 'node_modules/@scope/one/index.js': '' })],
  ['a variable that the code reads', () => (process.env['INPUT_STAMP_TEST'] = 'on')],
  ['a commit', () => git(top, 'commit', '-q', '--allow-empty', '-m', 'two')],
  ['a branch at the same commit', () => git(top, 'checkout', '-q', '-b', 'other')],
  ['what was fetched', () => git(top, 'update-ref', 'refs/remotes/origin/main', 'HEAD')],
  ['refs in one file', () => git(top, 'pack-refs', '--all')],
  ['a setting of Git', () => git(top, 'config', 'core.autocrlf', 'true')],
  ['attributes', () => write(top, { '.gitattributes': '* text\n' })],
  ['a file that no code names', () => write(top, { 'packages/app/src/other.ts': 'export const other = 2;\n' })],
])('notices %s', async (_, change) => {
  const made = stamp();
  expect(made.holds()).toBe(true);
  await sleep(30);
  change();
  expect(made.holds()).toBe(false);
});

test('the same text in place of an input is noticed, with the old time too', async () => {
  const made = stamp();
  await sleep(30);
  write(root, { 'src/new.tmp': 'export const a = 3;\n' });
  utimesSync(`${root}/src/new.tmp`, 1, 1);
  renameSync(`${root}/src/new.tmp`, `${root}/src/a.ts`);
  utimesSync(`${root}/src/a.ts`, 1, 1);
  expect(made.holds()).toBe(false);
});

test.skipIf(process.platform === 'win32')('a link that leads elsewhere is noticed', async () => {
  write(top, { 'node_modules/.store/one/index.js': '', 'node_modules/.store/two/index.js': '' });
  symlinkSync('.store/one', `${top}/node_modules/linked`);
  await sleep(30);
  const made = stamp();
  rmSync(`${top}/node_modules/linked`);
  symlinkSync('.store/two', `${top}/node_modules/linked`);
  expect(made.holds()).toBe(false);
});

test('there is no stamp of what changed while it was read', () => {
  const beginning = begin();
  write(root, { 'src/a.ts': 'export const a = 4;\n' });
  expect(beginning?.end(sources())).toBe(null);
  const second = begin();
  write(root, { 'src/b.ts': '' });
  expect(second?.end(sources())).toBe(null);
});

test('a folder that is too large, or that cannot be written, has none', () => {
  expect(StampBeginning.of(root, `${root}/.perf-budget/missing`)).toBe(null);
});

test('a worktree has the references of its repository', async () => {
  git(top, 'worktree', 'add', '-q', `${top}/../${top.split('/').pop() ?? ''}-tree`, '-b', 'tree');
  const tree = `${top}-tree`;
  try {
    write(tree, { 'packages/app/.perf-budget/.gitignore': '*\n' });
    await sleep(30);
    const own = { root: tree, gitFolder: git(tree, 'rev-parse', '--absolute-git-dir') };
    const made = StampBeginning.of(`${tree}/packages/app`, `${tree}/packages/app/.perf-budget/.gitignore`)?.end({
      ...{ files: [`${tree}/packages/app/src/a.ts`], packages: [], variables: [], git: own },
    });
    expect(made?.holds()).toBe(true);
    git(top, 'commit', '-q', '--allow-empty', '-m', 'two');
    expect(made?.holds()).toBe(false);
  } finally {
    remove(tree);
  }
});
