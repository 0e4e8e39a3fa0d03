import { expect, test } from 'vitest';
import type { BudgetEntry, CheckDocument } from '../../../src/core/formats/reporters/document.js';
import { githubReport } from '../../../src/core/formats/reporters/github.js';
import { htmlReport } from '../../../src/core/formats/reporters/html.js';
import { junitReport } from '../../../src/core/formats/reporters/junit.js';
import { markdownReport } from '../../../src/core/formats/reporters/pull-request.js';
import { sarifReport } from '../../../src/core/formats/reporters/sarif.js';
import { terminalReport } from '../../../src/requests/report/terminal-report.js';
import { example, explained } from '../../core/formats/reporters/example.js';

const other = 'returns a different answer than at HEAD: .id is 4, was 5';

/** The broken budget of the example, whose code also returns something else. */
function document(part: Partial<BudgetEntry>): CheckDocument {
  const budgets = explained.budgets.map((budget): BudgetEntry => {
    const { causes, causesNote, ...rest } = budget;
    expect([causes?.length, causesNote?.length]).toEqual([5, 43]);
    return { ...rest, concerns: [{ kind: 'answer', verdict: 'fail', message: other }], ...part };
  });
  return { ...example, problems: [], budgets };
}

const slower = document({});
const faster = document({
  comparison: { ratio: 0.5, low: 0.49, high: 0.51 },
  checks: explained.budgets[0]?.checks.map((check) => ({ ...check, verdict: 'pass' as const, used: 0.5 })) ?? [],
});
const waived = document({ verdict: 'warn', waived: { until: '2027-01-31', reason: 'the new parser' } });

/** What each medium says, from where the budget begins to where it ends. */
function everyMedium(one: CheckDocument): unknown {
  const { runs } = JSON.parse(sarifReport(one, false, '1')) as { runs: { results: { message: { text: string } }[] }[] };
  const html = htmlReport(one, [], { now: 0, script: '', style: '' });
  return {
    terminal: terminalReport(one, { paint: (_, text) => text, strict: false, nothing: '' }),
    markdown: markdownReport(one, false)
      .split('\n')
      .filter((line) => /^[>|] .*[a-z]/.test(line)),
    junit: /(?<=\n) *<(?:failure|system-out).*?(?=<\/testcase>)/s.exec(junitReport(one, false))?.[0].split('\n'),
    github: githubReport(one, false).trimEnd().split('\n'),
    sarif: runs[0]?.results.map(({ message }) => message.text),
    html: /(?<=<\/h3><\/header>\n).*?(?=\n<details>)/s.exec(html)?.[0].split('\n'),
  };
}

test('code that is slower and returns something else: the answer comes first', () => {
  expect(everyMedium(slower)).toMatchInlineSnapshot(`
    {
      "github": [
        "::error file=src/registry.ts,line=42,col=3,title=registry lookup returns a different answer::registry lookup returns a different answer than at HEAD: .id is 4, was 5.",
        "::error file=src/registry.ts,line=42,col=3,title=registry lookup is over its budget::registry lookup is 14%25 slower than HEAD (+11 to +17%25); its budget allows 10%25.",
      ],
      "html": [
        "<p class="headline">returns a different answer than at HEAD: .id is 4, was 5 · 14% slower than HEAD</p>",
        "<p class="about"><code>src/registry.ts:42</code></p>",
        "<p>registry lookup returns a different answer than at HEAD: .id is 4, was 5.</p>",
        "<p>registry lookup is 14% slower than HEAD (+11 to +17%); its budget allows 10%.</p>",
      ],
      "junit": [
        "      <failure message="returns a different answer than at HEAD: .id is 4, was 5 · 14% slower than HEAD" type="fail">registry lookup returns a different answer than at HEAD: .id is 4, was 5.",
        "registry lookup is 14% slower than HEAD (+11 to +17%); its budget allows 10%.</failure>",
        "    ",
      ],
      "markdown": [
        "> registry lookup returns a different answer than at HEAD: \\.id is 4, was 5\\. \`src/registry.ts:42\`  ",
        "> registry lookup is 14% slower than HEAD \\(\\+11 to \\+17%\\); its budget allows 10%\\.  ",
        "> _Make it faster, or accept it: perf\\-budget capture \\-\\-name \\<name\\> \\-\\-reason \\<text\\>_",
        "|  | Budget | Measured | Change | Bound |",
        "| ✗ | registry lookup | 7\\.9 µs | different answer, \\+14% \\(\\+11 … \\+17\\) | allowed 10% |",
      ],
      "sarif": [
        "registry lookup returns a different answer than at HEAD: .id is 4, was 5.",
        "registry lookup is 14% slower than HEAD (+11 to +17%); its budget allows 10%.",
      ],
      "terminal": [
        "✗ registry lookup   7.9 µs   different answer, +14% (+11 … +17)   allowed 10%   src/registry.ts:42",
        "",
        "registry lookup returns a different answer than at HEAD: .id is 4, was 5.",
        "  perf-budget.jsonc:4:5",
        "registry lookup is 14% slower than HEAD (+11 to +17%); its budget allows 10%.",
        "  perf-budget.jsonc:4:5  time <= baseline + 10%",
        "  Make it faster, or accept it: perf-budget capture --name <name> --reason <text>",
        "",
        "1 failed in 12.3 s vs HEAD (0123456)",
      ],
    }
  `);
});

test('code that is faster and returns something else', () => {
  expect(everyMedium(faster)).toMatchInlineSnapshot(`
    {
      "github": [
        "::error file=src/registry.ts,line=42,col=3,title=registry lookup returns a different answer::registry lookup returns a different answer than at HEAD: .id is 4, was 5.",
      ],
      "html": [
        "<p class="headline">returns a different answer than at HEAD: .id is 4, was 5 · 50% faster than HEAD</p>",
        "<p class="about"><code>src/registry.ts:42</code></p>",
        "<p>registry lookup returns a different answer than at HEAD: .id is 4, was 5.</p>",
      ],
      "junit": [
        "      <failure message="returns a different answer than at HEAD: .id is 4, was 5 · 50% faster than HEAD" type="fail">registry lookup returns a different answer than at HEAD: .id is 4, was 5.</failure>",
        "    ",
      ],
      "markdown": [
        "> registry lookup returns a different answer than at HEAD: \\.id is 4, was 5\\. \`src/registry.ts:42\`",
        "|  | Budget | Measured | Change | Bound |",
        "| ✗ | registry lookup | p95 8\\.1 µs | different answer, 50% faster \\(−51\\.0 … −49\\.0\\) | allowed 10 µs |",
      ],
      "sarif": [
        "registry lookup returns a different answer than at HEAD: .id is 4, was 5.",
      ],
      "terminal": [
        "✗ registry lookup   p95 8.1 µs   different answer, 50% faster (−51.0 … −49.0)   allowed 10 µs   src/registry.ts:42",
        "",
        "registry lookup returns a different answer than at HEAD: .id is 4, was 5.",
        "  perf-budget.jsonc:4:5",
        "",
        "1 failed in 12.3 s vs HEAD (0123456)",
      ],
    }
  `);
});

test('the same while it is waived', () => {
  expect(everyMedium(waived)).toMatchInlineSnapshot(`
    {
      "github": [
        "::warning file=src/registry.ts,line=42,col=3,title=registry lookup returns a different answer::registry lookup returns a different answer than at HEAD: .id is 4, was 5. Waived until 2027-01-31: the new parser.",
        "::warning file=src/registry.ts,line=42,col=3,title=registry lookup is over its budget but waived::registry lookup is 14%25 slower than HEAD (+11 to +17%25); its budget allows 10%25. Waived until 2027-01-31: the new parser.",
      ],
      "html": [
        "<p class="headline">returns a different answer than at HEAD: .id is 4, was 5 · 14% slower than HEAD · waived until 2027-01-31</p>",
        "<p class="about"><code>src/registry.ts:42</code></p>",
        "<p>registry lookup returns a different answer than at HEAD: .id is 4, was 5. Waived until 2027-01-31: the new parser.</p>",
        "<p>registry lookup is 14% slower than HEAD (+11 to +17%); its budget allows 10%. Waived until 2027-01-31: the new parser.</p>",
        "<p>registry lookup: returns a different answer than at HEAD: .id is 4, was 5.</p>",
      ],
      "junit": [
        "      <system-out>returns a different answer than at HEAD: .id is 4, was 5 · 14% slower than HEAD · waived until 2027-01-31",
        "registry lookup returns a different answer than at HEAD: .id is 4, was 5. Waived until 2027-01-31: the new parser.",
        "registry lookup is 14% slower than HEAD (+11 to +17%); its budget allows 10%. Waived until 2027-01-31: the new parser.</system-out>",
        "    ",
      ],
      "markdown": [
        "|  | Budget | Measured | Change | Bound |",
        "| ⚠ | registry lookup | 7\\.9 µs | different answer, \\+14% \\(\\+11 … \\+17\\) | allowed 10% |",
      ],
      "sarif": [
        "registry lookup returns a different answer than at HEAD: .id is 4, was 5. Waived until 2027-01-31: the new parser.",
        "registry lookup is 14% slower than HEAD (+11 to +17%); its budget allows 10%. Waived until 2027-01-31: the new parser.",
      ],
      "terminal": [
        "⚠ registry lookup   7.9 µs   different answer, +14% (+11 … +17)   allowed 10%   src/registry.ts:42",
        "",
        "registry lookup: returns a different answer than at HEAD: .id is 4, was 5.",
        "",
        "1 warning in 12.3 s vs HEAD (0123456)",
      ],
    }
  `);
});
