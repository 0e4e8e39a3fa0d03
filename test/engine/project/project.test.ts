import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { silent } from '../../../src/engine/util/log.js';
import { createProject, openProject } from '../../../src/engine/project/open.js';
import type { Project } from '../../../src/engine/project/snapshot.js';
import { commit, git, remove, repository, temporaryFolder, write } from '../repository.js';

const workerPath = path.resolve(import.meta.dirname, '../../../dist/worker.js');

const work = (name: string, turns: number): string => `export function ${name}(): number {
  let sum = 0;
  for (let i = 0; i < ${turns}; i++) sum += Math.sqrt(i);
  return sum;
}
`;

const files = {
  'perf-budget.jsonc': `{
  "benchmarks": [{ "files": "bench/*.bench.ts" }],
  "budgets": {
    "a": { "benchmark": "suite/a", "code": "src/a.ts#a" },
    "b": { "benchmark": "suite/b", "limit": ["p95 <= 1 s"] },
  },
}
`,
  'src/a.ts': work('a', 5000),
  'src/b.ts': work('b', 5000),
  'bench/a.bench.ts': `import { bench, describe } from 'vitest';
import { a } from '../src/a.js';
describe('suite', () => bench('a', () => a()));
`,
  'bench/b.bench.ts': `import { Bench } from 'tinybench';
import { b } from '../src/b.js';
const bench = new Bench({ name: 'suite' });
bench.add('b', () => b());
await bench.run();
console.table(bench.table());
`,
};

const opened: Project[] = [];
const folders: string[] = [];

afterEach(async () => {
  for (const project of opened.splice(0)) await project.dispose();
  folders.splice(0).forEach(remove);
});

async function open(
  root: string,
  { trusted = true, trace = (message: string): void => silent.trace(message) } = {},
): Promise<Project> {
  const log = { ...silent, trace };
  const project = await openProject(path.join(root, 'perf-budget.jsonc'), { log, trusted, nodePath: null, workerPath });
  opened.push(project);
  return project;
}

function folder(): string {
  const root = temporaryFolder('perf budget ä ');
  folders.push(root);
  return root;
}

function committed(): string {
  const root = repository(folder());
  commit(root, files);
  return root;
}

const problems = (project: Project): string[] =>
  project.snapshot.problems.map(
    ({ location: { file, start }, message }) => `${path.posix.basename(file)}:${start.line}:${start.column} ${message}`,
  );
const states = (project: Project): string[] =>
  project.snapshot.budgets.map(({ budget, state }) => {
    return `${budget.name} ${state.kind}${state.kind === 'known' ? ` ${state.known.result.verdict}` : ''}`;
  });

/** Waits until the project says so. */
async function until(project: Project, condition: () => boolean): Promise<void> {
  while (!condition()) {
    await new Promise<void>((resolve) => {
      const end = project.onDidChange(() => {
        end();
        resolve();
      });
    });
  }
}

const idle = (project: Project) => (): boolean =>
  project.snapshot.progress === null && project.snapshot.budgets.every(({ state }) => state.kind === 'known');

describe('a run', () => {
  test('tells many answers that are known at once in a few snapshots', async () => {
    const root = committed();
    const budgets = Array.from({ length: 60 }, (_, index) => `"budget ${index}": { "benchmark": "suite/a" }`);
    const text = `{ "benchmarks": [{ "files": "bench/a.bench.ts" }], "budgets": { ${budgets.join(', ')} } }`;
    write(root, { 'perf-budget.jsonc': text });
    const project = await open(root);
    await project.run({ causes: false, fresh: true });
    let snapshots = 0;
    project.onDidChange(() => (snapshots += 1));
    const report = await project.run({ causes: false });
    expect(report.budgets.filter(({ cached }) => cached).length).toBe(60);
    expect(new Set(states(project).map((state) => state.replace(/^budget \d+ /, '')))).toEqual(new Set(['known pass']));
    expect(snapshots).toBeLessThan(20);
  });

  test('of unchanged code measures what is absolute, and nothing else', async () => {
    const root = committed();
    const sampled: string[] = [];
    const project = await open(root, { trace: (message) => void sampled.push(message) });
    expect(states(project)).toEqual(['a known pass', 'b unmeasured']);
    const report = await project.run({ causes: false });
    const comparison = { ratio: 1, low: 1, high: 1 };
    expect(report.budgets).toMatchObject([
      { name: 'a', verdict: 'pass', comparison, cached: false, samples: 0, message: 'same code as HEAD' },
      { name: 'b', verdict: 'pass', comparison, cached: false },
    ]);
    expect(report.budgets[0]?.checks).toEqual([
      {
        ...{ check: 'time <= baseline + 10%', level: 'limit', verdict: 'pass' },
        ...{ measured: null, bound: null, used: 1 / 1.1, note: 'same code as HEAD' },
      },
    ]);
    expect(new Set(sampled)).toEqual(new Set(['sampling suite/b']));
    // Nothing ran, so the history has no run.
    expect((await project.history('a', 10)).length).toBe(0);
    expect(report).toMatchObject({ version: 1, verdict: 'pass', problems: [] });
    expect(report.baseline).toEqual({ name: 'HEAD', commit: git(root, 'rev-parse', 'HEAD') });
    expect(problems(project)).toEqual([]);
  });

  test('that is asked for while the project is still read waits for its bench files', async () => {
    const root = committed();
    const options = { log: silent, trusted: true, nodePath: null, workerPath };
    const project = await createProject(path.join(root, 'perf-budget.jsonc'), options);
    opened.push(project);
    const reloaded = project.reload();
    const report = await project.run({ causes: false });
    await reloaded;
    expect(report).toMatchObject({ verdict: 'pass', problems: [] });
    expect(states(project)).toEqual(['a known pass', 'b known pass']);
    expect(problems(project)).toEqual([]);
  });

  test('finds code that does twice the work, and code that does half of it', async () => {
    const root = committed();
    write(root, { 'src/a.ts': work('a', 10_000), 'src/b.ts': work('b', 2500) });
    const project = await open(root);
    const report = await project.run({ causes: false });
    const [a, b] = report.budgets;
    expect(a).toMatchObject({ verdict: 'fail', severity: 'critical' });
    expect(a?.comparison?.low).toBeGreaterThan(1.5);
    expect(b).toMatchObject({ verdict: 'pass', severity: null });
    expect(b?.comparison?.high).toBeLessThan(0.75);
    expect(report.verdict).toBe('fail');
  });

  test('a second one knows the answers, also in another process’s history', async () => {
    const root = committed();
    await (await open(root)).run({ causes: false, fresh: true });
    const project = await open(root);
    expect(states(project)).toEqual(['a known pass', 'b known pass']);
    const report = await project.run({ causes: false });
    expect(report.budgets.map(({ cached }) => cached)).toEqual([true, true]);
    const fresh = await project.run({ causes: false, fresh: true, budgets: ['b'] });
    expect(fresh.budgets.map(({ name, cached }) => [name, cached])).toEqual([['b', false]]);
    expect((await project.history('b', 10)).length).toBe(2);
    expect((await project.history('a', 10)).length).toBe(1);
  });

  test('of code that is back at the baseline runs nothing, so the history has no new run', async () => {
    const root = committed();
    write(root, { 'src/a.ts': work('a', 20_000) });
    const project = await open(root);
    expect((await project.run({ causes: false, budgets: ['a'] })).verdict).toBe('fail');
    write(root, { 'src/a.ts': files['src/a.ts'] });
    const { budgets } = await project.run({ causes: false, files: [path.join(root, 'src/a.ts')], budgets: ['a'] });
    expect(budgets).toMatchObject([{ verdict: 'pass', samples: 0, message: 'same code as HEAD' }]);
    const rows = await project.history('a', 10);
    expect(rows.map(({ result }) => result.verdict)).toEqual(['fail']);
  });

  test('against a revision compares with that revision', async () => {
    const root = committed();
    commit(root, { 'src/a.ts': work('a', 10_000) });
    const project = await open(root);
    const report = await project.run({ causes: false, against: 'HEAD~1', budgets: ['a'] });
    expect(report.baseline?.name).toBe('HEAD~1');
    expect(report.verdict).toBe('fail');
  });
});

describe('a save', () => {
  test('runs what it can reach, and a comment runs nothing', async () => {
    const root = committed();
    const sampled: string[] = [];
    const project = await open(root, { trace: (message) => void sampled.push(message) });
    await project.run({ causes: false, fresh: true });
    sampled.length = 0;

    write(root, { 'src/a.ts': work('a', 10_000) });
    project.filesChanged([path.join(root, 'src/a.ts')]);
    await until(project, () => states(project).includes('a known fail'));
    await until(project, idle(project));
    expect(new Set(sampled)).toEqual(new Set(['sampling suite/a']));
    sampled.length = 0;

    write(root, { 'src/a.ts': `// a comment\n${work('a', 10_000)}` });
    project.filesChanged([path.join(root, 'src/a.ts')]);
    const before = project.snapshot;
    await until(project, () => project.snapshot !== before && idle(project)());
    write(root, { 'src/a.ts': files['src/a.ts'] });
    project.filesChanged([path.join(root, 'src/a.ts')]);
    await until(project, () => states(project).includes('a known pass'));
    await until(project, idle(project));
    expect(sampled).toEqual([]);
    // A verdict that was known before is not a new run.
    const rows = await project.history('a', 10);
    expect(rows.map(({ result }) => result.verdict)).toEqual(['fail', 'pass']);
  });

  test('supersedes the run before it', async () => {
    const root = committed();
    const project = await open(root);
    for (const turns of [6000, 7000, 20_000]) {
      write(root, { 'src/a.ts': work('a', turns) });
      project.filesChanged([path.join(root, 'src/a.ts'), path.join(root, 'src/b.ts')]);
      await until(project, () => states(project).includes('a measuring'));
    }
    await until(project, idle(project));
    expect(states(project)).toEqual(['a known fail', 'b known pass']);
    expect(project.snapshot.budgets[0]?.state).toMatchObject({ known: { result: { severity: 'critical' } } });
  });

  test('of a new bench file brings its benchmarks', async () => {
    const root = committed();
    const bench = readFileSync(path.join(root, 'bench/b.bench.ts'), 'utf8');
    remove(path.join(root, 'bench/b.bench.ts'));
    const project = await open(root);
    expect(problems(project)).toEqual([
      'perf-budget.jsonc:5:25 There is no benchmark "suite/b"; did you mean "suite/a"?',
    ]);
    writeFileSync(path.join(root, 'bench/b.bench.ts'), bench);
    project.filesChanged([path.join(root, 'bench/b.bench.ts')]);
    await until(project, () => states(project).includes('b known pass'));
    expect(problems(project)).toEqual([]);
  });
});

describe('a bench file that no budget is about', () => {
  const budgets = (names: readonly string[]): string =>
    JSON.stringify({
      benchmarks: [{ files: 'bench/*.bench.ts' }],
      budgets: Object.fromEntries(names.map((name) => [name, { benchmark: `suite/${name}` }])),
    });

  test('is not bundled again once its names are known, until a budget is', async () => {
    const root = committed();
    write(root, { 'perf-budget.jsonc': budgets(['a']) });
    const before = await open(root);
    expect(problems(before)).toEqual([]);
    await before.dispose();
    write(root, { 'src/b.ts': 'export function b( {' });
    const project = await open(root);
    expect(problems(project)).toEqual([]);
    write(root, { 'perf-budget.jsonc': budgets(['a', 'b']) });
    await project.reload();
    expect(problems(project)).toEqual([
      'b.ts:1:21 src/b.ts does not compile: Expected identifier but found end of file.',
    ]);
  });
});

describe('names that an imported file makes', () => {
  test('are looked up again where a budget’s is missing', async () => {
    const root = committed();
    write(root, {
      'perf-budget.jsonc': `{ "benchmarks": [{ "files": "bench/*.ts" }], "budgets": { "new": { "benchmark": "new" } } }`,
      'src/names.ts': `export const names = ['old'];`,
      'bench/names.bench.ts': `import { bench } from 'vitest';
import { names } from '../src/names.js';
for (const name of names) bench(name, () => Math.hypot(3, 4));
`,
      'bench/too.bench.ts': `import { bench } from 'vitest';\nbench('old', () => {});\n`,
    });
    const before = await open(root);
    expect(problems(before)).toEqual([
      'perf-budget.jsonc:1:81 There is no benchmark "new". The benchmarks are suite/a, suite/b, old.',
    ]);
    await before.dispose();
    write(root, { 'src/names.ts': `export const names = ['old', 'new'];` });
    expect(problems(await open(root))).toEqual([]);
  });
});

describe('a baseline', () => {
  test('that is captured is compared with until the next, uncommitted code too', async () => {
    const root = committed();
    write(root, { 'src/a.ts': work('a', 20_000) });
    const project = await open(root);
    await project.run({ causes: false });
    expect(states(project)).toEqual(['a known fail', 'b known pass']);
    const captured = await project.capture({ name: 'v1', reason: 'the new algorithm needs it', automatic: false });
    expect(captured).toMatchObject({ ok: true, value: { name: 'v1' } });
    const report = await project.run({ causes: false });
    expect(report.baseline?.name).toBe('v1');
    expect(report.verdict).toBe('pass');
    expect(git(root, 'status', '--porcelain')).toBe('M src/a.ts\n?? perf-budget.baselines/');
    expect(git(root, 'branch', '--all')).toBe('* main');
  });

  test('without git is the code that was captured', async () => {
    const root = folder();
    write(root, files);
    const project = await open(root);
    const first = await project.run({ causes: false });
    expect(first.baseline).toBe(null);
    expect(first.budgets.map(({ name, verdict }) => [name, verdict])).toEqual([
      ['a', 'undecided'],
      ['b', 'pass'],
    ]);
    expect(await project.capture({ name: 'start', reason: 'a first one', automatic: false })).toMatchObject({
      ok: true,
      value: { name: 'start', commit: null },
    });
    write(root, { 'src/a.ts': work('a', 10_000) });
    const report = await project.run({ causes: false, files: [path.join(root, 'src/a.ts')] });
    expect(report.baseline).toEqual({ name: 'start', commit: null });
    expect(report.budgets.map(({ name, verdict }) => [name, verdict])).toEqual([['a', 'fail']]);
  });

  test.each([
    ['an empty repository', (root: string) => void repository(root)],
    [
      'a bench file and code that the baseline lacks',
      (root: string) => void commit(repository(root), { 'README.md': 'nothing yet' }),
    ],
  ])('%s has none, and the absolute checks are judged', async (_, prepare) => {
    const root = folder();
    prepare(root);
    write(root, files);
    const report = await (await open(root)).run({ causes: false });
    // Where there is something to compare with, code that could not be compared does not pass.
    const isLacking = report.baseline !== null;
    expect(report.budgets.map(({ name, verdict, compared }) => [name, verdict, compared])).toEqual([
      ['a', 'undecided', 'nothing'],
      ['b', isLacking ? 'undecided' : 'pass', 'nothing'],
    ]);
    expect(report.budgets[0]?.message).toMatch(/no commits yet|does not exist at HEAD/);
  });

  test('whose old code throws costs the comparison, and says so', async () => {
    const root = repository(folder());
    commit(root, { ...files, 'src/a.ts': `export function a() {\n  throw new Error('not written yet');\n}\n` });
    write(root, files);
    const report = await (await open(root)).run({ causes: false, budgets: ['a'] });
    expect(report.budgets).toMatchObject([{ verdict: 'undecided', comparison: null }]);
    expect(report.budgets[0]?.message).toContain('not written yet');
  });

  test('in a detached head is that commit; a commit that is gone is named', async () => {
    const root = committed();
    git(root, 'checkout', '--quiet', '--detach');
    const project = await open(root);
    expect((await project.run({ causes: false, budgets: ['a'] })).baseline?.name).toBe('HEAD');
    const report = await project.run({ causes: false, against: 'v9', budgets: ['a'] });
    expect(report.baseline).toBe(null);
    expect(report.budgets[0]?.message).toContain('no commit called "v9"');
  });
});

describe('bad input', () => {
  test('one broken bench file does not silence the others', async () => {
    const root = committed();
    write(root, { 'bench/b.bench.ts': 'import { b } from "../src/b.js";\nb(;\n' });
    const project = await open(root);
    const report = await project.run({ causes: false });
    expect(report.budgets.map(({ name, verdict }) => [name, verdict])).toEqual([
      ['a', 'pass'],
      ['b', 'error'],
    ]);
    expect(problems(project).map((one) => one.split(' ')[0])).toContain('b.bench.ts:2:3');
  });

  test('a name that two bench files have is a problem that names both', async () => {
    const root = committed();
    write(root, { 'bench/c.bench.ts': files['bench/a.bench.ts'] });
    const project = await open(root);
    expect(problems(project)).toEqual([
      'perf-budget.jsonc:4:25 Both bench/a.bench.ts and bench/c.bench.ts have a benchmark "suite/a": write "bench/a.bench.ts#suite/a" for the first.',
    ]);
  });

  test('a name that two bench files have is told apart by the file before it', async () => {
    const root = committed();
    write(root, {
      'bench/c.bench.ts': files['bench/a.bench.ts'],
      'perf-budget.jsonc': files['perf-budget.jsonc'].replace('"suite/a"', '"bench/c.bench.ts#suite/a"'),
    });
    const project = await open(root);
    const report = await project.run({ causes: false, budgets: ['a'] });
    expect(report.budgets).toMatchObject([{ benchmark: 'bench/c.bench.ts#suite/a' }]);
    expect(problems(project)).toEqual([]);
  });

  test('code that does not exist is a problem where it is named', async () => {
    const root = committed();
    const text = files['perf-budget.jsonc'].replace('src/a.ts#a', 'src/a.ts#z');
    write(root, { 'perf-budget.jsonc': text });
    expect(problems(await open(root))).toEqual(['perf-budget.jsonc:4:44 "src/a.ts" has no function "z". It has a.']);
  });

  test('a config that breaks in mid-edit keeps the budgets that were known', async () => {
    const root = committed();
    const project = await open(root);
    write(root, { 'perf-budget.jsonc': '{ "budgets": { "a": { "benchmark": ' });
    await project.reload();
    expect(problems(project).length).toBeGreaterThan(0);
    write(root, { 'perf-budget.jsonc': files['perf-budget.jsonc'] });
    await project.reload();
    expect(problems(project)).toEqual([]);
    expect(states(project)).toEqual(['a known pass', 'b unmeasured']);
  });

  test('CRLF and a byte order mark change nothing', async () => {
    const root = folder();
    repository(root);
    const windows = Object.entries(files).map(([name, text]) => [name, `\ufeff${text.replaceAll('\n', '\r\n')}`]);
    commit(root, Object.fromEntries(windows) as Record<string, string>);
    const report = await (await open(root)).run({ causes: false });
    expect(report).toMatchObject({ verdict: 'pass', problems: [] });
  });
});

test('without trust nothing runs, and what the history knows is shown', async () => {
  const root = committed();
  await (await open(root)).run({ causes: false, fresh: true });
  write(root, {
    'bench/a.bench.ts': `import { writeFileSync } from 'node:fs';\nwriteFileSync(new URL('../ran', import.meta.url), '');\n`,
  });
  const project = await open(root, { trusted: false });
  expect(project.snapshot.budgets[0]?.code).toMatchObject({ file: `${root}/src/a.ts`, start: { line: 1, column: 17 } });
  project.filesChanged([path.join(root, 'bench/a.bench.ts')]);
  const report = await project.run({ causes: false });
  expect(report.budgets).toEqual([]);
  expect(states(project)).toEqual(['a known pass', 'b known pass']);
  expect(git(root, 'status', '--porcelain')).toBe('M bench/a.bench.ts');
});
