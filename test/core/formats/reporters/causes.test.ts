import { expect, test } from 'vitest';
import { githubReport } from '../../../../src/core/formats/reporters/github.js';
import { htmlReport } from '../../../../src/core/formats/reporters/html.js';
import { junitReport } from '../../../../src/core/formats/reporters/junit.js';
import { mergeDocuments, readDocument } from '../../../../src/core/formats/reporters/merge.js';
import { markdownReport } from '../../../../src/core/formats/reporters/pull-request.js';
import { sarifReport } from '../../../../src/core/formats/reporters/sarif.js';
import { explained } from './example.js';

test('annotations of GitHub: one for the budget, with a line for each cause', () => {
  expect(githubReport(explained, false).replaceAll('%0A', '\n')).toMatchInlineSnapshot(`
    "::error file=src/registry.ts,line=42,col=3,title=registry lookup is over its budget::registry lookup is 14%25 slower than HEAD (+11 to +17%25); its budget allows 10%25.
    +3.9 µs of +4.0 µs (97%25): delete last.previous; in diff: buildValues (values before), src/diff.ts:120
      V8: \`delete\` turned the object into a dictionary. Set the property to undefined instead.
    garbage collection +120 ns of +4.0 µs (3%25): allocates 8.9 KB a call, 5.0 KB before, in encode, src/encode.ts:12
    −240 ns (offsets 6%25) in lodash: merge (values before), node_modules/lodash/merge.js:20
    and 2 more: perf-budget explain "registry lookup"
    These causes explain 31%25 of the difference.
    "
  `);
});

test('JUnit: in the text of the failure', () => {
  expect(/<failure.*<\/failure>/s.exec(junitReport(explained, false))?.[0]).toMatchInlineSnapshot(`
    "<failure message="14% slower than HEAD · 10% allowed" type="fail">registry lookup is 14% slower than HEAD (+11 to +17%); its budget allows 10%.
    +3.9 µs of +4.0 µs (97%): delete last.previous; in diff: buildValues (values before), src/diff.ts:120
      V8: \`delete\` turned the object into a dictionary. Set the property to undefined instead.
    garbage collection +120 ns of +4.0 µs (3%): allocates 8.9 KB a call, 5.0 KB before, in encode, src/encode.ts:12
    −240 ns (offsets 6%) in lodash: merge (values before), node_modules/lodash/merge.js:20
    and 2 more: perf-budget explain &quot;registry lookup&quot;
    These causes explain 31% of the difference.</failure>"
  `);
});

test('Markdown: a list below the sentence', () => {
  expect(
    markdownReport(explained, false)
      .split('\n')
      .filter((line) => line.startsWith('>')),
  ).toMatchInlineSnapshot(`
    [
      "> registry lookup is 14% slower than HEAD \\(\\+11 to \\+17%\\); its budget allows 10%\\. \`src/registry.ts:42\`",
      "> - \\+3\\.9 µs of \\+4\\.0 µs \\(97%\\): \`delete last.previous;\` in diff: buildValues \\(values before\\), \`src/diff.ts:120\`",
      ">   - V8: \\\`delete\\\` turned the object into a dictionary\\. Set the property to undefined instead\\.",
      "> - garbage collection \\+120 ns of \\+4\\.0 µs \\(3%\\): allocates 8\\.9 KB a call, 5\\.0 KB before, in encode, \`src/encode.ts:12\`",
      "> - −240 ns \\(offsets 6%\\) in lodash: merge \\(values before\\), \`node_modules/lodash/merge.js:20\`",
      "> - and 2 more: perf\\-budget explain "registry lookup"",
      "> - These causes explain 31% of the difference\\.",
      ">",
      "> _Make it faster, or accept it: perf\\-budget capture \\-\\-name \\<name\\> \\-\\-reason \\<text\\>_",
    ]
  `);
});

test('SARIF: related locations, to which the message links', () => {
  const { runs } = JSON.parse(sarifReport(explained, false, '1.2.3')) as { runs: { results: unknown[] }[] };
  expect(runs[0]?.results).toMatchInlineSnapshot(`
    [
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
          "text": "registry lookup is 14% slower than HEAD (+11 to +17%); its budget allows 10%.
    +3.9 µs of +4.0 µs (97%): delete last.previous; in diff: buildValues (values before), [src/diff.ts:120](1)
      V8: \`delete\` turned the object into a dictionary. Set the property to undefined instead.
    garbage collection +120 ns of +4.0 µs (3%): allocates 8.9 KB a call, 5.0 KB before, in encode, [src/encode.ts:12](2)
    −240 ns (offsets 6%) in lodash: merge (values before), [node_modules/lodash/merge.js:20](3)
    and 2 more: perf-budget explain "registry lookup"
    These causes explain 31% of the difference.",
        },
        "partialFingerprints": {
          "budget/v1": "registry lookup",
        },
        "relatedLocations": [
          {
            "id": 1,
            "message": {
              "text": "+3.9 µs of +4.0 µs (97%): delete last.previous; in diff: buildValues (values before)",
            },
            "physicalLocation": {
              "artifactLocation": {
                "uri": "src/diff.ts",
              },
              "region": {
                "startColumn": 5,
                "startLine": 120,
              },
            },
          },
          {
            "id": 2,
            "message": {
              "text": "garbage collection +120 ns of +4.0 µs (3%): allocates 8.9 KB a call, 5.0 KB before, in encode",
            },
            "physicalLocation": {
              "artifactLocation": {
                "uri": "src/encode.ts",
              },
              "region": {
                "startColumn": 3,
                "startLine": 12,
              },
            },
          },
          {
            "id": 3,
            "message": {
              "text": "−240 ns (offsets 6%) in lodash: merge (values before)",
            },
            "physicalLocation": {
              "artifactLocation": {
                "uri": "node_modules/lodash/merge.js",
              },
              "region": {
                "startColumn": 5,
                "startLine": 20,
              },
            },
          },
        ],
        "ruleId": "over-budget",
        "ruleIndex": 0,
      },
    ]
  `);
});

test('the page: a list with all of them', () => {
  const html = htmlReport(explained, [], { now: 0, script: '', style: '' });
  expect(/<ul class="causes">.*?(?=\n<details>)/s.exec(html)?.[0]).toMatchInlineSnapshot(`
    "<ul class="causes">
    <li>+3.9 µs of +4.0 µs (97%): <code>delete last.previous;</code> in diff: buildValues (values before), <code>src/diff.ts:120</code><br><small>V8: \`delete\` turned the object into a dictionary. Set the property to undefined instead.</small></li>
    <li>garbage collection +120 ns of +4.0 µs (3%): allocates 8.9 KB a call, 5.0 KB before, in encode, <code>src/encode.ts:12</code></li>
    <li>−240 ns (offsets 6%) in lodash: merge (values before), <code>node_modules/lodash/merge.js:20</code></li>
    <li>garbage collection +120 ns of +4.0 µs (3%): allocates 8.9 KB a call, 5.0 KB before, in encode, <code>src/encode.ts:12</code></li>
    <li>garbage collection +120 ns of +4.0 µs (3%): allocates 8.9 KB a call, 5.0 KB before, in encode, <code>src/encode.ts:12</code></li>
    </ul>
    <p>These causes explain 31% of the difference.</p>"
  `);
});

test('a merged report has them as they were', () => {
  const read = readDocument(JSON.stringify(explained));
  const merged = read.ok ? mergeDocuments([{ file: 'a.json', document: read.value }]) : read;
  expect(merged).toEqual({ ok: true, value: explained });
});
