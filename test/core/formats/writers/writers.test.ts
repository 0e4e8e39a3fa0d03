import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseConfig } from '../../../../src/core/config/config.js';
import type { BudgetResult, CheckResult } from '../../../../src/core/results/measurement.js';
import { read } from '../../../../src/core/formats/readers/index.js';
import { readPast } from '../../../../src/core/formats/readers/past.js';
import { writeBencher } from '../../../../src/core/formats/writers/bencher.js';
import { writeCsv } from '../../../../src/core/formats/writers/csv.js';
import { writeStore } from '../../../../src/core/formats/writers/github-action-benchmark.js';
import { writeOtlp } from '../../../../src/core/formats/writers/otlp.js';
import { writtenRun, type Row, type WrittenRun } from '../../../../src/core/formats/writers/run.js';
import { hostile } from '../../text/hostile.js';

const at = Date.UTC(2026, 10, 21, 12);
const commit = '1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d';
const machine = '0123456789abcdef';

function budget(work: string | null) {
  const text = JSON.stringify({
    benchmarks: [{ files: '*.ts' }],
    budgets: { parse: { benchmark: 'parser/large', ...(work !== null && { work }), limit: ['time <= 1 s'] } },
  });
  const found = parseConfig('perf-budget.jsonc', text).config?.budgets[0];
  if (found === undefined) throw new Error('there is one');
  return found;
}

const check = (text: string, value: number, unit: string, more: Partial<CheckResult> = {}): CheckResult => ({
  ...{ check: text, level: 'limit', verdict: 'pass', used: 0.5, note: null, bound: { value: 2 * value, unit } },
  measured: { value, low: value - 0.25, high: value + 0.25, unit },
  ...more,
});

const result = (name: string, checks: readonly CheckResult[]): BudgetResult => ({
  ...{ name, benchmark: 'parser/large', verdict: 'pass', severity: null, cached: false, elapsedMs: 800 },
  ...{ samples: 96, comparison: null, checks, message: '' },
});

const row = (name: string, checks: readonly CheckResult[], more: Partial<Row> = {}): Row => ({
  ...{ at, commit, dirty: false, baseline: { name: 'HEAD' }, machine, here: true },
  result: result(name, checks),
  time: { value: 2000, low: 1990, high: 2010 },
  ...more,
});

test('a run has its time, and what its checks measured, in units that other tools know', () => {
  const checks = [
    check('time <= 3 us', 2, 'us'),
    check('p95 <= 9 us', 4.5, 'us'),
    check('throughput >= 3k lines/s', 6000, 'lines/s'),
    check('rss <= 9 MB', 4.5, 'MB'),
    check('errors <= 1 %', 0.5, '%'),
    check('crashes = 0', 0, ''),
    check('frames >= 50 frames', 100, 'frames'),
    check('lag <= 9 ms', 4, 'ms'),
    // Of several benchmarks this one was the worst, and one that was not measured.
    check('median <= 9 us', 4, 'us', { benchmark: 'parser/small' }),
    check('cpu <= 9 us', 4, 'us', { measured: null }),
  ];
  const { figures, ...about } = writtenRun(budget('16 lines'), row('parse', checks));
  expect(about).toEqual({
    ...{ budget: 'parse', benchmark: 'parser/large', at, commit, dirty: false, baseline: 'HEAD', machine, here: true },
    verdict: 'pass',
  });
  expect(figures).toEqual({
    time: { value: 2000, low: 1990, high: 2010, unit: 'ns', moreIsBetter: false },
    p95: { value: 4500, low: 4250, high: 4750, unit: 'ns', moreIsBetter: false },
    throughput: { value: 375, low: 5999.75 / 16, high: 6000.25 / 16, unit: '1/s', moreIsBetter: true },
    rss: { value: 4.5e6, low: 4.25e6, high: 4.75e6, unit: 'B', moreIsBetter: false },
    'errors share': { value: 0.5, low: 0.25, high: 0.75, unit: '%', moreIsBetter: false },
    crashes: { value: 0, low: -0.25, high: 0.25, unit: '', moreIsBetter: false },
    frames: { value: 100, low: 99.75, high: 100.25, unit: 'frames', moreIsBetter: true },
    lag: { value: 4, low: 3.75, high: 4.25, unit: 'ms', moreIsBetter: false },
  });
  // What it counted then is not what it counts now: iterations cannot be told.
  expect(writtenRun(budget(null), row('parse', checks)).figures).not.toHaveProperty('throughput');
});

/** A clean run, a broken one before it, one of another machine, and one that was imported. */
const runs: readonly WrittenRun[] = [
  row('parse', [], { at: at - 1000, time: null, commit: null, result: { ...result('parse', []), verdict: 'error' } }),
  row('parse', [check('p95 <= 9 us', 4.5, 'us'), check('throughput >= 1k ops/s', 6000, 'ops/s')]),
  row('scan, "all"', [check('rss <= 9 MB', 4.5, 'MB')], { time: null, at: at + 500 }),
  row('parse', [], { at: at + 1000, machine: 'fedcba9876543210', here: false }),
  row('parse', [], { at: at + 2000, commit: null, machine: 'import:go', here: false, baseline: null }),
].map((one) => writtenRun(budget(null), one));

test('bencher: the last run of each budget on this machine, and back', () => {
  const text = writeBencher(runs);
  expect(JSON.parse(text)).toEqual({
    parse: {
      latency: { value: 2000, lower_value: 1990, upper_value: 2010 },
      p95: { value: 4500, lower_value: 4250, upper_value: 4750 },
      throughput: { value: 6000, lower_value: 5999.75, upper_value: 6000.25 },
    },
    'scan, "all"': { rss: { value: 4.5e6, lower_value: 4.25e6, upper_value: 4.75e6 } },
  });
  expect(read('bencher', text)).toEqual({
    ok: true,
    value: [
      {
        name: 'parse',
        metrics: {
          time: { value: 2000, low: 1990, high: 2010, unit: 'ns' },
          p95: { value: 4500, low: 4250, high: 4750, unit: '' },
          throughput: { value: 6000, low: 5999.75, high: 6000.25, unit: '1/s' },
        },
      },
      { name: 'scan, "all"', metrics: { rss: { value: 4.5e6, low: 4.25e6, high: 4.75e6, unit: '' } } },
    ],
  });
});

test('csv: no name is a formula in a spreadsheet, and every name comes back', () => {
  const [run] = runs.filter(({ figures }) => 'time' in figures);
  if (run === undefined) throw new Error('there is one');
  const written = (name: string): string => writeCsv([{ ...run, budget: name }]);
  expect(written('=HYPERLINK("https://x")')).toContain(`,"'=HYPERLINK(""https://x"")",`);
  fc.assert(
    fc.property(
      hostile.filter((name) => name !== ''),
      (name) => {
        const text = written(name);
        // The cell as RFC 4180 has it, after the time of the run.
        const record = text.slice(text.indexOf('\n') + 1);
        const [, quoted, plain] = /^[^,]+,(?:"((?:[^"]|"")*)"|([^",\r\n]*)),/.exec(record) ?? [];
        const cell = quoted?.replaceAll('""', '"') ?? plain;
        expect(cell).toMatch(/^[^=+\-@\t\r]/);
        expect(cell?.replace(/^'(?='*[=+\-@\t\r])/, '')).toBe(name);
        const read = readPast('csv', text);
        expect(read.ok && read.value.flatMap(({ benchmarks }) => benchmarks.map((one) => one.name))).toEqual([name]);
      },
    ),
    { numRuns: 500, examples: [["'=1"], ["''+1"], ["'"], ['-1'], ['@a,"b"'], ['\r\n\r,']] },
  );
});

test('csv: a line a run and metric, and back', () => {
  const text = writeCsv(runs);
  expect(text.split('\r\n')).toEqual([
    'at,budget,benchmark,metric,value,low,high,unit,verdict,commit,dirty,baseline,machine',
    '2026-11-21T11:59:59.000Z,parse,parser/large,,,,,,error,,false,HEAD,0123456789abcdef',
    `2026-11-21T12:00:00.000Z,parse,parser/large,time,2000,1990,2010,ns,pass,${commit},false,HEAD,0123456789abcdef`,
    `2026-11-21T12:00:00.000Z,parse,parser/large,p95,4500,4250,4750,ns,pass,${commit},false,HEAD,0123456789abcdef`,
    `2026-11-21T12:00:00.000Z,parse,parser/large,throughput,6000,5999.75,6000.25,1/s,pass,${commit},false,HEAD,0123456789abcdef`,
    `2026-11-21T12:00:00.500Z,"scan, ""all""",parser/large,rss,4500000,4250000,4750000,B,pass,${commit},false,HEAD,0123456789abcdef`,
    `2026-11-21T12:00:01.000Z,parse,parser/large,time,2000,1990,2010,ns,pass,${commit},false,HEAD,fedcba9876543210`,
    '2026-11-21T12:00:02.000Z,parse,parser/large,time,2000,1990,2010,ns,pass,,false,,import:go',
    '',
  ]);
  const time = { value: 2000, low: 1990, high: 2010, unit: 'ns' };
  expect(readPast('csv', `\uFEFF${text}`)).toEqual({
    ok: true,
    value: [
      {
        at,
        commit,
        benchmarks: [
          {
            name: 'parse',
            metrics: {
              time,
              p95: { value: 4500, low: 4250, high: 4750, unit: 'ns' },
              throughput: { value: 6000, low: 5999.75, high: 6000.25, unit: '1/s' },
            },
          },
        ],
      },
      {
        ...{ at: at + 500, commit },
        benchmarks: [{ name: 'scan, "all"', metrics: { rss: { value: 4.5e6, low: 4.25e6, high: 4.75e6, unit: 'B' } } }],
      },
      { at: at + 1000, commit, benchmarks: [{ name: 'parse', metrics: { time } }] },
      { at: at + 2000, commit: null, benchmarks: [{ name: 'parse', metrics: { time } }] },
    ],
  });
});

test('github-action-benchmark: a suite a machine and direction, and back', () => {
  const info = { message: 'Parse faster', author: 'Ada', timestamp: '2026-11-21T11:00:00+01:00' };
  const repoUrl = 'https://example.org/ada/parser';
  const again = writtenRun(budget(null), row('parse', [], { at: at + 60_000 }));
  const dirty = writtenRun(budget(null), row('parse', [], { at: at + 70_000, dirty: true }));
  const text = writeStore([...runs, again, dirty], { repoUrl, commits: new Map([[commit, info]]) });
  const person = { name: 'Ada', username: 'Ada', email: '' };
  const about = {
    ...{ author: person, committer: person, id: commit, message: info.message, timestamp: info.timestamp },
    url: `${repoUrl}/commit/${commit}`,
  };
  const bench = (budgetName: string, metric: string, value: number, range: string, unit: string) => ({
    name: metric === 'time' ? budgetName : `${budgetName}: ${metric}`,
    ...{ value, range, unit, extra: `budget: ${budgetName}\nmetric: ${metric}\nverdict: pass` },
  });
  const time = bench('parse', 'time', 2000, '± 10', 'ns');
  const smaller = { commit: about, tool: 'customSmallerIsBetter' };
  expect(text.startsWith('window.BENCHMARK_DATA = {')).toBe(true);
  expect(JSON.parse(text.slice('window.BENCHMARK_DATA = '.length))).toEqual({
    lastUpdate: at + 60_000,
    repoUrl,
    entries: {
      'Perf Budget': [
        {
          ...smaller,
          date: at + 500,
          benches: [
            time,
            bench('parse', 'p95', 4500, '± 250', 'ns'),
            bench('scan, "all"', 'rss', 4.5e6, '± 250000', 'B'),
          ],
        },
        { ...smaller, date: at + 60_000, benches: [time] },
      ],
      'Perf Budget: more is better': [
        {
          ...{ commit: about, tool: 'customBiggerIsBetter', date: at },
          benches: [bench('parse', 'throughput', 6000, '± 0.25', 'ops/s')],
        },
      ],
      'Perf Budget on fedcba9876543210': [{ ...smaller, date: at + 1000, benches: [time] }],
    },
  });
  const known = { time: { value: 2000, low: 1990, high: 2010, unit: 'ns' } };
  const throughput = { value: 6000, low: 5999.75, high: 6000.25, unit: '1/s' };
  expect(readPast('github-action-benchmark', text)).toEqual({
    ok: true,
    value: [
      { at, commit, benchmarks: [{ name: 'parse', metrics: { throughput } }] },
      {
        ...{ at: at + 500, commit },
        benchmarks: [
          { name: 'parse', metrics: { ...known, p95: { value: 4500, low: 4250, high: 4750, unit: 'ns' } } },
          { name: 'scan, "all"', metrics: { rss: { value: 4.5e6, low: 4.25e6, high: 4.75e6, unit: 'B' } } },
        ],
      },
      { at: at + 1000, commit, benchmarks: [{ name: 'parse', metrics: known }] },
      { at: at + 60_000, commit, benchmarks: [{ name: 'parse', metrics: known }] },
    ],
  });
});

test('otlp: a gauge a metric, as the JSON of its protocol has it', () => {
  const told = (pairs: Record<string, string>) =>
    Object.entries(pairs).map(([key, stringValue]) => ({ key, value: { stringValue } }));
  const attributes = told({
    'perf_budget.budget': 'parse',
    'perf_budget.benchmark': 'parser/large',
    'perf_budget.machine': machine,
    'vcs.ref.head.revision': commit,
  });
  const own = row('parse', [check('lost messages <= 9', 4.5, ''), check('rss <= 9 MB', 4.5, 'MB')]);
  const gauge = (name: string, unit: string, asDouble: number) => ({
    ...{ name, unit, gauge: { dataPoints: [{ attributes, timeUnixNano: '1795262400000000000', asDouble }] } },
  });
  expect(JSON.parse(writeOtlp([writtenRun(budget(null), own)], '1.2.3'))).toEqual({
    resourceMetrics: [
      {
        resource: { attributes: told({ 'service.name': 'perf-budget' }) },
        scopeMetrics: [
          {
            scope: { name: 'perf-budget', version: '1.2.3' },
            metrics: [
              gauge('perf_budget.time', 'ns', 2000),
              gauge('perf_budget.time.low', 'ns', 1990),
              gauge('perf_budget.time.high', 'ns', 2010),
              gauge('perf_budget.lost_messages', '1', 4.5),
              gauge('perf_budget.lost_messages.low', '1', 4.25),
              gauge('perf_budget.lost_messages.high', '1', 4.75),
              gauge('perf_budget.rss', 'By', 4.5e6),
              gauge('perf_budget.rss.low', 'By', 4.25e6),
              gauge('perf_budget.rss.high', 'By', 4.75e6),
            ],
          },
        ],
      },
    ],
  });
});

test.each([
  ['lag', 'us', 'us'],
  ['size', 'MiB', 'MiBy'],
  ['frames', 'frames', '{frames}'],
  ['rate', 'lines/s', '{lines}/s'],
  ['rate', 'MB/s', 'MBy/s'],
  ['drain', '%/h', '{%/h}'],
])('otlp: %s in %s has the unit %s', (name, unit, code) => {
  const run = writtenRun(budget(null), row('parse', [check(`${name} <= 9 ${unit}`, 4, unit)], { time: null }));
  const text = writeOtlp([run], '1');
  const units = Array.from(text.matchAll(/"name":"perf_budget\.\w+","unit":"(.*?)"/g), ([, one]) => one);
  expect(units).toEqual([code]);
});
