import { expect, test } from 'vitest';
import { commitsAddress, htmlReport } from '../../../../src/core/formats/reporters/html.js';
import { overviewLine, sparkOf, sparkPicture } from '../../../../src/core/formats/reporters/overview.js';
import type { BudgetState } from '../../../../src/core/results/state.js';
import { readTrend, trendText, type TrendText } from '../../../../src/core/formats/reporters/page-data.js';
import { pastOf } from '../../../../src/core/formats/reporters/past.js';
import { trendOf, type PastRun } from '../../../../src/core/formats/reporters/trend.js';
import { random } from '../../random.js';
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
  machine: 'a',
  here: true,
  result,
  time: { value, low: value * 0.99, high: value * 1.01 },
});

/** With the runs of each budget. */
const page = (document = example, runs: readonly (readonly PastRun[])[] = []): string =>
  htmlReport(
    document,
    runs.map((all) => pastOf(all, now)),
    { now, script: 'run();', style: 'body {}' },
  );

/** The text of a section, a line an element that stands alone. */
const textOf = (html: string, id: string): string => {
  const section = html.split(`aria-labelledby="${id}"`)[1]?.split('</section>')[0] ?? '';
  return section
    .replace(/^[^>]*>/, '')
    .replaceAll(/<svg.*?<\/svg>/gs, '~')
    .replaceAll(/<\/(?:h2|li|tr|caption|p|summary)>/g, '\n')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/ +/g, ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .join('\n');
};

test('the alerts of the last day and the failed runs of the last week come before the cards, and the overview first', () => {
  const html = page(example, [
    [run(held, 0.1), run({ ...held, verdict: 'fail' }, 8)],
    [run(lookup, 0.2), run(lookup, 0.5), run(held, 0.6)],
    [run(odd, 3)],
    [run(open, 0.1)],
    [run(waived, 0.3)],
  ]);
  expect(textOf(html, 'alerts')).toMatchInlineSnapshot(`
    "Alerts of the last day
    ✗ registry lookup 14% slower than HEAD · 10% allowed 2026-11-21 07:12 UTC · 89abcde + changes
    ⚠ render 14% slower than HEAD · 10% allowed · waived until 2027-01-31 2026-11-21 04:48 UTC · 89abcde + changes"
  `);
  expect(textOf(html, 'failures')).toMatchInlineSnapshot(`
    "Failed runs of the last week
    ✗ registry lookup 14% slower than HEAD · 10% allowed 2026-11-21 07:12 UTC · 89abcde + changes
    ✗ registry lookup 14% slower than HEAD · 10% allowed 2026-11-21 00:00 UTC · 89abcde + changes
    ! odd, &lt;name&gt;: 50% &amp; &quot;more&quot; | \`x\` the benchmark threw: first 2026-11-18 12:00 UTC · 89abcde"
  `);
  const places = ['overview', 'problems', 'alerts', 'failures', 'budgets'].map((id) => html.indexOf(`id="${id}"`));
  expect(places).toEqual(places.toSorted((a, b) => a - b));
});

test('the overview has a line for each budget, the worst first: verdict, name, figure, change, history, last run', () => {
  const html = page(example, [
    [run(held, 0.1), run(held, 0.2, 5000)],
    [run(lookup, 0.2)],
    [{ ...run(odd, 3), time: null }],
    [run(open, 0.1)],
    [run(waived, 0.3)],
  ]);
  expect(textOf(html, 'overview')).toMatchInlineSnapshot(`
    "Overview
    Verdict Budget Figure Change History Last run
    ! odd, &lt;name&gt;: 50% &amp; &quot;more&quot; | \`x\` the benchmark threw: first – 2026-11-18 12:00 UTC
    ✗ registry lookup 7.9 µs · 7.6 µs allowed +14% ~ 2026-11-21 07:12 UTC
    ? tail needs 10,000 samples, has 96 – ~ 2026-11-21 09:36 UTC
    ⚠ render 7.9 µs · 7.6 µs allowed +14% ~ 2026-11-21 04:48 UTC
    ✓ parse 8.1 µs of 10 µs – ~ 2026-11-21 09:36 UTC
    No budget matches."
  `);
  expect(Array.from(html.matchAll(/<a href="#(b\d)">/g), ([, id]) => id).slice(0, 5)).toEqual([
    'b2',
    'b1',
    'b3',
    'b4',
    'b0',
  ]);
  // From the bottom left to the top right, and a single run is a point in the middle.
  expect(html.match(/<path d="[^"]*"\/><circle [^>]*>/g)).toMatchInlineSnapshot(`
    [
      "<path d="M56 10"/><circle class="fail" cx="56" cy="10" r="2.5"/>",
      "<path d="M56 10"/><circle class="undecided" cx="56" cy="10" r="2.5"/>",
      "<path d="M56 10"/><circle class="warn" cx="56" cy="10" r="2.5"/>",
      "<path d="M3 10L109 10"/><circle class="pass" cx="109" cy="10" r="2.5"/>",
    ]
  `);
});

test('a run without a figure is a gap in the history of a line', () => {
  const spark = { metric: 'p95', unit: 'us', values: [1000, 2000, null, 4000], verdict: 'fail' } as const;
  const { text } = sparkPicture(spark);
  expect(/d="(.*?)"/.exec(text)?.[1]).toMatch(/^M3 17L\S+ \S+M109 3$/);
  expect(text).toContain('aria-label="p95 of the last 4 runs: 1 µs to 4 µs"');
  expect(sparkOf(undefined)).toBeNull();
});

test('what an editor knows besides a verdict is in its line', () => {
  const known = { result: lookup, at: now };
  const line = (state: BudgetState) =>
    overviewLine({
      id: 'b1',
      name: 'lookup',
      benchmark: 'x',
      where: 'a.ts:1',
      tags: [],
      state,
      against: 'HEAD',
      spark: null,
    }).text;
  expect(line({ kind: 'unmeasured' })).toContain('aria-label="not run yet">–</span>');
  expect(line({ kind: 'unmeasured' })).toContain('<td role="cell" class="figures">not measured yet</td>');
  expect(line({ kind: 'stale', previous: known, cause: 'code' })).toContain('aria-label="stale, was fail">✗</span>');
  expect(line({ kind: 'measuring', previous: known })).toContain('aria-label="measuring">…</span>');
  expect(line({ kind: 'known', known })).toContain('<td role="cell" class="change worse">+14%</td>');
});

test('a page without a history says so, and has every budget, the worst first', () => {
  const html = page();
  expect(html).not.toContain('id="alerts"');
  expect(html).not.toContain('id="failures"');
  expect(textOf(html, 'budgets')).toMatchInlineSnapshot(`
    "Budgets
    Drag across a chart to zoom in, double-click to see all of it, click a run for its commit. On the keyboard, ← and → move from run to run, + and − zoom, Enter shows the commit, Esc shows all runs.
    ! odd, &lt;name&gt;: 50% &amp; &quot;more&quot; | \`x\`
    the benchmark threw: first
    bench/odd one.bench.ts:2
    odd, &lt;name&gt;: 50% &amp; &quot;more&quot; | \`x\` was not measured: the benchmark threw: first
    second \\x07 line.
    ✗ registry lookup
    14% slower than HEAD · 10% allowed
    src/registry.ts:42
    registry lookup is 14% slower than HEAD (+11 to +17%); its budget allows 10%.
    Checks and runs
    Checks
    Verdict Check Measured Bound Used
    ✓ p95 &lt;= 10 us limit 8.1 µs 10 µs 81%
    ✗ time &lt;= baseline + 10% limit 7.9 µs 7.6 µs 140%
    ? tail
    needs 10,000 samples, has 96
    src/registry.ts:42
    Checks and runs
    Checks
    Verdict Check Measured Bound Used
    ? p99.9 &lt;= 20 us limit needs 10,000 samples, has 96 – –
    ⚠ render
    14% slower than HEAD · 10% allowed · waived until 2027-01-31
    src/registry.ts:42
    render is 14% slower than HEAD (+11 to +17%); its budget allows 10%. Waived until 2027-01-31: the new parser.
    render: waived until 2027-01-31: the new parser.
    Checks and runs
    Checks
    Verdict Check Measured Bound Used
    ✓ p95 &lt;= 10 us limit 8.1 µs 10 µs 81%
    ✗ time &lt;= baseline + 10% limit 7.9 µs 7.6 µs 140%
    ✓ parse
    p95 8.1 µs of 10 µs · same code as HEAD
    src/registry.ts:42
    Checks and runs
    Checks
    Verdict Check Measured Bound Used
    ✓ p95 &lt;= 10 us limit 8.1 µs 10 µs 81%"
  `);
});

test('the page asks the network for nothing, and what others wrote is text', () => {
  const nasty = '</script><img src=x onerror=alert(1)>';
  const budget = { ...lookup, name: nasty, message: nasty };
  const html = htmlReport(
    { ...example, budgets: [{ ...budget, tags: [nasty, `"'`] }] },
    [pastOf([run(budget, 1)], now)],
    {
      now,
      script: 'const a = "</script>";',
      style: 'a::after { content: "</style>" }',
    },
  );
  expect(html).toContain("default-src 'none'");
  expect(html).not.toContain('<img');
  expect(html.match(/<\/script>/g)).toHaveLength(2);
  expect(html.match(/<\/style>/g)).toHaveLength(1);
  expect(html).not.toMatch(/(?:src|href)="(?!#)/);
});

test('a page knows where commits are, if their repository has a page', () => {
  expect(
    [
      'https://github.com/a/b',
      'https://gitlab.com/a/b/c',
      'https://git.gitlab.example.org/a/b',
      'https://bitbucket.org/a/b',
      '',
    ].map(commitsAddress),
  ).toEqual([
    'https://github.com/a/b/commit/',
    'https://gitlab.com/a/b/c/-/commit/',
    'https://git.gitlab.example.org/a/b/-/commit/',
    'https://bitbucket.org/a/b/commits/',
    null,
  ]);
  const options = { now, script: '', style: '' };
  const commits = 'https://github.com/a/"b"/commit/';
  expect(htmlReport(example, [], { ...options, commits })).toContain(
    'data-commits="https://github.com/a/&quot;b&quot;/commit/"',
  );
  expect(htmlReport(example, [], options)).not.toContain('data-commits');
});

test('a run of many that failed is folded away, and so is nothing else', () => {
  const failures = Array.from({ length: 130 }, (_, at) => run(lookup, 1 + at / 100));
  const html = page({ ...example, budgets: [lookup] }, [failures]);
  const [first = '', folded = ''] = textOf(html, 'failures').split('90 more');
  expect([first, folded].map((part) => part.split('✗').length - 1)).toEqual([10, 90]);
  expect(folded.trimEnd().split('\n').at(-1)).toBe('and 30 older ones');
});

test('the phases of a sum stand one after the other, with the limit and the run before', () => {
  const parts = (load: number): NonNullable<PastRun['result']['parts']> => [
    { name: 'load', value: load, unit: 'ms' },
    { name: 'start', value: 0.1, unit: 's' },
  ];
  const [check] = held.checks;
  if (check === undefined) throw new Error('the budget has a check');
  const checks = [
    { ...check, check: 'time <= 490 ms', bound: { value: 490, unit: 'ms' } },
    { ...check, check: 'time <= 9 s', level: 'target' as const, bound: { value: 9, unit: 's' } },
  ];
  const budget = { ...held, checks, parts: parts(300) };
  const html = page({ ...example, budgets: [budget] }, [
    [run(budget, 1), run({ ...budget, parts: parts(250) }, 2), run({ ...budget, parts: parts(100) }, 3)],
  ]);
  // All of it is 500 ms: the limit, and room beside it.
  expect(html.match(/<(?:span class="phase"|i class="held|span class="limit")[^>]*>/g)).toEqual([
    '<span class="limit" style="right:1.96%">',
    '<span class="phase" style="left:0%;width:60.02%" title="load: 300 ms">',
    '<span class="phase" style="left:60.02%;width:20.01%" title="start: 100 ms">',
    '<i class="held limit" style="left:98.04%">',
    '<span class="phase" style="left:0%;width:50.02%" title="load: 250 ms">',
    '<span class="phase" style="left:50.02%;width:20.01%" title="start: 100 ms">',
    '<i class="held limit" style="left:98.04%">',
  ]);
  expect(textOf(html, 'budgets')).toContain(`One after the other
490 ms limit
2026-11-20 12:00 UTC load start
2026-11-19 12:00 UTC load start
Part Starts at Time Share Before
load 0 300 ms 75% 250 ms
start 300 ms 100 ms 25% 100 ms
All 400 ms 350 ms`);
  const alone = page({ ...example, budgets: [budget] }, []);
  expect(textOf(alone, 'budgets')).toContain('Part Starts at Time Share\nload 0 300 ms 75%');
});

test('each machine has a trend of its own, and the first is this one', () => {
  const on = (machine: string | null, here: boolean, daysAgo: number): PastRun => ({
    ...run(held, daysAgo),
    machine,
    here,
  });
  const runs = [
    on('import:go', false, 1),
    on('0123456789', false, 2),
    on('abcdef', true, 3),
    on('import:go', false, 4),
    on('fedcba', true, 5),
    on(null, false, 6),
    on('abcdef', true, 7),
  ];
  const { trends, runs: listed } = pastOf(runs, now);
  expect(trends.map(({ machine, at }) => [machine, [...at].map((one) => (now / 1000 - one) / 86_400)])).toEqual([
    ['this machine', [7, 3]],
    ['this machine until 2026-11-16', [5]],
    ['go, imported', [4, 1]],
    ['machine 0123456', [2]],
    ['unknown machine', [6]],
  ]);
  expect(listed.map(({ where }) => where)).toEqual([
    'go, imported',
    'machine 0123456',
    'this machine',
    'go, imported',
    'this machine until 2026-11-16',
    'unknown machine',
    'this machine',
  ]);
});

test('a trend has every figure in base units, its bounds, its baseline and where it moved', () => {
  const runs = Array.from({ length: 40 }, (_, at) => run(lookup, at + 1, at < 20 ? 9000 : 7000));
  const trend = trendOf([{ ...run(odd, 0.5), time: null }, ...runs, run(held, 99)], 'here');
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
    relative: [{ value: 1.1, text: '≤ baseline + 10%', level: 'limit' }],
    changes: [{ at: 21, ratio: 9000 / 7000 }],
  });
  expect(p95?.value[0]).toBeCloseTo(8120, 2);
});

test('the bounds are those of the last run that has some, and the figure that says most comes first', () => {
  const trend = trendOf([run({ ...held, checks: [] }, 1), run(held, 2), run(lookup, 3)], 'here');
  expect(trend.series.map(({ metric, bounds }) => [metric, bounds])).toEqual([
    ['p95', [{ value: 10_000, text: '≤ 10 µs', level: 'limit' }]],
    ['time', []],
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
    const trend = trendOf(runs, 'here');
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
