import { describe, expect, test } from 'vitest';
import type { BudgetState } from '../../../src/core/results/state.js';
import { headline, stateTitle } from '../../../src/core/text/title.js';
import {
  fineTime,
  fineRegression,
  pass,
  fail,
  p95,
  throughput,
  withCheck,
  known,
  undecided,
  error,
} from './results.js';

describe('the title above a function', () => {
  const titles: readonly (readonly [string, BudgetState, string])[] = [
    ['unmeasured', { kind: 'unmeasured' }, 'not measured yet'],
    ['measuring for the first time', { kind: 'measuring', previous: null }, 'measuring…'],
    ['measuring again', { kind: 'measuring', previous: { result: pass, at: 0 } }, 'measuring… · was ✓ 1.24 ms of 2 ms'],
    [
      'measuring what looks slower, for longer than usual',
      { kind: 'measuring', previous: { result: pass, at: 0 }, waitsFor: 'proof' },
      'measuring… looks slower, making sure · was ✓ 1.24 ms of 2 ms',
    ],
    [
      'measuring what looks slower but may become faster',
      { kind: 'measuring', previous: null, waitsFor: 'compiler' },
      'measuring… looks slower, waiting for V8 to optimize',
    ],
    [
      'measuring after a failure',
      { kind: 'measuring', previous: { result: fail, at: 0 } },
      'measuring… · was ✗ 14% slower than HEAD · 10% allowed',
    ],
    [
      'stale',
      { kind: 'stale', previous: { result: pass, at: 0 }, cause: 'code' },
      'stale: the code changed · was ✓ 1.24 ms of 2 ms',
    ],
    [
      'stale because HEAD moved',
      { kind: 'stale', previous: { result: pass, at: 0 }, cause: 'head' },
      'stale: HEAD moved · was ✓ 1.24 ms of 2 ms',
    ],
    [
      'stale because another baseline is current',
      { kind: 'stale', previous: { result: pass, at: 0 }, cause: 'baseline' },
      'stale: the baseline changed · was ✓ 1.24 ms of 2 ms',
    ],
    ['pass', known(pass), '✓ 1.24 ms of 2 ms · −3% vs HEAD'],
    ['pass with nothing but a regression', known(withCheck(pass, fineRegression)), '✓ 1.24 ms · −3% vs HEAD'],
    ['pass without a baseline', known({ ...pass, comparison: null }), '✓ 1.24 ms of 2 ms'],
    [
      'pass with the same code',
      known({ ...pass, comparison: { ratio: 1, low: 1, high: 1 } }),
      '✓ 1.24 ms of 2 ms · same code as HEAD',
    ],
    [
      'pass with the same code, as far as anyone can see',
      known({
        ...pass,
        comparison: { ratio: 1, low: 1, high: 1 },
        compared: 'same code',
        why: 'a.js uses createRequire.',
      }),
      '✓ 1.24 ms of 2 ms · nothing seen has changed',
    ],
    [
      'not compared',
      known({
        ...withCheck({ ...pass, comparison: null }, fineTime, {
          ...fineRegression,
          ...{ verdict: 'undecided', bound: null, used: null, note: 'not compared: sum does not exist at HEAD' },
        }),
        ...{ verdict: 'undecided', compared: 'nothing', why: 'sum does not exist at HEAD' },
      }),
      '? 1.24 ms of 2 ms · not compared: sum does not exist at HEAD',
    ],
    [
      'pass with the same code that nothing measured',
      known({
        ...withCheck(pass, { ...fineRegression, measured: null, bound: null, note: 'same code as HEAD' }),
        comparison: { ratio: 1, low: 1, high: 1 },
      }),
      '✓ same code as HEAD',
    ],
    [
      'improved',
      known({ ...pass, comparison: { ratio: 0.88, low: 0.86, high: 0.9 } }),
      '✓ 1.24 ms of 2 ms · 12% faster than HEAD',
    ],
    [
      'pass, the tightest of several bounds',
      known(
        withCheck({ ...pass, comparison: null }, fineTime, {
          ...p95,
          verdict: 'pass',
          used: 0.9,
          measured: { value: 9, low: 8.9, high: 9.1, unit: 'us' },
        }),
      ),
      '✓ p95 9.0 µs of 10 µs',
    ],
    [
      'pass of a throughput',
      known(
        withCheck(
          { ...pass, comparison: null },
          { ...throughput, verdict: 'pass', measured: { value: 651_000, low: 648_000, high: 654_000, unit: 'ops/s' } },
        ),
      ),
      '✓ 651k ops/s · at least 600k ops/s',
    ],
    [
      'pass that misses its target',
      known(withCheck({ ...pass, comparison: null }, fineTime, { ...p95, level: 'target' })),
      '✓ p95 10.4 µs · target 10 µs',
    ],
    [
      'pass without any figure',
      known({ ...pass, comparison: null, checks: [], message: 'nothing to hold.' }),
      '✓ nothing to hold',
    ],
    [
      'fail of a throughput against the baseline',
      known(withCheck(fail, { ...throughput, check: 'throughput >= baseline - 10%' })),
      '✗ 14% slower than HEAD · 11.1% allowed',
    ],
    ['fail against the baseline', known(fail), '✗ 14% slower than HEAD · 10% allowed'],
    ['fail of a bound', known(withCheck(fail, p95)), '✗ p95 10.4 µs · 10 µs allowed · +14% vs HEAD'],
    [
      'fail of a throughput',
      known(withCheck({ ...fail, comparison: null }, throughput)),
      '✗ 520k ops/s · at least 600k ops/s',
    ],
    [
      'warn',
      known(
        withCheck({ ...fail, verdict: 'warn', comparison: null }, { ...p95, level: 'acceptable', verdict: 'warn' }),
      ),
      '⚠ p95 10.4 µs · 10 µs acceptable',
    ],
    [
      'warn of a target',
      known(withCheck({ ...fail, verdict: 'warn', comparison: null }, { ...p95, level: 'target', verdict: 'warn' })),
      '⚠ p95 10.4 µs · target 10 µs',
    ],
    ['undecided', known(undecided), '? +4 ± 6% vs HEAD, undecided'],
    [
      'undecided because it may still become faster',
      known({ ...undecided, checks: undecided.checks.map((check) => ({ ...check, unsettled: true })) }),
      '? +4 ± 6% vs HEAD, undecided: not fully optimized',
    ],
    [
      'undecided where the time of the same code could not be measured',
      known(
        withCheck(
          { ...undecided, comparison: { ratio: 1, low: 1, high: 1 } },
          { ...fineRegression, verdict: 'undecided', measured: null, note: 'time was not measured: 54 of 100 failed' },
        ),
      ),
      '? time was not measured: 54 of 100 failed',
    ],
    [
      'undecided for want of samples',
      known(
        withCheck(undecided, {
          ...p95,
          check: 'p99.9 <= 10 us',
          verdict: 'undecided',
          note: 'p99.9 needs 10,000 samples and has 96.',
        }),
      ),
      '? p99.9 needs 10,000 samples and has 96',
    ],
    [
      'undecided at a bound',
      known(withCheck({ ...undecided, comparison: null }, { ...p95, verdict: 'undecided' })),
      '? p95 10.4 µs · 10 µs allowed, undecided',
    ],
    ['error', known(error), '! the benchmark threw: boom'],
    [
      'error of many lines',
      known({ ...error, message: `the benchmark threw: ${'x'.repeat(200)}\n    at bench.ts:3` }),
      `! the benchmark threw: ${'x'.repeat(98)}…`,
    ],
  ];

  test.each(titles)('%s', (_, state, title) => {
    expect(stateTitle(state, 'HEAD')).toBe(title);
  });

  test('names the baseline', () => {
    expect(headline(fail, 'v3.0.0')).toBe('14% slower than v3.0.0 · 10% allowed');
  });

  test.each([
    ['time <= baseline', '14% slower than HEAD · no slowdown allowed'],
    ['time <= baseline * 3', '14% slower than HEAD · 3 times the time allowed'],
    ['time <= baseline - 20%', '14% slower than HEAD · 20% faster required'],
  ])('%s', (check, title) => {
    expect(headline(withCheck(fail, { ...fineRegression, check, verdict: 'fail' }), 'HEAD')).toBe(title);
  });
});
