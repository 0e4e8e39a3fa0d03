import { expect, test } from 'vitest';
import { insertionOf, writtenColumn } from '../../../src/engine/bundle/columns.js';

test.each([
  ["'use strict'; first(); second();", "'use strict';const a = 1; first(); second();", 'second', 23],
  // What is inserted begins as what follows.
  ['const x = 1, second = 2;', 'const a = 1;const x = 1, second = 2;', 'const x', 0],
  ['one;\ntwo; second();', 'one;\nconst a = 1;two; second();', 'second', 5],
  ['#!/usr/bin/env node\nsecond();', '#!/usr/bin/env node\nconst a;second();', 'second', 0],
])('a column behind what was inserted into %j', (text, changed, word, column) => {
  const insertion = insertionOf(text, changed);
  const at = changed.indexOf(word);
  const line = changed.slice(0, at).split('\n').length - 1;
  const read = at - (changed.lastIndexOf('\n', at) + 1);
  expect(writtenColumn(insertion === null ? [] : [insertion], line, read)).toBe(column);
});

test('several on one line, and none on another', () => {
  const insertions = [
    { line: 0, column: 20, length: 5 },
    { line: 0, column: 4, length: 10 },
  ];
  const columns = [0, 3, 4, 13, 14, 19, 20, 24, 25, 30].map((column) => writtenColumn(insertions, 0, column));
  expect(columns).toEqual([0, 3, 4, 4, 4, 9, 10, 10, 10, 15]);
  expect(writtenColumn(insertions, 1, 30)).toBe(30);
  expect(insertionOf('same', 'same')).toBeNull();
});
