import { expect, it } from 'vitest';
import { parseConfig } from '../../../src/core/config/config.js';
import { inlineBudgets } from '../../../src/core/config/inline.js';
import { Lines, type Problem } from '../../../src/core/problem.js';
import { defaultSettings } from '../../../src/core/config/settings.js';

/** The text with every suggestion in its place. */
function corrected(text: string, problems: readonly Problem[]): string {
  const lines = new Lines('', text);
  return problems
    .toSorted((a, b) => lines.offset(b.location.start) - lines.offset(a.location.start))
    .reduce((left, { location, suggestion }) => {
      if (suggestion === undefined) return left;
      return left.slice(0, lines.offset(location.start)) + suggestion + left.slice(lines.offset(location.end));
    }, text);
}

const config = (budget: string): string => `{ "benchmarks": [{ "files": "b" }], "budgets": { "a": { ${budget} } } }`;

it.each([
  ['"benchmark": "b", "limit": ["tiem <= 1 s"]', '"benchmark": "b", "limit": ["time <= 1 s"]'],
  ['"benchmark": "b", "limit": ["p95 =< 1 sec"]', '"benchmark": "b", "limit": ["p95 <= 1 s"]'],
  ['"benchmark": "b", "limit": ["p999 <= 1 msec"]', '"benchmark": "b", "limit": ["p99.9 <= 1 ms"]'],
  ['"benchmark": "b", "limit": ["time <= basline + 10"]', '"benchmark": "b", "limit": ["time <= baseline + 10%"]'],
  ['"benchmark": "b", "limit": ["time <= s/c"]', `"benchmark": "b", "limit": ["time <= 's/c'"]`],
  [
    String.raw`"benchmark": "b", "limit": ["\"n\u0020x\" <= 3, tiem"]`,
    String.raw`"benchmark": "b", "limit": ["\"n\u0020x\" <= 3, tiem"]`,
  ],
  [String.raw`"benchmark": "b", "limit": ["\u0074iem <= 1 s"]`, '"benchmark": "b", "limit": ["time <= 1 s"]'],
  ['"benchmrk": "b"', '"benchmark": "b"'],
  ['"benchmark": "b", "isolation": "worktre"', '"benchmark": "b", "isolation": "worktree"'],
  [
    '"benchmark": "b", "work": "9 lines", "limit": ["throughput > 10 line/s"]',
    '"benchmark": "b", "work": "9 lines", "limit": ["throughput > 10 lines/s"]',
  ],
  [
    '"benchmark": "b", "limit": ["throughput <= baseline - 5%"]',
    '"benchmark": "b", "limit": ["throughput >= baseline - 5%"]',
  ],
])('%s', (wrong, right) => {
  let text = config(wrong);
  // One thing is told at a time of each check.
  for (let round = 0; round < 3; round += 1) text = corrected(text, parseConfig('/w/perf-budget.jsonc', text).problems);
  expect(text).toBe(config(right));
});

it('corrects comments too', () => {
  const text = '// @perf-budget a: tiem <= 1 s, p95 <= 3 sec\n';
  const { problems } = inlineBudgets('/w/a.ts', text, defaultSettings);
  expect(corrected(text, problems)).toBe('// @perf-budget a: time <= 1 s, p95 <= 3 s\n');
});
