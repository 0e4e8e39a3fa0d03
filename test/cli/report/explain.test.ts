import { expect, test } from 'vitest';
import { explainExitCode } from '../../../src/cli/commands/explain.js';
import { explainAll, worthExplaining } from '../../../src/requests/measure/explain-all.js';
import { explainDocument, explainText, type ProjectExplained } from '../../../src/requests/report/explain-report.js';
import { profileFiles } from '../../../src/cli/report/profile-files.js';
import { terminalReport } from '../../../src/requests/report/terminal-report.js';
import { checkDocument, seenFrom } from '../../../src/requests/report/document.js';
import type { Paint } from '../../../src/requests/lines/paint.js';
import { err, ok } from '../../../src/core/result.js';
import { unknownMachine, type BudgetResult } from '../../../src/core/results/measurement.js';
import type { Explained, ExplainRequest } from '../../../src/engine/explain/request.js';
import type { ExplainProgress } from '../../../src/engine/measure/explaining.js';
import { emptySnapshot, type BudgetView, type Project, type Snapshot } from '../../../src/engine/project/snapshot.js';
import type { RunRequest } from '../../../src/engine/measure/request.js';
import { explained as example } from '../../core/formats/reporters/example.js';
import { exampleExplanation } from '../../core/results/example-causes.js';

const paint: Paint = (_, text) => text;
const [entry] = example.budgets;
if (entry === undefined) throw new Error('the example has a budget');
// Where it is shown is found from the project.
const { place, written, ...slower } = entry;
if (place === undefined || written === undefined) throw new Error('the budget has its places');
const [deleted, collected] = exampleExplanation.causes;
if (deleted === undefined || collected === undefined) throw new Error('the example has two causes');

const explained = (part: Partial<Explained> = {}): Explained => ({
  ...{ budget: slower.name, benchmark: slower.benchmark, from: 'HEAD', to: 'the working tree', result: slower },
  ...{ explanation: exampleExplanation, why: null, profiles: null },
  ...part,
});

/** A project in a folder of the working directory, with budgets of these names. */
function snapshotOf(...names: readonly string[]): Snapshot {
  const location = { file: '/repo/app/perf-budget.jsonc', start: { line: 4, column: 5 }, end: { line: 4, column: 9 } };
  const budgets = names.map((name) => ({
    budget: { name, checks: [], location },
    ...{ code: null, bench: null, also: [], state: { kind: 'unmeasured' } },
  }));
  return { ...emptySnapshot, budgets: budgets as unknown as readonly BudgetView[] };
}

const projectOf = (all: readonly Explained[], failures: ProjectExplained['failures'] = []): ProjectExplained => ({
  root: '/repo/app',
  snapshot: snapshotOf('registry lookup', 'broken'),
  explained: all,
  failures,
});

const textOf = (all: readonly Explained[], width = Infinity): readonly string[] =>
  explainText(explainDocument('/repo', [projectOf(all)]), { paint, width });

test('a verdict, its causes as a table, their lines, and what V8 reported', () => {
  const other = {
    ...deleted,
    ...{ kind: 'time' as const, function: null, text: 'table.sort();', changed: false, reasons: [] },
  };
  const { lines, allocated, was, package: from, ...alone } = other;
  expect([lines?.length, allocated?.current, was, from]).toEqual([2, 10265, 'values', 'diff']);
  const found = { ...exampleExplanation, causes: [...exampleExplanation.causes, alone] };
  expect(textOf([explained({ explanation: found })])).toMatchInlineSnapshot(`
    [
      "✗ registry lookup   14% slower than HEAD · 10% allowed",
      "  HEAD → the working tree: 5.1 µs → 9.1 µs a call",
      "",
      "  function                            before    after   difference     share",
      "  diff: buildValues (values before)   770 ns   4.7 µs      +3.9 µs   97 ± 6%",
      "    app/src/diff.ts:120   delete last.previous;   90%   changed",
      "    app/src/diff.ts:122   return last;             7%",
      "    allocates 10 KB a call, 3.7 KB before",
      "    V8: \`delete\` turned the object into a dictionary. Set the property to undefined instead.",
      "  garbage collection, encode          100 ns   220 ns      +120 ns    3 ± 2%",
      "    app/src/encode.ts:12   return parts.join("&");",
      "    allocates 8.9 KB a call, 5.0 KB before",
      "    kept by Window.cache → Cache.entries → Map",
      "  outside of functions                770 ns   4.7 µs      +3.9 µs   97 ± 6%",
      "    app/src/diff.ts:120   table.sort();",
      "",
      "  Half of the difference is in code that did not change.",
    ]
  `);
});

test('what is not explained, and where nothing differs', () => {
  const checks = slower.checks.map((check) => ({ ...check, verdict: 'pass' as const, used: 0.9 }));
  const same: BudgetResult = {
    ...slower,
    verdict: 'pass',
    checks,
    comparison: { ratio: 1.002, low: 0.993, high: 1.011 },
  };
  const nothing = { ...exampleExplanation, causes: [], explained: null, note: null };
  const bytes = { value: 8900, unit: 'bytes' };
  expect(
    textOf([
      explained({ explanation: { ...exampleExplanation, causes: [collected], explained: 0.62, note: null } }),
      explained({ explanation: { ...exampleExplanation, causes: [], explained: 0 } }),
      explained({ result: same, explanation: nothing, to: 'a1b2c3d' }),
      explained({ result: { ...same, comparison: { ratio: 1, low: 1, high: 1 } }, explanation: nothing }),
      explained({ result: same, explanation: { ...nothing, metric: 'allocated', baseline: bytes, current: bytes } }),
      explained({ result: same, explanation: null, why: 'V8 refused the profile.' }),
    ]),
  ).toMatchInlineSnapshot(`
    [
      "✗ registry lookup   14% slower than HEAD · 10% allowed",
      "  HEAD → the working tree: 5.1 µs → 9.1 µs a call",
      "",
      "  function                     before    after   difference    share",
      "  garbage collection, encode   100 ns   220 ns      +120 ns   3 ± 2%",
      "    app/src/encode.ts:12   return parts.join("&");",
      "    allocates 8.9 KB a call, 5.0 KB before",
      "    kept by Window.cache → Cache.entries → Map",
      "",
      "  About 40% of the difference is in code that is not listed.",
      "",
      "✗ registry lookup   14% slower than HEAD · 10% allowed",
      "  HEAD → the working tree: 5.1 µs → 9.1 µs a call",
      "  Half of the difference is in code that did not change.",
      "",
      "✓ registry lookup   p95 8.1 µs of 10 µs · +0.2% vs HEAD",
      "  HEAD → a1b2c3d",
      "  Same speed, within ±1%: nothing to explain.",
      "",
      "✓ registry lookup   p95 8.1 µs of 10 µs · same code as HEAD",
      "  HEAD → the working tree",
      "  Same code as HEAD: nothing to explain.",
      "",
      "✓ registry lookup   p95 8.1 µs of 10 µs · +0.2% vs HEAD",
      "  HEAD → the working tree",
      "  No difference, 8.9 KB a call: nothing to explain.",
      "",
      "✓ registry lookup   p95 8.1 µs of 10 µs · +0.2% vs HEAD",
      "  HEAD → the working tree",
      "  V8 refused the profile.",
    ]
  `);
});

test('a narrow terminal cuts names in the middle, and breaks sentences', () => {
  const lines = textOf([explained()], 80);
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
  expect(lines).toMatchInlineSnapshot(`
    [
      "✗ registry lookup   14% slower than HEAD · 10% allowed",
      "  HEAD → the working tree: 5.1 µs → 9.1 µs a call",
      "",
      "  function                            before    after   difference     share",
      "  diff: buildValues (values before)   770 ns   4.7 µs      +3.9 µs   97 ± 6%",
      "    app/src/diff.ts:120   delete last.previous;   90%   changed",
      "    app/src/diff.ts:122   return last;             7%",
      "    allocates 10 KB a call, 3.7 KB before",
      "    V8: \`delete\` turned the object into a dictionary. Set the property to",
      "      undefined instead.",
      "  garbage collection, encode          100 ns   220 ns      +120 ns    3 ± 2%",
      "    app/src/encode.ts:12   return parts.join("&");",
      "    allocates 8.9 KB a call, 5.0 KB before",
      "    kept by Window.cache → Cache.entries → Map",
      "",
      "  Half of the difference is in code that did not change.",
    ]
  `);
});

test('the document has paths as the user would write them, and what could not be explained as a problem', () => {
  const failures = [{ budget: 'broken', message: 'The benchmark threw: boom.' }];
  const found = [projectOf([explained()], failures)];
  const document = explainDocument('/repo', found);
  const files = document.budgets.map(({ causes: own, explanation }) =>
    [own, explanation?.causes].map((all) => all?.map(({ file, reasons }) => [file, reasons?.map((one) => one.file)])),
  );
  const listed = [
    ['app/src/diff.ts', ['app/src/diff.ts']],
    ['app/src/encode.ts', undefined],
  ];
  const merge = ['app/node_modules/lodash/merge.js', []];
  expect(files).toEqual([[[...listed, merge, listed[1], listed[1]], listed]]);
  expect(document.problems).toEqual([
    { file: 'app/perf-budget.jsonc', line: 4, column: 5, message: 'The benchmark threw: boom.' },
  ]);
  expect(document.budgets.map(({ from, to, notExplained, verdict }) => [from, to, notExplained, verdict])).toEqual([
    ['HEAD', 'the working tree', null, 'fail'],
  ]);
  expect(explainText(document, { paint, width: Infinity }).at(-1)).toBe(
    'app/perf-budget.jsonc:4:5  The benchmark threw: boom.',
  );
  expect(explainExitCode(document, found)).toBe(3);
});

test('a broken budget is no failure of explaining it', () => {
  const code = (found: readonly ProjectExplained[]): number => explainExitCode(explainDocument('/repo', found), found);
  const location = { file: '/repo/app/perf-budget.jsonc', start: { line: 1, column: 1 }, end: { line: 1, column: 2 } };
  const wrong = { ...snapshotOf('broken'), problems: [{ location, message: '"x" is not a key here.' }] };
  expect([
    code([projectOf([explained()])]),
    code([projectOf([explained({ result: { ...slower, verdict: 'error' } })])]),
    code([{ ...projectOf([], [{ budget: 'broken', message: 'No.' }]), snapshot: wrong }]),
  ]).toEqual([0, 3, 2]);
});

/** A project that answers at once, and keeps what it was asked. */
class ScriptedProject implements Pick<Project, 'root' | 'snapshot' | 'run' | 'explain' | 'onDidChange'> {
  readonly root = '/repo/app';
  readonly snapshot = snapshotOf('slow', 'slower', 'same', 'fine');
  readonly asked: unknown[] = [];

  constructor(readonly results: readonly BudgetResult[]) {}

  onDidChange(): () => void {
    return () => undefined;
  }

  run(request: RunRequest) {
    this.asked.push(request);
    return Promise.resolve({
      ...{ version: 1 as const, verdict: 'fail' as const, elapsedMs: 1, baseline: null, machine: unknownMachine },
      ...{ budgets: this.results, problems: [] },
    });
  }

  explain(request: ExplainRequest, onProgress: (progress: ExplainProgress) => void = () => undefined) {
    this.asked.push(request);
    onProgress('profiling');
    return Promise.resolve(request.budget === 'same' ? err('It throws.') : ok(explained({ budget: request.budget })));
  }
}

const scripted = (results: readonly BudgetResult[]) => new ScriptedProject(results) as ScriptedProject & Project;
const progress = { show: () => undefined, hide: () => undefined };
const options = { directory: '/repo', signal: new AbortController().signal, progress };
const asked = { from: null, to: null, timeMs: null, retainers: false };

test('without names, what is broken is explained; else what differs; at another commit, all', async () => {
  const named = (name: string, part: Partial<BudgetResult>): BudgetResult => ({ ...slower, name, ...part });
  const differs = named('slower', { verdict: 'pass', comparison: { ratio: 1.04, low: 1.01, high: 1.07 } });
  const same = named('same', { verdict: 'pass', comparison: { ratio: 1, low: 0.98, high: 1.02 } });
  const broken = scripted([named('slow', {}), differs, same]);
  const held = scripted([differs, same]);
  const namesOf = async (project: ScriptedProject & Project, part: Partial<typeof asked> = {}) =>
    (await worthExplaining([project], options, { ...asked, ...part })).get(project);
  expect(await namesOf(broken, { from: 'v1', timeMs: 9 } as never)).toEqual(['slow']);
  expect(await namesOf(held)).toEqual(['slower']);
  expect(await namesOf(scripted([same]))).toEqual([]);
  expect(await namesOf(held, { to: 'v2' } as never)).toEqual(['slow', 'slower', 'same', 'fine']);
  expect([broken.asked, held.asked]).toEqual([[{ causes: false, against: 'v1', timeMs: 9 }], [{ causes: false }]]);
});

test('each budget is asked for by itself; one that fails stops no other', async () => {
  const project = scripted([]);
  const chosen = new Map([[project, ['same', 'slow']]]);
  const all = { from: 'v1', to: 'v2', timeMs: 9, retainers: true };
  const found = await explainAll([project], chosen, all, options);
  expect(found.map(({ explained: done, failures }) => [done.map(({ budget }) => budget), failures])).toEqual([
    [['slow'], [{ budget: 'same', message: 'It throws.' }]],
  ]);
  expect(project.asked).toEqual(['same', 'slow'].map((budget) => ({ budget, ...all })));
  expect(await explainAll([project], chosen, asked, { progress, signal: AbortSignal.abort() })).toMatchObject([
    { explained: [], failures: [] },
  ]);
  expect(project.asked).toHaveLength(2);
});

test('profiles are files with names that every file system takes, no two the same', () => {
  const profile = { nodes: [], startTime: 0, endTime: 1 };
  const profiles = { baseline: profile, current: { ...profile, endTime: 2 } };
  const names = ['parser/large', 'Parser/Large', '../../etc', 'con', 'aux.js', ' ', 'größe 5', 'é'.repeat(99)];
  const files = profileFiles([
    ...names.map((budget) => explained({ budget, profiles })),
    explained({ budget: 'without' }),
  ]);
  expect(files.filter((_, index) => index % 2 === 0).map(({ name }) => name)).toEqual(
    [
      ...['parser-large', 'Parser-Large 2', 'etc', 'budget con', 'budget aux.js', 'budget', 'größe 5', 'é'.repeat(50)],
    ].map((name) => `${name}.baseline.cpuprofile`),
  );
  expect(files[1]).toEqual({
    name: 'parser-large.current.cpuprofile',
    text: '{"nodes":[],"startTime":0,"endTime":2}',
  });
});

test('a check lists causes under a broken budget, with the paths that each reader needs', () => {
  const report = {
    ...{ version: 1 as const, verdict: 'fail' as const, elapsedMs: 0, machine: unknownMachine, problems: [] },
    ...{ baseline: { name: 'HEAD', commit: null }, budgets: [slower] },
  };
  const document = checkDocument('/repo', [{ root: '/repo/app', snapshot: snapshotOf('registry lookup'), report }]);
  expect(terminalReport(document, { paint, strict: false, nothing: '' })).toMatchInlineSnapshot(`
    [
      "✗ registry lookup   7.9 µs   +14% (+11 … +17)   allowed 10%   app/perf-budget.jsonc:4",
      "",
      "registry lookup is 14% slower than HEAD (+11 to +17%); its budget allows 10%.",
      "  app/perf-budget.jsonc:4:5  time <= baseline + 10%",
      "  +3.9 µs of +4.0 µs (97%): delete last.previous; in diff: buildValues (values before), app/src/diff.ts:120",
      "    V8: \`delete\` turned the object into a dictionary. Set the property to undefined instead.",
      "  garbage collection +120 ns of +4.0 µs (3%): allocates 8.9 KB a call, 5.0 KB before, in encode, app/src/encode.ts:12",
      "  −240 ns (offsets 6%) in lodash: merge (values before), app/node_modules/lodash/merge.js:20",
      "  and 2 more: perf-budget explain "registry lookup"",
      "  These causes explain 31% of the difference.",
      "  Make it faster, or accept it: perf-budget capture --name <name> --reason <text>",
      "",
      "1 failed vs HEAD",
    ]
  `);
  const files = seenFrom('/', '/repo', document).budgets.flatMap((budget) => budget.causes ?? []);
  expect(files.map(({ file }) => file).slice(0, 2)).toEqual(['repo/app/src/diff.ts', 'repo/app/src/encode.ts']);
  expect(files[0]?.reasons?.[0]?.file).toBe('repo/app/src/diff.ts');
});
