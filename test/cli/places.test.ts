import { chmodSync, writeFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { remove, repository, temporaryFolder, write } from '../engine/repository.js';
import { benchFile, files, project } from './project.js';
import { checked, perfBudget, seen } from './run.js';

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) remove(folder);
});

function kept(folder: string): string {
  folders.push(folder);
  return folder;
}

test('without git the comparison is undecided, which only --strict minds', async () => {
  const root = kept(temporaryFolder());
  write(root, files);
  expect(await checked(root, ['check'], {}, root)).toMatchInlineSnapshot(`
    "exit code 0
    ? growing   TIME   not compared   allowed 10%   src/growing.ts:2
    ✓ steady   TIME   allowed 1 s   src/steady.ts:2

    growing, steady: ROOT is not in a Git repository; capture a baseline to have something to compare with.

    1 not compared, 1 passed in TIME"
  `);
  expect(await checked(root, ['check', '--strict', 'growing'], {}, root)).toMatchInlineSnapshot(`
    "exit code 1
    ? growing   TIME   not compared   allowed 10%   src/growing.ts:2

    growing: ROOT is not in a Git repository; capture a baseline to have something to compare with.

    1 not compared in TIME; --strict fails this"
  `);
});

test('an empty repository has nothing to compare with yet', async () => {
  const root = kept(repository(temporaryFolder()));
  write(root, files);
  expect(await checked(root, ['check'], {}, root)).toMatchInlineSnapshot(`
    "exit code 0
    ? growing   TIME   not compared   allowed 10%   src/growing.ts:2
    ✓ steady   TIME   allowed 1 s   src/steady.ts:2

    growing, steady: the repository has no commits yet; the first one becomes the baseline.

    1 not compared, 1 passed in TIME"
  `);
});

test('the configuration above is used where there is none below', async () => {
  const root = kept(project());
  const { code, stdout } = await perfBudget(`${root}/src`, ['check', 'steady']);
  expect({ code, place: /\S+:\d+$/m.exec(stdout)?.[0] }).toEqual({ code: 0, place: 'steady.ts:2' });
});

/** Work that no compiler removes, and that takes little of any bound. */
const turns = 'let sum = 0; for (let i = 0; i < 1e4; i++) sum += i % 7; return sum;';

test('several configurations are run in turn, with places as seen from here', async () => {
  const root = kept(temporaryFolder());
  // The worst comes first, so the bounds differ by far.
  for (const [name, bound] of [
    ['one', '1 s'],
    ['two', '1 h'],
  ] as const) {
    write(`${root}/packages/${name}`, {
      'perf-budget.jsonc': `{
  "benchmarks": [{ "files": "*.bench.ts" }],
  "budgets": { "${name}": { "benchmark": "${name}", "limit": ["time <= ${bound}"] }, "gone ${name}": { "benchmark": "" } },
}`,
      'a.bench.ts': benchFile(name, '', turns),
    });
  }
  write(root, {
    'perf-budget.jsonc': `{
  "benchmarks": [{ "files": "*.bench.ts" }],
  "budgets": { "three": { "benchmark": "three", "limit": ["time <= 1 ms"] } },
  "defaults": { "ignore": ["fixtures/**"] },
}`,
    'a.bench.ts': benchFile('three', '', turns),
    'fixtures/perf-budget.jsonc': '{ "never": "read" }',
    'node_modules/other/perf-budget.jsonc': '{ "never": "read" }',
  });
  expect(await checked(root, ['check'], {}, root)).toMatchInlineSnapshot(`
    "exit code 2
    ✓ three   TIME   allowed 1 ms   a.bench.ts:4
    ✓ one   TIME   allowed 1 s   packages/one/a.bench.ts:4
    ✓ two   TIME   allowed 60 min   packages/two/a.bench.ts:4

    three: ROOT is not in a Git repository; capture a baseline to have something to compare with.
    one: ROOT/packages/one is not in a Git repository; capture a baseline to have something to compare with.
    two: ROOT/packages/two is not in a Git repository; capture a baseline to have something to compare with.

    packages/one/perf-budget.jsonc:3:100  "benchmark" is empty.
    packages/two/perf-budget.jsonc:3:100  "benchmark" is empty.

    2 problems, 3 passed in TIME"
  `);
  expect(await checked(root, ['-C', 'packages', 'check', 'two'], {}, root)).toMatchInlineSnapshot(`
    "exit code 2
    ✓ two   TIME   allowed 60 min   two/a.bench.ts:4

    two: ROOT/packages/two is not in a Git repository; capture a baseline to have something to compare with.

    two/perf-budget.jsonc:3:100  "benchmark" is empty.

    1 problem, 1 passed in TIME"
  `);
});

/** Whether permissions mean anything to this user: root may write everywhere. */
function respectsPermissions(): boolean {
  const folder = temporaryFolder();
  chmodSync(folder, 0o500);
  try {
    writeFileSync(`${folder}/file`, '');
    return false;
  } catch {
    return true;
  } finally {
    chmodSync(folder, 0o700);
    remove(folder);
  }
}

test('a folder without write permission is measured all the same', async ({ skip }) => {
  skip(!respectsPermissions(), 'this user may write everywhere');
  const root = kept(project());
  chmodSync(root, 0o500);
  const checked = await perfBudget(root, ['check', 'steady']);
  const captured = await perfBudget(root, ['capture', '--name', 'v1', '--reason', 'none']);
  chmodSync(root, 0o700);
  expect(seen(checked, root)).toBe(`exit code 0
✓ steady   TIME   same code   allowed TIME   src/steady.ts:2

perf-budget.jsonc:1:1  ROOT/.perf-budget cannot be written (EACCES: permission denied, mkdir 'ROOT/.perf-budget'), so the history is lost when this program ends.

1 passed in TIME vs HEAD (COMMIT)`);
  expect({ ...captured, stderr: captured.stderr.replaceAll(root, 'ROOT') }).toEqual({
    code: 2,
    stdout: '',
    stderr: `perf-budget: the baseline could not be captured: perf-budget.baselines cannot be written (EACCES: permission denied, mkdir 'ROOT/perf-budget.baselines').\n`,
  });
});
