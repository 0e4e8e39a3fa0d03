import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { BudgetResult } from '../../../src/core/results/measurement.js';
import { silent } from '../../../src/engine/util/log.js';
import { openProject } from '../../../src/engine/project/open.js';
import type { Project } from '../../../src/engine/project/snapshot.js';
import { maskOwn } from '../../cli/figures.js';
import { commit, remove, repository, temporaryFolder, write } from '../repository.js';
import { coldNote } from '../../../src/core/text/measurement-notes.js';
import { resultTitle } from '../../../src/core/text/title.js';

const workerPath = path.resolve(import.meta.dirname, '../../../dist/worker.js');
const opened: Project[] = [];
const folders: string[] = [];

afterEach(async () => {
  for (const project of opened.splice(0)) await project.dispose();
  folders.splice(0).forEach(remove);
});

/** The names of the processes that measured, as the log has them. */
let sampled: string[] = [];

interface Code {
  readonly fn: string;
  readonly head?: string;
  readonly name?: string;
}

const source = ({ fn, head = '', name = 'run' }: Code): string => `${head}\nexport const ${name} = ${fn};\n`;

/** Measures what a bench file finds in a module, against the module at HEAD; null for none there. */
async function ran(budget: object, code: Code, old: Code | null): Promise<BudgetResult> {
  const root = repository(temporaryFolder());
  folders.push(root);
  const config = {
    benchmarks: [{ files: '*.bench.ts' }],
    defaults: { time: '1 s' },
    budgets: { case: { benchmark: 'case', ...budget } },
  };
  commit(root, { 'perf-budget.jsonc': JSON.stringify(config), ...(old && { 'src/code.ts': source(old) }) });
  write(root, {
    'src/code.ts': source(code),
    'a.bench.ts': `import { bench } from 'vitest';\nimport { run } from './src/code.js';\nbench('case', run);\n`,
  });
  sampled = [];
  const log = { ...silent, trace: (message: string): void => void sampled.push(message) };
  const options = { log, trusted: true, nodePath: null, workerPath };
  const project = await openProject(path.join(root, 'perf-budget.jsonc'), options);
  opened.push(project);
  const report = await project.run({ causes: false });
  return report.budgets[0] ?? expect.fail('no result');
}

/** Everything that is said, in the editor and in `--json`. Figures of the result are words; of others only those that a note has. */
const said = (result: BudgetResult): string =>
  maskOwn(
    [
      resultTitle(result, 'HEAD'),
      result.message,
      ...result.checks.map(({ check, verdict, note }) => `  ${check}: ${verdict}${note === null ? '' : `, ${note}`}`),
    ].join('\n'),
    result,
  )
    .replaceAll(/(?:SHARE (?:slower|faster) than|as fast as|CHANGE (?:vs|than)) HEAD/g, 'CHANGE')
    // Whether V8 is done with the old code in time depends on what else the machine does.
    .replaceAll(`; ${coldNote()}`, '')
    .replaceAll(/[\d.]+ (?:ns|µs) (?=per iteration is as fast as an empty function)/g, 'TIME ')
    .replaceAll(/(?<=an iteration takes |one process in |set "time": ")[\d.]+ (?:ms|s|min)/g, 'TIME')
    .replaceAll(/[\d,]+ (?:was|were) taken/g, 'N were taken');

/** Unchanged work in changed text, so that it has to be compared: bounds that no noise reaches hold. */
const twice = (head: string, body: string, async = ''): readonly [Code, Code] => [
  { head, fn: `${async} () => { const now = 1; ${body} return now; }` },
  { head, fn: `${async} () => { const old = 1; ${body} return old; }` },
];
const loose = { limit: ['time <= 10 s', 'time <= baseline * 20'] };
/** With as much time as V8 needs on a busy machine. */
const patient = { ...loose, time: '4 s' };
/** Keeps the processor busy. */
const spin = (ms: string): string => `for (const end = performance.now() + (${ms}); performance.now() < end;);`;
/** Computes for so long by the clock of the processor, however much of it other programs have. */
const compute = (ms: string): string => `
  const used = () => { const { user, system } = (process.threadCpuUsage ?? process.cpuUsage)(); return (user + system) / 1e3; };
  const until = used() + (${ms});
  let sum = 0;
  do { for (let i = 0; i < 1000; i++) sum += Math.sqrt(i); } while (used() < until);
  return sum;`;
/** Far less than an iteration takes. */
const short = { time: '150 ms' };
const long = 'let sum = 0; for (let i = 0; i < 7e8; i++) sum += i & 3; return sum;';
const sleep = 'new Promise((resolve) => setTimeout(resolve, 2))';

test('one that the compiler removes compares nothing, and says so', async () => {
  expect(said(await ran({}, { fn: '() => {}' }, { fn: '() => undefined' }))).toMatchInlineSnapshot(`
    "? not compared: both sides are as fast as an empty function
    not compared: both sides are as fast as an empty function
      time <= baseline + 10%: undecided, not compared: both sides are as fast as an empty function"
  `);
});

test('one that the compiler removes has a time for what is absolute', async () => {
  expect(said(await ran({ limit: ['time <= 1 s'] }, { fn: '() => {}' }, { fn: '() => undefined' })))
    .toMatchInlineSnapshot(`
      "? TIME of 1 s · not compared: both sides are as fast as an empty function
      TIME of 1 s · not compared: both sides are as fast as an empty function
        time <= 1 s: pass
        time <= baseline + 10%: undecided, not compared: both sides are as fast as an empty function"
    `);
});

test('one whose work is lost is told with the speed-up', async () => {
  expect(said(await ran({ time: '4 s' }, { fn: '() => {}' }, { fn: `() => { ${spin('0.1')} }` })))
    .toMatchInlineSnapshot(`
    "⚠ takes no longer than an empty function: is it still doing the work?
    takes no longer than an empty function: is it still doing the work? · TIME · CHANGE · TIME per iteration is as fast as an empty function: the compiler may have removed the work; return or use its result
      time <= baseline + 10%: pass"
  `);
});

test('one that had no work before', async () => {
  expect(said(await ran({}, { fn: `() => { ${spin('0.1')} }` }, { fn: '() => {}' }))).toMatchInlineSnapshot(`
    "✗ CHANGE · 10% allowed
    CHANGE (INTERVAL); the budget allows 10%
      time <= baseline + 10%: fail"
  `);
});

test('an iteration longer than the time is judged by what is absolute', async () => {
  expect(said(await ran({ ...short, limit: ['time <= 9.7 s', 'time <= baseline * 20'] }, ...twice('', long))))
    .toMatchInlineSnapshot(`
    "✓ TIME of 9.7 s · CHANGE
    TIME of 9.7 s · CHANGE · an iteration takes so long that V8 may not have finished optimizing the code: in the long run it may be faster
      time <= 9.7 s: pass
      time <= baseline * 20: pass"
  `);
});

test('an iteration longer than the time says what it takes to compare', async () => {
  expect(said(await ran(short, ...twice('', long)))).toMatchInlineSnapshot(`
    "? CHANGE, undecided
    CHANGE · an iteration takes TIME, and one process in TIME is too few to compare: set "time": "TIME"
      time <= baseline + 10%: undecided, an iteration takes TIME, and one process in TIME is too few to compare: set "time": "TIME""
  `);
});

test('an iteration longer than the time says what a percentile takes', async () => {
  expect(said(await ran({ ...short, limit: ['p95 <= 9.7 s', 'time <= baseline * 20'] }, ...twice('', long))))
    .toMatchInlineSnapshot(`
      "? p95 needs 200 samples; N were taken: set "time": "TIME"
      p95 needs 200 samples; N were taken: set "time": "TIME"
        p95 <= 9.7 s: undecided, p95 needs 200 samples; N were taken: set "time": "TIME"
        time <= baseline * 20: pass"
    `);
});

test('a bimodal time shows in the percentiles', async () => {
  expect(
    said(
      await ran(
        { time: '20 s', limit: ['p95 >= 0.9 ms', 'median <= 0.9 ms', 'time <= baseline * 20'] },
        ...twice('let n = 0;', spin('n++ % 5 === 0 ? 1 : 0.1')),
      ),
    ),
  ).toMatchInlineSnapshot(`
    "✓ p95 TIME · at least 900 µs · CHANGE
    p95 TIME · at least 900 µs · CHANGE
      p95 >= 0.9 ms: pass
      median <= 0.9 ms: pass
      time <= baseline * 20: pass"
  `);
});

test('one that speeds up after a thousand calls is compared before that on both sides', async () => {
  expect(said(await ran(patient, ...twice('let n = 0;', spin('n++ < 1000 ? 0.05 : 0.005'))))).toMatchInlineSnapshot(`
    "✓ TIME of 10 s · CHANGE
    TIME of 10 s · CHANGE
      time <= 10 s: pass
      time <= baseline * 20: pass"
  `);
});

test('one that speeds up after a thousand calls is warm where its budget says how many warm it', async () => {
  expect(
    said(
      await ran(
        { warmup: 1000, time: '4 s', limit: ['time <= 30 us', 'time <= baseline * 20'] },
        ...twice('let n = 0;', spin('n++ < 1000 ? 0.05 : 0.005')),
      ),
    ),
  ).toMatchInlineSnapshot(`
    "✓ TIME of 30 µs · CHANGE
    TIME of 30 µs · CHANGE
      time <= 30 us: pass
      time <= baseline * 20: pass"
  `);
});

test('a leak fails what is to be retained', async () => {
  expect(
    said(
      await ran(
        { limit: ['retained <= 1 KB', 'time <= baseline * 20'] },
        ...twice('const kept: unknown[] = [];', 'kept.push(new Array(100).fill(0));'),
      ),
    ),
  ).toMatchInlineSnapshot(`
    "✗ retained SIZE · 1 KB allowed · CHANGE
    retained is SIZE; the limit is 1 KB
      retained <= 1 KB: fail
      time <= baseline * 20: pass"
  `);
});

test('a leak that nobody asks about costs no verdict', async () => {
  expect(said(await ran(loose, ...twice('const kept: unknown[] = [];', 'kept.push(new Array(100).fill(0));'))))
    .toMatchInlineSnapshot(`
      "✓ TIME of 10 s · CHANGE
      TIME of 10 s · CHANGE
        time <= 10 s: pass
        time <= baseline * 20: pass"
    `);
});

test('one that depends on the date', async () => {
  expect(
    said(await ran(loose, ...twice('', 'let s = 0; for (let i = 0; i < 1000 + (Date.now() % 1000); i++) s += i % 7;'))),
  ).toMatchInlineSnapshot(`
    "✓ TIME of 10 s · CHANGE
    TIME of 10 s · CHANGE
      time <= 10 s: pass
      time <= baseline * 20: pass"
  `);
});

test('one that depends on random numbers', async () => {
  expect(said(await ran(loose, ...twice('', 'let s = 0; for (let i = 0; i < Math.random() * 1000; i++) s += i % 7;'))))
    .toMatchInlineSnapshot(`
      "✓ TIME of 10 s · CHANGE
      TIME of 10 s · CHANGE
        time <= 10 s: pass
        time <= baseline * 20: pass"
    `);
});

test('one whose old version throws is judged by what is absolute', async () => {
  expect(said(await ran(loose, { fn: `() => { ${spin('0.01')} }` }, { fn: `() => { throw new Error('not yet'); }` })))
    .toMatchInlineSnapshot(`
      "? TIME of 10 s · not compared: the old code cannot run this benchmark: the benchmark threw: not yet (src/code.ts:2:34)
      TIME of 10 s · not compared: the old code cannot run this benchmark: the benchmark threw: not yet (src/code.ts:2:34)
        time <= 10 s: pass
        time <= baseline * 20: undecided, not compared: the old code cannot run this benchmark: the benchmark threw: not yet (src/code.ts:2:34)"
    `);
});

test('one whose old version throws has nothing to be compared with', async () => {
  expect(said(await ran({}, { fn: `() => { ${spin('0.01')} }` }, { fn: `() => { throw new Error('not yet'); }` })))
    .toMatchInlineSnapshot(`
      "? not compared: the old code cannot run this benchmark: the benchmark threw: not yet (src/code.ts:2:34)
      not compared: the old code cannot run this benchmark: the benchmark threw: not yet (src/code.ts:2:34)
        time <= baseline + 10%: undecided, not compared: the old code cannot run this benchmark: the benchmark threw: not yet (src/code.ts:2:34)"
    `);
});

test('one whose old version is not there', async () => {
  expect(said(await ran(loose, { fn: `() => { ${spin('0.01')} }` }, null))).toMatchInlineSnapshot(`
    "? TIME of 10 s · not compared: src/code.ts does not exist at HEAD
    TIME of 10 s · not compared: src/code.ts does not exist at HEAD
      time <= 10 s: pass
      time <= baseline * 20: undecided, not compared: src/code.ts does not exist at HEAD"
  `);
});

test('one whose old version lacks the function', async () => {
  expect(said(await ran(loose, { fn: `() => { ${spin('0.01')} }` }, { name: 'other', fn: '() => 1' })))
    .toMatchInlineSnapshot(`
      "? TIME of 10 s · not compared: run does not exist at HEAD
      TIME of 10 s · not compared: run does not exist at HEAD
        time <= 10 s: pass
        time <= baseline * 20: undecided, not compared: run does not exist at HEAD"
    `);
});

test('one that returns a promise from the second call on is awaited', async () => {
  expect(
    said(
      await ran(
        { limit: ['time >= 1 ms', 'time <= baseline * 20'] },
        ...twice('let n = 0;', `if (n++ > 0) return ${sleep};`),
      ),
    ),
  ).toMatchInlineSnapshot(`
    "✓ TIME · at least 1 ms · CHANGE
    TIME · at least 1 ms · CHANGE
      time >= 1 ms: pass
      time <= baseline * 20: pass"
  `);
});

test('one that returns a promise from the thousandth call on is awaited', async () => {
  expect(
    said(
      await ran(
        { time: '4 s', limit: ['time >= 1 ms', 'time <= baseline * 20'] },
        ...twice('let n = 0;', `if (n++ > 1000) return ${sleep};`),
      ),
    ),
  ).toMatchInlineSnapshot(`
    "✓ TIME · at least 1 ms · CHANGE
    TIME · at least 1 ms · CHANGE · it returns a promise from some calls only; each promise is awaited
      time >= 1 ms: pass
      time <= baseline * 20: pass"
  `);
});

test('one that returns a promise only from the first call is timed without it', async () => {
  expect(
    said(
      await ran(
        { limit: ['time <= 1 ms', 'time <= baseline * 20'] },
        ...twice('let n = 0;', `if (n++ === 0) return ${sleep}; ${spin('0.01')}`),
      ),
    ),
  ).toMatchInlineSnapshot(`
    "✓ TIME of 1 ms · CHANGE
    TIME of 1 ms · CHANGE
      time <= 1 ms: pass
      time <= baseline * 20: pass"
  `);
});

test('one that returns a promise from every third call is awaited then', async () => {
  expect(
    said(
      await ran(
        { limit: ['mean >= 0.5 ms', 'time <= baseline * 20'] },
        ...twice('let n = 0;', `if (n++ % 3 === 2) return ${sleep}; ${spin('0.01')}`),
      ),
    ),
  ).toMatchInlineSnapshot(`
    "✓ mean TIME · at least 500 µs · CHANGE
    mean TIME · at least 500 µs · CHANGE · it returns a promise from some calls only; each promise is awaited
      mean >= 0.5 ms: pass
      time <= baseline * 20: pass"
  `);
});

test('one whose state grows without end grows alike on both sides', async () => {
  expect(
    said(
      await ran(
        loose,
        ...twice(
          'const all: number[] = [];',
          'all.push(all.length); let sum = 0; for (const one of all) sum += one; all[0] = sum;',
        ),
      ),
    ),
  ).toMatchInlineSnapshot(`
    "✓ TIME of 10 s · CHANGE
    TIME of 10 s · CHANGE
      time <= 10 s: pass
      time <= baseline * 20: pass"
  `);
});

test('one that rejects what nobody awaits', async () => {
  expect(said(await ran(loose, ...twice('', `void Promise.reject(new Error('lost')); ${spin('0.01')}`))))
    .toMatchInlineSnapshot(`
    "! the benchmark has an unhandled promise rejection: lost
    the benchmark has an unhandled promise rejection: lost"
  `);
});

test('an async one that rejects what nobody awaits', async () => {
  expect(said(await ran(loose, ...twice('', `void Promise.reject(new Error('lost')); ${spin('0.01')}`, 'async'))))
    .toMatchInlineSnapshot(`
    "! the benchmark has an unhandled promise rejection: lost
    the benchmark has an unhandled promise rejection: lost"
  `);
});

test('one whose old version rejects what nobody awaits', async () => {
  expect(
    said(
      await ran(
        loose,
        { fn: `() => { ${spin('0.01')} }` },
        { fn: `() => { void Promise.reject(new Error('lost')); }` },
      ),
    ),
  ).toMatchInlineSnapshot(`
    "? TIME of 10 s · not compared: the old code cannot run this benchmark: the benchmark has an unhandled promise rejection: lost (src/code.…
    TIME of 10 s · not compared: the old code cannot run this benchmark: the benchmark has an unhandled promise rejection: lost (src/code.ts:2:48)
      time <= 10 s: pass
      time <= baseline * 20: undecided, not compared: the old code cannot run this benchmark: the benchmark has an unhandled promise rejection: lost (src/code.ts:2:48)"
  `);
});

test('one that throws every third time, where that many errors are allowed', async () => {
  expect(
    said(
      await ran(
        { limit: ['errors <= 40 %'] },
        ...twice('let n = 0;', `if (n++ % 3 === 2) throw new Error('third'); ${spin('0.01')}`),
      ),
    ),
  ).toMatchInlineSnapshot(`
    "✓ errors 33% of 40%
    errors 33% of 40% · 33 of 100 iterations failed, the first with: third
      errors <= 40 %: pass
      time <= baseline + 10%: undecided, time was not measured: 33 of 100 iterations failed, the first with: third"
  `);
});

test('one that throws every third time, where fewer errors are allowed', async () => {
  expect(
    said(
      await ran(
        { limit: ['errors <= 20 %'] },
        ...twice('let n = 0;', `if (n++ % 3 === 2) throw new Error('third'); ${spin('0.01')}`),
      ),
    ),
  ).toMatchInlineSnapshot(`
    "✗ errors 33% · 20% allowed
    errors are 33%; the limit is 20% · 33 of 100 iterations failed, the first with: third
      errors <= 20 %: fail
      time <= baseline + 10%: undecided, time was not measured: 33 of 100 iterations failed, the first with: third"
  `);
});

test('one that throws every third time, where no errors are asked for', async () => {
  expect(said(await ran(loose, ...twice('let n = 0;', `if (n++ % 3 === 2) throw new Error('third'); ${spin('0.01')}`))))
    .toMatchInlineSnapshot(`
    "! the benchmark threw: third
    the benchmark threw: third"
  `);
});

test('a cold start is the first call of each process', async () => {
  expect(
    said(
      await ran(
        { warmup: 0, limit: ['time >= 19 ms', 'time <= baseline * 20'] },
        ...twice('let n = 0;', compute('n++ === 0 ? 20 : 0')),
      ),
    ),
  ).toMatchInlineSnapshot(`
    "✓ TIME · at least 19 ms · CHANGE
    TIME · at least 19 ms · CHANGE
      time >= 19 ms: pass
      time <= baseline * 20: pass"
  `);
});

test('a percentile of cold starts needs many processes', async () => {
  expect(
    said(
      await ran(
        { warmup: 0, limit: ['p95 <= 1 s', 'time <= baseline * 20'] },
        ...twice('let n = 0;', spin('n++ === 0 ? 20 : 0.01')),
      ),
    ),
  ).toMatchInlineSnapshot(`
    "? p95 needs 200 samples; N were taken: set "time": "TIME"
    p95 needs 200 samples; N were taken: set "time": "TIME"
      p95 <= 1 s: undecided, p95 needs 200 samples; N were taken: set "time": "TIME"
      time <= baseline * 20: pass"
  `);
});

test('ten at once do ten times as many, each in its own time', async () => {
  expect(
    said(
      await ran(
        {
          concurrency: 10,
          // Two hundred samples take a while on a busy machine.
          time: '6 s',
          limit: ['p95 <= 1 s', 'median >= 4 ms', 'throughput >= 400 ops/s', 'time <= baseline * 20'],
        },
        ...twice('', 'await new Promise((resolve) => setTimeout(resolve, 5));', 'async'),
      ),
    ),
  ).toMatchInlineSnapshot(`
    "✓ median TIME · at least 4 ms · CHANGE
    median TIME · at least 4 ms · CHANGE
      p95 <= 1 s: pass
      median >= 4 ms: pass
      throughput >= 400 ops/s: pass
      time <= baseline * 20: pass"
  `);
});

test('six runs are six processes', async () => {
  expect(said(await ran({ runs: 6, time: '10 s', ...loose }, ...twice('', spin('0.01'))))).toMatchInlineSnapshot(`
    "✓ TIME of 10 s · CHANGE
    TIME of 10 s · CHANGE
      time <= 10 s: pass
      time <= baseline * 20: pass"
  `);
  expect(sampled).toEqual(Array(6).fill('sampling case'));
});
