import * as v from 'valibot';
import { expect, test } from 'vitest';
import {
  budgetResultSchema,
  documentSchema,
  machineSchema,
  measurementSchema,
} from '../../../src/core/results/kept.js';
import {
  unknownMachine,
  type BudgetResult,
  type Machine,
  type Measurement,
  type Report,
} from '../../../src/core/results/measurement.js';
import { exampleCauses, exampleExplanation } from './example-causes.js';

const side = { metrics: { time: { value: 2, low: 1, high: 3, samples: 4, unit: 'ns' } } };

const measurement: Required<Measurement> = {
  benchmark: 'a',
  current: side,
  baseline: side,
  comparison: { ratio: 1, low: 0.9, high: 1.1, processes: 4, clock: 'wall' },
  samples: 4,
  elapsedMs: 1,
  unsettled: true,
  empty: true,
  disturbed: true,
  answers: { kind: 'failed', why: 'it exited' },
  unmeasured: true,
  at: 1,
  notCompared: 'a does not exist at HEAD',
  mayPass: true,
  unseen: 'a package',
  explanation: exampleExplanation,
  note: 'a note',
};

const result: Required<BudgetResult> = {
  name: 'a',
  benchmark: 'a',
  verdict: 'warn',
  severity: 'low',
  cached: false,
  elapsedMs: 1,
  samples: 4,
  comparison: { ratio: 1, low: 0.9, high: 1.1 },
  compared: 'measured',
  why: 'why',
  checks: [
    {
      ...{ check: 'time <= 1 ms', level: 'limit', verdict: 'pass', used: 0.5, note: 'a note', benchmark: 'a' },
      unsettled: true,
      measured: { value: 2, low: 1, high: 3, unit: 'ns' },
      bound: { value: 4, unit: 'ns' },
    },
  ],
  parts: [{ name: 'a', value: 1, unit: 'us' }],
  message: 'a message',
  note: 'a note',
  concerns: [{ kind: 'answer', verdict: 'fail', message: 'a message', benchmark: 'a' }],
  causes: exampleCauses,
  causesNote: 'a note',
  failure: { file: 'a.ts', line: 1, column: 1 },
  waived: { until: '2027-01-31', reason: 'a reason' },
};

const machine: Machine = { ...unknownMachine, cpu: 'a', power: 'mains', governor: 'powersave', virtual: true };

const report: Required<Report> = {
  ...{ version: 1, verdict: 'warn', elapsedMs: 1, baseline: null, unchanged: true, machine },
  budgets: [result],
  problems: [{ file: 'a.ts', line: 1, column: 1, message: 'a message' }],
};

test.each([
  ['measurement', measurementSchema, measurement],
  ['result', budgetResultSchema, result],
  ['machine', machineSchema, machine],
  ['report', documentSchema, report],
] as const)('every field of a %s is kept', (_, schema, all) => {
  expect(v.parse<v.GenericSchema>(schema, JSON.parse(JSON.stringify(all)))).toEqual(all);
});

test('the interval of a sum that an older version kept may begin below 0', () => {
  const comparison = { ratio: 1, low: -0.2, high: 2.2 };
  expect(v.is(budgetResultSchema, { ...result, comparison })).toBe(true);
  expect(v.is(documentSchema, { ...report, budgets: [{ ...result, comparison }] })).toBe(true);
  expect(v.is(budgetResultSchema, { ...result, comparison: { ...comparison, ratio: -1 } })).toBe(false);
});
