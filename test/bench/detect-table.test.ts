import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { openRaw, parseRaw, type ComparisonLine, type RunLine } from './detect-raw.js';
import { detectTable } from './detect-table.js';

const run: RunLine = {
  kind: 'run',
  at: '2026-01-02T03:04:05.000Z',
  commit: 'abc1234',
  dirty: false,
  node: '24.0.0',
  cpu: 'A CPU',
  cores: 2,
  os: 'linux 6 x64',
  seed: 1,
};
const line = (some: Partial<ComparisonLine>): ComparisonLine => ({
  kind: 'comparison',
  at: '2026-01-02T03:05:00.000Z',
  method: 'ours',
  workload: 'map',
  change: 0,
  factor: 1,
  load: false,
  loadAverage: 0.5,
  outcomes: { '5': 'pass' },
  faster: false,
  ratio: 1,
  low: 0.99,
  high: 1.01,
  seconds: 1,
  ...some,
});
const times = (count: number, one: ComparisonLine): ComparisonLine[] => new Array<ComparisonLine>(count).fill(one);

const lines = [
  run,
  ...times(99, line({})),
  line({ outcomes: { '5': 'alarm' }, ratio: 1.1, seconds: 2 }),
  line({ outcomes: { '5': 'error' }, ratio: null, seconds: 60 }),
  line({ outcomes: { '5': 'unmeasured' }, seconds: 0.01 }),
  line({ outcomes: { '5': 'undecided' }, load: true, seconds: 2 }),
  line({ outcomes: { '5': 'alarm' }, change: 0.1, factor: 1.1, ratio: 1.21, workload: 'sort' }),
  line({ outcomes: { '10': 'pass' }, change: -0.2, factor: 0.8, ratio: 0.8, low: 0.78, high: 0.82, faster: true }),
  line({ change: -0.1, factor: 0.9, ratio: 0.9, low: 0.88, high: 0.92, faster: true }),
  line({
    method: 'turns',
    outcomes: { '5': 'alarm', '10': 'pass' },
    ratio: 1.07,
    low: null,
    high: null,
    at: '2026-01-02T04:00:00.000Z',
  }),
];

test('conditions, the goal, and every cell', () => {
  expect(detectTable(lines)).toMatchInlineSnapshot(`
    "107 comparisons, 2026-01-02T03:05:00.000Z to 2026-01-02T04:00:00.000Z. Load average while quiet: median 0.5.
    A CPU, 2 cores, linux 6 x64, Node 24.0.0, commit abc1234

    | method                 | check | alarms on unchanged work        | finds +5 % | finds +10 %                 | finds +20 % | finds +50 % | tells −10 %                 | median | p95    | errors |
    | ---------------------- | ----- | ------------------------------- | ---------- | --------------------------- | ----------- | ----------- | --------------------------- | ------ | ------ | ------ |
    | Perf Budget            | +5 %  | 1 of 101: 0.99 % (0.03 … 5.4 %) | –          | 1 of 1: 100 % (2.5 … 100 %) | –           | –           | 1 of 1: 100 % (2.5 … 100 %) | 1.00 s | 1.00 s | 1      |
    | Perf Budget            | +10 % | –                               | –          | –                           | –           | –           | –                           | 1.00 s | 1.00 s | 0      |
    | two processes in turns | +5 %  | 1 of 1: 100 % (2.5 … 100 %)     | –          | –                           | –           | –           | –                           | 1.00 s | 1.00 s | 0      |
    | two processes in turns | +10 % | 0 of 1: 0 % (0 … 97.5 %)        | –          | –                           | –           | –           | –                           | 1.00 s | 1.00 s | 0      |

    | method                 | check | machine | change | n   | alarms | alarm rate (95 %)    | passes | undecided | told faster | median | p95    | ratio ÷ true (5 … 95 %) | true in interval | errors | not measured |
    | ---------------------- | ----- | ------- | ------ | --- | ------ | -------------------- | ------ | --------- | ----------- | ------ | ------ | ----------------------- | ---------------- | ------ | ------------ |
    | Perf Budget            | +5 %  | quiet   | −10 %  | 1   | 0      | 0 % (0 … 97.5 %)     | 1      | 0         | 1           | 1.00 s | 1.00 s | 1.000 (1.000 … 1.000)   | 100.0 %          | 0      | 0            |
    | Perf Budget            | +5 %  | quiet   | none   | 100 | 1      | 1.0 % (0.03 … 5.4 %) | 99     | 0         | 0           | 1.00 s | 1.00 s | 1.000 (1.000 … 1.000)   | 100.0 %          | 1      | 1            |
    | Perf Budget            | +5 %  | quiet   | +10 %  | 1   | 1      | 100 % (2.5 … 100 %)  | 0      | 0         | 0           | 1.00 s | 1.00 s | 1.100 (1.100 … 1.100)   | 0.0 %            | 0      | 0            |
    | Perf Budget            | +5 %  | load    | none   | 1   | 0      | 0 % (0 … 97.5 %)     | 0      | 1         | 0           | 2.00 s | 2.00 s | 1.000 (1.000 … 1.000)   | 100.0 %          | 0      | 0            |
    | Perf Budget            | +10 % | quiet   | −20 %  | 1   | 0      | 0 % (0 … 97.5 %)     | 1      | 0         | 1           | 1.00 s | 1.00 s | 1.000 (1.000 … 1.000)   | 100.0 %          | 0      | 0            |
    | two processes in turns | +5 %  | quiet   | none   | 1   | 1      | 100 % (2.5 … 100 %)  | 0      | 0         | 0           | 1.00 s | 1.00 s | 1.070 (1.070 … 1.070)   | –                | 0      | 0            |
    | two processes in turns | +10 % | quiet   | none   | 1   | 0      | 0 % (0 … 97.5 %)     | 1      | 0         | 0           | 1.00 s | 1.00 s | 1.070 (1.070 … 1.070)   | –                | 0      | 0            |
    "
  `);
});

test('what ours said on each workload', () => {
  const [, , , workloads] = detectTable(lines, { byWorkload: true }).split('\n\n');
  expect(workloads).toMatchInlineSnapshot(`
    "| workload | check | machine | change | n   | alarms | alarm rate (95 %)    | passes | undecided | told faster | median | p95    | ratio ÷ true (5 … 95 %) | true in interval | errors | not measured |
    | -------- | ----- | ------- | ------ | --- | ------ | -------------------- | ------ | --------- | ----------- | ------ | ------ | ----------------------- | ---------------- | ------ | ------------ |
    | map      | +5 %  | quiet   | −10 %  | 1   | 0      | 0 % (0 … 97.5 %)     | 1      | 0         | 1           | 1.00 s | 1.00 s | 1.000 (1.000 … 1.000)   | 100.0 %          | 0      | 0            |
    | map      | +5 %  | quiet   | none   | 100 | 1      | 1.0 % (0.03 … 5.4 %) | 99     | 0         | 0           | 1.00 s | 1.00 s | 1.000 (1.000 … 1.000)   | 100.0 %          | 1      | 1            |
    | map      | +5 %  | load    | none   | 1   | 0      | 0 % (0 … 97.5 %)     | 0      | 1         | 0           | 2.00 s | 2.00 s | 1.000 (1.000 … 1.000)   | 100.0 %          | 0      | 0            |
    | map      | +10 % | quiet   | −20 %  | 1   | 0      | 0 % (0 … 97.5 %)     | 1      | 0         | 1           | 1.00 s | 1.00 s | 1.000 (1.000 … 1.000)   | 100.0 %          | 0      | 0            |
    | sort     | +5 %  | quiet   | +10 %  | 1   | 1      | 100 % (2.5 … 100 %)  | 0      | 0         | 0           | 1.00 s | 1.00 s | 1.100 (1.100 … 1.100)   | 0.0 %            | 0      | 0            |
    "
  `);
});

test('nothing measured yet', () => {
  expect(detectTable([]).split('\n')[0]).toBe('0 comparisons, nothing yet.');
});

test('raw data goes on after a line that a crash tore', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'perf-budget-detect-'));
  const file = path.join(folder, 'raw.jsonl');
  try {
    openRaw(file)(run);
    writeFileSync(file, `${readFileSync(file, 'utf8')}{"kind":"compar`);
    openRaw(file)(line({}));
    expect(parseRaw(readFileSync(file, 'utf8'))).toEqual([run, line({})]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
