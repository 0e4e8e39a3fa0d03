import { expect, test } from 'vitest';
import { htmlReport } from '../../../src/core/reporters/html.js';
import { readTrend, trendText, type TrendText } from '../../../src/core/reporters/page-data.js';
import { trendOf, type PastRun } from '../../../src/core/reporters/trend.js';
import { random } from '../random.js';
import { example } from './example.js';

const day = 24 * 60 * 60 * 1000;
const now = Date.parse('2026-11-21T12:00:00Z');
const [held, lookup, odd, open, waived] = example.budgets;
if (!held || !lookup || !odd || !open || !waived) throw new Error('the example has five budgets');

const run = (result: PastRun['result'], daysAgo: number, value = 7910): PastRun => ({
  at: now - daysAgo * day,
  commit: '89abcdef01',
  dirty: daysAgo < 1,
  baseline: { name: 'HEAD' },
  result,
  time: { value, low: value * 0.99, high: value * 1.01 },
});

const page = (
  document = example,
  pasts = example.budgets.map(({ name }) => ({ name, runs: [] as PastRun[] })),
): string => htmlReport(document, pasts, { now, script: 'run();', style: 'body {}' });

/** The text of a section, a line an element that stands alone. */
const textOf = (html: string, id: string): string => {
  const section = html.split(`aria-labelledby="${id}"`)[1]?.split('</section>')[0] ?? '';
  return section
    .slice(1)
    .replaceAll(/<\/(?:h2|li|tr|caption|p)>/g, '\n')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/ +/g, ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .join('\n');
};

test('the alerts of the last day and the failed runs of the last week come first', () => {
  const pasts = [
    { name: 'parse', runs: [run(held, 0.1), run({ ...held, verdict: 'fail' }, 8)] },
    { name: 'registry lookup', runs: [run(lookup, 0.2), run(lookup, 0.5), run(held, 0.6)] },
    { name: odd.name, runs: [run(odd, 3)] },
    { name: 'tail', runs: [run(open, 0.1)] },
    { name: 'render', runs: [run(waived, 0.3)] },
  ];
  const html = page(example, pasts);
  expect(textOf(html, 'alerts')).toMatchInlineSnapshot(`
    "Alerts of the last day
    ✗ registry lookup 14 % slower than HEAD · 10 % allowed 2026-11-21 07:12 UTC
    ⚠ render 14 % slower than HEAD · 10 % allowed · waived until 2027-01-31 2026-11-21 04:48 UTC"
  `);
  expect(textOf(html, 'failures')).toMatchInlineSnapshot(`
    "Failed runs of the last week
    Failed runs of the last week, newest first
    Verdict When Budget Commit Finding
    ✗ 2026-11-21 07:12 UTC registry lookup 89abcde + changes 14 % slower than HEAD · 10 % allowed
    ✗ 2026-11-21 00:00 UTC registry lookup 89abcde + changes 14 % slower than HEAD · 10 % allowed
    ! 2026-11-18 12:00 UTC odd, &lt;name&gt;: 50% &amp; &quot;more&quot; | \`x\` 89abcde the benchmark threw: first"
  `);
  expect(html.indexOf('id="alerts"')).toBeLessThan(html.indexOf('id="budgets"'));
});

test('a page without a history says so, and has every budget, the worst first', () => {
  const html = page();
  expect(textOf(html, 'alerts')).toBe('Alerts of the last day\nNone.');
  expect(textOf(html, 'failures')).toBe('Failed runs of the last week\nNone.');
  expect(textOf(html, 'budgets')).toMatchInlineSnapshot(`
    "Budgets
    Name, benchmark or file
    Verdict not measured failed undecided warned passed
    Time all time last day last week last month last year
    ! odd, &lt;name&gt;: 50% &amp; &quot;more&quot; | \`x\`
    the benchmark threw: first
    bench/odd one.bench.ts:2
    odd, &lt;name&gt;: 50% &amp; &quot;more&quot; | \`x\` was not measured: the benchmark threw: first
    second line.
    ✗ registry lookup
    14 % slower than HEAD · 10 % allowed
    src/registry.ts:42
    registry lookup is 14 % slower than HEAD (+11 to +17 %); its budget allows 10 %.
    Checks and runs
    Checks
    Verdict Check Measured Bound Used
    ✓ p95 &lt;= 10 us limit 8.1 µs 10 µs 81 %
    ✗ time &lt;= baseline + 10% limit 7.9 µs 7.6 µs 140 %
    ? tail
    needs 10,000 samples, has 96
    src/registry.ts:42
    tail: needs 10,000 samples, has 96.
    Checks and runs
    Checks
    Verdict Check Measured Bound Used
    ? p99.9 &lt;= 20 us limit needs 10,000 samples, has 96 – –
    ⚠ render
    14 % slower than HEAD · 10 % allowed · waived until 2027-01-31
    src/registry.ts:42
    render is 14 % slower than HEAD (+11 to +17 %); its budget allows 10 %. Waived until 2027-01-31: the new parser.
    render: waived until 2027-01-31: the new parser.
    Checks and runs
    Checks
    Verdict Check Measured Bound Used
    ✓ p95 &lt;= 10 us limit 8.1 µs 10 µs 81 %
    ✗ time &lt;= baseline + 10% limit 7.9 µs 7.6 µs 140 %
    ✓ parse
    p95 8.1 µs of 10 µs · same code as HEAD
    src/registry.ts:42
    Checks and runs
    Checks
    Verdict Check Measured Bound Used
    ✓ p95 &lt;= 10 us limit 8.1 µs 10 µs 81 %"
  `);
});

test('the page asks the network for nothing, and what others wrote is text', () => {
  const nasty = '</script><img src=x onerror=alert(1)>';
  const budget = { ...lookup, name: nasty, message: nasty };
  const html = htmlReport({ ...example, budgets: [budget] }, [{ name: nasty, runs: [run(budget, 1)] }], {
    now,
    script: 'const a = "</script>";',
    style: 'a::after { content: "</style>" }',
  });
  expect(html).toContain("default-src 'none'");
  expect(html).not.toContain('<img');
  expect(html.match(/<\/script>/g)).toHaveLength(2);
  expect(html.match(/<\/style>/g)).toHaveLength(1);
  expect(html).not.toMatch(/(?:src|href)="(?!#)/);
});

test('the phases of a sum stand one after the other', () => {
  const parts = [
    { name: 'load', value: 300, unit: 'ms' },
    { name: 'start', value: 100, unit: 'ms' },
  ];
  const html = page({ ...example, budgets: [{ ...held, parts }] }, [{ name: 'parse', runs: [] }]);
  expect(html.match(/<span class="bar"[^>]*>/g)).toEqual([
    '<span class="bar" style="margin-left:0%;width:75%">',
    '<span class="bar" style="margin-left:75%;width:25%">',
  ]);
});

test('a trend has every figure in base units, its bounds, its baseline and where it moved', () => {
  const runs = Array.from({ length: 40 }, (_, at) => run(lookup, at + 1, at < 20 ? 9000 : 7000));
  const trend = trendOf([{ ...run(odd, 0.5), time: null }, ...runs, run(held, 99)]);
  if (trend === null) throw new Error('there are runs');
  expect(trend.commit).toEqual(Array<string>(41).fill('89abcdef'.slice(0, 7)).concat('89abcde+'));
  expect([trend.at[0], trend.at.at(-1)]).toEqual([now / 1000 - 99 * 86_400, now / 1000 - 43_200]);
  expect([...trend.verdict.slice(0, 2), trend.verdict.at(-1)]).toEqual([0, 2, 4]);
  const [time, p95] = trend.series;
  expect({ ...time, value: time?.value.slice(-2), low: null, high: null, baseline: time?.baseline.slice(-2) }).toEqual({
    metric: 'time',
    unit: 'ns',
    lowerIsBetter: true,
    value: Float32Array.of(9000, NaN),
    low: null,
    high: null,
    baseline: Float32Array.of(9000 / 1.14, NaN),
    bounds: [],
    changes: [{ at: 21, ratio: 9000 / 7000 }],
  });
  expect(p95?.value[0]).toBeCloseTo(8120, 2);
  expect(trendOf([])).toBe(null);
});

test('the bounds are those of the last run', () => {
  const trend = trendOf([run(held, 1), run({ ...held, checks: [] }, 2)]);
  expect(trend?.series.map(({ metric, bounds }) => [metric, bounds])).toEqual([
    ['time', []],
    ['p95', [{ value: 10_000, text: '≤ 10 µs', level: 'limit' }]],
  ]);
});

test('a trend is read back from a page as it was, to four digits', () => {
  const source = random(1);
  for (const size of [1, 2, 3, 1000]) {
    const runs = Array.from({ length: size }, (_, at) => ({
      ...run(lookup, at, 1e6 * Math.exp(3 * source.normal())),
      commit: source.uniform() < 0.2 ? null : `${'abc'.charAt(at % 3)}2345678`,
      ...(source.uniform() < 0.1 && { time: null }),
    }));
    const trend = trendOf(runs);
    if (trend === null) throw new Error('there are runs');
    const read = readTrend(JSON.parse(JSON.stringify(trendText(trend))) as TrendText);
    expect({ ...read, series: read.series.map(({ metric, value }) => ({ metric, value })) }).toEqual({
      ...trend,
      at: trend.at.map(Math.floor),
      series: trend.series.map(({ metric, value }) => ({ metric, value })),
    });
    for (const [place, series] of trend.series.entries()) {
      for (const key of ['low', 'high', 'baseline'] as const) {
        const ratios = Array.from(series[key], (value, at) => (read.series[place]?.[key][at] ?? NaN) / value);
        for (const ratio of ratios) if (!Number.isNaN(ratio)) expect(Math.abs(ratio - 1)).toBeLessThan(0.0002);
        expect(ratios.map(Number.isNaN)).toEqual(Array.from(series[key], Number.isNaN));
      }
    }
  }
});
