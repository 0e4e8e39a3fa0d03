import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { remove, temporaryFolder, write } from '../engine/repository.js';
import { perfBudget, seen } from './run.js';

const folders: string[] = [];

afterEach(() => {
  folders.splice(0).forEach(remove);
});

const config = `{
  "benchmarks": [{ "files": "bench/*.bench.ts" }],
  "budgets": {
    "battery idle": { "manual": "%/h", "limit": ["value < 1 %/h"] },
    "cold start": { "manual": "s", "limit": ["value <= 2 s"] },
    "parse": { "benchmark": "parse" },
  },
}
`;

function folder(): string {
  const root = temporaryFolder();
  folders.push(root);
  write(root, { 'perf-budget.jsonc': config });
  return root;
}

const kept = (root: string): string => readFileSync(join(root, 'perf-budget.values.json'), 'utf8');

test('keeps a line a budget, in the order of their names, and says what it comes to', async () => {
  const root = folder();
  const by = ['--by', 'Ada', '--date', '2026-11-20'];
  const first = await perfBudget(root, ['record', 'cold start', '1800 ms', ...by]);
  expect(seen({ ...first, stdout: first.stdout.replaceAll(/[\d.]+ s\b/g, 'TIME') })).toBe(
    'exit code 0\n✓ TIME of TIME   cold start, recorded in perf-budget.values.json. Commit it.',
  );
  const second = await perfBudget(root, ['record', 'battery idle', '1.5', ...by]);
  expect(seen(second)).toBe(
    'exit code 1\n✗ 1.5%/h · 1%/h allowed   battery idle, recorded in perf-budget.values.json. Commit it.',
  );
  expect(
    (await perfBudget(root, ['record', 'battery idle', '0.8 %/h', '--by', 'Eve', '--date', '2026-11-21'])).code,
  ).toBe(0);
  expect(kept(root)).toBe(`{
  "battery idle": { "value": "0.8 %/h", "at": "2026-11-21", "by": "Eve" },
  "cold start": { "value": "1800 ms", "at": "2026-11-20", "by": "Ada" }
}
`);
  const checked = await perfBudget(root, ['check', 'battery idle']);
  expect(checked.stdout).toContain('✓ battery idle   0.8%/h');
});

test.each([
  [['cold start', '3 MB'], '"cold start" is recorded in s, but 3 MB is not.'],
  [['cold start', 'fast'], '"cold start": fast is not a quantity such as 1.5 ms.'],
  [['cold start', '1 s 2'], '"cold start": 1 s 2 is not a single value such as 0.8.'],
  [['parse', '3'], '"parse" is measured, so it cannot be recorded by hand.'],
  [['battery', '3'], 'No budget matches "battery". The budgets are battery idle, cold start, parse.'],
])('refuses %o', async (args, message) => {
  const ended = await perfBudget(folder(), ['record', ...args]);
  expect([ended.code, ended.stdout, ended.stderr]).toEqual([2, '', `perf-budget: ${message}\n`]);
});

test('refuses a day that is none, and a file that somebody left in conflict', async () => {
  const root = folder();
  const wrong = await perfBudget(root, ['record', 'cold start', '1', '--date', 'yesterday']);
  expect([wrong.code, wrong.stderr]).toEqual([
    2,
    "error: option '--date <day>' argument 'yesterday' is invalid. Expected a day such as 2026-11-21.\nTry perf-budget --help.\n",
  ]);
  write(root, { 'perf-budget.values.json': '{\n<<<<<<< HEAD\n' });
  const conflict = await perfBudget(root, ['record', 'cold start', '1']);
  expect([conflict.code, conflict.stderr]).toEqual([
    2,
    'perf-budget: perf-budget.values.json has a merge conflict: keep one line per budget.\n',
  ]);
  expect(kept(root)).toBe('{\n<<<<<<< HEAD\n');
});
