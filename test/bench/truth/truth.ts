/** npm run bench:truth: whether verdicts on changes of shape agree with what the code costs when it has long been hot. */
import { execFile } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { parseArgs, promisify } from 'node:util';
import { openProject } from '../../../src/engine/project/open.js';
import { silent } from '../../../src/engine/util/log.js';
import type * as nodeHost from '../../host/node.mjs';
import { shuffled } from '../detect-variant.js';
import { random } from '../../core/random.js';
import { moduleOf, pairs, type Pair } from './pairs.js';
import { truthTable, type TruthLine } from './truth-table.js';

const usage = `npm run bench:truth -- [option…]
  --nodes 20,22,24,26   major versions, fetched from npm on demand
  --pairs for,map       only pairs with one of these words in the name
  --processes 2         plain processes per side, for the truth
  --verdicts 2          how often ours is asked about each pair
  --rivals              also asks tinybench and vitest bench (Node 22 or newer)
  --minutes 60          starts no further pair after that
  --raw FILE            goes on with the raw data of an earlier run
  --table FILE          only prints the table of a file of raw data
  --by-pair             and a line for each pair`;

const run = promisify(execFile);
const [home = '', repository = '', ...args] = process.argv.slice(2);
const { values: given } = parseArgs({
  args,
  options: {
    nodes: { type: 'string', default: '20,22,24,26' },
    pairs: { type: 'string', default: '' },
    processes: { type: 'string', default: '2' },
    verdicts: { type: 'string', default: '2' },
    rivals: { type: 'boolean', default: false },
    minutes: { type: 'string', default: '60' },
    raw: { type: 'string', default: path.join(tmpdir(), `perf-budget-truth-${Date.now()}.jsonl`) },
    table: { type: 'string' },
    'by-pair': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const read = (file: string): TruthLine[] =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as TruthLine)
    : [];
const table = (file: string): string => truthTable(read(file), { byPair: given['by-pair'] });

async function measure(): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop.abort());
  const until = Date.now() + Number(given.minutes) * 60_000;
  const words = given.pairs.split(',');
  const wanted = pairs.filter(({ name }) => words.some((word) => name.includes(word)));
  const known = new Set(read(given.raw).map(({ node, pair }) => `${node.split('.')[0] ?? ''} ${pair}`));
  console.error(`raw data: ${given.raw}`);
  // Not bundled, because it fetches into a folder beside itself.
  const { nodeOf } = (await import(path.join(repository, 'test/host/node.mjs'))) as typeof nodeHost;
  const nodes = new Map<string, string>();
  for (const major of given.nodes.split(',')) nodes.set(major, await nodeOf(major));
  const { uniform } = random(1);
  try {
    for (const pair of shuffled(wanted, uniform)) {
      for (const [major, node] of nodes) {
        if (Date.now() > until) return;
        if (known.has(`${major} ${pair.name}`)) continue;
        const line = await ask(pair, node, stop.signal);
        appendFileSync(given.raw, `${JSON.stringify(line)}\n`);
      }
    }
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  } finally {
    console.log(`\n${table(given.raw)}`);
    console.error(`raw data: ${given.raw}`);
  }
}

/** The truth about one pair on one Node, and what ours and the rivals say, in turns. */
async function ask(pair: Pair, node: string, signal: AbortSignal): Promise<TruthLine> {
  const version = (await run(node, ['-p', 'process.versions.node'])).stdout.trim();
  const folder = path.join(home, 'pairs', `${version} ${pair.name.replaceAll(/\W+/g, '-')}`);
  const sides = { before: path.join(folder, 'before.mjs'), after: path.join(folder, 'after.mjs') };
  await mkdir(folder, { recursive: true });
  for (const side of ['before', 'after'] as const) await writeFile(sides[side], moduleOf(pair, pair[side]));
  const plain = async (file: string): Promise<Plain> =>
    JSON.parse(
      (await run(node, [path.join(repository, 'test/bench/truth/plain.mjs'), file], { signal })).stdout,
    ) as Plain;
  const truth: { before: Plain[]; after: Plain[] } = { before: [], after: [] };
  const ours: TruthLine['ours'][number][] = [];
  const rivals: Record<string, { before: number; after: number }[]> = {};
  const project = await createProject(path.join(folder, 'project'), pair);
  const rounds = Math.max(Number(given.processes), Number(given.verdicts));
  for (let round = 0; round < rounds; round++) {
    if (round < Number(given.processes)) {
      const [before, after] = await Promise.all([plain(sides.before), plain(sides.after)]);
      truth.before.push(before);
      truth.after.push(after);
    }
    if (round < Number(given.verdicts)) ours.push(await verdict(project, node, signal));
    if (!given.rivals) continue;
    for (const [name, mean] of Object.entries(methods)) {
      const before = await mean(node, sides.before, pair, signal);
      const after = await mean(node, sides.after, pair, signal);
      if (before !== null && after !== null) (rivals[name] ??= []).push({ before, after });
    }
  }
  const figures = ({ ns, settled }: Plain): TruthLine['truth']['before'][number] => ({ ns, settled });
  return {
    at: new Date().toISOString(),
    ...{ node: version, pair: pair.name },
    truth: { before: truth.before.map(figures), after: truth.after.map(figures) },
    ...{ ours, rivals },
  };
}

interface Plain {
  readonly ns: number;
  readonly settled: boolean;
}

/** A user's project with the old code committed and the new code saved. */
async function createProject(folder: string, pair: Pair): Promise<string> {
  await mkdir(path.join(folder, 'src'), { recursive: true });
  await mkdir(path.join(folder, 'bench'), { recursive: true });
  await writeFile(path.join(folder, 'src/work.mjs'), moduleOf(pair, pair.before));
  await writeFile(
    path.join(folder, 'bench/work.bench.mjs'),
    `import { bench } from 'vitest';\nimport { work } from '../src/work.mjs';\n\nbench('work', () => work());\n`,
  );
  await writeFile(
    path.join(folder, 'perf-budget.jsonc'),
    `{
  "benchmarks": [{ "files": "bench/*.bench.mjs" }],
  "budgets": { "work": { "benchmark": "work", "limit": ["time <= baseline + 10%", "time <= 10 s"] } },
}\n`,
  );
  const git = (...command: string[]): Promise<unknown> => run('git', command, { cwd: folder });
  await git('init', '-q');
  await git('add', '-A');
  const author = ['-c', 'user.name=bench', '-c', 'user.email=bench@localhost', '-c', 'commit.gpgsign=false'];
  await git(...author, 'commit', '-q', '-m', 'The old version');
  await writeFile(path.join(folder, 'src/work.mjs'), moduleOf(pair, pair.after));
  return folder;
}

/** Asks ours, by the door that the editor and the command line use, as after a save. */
async function verdict(folder: string, node: string, signal: AbortSignal): Promise<TruthLine['ours'][number]> {
  const project = await openProject(path.join(folder, 'perf-budget.jsonc'), {
    ...{ log: silent, trusted: true, nodePath: node },
    workerPath: path.join(home, 'dist/worker.mjs'),
  });
  try {
    const started = performance.now();
    const { budgets, problems } = await project.run({ fresh: true }, signal);
    const seconds = (performance.now() - started) / 1000;
    const [result] = budgets;
    if (result === undefined) throw new Error(`no result: ${problems.map(({ message }) => message).join(' ')}`);
    const { comparison, checks, message, note } = result;
    const [relative, absolute] = checks;
    const { value = null, unit = '' } = absolute?.measured ?? {};
    return {
      verdict: relative?.verdict ?? result.verdict,
      ratio: comparison?.ratio ?? null,
      low: comparison?.low ?? null,
      high: comparison?.high ?? null,
      time: value === null ? null : value * (nanoseconds[unit] ?? NaN),
      seconds,
      note: [message, note].filter(Boolean).join(' '),
    };
  } finally {
    await project.dispose();
  }
}

const nanoseconds: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9 };

type Mean = (node: string, file: string, pair: Pair, signal: AbortSignal) => Promise<number | null>;

/** The mean nanoseconds that today's tools tell, a fresh process each, as nothing is set. */
const methods: Readonly<Record<string, Mean>> = {
  tinybench: async (node, file, _, signal) => {
    const script = path.join(home, 'dist/tinybench.mjs');
    const { stdout } = await run(node, [script, file], { cwd: home, signal });
    return (JSON.parse(stdout) as { latency: { mean: number } }).latency.mean * 1e6;
  },
  'vitest bench': async (node, file, _, signal) => {
    // Older Nodes do not run this vitest.
    if ((await run(node, ['-p', 'process.versions.node'])).stdout.startsWith('20.')) return null;
    const folder = path.join(path.dirname(file), 'vitest');
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, 'vitest.config.mjs'), `export default { cacheDir: '.vite' };\n`);
    await writeFile(
      path.join(folder, 'work.bench.mjs'),
      `import { bench } from 'vitest';\nimport { work } from ${JSON.stringify(file)};\nbench('work', () => work());\n`,
    );
    const cli = path.join(repository, 'node_modules/vitest/vitest.mjs');
    await run(node, [cli, 'bench', '--run', '--root', folder, '--outputJson', 'out.json'], { cwd: folder, signal });
    const { files } = JSON.parse(readFileSync(path.join(folder, 'out.json'), 'utf8')) as {
      files: { groups: { benchmarks: { mean: number }[] }[] }[];
    };
    const mean = files[0]?.groups[0]?.benchmarks[0]?.mean;
    return mean === undefined ? null : mean * 1e6;
  },
};

if (given.help) console.log(usage);
else if (given.table !== undefined) console.log(table(given.table));
else await measure();
