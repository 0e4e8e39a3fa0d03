import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { unknownMachine, type BudgetResult, type Measurement } from '../../../src/core/results/measurement.js';
import { isTime } from '../../../src/core/results/time.js';
import { History, type HistoryOptions, type KeptRow } from '../../../src/engine/history/history.js';
import { share } from '../../../src/engine/history/share.js';
import { commit, git, remove, repository, temporaryFolder } from '../repository.js';

let folder: string;

beforeEach(() => {
  folder = temporaryFolder();
});

afterEach(() => {
  remove(folder);
});

const start = Date.UTC(2026, 0, 1);
const file = (root = folder): string => join(root, '.perf-budget', 'history.db');
const commitId = 'c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00';

const result = (name: string): BudgetResult => ({
  name,
  benchmark: 'tokenizer',
  verdict: 'warn',
  severity: 'low',
  cached: false,
  elapsedMs: 840,
  samples: 96,
  comparison: { ratio: 1.1, low: 1.05, high: 1.2 },
  compared: 'measured',
  checks: [
    {
      check: 'time <= 10 us',
      level: 'limit',
      verdict: 'pass',
      measured: { value: 8.1, low: 8, high: 8.3, unit: 'us' },
      bound: { value: 10, unit: 'us' },
      used: 0.81,
      note: null,
    },
  ],
  parts: [{ name: 'a', value: 1, unit: 'us' }],
  message: '10% slower than HEAD',
  concerns: [{ kind: 'implausible', verdict: 'warn', message: 'is too fast' }],
});

const row = (name: string, at: number): KeptRow => ({
  at,
  key: `key ${at}`,
  commit: commitId,
  dirty: false,
  machine: 'this one',
  baseline: { name: 'HEAD', commit: null },
  result: result(name),
  time: { value: 8100, low: 8000, high: 8300 },
});

const side = { metrics: { time: { value: 8100, low: 8000, high: 8300, samples: 96 } } };
const measurement: Measurement = {
  benchmark: 'tokenizer',
  current: side,
  baseline: side,
  comparison: { ratio: 1, low: 0.9, high: 1.1, processes: 4, clock: 'cpu' },
  samples: 96,
  elapsedMs: 840,
  answers: { kind: 'other', call: 0, path: '', current: '1', baseline: '2' },
  note: null,
};

async function fill(root: string): Promise<void> {
  const history = await History.open(root);
  for (const name of ['a', 'b']) for (let at = 0; at < 4; at++) history.record(row(name, start + at));
  history.keepMeasurement('m', measurement, start);
  history.keepBenchNames('n', ['x'], start);
  history.captureBaseline({
    ...{ name: 'v1', commit: null, reason: 'why', at: start, machine: unknownMachine, results: [result('a')] },
  });
  history.keepBundle('v1', 'a.bench.ts', { code: 'export {}', hash: 'h' });
  history.addNoise('here', { benchmark: 'x', day: 20_000, kind: 'same', runs: 1, total: 0, squares: 0.1, df: 3 });
  history.keepAnswer('{}', start);
  expect(history.warning).toBe(null);
  history.close();
}

/** Everything that anybody asks of a history, and what it would be shown as. */
function useAll(history: History): void {
  const shown = [...history.rows('a', 9), ...history.ownRows('b', 9), ...history.latest().values()];
  for (const { at, result: kept, commit: id } of shown) {
    expect(isTime(at)).toBe(true);
    expect(new Date(at).toISOString()).toMatch(/^\d{4}-/);
    expect([kept.checks.length, id?.length ?? 4].every((length) => length >= 0)).toBe(true);
  }
  expect(history.measurement('m')?.samples ?? 96).toBeTypeOf('number');
  expect(history.benchNames('n')?.every((name) => typeof name === 'string') ?? true).toBe(true);
  for (const { at } of history.baselines()) expect(isTime(at)).toBe(true);
  expect(typeof (history.bundle('v1', 'a.bench.ts')?.code ?? '')).toBe('string');
  for (const { squares, df } of history.noise('here')) expect(squares >= 0 && df >= 0).toBe(true);
  history.answer();
  history.prune(start + 1000);
  history.record(row('c', start));
  expect(history.rows('c', 1)).toEqual([row('c', start)]);
}

/** Puts values into columns whatever their type, as one can with a file: STRICT is only a word in it. */
function change(path: string, work: (db: DatabaseSync) => void): void {
  const pairs = [
    ['STRICT', '/*LOOSE*/'],
    ['NOT NULL', '/*NULLS*/'],
  ];
  const swap = (isBack: boolean): void => {
    const db = new DatabaseSync(path, { defensive: false } as object);
    db.exec('PRAGMA writable_schema = ON');
    for (const pair of pairs) {
      const [from = '', to = ''] = isBack ? pair.toReversed() : pair;
      db.prepare(`UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE type = 'table'`).run(from, to);
    }
    db.close();
  };
  swap(false);
  const db = new DatabaseSync(path);
  work(db);
  db.close();
  swap(true);
}

const columns = {
  runs: ['budget', 'at', 'key', 'commit_id', 'dirty', 'baseline', 'result', 'time', 'time_low', 'time_high', 'machine'],
  cache: ['kind', 'key', 'at', 'value'],
  baselines: ['name', 'commit_id', 'reason', 'at', 'machine', 'current', 'results'],
  bundles: ['baseline', 'file', 'content'],
  noise: ['machine', 'benchmark', 'day', 'kind', 'runs', 'total', 'squares', 'df'],
} as const;

const column = fc.constantFrom(
  ...Object.entries(columns).flatMap(([table, names]) => names.map((name) => [table, name] as const)),
);

/** JSON like ours in which one value is another. */
const spoiled = (json: unknown): fc.Arbitrary<string> => {
  const places: (readonly (string | number)[])[] = [];
  const walk = (value: unknown, at: readonly (string | number)[]): void => {
    places.push(at);
    if (typeof value !== 'object' || value === null) return;
    for (const [key, each] of Object.entries(value)) walk(each, [...at, Array.isArray(value) ? Number(key) : key]);
  };
  walk(json, []);
  return fc.tuple(fc.constantFrom(...places), fc.jsonValue()).map(([at, junk]) => {
    const set = (value: unknown, [key, ...rest]: readonly (string | number)[]): unknown => {
      if (key === undefined) return junk;
      if (Array.isArray(value)) return value.map((each: unknown, index) => (index === key ? set(each, rest) : each));
      const fields = value as Record<string, unknown>;
      return { ...fields, [key]: set(fields[key], rest) };
    };
    return JSON.stringify(set(json, at));
  });
};

const junk: fc.Arbitrary<SQLInputValue> = fc.oneof(
  fc.constantFrom<SQLInputValue>(null, '', '{}', '5', 'null', '[]', '[[[[', 'x'.repeat(1_100_000), '['.repeat(50_000)),
  fc.constantFrom<SQLInputValue>(-9_000_000_000_000_000_000n, 9_007_199_254_740_995n, 8_640_000_000_000_001n, -1n),
  fc.constantFrom<SQLInputValue>(Infinity, -1e308, 0.5),
  fc.oneof(spoiled(result('a')), spoiled(measurement), spoiled([result('a')]), spoiled(unknownMachine)),
  fc.uint8Array({ maxLength: 40 }),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.string(),
);

describe('what is in the file', () => {
  test('may be junk in any column: nothing throws, and the rows beside it come back', async () => {
    await fill(folder);
    const copy = join(folder, 'copy');
    mkdirSync(join(copy, '.perf-budget'), { recursive: true });
    let round = 0;
    await fc.assert(
      fc.asyncProperty(column, junk, fc.boolean(), async ([table, name], value, readOnly) => {
        const root = join(copy, String(round++));
        mkdirSync(join(root, '.perf-budget'), { recursive: true });
        copyFileSync(file(), file(root));
        change(file(root), (db) => {
          const one = table === 'runs' ? `WHERE budget = 'a' AND at = ${start + 3}` : '';
          db.prepare(`UPDATE OR REPLACE ${table} SET ${name} = ? ${one}`).run(value);
        });
        const history = await History.open(root, { readOnly });
        expect(history.rows('a', 9)).toEqual(expect.arrayContaining([2, 1, 0].map((at) => row('a', start + at))));
        expect(history.latest().get('b')).toEqual(row('b', start + 3));
        const [newest] = history.rows('a', 1);
        expect(history.latest().get('a')?.result.name).toBe('a');
        expect(newest?.result.name).toBe('a');
        useAll(history);
        expect(history.warning ?? 'cannot be read').toContain('cannot be read');
        history.close();
        remove(root);
      }),
      { numRuns: 80 },
    );
  });

  test('is counted once, said in a sentence, and stays where it is', async () => {
    await fill(folder);
    change(file(), (db) => {
      db.exec(`UPDATE runs SET result = '{}' WHERE budget = 'a' AND at > ${start}; UPDATE runs SET at = -9000000000000000000
               WHERE budget = 'b' AND at = ${start}; UPDATE baselines SET machine = '5'`);
    });
    for (const options of [{ readOnly: true }, {}] satisfies HistoryOptions[]) {
      const history = await History.open(folder, options);
      for (let turn = 0; turn < 2; turn++) {
        expect(history.rows('a', 1)).toEqual([row('a', start)]);
        expect(history.rows('b', 9).map(({ at }) => at - start)).toEqual([3, 2, 1]);
        expect(history.baselines()).toEqual([]);
      }
      expect(history.latest().get('a')).toEqual(row('a', start));
      expect(history.warning).toBe(`4 runs and 1 baseline in ${file()} cannot be read and are left out.`);
      history.prune(start + 1000);
      history.close();
    }
    const db = new DatabaseSync(file());
    expect(db.prepare('SELECT count(*) AS n FROM runs').get()).toEqual({ n: 8 });
    db.close();
  });

  test.each([
    ['a trigger', `CREATE TRIGGER t BEFORE INSERT ON runs BEGIN SELECT RAISE(ABORT, 'no'); END`],
    [
      'a view that never ends',
      `DROP TABLE runs; CREATE VIEW runs AS WITH RECURSIVE n (budget) AS (SELECT 1 UNION ALL SELECT budget + 1 FROM n)
       SELECT budget, 1 AS id, 1 AS at, '' AS key, '' AS result, '' AS machine FROM n`,
    ],
    ['a table without a column', 'ALTER TABLE runs DROP COLUMN machine'],
  ])('may have %s: it is moved aside', async (_, sql) => {
    await fill(folder);
    const moved = `${file()} was damaged. It is now ${file()}.broken-2026-01-01T00-00-00-000Z, and a new history was started.`;
    const db = new DatabaseSync(file());
    db.exec(sql);
    db.close();
    const readOnly = await History.open(folder, { readOnly: true });
    expect([readOnly.rows('a', 9), readOnly.warning]).toEqual([[], null]);
    readOnly.close();
    const history = await History.open(folder, { now: () => start });
    expect(history.warning).toBe(moved);
    useAll(history);
    history.close();
  });

  const evil = `CREATE TRIGGER sqlite_evil BEFORE INSERT ON runs BEGIN DELETE FROM runs; END`;
  const add = (type: string, name: string, sql: string, table = 'runs'): string =>
    `INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql) VALUES ('${type}', '${name}', '${table}', 0, '${sql}')`;
  const edit = (from: string, to: string): string =>
    `UPDATE sqlite_schema SET sql = replace(sql, '${from}', '${to}') WHERE name = 'runs'`;

  test.each([
    ['a trigger with a name of SQLite', add('trigger', 'sqlite_evil', evil)],
    ['a trigger that says it is an index', add('index', 'sqlite_autoindex_x_1', evil)],
    ['a trigger that says it is a table of ANALYZE', add('table', 'sqlite_stat1', evil)],
    ['a trigger and no version', `${add('trigger', 'sqlite_evil', evil)}; PRAGMA user_version = 0`],
    ['a view with a name of SQLite', add('view', 'sqlite_view', 'CREATE VIEW sqlite_view AS SELECT 1', 'sqlite_view')],
    ['an index of an expression', 'CREATE INDEX e ON runs (abs(at))'],
    ['a check', edit('key TEXT NOT NULL', 'key TEXT NOT NULL CHECK (abs(at) > 0)')],
    ['a default that is computed', edit('time REAL', 'time REAL DEFAULT (abs(1))')],
    ['a column that is generated', edit('time REAL', 'time REAL AS (abs(at))')],
    ['a collation', edit('budget TEXT', 'budget TEXT COLLATE NOCASE')],
    ['a space that is none', edit('at INTEGER', 'at\u00a0INTEGER')],
  ])('may have %s: nothing of it runs, and it is moved aside', async (_, sql) => {
    await fill(folder);
    const db = new DatabaseSync(file(), { defensive: false } as object);
    db.exec(`PRAGMA writable_schema = ON; ${sql}`);
    db.close();
    const before = readFileSync(file());
    const readOnly = await History.open(folder, { readOnly: true });
    expect(readOnly.rows('a', 9)).toEqual([]);
    readOnly.close();
    const history = await History.open(folder, { now: () => start });
    expect(history.warning).toContain('was damaged. It is now');
    useAll(history);
    history.close();
    expect(readFileSync(`${file()}.broken-2026-01-01T00-00-00-000Z`)).toEqual(before);
  });

  test('may have what SQLite adds for ANALYZE', async () => {
    await fill(folder);
    const db = new DatabaseSync(file());
    db.exec('ANALYZE');
    db.close();
    const history = await History.open(folder);
    expect([history.rows('a', 1), history.warning]).toEqual([[row('a', start + 3)], null]);
    history.close();
  });

  test('may get a trigger while it is open: it is moved aside', async () => {
    const history = await History.open(folder, { now: () => start });
    const db = new DatabaseSync(file());
    db.exec(`CREATE TRIGGER t BEFORE INSERT ON runs BEGIN SELECT RAISE(ABORT, 'no'); END`);
    db.close();
    history.record(row('c', start));
    expect(history.warning).toContain('was damaged. It is now');
    expect(history.rows('c', 9)).toEqual([row('c', start)]);
    history.close();
  });
});

describe('notes of others', () => {
  test('are left out and counted if anything in them is wrong', async () => {
    repository(folder);
    const head = commit(folder, { 'perf-budget.jsonc': '{}' });
    const history = await History.open(folder);
    history.record({ ...row('a', start), commit: head });
    history.close();
    const options = { remote: null, now: start, signal: new AbortController().signal };
    expect((await share([{ root: folder, budgets: ['a'] }], options)).ok).toBe(true);
    const good = JSON.parse(git(folder, 'notes', '--ref', 'perf-budget', 'show', head)) as Record<string, unknown>;
    const wrong = [
      { ...good, at: 8_640_000_000_000_001 },
      { ...good, at: -1 },
      { ...good, at: 1.5 },
      { ...good, budget: 5 },
      { ...good, baseline: { name: 'x', commit: '--output=/tmp/x' } },
      { ...good, result: {} },
      { ...good, time: { value: null, low: 1, high: 1 } },
    ].map((one) => JSON.stringify(one));
    const huge = JSON.stringify({ ...good, machine: 'x'.repeat(1_000_000) });
    const infinite = JSON.stringify({ ...good, at: start + 1 }).replace('"elapsedMs":840', '"elapsedMs":1e999');
    const bad = [...wrong, huge, infinite, '['.repeat(100_000), 'null', '5'];
    const maybe = fc.sample(spoiled(good), { numRuns: 300, seed: 12 });
    const input = [...bad, ...maybe, ''].join('\n');
    execFileSync('git', ['notes', '--ref', 'perf-budget', 'append', '--file', '-', head], { cwd: folder, input });
    const shared = await share([{ root: folder, budgets: ['a'] }], options);
    expect(shared.ok && shared.value.unreadable).toBeGreaterThanOrEqual(bad.length);
    const after = await History.open(folder);
    const rows = after.rows('a', 1000);
    expect(rows.some(({ at, commit: id }) => at === start && id === head)).toBe(true);
    for (const { at } of rows) expect(new Date(at).toISOString()).toMatch(/^\d{4}-/);
    expect(after.warning).toBe(null);
    after.close();
  });
});

const mountable = ((): boolean => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const probe = temporaryFolder();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4k', 'tmpfs', probe], { stdio: 'ignore' });
    execFileSync('umount', [probe], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  } finally {
    remove(probe);
  }
})();

test.skipIf(!mountable)(
  'a full disk is said to be full, nothing is moved aside, and the history works in memory',
  async () => {
    const own = join(folder, '.perf-budget');
    mkdirSync(own);
    for (const size of ['4k', '16k', '32k', '64k']) {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', own]);
      try {
        for (let turn = 0; turn < 2; turn++) {
          const history = await History.open(folder);
          expect(history.warning).toBe(
            `${own} cannot be written (the disk is full), so the history is lost when this program ends.`,
          );
          history.record(row('a', start));
          expect(history.rows('a', 9)).toEqual([row('a', start)]);
          history.close();
          expect(readdirSync(own).filter((name) => name.includes('broken'))).toEqual([]);
        }
      } finally {
        execFileSync('umount', [own]);
      }
    }
  },
);
