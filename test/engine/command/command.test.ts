import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, utimesSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { afterEach, describe, expect, test } from 'vitest';
import type { BudgetResult } from '../../../src/core/results/measurement.js';
import {
  measureCommand,
  noRounds,
  type CommandSource,
  type CommandTarget,
} from '../../../src/engine/command/command.js';
import { runBuild } from '../../../src/engine/command/build.js';
import { runProgram } from '../../../src/engine/command/process.js';
import { Worktrees } from '../../../src/engine/git/worktrees.js';
import { Git } from '../../../src/engine/git/repository.js';
import { silent } from '../../../src/engine/util/log.js';
import { openProject } from '../../../src/engine/project/open.js';
import { findRuntime } from '../../../src/engine/workers/runtime.js';
import type { Project } from '../../../src/engine/project/snapshot.js';
import { commit, git, remove, repository, temporaryFolder, write } from '../repository.js';
import type { RunRequest } from '../../../src/engine/measure/request.js';

const workerPath = path.resolve(import.meta.dirname, '../../../dist/worker.js');

/** Prints what `src/speeds.json` says in Bencher's format, and leaves a line in `runs.log` of the repository for every run. */
const bench = `import { appendFileSync, readFileSync } from 'node:fs';
const speeds = JSON.parse(readFileSync('src/speeds.json', 'utf8'));
appendFileSync(process.env.PERF_BUDGET_TEST_LOG, JSON.stringify(Object.keys(speeds)) + '\\n');
const all = Object.entries(speeds).map(([name, value]) => [name, { latency: { value } }]);
console.error('a warning that means nothing');
console.log(JSON.stringify(Object.fromEntries(all)));
`;

const opened: Project[] = [];
const folders: string[] = [];
const gits: Git[] = [];

afterEach(async () => {
  for (const project of opened.splice(0)) await project.dispose();
  for (const one of gits.splice(0)) one.dispose();
  folders.splice(0).forEach(remove);
});

function folder(): string {
  const root = temporaryFolder();
  folders.push(root);
  return root;
}

const scan = { name: 'scan', command: ['node', 'bench.mjs'], reads: 'bencher', watch: ['src/**', 'bench.mjs'] };

function files(command: object, budgets: object, speeds: object): Record<string, string> {
  return {
    'perf-budget.jsonc': JSON.stringify({ benchmarks: [command], budgets, defaults: { time: '100 ms' } }),
    'bench.mjs': bench,
    'src/speeds.json': JSON.stringify(speeds),
    '.gitignore': 'out\nruns.log\n.perf-budget\n',
  };
}

/** A repository with one commit. */
function prepared(command: object, budgets: object, speeds: object): string {
  const root = repository(folder());
  commit(root, files(command, budgets, speeds));
  return root;
}

async function open(root: string): Promise<Project> {
  process.env['PERF_BUDGET_TEST_LOG'] = path.join(root, 'runs.log');
  const project = await openProject(path.join(root, 'perf-budget.jsonc'), {
    ...{ log: silent, trusted: true, nodePath: process.execPath, workerPath },
  });
  opened.push(project);
  return project;
}

/** `name: verdict, ratio: message (note)`, a line a budget. */
function said(results: readonly BudgetResult[]): readonly string[] {
  return results.map(({ name, verdict, cached, comparison, message, note }) => {
    const ratio = comparison === null ? '' : ` ${comparison.ratio.toFixed(3)}`;
    return `${name}: ${verdict}${cached ? ' cached' : ''}${ratio}: ${message}${note === undefined ? '' : ` (${note})`}`;
  });
}

async function run(project: Project, request: RunRequest = {}): Promise<readonly string[]> {
  return said((await project.run(request)).budgets);
}

const runs = (root: string): number => {
  const log = path.join(root, 'runs.log');
  return existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n').length : 0;
};

describe('a command whose output a reader understands', { timeout: 120_000 }, () => {
  test('is compared with the last commit in turns, all its benchmarks in the same runs', async () => {
    const budgets = {
      slow: { benchmark: 'scan/slow', limit: ['time <= baseline + 10%'] },
      steady: { benchmark: 'scan/steady', limit: ['time <= 2 us'] },
      ratio: { benchmark: 'scan/steady', limit: ["time <= 'scan/slow' / 5"] },
    };
    const root = prepared(scan, budgets, { slow: 100, steady: 10 });
    write(root, { 'src/speeds.json': JSON.stringify({ slow: 125, steady: 10 }) });
    const project = await open(root);
    expect(await run(project)).toMatchInlineSnapshot(`
      [
        "slow: fail 1.250: 25% slower than HEAD (+21 … +29%); the budget allows 10%",
        "steady: pass 1.000: 10.0 ns of 2 µs · ±0% vs HEAD",
        "ratio: pass 1.000: 10.0 ns of 25.0 ns · ±0% vs HEAD",
      ]
    `);
    // Five rounds of two sides: a claim needs as many.
    expect(runs(root)).toBe(10);
    expect(await run(project)).toMatchInlineSnapshot(`
      [
        "slow: fail cached 1.250: 25% slower than HEAD (+21 … +29%); the budget allows 10%",
        "steady: pass cached 1.000: 10.0 ns of 2 µs · ±0% vs HEAD",
        "ratio: pass cached 1.000: 10.0 ns of 25.0 ns · ±0% vs HEAD",
      ]
    `);
    expect(runs(root)).toBe(10);
    expect(git(root, 'status', '--porcelain')).toBe('M src/speeds.json');
  });

  test('is not found slower for waits of which its processor time shows nothing, nor over a bound that it keeps', async () => {
    // A run on a busy machine waits for a processor now more and now less; so does this one, and always 40% more than the old code.
    const wait = `import { appendFileSync, readFileSync } from 'node:fs';
      appendFileSync('runs.log', '.');
      const { factor } = JSON.parse(readFileSync('wait.json', 'utf8'));
      const waits = [300, 700, 400, 1000, 250, 800];
      setTimeout(() => {}, factor * waits[readFileSync('runs.log').length % waits.length]);`;
    const root = repository(folder());
    const limit = (check: string): object => ({ benchmark: 'wait', limit: [check] });
    const command = { name: 'wait', command: [process.execPath, 'wait.mjs'], watch: ['wait.*'] };
    const budgets = { change: limit('time <= baseline + 10%'), bound: limit('time <= 280 ms') };
    commit(root, {
      'perf-budget.jsonc': JSON.stringify({ benchmarks: [command], budgets, defaults: { time: '6 s' } }),
      ...{ 'wait.mjs': wait, 'wait.json': '{ "factor": 1 }', '.gitignore': 'runs.log\n.perf-budget\n' },
    });
    write(root, { 'wait.json': '{ "factor": 1.4 }' });
    const { budgets: results } = await (await open(root)).run({});
    const busy = /this machine was too busy: runs of the same code took very different times/;
    for (const { verdict, message } of results)
      expect([verdict, message]).toEqual(['undecided', expect.stringMatching(busy)]);
  });

  test('runs on its own where nothing that it depends on has changed, and is called as the command where it has one', async () => {
    const root = prepared(scan, { only: { benchmark: 'scan', limit: ['time <= 1 us'] } }, { only: 500 });
    write(root, { 'README.md': 'nothing of it' });
    const project = await open(root);
    expect(await run(project)).toMatchInlineSnapshot(`
      [
        "only: pass 1.000: 500 ns of 1 µs · same code as HEAD",
      ]
    `);
    expect(runs(root)).toBe(3);
    expect(existsSync(path.join(root, '.perf-budget/worktrees'))).toBe(false);
  });

  test('is built on both sides, the old one once', async () => {
    const build = ['node', '-e', "require('fs').cpSync('src', 'out', { recursive: true })"];
    const command = { ...scan, command: ['node', 'built.mjs'], build, watch: ['src/**'] };
    const root = repository(folder());
    const built = bench.replace('src/speeds', 'out/speeds');
    const budgets = { only: { benchmark: 'scan', limit: ['time <= baseline + 10%'] } };
    commit(root, { ...files(command, budgets, { only: 100 }), 'built.mjs': built });
    write(root, { 'src/speeds.json': JSON.stringify({ only: 90 }) });
    const project = await open(root);
    expect(await run(project)).toMatchInlineSnapshot(`
      [
        "only: pass 0.900: 90 ns · 10% faster than HEAD",
      ]
    `);
    write(root, { 'src/speeds.json': JSON.stringify({ only: 101 }) });
    const report = await project.run({ files: [path.join(root, 'src/speeds.json')] });
    expect(said(report.budgets)).toMatchInlineSnapshot(`
      [
        "only: pass 1.010: 101 ns · +1% vs HEAD",
      ]
    `);
    const id = git(root, 'rev-parse', 'HEAD').slice(0, 16);
    const worktree = path.join(root, '.perf-budget/worktrees', id);
    expect(readFileSync(path.join(worktree, 'out/speeds.json'), 'utf8')).toBe('{"only":100}');
    expect(JSON.parse(readFileSync(`${worktree}.json`, 'utf8'))).toEqual([JSON.stringify(build)]);
  });

  test('is run once to learn its names where a budget is about a family of them', async () => {
    const budgets = { growth: { benchmark: 'scan/{n}', limit: ['time <= O(n)'] } };
    const root = prepared(scan, budgets, { 10: 1e3, 100: 1e4, 1000: 1e5, 10_000: 1e6, 100_000: 1e7 });
    const project = await open(root);
    expect(await run(project)).toMatchInlineSnapshot(`
      [
        "growth: pass 1.000: scan/10: 1.00 µs · same code as HEAD",
      ]
    `);
  });

  test('that only the present code can run costs the comparison', async () => {
    const root = prepared(scan, { only: { benchmark: 'scan', limit: ['time <= 1 us'] } }, { only: 500 });
    write(root, { 'bench.mjs': 'process.stderr.write("first\\n\\nno such table\\n"); process.exit(7);\n' });
    git(root, 'add', '--all');
    git(root, 'commit', '--quiet', '--message', 'breaks it');
    write(root, { 'bench.mjs': bench });
    expect(await run(await open(root))).toMatchInlineSnapshot(`
      [
        "only: undecided: 500 ns of 1 µs · not compared: the old code cannot run: "node bench.mjs" exited with code 7: no such table",
      ]
    `);
  });

  test('that fails is not run again for its other benchmarks', async () => {
    const budgets = { one: { benchmark: 'scan/one' }, other: { benchmark: 'scan/other' } };
    const root = prepared(scan, budgets, { one: 1, other: 1 });
    write(root, { 'bench.mjs': `${bench}process.exitCode = 1;\n` });
    expect(await run(await open(root))).toEqual([
      'one: error: "node bench.mjs" exited with code 1: a warning that means nothing',
      'other: error: "node bench.mjs" exited with code 1: a warning that means nothing',
    ]);
    expect(runs(root)).toBe(1);
  });

  test('without git has the stored number alone, and says so', async () => {
    const root = folder();
    write(root, files(scan, { only: { benchmark: 'scan', limit: ['time <= baseline + 10%'] } }, { only: 500 }));
    const project = await open(root);
    const [told = ''] = await run(project);
    expect([told.replace(root, '<root>')]).toMatchInlineSnapshot(`
      [
        "only: undecided: <root> is not in a Git repository; capture a baseline to have something to compare with",
      ]
    `);
    const captured = await project.capture({ name: 'v1', reason: '', automatic: false });
    expect(captured.ok).toBe(true);
    write(root, { 'src/speeds.json': JSON.stringify({ only: 700 }) });
    const report = await project.run({ files: [path.join(root, 'src/speeds.json')] });
    expect(said(report.budgets)).toMatchInlineSnapshot(`
      [
        "only: fail: time is 700 ns; the limit is 550 ns (time <= baseline + 10%) · without Git, the command cannot run in the old code; compared with the figures of v1, measured at another time (without Git, the command cannot run in the old code; compared with the figures of v1, measured at another time)",
      ]
    `);
  });

  test('that is saved is run again; other files do not reach it', async () => {
    const root = prepared(scan, { only: { benchmark: 'scan', limit: ['time <= 1 us'] } }, { only: 500 });
    const project = await open(root);
    await project.run({});
    expect((await project.run({ files: [path.join(root, 'README.md')] })).budgets).toEqual([]);
    write(root, { 'src/new.txt': 'new' });
    const report = await project.run({ files: [path.join(root, 'src/speeds.json')] });
    expect(said(report.budgets)).toMatchInlineSnapshot(`
      [
        "only: pass 1.000: 500 ns of 1 µs · ±0% vs HEAD",
      ]
    `);
  });
});

describe('old code in files', { timeout: 120_000 }, () => {
  async function worktrees(root: string): Promise<Worktrees> {
    const opening = await Git.open(root);
    if (!opening.ok) throw new Error(opening.error.message);
    gits.push(opening.value);
    return new Worktrees(root, opening.value);
  }

  /** A program whose turn it is, and which does not end. */
  async function holding(lock: string): Promise<ChildProcess> {
    const script = `const database = new (require('node:sqlite').DatabaseSync)(${JSON.stringify(lock)});
      database.exec('BEGIN EXCLUSIVE');
      console.log('it has the turn');
      setInterval(() => database, 1000);`;
    const holder = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'ignore'] });
    await once(holder.stdout, 'data');
    return holder;
  }

  test('is checked out once for all who ask, with what programs that died left behind', async () => {
    const root = repository(folder());
    const id = commit(root, { 'a.txt': 'old', 'sub/perf-budget.jsonc': '{}' });
    write(root, { 'a.txt': 'new', 'node_modules/p/index.js': '' });
    // A checkout that was cut short, by the end of the program that has its turn.
    write(root, { [`sub/.perf-budget/worktrees/${id.slice(0, 16)}/a.txt`]: 'half' });
    const holder = await holding(path.join(root, 'sub/.perf-budget/worktrees/.lock'));
    const top = path.join(root, 'sub/.perf-budget/worktrees', id.slice(0, 16));
    const asking = Promise.all([1, 2].map(async () => (await worktrees(path.join(root, 'sub'))).of(id)));
    // Whose turn it is not begins nothing: the first thing that it would do is to take away what was cut short.
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(readFileSync(path.join(top, 'a.txt'), 'utf8')).toBe('half');
    holder.kill('SIGKILL');
    const all = await asking;
    expect(all.map((one) => one.ok && one.value.root)).toEqual([path.join(top, 'sub'), path.join(top, 'sub')]);
    expect(readFileSync(path.join(top, 'a.txt'), 'utf8')).toBe('old');
    expect(existsSync(path.join(top, 'node_modules/p/index.js'))).toBe(true);
    expect(git(root, 'status', '--porcelain').split('\n')).toEqual(['M a.txt', '?? node_modules/']);
  });

  test('is kept of the three commits that were used last, and of more that are in use', async () => {
    const root = repository(folder());
    const ids = [1, 2, 3, 4, 5].map((n) => commit(root, { 'a.txt': String(n) }));
    const own = await worktrees(root);
    const place = (id: string): string => path.join(root, '.perf-budget/worktrees', id.slice(0, 16));
    const kept = (): readonly boolean[] => ids.map((id) => existsSync(path.join(place(id), 'a.txt')));
    for (const id of ids.slice(0, 4)) expect((await own.of(id)).ok).toBe(true);
    expect(kept()).toEqual([true, true, true, true, false]);
    const hour = 3600;
    for (const [index, id] of ids.slice(0, 4).entries()) {
      const at = Date.now() / 1000 - hour + index;
      utimesSync(`${place(id)}.json`, at, at);
    }
    own.release();
    expect((await own.of(ids[4] ?? '')).ok).toBe(true);
    expect(kept()).toEqual([false, false, true, true, true]);
    expect(git(root, 'worktree', 'list').split('\n')).toHaveLength(4);
  });

  test('that cannot be had says so', async () => {
    const root = repository(folder());
    commit(root, { 'a.txt': '1' });
    expect(await (await worktrees(root)).of('0123456789abcdef0123456789abcdef01234567')).toEqual({
      ok: false,
      error: 'Git cannot check out 01234567: invalid reference: 0123456789abcdef0123456789abcdef01234567',
    });
  });
});

describe('a program without a reader', { timeout: 120_000 }, () => {
  test('is measured as a whole process', async () => {
    const command = { name: 'app', command: ['node', 'app.mjs'], watch: ['app.mjs'] };
    const limit = [
      'time <= 60 s',
      'cpu <= 60 s',
      'cpu >= 1 ms',
      'rss <= 2 GB',
      'rss >= 120 MB',
      'time <= baseline + 900%',
    ];
    const root = repository(folder());
    const app = 'const held = Buffer.alloc(100e6, 1);\nconsole.log(held.length);\n';
    commit(root, { ...files(command, { app: { benchmark: 'app', limit } }, {}), 'app.mjs': app });
    write(root, { 'app.mjs': `${app}// changed\n` });
    const report = await (await open(root)).run({});
    const [result] = report.budgets;
    expect(result?.checks.map(({ check, verdict }) => `${check}: ${verdict}`)).toEqual(
      limit.map((one) => `${one}: pass`),
    );
    expect(result?.comparison).not.toBeNull();
  });
});

describe('a command that does not do what it should', { timeout: 120_000 }, () => {
  async function failing(command: object, more: Record<string, string> = {}): Promise<string | undefined> {
    const root = folder();
    write(root, { ...files({ ...scan, ...command }, { only: { benchmark: 'scan' } }, { only: 5, other: 6 }), ...more });
    return (await run(await open(root)))[0];
  }

  test.each<[what: string, message: string, command: object, more?: Record<string, string>]>([
    ['is not there', '"perf-budget-no-such-program" is not on the PATH', { command: ['perf-budget-no-such-program'] }],
    ['is not there, by its path', './out/app does not exist', { command: ['./out/app', '--fast'] }],
    ['is a folder', './src is not executable', { command: ['./src'] }],
    [
      'exits with an error after printing good output',
      '"node late.mjs" exited with code 3: the last test failed',
      { command: ['node', 'late.mjs'] },
      { 'late.mjs': `${bench}console.error('the last test failed');\nprocess.exitCode = 3;\n` },
    ],
    [
      'prints what another tool prints',
      'the output of "node bench.mjs": This is bencher\'s output, not hyperfine\'s: write "reads": "bencher"',
      { reads: 'hyperfine', command: ['node', 'bench.mjs'] },
    ],
    [
      'prints nothing',
      'the output of "node -e 0": This cannot be read as bencher\'s output. There is no output',
      { command: ['node', '-e', '0'] },
    ],
    ['has no such benchmark', '"node bench.mjs" has no benchmark "scan". It has scan/only, scan/other', {}],
    ['writes no file', '"node bench.mjs" did not write out/results.json', { from: 'out/results.json' }],
    ['leaves an old file', '"node bench.mjs" did not change src/speeds.json', { from: 'src/speeds.json' }],
    [
      'does not build',
      'the build of "scan" failed: "node -e console.error("line 3: no semicolon"); process.exit…" exited with code 1: line 3: no semicolon',
      { build: ['node', '-e', 'console.error("line 3: no semicolon"); process.exit(1)'] },
    ],
    [
      'waits for input',
      '"node -e process.stdin.on(\'end\', () => process.exit(4)).resu…" exited with code 4',
      { command: ['node', '-e', "process.stdin.on('end', () => process.exit(4)).resume()"] },
    ],
  ])('it %s', async (_, message, command, more) => {
    expect(await failing(command, more)).toBe(`only: error: ${message}`);
  });

  test.skipIf(process.platform === 'win32')('it needs a terminal', async () => {
    const command = ['node', '-e', "require('fs').openSync('/dev/tty', 'r+')"];
    expect(await failing({ command })).toBe(
      `only: error: "${command.join(' ')}" exited with code 1: Error: ENXIO: no such device or address, open '/dev/tty'`,
    );
  });

  const source = (command: readonly string[]): CommandSource => ({
    ...{ kind: 'command', name: 'scan', command, reads: 'bencher', from: null, build: null, watch: [] },
    location: { file: 'perf-budget.jsonc', start: { line: 1, column: 1 }, end: { line: 1, column: 2 } },
  });

  async function options(signal = new AbortController().signal) {
    return { runtime: await findRuntime(process.execPath), workerPath, signal };
  }

  const target = (root: string, command: readonly string[]): CommandTarget => ({
    ...{ name: 'scan', source: source(command), root, old: null, note: null, settings: { runs: null, warmup: null } },
    ...{ timeMs: 100, cooldownMs: 0, shares: '' },
  });

  const alive = (pid: number): boolean => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };

  async function pidIn(file: string): Promise<number> {
    for (;;) {
      const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
      if (text.endsWith('\n')) return Number(text);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async function isGone(pid: number): Promise<boolean> {
    for (let look = 0; look < 200 && alive(pid); look++) await new Promise((resolve) => setTimeout(resolve, 20));
    return !alive(pid);
  }

  /** Starts a program that never ends, says which it is, and never ends itself. */
  const hanging = `const { spawn } = require('node:child_process');
const child = spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)'], { stdio: 'inherit' });
require('node:fs').writeFileSync('pid', child.pid + '\\n');
`;

  test('hangs: it is ended with all that it started', async () => {
    const root = folder();
    const hang = target(root, ['node', '-e', hanging]);
    const limits = { ...(await options()), timeoutMs: 4000 };
    const measured = await measureCommand(hang, noRounds(), () => 'open', limits);
    const shown = `node -e ${hanging}`.slice(0, 59);
    const message = `"${shown}…" did not finish in 4 s and was stopped`;
    expect(measured).toEqual({ ok: false, error: { kind: 'timeout', message } });
    expect(await isGone(await pidIn(path.join(root, 'pid')))).toBe(true);
  });

  test('is aborted: it is ended with all that it started', async () => {
    const root = folder();
    const controller = new AbortController();
    const hang = target(root, ['node', '-e', hanging]);
    const measuring = measureCommand(hang, noRounds(), () => 'open', await options(controller.signal));
    const pid = await pidIn(path.join(root, 'pid'));
    controller.abort();
    expect(await measuring).toEqual({ ok: false, error: { kind: 'aborted' } });
    expect(await isGone(pid)).toBe(true);
  });

  test('leaves something running that holds its output open: that is ended too', async () => {
    const root = folder();
    const ran = await runProgram(['node', '-e', `${hanging}child.unref(); console.log('done');`], {
      ...{ ...(await options()), cwd: root, timeoutMs: 60_000, reads: true },
    });
    expect(ran.ok && ran.value.output).toBe('done\n');
    expect(await isGone(await pidIn(path.join(root, 'pid')))).toBe(true);
  });

  test.runIf(process.platform === 'linux')(
    'starts a daemon that holds its output open: that is ended too',
    async () => {
      const root = folder();
      // In a session of its own, and nobody’s child any more.
      const daemon =
        "(setsid sh -c 'echo $$ > pid; exec sleep 300' &); until [ -s pid ]; do sleep 0.01; done; echo done";
      const ran = await runProgram(['sh', '-c', daemon], {
        ...{ ...(await options()), cwd: root, timeoutMs: 60_000, reads: true },
      });
      expect(ran.ok && ran.value.output).toBe('done\n');
      expect(await isGone(await pidIn(path.join(root, 'pid')))).toBe(true);
    },
  );

  test.skipIf(process.platform === 'win32')('prints much while it builds: the end of it is kept', async () => {
    const root = folder();
    const log = path.join(root, 'log');
    const script = "yes | head -c 5000000; echo 'error: no more'; exit 1";
    const built = await runBuild(['sh', '-c', script], root, log, await options());
    expect(built).toMatchObject({
      ok: false,
      error: { message: expect.stringMatching(/: error: no more$/) as string },
    });
    const text = readFileSync(log, 'utf8');
    expect(text.length).toBeLessThan(1_100_000);
    expect(text.slice(-19)).toBe('y\ny\nerror: no more\n');
  });

  test('is ended by a signal', async () => {
    const ran = await runProgram(['node', '-e', "process.kill(process.pid, 'SIGKILL')"], {
      ...{ ...(await options()), cwd: folder(), timeoutMs: 60_000, reads: true },
    });
    expect(ran).toEqual({
      ok: false,
      error: {
        kind: 'crashed',
        message: `"node -e process.kill(process.pid, 'SIGKILL')" crashed with signal SIGKILL`,
      },
    });
  });
});
