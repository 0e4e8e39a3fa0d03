import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { afterEach, expect, test } from 'vitest';
import type { Report } from '../../src/core/results/measurement.js';
import { git, remove, write } from '../engine/repository.js';
import { config, project, work } from './project.js';
import { checked, environment, perfBudget, program, seen } from './run.js';

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) remove(folder);
});

function fresh(): string {
  const root = project();
  folders.push(root);
  return root;
}

/** What these show are the figures of the benchmarks. */
const real = { isReal: true } as const;

test('unchanged code passes', async () => {
  expect(await checked(fresh(), ['check'], real)).toMatchInlineSnapshot(`
    "exit code 0
    ✓ steady   TIME   same code   allowed 1 s   src/steady.ts:2
    ✓ growing   same code as HEAD   src/growing.ts:2

    Nothing differs from HEAD (COMMIT), so nothing was compared. Compare with the commit before it: --against HEAD~1

    2 passed in TIME vs HEAD (COMMIT)"
  `);
});

test('a slower function fails its budget: the worst first, then the next step', async () => {
  const root = fresh();
  write(root, { 'src/growing.ts': work(60_000) });
  const shown = await checked(root, ['check'], real);
  expect(shown.replace(/\S+ µs of \S+ µs \(about \d+%\)/, 'PART')).toMatchInlineSnapshot(`
    "exit code 1
    ✗ growing   TIME   CHANGE   allowed 10%   src/growing.ts:2
    ✓ steady   TIME   same code   allowed 1 s   src/steady.ts:2

    growing is SHARE slower than HEAD (INTERVAL); its budget allows 10%.
      perf-budget.jsonc:5:5  time <= baseline + 10%
      PART: for (let i = 0; i < 60000; i++) sum += i % 7; in work, src/growing.ts:4
      Make it faster, or accept it: perf-budget capture --name <name> --reason <text>

    1 failed, 1 passed in TIME vs HEAD (COMMIT)"
  `);
});

test('the same code again is answered from what is known', async () => {
  const root = fresh();
  const first = await perfBudget(root, ['check', '--json', '-']);
  const again = await perfBudget(root, ['check', '--json', '-']);
  const cached = ({ stdout }: { stdout: string }) => (JSON.parse(stdout) as Report).budgets.map((one) => one.cached);
  expect([cached(first), cached(again)]).toEqual([
    [false, false],
    [true, false],
  ]);
});

test('an absolute bound that is missed names its place', async () => {
  const root = fresh();
  write(root, { 'perf-budget.jsonc': config.replace('time <= 1 s', 'time <= 1 ns') });
  expect(await checked(root, ['check', 'steady'])).toMatchInlineSnapshot(`
    "exit code 1
    ✗ steady   TIME   same code   allowed 1 ns   src/steady.ts:2

    steady takes TIME (TIME to TIME); its budget allows 1 ns.
      perf-budget.jsonc:4:80  time <= 1 ns
      Make it faster, or change the bound.

    Nothing differs from HEAD (COMMIT), so nothing was compared. Compare with the commit before it: --against HEAD~1

    1 failed in TIME vs HEAD (COMMIT)"
  `);
});

test('--json - is one document on standard output, and nothing besides', async () => {
  const root = fresh();
  write(root, { 'src/growing.ts': work(60_000) });
  const { code, stdout, stderr } = await perfBudget(root, ['check', '--json', '-', '--no-causes'], real);
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  const number = expect.any(Number) as number;
  const text = expect.any(String) as string;
  const quantity = { value: number, low: number, high: number, unit: text };
  const at = (file: string, line: number, column: number) => ({ file, line, column });
  const report = JSON.parse(stdout) as Report;
  expect(report).toEqual({
    version: 1,
    verdict: 'fail',
    elapsedMs: number,
    baseline: { name: 'HEAD', commit: git(root, 'rev-parse', 'HEAD') },
    machine: expect.objectContaining({ cpu: text, cores: number, os: text, node: text, memory: number }) as unknown,
    budgets: [
      {
        name: 'steady',
        benchmark: 'steady',
        verdict: 'pass',
        severity: null,
        cached: false,
        elapsedMs: number,
        samples: number,
        comparison: { ratio: 1, low: 1, high: 1 },
        compared: 'same code',
        checks: [
          {
            check: 'time <= 1 s',
            level: 'limit',
            verdict: 'pass',
            measured: { ...quantity, unit: 's' },
            bound: { value: 1, unit: 's' },
            used: number,
            note: null,
            place: at('perf-budget.jsonc', 4, 80),
          },
          {
            check: 'time <= baseline + 10%',
            level: 'limit',
            verdict: 'pass',
            measured: { ...quantity, unit: 'us' },
            bound: { value: number, unit: 'us' },
            used: number,
            note: null,
          },
        ],
        message: text,
        place: at('src/steady.ts', 2, 17),
        written: at('perf-budget.jsonc', 4, 5),
      },
      {
        name: 'growing',
        benchmark: 'growing',
        verdict: 'fail',
        severity: 'critical',
        cached: false,
        elapsedMs: number,
        samples: number,
        comparison: { ratio: number, low: number, high: number },
        compared: 'measured',
        checks: [
          {
            check: 'time <= baseline + 10%',
            level: 'limit',
            verdict: 'fail',
            measured: { ...quantity, unit: 'us' },
            bound: { value: number, unit: 'us' },
            used: number,
            note: null,
          },
        ],
        message: text,
        place: at('src/growing.ts', 2, 17),
        written: at('perf-budget.jsonc', 5, 5),
      },
    ],
    problems: [],
  });
  const [steady, growing] = report.budgets;
  // Sixty thousand turns are three times twenty thousand, and one takes between a quarter of a nanosecond and 50.
  const between = (value: number | undefined, low: number, high: number): void => {
    expect(value).toBeGreaterThan(low);
    expect(value).toBeLessThan(high);
  };
  between(steady?.checks[0]?.measured?.value, 20_000 * 0.25e-9, 20_000 * 50e-9);
  between(steady?.checks[1]?.measured?.value, 20 * 0.25, 20 * 50);
  between(growing?.checks[0]?.measured?.value, 60 * 0.25, 60 * 50);
  between(growing?.comparison?.ratio, 2, 4.5);
  between(growing?.checks[0]?.used ?? 0, 2 / 1.1, 4.5 / 1.1);
  expect(steady?.checks[0]?.used).toBeCloseTo(steady?.checks[0]?.measured?.value ?? NaN, 9);
  expect(steady?.checks[1]?.used).toBeCloseTo(1 / 1.1, 2);
  for (const { checks, elapsedMs, samples } of report.budgets) {
    between(elapsedMs, 100, report.elapsedMs);
    between(samples, 1, Infinity);
    for (const { measured } of checks)
      between(measured?.value, (measured?.low ?? NaN) * 0.999999, (measured?.high ?? NaN) * 1.000001);
  }
});

test('--json writes a file beside the report, whole or not at all', async () => {
  const root = fresh();
  const { code, stdout } = await perfBudget(root, ['check', 'steady', '--json', 'out.json']);
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('1 passed') as string });
  const report = JSON.parse(readFileSync(`${root}/out.json`, 'utf8')) as Report;
  expect(report.budgets.map(({ name }) => name)).toEqual(['steady']);
  await perfBudget(root, ['check', 'steady', '--reporter', 'junit=new/folder/x.xml', '--json', 'new/out.json']);
  expect(readFileSync(`${root}/new/folder/x.xml`, 'utf8')).toContain('tests="1" failures="0"');
  expect(existsSync(`${root}/new/out.json`)).toBe(true);
  // It is said before anything is measured.
  expect(seen(await perfBudget(root, ['check', '--json', 'out.json/out.json']), root)).toMatchInlineSnapshot(`
    "exit code 2

    --- standard error
    perf-budget: --json out.json/out.json: its folder cannot be created: EEXIST: file already exists."
  `);
});

test('--changed asks only for what a file can change', async () => {
  const root = fresh();
  expect(await checked(root, ['check', '--changed', 'src/steady.ts'])).toMatchInlineSnapshot(`
    "exit code 0
    ✓ steady   TIME   same code   allowed 1 s   src/steady.ts:2

    Nothing differs from HEAD (COMMIT), so nothing was compared. Compare with the commit before it: --against HEAD~1

    1 passed in TIME vs HEAD (COMMIT)"
  `);
  expect(await checked(root, ['check', '--changed', 'README.md', 'other.ts'])).toMatchInlineSnapshot(`
    "exit code 0
    No budget depends on the changed files."
  `);
});

test('--staged asks only for what the next commit can change', async () => {
  const root = fresh();
  write(root, { 'src/growing.ts': work(60_000), 'src/steady.ts': work(20_001), 'README.md': '# Fixture\n' });
  expect(await checked(root, ['check', '--staged'])).toMatchInlineSnapshot(`
    "exit code 0
    No budget depends on the changed files."
  `);
  git(root, 'add', 'README.md');
  expect(await checked(root, ['check', '--staged'])).toMatchInlineSnapshot(`
    "exit code 0
    No budget depends on the changed files."
  `);
  git(root, 'add', 'src/growing.ts');
  expect(await checked(root, ['check', '--staged'])).toMatchInlineSnapshot(`
    "exit code 1
    ✗ growing   TIME   CHANGE   allowed 10%   src/growing.ts:2

    growing is SHARE slower than HEAD (INTERVAL); its budget allows 10%.
      perf-budget.jsonc:5:5  time <= baseline + 10%
      Make it faster, or accept it: perf-budget capture --name <name> --reason <text>

    1 failed in TIME vs HEAD (COMMIT)"
  `);
});

test('--against takes a revision, and says when there is none', async () => {
  const root = fresh();
  const first = git(root, 'rev-parse', 'HEAD');
  write(root, { 'src/growing.ts': work(60_000) });
  git(root, 'commit', '--quiet', '--all', '--message', 'slower');
  expect(await checked(root, ['check', 'growing'])).toMatchInlineSnapshot(`
    "exit code 0
    ✓ growing   same code as HEAD   src/growing.ts:2

    Nothing differs from HEAD (COMMIT), so nothing was compared. Compare with the commit before it: --against HEAD~1

    1 passed in TIME vs HEAD (COMMIT)"
  `);
  expect(await checked(root, ['check', 'growing', '--against', 'HEAD~1'])).toMatchInlineSnapshot(`
    "exit code 1
    ✗ growing   TIME   CHANGE   allowed 10%   src/growing.ts:2

    growing is SHARE slower than HEAD~1 (INTERVAL); its budget allows 10%.
      perf-budget.jsonc:5:5  time <= baseline + 10%
      Make it faster, or accept it: perf-budget capture --name <name> --reason <text>

    1 failed in TIME vs HEAD~1 (COMMIT)"
  `);
  const { stdout } = await perfBudget(root, ['check', 'growing', '--against', first, '--json', '-']);
  expect((JSON.parse(stdout) as Report).baseline).toEqual({ name: first, commit: first });
  expect(await checked(root, ['check', '--against', 'nowhere'])).toMatchInlineSnapshot(`
    "exit code 2

    --- standard error
    perf-budget: --against nowhere: there is no captured baseline and no commit called "nowhere"."
  `);
});

test('colours follow NO_COLOR and FORCE_COLOR, and a pipe has none', async () => {
  const root = fresh();
  const colored = async (env: Record<string, string>) =>
    (await perfBudget(root, ['check', 'steady'], { env })).stdout.includes('\u001b[');
  expect([await colored({}), await colored({ FORCE_COLOR: '1' }), await colored({ NO_COLOR: '1' })]).toEqual([
    false,
    true,
    false,
  ]);
});

// Linux's `script` gives a program a terminal; other systems' takes other arguments.
test.skipIf(process.platform !== 'linux' || !existsSync('/usr/bin/script'))('a terminal gets a bar and colours', () => {
  const root = fresh();
  const command = `'${process.execPath}' '${program}' check steady`;
  const shown = execFileSync('script', ['-qec', command, '/dev/null'], {
    cwd: root,
    env: environment,
    encoding: 'utf8',
  });
  expect(shown).toContain('measuring ░');
  expect(shown).toContain('0 of 1');
  expect(shown).toContain('\u001b[32m✓\u001b[39m steady');
});
