import { openSync, truncateSync, closeSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { git, remove, write } from '../engine/repository.js';
import { project } from './project.js';
import { perfBudget } from './run.js';

let root: string;

beforeEach(() => {
  root = project();
});

afterEach(() => {
  remove(root);
});

const commands = [
  ['check'],
  ['history'],
  ['history', 'steady'],
  ['report', '--html', 'page.html'],
  ['report', '--markdown', 'page.md'],
  ['export', '--format', 'csv', '--output', 'all.csv'],
] as const;

test('rows and notes that anybody could have written end no command, and are said to be left out', async () => {
  await perfBudget(root, ['check']);
  await perfBudget(root, ['history', '--share']);
  const head = git(root, 'rev-parse', 'HEAD');
  const note = git(root, 'notes', '--ref', 'perf-budget', 'show', head).split('\n')[0] ?? '';
  const late = note.replace(/"at":\d+/, '"at":8640000000000001');
  git(root, 'notes', '--ref', 'perf-budget', 'append', '--message', late, head);
  const shared = await perfBudget(root, ['history', '--share']);
  expect([shared.code, shared.stderr]).toEqual([0, '1 line of the notes cannot be read and was left as it is.\n']);
  const file = path.join(root, '.perf-budget', 'history.db');
  const db = new DatabaseSync(file);
  const insert = db.prepare(
    `INSERT INTO runs (budget, at, key, dirty, result, time, time_low, time_high) SELECT budget, ?, 'x', 0, ?, 1, 1, 1 FROM runs LIMIT 1`,
  );
  insert.run(8_640_000_000_000_001n, '{}');
  insert.run(-9_000_000_000_000_000_000n, '5');
  db.exec(`UPDATE cache SET value = '5'`);
  db.close();
  const left = `2 runs in ${file} cannot be read and are left out.`;
  for (const args of commands) {
    const { code, stdout, stderr } = await perfBudget(root, args);
    expect([args, code]).toEqual([args, 0]);
    expect(`${stdout}${stderr}`).not.toMatch(/Error|NaN/);
    if (args[0] !== 'check') expect(stderr).toContain(left);
  }
  // It met only the newest row.
  const found = `1 run in ${file} cannot be read and is left out.`;
  expect((await perfBudget(root, ['check', '--json', '-'])).stdout).toContain(found);
});

test('an import that is too large, or only brackets, says so', async () => {
  write(root, { 'nested.json': '['.repeat(100_000) });
  const large = path.join(root, 'large.json');
  closeSync(openSync(large, 'w'));
  truncateSync(large, 65 * 2 ** 20);
  const imported = await perfBudget(root, ['import', '--format', 'hyperfine', 'large.json', 'nested.json']);
  expect(imported).toEqual({
    code: 2,
    stdout: '',
    stderr: [
      'perf-budget: large.json: it is larger than 64 MB.\n',
      "perf-budget: nested.json: This cannot be read as hyperfine's output. The output is cut off: its JSON never ends.\n",
    ].join(''),
  });
  expect((await perfBudget(root, ['merge', 'large.json'])).stderr).toContain('large.json: it is larger than 64 MB.');
});
