import { chmodSync, closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { afterEach, expect, test } from 'vitest';
import { remove, write } from '../engine/repository.js';
import { config, loneProject, project, work } from './project.js';
import { checked, perfBudget, seen, steady } from './run.js';

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) remove(folder);
});

function kept(folder: string): string {
  folders.push(folder);
  return folder;
}

/** One budget whose verdict needs no measuring to be known, and one that holds. */
function failing(): string {
  const root = kept(project());
  write(root, { 'perf-budget.jsonc': config.replace('time <= 1 s', 'time <= 1 ns') });
  return root;
}

const read = (root: string, file: string): string => steady(readFileSync(`${root}/${file}`, 'utf8'));

test('several reports at once: the terminal’s beside those with a file', async () => {
  const root = failing();
  const args = [
    'junit=junit.xml',
    'markdown=out.md',
    'github=out.txt',
    'sarif=out.sarif',
    'html=out.html',
    'terminal=out.log',
  ];
  const ended = await perfBudget(root, ['check', ...args.flatMap((one) => ['--reporter', one]), '--json', 'out.json']);
  expect(seen(ended)).toMatchInlineSnapshot(`
    "exit code 1
    ✗ steady   TIME   same code   allowed TIME   src/steady.ts:2
    ✓ growing   same code as HEAD   src/growing.ts:2

    steady takes TIME (TIME to TIME); its budget allows TIME.
      perf-budget.jsonc:4:80  time <= TIME
      Make it faster, or change the bound.

    Nothing differs from HEAD (COMMIT), so nothing was compared. Compare with the commit before it: --against HEAD~1

    1 failed, 1 passed in TIME vs HEAD (COMMIT)"
  `);
  expect(read(root, 'out.log')).toBe(steady(ended.stdout));
  expect(read(root, 'out.txt')).toMatchInlineSnapshot(`
    "::error file=src/steady.ts,line=2,col=17,title=steady is over its budget::steady takes TIME (TIME to TIME); its budget allows TIME.
    "
  `);
  expect(read(root, 'out.md')).toContain('### ✗ Performance budgets: 1 failed, 1 passed');
  expect(read(root, 'junit.xml')).toContain(
    '<testsuites name="perf-budget" tests="2" failures="1" errors="0" skipped="0"',
  );
  expect((JSON.parse(readFileSync(`${root}/out.sarif`, 'utf8')) as { version: string }).version).toBe('2.1.0');
  expect(read(root, 'out.html')).toContain('data-trend="t-b0"');
  expect(
    readdirSync(root)
      .filter((name) => name.startsWith('out.') || name.startsWith('junit'))
      .sort(),
  ).toEqual(['junit.xml', 'out.html', 'out.json', 'out.log', 'out.md', 'out.sarif', 'out.txt']);
});

test('one report on standard output, and nothing besides', async () => {
  const root = failing();
  const { code, stdout, stderr } = await perfBudget(root, ['check', 'steady', '--reporter', 'github']);
  expect({ code, stdout: steady(stdout), stderr }).toMatchInlineSnapshot(`
    {
      "code": 1,
      "stderr": "",
      "stdout": "::error file=src/steady.ts,line=2,col=17,title=steady is over its budget::steady takes TIME (TIME to TIME); its budget allows TIME.
    ",
    }
  `);
  expect(seen(await perfBudget(root, ['check', '--reporter', 'junit', '--json', '-']))).toMatchInlineSnapshot(`
    "exit code 2

    --- standard error
    perf-budget: Only one report can go to standard output: give the others a file, such as --reporter junit=junit.xml."
  `);
  expect(await checked(root, ['check', '--reporter', 'yaml'])).toMatchInlineSnapshot(`
    "exit code 2

    --- standard error
    error: option '--reporter <name[=file]>' argument 'yaml' is invalid. Expected one of terminal, json, junit, sarif, github, markdown, html, or NAME=FILE such as junit=junit.xml.
    Try perf-budget --help."
  `);
});

test('GitHub Actions gets annotations after the report, and a summary; files are named from the repository', async () => {
  const root = failing();
  write(root, { 'summary.md': '# Before\n' });
  const env = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: `${root}/summary.md`, GITHUB_WORKSPACE: root };
  expect(await checked(root, ['-C', 'src', 'check', 'steady'], { env })).toMatchInlineSnapshot(`
    "exit code 1
    ✗ steady   TIME   same code   allowed 1 ns   steady.ts:2

    steady takes TIME (TIME to TIME); its budget allows 1 ns.
      ../perf-budget.jsonc:4:80  time <= 1 ns
      Make it faster, or change the bound.

    Nothing differs from HEAD (COMMIT), so nothing was compared. Compare with the commit before it: --against HEAD~1

    1 failed in TIME vs HEAD (COMMIT)
    ::error file=src/steady.ts,line=2,col=17,title=steady is over its budget::steady takes TIME (TIME to TIME); its budget allows 1 ns."
  `);
  expect(read(root, 'summary.md')).toMatch(
    /^# Before\n<!-- perf-budget -->\n\n### ✗ Performance budgets: 1 failed in /,
  );
  const json = await perfBudget(root, ['check', 'steady', '--json', '-'], { env });
  expect((JSON.parse(json.stdout) as { verdict: string }).verdict).toBe('fail');
  expect(steady(json.stderr)).toMatchInlineSnapshot(`
    "::error file=src/steady.ts,line=2,col=17,title=steady is over its budget::steady takes TIME (TIME to TIME); its budget allows TIME.
    "
  `);
});

test('what cannot be written is said; the verdict and the other files are there all the same', async () => {
  const root = failing();
  mkdirSync(`${root}/folder`);
  const reporters = ['junit=new/junit.xml', 'sarif=folder', 'markdown=out.md'].flatMap((one) => ['--reporter', one]);
  expect(await checked(root, ['check', 'steady', ...reporters])).toMatchInlineSnapshot(`
    "exit code 2
    ✗ steady   TIME   same code   allowed 1 ns   src/steady.ts:2

    steady takes TIME (TIME to TIME); its budget allows 1 ns.
      perf-budget.jsonc:4:80  time <= 1 ns
      Make it faster, or change the bound.

    Nothing differs from HEAD (COMMIT), so nothing was compared. Compare with the commit before it: --against HEAD~1

    1 failed in TIME vs HEAD (COMMIT)
    --- standard error
    perf-budget: --reporter sarif=folder cannot be written: EISDIR: illegal operation on a directory."
  `);
  expect(existsSync(`${root}/out.md`) && existsSync(`${root}/new/junit.xml`)).toBe(true);
  expect(readdirSync(root).filter((name) => name.startsWith('folder'))).toEqual(['folder']);
});

test.skipIf(process.platform !== 'linux')('a full disk is said, and a device is not replaced by a file', async () => {
  const root = failing();
  expect(seen(await perfBudget(root, ['check', 'steady', '--json', '/dev/full']))).toMatchInlineSnapshot(`
    "exit code 2
    ✗ steady   TIME   same code   allowed TIME   src/steady.ts:2

    steady takes TIME (TIME to TIME); its budget allows TIME.
      perf-budget.jsonc:4:80  time <= TIME
      Make it faster, or change the bound.

    Nothing differs from HEAD (COMMIT), so nothing was compared. Compare with the commit before it: --against HEAD~1

    1 failed in TIME vs HEAD (COMMIT)
    --- standard error
    perf-budget: --json /dev/full cannot be written: ENOSPC: no space left on device."
  `);
  expect(readdirSync('/dev').filter((name) => name.startsWith('full'))).toEqual(['full']);
  const full = openSync('/dev/full', 'w');
  const { code, stderr } = await perfBudget(root, ['check', 'steady'], { stdout: full });
  closeSync(full);
  expect({ code, stderr: steady(stderr) }).toMatchInlineSnapshot(`
    {
      "code": 2,
      "stderr": "1 failed in TIME vs HEAD (COMMIT)
    perf-budget: standard output cannot be written: ENOSPC: no space left on device.
    ",
    }
  `);
});

test.skipIf(process.platform === 'win32' || process.getuid?.() === 0)('a read-only checkout is judged', async () => {
  const root = failing();
  chmodSync(root, 0o555);
  const { code, stdout } = await perfBudget(root, ['check', 'steady']);
  chmodSync(root, 0o755);
  expect(code).toBe(1);
  expect(stdout).toContain('the history is lost when this program ends');
});

test('where no history can be kept, budgets are judged, and it says so', async () => {
  const root = kept(loneProject('lone', '', 'let sum = 0; for (let i = 0; i < 1e4; i++) sum += i % 7; return sum;'));
  write(root, { '.perf-budget': 'a file in the way' });
  expect(await checked(root, ['check'], {}, root)).toMatchInlineSnapshot(`
    "exit code 0
    ✓ lone   TIME   allowed 60 min   lone.bench.ts:4

    lone: ROOT is not in a Git repository; capture a baseline to have something to compare with.

    perf-budget.jsonc:1:1  ROOT/.perf-budget cannot be written (EEXIST: file already exists, mkdir 'ROOT/.perf-budget'), so the history is lost when this program ends.

    1 passed in TIME"
  `);
});

test('two runs at once are both right', async () => {
  const root = kept(project());
  write(root, { 'src/growing.ts': work(60_000) });
  const both = await Promise.all([perfBudget(root, ['check', 'growing']), perfBudget(root, ['check', 'growing'])]);
  expect(both.map(({ code, stderr }) => [code, stderr])).toEqual([
    [1, ''],
    [1, ''],
  ]);
});
