import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCheck } from '../../../src/core/language/check.js';
import type { Completion } from '../../../src/core/assist/complete-check.js';
import { codeAt, completeComment, completeConfig } from '../../../src/core/assist/completion.js';

const names = {
  benchmarks: ['parser/small', 'parser/large', 'index/100', 'index/1,000', "it's"],
  budgets: ['parse', 'cold start'],
};

/** What every proposal makes of the text, which has its cursor at `|`. */
function completed(complete: typeof completeConfig, marked: string): string[] {
  const offset = marked.indexOf('|');
  const text = marked.replace('|', '');
  return complete(text, offset, names).map(
    ({ insert, range }) => text.slice(0, range.start) + insert + text.slice(range.end),
  );
}

const before = '{ "budgets": { "parse": { "benchmark": "';
const inCheck = (check: string, benchmark = 'parser/large'): string[] => {
  const start = `${before}${benchmark}", "work": "12 lines", "limit": ["`;
  const end = '"] } } } // ';
  return completed(completeConfig, start + check + end).map((text) =>
    text.startsWith(start) && text.endsWith(end) ? text.slice(start.length, -end.length) : text,
  );
};

describe('in a check', () => {
  it.each([
    ['|', ['time', 'mean', 'p95', 'retained'], ['value']],
    ['  p|', ['  p95', '  p99.9'], []],
    ['p|95 <= 3 ms', ['time <= 3 ms', 'p50 <= 3 ms'], []],
    ['p95 |', ['p95 <=', 'p95 <', 'p95 >=', 'p95 >'], ['p95 =']],
    ['errors |', ['errors =', 'errors <='], []],
    ['lost messages |', ['lost messages =', 'lost messages <='], []],
    ['p95 <|', ['p95 <=', 'p95 < baseline', "p95 < 'cold start'"], []],
    [
      'p95 <= |',
      ['p95 <= baseline', 'p95 <= baseline + 10%', "p95 <= 'parser/small'", "p95 <= 'it''s'"],
      ["p95 <= 'parse'", "p95 <= 'parser/large'", 'p95 <= O(n)'],
    ],
    ['throughput >= b|', ['throughput >= baseline', 'throughput >= baseline - 10%'], []],
    [
      'p95 <= baseline |',
      ['p95 <= baseline + 10%', 'p95 <= baseline - 10%', 'p95 <= baseline * 2', 'p95 <= baseline / 2'],
      [],
    ],
    ['p95 <= baseline|', ['p95 <= baseline', 'p95 <= baseline + 10%'], []],
    ['p95 <= baseline + 10|', ['p95 <= baseline + 10%'], []],
    ["time <= 'par|", ["time <= 'parser/small'", "time <= 'cold start'"], ["time <= 'parse'"]],
    ["time <= 'par|' / 5", ["time <= 'parser/small' / 5"], []],
    ["time <= 'it''s' |", ["time <= 'it''s' * 2", "time <= 'it''s' / 2"], []],
    ['time <= \\"par|\\"', ['time <= \\"parser/small\\"'], []],
    ['p95 <= 10 |', ['p95 <= 10 ns', 'p95 <= 10 ms', 'p95 <= 10 h'], ['p95 <= 10 MB', 'p95 <= 10 %']],
    ['p95 <= 10|', ['p95 <= 10 ms'], []],
    ['p95 <= 1.5m|', ['p95 <= 1.5 ms'], []],
    ['p95 <= 1.5 |xs', ['p95 <= 1.5 ms'], []],
    ['rss <= 10 M|', ['rss <= 10 MB', 'rss <= 10 MiB'], ['rss <= 10 ms']],
    ['throughput >= 10,000 |', ['throughput >= 10,000 lines/s', 'throughput >= 10,000 ops/s'], []],
    ['throughput >= 10 li|nes/s', ['throughput >= 10 lines/s'], []],
    ['errors <= 1 |', ['errors <= 1 %'], ['errors <= 1 ms']],
    ['frames <= 3 |', ['frames <= 3 ms', 'frames <= 3 MB', 'frames <= 3 %'], []],
  ])('%s', (check, some, none) => {
    const all = inCheck(check);
    expect(all).toEqual(expect.arrayContaining(some));
    for (const text of none) expect(all).not.toContain(text);
    // Each is there once, and nothing around the check was touched.
    expect(new Set(all).size).toBe(all.length);
    expect(all.every((text) => !text.includes('budgets'))).toBe(true);
  });

  it('offers growth over a placeholder alone', () => {
    expect(inCheck('rss <= O|', 'index/{n}')).toEqual(expect.arrayContaining(['rss <= O(n)', 'rss <= O(n log n)']));
    expect(inCheck('rss <= O(n l|)', 'index/{n}')).toEqual([
      'rss <= O(1)',
      'rss <= O(log n)',
      'rss <= O(n)',
      'rss <= O(n log n)',
      'rss <= O(n^2)',
    ]);
    expect(inCheck('throughput >= |', 'index/{n}').join()).not.toContain('O(');
  });

  it('knows sums and figures recorded by hand', () => {
    const offered = (subject: string, check: string) =>
      completed(completeConfig, `{ "budgets": { "a": { ${subject}, "limit": ["${check}"] } } }`).map(
        (text) => /"limit": \["(.*)"\]/.exec(text)?.[1],
      );
    expect(offered('"sum": ["a", "b"]', '|')).toEqual([
      'time',
      'mean',
      'cpu',
      'allocated',
      'retained',
      'heap',
      'rss',
      'errors',
      'crashes',
    ]);
    expect(offered('"manual": "%/h"', '|')).toEqual(['value']);
    expect(offered('"manual": "%/h"', 'value <= 1 |')).toEqual(['value <= 1 %/h']);
  });

  it('completes what has no end yet', () => {
    expect(completed(completeConfig, `${before}parser/large", "limit": ["p95 <= 10 |\n] } } }`)).toContain(
      `${before}parser/large", "limit": ["p95 <= 10 ms\n] } } }`,
    );
  });
});

describe('the names of benchmarks', () => {
  it('are offered for `benchmark`, with the families that their sizes make', () => {
    const at = (value: string) =>
      completed(completeConfig, `${before}${value}" } } }`).map((text) => text.slice(before.length, -7));
    const all = ['index/{n}', 'parser/small', 'parser/large', 'index/100', 'index/1,000', "it's"];
    expect(at('|')).toEqual(all);
    expect(at('pars|er/x')).toEqual(all);
  });

  it('are offered for `sum`, with the budgets but for the one itself', () => {
    const text = '{ "budgets": { "parse": { "sum": ["x", "|"] } } }';
    expect(completed(completeConfig, text).map((one) => /\["x", "(.*)"\]/.exec(one)?.[1])).toEqual([
      ...names.benchmarks,
      'cold start',
    ]);
  });

  it.each([
    '{ "budgets": { "parse": { "be|": "" } } }',
    '{ "budgets": { "parse": { "benchmark": | } } }',
    '{ "budgets": { "parse": { "benchmark": "a"| } } }',
    '{ "budgets": { "parse": { "work": "|" } } }',
    '{ "benchmarks": [{ "files": "|" }] }',
    '{ "defaults": { "limit": ["|"] } }',
    '|',
    '',
  ])('are not offered at %s', (text) => {
    expect(completed(completeConfig, text)).toEqual([]);
  });
});

it('tells the code that is written', () => {
  const text = '{ "budgets": { "a": { "code": "src/a.ts#x" } } }';
  expect(codeAt(text, text.indexOf('#'))).toEqual({ text: 'src/a.ts#x', range: { start: 31, end: 41 } });
  expect(codeAt(text, 3)).toBe(null);
});

describe('in a comment', () => {
  it.each([
    ['// @perf|', ['// @perf-budget '], []],
    ['  * @|', ['  * @perf-budget '], []],
    ['// @perf-budget |', ['// @perf-budget parser/small: ', '// @perf-budget index/{n}: '], []],
    ['# @perf-budget pars|', ['# @perf-budget parser/small: '], []],
    ['// @perf-budget pars|: p95 <= 1 ms', ['// @perf-budget parser/small: p95 <= 1 ms'], []],
    ['/** @perf-budget a: | */', ['/** @perf-budget a: time */', '/** @perf-budget a: target  */'], []],
    ['-- @perf-budget a: target |', ['-- @perf-budget a: target time'], ['-- @perf-budget a: target limit ']],
    ['// @perf-budget a: p95 <= 1 |', ['// @perf-budget a: p95 <= 1 ms'], []],
    ['// @perf-budget a: x <= 1,000 |, time <= 2 s', ['// @perf-budget a: x <= 1,000 ms, time <= 2 s'], []],
    [
      "// @perf-budget a: time <= 'b, c', acceptable p95 |",
      ["// @perf-budget a: time <= 'b, c', acceptable p95 <="],
      [],
    ],
    [
      "// @perf-budget parse: time <= '|",
      ["// @perf-budget parse: time <= 'cold start'"],
      ["// @perf-budget parse: time <= 'parse'"],
    ],
  ])('%s', (line, some, none) => {
    const all = completed(completeComment, `const a = 1;\n${line}\nfoo();`).map((text) => text.slice(13, -7));
    expect(all).toEqual(expect.arrayContaining(some));
    for (const text of none) expect(all).not.toContain(text);
  });

  it.each(['const a = "x@|";', '@perf|', 'foo(); // see @someone |', '// p95 <= |', '// @perf-budgets |', '|'])(
    'not in %s',
    (line) => {
      expect(completed(completeComment, `a();\n${line}`)).toEqual([]);
    },
  );
});

describe('whatever stands there', () => {
  const pieces = fc.constantFrom(
    'p95',
    'time',
    ' ',
    '<=',
    '=',
    "'",
    '\\"',
    'baseline',
    '+',
    '10',
    '%',
    'ms',
    'O(',
    'n',
    ')',
    ',',
    ':',
    '\\',
    '@perf-budget',
    '//',
    '\n',
    '"',
    '{',
    '}',
    '[',
    ']',
    '🚀',
  );
  const isFine = (text: string, offset: number, items: readonly Completion[]): boolean =>
    items.every(({ range: { start, end }, label, insert }) => {
      const isAround = 0 <= start && start <= offset && offset <= end && end <= text.length;
      return isAround && !text.slice(start, end).includes('\n') && label !== '' && insert !== '';
    });

  it('ranges are around the cursor and within a line', () => {
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 14 }), fc.nat(), (parts, at) => {
        const check = parts.join('');
        const config = `${before}parser/large", "limit": ["${check}"] } } }`;
        const start = config.indexOf('["') + 2;
        const inConfig = start + (at % (check.length + 1));
        expect(isFine(config, inConfig, completeConfig(config, inConfig, names))).toBe(true);
        const comment = `// @perf-budget a: ${check}`;
        const inComment = at % (comment.length + 1);
        expect(isFine(comment, inComment, completeComment(comment, inComment, names))).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['a name without an end, behind a space', " <='{O( ", 8],
    ['a backslash at the end of a line', '<=\\"\\\n', 6],
  ])('ranges are so in %s', (_, check, at) => {
    const config = `${before}parser/large", "limit": ["${check}"] } } }`;
    const start = config.indexOf('["') + 2;
    expect(isFine(config, start + at, completeConfig(config, start + at, names))).toBe(true);
  });

  it('whoever only takes what is offered, or types a number, writes a check', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 8, maxLength: 8 }), (choices) => {
        let check = '';
        for (const choice of choices) {
          if (parseCheck(check).ok) return;
          const typed = /[<>=]\s*$/.test(check) && choice % 2 === 0 ? `${check.trimEnd()} 10` : `${check} `;
          const start = `${before}index/{n}", "limit": ["`;
          const text = `${start}${typed.trimStart()}"] } } }`;
          const at = start.length + typed.trimStart().length;
          const items = completeConfig(text, at, names);
          const item = items[choice % Math.max(1, items.length)];
          if (item === undefined) {
            check = typed;
            continue;
          }
          const whole = text.slice(0, item.range.start) + item.insert + text.slice(item.range.end);
          check = String(JSON.parse(`"${whole.slice(start.length, -'"] } } }'.length)}"`));
        }
        const parsed = parseCheck(check);
        // What fits no metric of this direction is told by the parser, and is no fault of its spelling.
        if (!parsed.ok)
          expect(parsed.error.message).toMatch(
            /is better|upper bound|does not grow|has no unit|no measurement equals|is never measured/,
          );
      }),
      { numRuns: 2_000 },
    );
  });
});
