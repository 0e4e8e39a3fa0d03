import { getL10nPseudoLocalized } from '@vscode/l10n-dev';
import { afterEach, expect, test } from 'vitest';
import table from '../../../media/l10n/bundle.l10n.json' with { type: 'json' };
import { parseConfig } from '../../../src/core/config/config.js';
import { htmlReport } from '../../../src/core/formats/reporters/html.js';
import { pastOf } from '../../../src/core/formats/reporters/past.js';
import { findings } from '../../../src/core/text/finding.js';
import { budgetsTable, checksTable } from '../../../src/core/text/markdown.js';
import { columns, closing } from '../../../src/core/text/terminal.js';
import { stateTitle } from '../../../src/core/text/title.js';
import { useTable, usedTable, type Table } from '../../../src/core/text/table.js';
import { counts } from '../../../src/core/text/words.js';
import { unknownMachine } from '../../../src/core/results/measurement.js';
import { emptySnapshot } from '../../../src/engine/project/snapshot.js';
import { checkDocument } from '../../../src/requests/report/document.js';
import { example } from '../formats/reporters/example.js';
import { fail, known, pass, undecided } from './results.js';

/** Another language, as a translator would send it: every sentence in other letters. */
const pseudo = getL10nPseudoLocalized(table) as Table;

afterEach(() => useTable(undefined));

/** What is said in English, and in the other language. */
function inBoth<T>(say: () => T): readonly [english: T, other: T] {
  const english = say();
  useTable(pseudo);
  const other = say();
  useTable(undefined);
  expect(say()).toEqual(english);
  return [english, other];
}

const config =
  '{ "benchmarks": [{ "files": "x" }], "budgets": { "a": { "benchmark": "b", "limit": ["p95 <= 3 MB"] } } }';

test.each<[string, () => string]>([
  ['lens', () => stateTitle(known(fail), 'HEAD')],
  ['lens, undecided', () => stateTitle(known(undecided), 'HEAD')],
  ['lens, stale', () => stateTitle({ kind: 'stale', cause: 'code', previous: { result: pass, at: 0 } }, 'HEAD')],
  ['problem', () => findings('tokenize', fail, 'HEAD')[0]?.message ?? ''],
  ['terminal, a line', () => columns(fail)?.allowed ?? ''],
  ['terminal, the end', () => closing([pass, fail], 1, 840, null)],
  ['hover', () => checksTable([{ name: 'tokenize', checks: fail.checks, isCurrent: true }]).text],
  ['status bar', () => budgetsTable([{ name: 'tokenize', state: known(fail), against: 'HEAD' }], 0).text],
  ['count', () => counts(1, 'budget')],
  ['problem in the file', () => parseConfig('/perf-budget.jsonc', config).problems[0]?.message ?? ''],
])('%s: says it in the language of the table', (_, say) => {
  const [english, other] = inBoth(say);
  expect(english).toMatch(/[a-z]{3}/);
  expect(other).not.toBe(english);
  // Figures, names and checks are the same: what is between them is another text.
  const figures = (text: string): readonly string[] => text.match(/\d[\d.,]*|HEAD|tokenize\b/g)?.toSorted() ?? [];
  expect(figures(other)).toEqual(figures(english));
});

test('whole sentences are looked up: a translator may put the figure last', () => {
  useTable({ '{0} budgets': 'Budgets: {0}', '{0} than {1}': '{1} gegenüber {0}', '{0}% slower': '{0}% langsamer' });
  expect(counts(12, 'budget')).toBe('Budgets: 12');
  expect(counts(1, 'budget')).toBe('1 budget');
  expect(stateTitle(known(fail), 'HEAD')).toBe('✗ HEAD gegenüber 14% langsamer · 10% allowed');
});

test('what is data stays English: verdicts, checks, and what the file says', () => {
  const [english, other] = inBoth(() => parseConfig('/perf-budget.jsonc', config).config);
  expect(other).toEqual(english);
  const [line, otherLine] = inBoth(() => columns(fail)?.measured);
  expect(otherLine).toBe(line);
  const report = {
    version: 1 as const,
    verdict: fail.verdict,
    elapsedMs: 0,
    baseline: null,
    machine: unknownMachine,
    budgets: [fail],
    problems: [],
  };
  const checked = [{ root: '/repo', report, snapshot: emptySnapshot }];
  const [document, otherDocument] = inBoth(() => checkDocument('/repo', checked));
  expect(otherDocument).toEqual(document);
  expect(document.budgets[0]).toMatchObject({ verdict: 'fail', severity: 'medium', name: 'tokenize' });
});

test('the table that is used can be handed on, and English has none', () => {
  expect(usedTable()).toEqual({});
  useTable(pseudo);
  expect(usedTable()).toBe(pseudo);
  useTable(undefined);
  expect(usedTable()).toEqual({});
});

// All that stands beside the figures, but for what its script says.
test('the page says its headings, labels and captions in the language of the table', () => {
  const [result] = example.budgets;
  if (result === undefined) throw new Error('There is no budget.');
  const here = { at: 0, commit: '89abcdef01', dirty: false, baseline: { name: 'HEAD' }, machine: 'a', here: true };
  const time = { value: 8000, low: 7900, high: 8100 };
  const run = { ...here, result: { ...result, verdict: 'fail' as const }, time };
  const [english, other] = inBoth(() =>
    htmlReport(example, [pastOf([run, { ...run, machine: null, here: false }], 0)], { now: 0, script: '', style: '' }),
  );
  const labels = [
    ...['Performance budgets', ', compared with ', 'Filter budgets', 'name, benchmark or file', 'all time', '>Tag '],
    ...['aria-label="Overview"', '>Last run<', 'No budget matches.', 'Alerts of the last day', '>Budgets<'],
    ...['Failed runs of the last week', 'Checks and runs', '>Checks<', '>Measured<', '2 runs, newest first'],
    ...['>Against<', '>Machine<', 'this machine', 'unknown machine', ' of the last '],
  ];
  expect(labels.filter((label) => !english.includes(label))).toEqual([]);
  expect(labels.filter((label) => other.includes(label))).toEqual([]);
});
