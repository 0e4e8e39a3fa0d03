import { existsSync, readFileSync, rmSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import type { CheckDocument } from '../../src/core/formats/reporters/document.js';
import { commit, git, remove, write } from '../engine/repository.js';
import { config, project, work } from './project.js';
import { checked, perfBudget, seen, seenWith } from './run.js';

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) remove(folder);
});

function fresh(): string {
  const root = project();
  folders.push(root);
  return root;
}

const budgetsOf = ({ stdout }: { readonly stdout: string }): readonly string[] =>
  (JSON.parse(stdout) as CheckDocument).budgets.map(({ name }) => name);

test('budgets are asked for by pattern', async () => {
  const root = fresh();
  expect(budgetsOf(await perfBudget(root, ['check', 'gr*', '--json', '-']))).toEqual(['growing']);
  expect(budgetsOf(await perfBudget(root, ['check', '{steady,growing}', '--json', '-']))).toEqual([
    'steady',
    'growing',
  ]);
  expect(await checked(root, ['check', 'parser/*'])).toMatchInlineSnapshot(`
    "exit code 2

    --- standard error
    perf-budget: No budget matches "parser/*". The budgets are steady, growing."
  `);
});

test('budgets are asked for by tag, alone and among those of a pattern', async () => {
  const root = fresh();
  const tagged = config
    .replace('"steady": {', '"steady": { "tags": ["hot", "parser"],')
    .replace('"growing": {', '"growing": { "tags": ["hot"],');
  write(root, { 'perf-budget.jsonc': tagged });
  const asked = async (...args: string[]) => budgetsOf(await perfBudget(root, ['check', ...args, '--json', '-']));
  expect(await asked('--tag', 'hot')).toEqual(['steady', 'growing']);
  expect(await asked('--tag', 'parser')).toEqual(['steady']);
  expect(await asked('--tag', 'hot', 'parser', '--budget', 'gr*')).toEqual(['growing']);
  expect(await asked('--tag', 'parser', '--budget', 'growing')).toEqual([]);
  expect(await checked(root, ['check', '--tag', 'parsre'])).toMatchInlineSnapshot(`
    "exit code 2

    --- standard error
    perf-budget: No budget has the tag "parsre". Did you mean "parser"?"
  `);
  write(root, { 'perf-budget.jsonc': config });
  expect(await checked(root, ['check', '--tag', 'hot'])).toMatchInlineSnapshot(`
    "exit code 2

    --- standard error
    perf-budget: No budget has the tag "hot". No budget has "tags"."
  `);
});

test('shards have each budget once, and merge puts them together', async () => {
  const root = fresh();
  write(root, { 'src/growing.ts': work(60_000) });
  const shards = await Promise.all(
    [1, 2, 3].map((part) => perfBudget(root, ['check', '--shard', `${part}/3`, '--json', `${part}.json`])),
  );
  expect(shards.map(({ code }) => code).sort()).toEqual([0, 0, 1]);
  expect(seen(shards[2] ?? { code: null, stdout: '', stderr: '' })).toMatchInlineSnapshot(`
    "exit code 0
    Shard 3 of 3 has no budgets."
  `);
  const reporters = ['junit=out.xml', 'json=out.json'].flatMap((one) => ['--reporter', one]);
  const merged = await perfBudget(root, ['merge', '1.json', '2.json', '3.json', ...reporters]);
  expect(seenWith(JSON.parse(readFileSync(`${root}/out.json`, 'utf8')) as CheckDocument, merged))
    .toMatchInlineSnapshot(`
      "exit code 1
      ✗ growing   TIME   CHANGE   allowed 10%   src/growing.ts:2
      ✓ steady   TIME   same code   allowed 1 s   src/steady.ts:2

      growing is SHARE slower than HEAD (INTERVAL); its budget allows 10%.
        perf-budget.jsonc:5:5  time <= baseline + 10%
        Make it faster, or accept it: perf-budget capture --name <name> --reason <text>

      1 failed, 1 passed in TIME vs HEAD (COMMIT)"
    `);
  expect(existsSync(`${root}/out.xml`)).toBe(true);
  expect(seen(await perfBudget(root, ['merge', '1.json', '3.json']))).toMatchInlineSnapshot(`
    "exit code 2

    --- standard error
    perf-budget: Shard 2 of 3 is missing. Did that job end before it wrote its --json?"
  `);
  expect(seen(await perfBudget(root, ['merge', '1.json', 'gone.json']))).toMatchInlineSnapshot(`
    "exit code 2

    --- standard error
    perf-budget: gone.json does not exist."
  `);
  write(root, { '2.json': readFileSync(`${root}/2.json`, 'utf8').slice(0, 300) });
  expect(seen(await perfBudget(root, ['merge', '1.json', '2.json', '3.json']))).toMatchInlineSnapshot(`
    "exit code 2

    --- standard error
    perf-budget: 2.json: it is not valid JSON. Was it cut off? perf-budget check --json writes it."
  `);
  expect(await checked(root, ['check', '--shard', '4/3'])).toMatchInlineSnapshot(`
    "exit code 2

    --- standard error
    error: option '--shard <i/n>' argument '4/3' is invalid. Expected a part and the number of parts, such as 1/4.
    Try perf-budget --help."
  `);
});

test('what failed is measured again, and must fail again', async () => {
  const root = fresh();
  write(root, { 'src/growing.ts': work(60_000) });
  expect(await checked(root, ['check', '--repeat-failures', '2'])).toMatchInlineSnapshot(`
    "exit code 1
    ✗ growing   TIME   CHANGE   allowed 10%   src/growing.ts:2
    ✓ steady   TIME   same code   allowed 1 s   src/steady.ts:2

    growing is SHARE slower than HEAD (INTERVAL); its budget allows 10%.
      perf-budget.jsonc:5:5  time <= baseline + 10%
      Make it faster, or accept it: perf-budget capture --name <name> --reason <text>

    growing: failed in all 3 runs.

    1 failed, 1 passed in TIME vs HEAD (COMMIT)"
  `);
});

test('a failure that does not come back is none, and is told', async () => {
  const root = fresh();
  const text = work(20_000).replace('20000', 'turns');
  // Between the two, a machine that is busy sees well enough.
  const loose = config.replace('growing.ts#work" }', 'growing.ts#work", "limit": ["time <= baseline * 2"] }');
  commit(root, { 'src/growing.ts': `const turns = 20_000;\n${text}`, 'perf-budget.jsonc': loose });
  const slow = "import { existsSync } from 'node:fs';\nconst turns = existsSync('slow') ? 60_000 : 20_000;\n";
  write(root, { 'src/growing.ts': slow + text, slow: '' });
  const { code, stdout } = await perfBudget(
    root,
    ['check', 'growing', '--repeat-failures', '1', '--verbose', '--json', 'out.json'],
    {
      running: ({ stderr }) =>
        stderr?.on('data', (said: string) => {
          if (said.includes('measured growing')) rmSync(`${root}/slow`, { force: true });
        }),
    },
  );
  const document = JSON.parse(readFileSync(`${root}/out.json`, 'utf8')) as CheckDocument;
  expect(seenWith(document, { code, stdout, stderr: '' })).toMatchInlineSnapshot(`
    "exit code 0
    ✓ growing   TIME   CHANGE   allowed 2 times slower   src/growing.ts:4

    growing: failed at first, but not in run 2.

    1 passed in TIME vs HEAD (COMMIT)"
  `);
});

test('three dots mean where this branch left another', async () => {
  const root = fresh();
  const left = git(root, 'rev-parse', 'HEAD');
  git(root, 'switch', '--quiet', '--create', 'feature');
  commit(root, { 'src/growing.ts': work(60_000) });
  git(root, 'switch', '--quiet', '-');
  commit(root, { 'src/growing.ts': work(90_000) });
  const main = git(root, 'rev-parse', '--abbrev-ref', 'HEAD');
  git(root, 'switch', '--quiet', 'feature');
  const { code, stdout } = await perfBudget(root, ['check', 'growing', '--against', `${main}...`, '--json', '-']);
  expect({ code, baseline: (JSON.parse(stdout) as CheckDocument).baseline }).toEqual({
    code: 1,
    baseline: { name: main, commit: left },
  });
  expect(seen(await perfBudget(root, ['check', '--against', 'nowhere...']))).toMatchInlineSnapshot(`
    "exit code 2

    --- standard error
    perf-budget: --against nowhere...: there is no captured baseline and no commit called "nowhere..."."
  `);
});

test('a waived budget is a warning until its last day, and fails again after it', async () => {
  const root = fresh();
  const waived = (until: string): string =>
    config.replace(
      '"code": "src/growing.ts#work"',
      `"code": "src/growing.ts#work", "waived": { "until": "${until}", "reason": "the new parser" }`,
    );
  write(root, { 'src/growing.ts': work(60_000), 'perf-budget.jsonc': waived('9999-12-31') });
  expect(await checked(root, ['check', 'growing'])).toMatchInlineSnapshot(`
    "exit code 0
    ⚠ growing   TIME   CHANGE   allowed 10%   src/growing.ts:2

    growing: waived until 9999-12-31: the new parser.

    1 warning in TIME vs HEAD (COMMIT)"
  `);
  const { stdout } = await perfBudget(root, ['check', 'growing', '--json', '-']);
  const [budget] = (JSON.parse(stdout) as CheckDocument).budgets;
  expect({ verdict: budget?.verdict, waived: budget?.waived }).toEqual({
    verdict: 'warn',
    waived: { until: '9999-12-31', reason: 'the new parser' },
  });
  write(root, { 'perf-budget.jsonc': waived('2020-01-31') });
  expect(await checked(root, ['check', 'growing'])).toMatchInlineSnapshot(`
    "exit code 1
    ✗ growing   TIME   CHANGE   allowed 10%   src/growing.ts:2

    growing is SHARE slower than HEAD (INTERVAL); its budget allows 10%.
      perf-budget.jsonc:5:5  time <= baseline + 10%
      Make it faster, or accept it: perf-budget capture --name <name> --reason <text>

    growing: its waiver ended on 2020-01-31 (the new parser).

    1 failed in TIME vs HEAD (COMMIT)"
  `);
});

test('report writes a page of what is known, and runs nothing', async () => {
  const root = fresh();
  // By more than the figures vary, so that the order is always the same.
  write(root, { 'src/growing.ts': work(20_600) });
  const { stdout } = await perfBudget(root, ['check', '--json', '-']);
  write(root, { 'bench/steady.bench.ts': "throw new Error('this must not run');" });
  const ended = await perfBudget(root, ['report', '--html', 'out.html', '--markdown', '-']);
  // Markdown has a backslash before the point of a figure, too.
  const plain = { ...ended, stdout: ended.stdout.replaceAll('\\', '') };
  expect(seenWith(JSON.parse(stdout) as CheckDocument, plain)).toMatchInlineSnapshot(`
    "exit code 0
    <!-- perf-budget -->

    ### ✓ Performance budgets: 2 passed vs HEAD (COMMIT)

    |  | Budget | Measured | Change | Bound |
    | :-- | :-- | --: | --: | :-- |
    | ✓ | growing | TIME | CHANGE | allowed 10% |
    | ✓ | steady | TIME | same code | allowed 1 s |
    --- standard error
    Wrote out.html."
  `);
  const html = readFileSync(`${root}/out.html`, 'utf8');
  expect(html.match(/<h3.*<\/h3>/g)?.map((head) => head.replaceAll(/<[^>]+>/g, ''))).toEqual(['✓ growing', '✓ steady']);
  expect(html).toContain('1 run, newest first');
  expect(seen(await perfBudget(root, ['report']))).toMatchInlineSnapshot(`
    "exit code 2

    --- standard error
    perf-budget: report needs --html or --markdown, such as --html perf-budget.html."
  `);
});

test('init --ci github writes a workflow, once, and prints a hook', async () => {
  const root = fresh();
  expect(seen(await perfBudget(root, ['init', '--ci', 'github']))).toMatchInlineSnapshot(`
    "exit code 0
    .github/workflows/perf-budget.yml checks every pull request and every push to main, compares the code with that of a week ago once a week, and captures a baseline on demand. Commit it.
    To check before each commit, too, save this as an executable .git/hooks/pre-commit:

      #!/bin/sh
      exec npx perf-budget check --staged"
  `);
  const file = `${root}/.github/workflows/perf-budget.yml`;
  expect(readFileSync(file, 'utf8')).toContain('npx perf-budget check --against');
  expect(git(root, 'status', '--porcelain')).toBe('?? .github/');
  write(root, { '.github/workflows/perf-budget.yml': 'mine\n' });
  expect(seen(await perfBudget(root, ['init', '--ci', 'github']))).toMatchInlineSnapshot(`
    "exit code 2

    --- standard error
    perf-budget: .github/workflows/perf-budget.yml already exists. Overwrite it with --force."
  `);
  expect(readFileSync(file, 'utf8')).toBe('mine\n');
  expect((await perfBudget(root, ['init', '--ci', 'github', '--force'])).code).toBe(0);
  expect(readFileSync(file, 'utf8')).not.toBe('mine\n');
  expect(seen(await perfBudget(root, ['init', '--force']))).toMatchInlineSnapshot(`
    "exit code 2

    --- standard error
    perf-budget: --force works only with --ci github."
  `);
});
