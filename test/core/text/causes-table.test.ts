import { expect, test } from 'vitest';
import { causesTable, isBroken, lineWords, relatedWords } from '../../../src/core/text/causes-table.js';
import { markdown } from '../../../src/core/text/markdown.js';
import type { BudgetResult } from '../../../src/core/results/measurement.js';
import { exampleCauses } from '../results/example-causes.js';
import { fail, pass, withCheck } from './results.js';

const [time, collector] = exampleCauses;
const link = (words: string, index: number) => markdown`[${words}](command:${index})`;

test('at the function, a line each', () => {
  expect(exampleCauses.map((cause) => relatedWords(cause, exampleCauses))).toEqual([
    '+3.9 µs of +4.0 µs (97%): delete last.previous; in diff: buildValues (values before)',
    'garbage collection +120 ns of +4.0 µs (3%): allocates 8.9 KB a call, 5.0 KB before, in encode',
  ]);
});

test('at the line, with how certain it is and what V8 reported', () => {
  expect(lineWords(time, exampleCauses)).toBe(
    [
      '+3.9 µs of +4.0 µs (97 ± 6%): delete last.previous; in diff: buildValues (values before).',
      'V8: `delete` turned the object into a dictionary. Set the property to undefined instead.',
    ].join('\n'),
  );
});

test('in a hover, a table', () => {
  const causes = [time, { ...time, file: null, line: null, column: null, text: '', reasons: [] }, collector];
  expect(causesTable({ causes, causesNote: 'The rest is nowhere.' }, link).text).toBe(
    [
      '| Cause &nbsp;|  &nbsp;| A call &nbsp;| Share &nbsp;|',
      '| :-- | :-- | --: | --: |',
      '| [src/diff\\.ts:120](command:0) &nbsp;| ` delete last.previous; ` &nbsp;| \\+3\\.9 µs &nbsp;| 97 ± 6% &nbsp;|',
      '| – &nbsp;| in diff: buildValues \\(values before\\) &nbsp;| \\+3\\.9 µs &nbsp;| 97 ± 6% &nbsp;|',
      '| [src/encode\\.ts:12](command:2) &nbsp;| allocates 8\\.9 KB a call, 5\\.0 KB before, in encode &nbsp;| \\+120 ns &nbsp;| 3 ± 2% &nbsp;|',
      '',
      'V8: `delete` turned the object into a dictionary\\. Set the property to undefined instead\\.',
      '',
      'The rest is nowhere\\.',
    ].join('\n'),
  );
});

test('in a hover, no more than a glance takes; without causes, what is known of that', () => {
  const many = causesTable({ causes: Array.from({ length: 8 }, () => collector) }, link).text;
  expect(many.split('\n')).toHaveLength(2 + 5 + 2);
  expect(many).toMatch(/\n\nand 3 more$/);
  expect(causesTable({ causes: [], causesNote: 'It waits.' }, link).text).toBe('It waits\\.');
  expect(causesTable({}, link).text).toBe('');
});

test('a missed target breaks nothing', () => {
  const missed = (level: 'target' | 'acceptable'): BudgetResult => {
    const [check] = fail.checks.filter(({ verdict }) => verdict === 'fail');
    return check === undefined ? pass : withCheck({ ...fail, verdict: 'warn' }, { ...check, level });
  };
  expect([fail, missed('acceptable'), missed('target'), pass].map(isBroken)).toEqual([true, true, false, false]);
});
