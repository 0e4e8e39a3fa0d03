import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, closeSync, existsSync, openSync, readdirSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { buildSync } from 'esbuild';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  unknownMachine,
  type BudgetResult,
  type Measurement,
  type Verdict,
} from '../../../src/core/results/measurement.js';
import { History, type HistoryOptions, type KeptRow } from '../../../src/engine/history/history.js';
import { fillHistory } from '../../bench/history.js';
import { git, remove, repository, temporaryFolder, write } from '../repository.js';

let folder: string;
const opened: History[] = [];

beforeEach(() => {
  folder = temporaryFolder();
});

afterEach(() => {
  for (const each of opened.splice(0)) each.close();
  remove(folder);
});

async function open(options?: HistoryOptions): Promise<History> {
  const history = await History.open(folder, options);
  opened.push(history);
  return history;
}

const day = 24 * 60 * 60 * 1000;
const start = Date.UTC(2026, 0, 1);
const file = (): string => join(folder, '.perf-budget', 'history.db');

function result(name: string, verdict: Verdict = 'pass'): BudgetResult {
  return {
    name,
    benchmark: 'tokenizer/größe',
    verdict,
    severity: verdict === 'fail' ? 'high' : null,
    cached: false,
    elapsedMs: 840,
    samples: 96,
    comparison: { ratio: 1.162, low: 1.148, high: 1.177 },
    checks: [
      {
        check: 'p95 <= 10 us',
        level: 'limit',
        verdict: 'pass',
        measured: { value: 8.1, low: 8, high: 8.3, unit: 'us' },
        bound: { value: 10, unit: 'us' },
        used: 0.81,
        note: null,
      },
    ],
    message: '16% slower than HEAD (+14.8 … +17.7%); the budget allows 10%',
  };
}

function row(name: string, at: number, more: Partial<KeptRow> = {}): KeptRow {
  return {
    at,
    key: `key ${at}`,
    commit: null,
    dirty: false,
    machine: 'this one',
    baseline: null,
    result: result(name),
    time: { value: 8100.5, low: 8000, high: 8300 },
    ...more,
  };
}

const measurement: Measurement = {
  benchmark: 'tokenizer/größe',
  current: { metrics: { time: { value: 8100, low: 8000, high: 8300, samples: 96 } } },
  baseline: null,
  comparison: null,
  samples: 96,
  elapsedMs: 840,
  note: 'the benchmark is new: HEAD does not have it',
};

const machine = { ...unknownMachine, cpu: 'Größe 9000', cores: 2, os: 'linux', node: 'v24.0.0' };
const baseline = (name: string, at: number, commit: string | null = null) => ({
  ...{ name, commit, reason: 'why', at, machine },
  results: [result('a'), result('b', 'fail')],
});

/** The same words for the file and for its stand-in. */
describe.each(['file', 'memory'])('history in %s', (kind) => {
  const make = async (options?: HistoryOptions): Promise<History> => {
    if (kind === 'memory') write(folder, { '.perf-budget': 'a file where the folder should be' });
    return open(options);
  };

  test('what others measured is no last known verdict', async () => {
    const history = await make();
    const own = row('a', start);
    const others = [
      row('a', start + 1, { key: 'shared:1', machine: 'another' }),
      row('a', start + 2, { key: 'import:1', machine: 'import:go' }),
    ];
    for (const each of [own, ...others, row('b', start, { key: 'import:2' })]) history.record(each);
    expect(history.rows('a', 60)).toEqual([others[1], others[0], own]);
    expect(history.ownRows('a', 60)).toEqual([own]);
    expect(history.ownRows('a', 0)).toEqual([]);
    expect([...history.latest()]).toEqual([['a', own]]);
  });

  test('gives back what was recorded, newest first', async () => {
    const history = await make();
    const rows = [
      row('a', start, { commit: 'c0ffee', dirty: true, machine: null, baseline: { name: 'HEAD', commit: 'beef' } }),
      row('a', start + 2, { time: null, result: result('a', 'error') }),
      row('a', start + 1),
      row('a', start + 1, { key: 'later' }),
      row('b', start - 1, { baseline: { name: 'v1', commit: null } }),
    ];
    for (const each of rows) history.record(each);
    expect(history.rows('a', 60)).toEqual([rows[1], rows[3], rows[2], rows[0]]);
    expect(history.rows('a', 2)).toEqual([rows[1], rows[3]]);
    expect(history.rows('a', 0)).toEqual([]);
    expect(history.rows('none', 60)).toEqual([]);
    expect([...history.latest()].toSorted()).toEqual([
      ['a', rows[1]],
      ['b', rows[4]],
    ]);
  });

  test('keeps measurements and names by their key', async () => {
    const history = await make();
    expect(history.measurement('k')).toBe(null);
    expect(history.benchNames('k')).toBe(null);
    history.keepMeasurement('k', { ...measurement, note: null }, start);
    history.keepMeasurement('k', measurement, start);
    history.keepBenchNames('k', ['a/b', 'größe'], start);
    expect(history.measurement('k')).toEqual({ ...measurement, at: start });
    expect(history.benchNames('k')).toEqual(['a/b', 'größe']);
    expect(history.measurement('other')).toBe(null);
  });

  test('keeps baselines, the last one captured being the current one', async () => {
    const history = await make();
    expect(history.baselines()).toEqual([]);
    expect(history.baselines()).toEqual([]);
    history.captureBaseline(baseline('v1', start));
    history.captureBaseline(baseline('v2', start + 1, 'c0ffee'));
    const v2 = { ...baseline('v2', start + 1, 'c0ffee'), current: true };
    expect(history.baselines()).toEqual([v2, { ...baseline('v1', start), current: false }]);
    expect(history.baselines().filter(({ current }) => current)).toEqual([v2]);
    history.captureBaseline(baseline('v1', start + 2, 'beef'));
    const v1 = { ...baseline('v1', start + 2, 'beef'), current: true };
    expect(history.baselines()).toEqual([v1, { ...v2, current: false }]);
    expect(history.baselines().filter(({ current }) => current)).toEqual([v1]);
  });

  test('keeps bundles with their baseline', async () => {
    const history = await make();
    const bundle = { code: `// größe\n${'export const x = 1;\n'.repeat(10_000)}`, hash: 'a1', used: 'b2' };
    const empty = { code: '', hash: '' };
    history.keepBundle('v1', 'bench/a.bench.ts', bundle);
    history.keepBundle('v1', 'bench/empty.bench.ts', empty);
    history.captureBaseline(baseline('v1', start));
    history.captureBaseline(baseline('v2', start));
    expect(history.bundle('v1', 'bench/a.bench.ts')).toEqual(bundle);
    expect(history.bundle('v1', 'bench/empty.bench.ts')).toEqual(empty);
    expect(history.bundle('v2', 'bench/a.bench.ts')).toBe(null);
  });

  test('adds up what each machine saw of a benchmark on a day, and forgets it after seventy', async () => {
    const history = await make();
    const seen = (benchmark: string, day: number, kind: 'compared' | 'same' = 'compared') => ({
      ...{ benchmark, day, kind, runs: 1 },
      ...{ total: -0.25, squares: 0.5, df: 3 },
    });
    expect(history.noise('here')).toEqual([]);
    history.addNoise('here', seen('größe', 10));
    history.addNoise('here', seen('größe', 10));
    history.addNoise('here', seen('größe', 10, 'same'));
    history.addNoise('here', seen('größe', 11));
    history.addNoise('here', seen('b', 10));
    history.addNoise('there', seen('größe', 10));
    const twice = { ...seen('größe', 10), runs: 2, total: -0.5, squares: 1, df: 6 };
    const rows = [twice, seen('größe', 10, 'same'), seen('größe', 11), seen('b', 10)];
    const sorted = (all: readonly object[]): readonly string[] => all.map((one) => JSON.stringify(one)).toSorted();
    expect(sorted(history.noise('here'))).toEqual(sorted(rows));
    expect(history.noise('there')).toEqual([seen('größe', 10)]);
    history.addNoise('here', seen('b', 81));
    expect(sorted(history.noise('here'))).toEqual(sorted([seen('größe', 11), seen('b', 81)]));
  });

  test('forgets the old and the too many', async () => {
    const history = await make({ retention: { maxAgeDays: 10, maxRowsPerBudget: 5, maxCached: 2 } });
    for (let index = 0; index < 8; index++) history.record(row('many', start + index));
    for (let index = 0; index < 4; index++) history.record(row('old', start - 12 * day + index * day));
    for (let index = 0; index < 4; index++) history.keepBenchNames(`${index}`, [], start + index);
    history.keepBenchNames('ancient', [], start - 20 * day);
    history.prune(start);
    expect(history.rows('many', 60).map(({ at }) => at - start)).toEqual([7, 6, 5, 4, 3]);
    expect(history.rows('old', 60).map(({ at }) => (at - start) / day)).toEqual([-9, -10]);
    history.prune(start + 2 * day);
    expect([...history.latest().keys()]).toEqual(['many']);
    expect(['0', '1', '2', '3', 'ancient'].map((key) => history.benchNames(key))).toEqual([null, null, [], [], null]);
  });

  test('does not grow without end by recording alone', async () => {
    const history = await make({ retention: { maxRowsPerBudget: 100, maxCached: 100 } });
    for (let index = 0; index < 1000; index++) {
      history.record(row('a', start + index));
      history.keepBenchNames(`${index}`, [], start + index);
    }
    const kept = history.rows('a', 1000);
    expect(kept.length).toBeGreaterThanOrEqual(100);
    expect(kept.length).toBeLessThan(300);
    expect(kept[0]?.at).toBe(start + 999);
    const cached = Array.from({ length: 1000 }, (_, index) => history.benchNames(`${index}`)).filter(Boolean);
    expect(cached.length).toBeGreaterThanOrEqual(100);
    expect(cached.length).toBeLessThan(300);
  });

  test('is silent after it was closed', async () => {
    const history = await make();
    history.record(row('a', start));
    history.close();
    history.close();
    history.record(row('a', start));
    expect(history.rows('a', 60)).toEqual([]);
    expect(history.latest()).toEqual(new Map());
  });
});

describe('the file', () => {
  test('is there again for the next one, and ignores itself in git', async () => {
    repository(folder);
    const first = await open();
    expect(first.warning).toBe(null);
    first.record(row('a', start));
    first.close();
    expect((await open()).rows('a', 60)).toEqual([row('a', start)]);
    expect(git(folder, 'status', '--porcelain', '--untracked-files=all')).toBe('');
  });

  test('is written by several processes at once, and nothing is lost', async () => {
    const script = bundled(`
      import { History } from '@/history/history.ts';
      const [folder, budget] = process.argv.slice(2);
      const history = await History.open(folder);
      for (let at = 1; at <= 200; at++) {
        history.record({ ...${JSON.stringify(row('', 0))}, at, result: { ...${JSON.stringify(result(''))}, name: budget } });
        history.keepBenchNames('shared', [budget], at);
        history.rows('p0', 60);
      }
      console.log(JSON.stringify(history.warning));
      history.close();`);
    const processes = ['p0', 'p1', 'p2', 'p3'].map((budget) => run(script, folder, budget));
    expect(await Promise.all(processes)).toEqual(processes.map(() => ({ stdout: 'null\n', stderr: '', status: 0 })));
    const history = await open();
    const counts = [...history.latest().keys()].map((budget) => [budget, history.rows(budget, 1000).length]);
    expect(counts).toEqual(['p0', 'p1', 'p2', 'p3'].map((budget) => [budget, 200]));
  });

  test('is moved aside once when it is no database, however many find it so', async () => {
    write(folder, { '.perf-budget/history.db': 'this is no database\n'.repeat(1000) });
    const script = bundled(`
      import { History } from '@/history/history.ts';
      const [folder, budget] = process.argv.slice(2);
      const history = await History.open(folder, { now: () => 0 });
      history.record({ ...${JSON.stringify(row('', 0))}, at: 1, result: { ...${JSON.stringify(result(''))}, name: budget } });
      console.log(JSON.stringify(history.warning));
      history.close();`);
    const outcomes = await Promise.all(['p0', 'p1', 'p2', 'p3'].map((budget) => run(script, folder, budget)));
    const aside = `${file()}.broken-1970-01-01T00-00-00-000Z`;
    expect(outcomes.map(({ stdout }) => JSON.parse(stdout) as unknown).filter(Boolean)).toEqual([
      `${file()} was damaged. It is now ${aside}, and a new history was started.`,
    ]);
    expect(readFileSync(aside, 'utf8')).toBe('this is no database\n'.repeat(1000));
    expect([...(await open()).latest().keys()]).toEqual(['p0', 'p1', 'p2', 'p3']);
  });

  test('of the first version is brought up to date, and shown where it may only be read', async () => {
    write(folder, { '.perf-budget/x': '' });
    const db = new DatabaseSync(file());
    db.exec(readFileSync(join(import.meta.dirname, 'history-1.sql'), 'utf8'));
    db.close();
    const captured = { name: 'v1', commit: null, reason: 'why', at: start, current: true, results: [] };
    const machineThen = { cpu: 'old', cores: 1, os: 'linux', node: 'v22.13.0' };
    const shown = async (options: HistoryOptions) => {
      const history = await open(options);
      const found = [
        history.rows('a', 9).map(({ key, machine }) => [key, machine]),
        history.baselines(),
        history.warning,
      ];
      history.close();
      return found;
    };
    const expected = [[['key 1', null]], [{ ...captured, machine: { ...unknownMachine, ...machineThen } }], null];
    expect(await shown({ readOnly: true })).toEqual(expected);
    expect(await shown({})).toEqual(expected);
    const history = await open();
    history.record(row('b', start + 1));
    expect(history.rows('b', 9)).toEqual([row('b', start + 1)]);
  });

  test('is moved aside when its tables are somebody else’s', async () => {
    write(folder, { '.perf-budget/x': '' });
    const db = new DatabaseSync(file());
    db.exec('CREATE TABLE runs (something TEXT); PRAGMA user_version = 1');
    db.close();
    const history = await open({ now: () => start });
    expect(history.warning).toBe(
      `${file()} was damaged. It is now ${file()}.broken-2026-01-01T00-00-00-000Z, and a new history was started.`,
    );
    history.record(row('a', start));
    expect(history.rows('a', 1)).toEqual([row('a', start)]);
  });

  test('is moved aside when damage inside it is met later', async () => {
    const first = await open();
    for (let at = 0; at < 2000; at++) first.record(row('a', at));
    first.close();
    const handle = openSync(file(), 'r+');
    for (let page = 8; page < 300; page++) writeSync(handle, Buffer.alloc(3000, 0xa5), 0, 3000, page * 4096);
    closeSync(handle);
    const history = await open({ now: () => start });
    expect(history.warning).toBe(null);
    expect(history.rows('a', 3000)).toEqual([]);
    expect(history.warning).toBe(
      `${file()} was damaged. It is now ${file()}.broken-2026-01-01T00-00-00-000Z, and a new history was started.`,
    );
    history.record(row('a', start));
    expect(history.rows('a', 60)).toEqual([row('a', start)]);
    const other = await open();
    expect(other.rows('a', 60)).toEqual([row('a', start)]);
  });

  test.skipIf(process.platform === 'win32')('is started again when it is deleted while it is open', async () => {
    repository(folder);
    const history = await open();
    history.record(row('a', start));
    git(folder, 'clean', '-xdff', '--quiet');
    expect(existsSync(file())).toBe(false);
    history.record(row('a', start + 1));
    expect(history.rows('a', 60)).toEqual([row('a', start + 1)]);
    expect(history.warning).toBe(null);
    expect((await open()).rows('a', 60)).toEqual([row('a', start + 1)]);
  });

  test('is left alone when a newer version wrote it', async () => {
    (await open()).close();
    const db = new DatabaseSync(file());
    db.exec('PRAGMA user_version = 99');
    db.close();
    const history = await open();
    expect(history.warning).toBe(
      `${file()} was written by a newer version of Perf Budget. Update this one; until then, the history is lost when this program ends.`,
    );
    history.record(row('a', start));
    expect(history.rows('a', 60)).toEqual([row('a', start)]);
    expect(readdirSync(join(folder, '.perf-budget')).filter((name) => name.includes('broken'))).toEqual([]);
  });

  test('says that another program locks it, and goes on', async () => {
    const history = await open();
    history.record(row('a', start));
    const other = new DatabaseSync(file());
    other.exec('BEGIN IMMEDIATE');
    history.record(row('a', start + 1));
    expect(history.warning).toBe(`${file()} is locked by another program, so the latest result was not saved.`);
    expect(history.rows('a', 60)).toEqual([row('a', start)]);
    other.exec('ROLLBACK');
    other.close();
    history.record(row('a', start + 2));
    expect(history.rows('a', 60)).toEqual([row('a', start + 2), row('a', start)]);
  });

  test('has its own runs behind many of others where it may only be read', async () => {
    const first = await open();
    const own = row('a', start);
    first.record(own);
    for (let at = 1; at <= 150; at++) first.record(row('a', start + at, { key: `shared:${at}` }));
    first.close();
    const history = await open({ readOnly: true });
    expect(history.latest().get('a')).toEqual(own);
    expect(history.ownRows('a', 60)).toEqual([own]);
    expect(history.rows('a', 1000).map(({ at }) => at - start)).toEqual(
      Array.from({ length: 151 }, (_, at) => 150 - at),
    );
  });

  test('knows a budget by a name with half of a surrogate pair, which no database can hold', async () => {
    const odd = row('s\ud800', start);
    const first = await open();
    first.record(odd);
    first.close();
    for (const options of [{ readOnly: true }, {}]) {
      const history = await open(options);
      expect(history.rows('s\ud800', 9)).toEqual([odd]);
      expect([...history.latestKeys()]).toEqual([['s\ud800', odd.key]]);
      history.record(row('s\ud800', start + 1));
      expect(history.rows('s\ud800', 1)).toEqual([row('s\ud800', start + 1)]);
      history.prune(start + 2 + 366 * 24 * 3_600_000);
      expect([history.rows('s\ud800', 9), history.warning]).toEqual([[], null]);
      history.close();
    }
  });

  test('has runs of which an older version did not check the commit', async () => {
    const history = await open();
    for (const [at, commit] of ['main', 'C0FFEE', 'c0ffee', '--output=x', ''].entries())
      history.record(row('a', start + at, { commit }));
    expect(history.rows('a', 9).map(({ commit }) => commit)).toEqual([null, null, 'c0ffee', null, null]);
    expect(history.warning).toBe(null);
  });

  test('is not touched where it may only be read', async () => {
    expect((await open({ readOnly: true })).latest()).toEqual(new Map());
    expect(existsSync(join(folder, '.perf-budget'))).toBe(false);
    const first = await open();
    first.record(row('a', start));
    first.captureBaseline(baseline('v1', start));
    const beside = await open({ readOnly: true });
    expect(beside.rows('a', 60)).toEqual([row('a', start)]);
    first.close();
    const before = readdirSync(join(folder, '.perf-budget'));
    const after = await open({ readOnly: true });
    after.record(row('a', start + 1));
    expect(after.rows('a', 60)).toEqual([row('a', start + 1), row('a', start)]);
    expect(after.baselines().filter(({ current }) => current)).toEqual([{ ...baseline('v1', start), current: true }]);
    expect(after.warning).toBe(null);
    expect(readdirSync(join(folder, '.perf-budget'))).toEqual(before);
    expect((await open()).rows('a', 60)).toEqual([row('a', start)]);
  });

  test('shows all of a long history where it may only be read', async () => {
    await fillHistory(folder, 500, 2);
    const history = await open({ readOnly: true });
    expect(history.rows('budget 1', 1000).map(({ key }) => key)).toEqual(
      Array.from({ length: 250 }, (_, index) => `key ${499 - 2 * index}`),
    );
    expect(history.rows('budget 1', 150)).toHaveLength(150);
    const newest = row('budget 1', Date.UTC(2030, 0, 1));
    history.record(newest);
    expect(history.rows('budget 1', 1000)).toHaveLength(251);
    expect(history.rows('budget 1', 200)[0]).toEqual(newest);
    expect(history.rows('budget 1', 0)).toEqual([]);
  });

  test('is answered from an index, also in a long history', async () => {
    await fillHistory(folder, 20_000, 7);
    const history = await open();
    expect(history.latest().size).toBe(7);
    expect(history.rows('budget 3', 60).map(({ key }) => key)).toEqual(
      Array.from({ length: 60 }, (_, index) => `key ${19_995 - 7 * index}`),
    );
    expect(history.rows('budget 3', 1)[0]?.result.name).toBe('budget 3');
  });
});

describe('where nothing can be kept', () => {
  const record = `
    import { History } from '@/history/history.ts';
    const [folder, user] = process.argv.slice(2);
    if (user !== undefined) process.setuid(Number(user));
    const history = await History.open(folder);
    history.record(${JSON.stringify(row('a', start + 1))});
    console.log(JSON.stringify([history.warning, history.rows('a', 60).map(({ at }) => at)]));
    history.close();`;

  test.skipIf(process.platform === 'win32')('the folder is read-only: it says so and shows what is there', async () => {
    const first = await open();
    first.record(row('a', start));
    first.close();
    const script = bundled(record);
    chmodSync(join(folder, '.perf-budget'), 0o555);
    chmodSync(folder, 0o555);
    // The permissions do not bind root.
    const user = process.getuid?.() === 0 ? ['65534'] : [];
    const outcome = await run(script, folder, ...user);
    chmodSync(folder, 0o755);
    chmodSync(join(folder, '.perf-budget'), 0o755);
    expect({ ...outcome, stdout: JSON.parse(outcome.stdout) as unknown }).toEqual({
      stdout: [
        `${folder}/.perf-budget cannot be written (EACCES: permission denied, access '${folder}/.perf-budget'), so the history is lost when this program ends.`,
        [start + 1, start],
      ],
      stderr: '',
      status: 0,
    });
  });

  test('Node has no SQLite: it says which Node has it', async () => {
    const outcome = await run(bundled(record), '--no-experimental-sqlite', folder);
    expect({ ...outcome, stdout: JSON.parse(outcome.stdout) as unknown }).toEqual({
      stdout: [
        `Node ${process.version} has no node:sqlite, so the history is lost when this program ends. Node 22.13 or newer keeps it.`,
        [start + 1],
      ],
      stderr: '',
      status: 0,
    });
  });

  test.skipIf(process.platform === 'win32')('the disk says no in the middle: it goes on in memory', async () => {
    const history = await open();
    history.record(row('a', start));
    renameSync(join(folder, '.perf-budget'), join(folder, 'moved'));
    write(folder, { '.perf-budget': 'a file where the folder should be' });
    history.record(row('a', start + 1));
    expect(history.rows('a', 60)).toEqual([row('a', start + 1)]);
    expect(history.warning).toBe(
      `${folder}/.perf-budget cannot be written (EEXIST: file already exists, mkdir '${folder}/.perf-budget'), so the history is lost when this program ends.`,
    );
  });
});

test('another experimental warning of Node is still printed', () => {
  const script = bundled(`
    import { History } from '@/history/history.ts';
    (await History.open(process.argv[2])).close();
    process.emitWarning('mind the gap', 'ExperimentalWarning');`);
  const { stderr } = spawnSync(process.execPath, [script, folder], { encoding: 'utf8' });
  expect(stderr.replace(/^\(node:\d+\)/, '(node)').split('\n')[0]).toBe('(node) ExperimentalWarning: mind the gap');
});

/** A script of one's own process; `@/` is src/engine. Lies where any user may read it. */
function bundled(script: string): string {
  const { outputFiles } = buildSync({
    stdin: {
      contents: script.replace('@/', `${import.meta.dirname}/../../../src/engine/`),
      resolveDir: import.meta.dirname,
    },
    bundle: true,
    alias: { '@vscode/l10n': '@vscode/l10n/dist/browser.js' },
    platform: 'node',
    format: 'esm',
    write: false,
  });
  write(folder, { 'script.mjs': outputFiles[0]?.text ?? '' });
  chmodSync(folder, 0o755);
  return join(folder, 'script.mjs');
}

function run(script: string, ...args: string[]): Promise<{ stdout: string; stderr: string; status: number | null }> {
  const flags = args.filter((arg) => arg.startsWith('--'));
  const child = spawn(process.execPath, [...flags, script, ...args.filter((arg) => !flags.includes(arg))]);
  const outcome = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (outcome.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (outcome.stderr += chunk.toString()));
  return new Promise((resolve) => child.on('close', (status) => resolve({ ...outcome, status })));
}
