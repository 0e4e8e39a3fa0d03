import { expect, test } from 'vitest';
import type { Measurement } from '../../../src/core/results/measurement.js';
import type { WaitsFor } from '../../../src/core/results/state.js';
import { changeLine, measuredLine, runLine, verdictLine } from '../../../src/core/text/log.js';
import { fail, pass } from './results.js';

const side = { value: 1, low: 1, high: 1 };
const measurement = {
  benchmark: 'registry/lookup',
  current: side,
  baseline: side,
  comparison: { ratio: 1.14, low: 1.11, high: 1.17, processes: 4 },
  samples: 96,
  elapsedMs: 1300,
  note: null,
} as unknown as Measurement;

const line = (more: Partial<Measurement>, elapsedMs: number, waited: readonly WaitsFor[] = []): string =>
  measuredLine('registry/lookup', { ...measurement, ...more }, { elapsedMs, timeMs: 2000, waited: new Set(waited) });

test('a benchmark that was measured says how long that took, and why if it was long', () => {
  expect(line({}, 1312)).toBe('registry/lookup: 1.31 s, 96 samples in 4 processes');
  expect(line({ comparison: null, samples: 1 }, 84)).toBe('registry/lookup: 84 ms, 1 sample');
  expect(line({}, 2100)).toBe('registry/lookup: 2.1 s, 96 samples in 4 processes; used all of its time, 2 s');
  expect(line({ disturbed: true }, 4200, ['proof', 'compiler'])).toBe(
    'registry/lookup: 4.2 s, 96 samples in 4 processes; waited for V8’s last compiler; looked slower and was measured until that was certain; other programs kept the machine busy',
  );
});

test('a run says what its time was spent on', () => {
  const known = { ...pass, cached: true };
  expect(runLine([fail, known], { planned: 312, measured: 3100, explained: 700 })).toBe(
    '2 budgets in 4.1 s, 1 of them known from before or unchanged: 310 ms to read and bundle the code, 3.1 s to measure, 700 ms to find the causes',
  );
  expect(runLine([pass], { planned: 120, measured: 0.2, explained: 0 })).toBe(
    '1 budget in 120 ms: 120 ms to read and bundle the code',
  );
});

test('a verdict is said as in a lens', () => {
  expect(verdictLine(fail, 'HEAD')).toBe('tokenize: ✗ 14% slower than HEAD · 10% allowed');
});

test('a change says how many budgets it can affect', () => {
  expect(changeLine(['src/tokenizer.ts'], 2, 15)).toBe('src/tokenizer.ts changed: 2 budgets of 15 can be affected');
  expect(changeLine(['a.ts', 'b.ts'], 1, 15)).toBe('2 files (a.ts, …) changed: 1 budget of 15 can be affected');
});
