import { existsSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Preparation } from '../../../src/core/language/budget.js';
import { Bundler } from '../../../src/engine/bundle/bundler.js';
import { Builds } from '../../../src/engine/command/builds.js';
import { Git } from '../../../src/engine/git/repository.js';
import { Worktrees } from '../../../src/engine/git/worktrees.js';
import { CheckedOut } from '../../../src/engine/measure/checked-out.js';
import { openProject } from '../../../src/engine/project/open.js';
import { silent } from '../../../src/engine/util/log.js';
import { commit, git, remove, repository, temporaryFolder, write } from '../repository.js';

const workerPath = path.resolve(import.meta.dirname, '../../../dist/worker.js');
const programs = { runtime: { command: process.execPath, env: process.env }, workerPath };

let root: string;
const opened: Git[] = [];

beforeEach(() => {
  root = repository(temporaryFolder());
});

afterEach(() => {
  for (const each of opened.splice(0)) each.dispose();
  remove(root);
});

async function open(): Promise<Git> {
  const result = await Git.open(root);
  if (!result.ok) throw new Error(result.error.message);
  opened.push(result.value);
  return result.value;
}

const bench = `import { bench } from 'vitest';
import { rounds } from '../dist/lib.js';
bench('spin', () => {
  let sum = 0;
  for (let i = 0; i < rounds; i++) sum += Math.sqrt(i);
  return sum;
});
`;
/** Writes `dist`, which git ignores, and counts how often it ran. */
const builder = `import { appendFileSync, cpSync } from 'node:fs';
cpSync('src', 'dist', { recursive: true });
appendFileSync('dist/count', 'x');
console.log('built');
`;
const built = {
  'bench/a.bench.js': bench,
  'build.mjs': builder,
  'src/lib.js': 'export const rounds = 2000;\n',
  'package.json': '{ "type": "module" }',
  '.gitignore': 'dist\nnode_modules\n.perf-budget\n',
};
const build = ['node', 'build.mjs'];
const start = { line: 1, column: 1 };
const nowhere = { file: '', start, end: start };
const onlyBuild: Preparation = { isolation: 'worktree', install: null, build };

/** Bundles the bench file with the code of a commit, and returns the text of the bundle or why there is none. */
async function oldBundle(
  at: string,
  preparation: Preparation = onlyBuild,
  signal = new AbortController().signal,
): Promise<{ readonly code: string; readonly unsafe: readonly string[] } | string> {
  const repo = await open();
  const checkedOut = new CheckedOut({ root, git: repo, worktrees: new Worktrees(root, repo), ...programs });
  const benchFile = `${root}/bench/a.bench.js`;
  const file = { file: benchFile, text: readFileSync(benchFile, 'utf8'), bundle: null, preparation };
  const result = await checkedOut.bundle(file, { name: 'HEAD', commit: at }, signal);
  return result.ok ? { code: result.value.bundle.code, unsafe: result.value.unsafe } : result.error;
}

const worktree = (at: string): string => `${root}/.perf-budget/worktrees/${at.slice(0, 16)}`;

function isRunning(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return /^[^Z\s]/.test(stdout);
}

test('code that is built is built on both sides, and measured as it is after the last edit', async () => {
  const config = {
    benchmarks: [{ files: 'bench/*.bench.js', isolation: 'worktree', build }],
    budgets: { spin: { benchmark: 'spin', limit: ['time <= baseline * 2'] } },
  };
  const first = commit(root, { ...built, 'README.md': '', 'perf-budget.jsonc': JSON.stringify(config) });
  const options = { log: silent, trusted: true, nodePath: null, workerPath };
  const project = await openProject(path.join(root, 'perf-budget.jsonc'), options);
  try {
    const [same] = (await project.run({ causes: false })).budgets;
    expect([same?.verdict, same?.compared]).toEqual(['pass', 'same code']);
    write(root, { 'src/lib.js': 'export const rounds = 20000;\n' });
    const [result] = (await project.run({ causes: false, files: [`${root}/src/lib.js`] })).budgets;
    expect(result?.verdict).toBe('fail');
    expect(result?.comparison?.ratio).toBeGreaterThan(4);
    // Once for each state of the sources, and once for the commit.
    expect(readFileSync(`${root}/dist/count`, 'utf8')).toBe('xx');
    expect(readFileSync(`${worktree(first)}/dist/count`, 'utf8')).toBe('x');
    expect(readFileSync(`${worktree(first)}.log`, 'utf8')).toBe('$ node build.mjs\nbuilt\n');
    // What does not reach the built code is not measured again.
    write(root, { 'README.md': 'more' });
    const [known] = (await project.run({ causes: false, files: [`${root}/README.md`] })).budgets;
    expect(known).toMatchObject({ verdict: 'fail', cached: true });
  } finally {
    await project.dispose();
  }
});

test('a build that fails here is an error with its last lines, until the sources change', async () => {
  const config = {
    benchmarks: [{ files: 'bench/*.bench.js', isolation: 'worktree', build }],
    budgets: { spin: { benchmark: 'spin', limit: ['time <= 1 s'] } },
  };
  const broken =
    "console.log('src/lib.ts(1,7): error TS2322');\nconsole.error('npm error code 2');\nprocess.exit(2);\n";
  commit(root, { ...built, 'build.mjs': broken, 'perf-budget.jsonc': JSON.stringify(config) });
  const options = { log: silent, trusted: true, nodePath: null, workerPath };
  const project = await openProject(path.join(root, 'perf-budget.jsonc'), options);
  try {
    const [result] = (await project.run({ causes: false })).budgets;
    expect(result?.verdict).toBe('error');
    expect(result?.message).toBe(
      'the build failed: "node build.mjs" exited with code 2: src/lib.ts(1,7): error TS2322 (log: .perf-budget/build.log).',
    );
    write(root, { 'build.mjs': builder });
    const [fixed] = (await project.run({ causes: false, files: [`${root}/build.mjs`] })).budgets;
    expect(fixed?.compared).toBe('nothing');
    expect(fixed?.why).toContain('the build of HEAD failed: "node build.mjs" exited with code 2: src/lib.ts(1,7)');
  } finally {
    await project.dispose();
  }
});

const sourcesOf = (builds: Builds) => async (): Promise<readonly string[]> =>
  (await builds.prepared({ kind: 'files', files: '', watch: [], location: nowhere, ...onlyBuild }, []))?.known ?? [];

const signal = new AbortController().signal;
/** How often the build has run in a folder. */
const count = (folder = root): number => readFileSync(`${folder}/dist/count`, 'utf8').length;

describe('builds of the working tree', () => {
  test('run when a source is new, changed or gone, and when what they wrote is not there', async () => {
    commit(root, built);
    const repo = await open();
    const make = async (isMissing = false): Promise<unknown> => {
      const builds = new Builds(root, repo, programs);
      return builds.refresh(build, sourcesOf(builds), signal, isMissing);
    };
    expect(await make()).toEqual({ ok: true, value: null });
    await make();
    expect(count()).toBe(1);
    write(root, { 'src/new.js': '' });
    await make();
    write(root, { 'src/new.js': '1' });
    await make();
    rmSync(`${root}/src/new.js`);
    await make();
    expect(count()).toBe(4);
    write(root, { 'dist/other.js': '1', 'src/lib.js': built['src/lib.js'] });
    await make();
    expect(count()).toBe(4);
    await make(true);
    expect(count()).toBe(5);
  });

  test('run once more if they have changed what they read, and then no more', async () => {
    const twice = `${builder}import { writeFileSync } from 'node:fs';\nwriteFileSync('src/generated.js', '1');\n`;
    commit(root, { ...built, 'build.mjs': twice });
    const builds = new Builds(root, await open(), programs);
    const make = (): Promise<unknown> => builds.refresh(build, sourcesOf(builds), signal);
    await make();
    expect(count()).toBe(2);
    await make();
    expect(count()).toBe(2);
  });

  test('do not count what changed while they ran as built', async () => {
    const growing = `${builder}import { appendFileSync as grow } from 'node:fs';\ngrow('src/lib.js', '// more\\n');\n`;
    commit(root, { ...built, 'build.mjs': growing });
    const builds = new Builds(root, await open(), programs);
    const make = (): Promise<unknown> => builds.refresh(build, sourcesOf(builds), signal);
    await make();
    expect(count()).toBe(2);
    await make();
    expect(count()).toBe(4);
  });
});

describe('a checkout of old code', () => {
  test('has its own bench files again after each bundle, because others may import them', async () => {
    const first = commit(root, built);
    write(root, {
      'bench/a.bench.js': `${built['bench/a.bench.js']}\nexport const added = 'now';\nconsole.log(added);`,
    });
    expect(await oldBundle(first)).toMatchObject({ code: expect.stringContaining('now') as string });
    expect(readFileSync(`${worktree(first)}/bench/a.bench.js`, 'utf8')).toBe(built['bench/a.bench.js']);
  });

  test('is made again where it was deleted meanwhile', async () => {
    const first = commit(root, built);
    const repo = await open();
    const checkedOut = new CheckedOut({ root, git: repo, worktrees: new Worktrees(root, repo), ...programs });
    const benchFile = `${root}/bench/a.bench.js`;
    const file = { file: benchFile, text: readFileSync(benchFile, 'utf8'), bundle: null, preparation: onlyBuild };
    const bundle = () => checkedOut.bundle(file, { name: 'HEAD', commit: first }, signal);
    expect(await bundle()).toMatchObject({ ok: true });
    rmSync(`${root}/.perf-budget/worktrees`, { recursive: true });
    expect(await bundle()).toMatchObject({ ok: true });
    expect(count(worktree(first))).toBe(1);
  });

  test('says why its build failed, with the last lines', async () => {
    const first = commit(root, {
      ...built,
      'build.mjs': "console.log('one\\ntwo\\nthree\\nfour');\nprocess.exit(1);\n",
    });
    write(root, { 'build.mjs': builder });
    const log = `.perf-budget/worktrees/${first.slice(0, 16)}.log`;
    expect(await oldBundle(first)).toMatch(
      /^the build of HEAD failed: "node build\.mjs" exited with code 1: two · three · four \(log: \.perf-budget\/worktrees\/\w+\.log\)$/,
    );
    expect(readFileSync(`${root}/${log}`, 'utf8')).toContain('one\ntwo\nthree\nfour\n');
  });

  test('is not left half built by a build that was cancelled, and all of the build ends', async () => {
    const hanging = `import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
if (!existsSync(${JSON.stringify(`${root}/go`)})) {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
  writeFileSync(${JSON.stringify(`${root}/pid`)}, String(child.pid));
  setInterval(() => {}, 1000);
} else {
  await import('./real.mjs');
}
`;
    const first = commit(root, { ...built, 'build.mjs': hanging, 'real.mjs': builder });
    const controller = new AbortController();
    const asked = oldBundle(first, onlyBuild, controller.signal);
    await expect.poll(() => existsSync(`${root}/pid`), { timeout: 30_000 }).toBe(true);
    controller.abort();
    expect(await asked).toBe('the run was cancelled');
    const pid = Number(readFileSync(`${root}/pid`, 'utf8'));
    await expect.poll(() => isRunning(pid), { timeout: 10_000 }).toBe(false);
    write(root, { go: '' });
    expect(await oldBundle(first)).toMatchObject({ unsafe: [] });
  });

  test('ends a build that hangs', async () => {
    const first = commit(root, { ...built, 'build.mjs': 'setInterval(() => {}, 1000);\n' });
    const repo = await open();
    const worktrees = new Worktrees(root, repo);
    const checkedOut = new CheckedOut({ root, git: repo, worktrees, ...programs, timeoutMs: 1000 });
    const file = { file: `${root}/bench/a.bench.js`, text: '', bundle: null, preparation: onlyBuild };
    const result = await checkedOut.bundle(file, { name: 'main', commit: first }, new AbortController().signal);
    expect(result.ok ? '' : result.error).toMatch(
      /^the build of main failed: "node build\.mjs" did not finish in 1 s and was stopped \(log: /,
    );
  });

  test('shares packages, says so where the lock file differs, and installs its own if it is told how', async () => {
    const lib = "import { value } from 'pkg';\nexport const rounds = value;\n";
    const installer = `import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
mkdirSync('node_modules/pkg', { recursive: true });
writeFileSync('node_modules/pkg/package.json', '{ "type": "module", "exports": "./index.ts" }');
writeFileSync('node_modules/pkg/index.ts', 'export const value = ' + readFileSync('package-lock.json', 'utf8') + ';');
`;
    const files = { ...built, 'src/lib.js': lib, 'install.mjs': installer };
    const first = commit(root, { ...files, 'package-lock.json': '111' });
    spawnSync(process.execPath, ['install.mjs'], { cwd: root });
    const asked = async (preparation: Preparation = onlyBuild): Promise<unknown> => {
      const old = await oldBundle(first, preparation);
      return typeof old === 'string' ? old : [/111|222/.exec(old.code)?.[0], old.unsafe];
    };
    expect(await asked()).toEqual(['111', []]);
    write(root, { 'package-lock.json': '222' });
    spawnSync(process.execPath, ['install.mjs'], { cwd: root });
    const note =
      'package-lock.json differs from that of HEAD, but both sides ran the same packages; set "install" to give the old code its own.';
    expect(await asked()).toEqual(['222', [note]]);
    expect(await asked({ ...onlyBuild, install: ['node', 'install.mjs'] })).toEqual(['111', []]);
    expect(readFileSync(`${root}/node_modules/pkg/index.ts`, 'utf8')).toContain('222');
  });

  test.skipIf(process.platform === 'win32')(
    'has the old packages of a workspace, and those of its submodules',
    async () => {
      const inner = repository(`${root}-inner`);
      try {
        commit(inner, { 'inner.js': 'export const inner = 333;\n' });
        git(root, 'submodule', '--quiet', 'add', inner, 'vendor/inner');
        const first = commit(root, {
          ...built,
          'src/lib.js':
            "import { member } from '@all/member';\nimport { inner } from '../vendor/inner/inner.js';\nimport { other } from 'other';\nexport const rounds = member + inner + other;\n",
          'packages/member/package.json': '{ "name": "@all/member", "type": "module", "exports": "./index.js" }',
          'packages/member/index.js': 'export const member = 111;\n',
        });
        write(root, {
          'node_modules/other/package.json': '{ "type": "module", "exports": "./index.ts" }',
          'node_modules/other/index.ts': 'export const other = 444;\n',
          'node_modules/@all/.keep': '',
        });
        symlinkSync('../../packages/member', `${root}/node_modules/@all/member`);
        write(root, { 'packages/member/index.js': 'export const member = 222;\n' });
        commit(`${root}/vendor/inner`, { 'inner.js': 'export const inner = 999;\n' });
        const old = await oldBundle(first);
        const { code } = typeof old === 'string' ? { code: old } : old;
        expect(['111', '222', '333', '444', '999'].filter((each) => code.includes(`=${each}`))).toEqual([
          ...['111', '333', '444'],
        ]);
        const now = await new Bundler(root).current(`${root}/bench/a.bench.js`);
        expect(now.ok).toBe(false);
      } finally {
        remove(inner);
      }
    },
  );

  test.skipIf(process.platform === 'win32')('is what benches find that have the repository as a package', async () => {
    const first = commit(root, {
      ...built,
      'package.json': '{ "name": "whole", "type": "module", "exports": "./lib.js" }',
      'lib.js': 'export const rounds = 111;\n',
      'bench/package.json': '{ "type": "module", "dependencies": { "whole": "file:../" } }',
      'bench/a.bench.js':
        "import { bench } from 'vitest';\nimport { rounds } from 'whole';\nbench('a', () => rounds);\n",
    });
    write(root, { 'bench/node_modules/.keep': '', 'lib.js': 'export const rounds = 222;\n' });
    symlinkSync('../..', `${root}/bench/node_modules/whole`);
    const old = await oldBundle(first);
    const { code } = typeof old === 'string' ? { code: old } : old;
    expect(['111', '222'].filter((each) => code.includes(`=${each}`))).toEqual(['111']);
  });
});
