import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Verdict } from '../../../src/core/results/measurement.js';
import { sparkline, svgAddress, type SparkOptions, type SparkPoint } from '../../../src/core/text/sparkline.js';

const format = (value: number): string => `${Math.round(value * 100) / 100} ms`;
const options: SparkOptions = { theme: 'dark', title: 'Time of tokenize', format };
const run = (value: number, verdict: Verdict = 'pass', half = 0): SparkPoint => ({
  estimate: { value, low: value - half, high: value + half },
  verdict,
});
const broken: SparkPoint = { estimate: null, verdict: 'error' };

const texts = (svg: string): string[] =>
  [...svg.matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map((each) => unescape(each[1] ?? ''));
const unescape = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
const description = (svg: string): string => /<desc [^>]*>([^<]*)<\/desc>/.exec(svg)?.[1] ?? '';

/** The heights of the labels' base lines, top to bottom. */
const baseLines = (svg: string): number[] =>
  [...svg.matchAll(/<text x="\S+" y="([\d.]+)"/g)].map((each) => Number(each[1]));

/** What of the picture lies outside it. */
function outside(svg: string, width: number, height: number): string[] {
  const numbers = [...svg.matchAll(/ (?:cx|cy|x|y)="(-?[\d.]+|NaN|-?Infinity)"/g)].map((each) => each[1] ?? '');
  const coordinates = [...svg.matchAll(/[ML](\S+?) ([^LMHVZm"]+)/g)].flatMap(([, x = '', y = '']) => [x, y]);
  const most = Math.max(width, height);
  return [...numbers, ...coordinates].filter((each) => !(Number(each) >= 0 && Number(each) <= most));
}

describe('the whole picture', () => {
  test('of a budget that just broke', () => {
    const svg = sparkline(
      [run(8, 'pass', 0.2), run(8.2, 'warn', 0.2), broken, run(8.1, 'undecided'), run(9.6, 'fail')],
      {
        ...options,
        bound: { value: 9, relation: '<=' },
        baseline: { value: 8, name: 'v3 & <co>' },
      },
    );
    expect(svg.replaceAll('><', '>\n<')).toMatchInlineSnapshot(`
      "<svg xmlns="http://www.w3.org/2000/svg" width="320" height="64" viewBox="0 0 320 64" role="img" aria-labelledby="sparkline-title sparkline-desc" font-family="system-ui, -apple-system, 'Segoe UI', 'Noto Sans', sans-serif" font-size="11">
      <title id="sparkline-title">Time of tokenize</title>
      <desc id="sparkline-desc">5 runs, between 8 ms and 9.6 ms, the last one 9.6 ms, 1 over budget, 1 with a warning, 1 undecided, 1 without a result, bound ≤ 9 ms, v3 &amp; &lt;co&gt; 8 ms.</desc>
      <mask id="sparkline-air" maskUnits="userSpaceOnUse" x="0" y="0" width="320" height="64">
      <path d="M0 0H320V64H0Z" fill="#fff"/>
      <circle cx="176" cy="45.3" r="5"/>
      <circle cx="220" cy="48" r="5"/>
      <circle cx="242" cy="8" r="5"/>
      </mask>
      <path d="M8 50.7H248" stroke="#a3a3a3" stroke-dasharray="1 3"/>
      <path d="M8 0H248V24H8Z" fill="#f4806c" fill-opacity="0.08"/>
      <path d="M8 24H248" stroke="#f4806c" stroke-dasharray="5 3"/>
      <path d="M154 45.3L176 40L176 50.7L154 56Z" fill="#6cb0f0" fill-opacity="0.2"/>
      <g mask="url(#sparkline-air)">
      <path d="M154 50.7L176 45.3" fill="none" stroke="#6cb0f0" stroke-width="1.5" stroke-linejoin="round" stroke-linecap="round"/>
      </g>
      <path d="M220 48L242 8L242 8L220 48Z" fill="#6cb0f0" fill-opacity="0.2"/>
      <g mask="url(#sparkline-air)">
      <path d="M220 48L242 8" fill="none" stroke="#6cb0f0" stroke-width="1.5" stroke-linejoin="round" stroke-linecap="round"/>
      </g>
      <circle cx="154" cy="50.7" r="1.7" fill="#6cb0f0"/>
      <path d="M176 42.2L179.1 47.6L172.9 47.6Z" fill="#d9b03c"/>
      <path d="M198 56m-2.3 -2.3l4.6 4.6m0 -4.6l-4.6 4.6" fill="none" stroke="#f4806c" stroke-width="1.6" stroke-linecap="round"/>
      <circle cx="220" cy="48" r="2.4" fill="none" stroke="#a3a3a3" stroke-width="1.5"/>
      <path d="M242 3.2L246.8 8L242 12.8L237.2 8Z" fill="#f4806c"/>
      <text x="252" y="12" font-weight="600" fill="#dedede">9.6 ms</text>
      <text x="252" y="28" fill="#a3a3a3">≤ 9 ms</text>
      <text x="252" y="54.6" fill="#a3a3a3">v3 &amp; &lt;co&gt;</text>
      </svg>"
    `);
  });

  test('before the first run', () => {
    const svg = sparkline([], { ...options, bound: { value: 9, relation: '<' } });
    expect(texts(svg)).toEqual(['< 9 ms', 'no runs yet']);
    expect(description(svg)).toBe('0 runs, bound &lt; 9 ms.');
  });

  test('without anything at all', () => {
    expect(texts(sparkline([], options))).toEqual(['no runs yet']);
  });
});

describe('words', () => {
  test('stand in the order of their values, whatever is the largest', () => {
    const words = (last: number, bound: number, baseline: number): string[] =>
      texts(
        sparkline([run(8), run(last)], {
          ...options,
          bound: { value: bound, relation: '<=' },
          baseline: { value: baseline, name: 'HEAD' },
        }),
      );
    expect(words(8, 9, 7.5)).toEqual(['≤ 9 ms', '8 ms', 'HEAD']);
    expect(words(9.5, 9, 8)).toEqual(['9.5 ms', '≤ 9 ms', 'HEAD']);
    expect(words(7, 9, 8)).toEqual(['≤ 9 ms', 'HEAD', '7 ms']);
  });

  test('never overlap and never leave the picture', () => {
    for (const [bound, baseline] of [
      [8, 8],
      [8.01, 7.99],
      [7, 7.01],
      [9, 8.99],
    ] as const) {
      const svg = sparkline([run(8)], {
        ...options,
        bound: { value: bound, relation: '<=' },
        baseline: { value: baseline, name: 'HEAD' },
      });
      const lines = baseLines(svg);
      expect(lines).toHaveLength(3);
      lines.slice(1).forEach((line, index) => expect(line - (lines[index] ?? 0)).toBeGreaterThanOrEqual(12.9));
      expect(lines[0]).toBeGreaterThanOrEqual(10);
      expect(lines[2]).toBeLessThanOrEqual(62);
    }
  });

  test('say which bound, in the user’s words where there are some', () => {
    const words = (bound: NonNullable<SparkOptions['bound']>): string[] =>
      texts(sparkline([run(8)], { ...options, bound }));
    expect(words({ value: 9, relation: '>=' })).toEqual(['≥ 9 ms', '8 ms']);
    expect(words({ value: 9, relation: '=' })).toEqual(['= 9 ms', '8 ms']);
    expect(words({ value: 9, relation: '>', label: '> 600k ops/s' })).toEqual(['> 600k ops/s', '8 ms']);
  });

  test('are cut where they would fill the picture', () => {
    const [name] = texts(
      sparkline([], { ...options, baseline: { value: 1, name: 'feature/a-very-long-name-of-a-branch' } }),
    );
    expect(name).toBe('feature/a-very-long…');
  });

  test('point to a bound that is too far away to be drawn', () => {
    const far = (value: number): string[] =>
      texts(sparkline([run(8)], { ...options, bound: { value, relation: '<=' } }));
    expect(far(2000)).toEqual(['↑ ≤ 2000 ms', '8 ms']);
    expect(far(0.001)).toEqual(['8 ms', '↓ ≤ 0 ms']);
    const svg = sparkline([run(8)], { ...options, bound: { value: 2000, relation: '<=' } });
    expect(svg).not.toContain('stroke-dasharray');
  });

  test('tell the picture to those who cannot see it', () => {
    const runs = [run(8), run(9, 'fail'), run(8.5, 'warn'), run(8.2, 'undecided'), broken];
    const bound = { value: 9, relation: '<=' } as const;
    expect(description(sparkline(runs, { ...options, bound, baseline: { value: 8, name: 'HEAD' } }))).toBe(
      '5 runs, between 8 ms and 9 ms, the last one failed, 1 over budget, 1 with a warning, 1 undecided, 1 without a result, bound ≤ 9 ms, HEAD 8 ms.',
    );
    expect(description(sparkline([run(8)], options))).toBe('1 run, the last one 8 ms.');
  });

  test('pass the interval on, so that no digit is shown that is not known', () => {
    const seen: unknown[] = [];
    sparkline([run(8, 'pass', 1)], { ...options, format: (value, interval) => `${seen.push([value, interval])}` });
    expect(seen).toContainEqual([8, { value: 8, low: 7, high: 9 }]);
  });
});

describe('shapes', () => {
  test('differ for every verdict without their colours', () => {
    const verdicts: Verdict[] = ['pass', 'warn', 'fail', 'undecided', 'error'];
    const shapes = verdicts.map((verdict) => {
      const svg = sparkline([{ ...run(8), verdict }, run(8)], options);
      return svg
        .slice(svg.indexOf('</mask>'))
        .replaceAll(/#[0-9a-f]{6}/g, 'colour')
        .replace(/.*<\/g>/, '');
    });
    expect(new Set(shapes).size).toBe(5);
  });

  test('of many runs are only those that did not pass, and the last one', () => {
    const many = Array.from({ length: 40 }, (_, index) =>
      run(8 + (index % 2) / 10, index === 7 ? 'undecided' : 'pass'),
    );
    const svg = sparkline(many, options);
    expect(svg.slice(svg.indexOf('</mask>')).match(/<circle/g)).toHaveLength(2);
    expect(sparkline(many.slice(-10), options).match(/<circle/g)).toHaveLength(11);
  });

  test('an outlier lies at the edge with an arrow, and the others keep their room', () => {
    const others = Array.from({ length: 30 }, (_, index) => run(8 + (index % 2)));
    const height = (svg: string): number => {
      const ys = [...(/<g [^>]*><path d="([^"]+)"/.exec(svg)?.[1] ?? '').matchAll(/[ML]\S+ ([\d.]+)/g)].map((each) =>
        Number(each[1]),
      );
      return Math.max(...ys.slice(-30)) - Math.min(...ys.slice(-30));
    };
    expect(height(sparkline([run(9000, 'fail'), ...others], options))).toBe(height(sparkline(others, options)));
    expect(height(sparkline(others, options))).toBe(48);
  });

  test('equal values are a level line in the middle', () => {
    const svg = sparkline([run(8), run(8), run(8)], options);
    expect(/<g [^>]*><path d="([^"]+)"/.exec(svg)?.[1]?.match(/ 32/g)).toHaveLength(3);
  });

  test('only as many runs are drawn as can be told apart, the newest', () => {
    const svg = sparkline(
      Array.from({ length: 5000 }, (_, index) => run(8 + (index % 3) / 10)),
      options,
    );
    expect(svg.length).toBeLessThan(6000);
    expect(description(svg)).toBe('5000 runs, between 8 ms and 8.2 ms, the last one 8.1 ms.');
  });
});

test('stays in the picture, with numbers only, whatever is measured', () => {
  const value = fc.oneof(fc.constant(0), fc.double({ min: 1e-6, max: 1e12, noNaN: true }));
  const estimate = fc.tuple(value, fc.double({ min: 0, max: 0.5, noNaN: true })).map(([middle, share]) => ({
    value: middle,
    low: middle * (1 - share),
    high: middle * (1 + share),
  }));
  const verdict = fc.constantFrom<Verdict[]>('pass', 'warn', 'fail', 'undecided', 'error');
  fc.assert(
    fc.property(
      fc.array(fc.record({ estimate: fc.option(estimate), verdict }), { maxLength: 120 }),
      fc.option(value),
      fc.option(value),
      (points, bound, baseline) => {
        const svg = sparkline(points, {
          ...options,
          bound: bound === null ? null : { value: bound, relation: '<=' },
          baseline: baseline === null ? null : { value: baseline, name: 'HEAD' },
        });
        expect(outside(svg, 320, 64)).toEqual([]);
        expect(svg).not.toMatch(/NaN|Infinity|undefined|null/);
      },
    ),
  );
});

test('colours of every theme can be read on its hovers', () => {
  const grounds = {
    light: '#f3f3f3',
    dark: '#252526',
    'high-contrast': '#000000',
    'high-contrast-light': '#ffffff',
  } as const;
  for (const theme of ['light', 'dark', 'high-contrast', 'high-contrast-light'] as const) {
    const least = theme.startsWith('high') ? 7 : 4.5;
    const svg = sparkline([run(8, 'warn'), run(9, 'fail'), run(8, 'undecided'), run(8)], {
      ...options,
      theme,
      bound: { value: 9, relation: '<=' },
      baseline: { value: 8, name: 'HEAD' },
    });
    const colours = [...new Set(svg.slice(svg.indexOf('</mask>')).match(/#[0-9a-f]{6}/g))];
    expect(colours).toHaveLength(6);
    // The line and the marks are shapes, for which 3:1 is enough; all our colours are better than that.
    expect(colours.filter((colour) => contrast(colour, grounds[theme]) < least)).toEqual([]);
  }
});

/** WCAG 2.2: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
function contrast(a: string, b: string): number {
  const [lighter = 0, darker = 0] = [a, b].map(luminance).toSorted((x, y) => y - x);
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const channel = parseInt(colour.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

test('the address holds nothing that Markdown would end it at, and gives the picture back', () => {
  const svg = sparkline([run(8)], { ...options, title: "it's (größe) * 100% #1!" });
  const address = svgAddress(svg);
  expect(address).toMatch(/^data:image\/svg\+xml,[\w.~%-]+$/);
  expect(decodeURIComponent(address.slice('data:image/svg+xml,'.length))).toBe(svg);
});
