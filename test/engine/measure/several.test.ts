import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { BudgetResult } from '../../../src/core/results/measurement.js';
import { silent } from '../../../src/engine/util/log.js';
import { openProject } from '../../../src/engine/project/open.js';
import { keepRecord } from '../../../src/engine/history/manual-values.js';
import type { Project } from '../../../src/engine/project/snapshot.js';
import { commit, remove, repository, temporaryFolder, write } from '../repository.js';

const workerPath = path.resolve(import.meta.dirname, '../../../dist/worker.js');

/** A loop of so many turns for each size, and three phases of a start. */
const files = {
  'src/work.ts': `export function work(turns: number): number {
  let sum = 0;
  for (let i = 0; i < turns; i++) sum += Math.sqrt(i);
  return sum;
}
`,
  'src/other.ts': `import { work } from './work.js';
export const other = (): number => work(2000);
`,
  'bench/index.bench.ts': `import { bench, describe } from 'vitest';
import { work } from '../src/work.js';
describe('index', () => {
  // Far apart, so that no machine is busy enough to make a line of a square.
  for (const n of ['500', '2,000', '8k', '32_000', '128000']) {
    const turns = Number(n.replace(/[,_]/, '').replace('k', '000'));
    bench(n, () => work(turns));
    bench('square ' + n, () => work((turns * turns) / 500));
  }
});
`,
  'bench/start.bench.ts': `import { bench, describe } from 'vitest';
import { work } from '../src/work.js';
import { other } from '../src/other.js';
describe('start', () => {
  bench('load', () => work(4000));
  bench('init', () => other());
});
`,
};

const opened: Project[] = [];
const folders: string[] = [];

afterEach(async () => {
  for (const project of opened.splice(0)) await project.dispose();
  folders.splice(0).forEach(remove);
});

function prepared(budgets: object, more: Readonly<Record<string, string>> = {}): string {
  const root = temporaryFolder();
  folders.push(root);
  repository(root);
  const config = { benchmarks: [{ files: 'bench/*.bench.ts' }], defaults: { time: '5 s' }, budgets };
  commit(root, { ...files, 'perf-budget.jsonc': JSON.stringify(config), ...more });
  return root;
}

async function open(root: string, sampled: string[] = []): Promise<Project> {
  const trace = (message: string): void => void sampled.push(message.replace('sampling ', ''));
  const options = { log: { ...silent, trace }, trusted: true, nodePath: null, workerPath };
  const project = await openProject(path.join(root, 'perf-budget.jsonc'), options);
  opened.push(project);
  return project;
}

const problems = (project: Project): string[] => project.snapshot.problems.map(({ message }) => message);

const checks = (result: BudgetResult | undefined): unknown =>
  result?.checks.map(({ check, verdict, benchmark }) => [check, verdict, benchmark]);

describe('a family', () => {
  test('is measured at every size, judged as one, and known the next time', async () => {
    const root = prepared({
      linear: { benchmark: 'index/{n}', limit: ['time <= O(n^2)', 'time <= 1 s'] },
      square: { benchmark: 'index/square {n}', limit: ['time <= O(log n)'] },
    });
    const sampled: string[] = [];
    const project = await open(root, sampled);
    expect(problems(project)).toEqual([]);
    const report = await project.run({ causes: false });
    const [linear, square] = report.budgets;
    expect([...new Set(sampled)].sort()).toEqual(
      ['128000', '2,000', '32_000', '500', '8k'].flatMap((n) => [`index/${n}`, `index/square ${n}`]).sort(),
    );
    // In turns: a machine that changes its speed meanwhile does so for all of them.
    expect([...sampled.slice(0, 5)].sort()).toEqual([...sampled.slice(5, 10)].sort());
    expect(new Set(sampled.slice(0, 5)).size).toBe(5);
    expect(checks(linear)).toEqual([
      ['time <= O(n^2)', 'pass', undefined],
      ['time <= 1 s', 'pass', 'index/128000'],
      ['time <= baseline + 10%', 'pass', expect.stringMatching(/^index\//)],
    ]);
    expect(linear).toMatchObject({ benchmark: 'index/{n}', comparison: { ratio: 1 }, cached: false });
    expect(linear).toMatchObject({ verdict: 'pass' });
    expect(checks(square)).toEqual([
      ['time <= O(log n)', 'fail', undefined],
      ['time <= baseline + 10%', 'pass', expect.stringMatching(/^index\/square/)],
    ]);
    expect(square?.verdict).toBe('fail');
    expect(square?.message).toMatch(/^time grows as .*: faster than O\(log n\)$/);

    sampled.length = 0;
    const again = await project.run({ causes: false });
    expect(again.budgets.map(({ cached, verdict }) => [cached, verdict])).toEqual([
      [true, linear?.verdict],
      [true, 'fail'],
    ]);
    expect(sampled).toEqual([]);
    // The history's time is that of the largest size.
    const [row] = await project.history('linear', 10);
    expect(row?.time?.value).toBeCloseTo((linear?.checks[1]?.measured?.value ?? 0) * 1e9, -1);
  });

  test('without a member, a pattern without one, and unknown names are problems that say what was looked for', async () => {
    const root = prepared({
      rows: { benchmark: 'rows/{n}' },
      parser: { benchmark: 'parser/*' },
      race: { benchmark: 'start/load', limit: ["time <= 'start/lod' / 2", "time <= 'hand'"] },
      total: { sum: ['start/load', 'start/nothing'] },
      hand: { manual: 's' },
    });
    const project = await open(root);
    const some =
      'The benchmarks are index/500, index/square 500, index/2,000, index/square 2,000, index/8k, index/square 8k, ….';
    const expected = [
      `No benchmark matches "rows/{n}" with a number for {n}. ${some}`,
      `No benchmark matches "parser/*". ${some}`,
      'There is no benchmark "start/lod"; did you mean "start/load"?',
      '"hand" is recorded by hand, so nothing is measured for it.',
      `There is no benchmark "start/nothing". ${some}`,
    ];
    expect(problems(project)).toEqual(expected);
    const config = readFileSync(path.join(root, 'perf-budget.jsonc'), 'utf8');
    expect(
      project.snapshot.problems.map(({ location: { start, end } }) => config.slice(start.column - 1, end.column - 1)),
    ).toEqual(['"rows/{n}"', '"parser/*"', "'start/lod'", "'hand'", '"start/nothing"']);
    const report = await project.run({ causes: false });
    expect(report.budgets.map(({ name, verdict, message }) => [name, verdict, message])).toEqual([
      ['rows', 'error', expected[0]],
      ['parser', 'error', expected[1]],
      ['race', 'error', expected[2]],
      ['total', 'error', expected[4]],
      ['hand', 'undecided', 'nothing is recorded yet; run perf-budget record "hand" <value>'],
    ]);
  });
});

describe('a pattern', () => {
  test('finds what became slower, and runs only for files that one of its members reaches', async () => {
    const root = prepared({ all: { benchmark: 'start/*', limit: ['time <= 1 s'] } });
    const sampled: string[] = [];
    const project = await open(root, sampled);
    await project.run({ causes: false });
    sampled.length = 0;
    write(root, { 'src/other.ts': files['src/other.ts'].replace('2000', '5000') });
    const report = await project.run({ causes: false, files: [path.join(root, 'src/other.ts')] });
    const [all] = report.budgets;
    // Both stand in one bench file, whose bundle has changed.
    expect(new Set(sampled)).toEqual(new Set(['start/load', 'start/init']));
    expect([all?.verdict, all?.severity, all?.checks[1]?.benchmark]).toEqual(['fail', 'critical', 'start/init']);
    expect(all?.message).toMatch(/^start\/init: \d+% slower than HEAD \(\+\d+ … \+\d+%\); the budget allows 10%$/);
    const none = await project.run({ causes: false, files: [path.join(root, 'bench/index.bench.ts')] });
    expect(none.budgets).toEqual([]);
  });

  test('of which one benchmark throws is an error that names it, and silences no other budget', async () => {
    const throwing = `import { bench } from 'vitest';
bench('start/broken', () => {
  throw new Error('boom');
});
`;
    const root = prepared(
      { all: { benchmark: 'start/*' }, load: { benchmark: 'start/load' } },
      { 'bench/a.bench.ts': throwing },
    );
    const report = await (await open(root)).run({ causes: false, fresh: true });
    expect(report.budgets.map(({ name, verdict }) => [name, verdict])).toEqual([
      ['all', 'error'],
      ['load', 'pass'],
    ]);
    expect(report.budgets[0]?.message).toMatch(/^start\/broken: .*boom/);
  });

  test('is an error where a bench file that has one of its members does not load', async () => {
    const broken = `import { bench } from 'vitest';\nbench('start/more', () => {});\nthrow new Error('no data');\n`;
    const root = prepared({ all: { benchmark: 'start/*' } }, { 'bench/a.bench.ts': broken });
    const report = await (await open(root)).run({ causes: false });
    expect(report.budgets).toMatchObject([{ verdict: 'error', message: expect.stringContaining('no data') as string }]);
  });
});

describe('a reference', () => {
  test('holds a benchmark against another, which no other budget is about, and against a budget', async () => {
    const root = prepared({
      small: { benchmark: 'index/500', limit: ["time <= 'index/8k' / 4"] },
      large: { benchmark: 'index/8k', limit: ["time <= 'small' * 4"] },
    });
    const sampled: string[] = [];
    const report = await (await open(root, sampled)).run({ causes: false });
    expect(report.budgets.map(({ name, verdict }) => [name, verdict])).toEqual([
      ['small', 'pass'],
      ['large', 'fail'],
    ]);
    expect(report.budgets[1]?.message).toMatch(/^time is .* µs; the limit is .* µs \(time <= 'small' \* 4\)$/);
    expect(new Set(sampled)).toEqual(new Set(['index/500', 'index/8k']));
  });
});

describe('a sum', () => {
  test('adds up benchmarks and budgets, and finds the phase that became slower', async () => {
    const root = prepared({
      load: { benchmark: 'start/load' },
      start: { sum: ['load', 'start/init'], limit: ['time <= 1 s', 'time <= baseline + 20%'] },
    });
    write(root, { 'src/other.ts': files['src/other.ts'].replace('2000', '40_000') });
    const report = await (await open(root)).run({ causes: false });
    const [load, start] = report.budgets;
    expect(load?.verdict).toBe('pass');
    // 4,000 and 2,000 turns became 4,000 and 40,000: 7.3 times the time.
    expect(start?.comparison?.ratio).toBeGreaterThan(5.5);
    expect(start?.comparison?.ratio).toBeLessThan(9.5);
    expect(start).toMatchObject({ benchmark: 'load + start/init', verdict: 'fail', severity: 'critical' });
    const [first, second] = start?.parts ?? [];
    expect([first?.name, second?.name, first?.unit]).toEqual(['start/load', 'start/init', second?.unit]);
    expect((first?.value ?? 0) + (second?.value ?? 0)).toBeCloseTo(
      (start?.checks[0]?.measured?.value ?? 0) * (first?.unit === start?.checks[0]?.measured?.unit ? 1 : NaN),
    );
  });
});

describe('a figure recorded by hand', () => {
  test('is judged when its file changes, and nothing runs', async () => {
    const root = prepared({ battery: { manual: '%/h', limit: ['value < 1 %/h'] } });
    const sampled: string[] = [];
    const project = await open(root, sampled);
    expect(project.snapshot.budgets[0]?.state).toMatchObject({
      kind: 'known',
      known: { result: { verdict: 'undecided' } },
    });
    expect(await keepRecord(root, 'battery', { value: '1.5 %/h', at: '2026-11-21', by: 'Ada' })).toEqual({
      ok: true,
      value: null,
    });
    const report = await project.run({ causes: false, files: [path.join(root, 'perf-budget.values.json')] });
    expect(report.budgets).toMatchObject([{ verdict: 'fail' }]);
    expect(report.budgets[0]?.message).toMatch(/^value is 1\.5%\/h; the limit is 1%\/h · recorded 2026-11-21 by Ada/);
    await keepRecord(root, 'battery', { value: '0.5', at: '2026-11-21' });
    project.filesChanged([path.join(root, 'perf-budget.values.json')]);
    await new Promise<void>((resolve) => {
      const isPassing = (): boolean => {
        const state = project.snapshot.budgets[0]?.state;
        return state?.kind === 'known' && state.known.result.verdict === 'pass';
      };
      project.onDidChange(() => isPassing() && resolve());
      if (isPassing()) resolve();
    });
    expect(sampled).toEqual([]);
    const rows = await project.history('battery', 10);
    expect(rows.map(({ result }) => result.verdict)).toEqual(['pass', 'fail', 'undecided']);
  });

  test('in a file that cannot be read is an error that says so', async () => {
    const root = prepared({ battery: { manual: '%/h', limit: ['value < 1 %/h'] } });
    write(root, { 'perf-budget.values.json': '{\n<<<<<<< HEAD\n' });
    const report = await (await open(root)).run({ causes: false });
    expect(report.budgets).toMatchObject([
      {
        verdict: 'error',
        message: 'perf-budget.values.json has a merge conflict: keep one line per budget.',
      },
    ]);
  });
});
