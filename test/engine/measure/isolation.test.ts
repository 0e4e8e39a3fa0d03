import path from 'node:path';
import { expect, test } from 'vitest';
import { silent } from '../../../src/engine/util/log.js';
import { openProject } from '../../../src/engine/project/open.js';
import { commit, remove, repository, temporaryFolder, write } from '../repository.js';

const workerPath = path.resolve(import.meta.dirname, '../../../dist/worker.js');

/** What a bench file reads at run time, by a path that no bundler follows. */
const bench = `import { bench } from 'vitest';
import { readFileSync } from 'node:fs';
const rounds = Number(readFileSync(new URL('./rounds.txt', import.meta.url), 'utf8'));
bench('spin', () => {
  let sum = 0;
  for (let i = 0; i < rounds; i++) sum += Math.sqrt(i);
  return sum;
});
`;

test.each(['worktree', 'bundle'])(
  'files that are read at run time are the old ones, with isolation %s',
  async (isolation) => {
    const root = repository(temporaryFolder());
    try {
      const config = {
        benchmarks: [{ files: '*.bench.ts', watch: ['*.txt'] }],
        budgets: { spin: { benchmark: 'spin', isolation, limit: ['time <= baseline * 2'] } },
      };
      commit(root, { 'a.bench.ts': bench, 'rounds.txt': '20000', 'perf-budget.jsonc': JSON.stringify(config) });
      write(root, { 'rounds.txt': '200000' });
      const options = { log: silent, trusted: true, nodePath: null, workerPath };
      const project = await openProject(path.join(root, 'perf-budget.jsonc'), options);
      const [result] = (await project.run({ causes: false })).budgets;
      await project.dispose();
      expect(result?.verdict).toBe('fail');
      expect(result?.comparison?.ratio).toBeGreaterThan(5);
    } finally {
      remove(root);
    }
  },
);
