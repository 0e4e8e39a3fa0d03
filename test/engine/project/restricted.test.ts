import { chmodSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { afterEach, expect, test, vi } from 'vitest';
import type { BudgetResult } from '../../../src/core/results/measurement.js';
import { History } from '../../../src/engine/history/history.js';
import { openProject } from '../../../src/engine/project/open.js';
import { silent } from '../../../src/engine/util/log.js';
import { commit, remove, repository, temporaryFolder, write } from '../repository.js';

const workerPath = path.resolve(import.meta.dirname, '../../../dist/worker.js');
const folders: string[] = [];

afterEach(() => {
  vi.unstubAllEnvs();
  folders.splice(0).forEach(remove);
});

// Windows runs no scripts in place of programs.
test.skipIf(process.platform === 'win32')('a project that is not trusted starts no program at all', async () => {
  const root = repository(temporaryFolder());
  const marks = temporaryFolder();
  folders.push(root, marks);
  const own = 'const ran = await import("node:fs");\nran.writeFileSync(new URL("./ran", import.meta.url), "");\n';
  commit(root, {
    'perf-budget.jsonc': JSON.stringify({
      benchmarks: [{ files: '*.bench.mjs' }, { name: 'made', command: ['node', 'a.bench.mjs'], build: ['make'] }],
      budgets: {
        own: { benchmark: 'own', code: 'a.mjs#own', limit: ['time <= 1 h'] },
        made: { benchmark: 'made', limit: ['time <= 1 h'] },
      },
    }),
    'a.mjs': '// @perf-budget own: p95 <= 1 h\nexport function own() {}\n',
    'a.bench.mjs': `${own}import { bench } from 'vitest';\nbench('own', () => {});\n`,
    'vite.config.mjs': own,
  });
  // A teammate's run: whether it was on a machine like this one is asked of the history alone.
  const history = await History.open(root);
  const result: BudgetResult = {
    ...{ name: 'own', benchmark: 'own', severity: null, cached: false, elapsedMs: 1, samples: 1 },
    ...{ verdict: 'pass', comparison: null, compared: 'nothing', checks: [], message: '1 ns' },
  };
  const row = { at: Date.now(), commit: null, dirty: false, baseline: null, time: null, machine: 'm', result };
  expect(history.addOthers([{ ...row, key: 'other:1' }], Date.now()).ok).toBe(true);
  history.close();

  const names = ['node', 'git', 'npm', 'make', 'sh', 'esbuild'];
  write(marks, Object.fromEntries(names.map((name) => [name, `#!/bin/sh\necho ${name} "$@" >> ${marks}/started\n`])));
  for (const name of names) chmodSync(`${marks}/${name}`, 0o755);
  vi.stubEnv('PATH', marks);
  vi.stubEnv('ESBUILD_BINARY_PATH', `${marks}/esbuild`);
  const options = { log: silent, trusted: false, nodePath: null, workerPath, measuresWhenIdle: true };
  const project = await openProject(path.join(root, 'perf-budget.jsonc'), options);
  project.filesChanged([path.join(root, 'a.mjs')]);
  expect((await project.run({})).budgets).toEqual([]);
  expect(await project.history('own', 10)).toMatchObject([{ machine: 'm', here: false }]);
  expect((await project.baselines()).all).toEqual([]);
  expect(project.snapshot.budgets.map(({ code }) => code?.file)).toEqual([`${root}/a.mjs`, undefined]);
  await project.dispose();
  expect(existsSync(`${marks}/started`) ? readFileSync(`${marks}/started`, 'utf8') : '').toBe('');
  expect(existsSync(`${root}/ran`)).toBe(false);
});
