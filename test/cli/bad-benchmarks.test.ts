import { afterEach, expect, test } from 'vitest';
import { readFileSync } from 'node:fs';
import { remove, write } from '../engine/repository.js';
import { loneProject } from './project.js';
import { checked, expectEnded, processId } from './run.js';

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) remove(folder);
});

function lone(name: string, head: string, body: string): string {
  const root = loneProject(name, head, body);
  folders.push(root);
  return root;
}

const say =
  "import { appendFileSync } from 'node:fs';\nconst note = (pid: unknown) => appendFileSync('pids', `${pid}\\n`);";

test('one that throws in the loop', async () => {
  const root = lone('throws', '', "throw new Error('boom');");
  expect(await checked(root, ['check'])).toMatchInlineSnapshot(`
    "exit code 3
    ! throws   the benchmark threw: boom   throws.bench.ts:5:9

    1 not measured in TIME"
  `);
});

test('one that throws while it is loaded', async () => {
  const root = lone('import', "throw new Error('no database');", '');
  expect(await checked(root, ['check'])).toMatchInlineSnapshot(`
    "exit code 3
    ! import   the bench file threw while loading: no database   import.bench.ts:2:7

    1 not measured in TIME"
  `);
});

test('one that does not compile', async () => {
  const root = lone('compile', 'const = 1;', '');
  expect(await checked(root, ['check'])).toMatchInlineSnapshot(`
    "exit code 3
    ! compile   compile.bench.ts does not compile: Expected identifier but found "="   compile.bench.ts:2:7

    1 not measured in TIME"
  `);
});

test('one that never ends is ended', async () => {
  const root = lone('endless', say, 'note(process.pid); for (;;);');
  expect(await checked(root, ['check', '--time', '100ms'])).toMatchInlineSnapshot(`
    "exit code 3
    ! endless   the benchmark did not finish in 8 s: does it loop forever, or does an iteration need a longer "time"?   endless.bench.ts:5

    1 not measured in TIME"
  `);
  await expectEnded([await processId(`${root}/pids`)]);
});

test('one that ends its process', async () => {
  const root = lone('exits', '', 'process.exit(0);');
  expect(await checked(root, ['check'])).toMatchInlineSnapshot(`
    "exit code 3
    ! exits   the benchmark exited with code 0 before it was measured   exits.bench.ts:4

    1 not measured in TIME"
  `);
});

test('one that prints megabytes is measured, and nothing of it is shown', async () => {
  const root = lone('prints', "const line = 'x'.repeat(9999);", 'console.log(line); console.error(line);');
  expect(await checked(root, ['check'])).toMatchInlineSnapshot(`
    "exit code 0
    ✓ prints   TIME   allowed 60 min   prints.bench.ts:4

    prints: FOLDER is not in a Git repository; capture a baseline to have something to compare with.

    1 passed in TIME"
  `);
});

test('one that starts processes leaves none behind', async () => {
  const root = lone(
    'forks',
    `import { spawn } from 'node:child_process';\n${say}\nlet left = 3;`,
    "JSON.parse('[1, 2, 3]'); if (left-- > 0) note(spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' }).pid);",
  );
  expect(await checked(root, ['check'])).toMatchInlineSnapshot(`
    "exit code 0
    ✓ forks   TIME   allowed 60 min   forks.bench.ts:7

    forks: FOLDER is not in a Git repository; capture a baseline to have something to compare with.

    1 passed in TIME"
  `);
  await expectEnded(readFileSync(`${root}/pids`, 'utf8').trim().split('\n').map(Number));
});

test('a good one beside a bad one is judged all the same', async () => {
  const root = lone('throws', '', "throw new Error('boom');");
  write(root, {
    'good.bench.ts': "import { bench } from 'vitest';\nbench('good', () => {});",
    'perf-budget.jsonc': `{
      "benchmarks": [{ "files": "*.bench.ts" }],
      "budgets": {
        "throws": { "benchmark": "throws" },
        "good": { "benchmark": "good", "limit": ["time <= 1 s"] },
        "slow": { "benchmark": "good", "limit": ["throughput >= 9999G ops/s"] }
      }
    }`,
  });
  const text = await checked(root, ['check']);
  expect(text.replace(/[\d.]+ ns per iteration/, 'TIME per iteration')).toMatchInlineSnapshot(`
    "exit code 3
    ! throws   the benchmark threw: boom   throws.bench.ts:5:9
    ✗ slow   RATE   at least 9,999G ops/s   good.bench.ts:2
    ✓ good   TIME   allowed 1 s   good.bench.ts:2

    slow does RATE (RATE to RATE); its budget requires at least 9,999G ops/s.
      perf-budget.jsonc:6:50  throughput >= 9999G ops/s
      Make it faster, or change the bound.

    slow, good: FOLDER is not in a Git repository; capture a baseline to have something to compare with; TIME per iteration is as fast as an empty function: the compiler may have removed the work; return or use its result.

    1 not measured, 1 failed, 1 passed in TIME"
  `);
});
