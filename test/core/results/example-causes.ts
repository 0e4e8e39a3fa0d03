import type { Cause, Explanation } from '../../../src/core/results/causes.js';

/** Two functions account for a slowdown; V8 has said why the first is slow. */
export const exampleCauses: readonly [Cause, Cause] = [
  {
    kind: 'time',
    function: 'buildValues',
    was: 'values',
    callee: 'values',
    package: 'diff',
    file: 'src/diff.ts',
    line: 120,
    column: 5,
    text: 'delete last.previous;',
    changed: true,
    baseline: { value: 0.77, unit: 'us' },
    current: { value: 4.67, unit: 'us' },
    share: 0.97,
    low: 0.91,
    high: 1.03,
    allocated: { baseline: 3674, current: 10265 },
    lines: [
      { line: 120, column: 5, text: 'delete last.previous;', share: 0.9, changed: true },
      { line: 122, column: 5, text: 'return last;', share: 0.07, changed: false },
    ],
    reasons: [
      {
        kind: 'dictionary',
        function: 'buildValues',
        file: 'src/diff.ts',
        line: 120,
        column: 5,
        message: '`delete` turned the object into a dictionary. Set the property to undefined instead.',
      },
    ],
  },
  {
    kind: 'garbage collection',
    function: 'encode',
    file: 'src/encode.ts',
    line: 12,
    column: 3,
    text: 'return parts.join("&");',
    changed: false,
    baseline: { value: 0.1, unit: 'us' },
    current: { value: 0.22, unit: 'us' },
    share: 0.03,
    low: 0.01,
    high: 0.05,
    allocated: { baseline: 5000, current: 8900 },
    retainer: { constructor: 'Map', path: ['Window.cache', 'Cache.entries'] },
  },
];

export const exampleExplanation: Explanation = {
  metric: 'time',
  baseline: { value: 5.1, unit: 'us' },
  current: { value: 9.12, unit: 'us' },
  causes: exampleCauses,
  explained: 1,
  note: 'Half of the difference is in code that did not change.',
};
