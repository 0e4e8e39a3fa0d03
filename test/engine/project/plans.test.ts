import { cpSync, existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Budget, Check, Config } from '../../../src/core/language/budget.js';
import { metricDimension, metricKey } from '../../../src/core/language/metric.js';
import { freeUnit } from '../../../src/core/language/quantity.js';
import type { BudgetResult, CheckResult, Report } from '../../../src/core/results/measurement.js';
import { silent } from '../../../src/engine/util/log.js';
import { openProject } from '../../../src/engine/project/open.js';
import type { Project } from '../../../src/engine/project/snapshot.js';
import { commit, remove, repository, temporaryFolder } from '../repository.js';

const workerPath = path.resolve(import.meta.dirname, '../../../dist/worker.js');
const packages = path.resolve(import.meta.dirname, '../../../node_modules');
const fixtures = path.resolve(import.meta.dirname, '../../fixtures/plans');
const readme = readFileSync(path.join(fixtures, 'README.md'), 'utf8');

const plans = readdirSync(fixtures).filter((plan) => existsSync(path.join(fixtures, plan, 'perf-budget.jsonc')));

/**
 * How many budgets a plan has, and checks of theirs. All plans are read at every run; `npm run test:plans` runs all of them. At every
 * run it is these two, which take a tenth of the time and have 11 of 16 metrics between them, families, sums, references,
 * growth, iterations at once, a library in C, and figures recorded by hand; the other metrics are in `test/engine/measure`.
 */
const sizes: Readonly<Record<string, { readonly budgets: number; readonly checks: number; readonly always?: true }>> = {
  erlmcp: { budgets: 91, checks: 259 },
  ether: { budgets: 13, checks: 35, always: true },
  peervault: { budgets: 48, checks: 94 },
  sessions: { budgets: 17, checks: 40, always: true },
  'test-runner': { budgets: 110, checks: 263 },
};
const isAll = process.env['PLANS'] === 'all';

/** What is counted, and is the same in every run. */
const counted: Readonly<Record<string, number>> = {
  'Extreme Filesystem Edges (Stability Test): crashes': 0,
  'Extreme Filesystem Edges (Stability Test): errors': 0,
  'Memory Stability: registered': 0,
  'Message Storage: maximum limits: messages': 1000,
  'Message Storage: maximum limits: reasoning steps': 100,
  'Message Storage: maximum limits: tool calls': 500,
  'Socket & Diff Overhead: bytes on the wire': 34,
  'Stability under pressure (100 parallel scans): crashes': 0,
  'Stability under pressure (100 parallel scans): errors': 0,
  'Streaming Message Buffering: streaming buffer': 0,
};

/** What no machine leaves, in nanoseconds, a second, bytes, or as a power: a fifth to a twentieth of what one of 2025 shows, and as much more. */
const plausible: Readonly<Record<string, readonly [low: number, high: number]>> = {
  'Database Indexing Latency: time': [50e3, 5e9],
  'E2E Interaction Latency (Click-to-Render): time': [3e3, 1e9],
  'E2E Interaction Latency (Click-to-Render): throughput': [1, 330e3],
  'Extreme Filesystem Edges (Stability Test): rss': [30e6, 500e6],
  'HMAC signature computation: time': [100, 2e6],
  'Honest Race: recursive file scan performance: time': [10e3, 1e9],
  'JSON encoding is O(n) in message count: growth': [0.3, 1.7],
  'JSON decoding is O(n) in message count: growth': [0.3, 1.7],
  'LSP & AST Throughput: throughput': [150, 20e6],
  'Load/Resume: phases: time': [10e3, 1e9],
  'Memory Stability: retained': [-1e6, 1e6],
  'Message Storage: maximum limits: time': [10e3, 1e9],
  'NIF overhead: context creation: time': [1, 100e3],
  'NIF overhead: non-I/O call: time': [0.5, 20e3],
  'Registry Lookups: O(1): growth': [-1, 1],
  'Save Operation: phases: time': [10e3, 2e9],
  'Session Switching: phases: time': [1e3, 200e6],
  'Stability under pressure (100 parallel scans): time': [1e3, 1e9],
};

/** Milliseconds a benchmark: whether all of them run is the question here, not how fast they are. */
const timeMs = 50;
/** One that asks for more than this has iterations of seconds, and needs what it asks for. */
const longMs = 6000;
/**
 * So does one that checks what is retained: three collections of a busy machine are longer than 50 ms. And one that checks growth:
 * one size that is disturbed bends the curve.
 */
const needsItsTime = ({ run, checks }: Budget): boolean =>
  run.timeMs > longMs || checks.some(({ metric, bound }) => metric.kind === 'retained' || bound.kind === 'growth');

describe.each(plans)('the plan %s', (plan) => {
  const isRun = isAll || sizes[plan]?.always === true;
  let root: string;
  let project: Project;
  let config: Config;
  let report: Report | null = null;

  beforeAll(async () => {
    // A copy, whose history is nobody's, and whose old code is the same code.
    root = repository(temporaryFolder());
    const isOurs = (file: string): boolean => path.basename(file) !== '.perf-budget';
    cpSync(path.join(fixtures, plan), root, { recursive: true, filter: isOurs });
    symlinkSync(packages, path.join(root, 'node_modules'), 'junction');
    commit(root, { '.gitignore': 'node_modules\n.perf-budget\n' });
    const options = { log: silent, trusted: true, nodePath: null, workerPath };
    project = await openProject(path.join(root, 'perf-budget.jsonc'), options);
    config = project.snapshot.config ?? expect.fail('no configuration');
    if (!isRun) return;
    const budgets = config.budgets.map((budget) => ({ name: budget.name, isLong: needsItsTime(budget) }));
    const named = (long: boolean): string[] => budgets.flatMap(({ name, isLong }) => (isLong === long ? [name] : []));
    const short = await project.run({ causes: false, budgets: named(false), timeMs, fresh: true });
    const long = await project.run({ causes: false, budgets: named(true), fresh: true });
    const both = new Map([...short.budgets, ...long.budgets].map((one) => [one.name, one]));
    report = { ...long, budgets: budgets.flatMap(({ name }) => both.get(name) ?? []) };
  }, 180_000);

  afterAll(async () => {
    await project.dispose();
    remove(root);
  });

  test('has budgets without a problem, whose benchmarks and functions are all there', () => {
    expect(project.snapshot.problems).toEqual([]);
    const { budgets } = project.snapshot;
    const checks = budgets.reduce((sum, { budget }) => sum + budget.checks.length, 0);
    expect({ budgets: budgets.length, checks }).toEqual({ budgets: sizes[plan]?.budgets, checks: sizes[plan]?.checks });
    const lost = budgets.filter(({ budget, code }) => budget.code !== null && code === null);
    expect(lost.map(({ budget }) => budget.name)).toEqual([]);
  });

  test('is mapped line by line: the table names each of its budgets', () => {
    expect(config.budgets.filter(({ name }) => !readme.includes(`\`${name}\``)).map(({ name }) => name)).toEqual([]);
  });

  describe.runIf(isRun)('runs', () => {
    const results = (): readonly (readonly [Budget, BudgetResult])[] =>
      config.budgets.map((budget, index) => [budget, report?.budgets[index] ?? expect.fail(`no ${budget.name}`)]);

    test('every benchmark of it, without an error', () => {
      expect(report?.problems).toEqual([]);
      expect(report?.budgets.map(({ name }) => name)).toEqual(config.budgets.map(({ name }) => name));
      const errors = results().filter(([, { verdict }]) => verdict === 'error');
      expect(errors.map(([, { name, message }]) => `${name}: ${message}`)).toEqual([]);
      const measured = results().map(([, { name, checks }]) => [name, checks.some((check) => check.measured !== null)]);
      expect(measured).toEqual(results().map(([{ name, subject }]) => [name, subject.kind !== 'manual']));
    });

    test('every check of it, in its unit, held against its bound', () => {
      for (const [budget, { name, checks }] of results()) {
        expect([name, checks.map(({ check, level }) => [check, level])]).toEqual([
          name,
          budget.checks.map(({ text, level }) => [text, level]),
        ]);
        checks.forEach((check, index) =>
          expect([name, check.check, ...wrong(budget.checks[index], check, budget.tolerance)]).toEqual([
            name,
            check.check,
          ]),
        );
      }
    });

    test('the same code is as fast as itself, and a sum is what its parts are', () => {
      for (const [{ subject }, { name, comparison, parts, checks }] of results()) {
        const same = subject.kind === 'manual' ? null : { ratio: 1, low: 1, high: 1 };
        expect([name, comparison]).toEqual([name, same]);
        const time = checks.find(
          ({ check, measured }) => check.startsWith('time ') && measured?.unit === parts?.[0]?.unit,
        );
        const sum = parts?.reduce((total, { value }) => total + value, 0);
        if (sum !== undefined && time?.measured)
          expect([name, time.measured.value / sum]).toEqual([name, expect.closeTo(1, 6)]);
      }
    });

    test('counts what is there, and shows no figure that no machine has', () => {
      const found = new Map<string, number>();
      for (const [budget, { name, checks }] of results()) {
        checks.forEach(({ measured }, index) => {
          const check = budget.checks[index];
          if (check === undefined || measured === null) return;
          const what = check.bound.kind === 'growth' ? 'growth' : metricKey(check.metric);
          found.set(`${name}: ${what}`, measured.value * freeUnit(measured.unit).scale);
        });
      }
      const has = (key: string): boolean => results().some(([{ name }]) => key.startsWith(`${name}: `));
      const exact = Object.entries(counted).filter(([key]) => has(key));
      expect(exact.map(([key]) => [key, found.get(key)])).toEqual(exact);
      const figures = Object.keys(plausible).filter(has);
      const outside = figures.filter((key) => {
        const [low, high] = plausible[key] ?? [NaN, NaN];
        const value = found.get(key) ?? NaN;
        return !(value >= low && value <= high);
      });
      expect(outside.map((key) => [key, found.get(key), plausible[key]])).toEqual([]);
    });
  });
});

/** What cannot be of one check's figures, whatever the machine. */
function wrong(
  check: Check | undefined,
  { measured, bound, used, verdict }: CheckResult,
  tolerance: number,
): readonly string[] {
  if (check === undefined) return ['nobody asked for it'];
  if (measured === null) return verdict === 'undecided' ? [] : ['no figure, and a verdict'];
  const { value, low, high, unit } = measured;
  const within = low <= value && value <= high ? [] : [`${value} is not within ${low} and ${high}`];
  if (check.bound.kind === 'growth') return [...within, ...(unit === 'power of n' ? [] : [`the unit is ${unit}`])];
  if (bound === null) return verdict === 'undecided' ? within : ['no bound, and a verdict'];
  const dimension = metricDimension(check.metric);
  const isTime = dimension === 'time' || dimension === 'rate';
  const isLower = check.relation.startsWith('>');
  const slack = check.bound.kind === 'quantity' && check.relation !== '=' ? tolerance : 0;
  const holds = isLower ? value >= bound.value * (1 - slack) : value <= bound.value * (1 + slack);
  const share = isLower ? bound.value / value : value / bound.value;
  return [
    ...within,
    ...(freeUnit(unit).dimension === (dimension ?? freeUnit(bound.unit).dimension) ? [] : [`the unit is ${unit}`]),
    ...(isTime && !(value > 0) ? [`${value} is nothing`] : []),
    ...(verdict === 'undecided' || holds === (verdict === 'pass') ? [] : [`${value} of ${bound.value} is ${verdict}`]),
    ...(used === null || !Number.isFinite(share) || Math.abs(used - share) <= 1e-6 * Math.abs(share)
      ? []
      : [`${used} is used, not ${share}`]),
  ];
}
