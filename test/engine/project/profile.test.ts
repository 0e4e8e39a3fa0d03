import path from 'node:path';
import { expect, test } from 'vitest';
import { openProject } from '../../../src/engine/project/open.js';
import { silent } from '../../../src/engine/util/log.js';
import { commit, remove, repository, temporaryFolder } from '../repository.js';

const workerPath = path.resolve(import.meta.dirname, '../../../dist/worker.js');

/** Both do the same work, and are so small that V8 puts them into their callers. */
const work = (name: string): string =>
  `export function ${name}(n) {\n  let total = 0;\n  for (let i = 1; i <= n; i++) total += i % 7;\n  return total;\n}\n`;

test.each([
  { title: '', named: "'outer'" },
  { title: ', also of a benchmark whose name changes', named: '`outer ${Math.random()}`' },
])(
  'a profile tells functions apart that V8 has put into each other, where the user wrote them$title',
  async ({ named }) => {
    const root = repository(path.join(temporaryFolder(), 'app'));
    commit(root, {
      'perf-budget.jsonc': JSON.stringify({
        benchmarks: [{ files: '*.bench.mjs' }],
        budgets: { outer: { benchmark: 'outer*', limit: ['time <= 1 s'] } },
      }),
      'src/outer.mjs': `import { inner } from './inner.mjs';\n${work('outer').replace('return total', 'return total + inner(n)')}`,
      'src/inner.mjs': work('inner'),
      'x.bench.mjs': `import { bench } from 'vitest';\nimport { outer } from './src/outer.mjs';\nbench(${named}, () => { outer(2000); });\n`,
    });
    const project = await openProject(path.join(root, 'perf-budget.jsonc'), {
      ...{ log: silent, trusted: true, nodePath: null, workerPath },
    });
    try {
      const benchFile = `${root}/x.bench.mjs`;
      const targets = await project.debugTargets('outer');
      const benchmark = (targets.ok ? targets.value[0]?.name : undefined) ?? '';
      const request = { budget: 'outer', benchmark, benchFile };
      const found = await project.profile(request);
      if (found?.ok !== true) throw new Error(found?.error);
      const { nodes, samples = [], timeDeltas } = found.value;
      const own = new Map<string, number>();
      for (const { callFrame, hitCount = 0 } of nodes) {
        const { url, functionName, lineNumber } = callFrame;
        const key = url.includes('/src/') ? `${path.basename(url)}:${lineNumber + 1} ${functionName}` : 'other';
        own.set(key, (own.get(key) ?? 0) + hitCount);
      }
      const total = [...own.values()].reduce((sum, one) => sum + one, 0);
      expect([...own.keys()].sort()).toEqual(['inner.mjs:1 inner', 'other', 'outer.mjs:2 outer']);
      for (const key of ['inner.mjs:1 inner', 'outer.mjs:2 outer'])
        expect((own.get(key) ?? 0) / total, JSON.stringify([...own])).toBeGreaterThan(0.3);
      // A sample belongs to the node that counts it.
      for (const { id, callFrame, hitCount = 0 } of nodes)
        if (callFrame.url.includes('/src/')) expect(samples.filter((one) => one === id)).toHaveLength(hitCount);
      expect(timeDeltas).toHaveLength(samples.length);
      const gone = await project.profile({ ...request, benchmark: 'gone' });
      expect(gone).toEqual({ ok: false, error: 'There is no benchmark "gone" any more.' });
    } finally {
      await project.dispose();
      remove(path.dirname(root));
    }
  },
  60_000,
);
