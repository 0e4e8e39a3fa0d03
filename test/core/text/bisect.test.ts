import { describe, expect, test } from 'vitest';
import type { Bisection, FoundCommit } from '../../../src/core/results/bisection.js';
import { bisectMessage, bisectReport } from '../../../src/core/text/bisect.js';
import { exampleCauses } from '../results/example-causes.js';

const exact = { ratio: 1, low: 1, high: 1 };
const about = (ratio: number) => ({ ratio, low: ratio - 0.03, high: ratio + 0.03 });

const id = (digit: string): string => digit.repeat(40);

const slower: FoundCommit = {
  ...{ commit: id('a'), author: 'Ada Lovelace', date: '2026-11-02T10:11:12+01:00', subject: 'Validate every token' },
  ...{ before: exact, after: about(1.14), step: about(1.14), parent: id('9') },
};

const faster: FoundCommit = {
  ...{ commit: id('d'), author: 'Grace Hopper', date: '2026-11-09T10:11:12+01:00', subject: 'Validate in one pass' },
  ...{ before: about(1.14), after: about(1.08), step: about(0.95), parent: id('c') },
};

function found(rest: Partial<Omit<Bisection, 'message'>> = {}): Bisection {
  const whole: Omit<Bisection, 'message'> = {
    ...{ budget: 'parse', benchmark: 'parser/large', metric: 'time', outcome: 'found', total: 112 },
    good: { name: 'v1.0', commit: id('1') },
    bad: { name: 'HEAD', commit: id('e'), ...about(1.08) },
    commits: [slower, faster],
    tested: [{ commit: id('a'), verdict: 'slower', ...about(1.14) }],
    ...{ skipped: [], notes: [], ...rest },
  };
  return { ...whole, message: bisectMessage(whole) };
}

describe('the report', () => {
  test('has each commit with its figures and causes, and ends with a sentence', () => {
    const skipped = [{ commit: id('b'), why: 'it does not build' }];
    const report = bisectReport(
      found({
        commits: [{ ...slower, causes: exampleCauses, causesNote: 'It waits.' }, faster],
        skipped,
        notes: ['So.'],
      }),
    );
    expect(report).toMatchInlineSnapshot(`
      {
        "commits": [
          {
            "lines": [
              "14% slower than 9999999 (+11 to +17%); beside v1.0: the same code before, +14% (+11 to +17%) after",
              "src/diff.ts:120  delete last.previous;  +3.9 µs, 97%",
              "src/encode.ts:12  garbage collection  +120 ns, 3%",
              "It waits.",
            ],
            "title": "aaaaaaa  2026-11-02  Ada Lovelace  Validate every token",
          },
          {
            "lines": [
              "5% faster than ccccccc (−8 to −2%); beside v1.0: +14% (+11 to +17%) before, +8% (+5 to +11%) after",
            ],
            "title": "ddddddd  2026-11-09  Grace Hopper  Validate in one pass",
          },
        ],
        "message": "parse is 8% slower at HEAD than at v1.0 (+5 to +11%): aaaaaaa made it 14% slower, ddddddd made it 5% faster.",
        "rest": [
          "112 commits, 1 of them compared and 1 skipped.",
          "bbbbbbb was skipped: it does not build.",
          "So.",
        ],
      }
    `);
  });

  test('says where it is not certain, and how to look into a merge', () => {
    const open = { ...slower, among: [id('8'), id('9'), id('a')] };
    const lines = (commit: FoundCommit, budget = 'parse') =>
      bisectReport(found({ budget, commits: [commit] })).commits[0]?.lines;
    expect(lines(open)?.at(-1)).toBe(
      'It may as well be 8888888 or 9999999, which cannot run or differ by too little to tell.',
    );
    expect(lines({ ...open, among: [id('9'), id('a')] })?.at(-1)).toBe(
      'It may as well be 9999999, which cannot run or differs by too little to tell.',
    );
    expect(lines({ ...slower, isMerge: true }, 'a "b"')?.at(-1)).toBe(
      String.raw`It is a merge. To search what it merged: perf-budget bisect "a \"b\"" --good 9999999 --bad aaaaaaa^2`,
    );
    expect(bisectReport(found({ outcome: 'undecided', commits: [open] })).message).toBe(
      'parse is 8% slower at HEAD than at v1.0 (+5 to +11%): one of 3 commits up to aaaaaaa made it 14% slower.',
    );
  });

  test('lists only the first of many skipped commits', () => {
    const skipped = Array.from({ length: 9 }, () => ({ commit: id('b'), why: 'it does not build' }));
    expect(bisectReport(found({ skipped })).rest.slice(-2)).toEqual([
      'bbbbbbb was skipped: it does not build.',
      '3 more were skipped; --json has them.',
    ]);
  });
});

test.each([
  ['no difference', exact, 'parse runs the same code at HEAD as at v1.0, so there is nothing to find.'],
  [
    'no difference',
    about(1.01),
    'parse is not slower at HEAD than at v1.0: +1% (−2 to +4%). There is nothing to find.',
  ],
  ['faster', about(0.8), 'parse is 20% faster at HEAD than at v1.0 (−23 to −17%), so there is nothing to find.'],
  [
    'undecided',
    about(1.02),
    'Whether parse is slower at HEAD than at v1.0 could not be decided: +2 ± 3%. More time may help, such as --time 10s.',
  ],
] as const)('%s is told with the figures', (outcome, ratio, message) => {
  expect(found({ outcome, commits: [], bad: { name: 'HEAD', commit: id('e'), ...ratio } }).message).toBe(message);
});

test('memory has words of its own', () => {
  const bad = { name: 'HEAD', commit: id('e'), ...about(2) };
  const commits = [{ ...slower, step: about(2) }];
  expect(found({ metric: 'retained', bad, commits }).message).toBe(
    'parse has 100% more retained at HEAD than at v1.0 (+97 to +103%): aaaaaaa gave it 100% more retained.',
  );
});
