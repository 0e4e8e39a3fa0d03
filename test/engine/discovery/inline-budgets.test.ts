import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { silent } from '../../../src/engine/util/log.js';
import { openProject } from '../../../src/engine/project/open.js';
import type { Project } from '../../../src/engine/project/snapshot.js';
import { commit, remove, repository, temporaryFolder, write } from '../repository.js';

const workerPath = path.resolve(import.meta.dirname, '../../../dist/worker.js');

const files = {
  '.gitignore': 'generated\n.perf-budget\n',
  'perf-budget.jsonc': `{
  "benchmarks": [{ "files": "app/bench/*.bench.ts" }],
  "budgets": {
    "b is fast": { "benchmark": "suite/b", "limit": ["p95 <= 1 s"] },
  },
}
`,
  'app/src/a.ts': `const turns = 500;

// Sums square roots.
// @perf-budget suite/a: p95 <= 1 s, target time <= 1 ns
export function a(): number {
  let sum = 0;
  for (let i = 0; i < turns; i++) sum += Math.sqrt(i);
  return sum;
}
`,
  'app/src/b.ts': `/**
 * @perf-budget suite/b: p99 <= 1 s
 */
export const b = (): number => Math.hypot(3, 4);
`,
  'app/bench/a.bench.ts': `import { bench, describe } from 'vitest';
import { a } from '../src/a.js';
import { b } from '../src/b.js';
describe('suite', () => {
  bench('a', () => a());
  bench('b', () => b());
});
`,
};

const opened: Project[] = [];
const folders: string[] = [];

afterEach(async () => {
  for (const project of opened.splice(0)) await project.dispose();
  folders.splice(0).forEach(remove);
});

async function open(root: string, trusted = true): Promise<Project> {
  const options = { log: silent, trusted, nodePath: null, workerPath };
  const project = await openProject(path.join(root, 'perf-budget.jsonc'), options);
  opened.push(project);
  return project;
}

function folder(): string {
  const root = temporaryFolder('perf budget inline ä ');
  folders.push(root);
  return root;
}

function committed(more: Readonly<Record<string, string>> = {}): string {
  const root = repository(folder());
  commit(root, { ...files, ...more });
  return root;
}

const problems = (project: Project, root: string): string[] =>
  project.snapshot.problems.map(
    ({ location: { file, start, end }, message, suggestion }) =>
      `${path.posix.relative(root, file)}:${start.line}:${start.column}-${end.column} ${message}${suggestion === undefined ? '' : ` → ${suggestion}`}`,
  );

/** `name @ code, also | checks`, and where the words stand that each place names. */
const budgets = (project: Project, root: string): string[] =>
  project.snapshot.budgets.map(({ budget, code, also }) => {
    const places = [code, ...also].map((place) => {
      if (place === null) return 'nowhere';
      const line = readFileSync(place.file, 'utf8').split('\n')[place.start.line - 1] ?? '';
      const shown = line.slice(place.start.column - 1, place.end.column - 1);
      return `${path.posix.relative(root, place.file)}:${place.start.line} ${shown}`;
    });
    return `${budget.name} @ ${places.join(', ')} | ${budget.checks.map(({ level, text }) => `${level} ${text}`).join(', ')}`;
  });

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

describe.each([
  ['with git', (more: Readonly<Record<string, string>>) => committed(more)],
  [
    'without git',
    (more: Readonly<Record<string, string>>) => {
      const root = folder();
      write(root, { ...files, ...more });
      return root;
    },
  ],
])('budgets in comments, %s', (kind, make) => {
  test('are like those of the file, and are shown over the function below', async () => {
    const root = make({});
    const project = await open(root);
    expect(problems(project, root)).toEqual([]);
    expect(budgets(project, root)).toEqual([
      'b is fast @ app/src/b.ts:4 b | limit p95 <= 1 s, limit time <= baseline + 10%',
      'suite/a @ app/src/a.ts:5 a | target time <= 1 ns, limit p95 <= 1 s, limit time <= baseline + 10%',
      'suite/b @ app/src/b.ts:4 b | limit p99 <= 1 s, limit time <= baseline + 10%',
    ]);
    const report = await project.run({});
    expect(
      report.budgets.map(({ name, benchmark, verdict, checks }) => [
        name,
        benchmark,
        verdict,
        checks.map((check) => `${check.check} ${check.verdict}`),
      ]),
    ).toMatchObject([
      ['b is fast', 'suite/b', 'pass', ['p95 <= 1 s pass', expect.stringContaining('baseline')]],
      ['suite/a', 'suite/a', 'pass', ['time <= 1 ns fail', 'p95 <= 1 s pass', expect.stringContaining('baseline')]],
      ['suite/b', 'suite/b', 'pass', ['p99 <= 1 s pass', expect.stringContaining('baseline')]],
    ]);
    expect(await project.history('suite/a', 5)).toHaveLength(1);
  });

  test('are not looked for in what is ignored, in prose and data, in texts, and in inner projects', async () => {
    const comment = '// @perf-budget suite/a: p99 <= 1 s\n';
    const root = make({
      'app/node_modules/x/index.js': comment,
      'app/dist/x.js': comment,
      'README.md': `\`\`\`ts\n${comment}\`\`\`\n`,
      'app/data.json': `{ "a": 1 } ${comment}`,
      'app/src/text.ts': `export const text = \`\n${comment}\`;\n/**\n *     ${comment} */\n`,
      'app/inner/perf-budget.jsonc': files['perf-budget.jsonc'],
      'app/inner/src/x.ts': comment,
    });
    if (kind === 'with git') write(root, { 'generated/x.js': comment });
    const project = await open(root);
    expect(budgets(project, root)).toHaveLength(3);
    expect(problems(project, root)).toEqual([]);
    if (kind === 'with git') {
      project.filesChanged([`${root}/generated/x.js`, `${root}/app/dist/x.js`, `${root}/app/inner/src/x.ts`]);
      project.filesChanged([`${root}/app/src/a.ts`]);
      await until(project, () => project.snapshot.progress === null);
      await project.run({ budgets: ['b is fast'] });
      expect(budgets(project, root)).toHaveLength(3);
    }
  });

  test('that conflict with an entry of the file are problems, and the entry counts', async () => {
    const root = make({
      'app/src/b.ts': `// @perf-budget suite/b: p95 <= 2 s, time <= 3 s
export const b = (): number => Math.hypot(3, 4);
// @perf-budget b is fast: p95 <= 2 s
// @perf-budget suite/c: p95 <= 2 s, p98 <= 3 MB, tiem <= 1 s, time <= 'suite/bb'
`,
    });
    const project = await open(root);
    expect(problems(project, root).sort()).toEqual(
      [
        'app/src/b.ts:4:51-55 "tiem <= 1 s": tiem is not a metric; did you mean time? → time',
        'app/src/b.ts:4:45-49 "p98 <= 3 MB": p98 is a time, but 3 MB is a size.',
        'app/src/b.ts:1:26-36 "p95 <= 2 s": "b is fast" in perf-budget.jsonc already has "p95 <= 1 s" (line 4); this one is ignored.',
        'app/src/b.ts:3:17-26 perf-budget.jsonc already has a budget "b is fast" for something else. Rename that budget.',
        'app/src/b.ts:4:17-24 There is no benchmark "suite/c"; did you mean "suite/a"? → suite/a',
        `app/src/b.ts:4:72-82 There is no benchmark "suite/bb"; did you mean "suite/b"? → 'suite/b'`,
      ].sort(),
    );
    const report = await project.run({});
    expect(report.problems.map(({ file, line }) => `${file}:${line}`)).toContain('app/src/b.ts:4');
    expect(report.budgets.map(({ name, checks }) => [name, checks.map(({ check }) => check)])).toEqual([
      ['b is fast', ['p95 <= 1 s', 'time <= baseline + 10%']],
      ['suite/a', ['time <= 1 ns', 'p95 <= 1 s', 'time <= baseline + 10%']],
      ['suite/b', ['time <= 3 s', 'time <= baseline + 10%']],
      ['suite/c', []],
    ]);
  });
});

describe('comments about one benchmark', () => {
  test('in several places are one budget, which joins the entry of its name, and is shown at each', async () => {
    const root = committed({
      'app/src/a.ts': `// @perf-budget suite/b: p99 <= 1 s
export function other() {}
/* @perf-budget suite/b: max <= 1 s */
export function a() {}
`,
      'perf-budget.jsonc': files['perf-budget.jsonc'].replace('b is fast', 'suite/b'),
      'app/src/b.ts':
        'export class B {\n  // @perf-budget suite/b: mean <= 1 s\n  b() {}\n}\nexport const b = () => {};\n',
    });
    const project = await open(root);
    expect(problems(project, root)).toEqual([]);
    expect(budgets(project, root)).toEqual([
      'suite/b @ app/src/b.ts:5 b, app/src/a.ts:2 other, app/src/a.ts:4 a, app/src/b.ts:3 b | ' +
        'limit p95 <= 1 s, limit p99 <= 1 s, limit max <= 1 s, limit mean <= 1 s, limit time <= baseline + 10%',
    ]);
  });
});

describe('a save', () => {
  test('brings, changes, moves and takes away what a comment asks', async () => {
    const root = committed();
    const project = await open(root);
    await project.run({});
    const save = async (text: string, condition: () => boolean): Promise<void> => {
      write(root, { 'app/src/a.ts': text });
      project.filesChanged([`${root}/app/src/a.ts`]);
      await until(project, () => condition() && project.snapshot.progress === null);
    };
    const view = () => project.snapshot.budgets.find(({ budget }) => budget.name === 'suite/a');
    const said = (): string | null => {
      const state = view()?.state;
      return state?.kind === 'known' ? state.known.result.checks.map(({ check }) => check).join(', ') : null;
    };
    const text = files['app/src/a.ts'];

    await save(text.replace('target time <= 1 ns', 'max <= 1 s'), () => said()?.includes('max') === true);
    expect(said()).toBe('p95 <= 1 s, max <= 1 s, time <= baseline + 10%');

    await save(`\n\n${text}`, () => view()?.budget.location.start.line === 6);
    expect(view()?.code?.start).toEqual({ line: 7, column: 17 });

    await save(text.replace(/.*@perf-budget.*\n/, ''), () => view() === undefined);
    expect(project.snapshot.budgets.map(({ budget }) => budget.name)).toEqual(['b is fast', 'suite/b']);

    await save(text, () => said()?.includes('1 ns') === true);
    expect(view()?.state).toMatchObject({ kind: 'known', known: { result: { verdict: 'pass', cached: true } } });
  });

  test('of a new file with a comment measures its benchmark', async () => {
    const root = committed();
    const project = await open(root);
    write(root, { 'app/src/new.py': '# @perf-budget suite/b: max <= 1 s\n\n@cached\ndef b_in_python(x):\n  pass\n' });
    project.filesChanged([`${root}/app/src/new.py`]);
    await until(project, () => project.snapshot.budgets.some(({ state }) => state.kind === 'known'));
    expect(budgets(project, root).at(-1)).toBe(
      'suite/b @ app/src/b.ts:4 b, app/src/new.py:4 b_in_python | limit p99 <= 1 s, limit max <= 1 s, limit time <= baseline + 10%',
    );
  });
});

test('what bench files import from beside the folder is read too, once', async () => {
  const root = committed({
    'shared/c.ts': '// @perf-budget suite/a: median <= 1 s\nexport function shared() {}\n',
    'shared/dist/d.js': '// @perf-budget suite/a: max <= 1 s\nexport function built() {}\n',
    'app/src/a.ts': `export { shared as a } from '../../shared/c.js';\nexport { built } from '../../shared/dist/d.js';\n`,
    'app/perf-budget.jsonc': `{ "benchmarks": [{ "files": "bench/*.bench.ts" }], "budgets": { "b": { "benchmark": "suite/b" } } }`,
  });
  const project = await open(`${root}/app`);
  expect(problems(project, root)).toEqual([]);
  // The outer project governs what lies beside this one: it is left to that.
  expect(budgets(project, root).map((one) => one.split(' @')[0])).toEqual(['b', 'suite/b']);
  await project.dispose();
  remove(path.join(root, 'perf-budget.jsonc'));
  const alone = await open(`${root}/app`);
  expect(budgets(alone, root)).toEqual([
    'b @ app/src/b.ts:4 b | limit time <= baseline + 10%',
    'suite/b @ app/src/b.ts:4 b | limit p99 <= 1 s, limit time <= baseline + 10%',
    'suite/a @ shared/c.ts:2 shared | limit median <= 1 s, limit time <= baseline + 10%',
  ]);
});

test('without trust they are shown, and nothing runs', async () => {
  const root = committed();
  const project = await open(root, false);
  expect(project.snapshot.budgets.map(({ budget, code }) => [budget.name, code?.start.line])).toEqual([
    ['b is fast', undefined],
    ['suite/a', 5],
    ['suite/b', 4],
  ]);
});
