import { expect, it } from 'vitest';
import { samplesNeeded } from '../../../src/core/language/metric.js';

it('asks for ten samples beyond a percentile, on its short side', () => {
  expect([50, 75, 90, 95, 99, 99.5, 99.9, 99.99, 5, 0.1].map(samplesNeeded)).toEqual([
    20, 40, 100, 200, 1_000, 2_000, 10_000, 100_000, 200, 10_000,
  ]);
});
