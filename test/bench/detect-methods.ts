/** The ways to tell whether new code is slower than old: ours, and those of today's tools. */
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { transform } from 'esbuild';
import { percentile } from '../../src/core/stats/stats.js';
import { unreachable } from '../../src/core/result.js';
import type { Report } from '../../src/core/results/measurement.js';
import { silent } from '../../src/engine/util/log.js';
import { openProject } from '../../src/engine/project/open.js';
import type { Project } from '../../src/engine/project/snapshot.js';
import { endNode, message, runNode, startNode } from './detect-children.js';
import type { ComparisonLine, Outcome } from './detect-raw.js';
import { mannWhitney } from './detect-statistics.js';

const run = promisify(execFile);

/** What a method found out; the rest of the line is known to whoever asked. */
export type Found = Pick<ComparisonLine, 'outcomes' | 'faster' | 'ratio' | 'low' | 'high'> &
  Partial<Pick<ComparisonLine, 'baselineSeconds' | 'note'>>;

export type Allowed = keyof ComparisonLine['outcomes'];

/** Where things are: this repository, and the folder of the run, in which bundles find the repository's packages. */
export interface Places {
  readonly repository: string;
  readonly home: string;
}

const benchFile = `import { bench } from 'vitest';
import { work } from '../src/work.js';

bench('work', () => work());
`;
const configFile = `{
  "benchmarks": [{ "files": "bench/*.bench.ts" }],
  "budgets": {
    "3": { "benchmark": "work", "limit": ["time <= baseline + 3%"] },
    "5": { "benchmark": "work", "limit": ["time <= baseline + 5%"] },
    "10": { "benchmark": "work", "limit": ["time <= baseline + 10%"] }
  }
}
`;
// Vitest would keep its cache in the repository's node_modules.
const vitestConfig = `export default { cacheDir: '.vite' };\n`;

/** A user's project around a workload, its original committed. */
async function createProject(folder: string, source: string): Promise<string> {
  const work = path.join(folder, 'src/work.ts');
  await mkdir(path.join(folder, 'src'), { recursive: true });
  await mkdir(path.join(folder, 'bench'), { recursive: true });
  await writeFile(work, source);
  await writeFile(path.join(folder, 'bench/work.bench.ts'), benchFile);
  await writeFile(path.join(folder, 'perf-budget.jsonc'), configFile);
  await writeFile(path.join(folder, 'vitest.config.mjs'), vitestConfig);
  await writeFile(path.join(folder, '.gitignore'), '.perf-budget/\n.vite/\n*.json\n');
  const git = (...args: string[]): Promise<unknown> => run('git', args, { cwd: folder });
  await git('init', '-q');
  await git('add', '-A');
  const author = ['-c', 'user.name=bench', '-c', 'user.email=bench@localhost', '-c', 'commit.gpgsign=false'];
  await git(...author, 'commit', '-q', '-m', 'The old version');
  return work;
}

/** Perf Budget itself, by the door that the editor and the command line use. */
export class Ours {
  private constructor(
    readonly project: Project,
    readonly file: string,
  ) {}

  /** Opens the project of a workload; its history, and what was learned there, last from block to block. */
  static async open({ home }: Places, workload: string, source: string, known: Map<string, string>): Promise<Ours> {
    const folder = path.join(home, 'ours', workload);
    const file = known.get(workload) ?? (await createProject(folder, source));
    known.set(workload, file);
    await writeFile(file, source);
    const project = await openProject(path.join(folder, 'perf-budget.jsonc'), {
      log: silent,
      trusted: true,
      nodePath: process.execPath,
      workerPath: path.join(home, 'dist/worker.mjs'),
    });
    return new Ours(project, file);
  }

  /** From the saved file to the verdict. */
  async compare(text: string, allowed: Allowed, signal: AbortSignal): Promise<Found> {
    await writeFile(this.file, text);
    const report = await this.project.run({ budgets: [allowed], files: [this.file], fresh: true }, signal);
    signal.throwIfAborted();
    return foundBy(report, allowed);
  }

  dispose(): Promise<void> {
    return this.project.dispose();
  }
}

function foundBy({ budgets: [result], problems }: Report, allowed: Allowed): Found {
  if (result === undefined) throw new Error(`no result: ${problems.map((problem) => problem.message).join(' ')}`);
  const { comparison, verdict, message: note } = result;
  const { ratio, low, high } = comparison ?? { ratio: null, low: null, high: null };
  // No measured interval is a point: the engine knew without measuring that nothing had changed.
  const unmeasured = result.cached || (ratio === 1 && low === 1 && high === 1);
  return {
    outcomes: { [allowed]: unmeasured ? 'unmeasured' : outcomeOf(verdict, ratio) },
    faster: high !== null && high < 1,
    ratio,
    low,
    high,
    ...(verdict === 'error' || ratio === null ? { note } : {}),
  };
}

function outcomeOf(verdict: Report['verdict'], ratio: number | null): Outcome {
  switch (verdict) {
    case 'fail':
      return 'alarm';
    case 'pass':
    case 'warn':
      return 'pass';
    case 'undecided':
      // There is always old code to compare with here.
      return ratio === null ? 'error' : 'undecided';
    case 'error':
      return 'error';
    default:
      return unreachable(verdict);
  }
}

/** A number that was measured in a process that has long ended. */
export interface Stored {
  readonly mean: number;
  readonly at: number;
}

/** What the rule of a stored number says: an alarm where the new mean is so much larger. */
function ruleOfMeans(mean: number, stored: Stored): Found {
  const ratio = mean / stored.mean;
  return {
    outcomes: { '5': ratio > 1.05 ? 'alarm' : 'pass', '10': ratio > 1.1 ? 'alarm' : 'pass' },
    faster: ratio < 1 / 1.1,
    ratio,
    low: null,
    high: null,
    baselineSeconds: Math.round((performance.now() - stored.at) / 1000),
  };
}

/** A text as a module that a process can import. */
async function moduleOf({ home }: Places, text: string, name: string): Promise<string> {
  const folder = path.join(home, 'modules');
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, `${name}.mjs`);
  await writeFile(file, (await transform(text, { loader: 'ts' })).code);
  return file;
}

/** The mean that tinybench measures in a fresh process with its usual settings, in milliseconds. */
export async function tinybenchMean(places: Places, text: string, signal: AbortSignal): Promise<Stored> {
  const file = await moduleOf(places, text, 'tinybench');
  const script = path.join(places.home, 'dist/tinybench.mjs');
  const output = await runNode([script, file], { cwd: places.home, signal });
  const { latency } = JSON.parse(output) as { latency: { mean: number } };
  return { mean: latency.mean, at: performance.now() };
}

export async function tinybench(places: Places, text: string, stored: Stored, signal: AbortSignal): Promise<Found> {
  return ruleOfMeans((await tinybenchMean(places, text, signal)).mean, stored);
}

/** `vitest bench` as its users run it: `--outputJson` for the old code, then `--compare` with that file. */
export class Vitest {
  readonly #files = new Map<string, string>();

  constructor(readonly places: Places) {}

  async #run(workload: string, source: string, text: string, args: string[], signal: AbortSignal): Promise<void> {
    const folder = this.#folder(workload);
    const file = this.#files.get(workload) ?? (await createProject(folder, source));
    this.#files.set(workload, file);
    await writeFile(file, text);
    const cli = path.join(this.places.repository, 'node_modules/vitest/vitest.mjs');
    await runNode([cli, 'bench', '--run', '--root', folder, ...args], { cwd: folder, signal });
  }

  async store(workload: string, source: string, key: string, signal: AbortSignal): Promise<Stored> {
    const file = `${key}.json`;
    await this.#run(workload, source, source, ['--outputJson', file], signal);
    return { mean: await meanIn(path.join(this.#folder(workload), file)), at: performance.now() };
  }

  async compare(
    workload: string,
    source: string,
    text: string,
    { key, stored }: { key: string; stored: Stored },
    signal: AbortSignal,
  ): Promise<Found> {
    await this.#run(workload, source, text, ['--compare', `${key}.json`, '--outputJson', 'new.json'], signal);
    return ruleOfMeans(await meanIn(path.join(this.#folder(workload), 'new.json')), stored);
  }

  #folder(workload: string): string {
    return path.join(this.places.home, 'vitest', workload);
  }
}

async function meanIn(file: string): Promise<number> {
  const { files } = JSON.parse(await readFile(file, 'utf8')) as {
    files: { groups: { benchmarks: { mean: number }[] }[] }[];
  };
  const mean = files[0]?.groups[0]?.benchmarks[0]?.mean;
  if (mean === undefined) throw new Error('vitest measured no benchmark');
  return mean;
}

/** Slices of each of two processes. */
const turns = 24;
/** Standard normal: two-sided 1 %. */
const significant = 2.576;

/** Old and new code in a process each, which run in turns; alarms where the medians differ enough, and significantly. */
export async function inTurns(places: Places, source: string, text: string, signal: AbortSignal): Promise<Found> {
  const script = path.join(places.home, 'dist/turns.mjs');
  const files = [await moduleOf(places, source, 'old'), await moduleOf(places, text, 'new')];
  const processes = files.map((file) => {
    const child = startNode([script, file], { cwd: places.home, ipc: true });
    return { child, ready: message(child, signal), slices: new Array<number>() };
  });
  try {
    await Promise.all(processes.map(({ ready }) => ready));
    for (let turn = 0; turn < turns; turn++) {
      for (const { child, slices } of processes) {
        const answer = message(child, signal);
        child.send('slice');
        slices.push(((await answer) as { nanoseconds: number }).nanoseconds);
      }
    }
  } finally {
    await Promise.allSettled(processes.flatMap(({ child, ready }) => [ready, endNode(child)]));
  }
  const [before = [], after = []] = processes.map(({ slices }) => slices.sort((a, b) => a - b));
  const ratio = percentile(after, 50) / percentile(before, 50);
  const z = mannWhitney(before, after);
  const alarm = (allowed: number): Outcome => (z > significant && ratio > allowed ? 'alarm' : 'pass');
  return {
    outcomes: { '5': alarm(1.05), '10': alarm(1.1) },
    faster: z < -significant && ratio < 1 / 1.05,
    ratio,
    low: null,
    high: null,
  };
}
