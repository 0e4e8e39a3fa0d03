import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { openProject } from '../../../src/engine/project/open.js';
import type { OpenProject } from '../../../src/engine/project/project.js';
import type { BenchmarkRequest } from '../../../src/engine/workers/benchmark-workers.js';
import { silent } from '../../../src/engine/util/log.js';
import { random } from '../../core/random.js';
import { commit, repository, temporaryFolder } from '../repository.js';
import { measured, ScriptedWorkers } from '../scripted-workers.js';

const workerPath = path.resolve(import.meta.dirname, '../../../dist/worker.js');

/** Code of which an iteration is said to take so many nanoseconds. */
export const costing = (ns: number): string => `export const work = () => 'takes ${ns} ns';\n`;
/** Code that throws when it runs. */
export const throwing = "export const work = () => 'throws';\n";

export const bench = (name: string, file = name): string =>
  `import { bench } from 'vitest';\nimport { work } from '../src/${file}.js';\nbench('${name}', () => work());\n`;

export const config = (budgets: unknown = { one: { benchmark: 'one' } }): string =>
  JSON.stringify({ benchmarks: [{ files: 'bench/*.bench.ts' }], budgets });

export const start: Readonly<Record<string, string>> = {
  'perf-budget.jsonc': config(),
  '.gitignore': '.perf-budget/\n',
  'bench/one.bench.ts': bench('one'),
  'src/one.ts': costing(100),
};

/** A repository with a commit of `first`, then commits that change these files. Returns all ids, oldest first. */
export function history(
  changes: readonly Readonly<Record<string, string>>[],
  first = start,
): { readonly root: string; readonly ids: readonly string[] } {
  const root = repository(temporaryFolder());
  const ids = [first, ...changes].map((files, index) => commit(root, files, `change ${index}`));
  return { root, ids };
}

const costOf = (url: string | undefined): number | null => {
  const text = url === undefined ? '' : readFileSync(fileURLToPath(url), 'utf8');
  const [, cost] = /takes (\d+) ns/.exec(text) ?? [];
  return cost === undefined ? null : Number(cost);
};

export interface Scripted {
  readonly project: OpenProject;
  readonly workers: ScriptedWorkers;
  /** The costs that were compared, old and new, once for each comparison. */
  readonly compared: readonly string[];
}

/** Opens a project whose benchmarks take what their code says, with a noise of 0.5%. What is held is never answered. */
export async function opened(
  root: string,
  isHeld: (request: BenchmarkRequest) => boolean = () => false,
): Promise<Scripted> {
  const source = random(1);
  const compared: string[] = [];
  const workers = new ScriptedWorkers((request) => {
    if (isHeld(request)) return null;
    if (request.type === 'discover') {
      const text = readFileSync(request.benchFile, 'utf8');
      return {
        type: 'names',
        names: Array.from(text.matchAll(/bench\('(\w+)'/g), ([, name = '']) => name),
        failures: [],
      };
    }
    if (request.type !== 'measure') return { kind: 'threw', message: `${request.type} is not scripted` };
    if (request.profile !== undefined) return { kind: 'crashed', message: 'nothing is profiled here' };
    const of = (side: string): number | null =>
      costOf(request.sides.find((each) => each.side === side)?.bundle) ?? null;
    const [current, baseline] = [of('current'), of('baseline')];
    if (current === null) return { kind: 'threw', message: 'the benchmark threw: not today', side: 'current' };
    // The same code on both sides runs once.
    if (request.sides.length === 1) return measured(request, { current });
    if (baseline === null) return { kind: 'threw', message: 'the benchmark threw: not then', side: 'baseline' };
    const pair = `${baseline} → ${current}`;
    if (compared.at(-1) !== pair) compared.push(pair);
    const noise = (): number => Math.exp(0.005 * source.normal());
    return measured(request, { current: current * noise(), baseline: baseline * noise() });
  });
  const options = { log: silent, trusted: true, nodePath: null, workerPath, workers, isBrief: true };
  return { project: await openProject(path.join(root, 'perf-budget.jsonc'), options), workers, compared };
}
