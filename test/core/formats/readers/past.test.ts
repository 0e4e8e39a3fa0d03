import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { readPast } from '../../../../src/core/formats/readers/past.js';

const output = (name: string): string =>
  readFileSync(path.resolve(import.meta.dirname, '../../../fixtures/outputs', name), 'utf8');

/** What github-action-benchmark keeps of other tools: one entry a commit, with what it read. */
const store = `window.BENCHMARK_DATA = {
  "lastUpdate": 1795262400000,
  "repoUrl": "https://example.org/a/b",
  "entries": {
    "Go": [
      { "commit": { "id": "bbbb", "message": "two" }, "date": 2000, "tool": "go",
        "benches": [{ "name": "BenchmarkFib", "value": 325, "unit": "ns/op", "extra": "5000 times\\n4 procs" }] },
      { "commit": { "id": "aaaa", "message": "one" }, "date": 1000, "tool": "go",
        "benches": [{ "name": "BenchmarkFib", "value": 300, "unit": "ns/op", "range": "± 15" }] }
    ],
    "Pages": [
      { "commit": { "id": "bbbb" }, "date": 2500, "tool": "customBiggerIsBetter",
        "benches": [{ "name": "pages", "value": "40", "unit": "pages" }] }
    ]
  }
};
`;

test('the store of github-action-benchmark, oldest run first', () => {
  const rate = (value: number) => ({ value: 1e9 / value, unit: '1/s' });
  expect(readPast('github-action-benchmark', store)).toEqual({
    ok: true,
    value: [
      {
        ...{ at: 1000, commit: 'aaaa' },
        benchmarks: [
          {
            name: 'BenchmarkFib',
            metrics: {
              time: { value: 300, low: 285, high: 315, unit: 'ns' },
              throughput: { ...rate(300), low: 1e9 / 315, high: 1e9 / 285 },
            },
          },
        ],
      },
      {
        ...{ at: 2000, commit: 'bbbb' },
        benchmarks: [{ name: 'BenchmarkFib', metrics: { time: { value: 325, unit: 'ns' }, throughput: rate(325) } }],
      },
      {
        ...{ at: 2500, commit: 'bbbb' },
        benchmarks: [{ name: 'pages', metrics: { figure: { value: 40, unit: 'pages' } } }],
      },
    ],
  });
});

test.each([
  ['pytest-benchmark', 'pytest-benchmark.json', '2026-11-21T11:14:38.566Z'],
  ['google-benchmark', 'google-benchmark.json', '2026-11-21T11:14:27.000Z'],
  ['vitest', 'vitest5.json', '2026-11-21T11:16:18.677Z'],
  ['hyperfine', 'hyperfine.json', null],
  ['go', 'go.txt', null],
] as const)('%s says when it was, where it does', (format, file, at) => {
  const read = readPast(format, output(file));
  expect(read.ok && read.value.map((past) => [past.at && new Date(past.at).toISOString(), past.commit])).toEqual([
    [at, null],
  ]);
});

test('pytest-benchmark says of which commit, unless that had changes', () => {
  const commit = 'a'.repeat(40);
  const of = (dirty: boolean): string => {
    const json = JSON.parse(output('pytest-benchmark.json')) as Record<string, unknown>;
    return JSON.stringify({ ...json, commit_info: { id: commit, dirty } });
  };
  const commits = [of(false), of(true)].map((text) => {
    const read = readPast('pytest-benchmark', text);
    return read.ok && read.value[0]?.commit;
  });
  expect(commits).toEqual([commit, null]);
});

const csv = 'at,budget,metric,value\n';

test.each([
  ['go', output('hyperfine.json'), "This is hyperfine's output, not go's: use --format hyperfine."],
  ['go', store, 'This is the data.js of github-action-benchmark: use --format github-action-benchmark.'],
  [
    'github-action-benchmark',
    store.slice(0, -30),
    'This cannot be read as the data.js of github-action-benchmark. The output is cut off: its JSON never ends.',
  ],
  [
    'github-action-benchmark',
    store.replace('325', 'NaN'),
    'This cannot be read as the data.js of github-action-benchmark. "entries.Go.0.benches.0.value" is NaN, not a number.',
  ],
  [
    'github-action-benchmark',
    'window.BENCHMARK_DATA = {"entries": {}}',
    'The data.js of github-action-benchmark has no runs.',
  ],
  [
    'csv',
    'a,b\n1,2\n',
    "This is not Perf Budget's CSV: its first line has no at, budget, metric, value. Such a file begins with at,budget,benchmark,metric,value,low,high,unit,verdict,commit,dirty,baseline,machine.",
  ],
  ['csv', csv, 'It has no runs.'],
  [
    'csv',
    `${csv}2026-11-21,a,time,1\nyesterday,a,time,1\n`,
    'Line 3: "yesterday" is not a date such as 2026-11-21T10:00:00Z.',
  ],
  ['csv', `${csv}2026-11-21,"a\nb",time,NaN\n`, 'Line 2: "NaN" is not a number.'],
  ['csv', `${csv}2026-11-21,"a,time,1\n`, 'Line 2: a quotation mark is not closed, or is in the middle of a field.'],
] as const)('%s: says what is wrong', (format, text, message) => {
  expect(readPast(format, text)).toEqual({ ok: false, error: message });
});
