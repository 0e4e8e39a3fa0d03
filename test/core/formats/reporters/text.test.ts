import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { githubReport } from '../../../../src/core/formats/reporters/github.js';
import { junitReport } from '../../../../src/core/formats/reporters/junit.js';
import { markdownReport } from '../../../../src/core/formats/reporters/pull-request.js';
import { sarifReport } from '../../../../src/core/formats/reporters/sarif.js';
import { example, explained, fine } from './example.js';

test('annotations of GitHub: the worst first, whatever is special escaped', () => {
  expect(githubReport(example, false)).toMatchInlineSnapshot(`
    "::error file=bench/odd one.bench.ts,line=2,col=1,title=odd%2C <name>%3A 50%25 & "more" | \`x\` was not measured::odd, <name>: 50%25 & "more" | \`x\` was not measured: the benchmark threw: first%0Asecond \\x07 line.
    ::error file=src/registry.ts,line=42,col=3,title=registry lookup is over its budget::registry lookup is 14%25 slower than HEAD (+11 to +17%25); its budget allows 10%25.
    ::notice file=src/registry.ts,line=42,col=3,title=tail is undecided::tail: needs 10,000 samples, has 96.
    ::warning file=src/registry.ts,line=42,col=3,title=render is over its budget but waived::render is 14%25 slower than HEAD (+11 to +17%25); its budget allows 10%25. Waived until 2027-01-31: the new parser.
    ::error file=perf-budget.jsonc,line=12,col=9,title=perf-budget::"p95 <= 3 MB": p95 is a time.
    "
  `);
  expect(githubReport(fine, false)).toBe('');
});

test('what is undecided is an error where that is strict', () => {
  const only = { ...example, budgets: example.budgets.filter(({ verdict }) => verdict === 'undecided'), problems: [] };
  expect([githubReport(only, false), githubReport(only, true)]).toMatchInlineSnapshot(`
    [
      "::notice file=src/registry.ts,line=42,col=3,title=tail is undecided::tail: needs 10,000 samples, has 96.
    ",
      "::error file=src/registry.ts,line=42,col=3,title=tail is undecided::tail: needs 10,000 samples, has 96.
    ",
    ]
  `);
});

test('JUnit XML', () => {
  expect(junitReport(example, false)).toMatchInlineSnapshot(`
    "<?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="perf-budget" tests="6" failures="1" errors="2" skipped="1" time="12.340">
      <testsuite name="perf-budget" tests="6" failures="1" errors="2" skipped="1" time="12.340">
        <testcase name="parse" classname="parser/large" file="src/registry.ts" line="42" time="0.840">
          <system-out>p95 8.1 µs of 10 µs · same code as HEAD</system-out>
        </testcase>
        <testcase name="registry lookup" classname="registry/lookup" file="src/registry.ts" line="42" time="0.840">
          <failure message="14% slower than HEAD · 10% allowed" type="fail">registry lookup is 14% slower than HEAD (+11 to +17%); its budget allows 10%.</failure>
        </testcase>
        <testcase name="odd, &lt;name&gt;: 50% &amp; &quot;more&quot; | \`x\`" classname="odd" file="bench/odd one.bench.ts" line="2" time="0.840">
          <error message="the benchmark threw: first" type="error">odd, &lt;name&gt;: 50% &amp; &quot;more&quot; | \`x\` was not measured: the benchmark threw: first
    second \\x07 line.</error>
        </testcase>
        <testcase name="tail" classname="parser/large" file="src/registry.ts" line="42" time="0.840">
          <skipped message="needs 10,000 samples, has 96"/>
        </testcase>
        <testcase name="render" classname="registry/lookup" file="src/registry.ts" line="42" time="0.840">
          <system-out>14% slower than HEAD · 10% allowed · waived until 2027-01-31
    render is 14% slower than HEAD (+11 to +17%); its budget allows 10%. Waived until 2027-01-31: the new parser.</system-out>
        </testcase>
        <testcase name="perf-budget.jsonc:12:9" classname="problems" file="perf-budget.jsonc" line="12">
          <error message="&quot;p95 &lt;= 3 MB&quot;: p95 is a time." type="problem"/>
        </testcase>
      </testsuite>
    </testsuites>
    "
  `);
});

test('JUnit XML where undecided is strict', () => {
  const only = { ...example, budgets: example.budgets.filter(({ verdict }) => verdict === 'undecided'), problems: [] };
  expect(junitReport(only, true)).toMatchInlineSnapshot(`
    "<?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="perf-budget" tests="1" failures="1" errors="0" skipped="0" time="12.340">
      <testsuite name="perf-budget" tests="1" failures="1" errors="0" skipped="0" time="12.340">
        <testcase name="tail" classname="parser/large" file="src/registry.ts" line="42" time="0.840">
          <failure message="needs 10,000 samples, has 96" type="undecided">tail: needs 10,000 samples, has 96.</failure>
        </testcase>
      </testsuite>
    </testsuites>
    "
  `);
});

test('Markdown for a pull request', () => {
  expect(markdownReport(example, false)).toMatchInlineSnapshot(`
    "<!-- perf-budget -->

    ### ✗ Performance budgets: 1 problem, 1 not measured, 1 failed, 1 undecided, 1 warning, 1 passed in 12\\.3 s vs HEAD \\(0123456\\)

    > odd, \\<name\\>: 50% \\& "more" \\| \\\`x\\\` was not measured: the benchmark threw: first second \\\\x07 line\\. \`bench/odd one.bench.ts:2\`

    > registry lookup is 14% slower than HEAD \\(\\+11 to \\+17%\\); its budget allows 10%\\. \`src/registry.ts:42\`  
    > _Make it faster, or accept it: perf\\-budget capture \\-\\-name \\<name\\> \\-\\-reason \\<text\\>_

    |  | Budget | Measured | Change | Bound |
    | :-- | :-- | --: | --: | :-- |
    | \\! | odd, \\<name\\>: 50% \\& "more" \\| \\\`x\\\` | the benchmark threw: first |  |  |
    | ✗ | registry lookup | 7\\.9 µs | \\+14% \\(\\+11 … \\+17\\) | allowed 10% |
    | ? | tail | needs 10,000 samples, has 96 |  |  |
    | ⚠ | render | 7\\.9 µs | \\+14% \\(\\+11 … \\+17\\) | allowed 10% |
    | ✓ | parse | p95 8\\.1 µs | same code | allowed 10 µs |

    - tail: needs 10,000 samples, has 96\\.
    - render: waived until 2027\\-01\\-31: the new parser\\.

    - \`perf-budget.jsonc:12:9\` "p95 \\<= 3 MB": p95 is a time\\.

    <sub>Measured on A CPU, 2 cores, Linux, Node 24\\.1\\.0, alternating with the code of HEAD \\(0123456\\)</sub>
    "
  `);
});

test('Markdown folds away what is fine where there is much of it', () => {
  const [one] = fine.budgets;
  const budgets = Array.from(
    { length: 6 },
    (_, at) => ({ ...one, name: `parse ${at}` }) as (typeof fine.budgets)[number],
  );
  expect(markdownReport({ ...fine, budgets }, false)).toMatchInlineSnapshot(`
    "<!-- perf-budget -->

    ### ✓ Performance budgets: 6 passed in 12\\.3 s vs HEAD \\(0123456\\)

    <details><summary>6 passed</summary>

    |  | Budget | Measured | Change | Bound |
    | :-- | :-- | --: | --: | :-- |
    | ✓ | parse 0 | p95 8\\.1 µs | same code | allowed 10 µs |
    | ✓ | parse 1 | p95 8\\.1 µs | same code | allowed 10 µs |
    | ✓ | parse 2 | p95 8\\.1 µs | same code | allowed 10 µs |
    | ✓ | parse 3 | p95 8\\.1 µs | same code | allowed 10 µs |
    | ✓ | parse 4 | p95 8\\.1 µs | same code | allowed 10 µs |
    | ✓ | parse 5 | p95 8\\.1 µs | same code | allowed 10 µs |

    </details>

    <sub>Measured on A CPU, 2 cores, Linux, Node 24\\.1\\.0, alternating with the code of HEAD \\(0123456\\)</sub>
    "
  `);
  expect(markdownReport({ ...fine, budgets: [] }, false)).toMatchInlineSnapshot(`
    "<!-- perf-budget -->

    ### ✓ Performance budgets: none to check

    <sub>Measured on A CPU, 2 cores, Linux, Node 24\\.1\\.0</sub>
    "
  `);
});

test('SARIF is valid by its published schema, and says the same', () => {
  const require = createRequire(import.meta.url);
  const folder = path.dirname(require.resolve('@microsoft/jest-sarif'));
  const schema = JSON.parse(readFileSync(path.join(folder, 'schemas/sarif-2.1.0-rtm.5.json'), 'utf8')) as Record<
    string,
    unknown
  >;
  // Of draft 4 it uses nothing that draft 7 reads otherwise, but for its name.
  const { id, $schema, ...rest } = schema;
  expect(id).toContain('sarif-2.1.0');
  expect($schema).toBe('http://json-schema.org/draft-04/schema#');
  const ajv = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false, allErrors: true });
  const validate = ajv.compile(rest);
  for (const document of [example, fine, explained, { ...example, budgets: [], problems: [] }]) {
    const log: unknown = JSON.parse(sarifReport(document, false, '1.2.3'));
    validate(log);
    expect(validate.errors).toBe(null);
  }
  expect(validate({ version: '2.1.0' })).toBe(false);
  const log = JSON.parse(sarifReport(example, false, '1.2.3')) as { runs: { results: unknown }[] };
  expect(log.runs[0]?.results).toMatchInlineSnapshot(`
    [
      {
        "level": "error",
        "locations": [
          {
            "physicalLocation": {
              "artifactLocation": {
                "uri": "bench/odd%20one.bench.ts",
              },
              "region": {
                "startColumn": 1,
                "startLine": 2,
              },
            },
          },
        ],
        "message": {
          "text": "odd, <name>: 50% & "more" | \`x\` was not measured: the benchmark threw: first
    second \\x07 line.",
        },
        "partialFingerprints": {
          "budget/v1": "odd, <name>: 50% & "more" | \`x\`",
        },
        "ruleId": "not-measured",
        "ruleIndex": 1,
      },
      {
        "level": "error",
        "locations": [
          {
            "physicalLocation": {
              "artifactLocation": {
                "uri": "src/registry.ts",
              },
              "region": {
                "startColumn": 3,
                "startLine": 42,
              },
            },
          },
        ],
        "message": {
          "text": "registry lookup is 14% slower than HEAD (+11 to +17%); its budget allows 10%.",
        },
        "partialFingerprints": {
          "budget/v1": "registry lookup",
        },
        "ruleId": "over-budget",
        "ruleIndex": 0,
      },
      {
        "level": "note",
        "locations": [
          {
            "physicalLocation": {
              "artifactLocation": {
                "uri": "src/registry.ts",
              },
              "region": {
                "startColumn": 3,
                "startLine": 42,
              },
            },
          },
        ],
        "message": {
          "text": "tail: needs 10,000 samples, has 96.",
        },
        "partialFingerprints": {
          "budget/v1": "tail",
        },
        "ruleId": "undecided",
        "ruleIndex": 2,
      },
      {
        "level": "warning",
        "locations": [
          {
            "physicalLocation": {
              "artifactLocation": {
                "uri": "src/registry.ts",
              },
              "region": {
                "startColumn": 3,
                "startLine": 42,
              },
            },
          },
        ],
        "message": {
          "text": "render is 14% slower than HEAD (+11 to +17%); its budget allows 10%. Waived until 2027-01-31: the new parser.",
        },
        "partialFingerprints": {
          "budget/v1": "render",
        },
        "ruleId": "over-budget",
        "ruleIndex": 0,
        "suppressions": [
          {
            "justification": "the new parser (until 2027-01-31)",
            "kind": "external",
            "status": "accepted",
          },
        ],
      },
      {
        "level": "error",
        "locations": [
          {
            "physicalLocation": {
              "artifactLocation": {
                "uri": "perf-budget.jsonc",
              },
              "region": {
                "startColumn": 9,
                "startLine": 12,
              },
            },
          },
        ],
        "message": {
          "text": ""p95 <= 3 MB": p95 is a time.",
        },
        "ruleId": "problem",
        "ruleIndex": 3,
      },
    ]
  `);
});
