import fc from 'fast-check';
import { lexer, parse, walkTokens } from 'marked';
import { expect, test } from 'vitest';
import { githubReport } from '../../../../src/core/formats/reporters/github.js';
import { htmlReport } from '../../../../src/core/formats/reporters/html.js';
import { junitReport } from '../../../../src/core/formats/reporters/junit.js';
import { notices } from '../../../../src/core/formats/reporters/notices.js';
import { markdownReport } from '../../../../src/core/formats/reporters/pull-request.js';
import { sarifReport } from '../../../../src/core/formats/reporters/sarif.js';
import { noPast } from '../../../../src/core/formats/reporters/past.js';
import type { CheckDocument } from '../../../../src/core/formats/reporters/document.js';
import { hostile } from '../../text/hostile.js';
import { exampleWith } from './hostile.js';

const control = /[\0-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufffe\uffff\p{Cs}]/u; // eslint-disable-line no-control-regex

const always = (property: (document: CheckDocument, text: string) => void): void =>
  fc.assert(
    fc.property(hostile, (text) => property(exampleWith(text), text)),
    { numRuns: 300 },
  );

test('annotations of GitHub are a line each, whatever a name is', () => {
  always((document) => {
    const lines = githubReport(document, true).trimEnd().split('\n');
    expect(lines).toHaveLength(notices(document, true).length);
    for (const line of lines)
      expect(line).toMatch(/^::(?:error|warning|notice) (?:file=[^,:]*,line=\d+,col=\d+,)?title=[^,:]*::/);
    expect(lines.join('\n')).not.toMatch(control);
  });
});

/** The kinds of tokens that a report of harmless names has, which are all that any may have. */
function kindsOf(report: string): ReadonlySet<string> {
  const kinds = new Set<string>();
  void walkTokens(lexer(report), ({ type, raw }) => {
    kinds.add(type === 'html' || type === 'image' || type === 'link' ? raw.trim() : type);
  });
  return kinds;
}

test('a comment of a pull request has no link, no picture and no HTML of others, whatever a name is', () => {
  const ours = kindsOf(markdownReport(exampleWith('name'), true));
  always((document) => {
    const report = markdownReport(document, true);
    const rest = [...kindsOf(report)].filter((kind) => !ours.has(kind));
    expect(rest).toEqual([]);
    // GitHub looks for these in the text of all elements but code.
    const texts = parse(report, { async: false })
      .replaceAll(/<code>.*?<\/code>|<[^>]*>/gs, '\n')
      .replaceAll(/&#?\w+;/g, '&');
    expect(texts).not.toMatch(/@\w|#\d|:tada:|:100:/);
  });
});

test('a page has no more elements, whatever a name is', () => {
  const options = { now: 0, script: '', style: '' };
  const elementsOf = (html: string): readonly string[] => html.match(/<(?!!)[^>]*?(?=[\s>])/g) ?? [];
  always((document) => {
    const pasts = document.budgets.map(() => noPast);
    const page = htmlReport(document, pasts, options);
    expect(elementsOf(page).length).toBeLessThanOrEqual(
      elementsOf(htmlReport(exampleWith('name'), pasts, options)).length + 6,
    );
    expect(page).not.toMatch(/<(?:img|!--)/);
    expect(page).not.toMatch(/\p{Cs}|[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]/u); // eslint-disable-line no-control-regex
  });
});

test('SARIF has no link in a message, and no half of a character', () => {
  always((document) => {
    const text = sarifReport(document, true, '1.2.3');
    expect(text).not.toMatch(/\p{Cs}|(?<!\\)\\ud[89a-f]/u);
    const { runs } = JSON.parse(text) as { runs: { results: { message: { text: string } }[] }[] };
    // Ours lead to the places of causes, by number.
    for (const { message } of runs[0]?.results ?? [])
      expect(message.text.replaceAll(/, \[(?:[^[\]\\]|\\.)*\]\([12]\)$/gms, '')).not.toMatch(
        /(?<!\\)\[[^\]]*(?<!\\)\]\(/,
      );
  });
});

test('JUnit has nothing that XML does not allow', () => {
  always((document) => {
    const xml = junitReport(document, true);
    // What XML 1.0 calls Char, and no reference to anything else.
    expect(xml).toMatch(/^[\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]*$/u);
    expect(xml).not.toMatch(/&(?!(?:amp|lt|gt|quot|#9|#10);)/);
    expect(xml).not.toMatch(/\]\]>/);
  });
});
