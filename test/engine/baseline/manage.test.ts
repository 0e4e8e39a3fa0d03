import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, expect, test, vi } from 'vitest';
import { stateTitle } from '../../../src/core/text/title.js';
import { GitProgram } from '../../../src/engine/git/process.js';
import { openProject } from '../../../src/engine/project/open.js';
import type { OpenProject } from '../../../src/engine/project/project.js';
import { silent } from '../../../src/engine/util/log.js';
import { files, project as committed, work } from '../../cli/project.js';
import { git, remove, temporaryFolder, write } from '../repository.js';
import { scriptMeasurements } from '../scripted.js';

scriptMeasurements();

const workerPath = path.resolve(import.meta.dirname, '../../../dist/worker.js');

let root: string;
let project: OpenProject;

async function open(folder: string): Promise<void> {
  root = folder;
  const file = path.join(root, 'perf-budget.jsonc');
  project = await openProject(file, { log: silent, trusted: true, nodePath: null, workerPath });
  await project.run({});
}

afterEach(async () => {
  await project.dispose();
  remove(root);
});

const capture = (name: string, replace = false): ReturnType<OpenProject['capture']> =>
  project.capture({ name, reason: 'for a test', automatic: false, replace });
const kept = (): readonly string[] => readdirSync(path.join(root, 'perf-budget.baselines')).sort();
const refs = (): string => git(root, 'for-each-ref', '--format=%(refname)', 'refs/perf-budget');
const titles = (): readonly string[] =>
  project.snapshot.budgets.map(({ state }) => stateTitle(state, project.snapshot.baseline?.name ?? 'the baseline'));

/** What a file watcher tells. */
async function told(file: string): Promise<void> {
  project.filesChanged([path.join(root, file)]);
  await project.settled();
}

test('one is replaced only on request, and has a name that every system keeps', async () => {
  await open(committed());
  expect(await capture('v1')).toMatchObject({ ok: true });
  const before = readFileSync(path.join(root, 'perf-budget.baselines/v1.json'), 'utf8');
  expect(await capture('v1')).toEqual({
    ok: false,
    error: expect.stringMatching(/^There is a baseline v1 already, captured on \d{4}-\d\d-\d\d\.$/) as string,
  });
  expect(readFileSync(path.join(root, 'perf-budget.baselines/v1.json'), 'utf8')).toBe(before);
  expect(await capture('V1', true)).toMatchObject({ ok: false });
  expect(await capture('main')).toEqual({
    ok: false,
    error: 'A baseline cannot be named main, because that is a branch in Git. Choose a name such as v3.0.0.',
  });
  expect([kept(), refs()]).toEqual([['current', 'v1.json'], 'refs/perf-budget/v1']);
  expect(await capture('v1', true)).toMatchObject({ ok: true });
  // Nothing of a file that cannot be read is lost.
  writeFileSync(path.join(root, 'perf-budget.baselines/v1.json'), '{');
  expect(await project.baselineNameProblem('v1')).toBe(null);
  expect(await capture('v1')).toMatchObject({ ok: true });
});

test('a deleted one is gone with its code; what was compared with it is compared with git', async () => {
  await open(committed());
  await capture('v1');
  write(root, { 'src/growing.ts': work(60_000) });
  await told('src/growing.ts');
  await capture('v2');
  expect(project.snapshot.baseline?.name).toBe('v2');
  expect(await project.deleteBaseline('v3')).toEqual({ ok: false, error: 'There is no captured baseline v3.' });
  expect(await project.deleteBaseline('v1')).toEqual({ ok: true, value: null });
  expect([kept(), refs(), (await project.baselines()).current]).toEqual([
    ['current', 'v2.json'],
    'refs/perf-budget/v2',
    'v2',
  ]);
  expect(await project.deleteBaseline('v2')).toEqual({ ok: true, value: null });
  expect([kept(), refs(), project.snapshot.baseline?.name]).toEqual([[], '', 'HEAD']);
  await project.reload(true);
  expect(titles()[1]).toMatch(/^✗ .* slower than HEAD · 10% allowed$/);
});

test('without git, too', async () => {
  const folder = temporaryFolder();
  write(folder, files);
  await open(folder);
  await capture('v1');
  write(root, { 'src/growing.ts': work(60_000) });
  await told('src/growing.ts');
  expect(titles()[1]).toMatch(/slower than v1/);
  expect(project.parts.history.baselines()).toHaveLength(1);
  await project.deleteBaseline('v1');
  expect([project.parts.history.baselines(), kept()]).toEqual([[], []]);
});

test('however many there are and however often a name is judged, git is started once', async () => {
  await open(committed());
  for (const turns of [30_000, 40_000, 50_000]) {
    write(root, { 'src/growing.ts': work(turns) });
    await told('src/growing.ts');
    await capture(`v${turns}`);
  }
  const git = vi.spyOn(GitProgram.prototype, 'spawn');
  expect((await project.baselines()).lacking).toEqual({});
  expect(git).toHaveBeenCalledTimes(1);
  git.mockClear();
  const isRefused = async (name: string) => (await project.baselineNameProblem(name))?.kind ?? null;
  expect(await Promise.all(['m', 'ma', 'mai', 'main', 'v30000'].map(isRefused))).toEqual([
    null,
    null,
    null,
    'refused',
    'taken',
  ]);
  expect(git.mock.calls.length).toBeLessThanOrEqual(1);
  git.mockRestore();
  rmSync(path.join(root, 'perf-budget.baselines/v30000.json'));
  expect(await isRefused('v30000')).toBe(null);
});

test('if the file of the current one is removed, nothing is compared, and it is said why', async () => {
  await open(committed());
  await capture('v1');
  await told('perf-budget.baselines/v1.json');
  expect(titles()[1]).toMatch(/^✓ (?:.* · )?same code as v1$/);
  rmSync(path.join(root, 'perf-budget.baselines/v1.json'));
  await told('perf-budget.baselines/v1.json');
  expect(titles()[1]).toMatch(/^\? .*not compared: the file of the current baseline v1 is gone$/);
  expect(project.snapshot.problems.map(({ message }) => message)).toContain(
    'The file of the current baseline v1 is gone.',
  );
  const { current, lost } = await project.baselines();
  expect([current, lost]).toEqual([null, 'the file of the current baseline v1 is gone']);
  await project.useBaseline(null);
  await project.reload(true);
  expect(titles()[1]).toMatch(/^✓ (?:.* · )?same code as HEAD$/);
  expect(project.snapshot.problems).toEqual([]);
});

test('if git deletes the code of the current one, its figures stand in, and it is said', async () => {
  await open(committed());
  write(root, { 'src/growing.ts': work(20_001) });
  await told('src/growing.ts');
  const captured = await capture('v1');
  const commit = captured.ok ? (captured.value.commit ?? '') : '';
  await project.reload(true);
  expect([(await project.baselines()).lacking, project.snapshot.baseline?.name]).toEqual([{}, 'v1']);
  git(root, 'update-ref', '-d', 'refs/perf-budget/v1');
  git(root, 'prune', '--expire=now');
  expect((await project.baselines()).lacking).toEqual({
    v1: `the code of v1 (${commit.slice(0, 7)}) is not in this clone`,
  });
  write(root, { 'src/growing.ts': work(60_000) });
  await told('src/growing.ts');
  expect(project.snapshot.baseline?.name).toBe('the figures of v1');
  const { state } = project.snapshot.budgets[1] ?? {};
  expect(state?.kind === 'known' ? state.known.result.note : state).toContain(
    `the code of v1 (${commit.slice(0, 7)}) is not in this clone; compared with the figures of v1`,
  );
});

// One whose name is made anew by each load is loaded twice, the second time by another address.
test.each([
  ['', null],
  [' whose name changes', 'growing *'],
])(
  'for a debugger, a benchmark%s runs as it is saved, in a process of its own that nothing limits',
  async (_, made) => {
    const folder = committed();
    if (made !== null)
      write(folder, {
        'perf-budget.jsonc': files['perf-budget.jsonc'].replace('"benchmark": "growing"', `"benchmark": "${made}"`),
        'bench/growing.bench.ts': files['bench/growing.bench.ts'].replace("'growing'", '`growing ${Math.random()}`'),
      });
    await open(folder);
    write(root, { 'src/growing.ts': `${work(30_000)}console.log('loaded as saved');\n` });
    project.filesChanged([path.join(root, 'src/growing.ts')], false);
    const targets = await project.debugTargets('growing');
    if (!targets.ok) throw new Error(targets.error);
    const [target] = targets.value;
    expect(targets.value).toHaveLength(1);
    expect(target).toMatchObject({
      name: made === null ? 'growing' : (expect.stringMatching(/^growing 0\.\d+$/) as string),
      benchFile: `${root}/bench/growing.bench.ts`,
      cwd: root,
      prelude: null,
    });
    const bundle = path.join(root, 'bundle.mjs');
    writeFileSync(bundle, target?.bundle ?? '');
    const request = { ...target, bundle: pathToFileURL(bundle).href, calls: 3 };
    const file = path.join(root, 'request.json');
    writeFileSync(file, JSON.stringify(request));
    const output = execFileSync(process.execPath, [target?.program ?? '', file], {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    expect(output).toBe('loaded as saved\n'.repeat(made === null ? 1 : 2));
    expect(await project.debugTargets('nothing')).toEqual({ ok: false, error: 'There is no budget "nothing".' });
  },
);
