import { describe, expect, test } from 'vitest';
import { explainPage, readRequest, type ExplainPage } from '../../../src/editor/drawing/explainPage.js';
import type { CpuProfile, Explained } from '../../../src/engine/explain/request.js';
import { exampleExplanation } from '../../core/results/example-causes.js';
import { fail } from '../../core/text/results.js';

const hostile = `</script><img src=x onerror=alert(1)>"'&`;

const profile = (name: string, hitCount: number): CpuProfile => ({
  nodes: [
    {
      id: 1,
      callFrame: { functionName: name, scriptId: '1', url: 'file:///p/src/diff.ts', lineNumber: 3, columnNumber: 0 },
      hitCount,
    },
  ],
  ...{ startTime: 0, endTime: 1 },
});

const explained: Explained = {
  ...{ budget: 'diff', benchmark: 'diff/large', from: 'HEAD', to: 'the working tree', result: fail, why: null },
  explanation: exampleExplanation,
  profiles: { baseline: profile('values', 10), current: profile('values', 20) },
};

const page = (own: Partial<Explained> = {}): string => {
  const options: Omit<ExplainPage, 'explained'> = {
    shown: (url) => url.replace('file:///p/', ''),
    ...{ script: 'https://e/explain.js', stylesheet: 'https://e/explain.css', source: 'https://e', nonce: 'n0nce' },
  };
  return explainPage({ ...options, explained: { ...explained, ...own } });
};

/** What a reader sees, a line for each element that has text of its own. */
const seen = (html: string): string =>
  html
    .replaceAll(/<script[^]*?<\/script>|<head>[^]*<\/head>/g, '')
    .replaceAll(/<\/(?:p|h1|h2|li|tr|figcaption)>/g, '\n')
    .replaceAll(/<\/t[dh]>/g, '  ')
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(/\n\s*/g, '\n')
    .trim();

describe('the page', () => {
  test('says the verdict, the causes, the sides and the lines that changed', () => {
    expect(seen(page())).toBe(
      [
        'diff',
        '✗ 14% slower than HEAD · 10% allowed',
        'HEAD → the working tree, 5.1 µs → 9.1 µs a call',
        'Causes',
        'diff: buildValues (values before) src/diff.ts:120',
        'delete last.previous; changed',
        '+3.9 µs, 97 ± 6% of the difference 770 ns → 4.7 µs',
        'V8: `delete` turned the object into a dictionary. Set the property to undefined instead.',
        'encode, garbage collection src/encode.ts:12',
        '+120 ns, 3 ± 2% of the difference 100 ns → 220 ns',
        'allocates 8.9 KB a call, 5.0 KB before, in encode',
        'Half of the difference is in code that did not change.',
        'Where a call spends its time',
        'Show all',
        'Width is time, at one scale for both sides: slower, faster. Click a function or press Enter to zoom; arrow keys move.',
        'HEAD, 5.1 µs',
        'the working tree, 9.1 µs',
        'Changed lines',
        'Line  A call  Share  ',
        'src/diff.ts:120 buildValues',
        'delete last.previous;  +3.6 µs  90%  ',
        'Open both profiles',
      ].join('\n'),
    );
  });

  test('says first that the answers differ', () => {
    const message = 'returns a different answer than at HEAD: .id is 4, was 5';
    const result = { ...fail, concerns: [{ kind: 'answer', verdict: 'fail', message } as const] };
    const lines = seen(page({ result })).split('\n');
    expect(lines[1]).toBe(`✗ ${message} · 14% slower than HEAD`);
    expect(lines.slice(3, 5)).toEqual([`diff ${message}.`, 'Causes']);
  });

  test('says why there is nothing, and draws nothing then', () => {
    const html = page({ explanation: null, why: 'Both sides are as fast.', profiles: null });
    expect(seen(html).split('\n').slice(2)).toEqual(['HEAD → the working tree', 'Both sides are as fast.']);
    const idle = { baseline: profile('(idle)', 10), current: profile('(idle)', 10) };
    expect(page({ profiles: idle })).not.toContain('<form');
  });

  test('of memory shows the times as shares', () => {
    const bytes = { baseline: { value: 3674, unit: 'bytes' }, current: { value: 10_265, unit: 'bytes' } };
    const html = page({ explanation: { ...exampleExplanation, metric: 'allocated', ...bytes } });
    expect(seen(html)).toContain('3.7 KB → 10 KB a call');
    expect(seen(html)).toContain('HEAD, 100%\n');
  });

  test('loads nothing from elsewhere, and runs only its own script, whatever names are like', () => {
    const [first, ...others] = exampleExplanation.causes;
    const odd = { ...first, function: hostile, text: hostile, file: hostile, kind: 'time' as const };
    const html = page({
      ...{ budget: hostile, from: hostile, to: hostile, why: hostile },
      explanation: { ...exampleExplanation, causes: [{ ...exampleExplanation.causes[0], ...odd } as never, ...others] },
      profiles: { baseline: profile(hostile, 10), current: profile(hostile, 20) },
    });
    expect(html).not.toContain('<img');
    expect(html.match(/<script[^>]*>/g)).toEqual([
      '<script type="application/json" id="graph">',
      '<script nonce="n0nce" src="https://e/explain.js">',
    ]);
    expect(html).toContain(`content="default-src 'none'; style-src https://e; script-src 'nonce-n0nce';"`);
  });
});

test('only what the page may ask for is read', () => {
  const open = { type: 'open', file: 'src/diff.ts', line: 3, column: 1 };
  expect(readRequest(open)).toEqual(open);
  expect(readRequest({ type: 'profiles' })).toEqual({ type: 'profiles' });
  expect([null, 1, { type: 'run' }, { ...open, line: '3' }].map(readRequest)).toEqual([null, null, null, null]);
});
