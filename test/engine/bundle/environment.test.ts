import path from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { environmentOf } from '../../../src/engine/bundle/environment.js';
import { silent } from '../../../src/engine/util/log.js';
import { openProject } from '../../../src/engine/project/open.js';
import { commit, remove, repository, temporaryFolder } from '../repository.js';

const workerPath = path.resolve(import.meta.dirname, '../../../dist/worker.js');

afterEach(() => vi.unstubAllEnvs());

describe('the environment that code reads', () => {
  const environment = { A: '1', B: 'two', C: undefined, constructor: 'x' };

  test.each([
    ['process.env.A', '[["A","1"]]'],
    ['process.env["B"]+process.env.A+process.env.A', '[["A","1"],["B","two"]]'],
    ["process.env?.['A']??process.env?.B", '[["A","1"],["B","two"]]'],
    ['const{A,B:other="x",C}=process.env;', '[["A","1"],["B","two"],["C",null]]'],
    ['const { A } = env;', '[["A","1"]]'],
    ['env.MISSING', '[["MISSING",null]]'],
    ['const environment={A:1};environment.A;process.environment.B;envelope.A', ''],
    ['', ''],
  ])('%s', (code, expected) => expect(environmentOf(code, environment)).toBe(expected));
});

test('another environment has other benchmarks, and other answers', async () => {
  const root = repository(temporaryFolder());
  try {
    const bench = `import { bench } from 'vitest';
for (const n of new Set([100, Number(process.env['BUDGET_TEST_SIZE'] ?? 1000)]))
  bench(\`list/\${n}\`, () => Array.from({ length: n }, (_, i) => i).reverse());
`;
    const config = {
      benchmarks: [{ files: '*.bench.ts' }],
      defaults: { time: '300 ms' },
      budgets: { list: { benchmark: 'list/{n}', limit: ['time < 1 min'] } },
    };
    commit(root, { 'a.bench.ts': bench, 'perf-budget.jsonc': JSON.stringify(config) });
    const run = async (): Promise<unknown> => {
      const options = { log: silent, trusted: true, nodePath: null, workerPath };
      const project = await openProject(path.join(root, 'perf-budget.jsonc'), options);
      const { budgets } = await project.run({});
      await project.dispose();
      return budgets.map(({ cached, checks }) => [cached, checks[0]?.verdict, checks[0]?.benchmark]);
    };
    expect(await run()).toEqual([[false, 'pass', 'list/1000']]);
    vi.stubEnv('BUDGET_TEST_SIZE', '100000');
    expect(await run()).toEqual([[false, 'pass', 'list/100000']]);
    expect(await run()).toEqual([[true, 'pass', 'list/100000']]);
    vi.unstubAllEnvs();
    expect(await run()).toEqual([[true, 'pass', 'list/1000']]);
  } finally {
    remove(root);
  }
});
