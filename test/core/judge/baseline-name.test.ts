import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fileNameOf, isBaselineName } from '../../../src/core/judge/baseline.js';
import { longestName, refusedName } from '../../../src/core/judge/baseline-name.js';
import { nameRefusal } from '../../../src/core/text/baseline-name.js';

const why = (name: string, others: readonly string[] = []): string | null => {
  const refusal = refusedName(name, others);
  return refusal && nameRefusal(name, refusal);
};

describe('the name of a new baseline', () => {
  test('may be what people call a release', () => {
    const good = [
      'v3.0.0',
      'release/2',
      'before the rewrite',
      '2026-11-21',
      'Über',
      'console',
      'common',
      'headless',
      'x'.repeat(80),
    ];
    expect(good.filter((name) => refusedName(name, ['v1']) !== null)).toEqual([]);
  });

  test.each([
    ['', 'A baseline needs a name, such as v3.0.0.'],
    ['  ', 'A baseline needs a name, such as v3.0.0.'],
    ['x'.repeat(93), 'A baseline’s name has at most 80 characters; this one has 93.'],
    ['a\nb', 'A baseline’s name cannot contain characters that cannot be seen.'],
    ['v1\u202e', 'A baseline’s name cannot contain characters that cannot be seen.'],
    ['what?', 'A baseline’s name cannot contain ?, which file names or Git do not allow.'],
    ['HEAD~1', 'A baseline’s name cannot contain ~, which file names or Git do not allow.'],
    ['main..', 'A baseline’s name cannot contain .., which file names or Git do not allow.'],
    ['-v', 'A baseline’s name cannot begin with -.'],
    [' v', 'A baseline’s name cannot begin with a space.'],
    ['v.', 'A baseline’s name cannot end with ..'],
    ['v.lock', 'A baseline’s name cannot end with .lock.'],
    ['auto', 'A baseline cannot be named auto, which means the current baseline.'],
    ['None', 'A baseline cannot be named none, which means no captured baseline.'],
    ['HEAD', 'A baseline cannot be named HEAD, because that is the last commit in Git. Choose a name such as v3.0.0.'],
    ['head', 'A baseline cannot be named head, because that is the last commit in Git. Choose a name such as v3.0.0.'],
    [
      'FETCH_HEAD',
      'A baseline cannot be named FETCH_HEAD, because that is a commit in Git. Choose a name such as v3.0.0.',
    ],
    ['con', 'A baseline cannot be named con, because Windows reserves that name for a device.'],
    ['LPT1.txt', 'A baseline cannot be named LPT1.txt, because Windows reserves that name for a device.'],
    ['V1', 'There is a baseline v1, and Windows and macOS take V1 for the same name.'],
  ])('is not %j', (name, sentence) => {
    expect(why(name, ['v1'])).toBe(sentence);
  });

  test('that is accepted can be read again, is a file everywhere, and differs from the others wherever case is ignored', () => {
    const name = fc.string({ unit: 'grapheme', maxLength: 100 });
    fc.assert(
      fc.property(name, fc.array(name, { maxLength: 4 }), (one, others) => {
        if (refusedName(one, others) !== null) return;
        expect(isBaselineName(one)).toBe(true);
        expect(one.length).toBeLessThanOrEqual(longestName);
        expect(new TextEncoder().encode(fileNameOf(one)).length).toBeLessThan(255);
        expect(others.some((other) => other !== one && other.toLowerCase() === one.toLowerCase())).toBe(false);
      }),
    );
  });

  test('is refused whatever has a meaning for git or Windows in it', () => {
    const parts = fc.constantFrom('..', '@{', '~', '^', ':', '?', '*', '[', '\\', '<', '"', '|', '\u0000', '\n');
    fc.assert(
      fc.property(fc.string({ maxLength: 20 }), parts, fc.string({ maxLength: 20 }), (before, part, after) => {
        expect(refusedName(before + part + after, [])).not.toBe(null);
      }),
    );
  });
});
