import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { afterEach, expect, test, vi } from 'vitest';
import { createProject, openProject } from '../../../src/engine/project/open.js';
import { silent } from '../../../src/engine/util/log.js';
import { commit, remove, repository, temporaryFolder, write } from '../repository.js';
import { measured, ScriptedWorkers } from '../scripted-workers.js';

const workerPath = path.resolve(import.meta.dirname, '../../../dist/worker.js');
const folders: string[] = [];

afterEach(() => {
  vi.unstubAllEnvs();
  folders.splice(0).forEach(remove);
});

const work = (turns: number): string =>
  `export const work = () => { for (let i = 0; i < ${turns}; i++) Math.sqrt(i); };\n`;
const bench = (note: number): string =>
  `import { bench } from 'vitest';\nimport { work } from './work.js';\nconst note = ${note};\nbench('case', () => (work(), note));\n`;

function project(): string {
  const root = repository(temporaryFolder());
  folders.push(root);
  commit(root, {
    'perf-budget.jsonc': JSON.stringify({
      benchmarks: [{ files: '*.bench.ts' }],
      budgets: { case: { benchmark: 'case', limit: ['time <= baseline * 2'] } },
    }),
    'work.ts': work(1),
    'a.bench.ts': bench(0),
  });
  return root;
}

const workers = new ScriptedWorkers((request) => {
  if (request.type === 'discover') return { type: 'names', names: ['case'], failures: [] };
  if (request.type === 'measure') return measured(request, { current: 100, baseline: 100 });
  return { kind: 'crashed', message: `no answer to ${request.type}` };
});

/** Every file in the temporary folder. */
const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((one) => (one.isFile() ? one.name : []));

test('hundreds of saves leave a few bundles, and those of the last save still run', { timeout: 120_000 }, async () => {
  const root = project();
  const temporary = temporaryFolder();
  folders.push(temporary);
  vi.stubEnv('TMPDIR', temporary);
  vi.stubEnv('TEMP', temporary);
  expect(tmpdir()).toBe(temporary);
  const options = { log: silent, trusted: true, nodePath: null, workerPath, workers };
  const opened = await openProject(path.join(root, 'perf-budget.jsonc'), options);
  let most = 0;
  for (let save = 1; save <= 200; save++) {
    // Every third time the bench file changes, too, and with it the old code's bundle.
    write(root, { 'work.ts': work(save + 1), ...(save % 3 === 0 && { 'a.bench.ts': bench(save) }) });
    const files = [`${root}/work.ts`, `${root}/a.bench.ts`];
    const report = await opened.run({ files });
    expect(report.budgets.map(({ verdict }) => verdict)).toEqual(['pass']);
    most = Math.max(most, filesIn(temporary).length);
  }
  expect(most).toBeLessThan(15);
  const last = workers.requests.flatMap(({ request }) => (request.type === 'measure' ? request.sides : [])).slice(-2);
  for (const { bundle } of last) expect(filesIn(temporary)).toContain(path.posix.basename(bundle));
  await opened.dispose();
  expect(readdirSync(temporary)).toEqual([]);
});

test('a temporary folder that cannot be used is a problem of the configuration until it can', async () => {
  const root = project();
  const variable = process.platform === 'win32' ? 'TEMP' : 'TMPDIR';
  const options = { log: silent, trusted: true, nodePath: null, workerPath, workers };
  const opened = await createProject(path.join(root, 'perf-budget.jsonc'), options);
  vi.stubEnv(variable, `${root}/work.ts`);
  await expect(opened.reload()).rejects.toThrow(`The temporary folder ${root}/work.ts cannot be used`);
  expect(opened.snapshot.problems.map(({ location, message }) => `${location.file} ${message}`)).toEqual([
    `${root}/perf-budget.jsonc The temporary folder ${root}/work.ts cannot be used: it is not a folder. Set ${variable} to a folder that can be written.`,
  ]);
  vi.unstubAllEnvs();
  await opened.reload();
  expect(opened.snapshot.problems).toEqual([]);
  await opened.dispose();
});
