import { unknownMachine } from '../../../../src/core/results/measurement.js';
import { exampleCauses } from '../../results/example-causes.js';
import type { BudgetEntry, CheckDocument } from '../../../../src/core/formats/reporters/document.js';

const lookup: BudgetEntry = {
  name: 'registry lookup',
  benchmark: 'registry/lookup',
  verdict: 'fail',
  severity: 'medium',
  cached: false,
  elapsedMs: 840,
  samples: 96,
  comparison: { ratio: 1.14, low: 1.11, high: 1.17 },
  place: { file: 'src/registry.ts', line: 42, column: 3 },
  written: { file: 'perf-budget.jsonc', line: 4, column: 5 },
  checks: [
    {
      check: 'p95 <= 10 us',
      level: 'limit',
      verdict: 'pass',
      measured: { value: 8.12, low: 8.05, high: 8.31, unit: 'us' },
      bound: { value: 10, unit: 'us' },
      used: 0.812,
      note: null,
      place: { file: 'perf-budget.jsonc', line: 5, column: 17 },
    },
    {
      check: 'time <= baseline + 10%',
      level: 'limit',
      verdict: 'fail',
      measured: { value: 7.91, low: 7.82, high: 8.03, unit: 'us' },
      bound: { value: 7.63, unit: 'us' },
      used: 1.036,
      note: null,
    },
  ],
  message: '14% slower than HEAD (+11 … +17%); the budget allows 10%',
};

const odd: BudgetEntry = {
  ...lookup,
  name: 'odd, <name>: 50% & "more" | `x`',
  benchmark: 'odd',
  verdict: 'error',
  severity: null,
  comparison: null,
  checks: [],
  place: { file: 'bench/odd one.bench.ts', line: 2, column: 1 },
  message: 'the benchmark threw: first\nsecond \u0007 line',
};

const held: BudgetEntry = {
  ...lookup,
  name: 'parse',
  benchmark: 'parser/large',
  verdict: 'pass',
  severity: null,
  comparison: { ratio: 1, low: 1, high: 1 },
  checks: lookup.checks.slice(0, 1),
  message: '8.1 µs of 10 µs',
};

const open: BudgetEntry = {
  ...held,
  name: 'tail',
  verdict: 'undecided',
  comparison: null,
  checks: [
    {
      check: 'p99.9 <= 20 us',
      level: 'limit',
      verdict: 'undecided',
      measured: null,
      bound: null,
      used: null,
      note: 'needs 10,000 samples, has 96',
    },
  ],
  message: 'needs 10,000 samples, has 96',
};

const waived: BudgetEntry = {
  ...lookup,
  name: 'render',
  verdict: 'warn',
  waived: { until: '2027-01-31', reason: 'the new parser' },
  note: 'waived until 2027-01-31: the new parser',
};

/** One budget of each verdict, and one problem. */
export const example: CheckDocument = {
  version: 1,
  verdict: 'error',
  elapsedMs: 12_340,
  baseline: { name: 'HEAD', commit: '0123456789abcdef0123456789abcdef01234567' },
  machine: { ...unknownMachine, cpu: 'A CPU', cores: 2, os: 'Linux', node: '24.1.0' },
  budgets: [held, lookup, odd, open, waived],
  problems: [{ file: 'perf-budget.jsonc', line: 12, column: 9, message: '"p95 <= 3 MB": p95 is a time.' }],
};

/** A broken budget with causes: in a line and by the collector, in a package, and more than are listed. */
export const explained: CheckDocument = {
  ...example,
  verdict: 'fail',
  budgets: [
    {
      ...lookup,
      causes: [
        ...exampleCauses,
        {
          ...exampleCauses[0],
          ...{ function: 'merge', package: 'lodash', file: 'node_modules/lodash/merge.js', line: 20, text: '' },
          ...{ baseline: { value: 640, unit: 'ns' }, current: { value: 400, unit: 'ns' } },
          ...{ share: -0.06, low: -0.08, high: -0.04, reasons: [] },
        },
        exampleCauses[1],
        exampleCauses[1],
      ],
      causesNote: 'These causes explain 31% of the difference.',
    },
  ],
  problems: [],
};

/** Nothing but what is fine. */
export const fine: CheckDocument = { ...example, verdict: 'pass', budgets: [held], problems: [] };
