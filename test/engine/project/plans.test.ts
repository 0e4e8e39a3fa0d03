import { cpSync, existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Report } from '../../../src/core/results/measurement.js';
import { silent } from '../../../src/engine/util/log.js';
import { openProject } from '../../../src/engine/project/open.js';
import type { Project } from '../../../src/engine/project/snapshot.js';
import { commit, remove, repository, temporaryFolder } from '../repository.js';

const workerPath = path.resolve(import.meta.dirname, '../../../dist/worker.js');
const packages = path.resolve(import.meta.dirname, '../../../node_modules');
const fixtures = path.resolve(import.meta.dirname, '../../fixtures/plans');
const readme = readFileSync(path.join(fixtures, 'README.md'), 'utf8');

const plans = readdirSync(fixtures).filter((plan) => existsSync(path.join(fixtures, plan, 'perf-budget.jsonc')));

/** Milliseconds a benchmark: whether all of them run is the question here, not how fast they are. */
const timeMs = 50;
/** One that asks for more than this has iterations of seconds, and needs what it asks for. */
const longMs = 6000;

describe.each(plans)('the plan %s', (plan) => {
  let root: string;
  let project: Project;
  let report: Report;

  beforeAll(async () => {
    // A copy, whose history is nobody's, and whose old code is the same code.
    root = repository(temporaryFolder());
    const isOurs = (file: string): boolean => path.basename(file) !== '.perf-budget';
    cpSync(path.join(fixtures, plan), root, { recursive: true, filter: isOurs });
    symlinkSync(packages, path.join(root, 'node_modules'), 'junction');
    commit(root, { '.gitignore': 'node_modules\n.perf-budget\n' });
    const options = { log: silent, trusted: true, nodePath: null, workerPath };
    project = await openProject(path.join(root, 'perf-budget.jsonc'), options);
    const { config } = project.snapshot;
    const budgets = (config?.budgets ?? []).map(({ name, run }) => ({ name, isLong: run.timeMs > longMs }));
    const short = await project.run({ budgets: budgets.flatMap(({ name, isLong }) => (isLong ? [] : [name])), timeMs });
    const long = await project.run({ budgets: budgets.flatMap(({ name, isLong }) => (isLong ? [name] : [])) });
    const both = new Map([...short.budgets, ...long.budgets].map((one) => [one.name, one]));
    report = { ...long, budgets: budgets.flatMap(({ name }) => both.get(name) ?? []) };
  }, 180_000);

  afterAll(async () => {
    await project.dispose();
    remove(root);
  });

  test('has budgets without a problem, whose benchmarks are all there', () => {
    expect(report.problems).toEqual([]);
    expect(report.budgets.map(({ name }) => name)).toEqual(project.snapshot.config?.budgets.map(({ name }) => name));
    expect(report.budgets.length).toBeGreaterThan(5);
  });

  test('runs, every benchmark of it', () => {
    const errors = report.budgets.filter(({ verdict }) => verdict === 'error');
    expect(errors.map(({ name, message }) => `${name}: ${message}`)).toEqual([]);
    const measured = report.budgets.map(({ name, checks }) => [name, checks.some((check) => check.measured !== null)]);
    const isManual = new Map(project.snapshot.config?.budgets.map((one) => [one.name, one.subject.kind === 'manual']));
    expect(measured).toEqual(measured.map(([name]) => [name, isManual.get(String(name)) === false]));
  });

  test('is mapped line by line: the table names each of its budgets', () => {
    const names = report.budgets.map(({ name }) => name);
    expect(names.filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
  });
});
