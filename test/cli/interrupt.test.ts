import { existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { afterEach, expect, test } from 'vitest';
import { commit, git, remove, repository, temporaryFolder, write } from '../engine/repository.js';
import { loneProject, project, work } from './project.js';
import type { CheckDocument } from '../../src/core/formats/reporters/document.js';
import { expectEnded, perfBudget, processId, seen, steady } from './run.js';

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) remove(folder);
});

const note =
  "import { appendFileSync } from 'node:fs';\nconst note = () => appendFileSync('pids', `${process.pid}\\n`);";

function endless(): string {
  const root = loneProject('endless', note, 'note(); for (;;);');
  folders.push(root);
  return root;
}

// Windows has no signals to send to another process.
const posix = test.skipIf(process.platform === 'win32');

const everything = ['json', 'junit', 'sarif', 'github', 'markdown', 'html', 'terminal'].flatMap((name) => [
  '--reporter',
  `${name}=out.${name}`,
]);

posix('Ctrl-C during a capture ends it with 130, nothing left running and nothing written', async () => {
  const root = endless();
  const ended = await perfBudget(root, ['capture', '--name', 'v1', '--reason', 'none'], {
    running: (child) => void processId(`${root}/pids`).then(() => child.kill('SIGINT')),
  });
  expect(seen(ended)).toMatchInlineSnapshot(`
    "exit code 130

    --- standard error
    Interrupted: the baseline is unchanged."
  `);
  await expectEnded([await processId(`${root}/pids`)]);
  expect(readdirSync(root).sort()).toEqual(['.perf-budget', 'endless.bench.ts', 'perf-budget.jsonc', 'pids']);
});

posix('Ctrl-C while a capture writes leaves no half of it', async () => {
  const root = project();
  folders.push(root);
  // A filter that takes its time while the code is kept, and leaves word that it does.
  git(root, 'config', 'filter.slow.clean', 'if [ -n "$GIT_INDEX_FILE" ]; then echo $$ > pids; sleep 1; fi; cat');
  write(root, { '.git/info/attributes': 'src/*.ts filter=slow\n', 'src/steady.ts': `// changed\n${work(20_000)}` });
  const ended = await perfBudget(root, ['capture', '--name', 'v1', '--reason', 'none'], {
    running: (child) => void processId(`${root}/pids`).then(() => child.kill('SIGINT')),
  });
  expect(ended.code).toBe(130);
  expect(ended.stderr.trim()).toBe('Interrupted: the baseline is unchanged.');
  expect(ended.stdout).not.toContain('The baseline is now');
  expect(git(root, 'for-each-ref', 'refs/perf-budget')).toBe('');
  expect(existsSync(path.join(root, 'perf-budget.baselines'))).toBe(false);
});

posix('Ctrl-C during a check reports what is known so far, in every form', async () => {
  const root = endless();
  write(root, {
    'quick.bench.ts': "import { bench } from 'vitest';\nbench('quick', () => {});\n",
    'perf-budget.jsonc': JSON.stringify({
      benchmarks: [{ files: '*.bench.ts' }],
      budgets: {
        quick: { benchmark: 'quick', limit: ['time <= 1 h'] },
        endless: { benchmark: 'endless', limit: ['time <= 1 h'] },
        'endless, too': { benchmark: 'endless', limit: ['time <= 2 h'] },
      },
    }),
  });
  const ended = await perfBudget(root, ['check', '--repeat-failures', '3', ...everything], {
    running: (child) => void processId(`${root}/pids`).then(() => child.kill('SIGINT')),
  });
  expect(steady(seen(ended))).toMatchInlineSnapshot(`
    "exit code 130
    ✓ quick   TIME   allowed TIME   quick.bench.ts:2

    quick: FOLDER is not in a Git repository; capture a baseline to have something to compare with; TIME per iteration is as fast as an empty function: the compiler may have removed the work; return or use its result.

    Interrupted: 2 of 3 budgets were not checked. 1 passed in TIME"
  `);
  await expectEnded([await processId(`${root}/pids`)]);
  const read = (name: string): string => readFileSync(`${root}/out.${name}`, 'utf8');
  const document = JSON.parse(read('json')) as CheckDocument;
  expect([document.budgets.map(({ name }) => name), document.unchecked]).toEqual([
    ['quick'],
    ['endless', 'endless, too'],
  ]);
  const sentence = 'Interrupted: 2 of 3 budgets were not checked.';
  expect(read('terminal')).toContain(sentence);
  expect(read('github')).toBe(`::error title=perf-budget::${sentence}\n`);
  expect(read('sarif')).toContain(sentence);
  expect(read('html')).toContain(sentence);
  expect(read('markdown')).toContain('**Interrupted: 2 of 3 budgets were not checked\\.**');
  expect(read('junit')).toContain('tests="3" failures="0" errors="0" skipped="2"');
  // Who merges it knows, too.
  expect((await perfBudget(root, ['merge', 'out.json'])).code).toBe(3);
});

posix('Ctrl-C while a bench file is being loaded', async () => {
  const root = endless();
  write(root, {
    'endless.bench.ts': `import { bench } from 'vitest';\n${note}\nnote(); for (;;);\nbench('endless', () => {});`,
  });
  const ended = await perfBudget(root, ['check'], {
    running: (child) => void processId(`${root}/pids`).then(() => child.kill('SIGINT')),
  });
  expect(seen(ended)).toMatchInlineSnapshot(`
    "exit code 130

    --- standard error
    Interrupted."
  `);
  await expectEnded([await processId(`${root}/pids`)]);
});

const quick = "import { bench } from 'vitest';\nimport { x } from './lib.js';\nbench('endless', () => x);\n";
const config = (source: object): string =>
  JSON.stringify({ benchmarks: [source], budgets: { a: { benchmark: 'endless', limit: ['time <= baseline * 2'] } } });

posix.each([
  ['a build of the working tree', ['check'], ['node', 'build.mjs']],
  ['a build of the old code', ['check', '--against', 'HEAD'], ['node', 'old-build.mjs']],
])('Ctrl-C during %s ends it and all that it started', async (_, args, build) => {
  const root = repository(temporaryFolder());
  folders.push(root);
  // The child has the number, so that its end is that of the tree.
  const hang = `import { spawn } from 'node:child_process';\nspawn(process.execPath, ['hang.mjs'], { cwd: ${JSON.stringify(root)}, stdio: 'inherit' });\n`;
  commit(root, {
    'a.bench.js': quick,
    'lib.js': 'export const x = 1;\n',
    'hang.mjs': `${note}\nnote();\nsetInterval(() => {}, 1000);\n`,
    'build.mjs': hang,
    // Only the checkout lies in the folder of worktrees.
    'old-build.mjs': `if (process.cwd().includes('worktrees')) await import('./build.mjs');\n`,
    'perf-budget.jsonc': config({ files: '*.bench.js', build }),
  });
  write(root, { 'lib.js': 'export const x = 2;\n' });
  const ended = await perfBudget(root, args, {
    isReal: true,
    running: (child) => void processId(`${root}/pids`).then(() => child.kill('SIGINT')),
  });
  expect(ended.code).toBe(130);
  await expectEnded([await processId(`${root}/pids`)]);
});

posix('Ctrl-C while a filter hangs ends it', async () => {
  const root = repository(temporaryFolder());
  folders.push(root);
  write(root, { 'smudge.mjs': `${note}\nnote();\nsetInterval(() => {}, 1000);\n` });
  commit(root, {
    '.gitattributes': '*.js filter=hang\n',
    'a.bench.js': quick,
    'lib.js': 'export const x = 1;\n',
    'perf-budget.jsonc': config({ files: '*.bench.js' }),
  });
  git(root, 'config', 'filter.hang.smudge', 'node smudge.mjs');
  write(root, { 'lib.js': 'export const x = 2;\n' });
  const ended = await perfBudget(root, ['check'], {
    isReal: true,
    running: (child) => void processId(`${root}/pids`).then(() => child.kill('SIGINT')),
  });
  expect(ended.code).toBe(130);
  await expectEnded([await processId(`${root}/pids`)]);
});

posix('Ctrl-C while init calls the benchmarks keeps what was found', async () => {
  const root = endless();
  remove(`${root}/perf-budget.jsonc`);
  const ended = await perfBudget(root, ['init'], {
    running: (child) => void processId(`${root}/pids`).then(() => child.kill('SIGINT')),
  });
  expect(seen(ended)).toMatchInlineSnapshot(`
    "exit code 130
    1 benchmark in 1 bench file:
      endless   endless.bench.ts

    Note:
      1 of 1 benchmarks were not tried, because time ran out.

    perf-budget.jsonc now has 1 budget. Each fails if its time grows by more than 10% over the baseline.
    Next, because there is no Git repository with old code: perf-budget capture --name start --reason "the start"
    --- standard error
    looking into bench files: 1 of 1
    Interrupted: the budgets cover only what was found so far."
  `);
  await expectEnded([await processId(`${root}/pids`)]);
  expect(readFileSync(`${root}/perf-budget.jsonc`, 'utf8')).toContain('"endless": { "benchmark": "endless" }');
});

posix.each([
  ['an endless benchmark', 'note(); for (;;);'],
  ['one that has an answer for nobody', 'note(); for (const end = Date.now() + 20; Date.now() < end;);'],
  ['one that waits', 'note(); return new Promise((resolve) => setTimeout(resolve, 20));'],
  [
    'one that fails where nobody looks',
    // Late enough that the program is killed before it hears of the failure.
    "note(); setTimeout(() => { throw new Error('late'); }, 1000); for (const end = Date.now() + 20; Date.now() < end;);",
  ],
])('%s ends also when the program is killed, and cannot end it', async (_, body) => {
  const root = loneProject('endless', note, body);
  folders.push(root);
  const ended = await perfBudget(root, ['check'], {
    running: (child) => void processId(`${root}/pids`).then(() => child.kill('SIGKILL')),
  });
  expect(ended.code).toBe(null);
  await expectEnded([await processId(`${root}/pids`)]);
});

posix('SIGINT leaves no old code behind whose Vite configuration is still being read', async () => {
  const root = repository(temporaryFolder());
  folders.push(root);
  const packages = path.resolve(import.meta.dirname, '../../node_modules');
  const bench = "import { bench } from 'vitest';\nbench('a', () => {});\n";
  const slow = `${note}
if (process.cwd().includes('perf-budget-run-')) {
  appendFileSync(${JSON.stringify(`${root}/folders`)}, process.cwd() + '\\n');
  note();
  await new Promise((resolve) => setTimeout(resolve, 50_000));
}
export default {};
`;
  const budgets = { a: { benchmark: 'a', limit: ['time <= baseline * 2'] } };
  commit(root, {
    'perf-budget.jsonc': JSON.stringify({ benchmarks: [{ files: '*.bench.js' }], budgets }),
    ...{ '.gitignore': 'node_modules\n', 'vitest.config.mjs': slow, 'a.bench.js': bench },
  });
  write(root, { 'node_modules/.keep': '' });
  for (const name of ['vitest', 'vite']) symlinkSync(`${packages}/${name}`, `${root}/node_modules/${name}`);
  await perfBudget(root, ['check'], {
    running: (child) => void processId(`${root}/folders`).then(() => child.kill('SIGINT')),
  });
  const [folder = ''] = readFileSync(`${root}/folders`, 'utf8').split('\n');
  expect(folder).not.toBe('');
  await expect.poll(() => existsSync(folder), { timeout: 10_000 }).toBe(false);
});

// An endless loop never hears that the channel has closed.
posix.each(['SIGINT', 'SIGKILL'] as const)('%s ends a Vite configuration that never ends', async (signal) => {
  const root = loneProject('lone', '', '');
  folders.push(root);
  const packages = path.resolve(import.meta.dirname, '../../node_modules');
  write(root, { 'vitest.config.mjs': `${note}\nnote();\nfor (;;);\n`, 'node_modules/.keep': '' });
  for (const name of ['vitest', 'vite']) symlinkSync(`${packages}/${name}`, `${root}/node_modules/${name}`);
  await perfBudget(root, ['check'], {
    running: (child) => void processId(`${root}/pids`).then(() => child.kill(signal)),
  });
  await expectEnded([await processId(`${root}/pids`)]);
});
