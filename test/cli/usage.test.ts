import { readFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { remove, temporaryFolder, write } from '../engine/repository.js';
import { config, project, work } from './project.js';
import { checked, perfBudget, seen } from './run.js';

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) remove(folder);
});

function kept(folder: string): string {
  folders.push(folder);
  return folder;
}

test('says how it is used', async () => {
  const root = kept(temporaryFolder());
  expect(seen(await perfBudget(root, ['--help']))).toMatchInlineSnapshot(`
    "exit code 0
    Usage: perf-budget [options] [command]

    Performance budgets next to the code: new code is measured against old.

    Options:
      -V, --version   print the version
      -C, --directory <folder>  run in this folder
      --verbose   log each step to standard error
      -h, --help   print this help

    Commands:
      init   find benchmarks and write a perf-budget.jsonc
      check   measure, compare and judge
      explain   show which lines made the difference
      merge   combine the --json reports of several shards
      capture   make the current code and its figures the baseline
      record   record a figure that was measured by hand
      history   show the figures over time
      bisect   find the commit that made a benchmark slower
      report   write a report of every budget and its history
      import   import other tools' results into the history
      export   export the history for other tools
      mcp   serve the budgets to coding agents, over the Model
       Context Protocol

    Exit codes:
      0  all budgets pass or warn
      1  a budget failed
      2  the configuration or the command line is wrong
      3  a benchmark could not run"
  `);
  expect(await checked(root, ['check', '--help'])).toMatchInlineSnapshot(`
    "exit code 0
    Usage: perf-budget check [options] [budget...]

    measure, compare and judge

    Arguments:
      budget   names of budgets, or patterns such as "parser/*"
       (default: all)

    Options:
      --budget <pattern...>   the same as naming them
      --tag <name...>   only budgets that have one of these tags
      --against <rev|name>   compare with this revision or captured baseline;
       main... is the merge base with main
      --changed <file...>   only budgets that these files can affect
      --staged   only budgets that the staged files can affect
      --reporter <name[=file]>   terminal, json, junit, sarif, github, markdown,
       html; repeatable, at most one without a file
      --json <file>   write the report as JSON; - for standard output
      --time <duration>   the maximum time per benchmark, such as 4s
      --strict   fail what is undecided, not compared or has lost
       benchmarks
      --repeat-failures <times>  measure failed budgets again; they fail only if
       they fail every time
      --no-causes   do not look for what made broken budgets slower
      --shard <i/n>   check only this part of the budgets; merge combines
       the parts
      --node <path>   the Node.js to measure with (default: the first on
       the PATH)
      -h, --help   print this help

    Global Options:
      -V, --version   print the version
      -C, --directory <folder>   run in this folder
      --verbose   log each step to standard error"
  `);
  expect(seen(await perfBudget(root, ['capture', '--help']))).toMatchInlineSnapshot(`
    "exit code 0
    Usage: perf-budget capture [options]

    make the current code and its figures the baseline

    Options:
      --name <name>   the name of the baseline, such as v3.0.0
      --reason <text>   why these figures are accepted; required if a limit
       is broken
      --replace   replace the captured baseline of that name
      --auto   capture only if everything is within its limits;
       without --name, once a day (for CI)
      --list   list the captured baselines; * marks the current one
      --use <name>   make this captured baseline the current one; none
       compares with git
      --delete <name>   delete a captured baseline that is not the current
       one
      --against <rev|name>   compare with this revision or captured baseline;
       main... is the merge base with main
      --time <duration>   the maximum time per benchmark, such as 4s
      --node <path>   the Node.js to measure with (default: the first on
       the PATH)
      -h, --help   print this help

    Global Options:
      -V, --version   print the version
      -C, --directory <folder>  run in this folder
      --verbose   log each step to standard error"
  `);
  expect(seen(await perfBudget(root, ['history', '--help']))).toMatchInlineSnapshot(`
    "exit code 0
    Usage: perf-budget history [options] [budget]

    show the figures over time

    Arguments:
      budget   the name of a budget (default: the last run of each)

    Options:
      --limit <runs>   how many runs of a budget (default: 20)
      --json <file>   write the runs as JSON; - for standard output
      --backfill <n>   first measure the last n commits from git
      --share [remote]   write the runs of commits to git notes and read
       those from others; with a remote, sync with it
      --time <duration>   the maximum time per benchmark, such as 4s
      --node <path>   the Node.js to measure with (default: the first on
       the PATH)
      -h, --help   print this help

    Global Options:
      -V, --version   print the version
      -C, --directory <folder>  run in this folder
      --verbose   log each step to standard error"
  `);
  expect((await perfBudget(root, ['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test.each([
  [['chek']],
  [['check', '--fast']],
  [['check', '--time', '4']],
  [['check', '--time', 'soon']],
  [['capture', '--reason', 'none']],
  [['capture', '--name', 'auto', '--reason', 'none']],
  [['history', '--limit', '0']],
  [['check']],
  [['-C', 'nowhere', 'check']],
])('wrong usage ends with 2 and one message: %j', async (args) => {
  const root = kept(temporaryFolder());
  expect(seen(await perfBudget(root, args), root)).toMatchSnapshot();
});

test('a budget that is not there', async () => {
  const root = kept(project());
  expect(await checked(root, ['check', 'stedy'])).toMatchInlineSnapshot(`
    "exit code 2

    --- standard error
    perf-budget: No budget matches "stedy". Did you mean "steady"?"
  `);
  expect(seen(await perfBudget(root, ['history', 'something else']))).toMatchInlineSnapshot(`
    "exit code 2

    --- standard error
    perf-budget: No budget matches "something else". The budgets are steady, growing."
  `);
  expect(seen(await perfBudget(root, ['explain', 'stedy']))).toMatchInlineSnapshot(`
    "exit code 2

    --- standard error
    perf-budget: No budget matches "stedy". Did you mean "steady"?"
  `);
});

test('a version to explain that is not there', async () => {
  const root = kept(project());
  const asked = ['--from', '--to'].map((option) => perfBudget(root, ['explain', 'steady', option, 'nowhere']));
  expect((await Promise.all(asked)).map((ended) => seen(ended))).toEqual([
    'exit code 2\n\n--- standard error\nperf-budget: --from nowhere: there is no captured baseline and no commit called "nowhere".',
    'exit code 2\n\n--- standard error\nperf-budget: --to nowhere: there is no commit called "nowhere".',
  ]);
});

test('where nothing differs, there is nothing to explain', async () => {
  const root = kept(project());
  expect(seen(await perfBudget(root, ['explain', '--json', 'out/causes.json']))).toMatchInlineSnapshot(`
    "exit code 0
    Nothing is broken and nothing differs: there is nothing to explain."
  `);
  expect(JSON.parse(readFileSync(`${root}/out/causes.json`, 'utf8'))).toEqual({
    version: 1,
    budgets: [],
    problems: [],
  });
});

test('a broken configuration is told with every place, and the good budgets are judged', async () => {
  const root = kept(project());
  const broken = config
    .replace(
      '"growing": {',
      '"oops": { "benchmark": "steady", "limit": ["p95 <= 3 MB"] },\n    "growing": { "colour": 1,',
    )
    .replace('"benchmark": "growing"', '"benchmark": "growin"');
  write(root, { 'perf-budget.jsonc': broken });
  expect(await checked(root, ['check'])).toMatchInlineSnapshot(`
    "exit code 2
    ! growing   There is no benchmark "growin"; did you mean "growing"?   perf-budget.jsonc:6:44
    ✓ steady   TIME   same code   allowed 1 s   src/steady.ts:2
    ✓ oops   TIME   same code   allowed 10%   src/steady.ts:2

    perf-budget.jsonc:5:56  "p95 <= 3 MB": p95 is a time, but 3 MB is a size.
    perf-budget.jsonc:6:18  "colour" is not a key here. A budget can have benchmark, sum, manual, code, target, acceptable, limit, work, cycles, concurrency, isolation, answers, warmup, runs, time, regression, tolerance, baseline, waived, tags.

    Nothing differs from HEAD (COMMIT), so nothing was compared. Compare with the commit before it: --against HEAD~1

    2 problems, 1 not measured, 2 passed in TIME vs HEAD (COMMIT)"
  `);
  const { code, stdout } = await perfBudget(root, ['check', '--json', '-']);
  expect({ code, problems: (JSON.parse(stdout) as { problems: unknown }).problems }).toMatchInlineSnapshot(`
    {
      "code": 2,
      "problems": [
        {
          "column": 56,
          "file": "perf-budget.jsonc",
          "line": 5,
          "message": ""p95 <= 3 MB": p95 is a time, but 3 MB is a size.",
        },
        {
          "column": 18,
          "file": "perf-budget.jsonc",
          "line": 6,
          "message": ""colour" is not a key here. A budget can have benchmark, sum, manual, code, target, acceptable, limit, work, cycles, concurrency, isolation, answers, warmup, runs, time, regression, tolerance, baseline, waived, tags.",
        },
        {
          "column": 44,
          "file": "perf-budget.jsonc",
          "line": 6,
          "message": "There is no benchmark "growin"; did you mean "growing"?",
        },
      ],
    }
  `);
});

test('a wrong configuration weighs more than a failed budget', async () => {
  const root = kept(project());
  write(root, {
    'perf-budget.jsonc': config.replace('"code": "src/steady', '"cod": "src/steady'),
    'src/growing.ts': work(60_000),
  });
  expect(await checked(root, ['check', 'growing'])).toMatchInlineSnapshot(`
    "exit code 2
    ✗ growing   TIME   CHANGE   allowed 10%   src/growing.ts:2

    growing is SHARE slower than HEAD (INTERVAL); its budget allows 10%.
      perf-budget.jsonc:5:5  time <= baseline + 10%
      Make it faster, or accept it: perf-budget capture --name <name> --reason <text>

    perf-budget.jsonc:4:40  "cod" is not a key here; did you mean "code"?

    1 problem, 1 failed in TIME vs HEAD (COMMIT)"
  `);
});

test('a configuration that is not JSON at all', async () => {
  const root = kept(project());
  write(root, { 'perf-budget.jsonc': '{ "budgets": ' });
  expect(await checked(root, ['check'])).toMatchInlineSnapshot(`
    "exit code 2
    perf-budget.jsonc:1:12  A value is missing here.

    1 problem"
  `);
  write(root, { 'perf-budget.jsonc': '' });
  expect(await checked(root, ['check'])).toMatchInlineSnapshot(`
    "exit code 2
    perf-budget.jsonc:1:1  The file is empty. To start, run "perf-budget init", or "Perf Budget: Initialize" in the editor, or write { "benchmarks": [{ "files": "bench/**/*.bench.ts" }], "budgets": { "parse": { "benchmark": "suite/case", "limit": ["p95 <= 10 ms"] } } }.

    1 problem"
  `);
});
