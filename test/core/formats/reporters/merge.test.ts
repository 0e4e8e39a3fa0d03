import { expect, test } from 'vitest';
import type { CheckDocument } from '../../../../src/core/formats/reporters/document.js';
import { mergeDocuments, readDocument } from '../../../../src/core/formats/reporters/merge.js';
import { example, fine } from './example.js';

const shard = (
  index: number,
  count: number,
  document: CheckDocument = fine,
): { file: string; document: CheckDocument } => ({
  file: `${index}.json`,
  document: { ...document, shard: { index, count } },
});

test('the shards of one run are one report: every budget, each problem once, the longest time', () => {
  const one = shard(1, 2, { ...example, budgets: example.budgets.slice(0, 2), elapsedMs: 5000 });
  const two = shard(2, 2, { ...example, budgets: example.budgets.slice(2), verdict: 'error' });
  expect(mergeDocuments([two, one])).toEqual({
    ok: true,
    value: { ...example, budgets: [...example.budgets.slice(2), ...example.budgets.slice(0, 2)] },
  });
});

test('runs against different baselines say which for each budget', () => {
  const other = { ...fine, baseline: { name: 'v1', commit: null } };
  const merged = mergeDocuments([
    { file: 'a.json', document: fine },
    { file: 'b.json', document: other },
  ]);
  expect(merged.ok && [merged.value.baseline, merged.value.budgets.map(({ against }) => against)]).toEqual([
    null,
    ['HEAD', 'v1'],
  ]);
});

test.each([
  [[], 'There is nothing to merge.'],
  [[shard(1, 3), shard(3, 3)], 'Shard 2 of 3 is missing. Did that job end before it wrote its --json?'],
  [[shard(2, 4)], 'Shards 1, 3, 4 of 4 are missing. Did that job end before it wrote its --json?'],
  [[shard(1, 2), shard(1, 2)], '1.json and 1.json are both shard 1 of 2.'],
  [[shard(1, 2), shard(2, 3)], '2.json is a shard of 3, but others are shards of 2.'],
  [
    [shard(1, 2), { file: 'all.json', document: fine }],
    'all.json is a report of a whole run, but others are shards: merge one or the other.',
  ],
])('what cannot be merged is told: %#', (documents, error) => {
  expect(mergeDocuments(documents)).toEqual({ ok: false, error });
});

test('a document is read back as it was written', () => {
  expect(readDocument(JSON.stringify(example))).toEqual({ ok: true, value: example });
});

test.each([
  ['', 'the file is empty.'],
  [JSON.stringify(example).slice(0, 500), 'it is not valid JSON. Was it cut off? perf-budget check --json writes it.'],
  ['[]', 'it is not a report of perf-budget check --json.'],
  ['{"version":1}', 'it is not a report of perf-budget check --json.'],
  ['{"version":1,"budgets":[1],"problems":[],"machine":{}}', 'it is not a report of perf-budget check --json.'],
  [JSON.stringify({ ...example, version: 2 }), 'its version is 2, but this perf-budget reads only version 1.'],
])('what is no document is told: %#', (text, error) => {
  expect(readDocument(text)).toEqual({ ok: false, error });
});

test.each([
  ['budgets.0.checks.0.verdict', { budgets: [{ ...example.budgets[0], checks: [{ verdict: 5 }] }] }],
  ['budgets.0.comparison', { budgets: [{ ...example.budgets[0], comparison: 5 }] }],
  ['shard.count', { shard: { index: 1, count: 1e9 } }],
  ['problems.0.line', { problems: [{ file: 'a', line: null, column: 1, message: '' }] }],
])('names what is wrong in a document: %s', (place, wrong) => {
  const read = readDocument(JSON.stringify({ ...example, ...wrong }));
  expect(read.ok ? '' : read.error).toContain(place.split('.').slice(0, 2).join('.'));
});

test('a later version may say more', () => {
  const later = {
    ...example,
    more: { than: 'this' },
    budgets: example.budgets.map((one) => ({ ...one, mood: 'good' })),
  };
  expect(readDocument(JSON.stringify(later))).toEqual({ ok: true, value: later });
});
