/** Our own figures: from a save to what the user sees, on the demo and on a large workspace. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { chromium, type Page } from 'playwright-core';
import { parseConfig } from '../../src/core/config/config.js';
import { judge } from '../../src/core/judge/judge.js';
import { budgetResult } from '../../src/core/text/result.js';
import { completeConfig } from '../../src/core/assist/completion.js';
import { mean, percentile } from '../../src/core/stats/stats.js';
import { History } from '../../src/engine/history/history.js';
import { silent } from '../../src/engine/util/log.js';
import { Engine } from '../../src/engine/remote/client.js';
import type { Project } from '../../src/engine/project/snapshot.js';
import { chromium as executable } from '../host/browser.mjs';
import { dashboardFigures } from './dashboard.js';
import { fillHistory } from './history.js';

const run = promisify(execFile);
const repository = path.resolve(import.meta.dirname, '../..');
const enginePath = path.join(repository, 'dist/engine.js');
const options = { trusted: true, nodePath: null, workerPath: path.join(repository, 'dist/worker.js') };

interface Row {
  readonly figure: string;
  readonly median: string;
  readonly p95: string;
  readonly of: number;
  readonly goal: string;
}

const rows: Row[] = [];

function report(figure: string, values: readonly number[], goal: string, unit = 'ms'): void {
  const sorted = [...values].sort((a, b) => a - b);
  const shown = (p: number): string => `${percentile(sorted, p).toPrecision(3)} ${unit}`;
  rows.push({ figure, median: shown(50), p95: shown(95), of: values.length, goal });
}

function change(project: Project): Promise<void> {
  return new Promise((resolve) => {
    const end = project.onDidChange(() => {
      end();
      resolve();
    });
  });
}

/** Waits for a budget's verdict that was reached after `since` (milliseconds since the epoch). */
async function verdictOf(project: Project, name: string, since: number): Promise<string> {
  for (;;) {
    const state = project.snapshot.budgets.find(({ budget }) => budget.name === name)?.state;
    if (state?.kind === 'known' && state.known.at >= since) return state.known.result.verdict;
    await change(project);
  }
}

async function idle(project: Project): Promise<void> {
  while (project.snapshot.progress !== null) await change(project);
}

/** Milliseconds of processor time that the benchmarks' processes below this one have used so far; null where /proc is not. */
async function usedBelow(): Promise<number | null> {
  const stats = await Promise.all(
    (await readdir('/proc').catch(() => []))
      .filter((name) => /^\d+$/.test(name))
      .map(async (name) => readFile(`/proc/${name}/stat`, 'utf8').catch(() => '')),
  );
  // pid (name) state ppid …; proc(5): utime, stime and those of waited-for children are the fields 14 to 17, in hundredths.
  const own = stats.find((text) => text.startsWith(`${process.pid} `))?.replace(/^.*\) /s, '');
  if (own === undefined) return null;
  let ticks = 0;
  for (const text of stats) {
    const fields = text.replace(/^.*\) /s, '').split(' ');
    if (fields[1] === String(process.pid)) for (const at of [11, 12, 13, 14]) ticks += Number(fields[at]);
  }
  const waited = own.split(' ');
  return (ticks + Number(waited[13]) + Number(waited[14])) * 10;
}

/** The workers below this process; none where /proc is not. */
async function workersBelow(): Promise<readonly number[]> {
  const names = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    names.map(async (name) => {
      const command = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '');
      return command.includes(options.workerPath) && (await parentOf(Number(name))) === process.pid
        ? [Number(name)]
        : [];
    }),
  );
  return found.flat();
}

/** proc(5): the process that a living one was started by; null of one that is gone or has only to be waited for. */
async function parentOf(pid: number): Promise<number | null> {
  const stat = (await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')).replace(/^.*\) /s, '').split(' ');
  return stat[0] === 'Z' || stat[1] === undefined ? null : Number(stat[1]);
}

/** What measuring costs: the share of the time in which benchmarks run, and the processors that are kept busy. */
async function costFigures(project: Project, busyMs: () => number, rounds: number): Promise<void> {
  const shares: number[] = [];
  const cores: number[] = [];
  const own: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const before = { below: await usedBelow(), cpu: process.cpuUsage(), busy: busyMs(), at: performance.now() };
    await project.run({ fresh: true });
    const ms = performance.now() - before.at;
    const { user, system } = process.cpuUsage(before.cpu);
    const below = await usedBelow();
    shares.push((100 * (busyMs() - before.busy)) / ms);
    if (below !== null && before.below !== null) cores.push((below - before.below) / ms);
    own.push((user + system) / 1000 / ms);
  }
  report('share of a run of all budgets in which a benchmark runs', shares, 'over 70 %', '%');
  if (cores.length > 0) report('cores that its processes use meanwhile', cores, 'at most 1', '');
  report('cores that the engine uses meanwhile', own, '(beside it)', '');
}

async function demoFigures(folder: string, rounds: number): Promise<void> {
  const demo = path.join(folder, 'demo');
  await symlink(path.join(repository, 'node_modules'), path.join(demo, 'node_modules'), 'junction');
  let sampling: (() => void) | null = null;
  let busyMs = 0;
  const log = {
    ...silent,
    trace: (message: string) => message.startsWith('sampling') && sampling?.(),
    debug: (message: string) => {
      busyMs += Number(/^measured .*: (\d+) of \d+ ms$/.exec(message)?.[1] ?? 0);
    },
  };
  const engine = new Engine(enginePath, log);
  const project = await engine.open(path.join(demo, 'perf-budget.jsonc'), options);
  await project.run({});
  const file = path.join(demo, 'src/tokenizer.ts');
  const original = await readFile(file, 'utf8');
  const firstSample: number[] = [];
  const toVerdict: number[] = [];
  const unchanged: number[] = [];
  const verdicts: string[] = [];
  const vitest: number[] = [];
  const save = async (text: string): Promise<{ from: number; since: number }> => {
    await writeFile(file, text);
    const saved = { from: performance.now(), since: Date.now() };
    project.filesChanged([file]);
    return saved;
  };
  for (let round = 0; round < rounds; round++) {
    // The user thinks between two saves, and the next worker gets warm.
    await new Promise((resolve) => setTimeout(resolve, 500));
    const sampled = new Promise<number>((resolve) => {
      sampling = () => resolve(performance.now());
    });
    // Code that is new to every cache, and no slower.
    const { from, since } = await save(
      `${original}\nexport const round = ${round};\n(globalThis as { round?: number }).round = round;\n`,
    );
    firstSample.push((await sampled) - from);
    sampling = null;
    verdicts.push(await verdictOf(project, 'tokenize', since));
    toVerdict.push(performance.now() - from);
    await idle(project);

    const again = await save(`${await readFile(file, 'utf8')}// a comment\n`);
    await verdictOf(project, 'tokenize', again.since);
    unchanged.push(performance.now() - again.from);
    await idle(project);

    const start = performance.now();
    const cli = path.join(repository, 'node_modules/vitest/vitest.mjs');
    await run(process.execPath, [cli, 'bench', '--run', 'bench/tokenizer.bench.ts', '--root', demo], { cwd: demo });
    vitest.push(performance.now() - start);
  }
  report('save → first sample', firstSample, 'p95 under 100 ms');
  report('save → known verdict, nothing changed', unchanged, 'under 10 ms');
  report('save → verdict', toVerdict, 'median 1 s');
  report('vitest bench, the same file', vitest, '(no verdict)');
  report(
    'save → verdict ÷ vitest bench',
    toVerdict.map((ms, round) => ms / (vitest[round] ?? NaN)),
    'under 1',
    '×',
  );
  console.log(`verdicts on unchanged work: ${verdicts.join(' ')}`);
  await costFigures(project, () => busyMs, 2);
  const yields: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const started = new Promise<void>((resolve) => (sampling = resolve));
    await save(`${original}\n(globalThis as { first?: number }).first = ${round};\n`);
    await started;
    await new Promise((resolve) => setTimeout(resolve, 100 + 7 * round));
    const next = new Promise<void>((resolve) => (sampling = resolve));
    const workers = await workersBelow();
    const { from } = await save(`${original}\n(globalThis as { second?: number }).second = ${round};\n`);
    // One of them was waiting for work and has it now; the other one has to go.
    while (workers.length > 1 && (await Promise.all(workers.map(parentOf))).every((parent) => parent !== null)) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (workers.length > 1) yields.push(performance.now() - from);
    await next;
    sampling = null;
    project.cancel();
    await idle(project);
  }
  if (yields.length > 0) report('save during a run → its worker is gone', yields, 'p95 under 50 ms');
  await engine.dispose();
}

/** What 1,000 budgets over 10,000 files cost the process that holds them. */
async function largeFigures(folder: string): Promise<void> {
  const root = path.join(folder, 'large');
  const benchFiles = 100;
  await mkdir(path.join(root, 'bench'), { recursive: true });
  await mkdir(path.join(root, 'src'), { recursive: true });
  for (let file = 0; file < 10_000; file++) {
    const next = file % 100 === 99 ? '' : `import { f${file + 1} } from './m${file + 1}.js';\n`;
    const body = next === '' ? String(file) : `f${file + 1}() + 1`;
    await writeFile(
      path.join(root, `src/m${file}.ts`),
      `${next}export function f${file}(): number {\n  return ${body};\n}\n`,
    );
  }
  const budgets: string[] = [];
  for (let file = 0; file < benchFiles; file++) {
    const cases: string[] = [];
    for (let one = 0; one < 10; one++) {
      cases.push(`  bench('case ${one}', () => f${file * 100}());`);
      budgets.push(
        `    "budget ${file * 10 + one}": { "benchmark": "suite ${file}/case ${one}", "limit": ["p95 <= 2 ms"] }`,
      );
    }
    const head = `import { bench, describe } from 'vitest';\nimport { f${file * 100} } from '../src/m${file * 100}.js';\n`;
    await writeFile(
      path.join(root, `bench/b${file}.bench.ts`),
      `${head}describe('suite ${file}', () => {\n${cases.join('\n')}\n});\n`,
    );
  }
  const config = `{\n  "benchmarks": [{ "files": "bench/*.bench.ts" }],\n  "budgets": {\n${budgets.join(',\n')}\n  }\n}\n`;
  await writeFile(path.join(root, 'perf-budget.jsonc'), config);
  await run('git', ['init', '-q'], { cwd: root });
  // The machine itself holds an idle process up, too: the control does nothing else.
  const control = new Worker(
    `const { monitorEventLoopDelay } = require('node:perf_hooks');
     const delay = monitorEventLoopDelay({ resolution: 1 });
     delay.enable();
     require('node:worker_threads').parentPort.on('message', () => {
       require('node:worker_threads').parentPort.postMessage(delay.max / 1e6);
       delay.reset();
     });`,
    { eval: true },
  );
  const idleBlock = async (): Promise<number> => {
    control.postMessage('');
    const [milliseconds] = (await once(control, 'message')) as [number];
    return milliseconds;
  };
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const engine = new Engine(enginePath, silent);
  const project = await engine.open(path.join(root, 'perf-budget.jsonc'), options);
  await project.reload();
  report('1,000 budgets, 10,000 files: longest block while opening', [delay.max / 1e6], 'under 10 ms');
  report('… of an idle thread meanwhile', [await idleBlock()], '(the machine)');
  delay.reset();
  // A checkout touches everything.
  project.filesChanged(Array.from({ length: 10_000 }, (_, file) => path.join(root, `src/m${file}.ts`)));
  await new Promise((resolve) => setTimeout(resolve, 3000));
  project.cancel();
  report('1,000 budgets, 10,000 files: longest block after a checkout', [delay.max / 1e6], 'under 10 ms');
  report('… of an idle thread meanwhile', [await idleBlock()], '(the machine)');
  await control.terminate();
  delay.disable();
  await engine.dispose();
}

async function historyFigures(folder: string): Promise<void> {
  const root = path.join(folder, 'history');
  await mkdir(root, { recursive: true });
  await fillHistory(root, 1_000_000);
  const history = await History.open(root);
  const times: number[] = [];
  for (let round = 0; round < 200; round++) {
    const from = performance.now();
    history.rows(`budget ${round % 100}`, 60);
    times.push(performance.now() - from);
  }
  history.close();
  report('history for a hover, of a million rows', times, 'under 10 ms');
  console.log(`mean ${mean(times).toFixed(2)} ms`);
}

/** What who looks at the page of `report --html` waits for: a million runs, of a hundred budgets. */
async function pageFigures(folder: string, rounds: number): Promise<void> {
  const root = path.join(folder, 'page');
  await mkdir(root, { recursive: true });
  const budgets = Array.from({ length: 100 }, (_, index) => {
    return `"budget ${index}": { "benchmark": "tokenizer/large", "limit": ["p95 <= 2 ms"] }`;
  });
  const config = `{ "benchmarks": [{ "files": "*.bench.ts" }], "budgets": { ${budgets.join(', ')} } }`;
  await writeFile(path.join(root, 'perf-budget.jsonc'), config);
  await fillHistory(root, 1_000_000);
  const from = performance.now();
  await run(process.execPath, [path.join(repository, 'dist/cli.js'), '-C', root, 'report', '--html', 'page.html']);
  report('report --html of a million points: written', [(performance.now() - from) / 1000], '(beside it)', 's');
  const args = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'];
  const browser = await chromium.launch({ executablePath: executable(), args });
  const opened: number[] = [];
  const zoomed: number[] = [];
  const filtered: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    const start = performance.now();
    await page.goto(`file://${path.join(root, 'page.html')}`, { waitUntil: 'commit' });
    await page.locator('canvas').first().waitFor();
    opened.push(performance.now() - start);
    await page.waitForLoadState();
    await page.locator('.plot').first().focus();
    for (const key of ['+', 'Home', 'Escape']) zoomed.push(await drawn(page, () => page.keyboard.press(key)));
    for (const days of ['90', '']) {
      const choice = `document.forms[0].days.value = '${days}'; document.forms[0].dispatchEvent(new Event('input'));`;
      filtered.push(await drawn(page, () => page.evaluate(choice)));
    }
    await page.close();
  }
  await browser.close();
  report('page of a million points: open, the first chart drawn', opened, 'under 2,000 ms');
  report('… from a key that zooms to the next picture', zoomed, 'under 100 ms');
  report('… from a filter to the next picture', filtered, 'under 100 ms');
}

/** Milliseconds from something that is done until the browser has drawn what comes of it. */
async function drawn(page: Page, action: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await action();
  await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))');
  return performance.now() - from;
}

/** What the editor computes while a file of 1,000 budgets over 1,000 benchmarks is written. */
function languageFigures(): void {
  const names = Array.from({ length: 1000 }, (_, index) => `suite ${index % 100}/case ${index}`);
  const budgets = names.map((name, index) => {
    const checks = `"target": ["p50 <= 1 ms"], "limit": ["p95 <= 2 ms", "time <= baseline + 10%"]`;
    return `    "budget ${index}": { "benchmark": "${name}", "code": "src/m${index}.ts#f${index}", ${checks} }`;
  });
  const text = `{\n  "benchmarks": [{ "files": "bench/*.bench.ts" }],\n  "budgets": {\n${budgets.join(',\n')}\n  }\n}\n`;
  const known = { benchmarks: names, budgets: names.map((_, index) => `budget ${index}`) };
  const last = text.lastIndexOf('p95 <= ');
  const times = (work: () => unknown): readonly number[] =>
    Array.from({ length: 200 }, () => {
      const from = performance.now();
      work();
      return performance.now() - from;
    });
  const places = [last + 1, last + 4, last + 'p95 <= '.length, last + 'p95 <= 2 m'.length];
  const completing = places.flatMap((offset) => times(() => completeConfig(text, offset, known)));
  report('completion inside a check, 1,000 budgets and benchmarks', completing, 'under 5 ms');
  report(
    'reading and checking 1,000 budgets',
    times(() => parseConfig('/perf-budget.jsonc', text)),
    'under 10 ms',
  );
  const { config } = parseConfig('/perf-budget.jsonc', text);
  const estimate = { value: 1e6, low: 0.9e6, high: 1.1e6, samples: 1000 };
  const side = { metrics: { time: estimate, p50: estimate, p95: estimate } };
  const comparison = { ratio: 1.01, low: 0.97, high: 1.05, processes: 4, clock: 'cpu' as const };
  const measurement = { current: side, baseline: side, comparison, samples: 100, elapsedMs: 600, note: null };
  const judging = (): unknown =>
    config?.budgets.map((budget, index) => {
      const name = names[index] ?? '';
      const member = { name, size: null, measurement: { ...measurement, benchmark: name }, work: budget.run.work };
      return budgetResult(
        judge(budget, { members: [member], references: new Map() }, { cached: false, baselineName: 'HEAD' }),
      );
    });
  report('judging 1,000 results', times(judging), 'under 5 ms');
}

/** What the command line costs beside a plain start of Node, in turns. */
async function startFigures(folder: string, rounds: number): Promise<void> {
  const cli = path.join(repository, 'dist/cli.js');
  const demo = path.join(folder, 'demo');
  await symlink(path.join(repository, 'node_modules'), path.join(demo, 'node_modules'), 'junction').catch(
    () => undefined,
  );
  const many = path.join(folder, 'many');
  await mkdir(path.join(many, 'bench'), { recursive: true });
  const names = Array.from({ length: 300 }, (_, index) => `case ${index}`);
  for (const [index, name] of names.entries()) {
    const text = `import { bench } from 'vitest';\nbench('${name}', () => { let sum = ${index}; for (let i = 0; i < 100; i++) sum += i; return sum; });\n`;
    await writeFile(path.join(many, `bench/b${index}.bench.ts`), text);
  }
  const budgets = { 'case 0': { benchmark: 'case 0', limit: ['time <= 1 s'] } };
  await writeFile(
    path.join(many, 'perf-budget.jsonc'),
    JSON.stringify({ benchmarks: [{ files: 'bench/*.bench.ts' }], budgets }),
  );
  await writeFile(path.join(many, 'README.md'), '# Many\n');
  for (const args of [
    ['init', '-q'],
    ['add', '-A'],
    ['-c', 'user.name=a', '-c', 'user.email=a@localhost', 'commit', '-qm', 'one'],
  ])
    await run('git', args, { cwd: many });
  const programs = {
    node: { cwd: folder, args: ['-e', '0'] },
    help: { cwd: folder, args: [cli, '--help'] },
    check: { cwd: demo, args: [cli, 'check'] },
    changed: { cwd: many, args: [cli, 'check', '--changed', 'README.md'] },
  };
  const times: Record<keyof typeof programs, number[]> = { node: [], help: [], check: [], changed: [] };
  // The first ones measure.
  for (const cwd of [demo, many])
    for (let one = 0; one < 3; one++) await run(process.execPath, [cli, 'check'], { cwd });
  for (let round = 0; round < rounds; round++) {
    for (const [name, { cwd, args }] of Object.entries(programs) as [
      keyof typeof programs,
      { cwd: string; args: string[] },
    ][]) {
      const from = performance.now();
      await run(process.execPath, args, { cwd });
      times[name].push(performance.now() - from);
    }
  }
  const ratios = (name: keyof typeof programs): number[] => times[name].map((ms, at) => ms / (times.node[at] ?? NaN));
  report('--help ÷ node -e 0', ratios('help'), 'under 1.5', '×');
  report('check, nothing changed ÷ node -e 0', ratios('check'), 'at most 4', '×');
  report('check --changed, 300 bench files, none touched', times.changed, 'under 1,000 ms');
}

const [folder = '', ...only] = process.argv.slice(2);
const wanted = (name: string): boolean => only.length === 0 || only.includes(name);
if (wanted('demo')) await demoFigures(folder, 20);
if (wanted('start')) await startFigures(folder, 20);
if (wanted('large')) await largeFigures(folder);
if (wanted('history')) await historyFigures(folder);
if (wanted('page')) await pageFigures(folder, 10);
if (wanted('dashboard')) await dashboardFigures(folder, 10, report);
if (wanted('language')) languageFigures();
console.table(rows);
