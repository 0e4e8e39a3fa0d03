import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  addToConfig,
  applied,
  loosenInComments,
  loosenInConfig,
  placesOf,
  waiveInConfig,
  type TextEdit,
} from '../../../src/core/assist/edit-config.js';
import { parseConfig } from '../../../src/core/config/config.js';
import { inlineBudgets } from '../../../src/core/config/inline.js';
import { defaultSettings } from '../../../src/core/config/settings.js';
import { commentsOf } from '../../../src/core/outline/index.js';

const file = '/w/perf-budget.jsonc';

const config = `{
  "benchmarks": [{ "files": "bench/*.bench.js" }], // all of them
  "budgets": {
    // Small ones are on every page.
    "sum": { "benchmark": "sum/small", "limit": ["time <= 2 ms", "p95  <=  3 ms",], }, // one line
    "large": {
      "benchmark": "sum/large", // the large one
      "target": ["time <= 1 ms"],
      "limit": [
        "time <= 2 ms", // users notice
      ] // the end
    },
    "bare": { "benchmark": "sum/bare" }
  },
}
`;

const edited = (text: string, edits: readonly TextEdit[] | null): string => applied(text, edits ?? []);

/** The lines that are new, and those that are gone. */
function changed(before: string, after: string): { readonly gone: readonly string[]; readonly new: readonly string[] } {
  const [old, now] = [before.split('\n'), after.split('\n')];
  return { gone: old.filter((line) => !now.includes(line)), new: now.filter((line) => !old.includes(line)) };
}

const valid = (text: string): string => {
  expect(parseConfig(file, text).problems).toEqual([]);
  return text;
};

describe('loosening in the file', () => {
  const limit = (from: string, to: string) => ({ level: 'limit' as const, from, to });

  it('replaces the checks, and nothing else', () => {
    const changes = [limit('p95 <= 3 ms', 'p95 <= 3.3 ms'), limit('time <= 2 ms', 'time <= 2.4 ms')];
    const { edits, found } = loosenInConfig(config, 'sum', changes, []);
    expect(found).toEqual(changes);
    expect(changed(config, valid(edited(config, edits)))).toEqual({
      gone: ['    "sum": { "benchmark": "sum/small", "limit": ["time <= 2 ms", "p95  <=  3 ms",], }, // one line'],
      new: ['    "sum": { "benchmark": "sum/small", "limit": ["time <= 2.4 ms", "p95 <= 3.3 ms",], }, // one line'],
    });
    const [first, second] = placesOf(edits);
    const text = edited(config, edits);
    expect([first, second].map((place) => text.slice(place?.start, place?.end))).toEqual([
      '"time <= 2.4 ms"',
      '"p95 <= 3.3 ms"',
    ]);
  });

  it('leaves alone a check of another level, of another budget, and one that has changed', () => {
    const changes = [
      { level: 'target' as const, from: 'time <= 2 ms', to: 'time <= 3 ms' },
      limit('time <= 1 ms', 'time <= 3 ms'),
    ];
    expect(loosenInConfig(config, 'large', changes, [])).toEqual({ edits: [], found: [] });
    expect(loosenInConfig(config, 'gone', changes, [])).toEqual({ edits: [], found: [] });
  });

  it.each([
    ['bare', ['    "bare": { "benchmark": "sum/bare", "limit": ["time <= baseline + 25%"] }']],
    ['large', ['        "time <= baseline + 25%",']],
    [
      'sum',
      [
        '    "sum": { "benchmark": "sum/small", "limit": ["time <= 2 ms", "p95  <=  3 ms", "time <= baseline + 25%",], }, // one line',
      ],
    ],
  ])('writes what is only implied into the limits of %s', (name, lines) => {
    const implied = 'time <= baseline + 10%';
    const { edits } = loosenInConfig(config, name, [limit(implied, 'time <= baseline + 25%')], [implied]);
    const after = valid(edited(config, edits));
    expect(changed(config, after).new).toEqual(lines);
    expect(after).toContain('"time <= 2 ms", // users notice');
    // The written one takes the place of the implied one.
    const budget = parseConfig(file, after).config?.budgets.find((one) => one.name === name);
    expect(budget?.checks.filter(({ bound }) => bound.kind === 'baseline').map(({ text }) => text)).toEqual([
      'time <= baseline + 25%',
    ]);
  });

  it('can be ticked in part in a refactor preview: whichever edits are made, the file is valid', () => {
    const implied = 'time <= baseline + 10%';
    const changes = [limit(implied, 'time <= baseline + 25%'), limit('time <= 2 ms', 'time <= 2.4 ms')];
    for (const eol of ['\n', '\r\n']) {
      const text = config.replace('"time <= 2 ms", // users', '"time <= 2 ms" // users').replaceAll('\n', eol);
      const { edits } = loosenInConfig(text, 'large', changes, [implied]);
      expect(edits).toHaveLength(2);
      for (const edit of edits) valid(edited(text, [edit]));
      expect(changed(text, valid(edited(text, edits))).new).toEqual([
        `        "time <= 2.4 ms", // users notice${eol.slice(0, -1)}`,
        `        "time <= baseline + 25%"${eol.slice(0, -1)}`,
      ]);
    }
  });

  it('writes down all that is implied, because one that is written ends the others', () => {
    const implied = ['time <= baseline + 10%', 'p95 <= baseline + 5%'];
    const changes = [limit('p95 <= baseline + 5%', 'p95 <= baseline + 7%')];
    const { edits } = loosenInConfig(config, 'bare', changes, implied);
    expect(changed(config, edited(config, edits)).new).toEqual([
      '    "bare": { "benchmark": "sum/bare", "limit": ["time <= baseline + 10%", "p95 <= baseline + 7%"] }',
    ]);
  });
});

describe('loosening in comments', () => {
  const source = `// @perf-budget sum/large: target time <= 1 ms, p95 <= 3 ms
export function sum() {}
/** @perf-budget sum/bare: */
`;
  const known = { defaults: defaultSettings, known: commentsOf(source, 'sum.ts') };

  it('replaces the check after its level', () => {
    const changes = [{ level: 'target' as const, from: 'time <= 1 ms', to: 'time <= 1.4 ms' }];
    const { edits } = loosenInComments(source, 'sum/large', changes, [], known);
    expect(changed(source, edited(source, edits)).new).toEqual([
      '// @perf-budget sum/large: target time <= 1.4 ms, p95 <= 3 ms',
    ]);
  });

  it.each([
    ['sum/large', '// @perf-budget sum/large: target time <= 1 ms, p95 <= 3 ms, time <= baseline + 25%'],
    ['sum/bare', '/** @perf-budget sum/bare: time <= baseline + 25% */'],
  ])('adds what is implied to %s', (name, line) => {
    const from = 'time <= baseline + 10%';
    const changes = [{ level: 'limit' as const, from, to: 'time <= baseline + 25%' }];
    const { edits } = loosenInComments(source, name, changes, [from], known);
    expect(changed(source, edited(source, edits)).new).toEqual([line]);
  });

  it('replaces the last check and adds what is implied in one edit', () => {
    const from = 'time <= baseline + 10%';
    const changes = [
      { level: 'limit' as const, from: 'p95 <= 3 ms', to: 'p95 <= 4 ms' },
      { level: 'limit' as const, from, to: 'time <= baseline + 25%' },
    ];
    const { edits, found } = loosenInComments(source, 'sum/large', changes, [from], known);
    expect(edits.map(({ text }) => text)).toEqual(['p95 <= 4 ms, time <= baseline + 25%']);
    expect(found).toEqual(changes);
    const after = edited(source, edits);
    const [own] = inlineBudgets('sum.ts', after, defaultSettings, commentsOf(after, 'sum.ts')).budgets;
    expect(own?.checks.map(({ level, text }) => [level, text])).toEqual([
      ['target', 'time <= 1 ms'],
      ['limit', 'p95 <= 4 ms'],
      ['limit', 'time <= baseline + 25%'],
    ]);
  });
});

describe('a waiver', () => {
  const waiver = { until: '2027-01-31', reason: 'the "new" parser\nlands' };
  const written = '"waived": { "until": "2027-01-31", "reason": "the \\"new\\" parser\\nlands" }';

  it.each([
    [
      'sum',
      [
        `    "sum": { "benchmark": "sum/small", "limit": ["time <= 2 ms", "p95  <=  3 ms",], ${written}, }, // one line`,
      ],
    ],
    ['large', ['      ], // the end', `      ${written}`]],
    ['bare', [`    "bare": { "benchmark": "sum/bare", ${written} }`]],
    [
      'in a comment',
      ['    "bare": { "benchmark": "sum/bare" },', `    "in a comment": { "benchmark": "sum/commented", ${written} }`],
    ],
  ])('of %s', (name, lines) => {
    const after = valid(edited(config, waiveInConfig(config, name, waiver, 'sum/commented')));
    expect(changed(config, after).new).toEqual(lines);
    expect(parseConfig(file, after).config?.budgets.find((one) => one.name === name)?.waived).toEqual(waiver);
    // In place of the one that is there now.
    const later = edited(after, waiveInConfig(after, name, { ...waiver, until: '2027-02-28' }, ''));
    expect(later).toBe(after.replace('01-31', '02-28'));
  });

  it('is not written into a file with a mistake', () => {
    expect(waiveInConfig(config.replace('"limit": [', '"limit" ['), 'bare', waiver, '')).toBeNull();
    expect(waiveInConfig('', 'bare', waiver, '')).toBeNull();
  });
});

describe('a new budget', () => {
  const budget = { name: 'new', benchmark: 'sum/new', code: null, seconds: null, candidates: [] };

  it.each([
    [config, ['    "bare": { "benchmark": "sum/bare" },', '    "new": { "benchmark": "sum/new" }']],
    [config.replace('"sum/bare" }', '"sum/bare" }, // more'), ['    "new": { "benchmark": "sum/new" },']],
    [
      '{ "benchmarks": [{ "files": "b" }], "budgets": {} }',
      ['{ "benchmarks": [{ "files": "b" }], "budgets": { "new": { "benchmark": "sum/new" } } }'],
    ],
    [
      '{ "benchmarks": [{ "files": "b" }] }',
      ['{ "benchmarks": [{ "files": "b" }], "budgets": { "new": { "benchmark": "sum/new" } } }'],
    ],
    ['{\n\t"benchmarks": [{ "files": "b" }],\n\t"budgets": {\n\t},\n}', ['\t\t"new": { "benchmark": "sum/new" },']],
    [
      '{\r\n  "benchmarks": [{ "files": "b" }],\r\n  "budgets": {\r\n    "a": { "benchmark": "a" }\r\n  }\r\n}',
      ['    "a": { "benchmark": "a" },\r', '    "new": { "benchmark": "sum/new" }\r'],
    ],
  ])('stands last in %j', (text, lines) => {
    const after = valid(edited(text, addToConfig(text, budget, [], [])));
    expect(changed(text, after).new).toEqual(lines);
  });

  it('has its limits, on lines of their own if one is not enough, and a name of its own', () => {
    const long = { ...budget, name: 'sum', benchmark: `${'a long name of a suite/'.repeat(3)}case` };
    const edits = addToConfig(config, long, ['time <= 2.1 ms'], ['sum 2']);
    expect(changed(config, valid(edited(config, edits))).new).toEqual([
      '    "bare": { "benchmark": "sum/bare" },',
      '    "sum 3": {',
      `      "benchmark": ${JSON.stringify(long.benchmark)},`,
      '      "limit": ["time <= 2.1 ms"],',
      '    }',
    ]);
  });
});

test('whatever a file looks like, an edit keeps all else of it', () => {
  const layout = fc.record({
    names: fc.uniqueArray(
      fc.string({ minLength: 1, maxLength: 8 }).filter((name) => name.trim() !== ''),
      {
        minLength: 1,
        maxLength: 4,
      },
    ),
    eol: fc.constantFrom('\n', '\r\n'),
    indent: fc.constantFrom('  ', '\t', '    '),
    isTrailing: fc.boolean(),
    isOneLine: fc.boolean(),
    comment: fc.constantFrom('', ' // why, indeed', ' /* a, b */'),
  });
  fc.assert(
    fc.property(layout, ({ names, eol, indent, isTrailing, isOneLine, comment }) => {
      const line = isOneLine ? ' ' : eol;
      const space = isOneLine ? '' : indent.repeat(2);
      const note = isOneLine ? comment.replace(/ \/\/.*/, '') : comment;
      const comma = (index: number): string => (isTrailing || index < names.length - 1 ? ',' : '');
      const entries = names.map((name, index) => {
        return `${space}${JSON.stringify(name)}: { "benchmark": ${JSON.stringify(`s/${name}`)} }${comma(index)}${note}`;
      });
      const text = `{ "benchmarks": [{ "files": "b" }],${line}"budgets": {${line}${entries.join(line)}${line}} }`;
      const before = parseConfig(file, text);
      fc.pre(before.problems.length === 0);
      const budget = { name: 'new', benchmark: 's/new', code: null, seconds: null, candidates: [] };
      const after = edited(text, addToConfig(text, budget, ['time <= 2 ms'], []));
      const parsed = parseConfig(file, after);
      expect(parsed.problems).toEqual([]);
      expect(parsed.config?.budgets.map(({ name }) => name).slice(0, -1)).toEqual(names);
      // All that was there is there, in its order.
      let at = 0;
      for (const character of text) {
        at = after.indexOf(character, at) + 1;
        expect(at).toBeGreaterThan(0);
      }
      const waived = edited(text, waiveInConfig(text, names[0] ?? '', { until: '2027-01-31', reason: 'x' }, ''));
      expect(parseConfig(file, waived).problems).toEqual([]);
    }),
    { numRuns: 500 },
  );
});
