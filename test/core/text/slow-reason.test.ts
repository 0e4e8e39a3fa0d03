import { expect, test } from 'vitest';
import { slowReasonWords } from '../../../src/core/text/slow-reason.js';

const deopt = (reason: string): string => slowReasonWords({ kind: 'deoptimized', reason, times: 37, ms: 300.4 });

test('a deoptimization is told with its reason and the usual remedy', () => {
  expect(deopt('wrong map')).toBe(
    'V8 gave up optimized code here 37 times in 300 ms: wrong map. Objects of several shapes come here: give them the same properties in the same order.',
  );
  expect(deopt('Insufficient type feedback for call')).toBe(
    'V8 gave up optimized code here 37 times in 300 ms: Insufficient type feedback for call. Code came here that had not run before: keep rare cases in a function of their own.',
  );
  expect(deopt('out of bounds')).toContain('stay within the length of the array');
  expect(deopt('not a Smi')).toContain('keep to one kind of number');
  expect(deopt('lost precision or NaN')).toContain('keep to one kind of number');
  expect(deopt('not a Number or Oddball')).toContain('use a function for each type');
  expect(deopt('not a String')).toContain('Values of several types come here');
  expect(deopt('wrong call target')).toContain('create functions once');
  expect(deopt('wrong enum indices')).toContain('Call it with values of the same types each time.');
  expect(deopt('dependent prototype chain changed')).toBe(
    'V8 gave up the optimized code of this function 37 times in 300 ms, because a prototype changed. Change prototypes, classes and globals only while the program starts.',
  );
  expect(deopt('code dependencies')).toContain('because something that it relied on changed.');
  expect(deopt('dependent no undetectable objects protector changed')).toContain(
    'because no undetectable objects protector changed.',
  );
});

test('each way to become megamorphic has its remedy', () => {
  const shapes = { kind: 'megamorphic', of: 'shapes' } as const;
  const words = [
    slowReasonWords({ ...shapes, access: 'written', property: 'kind' }),
    slowReasonWords({ ...shapes, access: 'read', property: '[Symbol.iterator]' }),
    slowReasonWords({ ...shapes, access: 'read', property: null }),
    slowReasonWords({ ...shapes, of: 'names', access: 'read', property: null }),
  ];
  expect(words).toEqual([
    '`kind` is written here to objects of more than four shapes, so V8 looks it up each time. Give them the same properties in the same order, or use a function for each shape.',
    'More than four kinds of objects are iterated here, so V8 looks up each time how. Iterate over arrays only, or use a loop for each kind.',
    'Arrays of more than four kinds come here, so V8 decides each time how an element is read. Use arrays of one kind of element, without holes.',
    'Properties of more than one name are read here with brackets, so V8 looks each one up. Use a Map if the names are data.',
  ]);
});

test('dictionaries and functions that stay slow are told with V8’s own reason', () => {
  expect(slowReasonWords({ kind: 'dictionary', reason: 'TooManyFastProperties' })).toContain('Use a Map');
  expect(slowReasonWords({ kind: 'dictionary', reason: 'FreezeOrSeal' })).toContain('(V8: FreezeOrSeal)');
  expect(slowReasonWords({ kind: 'not optimized', reason: 'Function is too big', bytes: 9 })).toBe(
    'V8 never optimizes this function: Function is too big. Split it into smaller functions.',
  );
  expect(slowReasonWords({ kind: 'not optimized', reason: null, bytes: 143_199 })).toBe(
    'V8 never optimizes this function, because it is too long: 140 KiB of bytecode, and 60 KiB are the most. Split it into smaller functions.',
  );
});
