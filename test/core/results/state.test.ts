import { expect, test } from 'vitest';
import { lastResult } from '../../../src/core/results/state.js';
import { pass, fail, known, error } from '../text/results.js';

test('the last result of every state', () => {
  const at = 0;
  expect([
    lastResult({ kind: 'unmeasured' }),
    lastResult({ kind: 'measuring', previous: null }),
    lastResult({ kind: 'measuring', previous: { result: pass, at } }),
    lastResult({ kind: 'stale', previous: { result: fail, at }, cause: 'code' }),
    lastResult(known(error)),
  ]).toEqual([null, null, pass, fail, error]);
});
