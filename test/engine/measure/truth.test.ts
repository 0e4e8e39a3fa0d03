import path from 'node:path';
import { expect, test } from 'vitest';
import type { BudgetResult } from '../../../src/core/results/measurement.js';
import { silent } from '../../../src/engine/util/log.js';
import { openProject } from '../../../src/engine/project/open.js';
import { nodeOf } from '../../host/node.mjs';
import { commit, remove, repository, temporaryFolder, write } from '../repository.js';

const workerPath = path.resolve(import.meta.dirname, '../../../dist/worker.js');

const sum = (body: string): string => `const values = Array.from({ length: 5000 }, (_, i) => Math.sin(i) * 1000);
export function work() {
  ${body}
}
`;
const loop = sum('let s = 0; for (let i = 0; i < values.length; i++) s += values[i]; return s;');
const reduced = sum('return values.reduce((s, v) => s + v, 0);');
const called = sum('let s = 0; values.forEach((v) => { s += v; }); return s;');

const bench = `import { bench } from 'vitest';
import { work as reduced } from './reduced.js';
import { work as called } from './called.js';
bench('reduced', () => reduced());
bench('called', () => called());
`;

/** The verdicts on a loop that became `reduce`, and on one that became `forEach`, by this Node. */
async function judged(nodePath: string): Promise<readonly (BudgetResult | undefined)[]> {
  const root = repository(temporaryFolder());
  try {
    const limit = ['time <= baseline + 25%'];
    const config = {
      benchmarks: [{ files: '*.bench.ts' }],
      budgets: { reduced: { benchmark: 'reduced', limit }, called: { benchmark: 'called', limit } },
    };
    const files = { 'a.bench.ts': bench, 'perf-budget.jsonc': JSON.stringify(config) };
    commit(root, { ...files, 'reduced.js': loop, 'called.js': loop });
    write(root, { 'reduced.js': reduced, 'called.js': called });
    const project = await openProject(path.join(root, 'perf-budget.jsonc'), {
      ...{ log: silent, trusted: true, nodePath, workerPath },
    });
    const { budgets } = await project.run({});
    await project.dispose();
    return budgets;
  } finally {
    remove(root);
  }
}

// Before V8's last compiler has compiled it, `reduce` is eleven times slower than the loop. In the long run it is as fast, and a
// `forEach` that writes to a variable around it stays some six times slower: both were measured without Perf Budget.
test.each(['20', '22', '24', '26'])(
  'the verdict is that of the long run on Node %s',
  async (major) => {
    const [reduced, called] = await judged(await nodeOf(major));
    expect(reduced, reduced?.message).toMatchObject({ name: 'reduced', verdict: 'pass' });
    expect(called, called?.message).toMatchObject({ name: 'called', verdict: 'fail' });
    expect(called?.comparison?.ratio).toBeGreaterThan(3);
    expect(called?.comparison?.ratio).toBeLessThan(12);
  },
  60_000,
);
