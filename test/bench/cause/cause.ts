/** npm run bench:cause: how often the first cause is the function, and the line, that was made slower. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { random } from '../../core/random.js';
import { endAll, endNode, startNode } from '../detect-children.js';
import { shuffled } from '../detect-variant.js';
import { ask } from './ask.js';
import type { Control, Module, Variant } from './corpus.js';
import { modules } from './modules.js';
import { realPairs } from './real.js';
import { causeTable, type Asked } from './score.js';
import { sizeOf } from './sizes.js';

const usage = `npm run build && npm run bench:cause -- [option…]
  --only lru,matrix/added   changes with one of these in module/change
  --quiet                   without a busy loop beside it
  --repeat 1                how often each change is asked about
  --raw FILE                goes on with the raw data of an earlier run
  --table FILE              only prints the table of a file of raw data
  --cli FILE                the command line of another build
  --real                    instead, versions of packages of npm, fetched into a temporary folder
  --sizes                   instead, how much longer a call takes after each change, in plain processes of Node
  --seed 1                  of the order`;

const [home = '', repository = '', ...args] = process.argv.slice(2);
const { values: given } = parseArgs({
  args,
  options: {
    only: { type: 'string', default: '' },
    quiet: { type: 'boolean', default: false },
    repeat: { type: 'string', default: '1' },
    raw: { type: 'string', default: path.join(tmpdir(), `perf-budget-cause-${Date.now()}.jsonl`) },
    table: { type: 'string' },
    cli: { type: 'string', default: path.join(repository, 'dist/cli.js') },
    real: { type: 'boolean', default: false },
    sizes: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    help: { type: 'boolean', default: false },
  },
});

interface Question {
  readonly module: Module;
  readonly change: Variant | Control;
}

const stop = new AbortController();
const { signal } = stop;
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => stop.abort());

if (given.help) console.log(usage);
else if (given.table !== undefined) console.log(causeTable(read(given.table)));
else if (given.sizes) await printSizes();
else await measure();

function read(file: string): Asked[] {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Asked);
}

function questions(all: readonly Module[]): Question[] {
  const words = given.only.split(',');
  return all.flatMap((module) =>
    [...module.variants, ...module.controls]
      .filter(({ name }) => words.some((word) => `${module.name}/${name}`.includes(word)))
      .map((change) => ({ module, change })),
  );
}

/** The modules to ask about. */
async function chosen(): Promise<readonly Module[]> {
  return given.real ? realPairs(path.join(home, 'real'), signal) : modules;
}

async function measure(): Promise<void> {
  if (!existsSync(given.cli)) throw new Error(`there is no ${given.cli}: npm run build`);
  const { uniform } = random(Number(given.seed));
  const all = questions(await chosen());
  console.error(`raw data: ${given.raw}`);
  const busy = given.quiet ? null : startNode(['-e', busyLoop], { cwd: home, ipc: true });
  let count = 0;
  try {
    for (let round = 0; round < Number(given.repeat); round++) {
      for (const { module, change } of shuffled(all, uniform)) {
        const folder = path.join(home, 'projects', String(count));
        await mkdir(path.dirname(folder), { recursive: true });
        // Half of all changes are committed, so that both ways to the old code are asked for.
        const line = await ask(module, change, {
          cli: given.cli,
          folder,
          repository,
          committed: count % 2 === 1,
          signal,
        });
        appendFileSync(given.raw, `${JSON.stringify(line)}\n`);
        await rm(folder, { recursive: true, force: true, maxRetries: 5 });
        count++;
        if (process.stderr.isTTY) process.stderr.write(`\r${count} of ${all.length * Number(given.repeat)}   `);
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    if (busy !== null) await endNode(busy);
    await endAll();
    console.log(`\n${causeTable(read(given.raw))}`);
    console.error(`raw data: ${given.raw}`);
  }
}

/** Another program: it leaves its core only to learn that it should end. */
const busyLoop = `process.on('disconnect', () => process.exit());
(function busy() {
  for (const end = Date.now() + 50; Date.now() < end; );
  setImmediate(busy);
})();`;

async function printSizes(): Promise<void> {
  try {
    for (const { module, change } of questions(await chosen())) {
      const { before, size } = await sizeOf(module, change.edits, { repository, home, signal });
      const known = 'size' in change ? `${(100 * change.size).toFixed(0)}% in the corpus` : 'costs nothing';
      const measured = `${(100 * size).toFixed(1)}% of ${(before / 1000).toFixed(1)} µs`;
      console.log(`${`${module.name}/${change.name}`.padEnd(60)} ${measured.padEnd(20)} ${known}`);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await endAll();
  }
}
