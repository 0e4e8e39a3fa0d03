import { afterEach, expect, test } from 'vitest';
import { furtherProblems } from '../../../../src/core/formats/reporters/document.js';
import { useTable } from '../../../../src/core/text/table.js';
import { example } from './example.js';

afterEach(() => useTable(undefined));

// Only the editor's coding agents see it in another language.
test.each([
  ['There is no benchmark "{0}"', undefined],
  ['Es gibt keinen Benchmark „{0}“', { 'There is no benchmark "{0}"': 'Es gibt keinen Benchmark „{0}“' }],
])('a benchmark that is missing is said once: %s', (words, table) => {
  useTable(table);
  const [budget] = example.budgets;
  if (budget === undefined) throw new Error('There is no budget.');
  const entry = { ...budget, verdict: 'error' as const, benchmark: 'a "b"', message: 'It is only at HEAD.' };
  const problem = (name: string) => ({ file: 'a', line: 1, column: 1, message: `${words.replace('{0}', name)}.` });
  const document = { ...example, budgets: [entry], problems: [problem('a "b"'), problem('c')] };
  expect(furtherProblems(document)).toEqual([problem('c')]);
});
