import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv } from 'ajv';
import { parse, type ParseError } from 'jsonc-parser';
import { describe, expect, it } from 'vitest';
import schema from '../../../media/perf-budget.schema.json' with { type: 'json' };
import manifest from '../../../package.json' with { type: 'json' };
import { defaultSettings, keys, parseConfig } from '../../../src/core/config/config.js';
import { readerNames } from '../../../src/core/language/reader-names.js';

const root = path.resolve(import.meta.dirname, '../../..');
// A `required` inside `oneOf` is about the properties beside it.
const ajv = new Ajv({ allErrors: true, strict: true, strictRequired: false });
// What VS Code reads beyond the standard.
for (const keyword of [
  'allowComments',
  'allowTrailingCommas',
  'markdownDescription',
  'defaultSnippets',
  'patternErrorMessage',
]) {
  ajv.addKeyword(keyword);
}
const validate = ajv.compile(schema);

function errors(value: unknown): readonly string[] {
  return validate(value)
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${String(message)}`);
}

const read = (text: string): unknown => parse(text, [] satisfies ParseError[], { allowTrailingComma: true });

it('is contributed for perf-budget.jsonc', () => {
  expect(manifest.contributes.jsonValidation).toEqual([
    { fileMatch: 'perf-budget.jsonc', url: './media/perf-budget.schema.json' },
  ]);
});

it('has the keys that the reader has, and no others', () => {
  const { definitions } = schema;
  const sorted = (object: object): readonly string[] => Object.keys(object).sort();
  expect({
    file: sorted(schema.properties),
    benchmarks: sorted(definitions.benchmarks.properties),
    budget: sorted(definitions.budget.properties),
    defaults: sorted(definitions.defaults.properties),
    capture: sorted(definitions.capture.properties),
    waived: sorted(definitions.waived.properties),
    regression: sorted(definitions.regression.properties),
  }).toEqual(Object.fromEntries(Object.entries(keys).map(([kind, names]) => [kind, [...names].sort()])));
  expect(sorted(definitions.steps.properties)).toEqual(
    sorted(definitions.regression.properties).filter((key) => key !== 'metrics'),
  );
});

it('has the formats that the readers have', () => {
  expect(schema.definitions.benchmarks.properties.reads.enum).toEqual(readerNames);
});

it('has the defaults that the reader has', () => {
  const { regression, tolerance, time, baseline, isolation, answers, ignore } = schema.definitions.defaults.properties;
  const written = {
    regression: regression.default,
    tolerance: tolerance.default,
    time: time.default,
    baseline: baseline.default,
    isolation: isolation.default,
    answers: answers.default,
    ignore: ignore.default,
  };
  const text = JSON.stringify({ benchmarks: [{ files: 'a' }], budgets: { a: { benchmark: 'b' } }, defaults: written });
  const { config, problems } = parseConfig('/w/perf-budget.jsonc', text);
  expect([config?.defaults, problems]).toEqual([defaultSettings, []]);
});

it('explains every key', () => {
  const unexplained: string[] = [];
  const visit = (at: string, value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if ('properties' in value && typeof value.properties === 'object') {
      for (const [key, property] of Object.entries(value.properties ?? {})) {
        const explained =
          typeof property === 'object' && property !== null && ('description' in property || '$ref' in property);
        if (!explained) unexplained.push(`${at}/${key}`);
      }
    }
    for (const [key, child] of Object.entries(value)) visit(`${at}/${key}`, child);
  };
  visit('', schema);
  expect(unexplained).toEqual([]);
});

it('has examples that the reader reads', () => {
  // A single check has none: the editor's own completion would stand beside the same words.
  const { target, acceptable, limit } = schema.definitions.budget.properties;
  const all = [...target.examples.flat(), ...acceptable.examples.flat(), ...limit.examples.flat()];
  const text = JSON.stringify({
    benchmarks: schema.properties.benchmarks.examples[0],
    budgets: { a: { benchmark: 'b', limit: all } },
  });
  expect(parseConfig('/w/perf-budget.jsonc', text).problems).toEqual([]);
});

describe('a file', () => {
  it.each(['perf-budget.jsonc', 'test/fixtures/demo/perf-budget.jsonc'])('of ours is valid: %s', (file) => {
    expect(errors(read(readFileSync(path.join(root, file), 'utf8')))).toEqual([]);
  });

  it.each<[text: string, expected: readonly string[], found?: number]>([
    ['{ "benchmarks": [{ "files": "a" }] }', [" must have required property 'budgets'"]],
    [
      '{ "benchmarks": [{}], "budgets": { "a": {} } }',
      [
        "/benchmarks/0 must have required property 'command'",
        "/benchmarks/0 must have required property 'files'",
        "/benchmarks/0 must have required property 'name'",
        '/benchmarks/0 must match exactly one schema in oneOf',
        "/budgets/a must have required property 'benchmark'",
        "/budgets/a must have required property 'manual'",
        "/budgets/a must have required property 'sum'",
        '/budgets/a must match exactly one schema in oneOf',
      ],
      2,
    ],
    [
      '{ "benchmarks": [{ "files": "a" }], "budgets": { "a": { "benchmark": "b", "limt": [] } } }',
      ['/budgets/a must NOT have additional properties'],
    ],
    [
      '{ "benchmarks": [{ "files": "a" }], "budgets": { "a": { "benchmark": "b", "limit": "p95 <= 1 ms" } } }',
      ['/budgets/a/limit must be array'],
    ],
    [
      '{ "benchmarks": [], "budgets": {}, "x": 1 }',
      [
        ' must NOT have additional properties',
        '/benchmarks must NOT have fewer than 1 items',
        '/budgets must NOT have fewer than 1 properties',
      ],
    ],
  ])('that the reader finds fault with is not valid either: %s', (text, expected, found = expected.length) => {
    expect(errors(read(text)).toSorted()).toEqual(expected);
    expect(parseConfig('/w/perf-budget.jsonc', text).problems).toHaveLength(found);
  });

  it.each([
    [
      'regression',
      { low: '3 %', fail: 'worst' },
      ['/defaults/regression/fail must be equal to one of the allowed values'],
    ],
    [
      'regression',
      { low: '3' },
      [String.raw`/defaults/regression/low must match pattern "^\s*[0-9][0-9.,_]*\s*%\s*$"`],
    ],
    ['time', '500ms', []],
  ])('with %s of %o', (key, value, expected) => {
    expect(
      errors({ benchmarks: [{ files: 'a' }], budgets: { a: { benchmark: 'b' } }, defaults: { [key]: value } }),
    ).toEqual(expected);
  });
});
