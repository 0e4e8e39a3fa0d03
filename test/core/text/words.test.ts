import { expect, test } from 'vitest';
import { ago, commitName, cutName } from '../../../src/core/text/words.js';

test('how long ago a run was', () => {
  const now = Date.UTC(2026, 10, 21, 12);
  const minute = 60_000;
  expect(
    [0, 59 * minute, 60 * minute, 47 * 60 * minute, 49 * 60 * minute, 40 * 24 * 60 * minute].map((before) =>
      ago(now - before, now),
    ),
  ).toEqual(['just now', '59 min ago', '1 h ago', '47 h ago', '2 d ago', '2026-10-12']);
});

test('how a commit is called', () => {
  expect([commitName('1a2b3c4d5e6f', false), commitName('1a2b3c4d5e6f', true), commitName(null, true)]).toEqual([
    '1a2b3c4',
    '1a2b3c4 + changes',
    '–',
  ]);
});

test('a long name leaves room for what is beside it', () => {
  expect(cutName('registry lookup')).toBe('registry lookup');
  expect(cutName('a'.repeat(40))).toBe('a'.repeat(40));
  expect(cutName(`${'a'.repeat(38)} ${'b'.repeat(300)}`)).toBe(`${'a'.repeat(38)}…`);
  // A letter outside of the first plane is one letter.
  expect(cutName('𝛂'.repeat(41))).toBe(`${'𝛂'.repeat(39)}…`);
});
