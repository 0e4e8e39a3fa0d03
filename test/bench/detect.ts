/** npm run bench:detect: how often each way to compare cries wolf, how much it misses, and how long it takes. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { arch, availableParallelism, cpus, loadavg, platform, release, tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { setTimeout } from 'node:timers/promises';
import { parseArgs, promisify } from 'node:util';
import { unreachable } from '../../src/core/result.js';
import { random } from '../core/random.js';
import { endAll, endNode, message, startNode } from './detect-children.js';
import {
  inTurns,
  Ours,
  tinybench,
  tinybenchMean,
  Vitest,
  type Allowed,
  type Found,
  type Stored,
} from './detect-methods.js';
import { methods, openRaw, parseRaw, type Method, type RunLine } from './detect-raw.js';
import { detectTable } from './detect-table.js';
import { shuffled, variant } from './detect-variant.js';

const usage = `npm run bench:detect -- [option…]
  --minutes 60            how long
  --only ours,tinybench   of ${methods.join(', ')}
  --workloads map,sort    of test/bench/detect/workloads
  --machine quiet,load    without and with a background load
  --draws 12              comparisons of ours for one of each rival
  --unchanged 0.5         the share of comparisons of unchanged work
  --checks 5,10           what ours allows: the first, and the last every fifth time (3, 5 or 10 %)
  --raw FILE              goes on with the raw data of an earlier run
  --seed 1                of the order and the texts
  --table FILE            only prints the table of a file of raw data
  --by-workload           and what ours said on each workload`;

/** How often each change is drawn, of those that change anything; the goal is about 10 and 20 %. */
const shares: readonly (readonly [change: number, share: number])[] = [
  [0.03, 0.14],
  [0.05, 0.14],
  [0.1, 0.28],
  [0.2, 0.24],
  [0.5, 0.06],
  [-0.1, 0.08],
  [-0.2, 0.06],
];
/** A user's stored number is minutes old, so one that was just compared with is renewed only when it is older than this. */
const storedMs = 600_000;
/** Between two comparisons, so that the processes of one are gone before the next. */
const pauseMs = 150;

const [home = '', repository = '', ...args] = process.argv.slice(2);
const { values: given } = parseArgs({
  args,
  options: {
    minutes: { type: 'string', default: '60' },
    only: { type: 'string', default: methods.join(',') },
    workloads: { type: 'string', default: '' },
    machine: { type: 'string', default: 'quiet,load' },
    unchanged: { type: 'string', default: '0.5' },
    checks: { type: 'string', default: '5,10' },
    draws: { type: 'string', default: '12' },
    raw: { type: 'string', default: path.join(tmpdir(), `perf-budget-detect-${Date.now()}.jsonl`) },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    table: { type: 'string' },
    'by-workload': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const table = (file: string): string =>
  detectTable(parseRaw(readFileSync(file, 'utf8')), { byWorkload: given['by-workload'] });

if (given.help) console.log(usage);
else if (given.table !== undefined) console.log(table(given.table));
else await detect();

async function detect(): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop.abort());
  const until = Date.now() + Number(given.minutes) * 60_000;
  const over = (): boolean => stop.signal.aborted || Date.now() >= until;
  const seed = Number(given.seed);
  const { uniform } = random(seed);
  const write = openRaw(given.raw);
  write(await runLine(seed));
  console.error(`raw data: ${given.raw}`);

  const places = { home, repository };
  const only = listed(given.only, methods);
  const sources = await readWorkloads();
  const checks = listed(given.checks, ['3', '5', '10'] as const satisfies readonly Allowed[]);
  const [first = '5'] = checks;
  const machines = listed(given.machine, ['quiet', 'load'] as const);
  const projects = new Map<string, string>();
  const vitest = new Vitest(places);
  const stored = new Map<string, Stored>();
  let edits = 0;
  let compared = 0;
  let failures = 0;
  let errors = 0;

  const drawChange = (): number => {
    if (uniform() < Number(given.unchanged)) return 0;
    let rest = uniform();
    return shares.find(([, share]) => (rest -= share) < 0)?.[0] ?? 0.1;
  };

  /** One workload on a machine with or without load: every method, ours many times, in random order. */
  const block = async (workload: string, source: string, load: boolean): Promise<void> => {
    const key = `${workload}-${load ? 'load' : 'quiet'}`;
    const noise = load ? startNode([path.join(home, 'dist/load.mjs')], { cwd: home, ipc: true }) : null;
    let ours: Ours | null = null;
    try {
      if (noise !== null) await message(noise, stop.signal);
      if (only.includes('ours')) ours = await Ours.open(places, workload, source, projects);
      const rivals = only.filter((method) => method !== 'ours');
      const many = ours === null ? [] : new Array<Method>(Number(given.draws)).fill('ours');
      // The stored numbers are of the same machine state: the best case for those who compare with them.
      const store = async (method: Method): Promise<Stored | null> => {
        if (method !== 'tinybench' && method !== 'vitest') return null;
        const taken =
          method === 'tinybench'
            ? await tinybenchMean(places, source, stop.signal)
            : await vitest.store(workload, source, key, stop.signal);
        stored.set(`${method}-${key}`, taken);
        return taken;
      };
      for (const method of rivals) if (!stored.has(`${method}-${key}`)) await store(method);
      for (const method of shuffled([...rivals, ...many], uniform)) {
        await setTimeout(pauseMs, undefined, { signal: stop.signal });
        const change = drawChange();
        const allowed = checks.length === 1 || uniform() < 0.8 ? first : (checks.at(-1) ?? first);
        const { text, factor } = variant(source, change, `${seed}_${edits++}`, uniform);
        const loadAverage = loadavg()[0] ?? 0;
        const started = performance.now();
        const found = await settled(
          () => {
            const before = stored.get(`${method}-${key}`);
            switch (method) {
              case 'ours':
                return ours === null ? null : ours.compare(text, allowed, stop.signal);
              case 'tinybench':
                return before === undefined ? null : tinybench(places, text, before, stop.signal);
              case 'vitest':
                return before === undefined
                  ? null
                  : vitest.compare(workload, source, text, { key, stored: before }, stop.signal);
              case 'turns':
                return inTurns(places, source, text, stop.signal);
              default:
                return unreachable(method);
            }
          },
          method === 'ours' ? { [allowed]: 'error' } : { '5': 'error', '10': 'error' },
        );
        stop.signal.throwIfAborted();
        if (found !== null) {
          const seconds = (performance.now() - started) / 1000;
          const at = new Date().toISOString();
          write({ kind: 'comparison', at, method, workload, change, factor, load, loadAverage, ...found, seconds });
          compared++;
          errors = Object.values(found.outcomes).includes('error') ? errors + 1 : 0;
          if (errors >= 10) throw new Error(`${errors} errors in a row, the last of ${method}: ${found.note ?? ''}`);
        }
        if (over()) return;
      }
      for (const method of rivals) {
        const before = stored.get(`${method}-${key}`);
        if (before !== undefined && performance.now() - before.at > storedMs && !over()) await store(method);
      }
    } finally {
      await ours?.dispose();
      if (noise !== null) await endNode(noise);
    }
  };

  try {
    while (!over()) {
      // A deck of all cells, so that each gets its share however short the run.
      const cells = [...sources].flatMap(([name, source]) => machines.map((machine) => ({ name, source, machine })));
      for (const { name, source, machine } of shuffled(cells, uniform)) {
        if (over()) break;
        try {
          await block(name, source, machine === 'load');
          failures = 0;
        } catch (error) {
          // One process that would not start must not end a run of hours.
          if (stop.signal.aborted || ++failures === 3) throw error;
          console.error(`${name}: ${error instanceof Error ? error.message : String(error)}`);
        }
        const left = Math.max(0, (until - Date.now()) / 60_000);
        if (process.stderr.isTTY) process.stderr.write(`\r${compared} comparisons, ${left.toFixed(1)} min to go   `);
      }
    }
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  } finally {
    await endAll();
    console.log(`\n${table(given.raw)}`);
    console.error(`raw data: ${given.raw}`);
  }
}

/** A method that fails has come to no verdict, which is worth a line of its own. */
async function settled(compare: () => Promise<Found> | null, outcomes: Found['outcomes']): Promise<Found | null> {
  try {
    return await compare();
  } catch (error) {
    const note = error instanceof Error ? error.message : String(error);
    return { outcomes, faster: false, ratio: null, low: null, high: null, note };
  }
}

/** Those of the names that a list with commas has; all that it has must be known. */
function listed<Name extends string>(text: string, names: readonly Name[]): Name[] {
  const wanted = text.split(',').map((name) => name.trim());
  const unknown = wanted.find((name) => !names.some((one) => one === name));
  if (unknown !== undefined) throw new Error(`"${unknown}" is none of ${names.join(', ')}`);
  return names.filter((name) => wanted.includes(name));
}

async function readWorkloads(): Promise<Map<string, string>> {
  const folder = path.join(repository, 'test/bench/detect/workloads');
  const names = (await readdir(folder)).map((file) => path.basename(file, '.ts')).sort();
  const wanted = given.workloads === '' ? names : listed(given.workloads, names);
  const read = wanted.map(async (name) => [name, await readFile(path.join(folder, `${name}.ts`), 'utf8')] as const);
  return new Map(await Promise.all(read));
}

async function runLine(seed: number): Promise<RunLine> {
  const git = async (...command: string[]): Promise<string> =>
    (await promisify(execFile)('git', command, { cwd: repository })).stdout.trim();
  return {
    kind: 'run',
    at: new Date().toISOString(),
    commit: await git('rev-parse', '--short', 'HEAD').catch(() => 'unknown'),
    dirty: (await git('status', '--porcelain', '--untracked-files=no').catch(() => '')) !== '',
    node: process.versions.node,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    os: `${platform()} ${release()} ${arch()}`,
    seed,
  };
}
