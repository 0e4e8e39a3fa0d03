import { describe, expect, it } from 'vitest';
import type { Level } from '../../../src/core/language/budget.js';
import { parseCheck, parseMetric } from '../../../src/core/language/check.js';
import { explainCheck, explainLevel, explainState, metricMeaning } from '../../../src/core/assist/explain.js';
import type { BudgetResult, CheckResult } from '../../../src/core/results/measurement.js';
import type { BudgetState } from '../../../src/core/results/state.js';
import { metricWords } from '../../../src/core/language/check-metric.js';

function explained(text: string, cycles: number | null = null): string {
  const parsed = parseCheck(text);
  return parsed.ok ? explainCheck(parsed.value, { cycles }, 'HEAD') : parsed.error.message;
}

describe('what a check asks', () => {
  it.each([
    ['time <= 10 us', 'An iteration takes 10 µs or less.'],
    ['time < 10 us', 'An iteration takes less than 10 µs.'],
    ['mean <= 10 us', 'On average, an iteration takes 10 µs or less.'],
    ['median <= 10 us', 'Half of the iterations take 10 µs or less.'],
    ['min >= 10 us', 'The fastest iteration takes 10 µs or more.'],
    ['max > 10 us', 'The slowest iteration takes more than 10 µs.'],
    ['p95 <= 10 us', 'At least 95 of 100 iterations take 10 µs or less.'],
    ['p99.9 <= 1500 us', 'At least 999 of 1,000 iterations take 1.5 ms or less.'],
    ['p99.99 <= 1 ms', 'At least 9,999 of 10,000 iterations take 1 ms or less.'],
    ['p5 >= 10 us', 'At least 95 of 100 iterations take 10 µs or more.'],
    ['throughput >= 600k ops/s', 'The benchmark does 600k ops/s or more.'],
    ['throughput > 10,000 lines/s', 'The benchmark does more than 10k lines/s.'],
    ['cpu <= 1 ms', 'An iteration uses 1 ms or less of CPU time.'],
    ['allocated <= 36 KB', 'An iteration allocates 36 KB or less.'],
    ['retained <= 1 MB', 'The memory still in use after all cycles is 1 MB or less.'],
    ['heap <= 20 MiB', 'The peak size of the JavaScript heap is 20 MiB or less.'],
    ['rss <= 2 * 3', '"rss <= 2 * 3": rss is a size, but 2 has no unit: write B, KB, MB or MiB.'],
    ['errors = 0', 'No iteration fails.'],
    ['errors <= 3', 'The number of failed iterations is 3 or less.'],
    ['errors <= 1 %', '1% or less of the iterations fail.'],
    ['crashes = 0', 'The process never crashes.'],
    ['crashes < 2', 'The number of crashes is less than 2.'],
    ['value < 1 %/h', 'The value recorded by hand is less than 1%/h.'],
    ['lost messages = 0', '“lost messages”, which the benchmark reports, is exactly 0.'],
    ['time <= baseline', 'An iteration takes at most as much as at HEAD.'],
    ['time <= baseline + 10%', 'An iteration takes at most 10% more than at HEAD.'],
    ['time < baseline - 5%', 'An iteration takes less than 5% less than at HEAD.'],
    ['throughput >= baseline - 10%', 'The benchmark does at least 10% less than at HEAD.'],
    ['p99 <= baseline * 3', 'At least 99 of 100 iterations take at most 3 times as much as at HEAD.'],
    ["time <= 'scan/elixir' / 5", 'An iteration takes at most 1/5 of what it is in “scan/elixir”.'],
    [
      'time <= O(n log n)',
      'The time per iteration grows no faster than n log n: a little more than in proportion to the size.',
    ],
    ['rss <= O(1)', 'The peak memory use of the process does not grow with the size.'],
  ])('%s', (check, words) => {
    expect(explained(check)).toBe(words);
  });

  it('names the cycles that a budget sets', () => {
    expect(explained('retained <= O(n)', 1000)).toBe(
      'The memory still in use after 1,000 cycles grows at most in proportion to the size: twice the size, at most twice as much.',
    );
  });
});

it('says every metric in words of its own', () => {
  const meanings = metricWords.map((word) => {
    const metric = parseMetric(word);
    return metric.ok ? metricMeaning(metric.value) : null;
  });
  expect(new Set(meanings).size).toBe(metricWords.length);
  expect(meanings).not.toContain(null);
});

describe('what is measured now', () => {
  const found: CheckResult = {
    check: 'p95 <= 10 us',
    level: 'limit',
    verdict: 'pass',
    measured: { value: 8.1, low: 8.0, high: 8.2, unit: 'us' },
    bound: { value: 10, unit: 'us' },
    used: 0.81,
    note: null,
  };
  const result = (checks: readonly CheckResult[], more: Partial<BudgetResult> = {}): BudgetResult => ({
    name: 'a',
    benchmark: 'a',
    verdict: 'pass',
    severity: null,
    cached: false,
    elapsedMs: 1,
    samples: 1,
    comparison: null,
    checks,
    message: '',
    ...more,
  });
  const known = (one: BudgetResult): BudgetState => ({ kind: 'known', known: { result: one, at: 0 } });
  const said = (state: BudgetState, level: Level = 'limit') => explainState({ text: 'p95 <= 10 us', level }, state);

  it('is told with the share of the bound', () => {
    expect(said(known(result([found])))).toBe('Now: 8.1 µs, 81% used.');
    expect(said(known(result([{ ...found, benchmark: 'index/10' }])))).toBe('Now: index/10: 8.1 µs, 81% used.');
    expect(said({ kind: 'stale', previous: { result: result([found]), at: 0 }, cause: 'code' })).toBe(
      'Before the last save: 8.1 µs, 81% used.',
    );
  });

  it('is told where there is none', () => {
    expect(said({ kind: 'unmeasured' })).toBe('Not measured yet.');
    expect(said(known(result([found])), 'target')).toBe('Not measured yet.');
    expect(said({ kind: 'measuring', previous: null })).toBe('Measuring…');
    const note = 'a p95 needs 200 samples';
    const open = { ...found, verdict: 'undecided', measured: null, used: null, note } as const;
    expect(said(known(result([open])))).toBe('Now: a p95 needs 200 samples.');
    expect(said(known(result([], { verdict: 'error', message: 'the benchmark threw: boom' })))).toBe(
      'Not measured: the benchmark threw: boom.',
    );
  });

  it('is followed by what a miss does', () => {
    expect([explainLevel('target'), explainLevel('acceptable'), explainLevel('limit')]).toEqual([
      'Target: a miss is shown as information.',
      'Acceptable: a miss is a warning.',
      'Limit: a miss fails the budget.',
    ]);
  });
});
