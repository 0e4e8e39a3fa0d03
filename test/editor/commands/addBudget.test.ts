import { afterEach, expect, test, vi } from 'vitest';
import { applied, type TextEdit } from '../../../src/core/assist/edit-config.js';
import type { Session } from '../../../src/editor/session/session.js';
import { emptySnapshot } from '../../../src/engine/project/snapshot.js';

type Run = (key: object) => Promise<void>;

const host = vi.hoisted(() => ({
  run: null as Run | null,
  text: '',
  version: 1,
  shown: [] as object[],
}));

vi.mock('vscode', () => {
  const document = {
    uri: { scheme: 'file', path: '/repo/perf-budget.jsonc', fsPath: '/repo/perf-budget.jsonc' },
    get version() {
      return host.version;
    },
    getText: () => host.text,
  };
  return {
    commands: { registerCommand: (_: string, run: Run) => ((host.run = run), { dispose: () => undefined }) },
    workspace: { openTextDocument: () => Promise.resolve(document) },
    window: { showTextDocument: (_: object, { selection }: { selection: object }) => host.shown.push(selection) },
    Uri: { file: (fsPath: string) => ({ fsPath }) },
    Range: class {
      readonly places: readonly number[];
      constructor(...places: number[]) {
        this.places = places;
      }
    },
  };
});

vi.mock('../../../src/editor/session/edits.js', () => ({
  editDocuments: ([{ edits }]: [{ readonly edits: readonly TextEdit[] }]) => {
    host.text = applied(host.text, edits);
    host.version++;
    return Promise.resolve(true);
  },
}));

const benchmark = { name: 'sum/small', file: '/repo/bench/sum.bench.js', location: null };
const project = {
  root: '/repo',
  // As long as nothing is saved.
  snapshot: { ...emptySnapshot, benchmarks: [benchmark] },
  history: () => Promise.resolve([]),
};
const { addBudgetCommand } = await import('../../../src/editor/commands/addBudget.js');
addBudgetCommand({ projects: [project], projectOf: () => project } as unknown as Session);
const add = (): Promise<void> | undefined => host.run?.({ root: '/repo', ...benchmark });

afterEach(() => {
  host.shown = [];
});

test('a benchmark is added once, however often it is asked for before the file is saved', async () => {
  host.text = '{\n  "benchmarks": [{ "files": "bench/*.bench.js" }],\n  "budgets": {\n  }\n}\n';
  await add();
  const added = host.text;
  expect(added).toContain('\n    "sum/small": { "benchmark": "sum/small" },\n');
  expect(host.shown).toEqual([]);
  await add();
  expect(host.text).toBe(added);
  expect(host.shown).toEqual([{ places: [3, 4, 3, 15] }]);
});

test('another one of the same name in another file is added beside it', async () => {
  host.text = '{ "budgets": { "sum/small": { "benchmark": "bench/other.bench.js#sum/small" } } }';
  host.version++;
  await add();
  expect(host.text).toContain('"sum/small 2": { "benchmark": "sum/small" }');
});
