import { describe, expect, test } from 'vitest';
import type { BudgetFigures, CapturedBaseline } from '../../../src/core/judge/baseline.js';
import { heldAgainstKept, isWithinLimits } from '../../../src/core/judge/baseline-policy.js';
import { acceptances, captureRefusal } from '../../../src/core/text/capture.js';
import { keptNote } from '../../../src/core/text/measurement-notes.js';
import { budgetResult } from '../../../src/core/text/result.js';
import type { Budget } from '../../../src/core/language/budget.js';
import { parseConfig } from '../../../src/core/config/config.js';
import { judge, judgeFailure, type Member } from '../../../src/core/judge/judge.js';
import { unknownMachine, type BudgetResult, type Measurement } from '../../../src/core/results/measurement.js';
import type { Estimate } from '../../../src/core/stats/estimate.js';

const ms = 1e6;

function budgetOf(name: string, text: string): Budget {
  const { config, problems } = parseConfig(
    '/w/perf-budget.jsonc',
    `{ "benchmarks": [{ "files": "*.bench.ts" }], "budgets": { "${name}": { "benchmark": "${name}", ${text} } } }`,
  );
  const [budget] = config?.budgets ?? [];
  if (budget === undefined || problems.length > 0) throw new Error(JSON.stringify(problems));
  return budget;
}

const figure = (value: number, spread = 0.01): Estimate => ({
  ...{ value, low: value * (1 - spread), high: value * (1 + spread) },
  samples: 10_000,
});

const measurement = (metrics: Measurement['current']['metrics'], ratio: number | null = 1): Measurement => ({
  benchmark: 'b',
  current: { metrics },
  baseline: ratio === null ? null : { metrics },
  comparison: ratio === null ? null : { ratio, low: ratio * 0.99, high: ratio * 1.01, processes: 8, clock: 'cpu' },
  samples: 10_000,
  elapsedMs: 900,
  note: ratio === null ? 'there is no old code' : null,
});

function resultOf(budget: Budget, measured: Measurement): BudgetResult {
  const member: Member = { name: budget.name, size: null, measurement: measured, work: { amount: 1, counts: 'ops' } };
  return budgetResult(
    judge(budget, { members: [member], references: new Map() }, { cached: false, baselineName: 'HEAD' }),
  );
}

const figuresOf = (budget: string, metrics: BudgetFigures['metrics']): BudgetFigures => ({
  ...{ budget, benchmark: budget, verdict: 'pass', metrics },
  procedure: { warmup: null, runs: null, cooldownMs: 0, timeMs: 2000 },
});

const captured = (...figures: readonly BudgetFigures[]): CapturedBaseline => ({
  ...{ name: 'v1', at: 0, reason: '', automatic: true, commit: null, uncommitted: null },
  ...{ machine: unknownMachine, machineId: 'here', accepts: [], figures },
});

const time = (value: number, spread?: number): Measurement['current']['metrics'] => ({ time: figure(value, spread) });
const byHand = { reason: '', automatic: false };
const inCi = { reason: '', automatic: true };

describe('a capture', () => {
  const parse = budgetOf(
    'parse',
    '"acceptable": ["time <= 1 ms"], "limit": ["time <= 4 ms", "time <= baseline + 10%"]',
  );
  const fine = resultOf(parse, measurement(time(2 * ms)));
  const slow = resultOf(parse, measurement(time(2 * ms), 1.3));
  const unclear = resultOf(parse, measurement(time(4 * ms, 0.05)));
  const isNew = resultOf(budgetOf('new', '"limit": ["time <= baseline + 10%"]'), measurement(time(2 * ms), null));
  const waived: BudgetResult = { ...slow, verdict: 'warn', waived: { until: '2027-01-31', reason: 'soon' } };
  const failed = judgeFailure(parse, { kind: 'threw', message: 'the benchmark threw: boom' });

  test('needs nothing where every limit holds, be it acceptable or not', () => {
    expect([fine.verdict, slow.verdict, unclear.verdict, isNew.verdict]).toEqual([
      'warn',
      'fail',
      'undecided',
      'undecided',
    ]);
    expect([byHand, inCi].map((how) => captureRefusal([fine, isNew], null, how))).toEqual([null, null]);
  });

  test('by hand needs a reason for what is broken, waived or not', () => {
    const over = 'Nothing was captured because parse is over its limit. To accept that, give a reason (--reason "…").';
    expect([slow, waived].map((one) => captureRefusal([one, isNew], null, byHand))).toEqual([over, over]);
    expect([slow, waived, unclear].map((one) => captureRefusal([one], null, { ...byHand, reason: 'why' }))).toEqual([
      null,
      null,
      null,
    ]);
    expect(captureRefusal([unclear], null, byHand)).toBe(null);
    expect(captureRefusal([slow, { ...slow, name: 'scan' }], null, byHand)).toBe(
      'Nothing was captured because parse, scan are over their limits. To accept that, give a reason (--reason "…").',
    );
  });

  test('that nobody looks at takes no reason, and nothing that is not known', () => {
    expect([slow, waived, unclear].map((one) => captureRefusal([fine, one], null, { ...inCi, reason: 'why' }))).toEqual(
      [
        'Nothing was captured because parse is over its limit. To accept that, capture by hand and give a reason.',
        'Nothing was captured because parse is over its limit. To accept that, capture by hand and give a reason.',
        'Nothing was captured because parse is undecided: it is not certain that the limits hold.',
      ],
    );
  });

  test('of what the baseline before had cannot be taken for the first one', () => {
    expect(isWithinLimits(isNew, captured(figuresOf('parse', {})))).toBe(true);
    expect(isWithinLimits(isNew, captured(figuresOf('new', {})))).toBe(false);
    expect(captureRefusal([isNew], captured(figuresOf('new', {})), inCi)).toBe(
      'Nothing was captured because new is undecided: it is not certain that the limits hold.',
    );
  });

  test('of what could not be measured is none, whatever the reason', () => {
    expect(captureRefusal([fine, failed], null, { ...byHand, reason: 'why' })).toBe(
      'Nothing was captured because parse could not be measured.',
    );
  });
});

describe('what a baseline is looser than', () => {
  const said = (
    text: string,
    now: Measurement['current']['metrics'],
    { before, ratio = 1 }: { before?: Measurement['current']['metrics']; ratio?: number } = {},
  ): readonly string[] => {
    const budget = budgetOf('parse', text);
    const results = [resultOf(budget, measurement(now, ratio))];
    const previous = before === undefined ? null : captured(figuresOf('parse', before));
    return acceptances([budget], results, [figuresOf('parse', now)], 'HEAD', previous);
  };

  test('is nothing where all holds', () => {
    expect(said('"target": ["time <= 3 ms"]', time(2 * ms), { before: time(1.9 * ms) })).toEqual([]);
  });

  test('are its bounds of every level', () => {
    expect(
      said(
        '"target": ["p50 <= 1 ms"], "acceptable": ["rss <= 50 MB"], "limit": ["time <= baseline + 10%"]',
        {
          ...time(2 * ms),
          p50: figure(1.5 * ms),
          rss: figure(80e6),
        },
        { ratio: 1.3 },
      ),
    ).toMatchInlineSnapshot(`
      [
        "parse is 30% slower than HEAD (+28.7 to +31.3%); its budget allows 10%.",
        "parse’s rss is 80.0 MB (79.2 to 80.8 MB); 50 MB is acceptable.",
        "parse’s p50 is 1.50 ms (1.49 to 1.52 ms); its target is 1 ms.",
      ]
    `);
  });

  test('is a target that the figure is beyond, though nobody can be sure', () => {
    const target = '"target": ["time <= 2 ms"]';
    expect(said(target, time(2.01 * ms, 0.02))).toMatchInlineSnapshot(`
      [
        "parse’s time is 2.01 ms, close to its target (time <= 2 ms) but not certain to meet it.",
      ]
    `);
    expect(said(target, time(1.99 * ms, 0.02))).toEqual([]);
  });

  test('is the baseline before, by what the budget allows', () => {
    const limit =
      '"limit": ["time <= baseline + 20%", "throughput >= 1 ops/s", "p99 <= 1 s"], "regression": { "metrics": { "p99": { "medium": "12%" } } }';
    const before = { time: figure(2 * ms), throughput: figure(500), p99: figure(4 * ms) };
    const times = (factor: number): typeof before => ({
      time: figure(2 * ms * factor),
      throughput: figure(500 / factor),
      p99: figure(4 * ms * factor),
    });
    expect(said(limit, times(1.05), { before })).toEqual([]);
    expect(said(limit, times(1.15), { before })).toMatchInlineSnapshot(`
      [
        "parse’s throughput is 435 ops/s; in v1 it was 500 ops/s, and the budget allows 10% less.",
        "parse’s p99 is 4.60 ms; in v1 it was 4.00 ms, and the budget allows 12% more.",
      ]
    `);
    expect(said(limit, times(1.3), { before })).toMatchInlineSnapshot(`
      [
        "parse’s time is 2.60 ms; in v1 it was 2.00 ms, and the budget allows 20% more.",
        "parse’s throughput is 385 ops/s; in v1 it was 500 ops/s, and the budget allows 10% less.",
        "parse’s p99 is 5.20 ms; in v1 it was 4.00 ms, and the budget allows 12% more.",
      ]
    `);
    expect(said(limit, times(0.5), { before })).toEqual([]);
  });
});

describe('a measurement without old code', () => {
  const budget = budgetOf('parse', '"limit": ["time <= baseline + 10%"]');
  const kept = { figures: [figuresOf('parse', time(2 * ms))], note: keptNote('v1'), unusable: null };
  const held = (value: number, side: Parameters<typeof heldAgainstKept>[3]): readonly unknown[] => {
    const { verdict, comparison, checks, note, message } = resultOf(
      budget,
      heldAgainstKept('parse', 'parse', measurement(time(value), null), side),
    );
    return [verdict, comparison, checks[0]?.note ?? note, message];
  };

  test('is held to the figures that were kept, and says that they were measured at another time', () => {
    expect(held(2 * ms, kept)).toMatchInlineSnapshot(`
      [
        "pass",
        null,
        "there is no old code; compared with the figures of v1, measured at another time",
        "2.00 ms · there is no old code; compared with the figures of v1, measured at another time",
      ]
    `);
    expect(held(3 * ms, kept)).toMatchInlineSnapshot(`
      [
        "fail",
        null,
        "there is no old code; compared with the figures of v1, measured at another time",
        "time is 3.00 ms; the limit is 2.20 ms (time <= baseline + 10%) · there is no old code; compared with the figures of v1, measured at another time",
      ]
    `);
  });

  test('is held to none of another machine, nor of another budget', () => {
    expect(held(3 * ms, { ...kept, unusable: 'its figures are of another machine' })).toMatchInlineSnapshot(`
      [
        "undecided",
        null,
        "not compared: its figures are of another machine",
        "not compared: its figures are of another machine",
      ]
    `);
    expect(held(3 * ms, { ...kept, figures: [figuresOf('scan', time(2 * ms))] })).toMatchInlineSnapshot(`
      [
        "undecided",
        null,
        "there is no old code",
        "there is no old code",
      ]
    `);
    expect(held(3 * ms, null)).toEqual(held(3 * ms, { ...kept, figures: [] }));
  });

  test('is as it is where there is old code', () => {
    const beside = measurement(time(3 * ms));
    expect(heldAgainstKept('parse', 'parse', beside, kept)).toBe(beside);
  });
});
