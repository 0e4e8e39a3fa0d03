import { expect, test } from 'vitest';
import type { BudgetResult } from '../../../src/core/results/measurement.js';
import { historyPage, type HistoryPage } from '../../../src/editor/drawing/historyPage.js';

const now = Date.UTC(2026, 10, 21, 12);

const result: BudgetResult = {
  name: 'a <b> "c" & d',
  benchmark: 'a/b',
  verdict: 'fail',
  severity: 'medium',
  cached: false,
  elapsedMs: 840,
  samples: 96,
  comparison: { ratio: 1.14, low: 1.11, high: 1.17 },
  checks: [],
  message: '14% slower than HEAD; the budget allows 10%',
};

const page: HistoryPage = {
  budget: result.name,
  title: '✗ 14% slower than HEAD · 10% allowed',
  rows: [
    {
      at: now - 120_000,
      commit: '1a2b3c4d5e6f',
      dirty: true,
      baseline: { name: 'HEAD', commit: '1a2b3c4d5e6f' },
      result,
      time: { value: 7912, low: 7820, high: 8030 },
      machine: '0123456789abcdef',
      here: true,
    },
  ],
  picture: 'data:image/svg+xml,%3Csvg%2F%3E',
  stylesheet: 'https://example/history.css',
  source: 'https://example',
  now,
};

test('a history with one run', () => {
  expect(historyPage(page)).toBe(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src https://example;">
<link rel="stylesheet" href="https://example/history.css">
<title>a &lt;b&gt; &quot;c&quot; &amp; d</title>
</head>
<body>
<h1>a &lt;b&gt; &quot;c&quot; &amp; d</h1>
<p>✗ 14% slower than HEAD · 10% allowed</p>
<img alt="The history of a &lt;b&gt; &quot;c&quot; &amp; d" src="data:image/svg+xml,%3Csvg%2F%3E">
<table>
<caption>The last 1 run, newest first</caption>
<thead><tr><th scope="col" class="mark">Verdict</th><th scope="col" class="text">When</th><th scope="col" class="text">Commit</th><th scope="col" class="figure">Time</th><th scope="col" class="figure">Change</th><th scope="col" class="text">Against</th><th scope="col" class="text">Finding</th></tr></thead>
<tbody>
<tr class="fail"><td class="mark"><span role="img" aria-label="fail" title="fail">✗</span></td><td class="text"><time datetime="2026-11-21T11:58:00.000Z">2 min ago</time></td><td class="text">1a2b3c4 + changes</td><td class="figure">7.9 µs</td><td class="figure">+14%</td><td class="text">HEAD</td><td class="text">14% slower than HEAD; the budget allows 10%</td></tr>
</tbody>
</table>
</body>
</html>
`);
});

test('says whose runs they are where some are of other machines', () => {
  const [row] = page.rows;
  if (row === undefined) throw new Error('there is a row');
  const others = [
    { ...row, machine: 'fedcba9876543210', here: false },
    { ...row, machine: 'import:go', here: false },
  ];
  const html = historyPage({ ...page, rows: [row, ...others] });
  expect(html).toContain('<th scope="col" class="text">Commit</th><th scope="col" class="text">Machine</th>');
  expect(Array.from(html.matchAll(/changes<\/td><td class="text">(.*?)<\/td>/g), ([, name]) => name)).toEqual([
    'here',
    'fedcba9',
    'import:go',
  ]);
});

test('a history without runs', () => {
  expect(historyPage({ ...page, rows: [], picture: null })).toContain('<p>No runs yet.</p>');
});
