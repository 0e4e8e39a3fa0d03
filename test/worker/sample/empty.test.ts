import { describe, expect, test } from 'vitest';
import type { Case } from '../../../src/worker/collect/case.js';
import { openClocks } from '../../../src/worker/sample/clock.js';
import { Sampler } from '../../../src/worker/sample/sampler.js';

const cache = new Map(Array.from({ length: 1000 }, (_, key) => [key, Math.sqrt(key)]));
let calls = 0;
const look = () => cache.get(calls++ % 1000);

/** What a process that measures this case says of it in the end, in a loop as comparisons use it. */
async function isEmpty(more: Partial<Case> & Pick<Case, 'fn'>): Promise<boolean> {
  const benchmark = { name: 'case', before: [], after: [], beforeEach: [], afterEach: [], ...more };
  const sampler = new Sampler(benchmark, { concurrency: 1, tiering: null }, await openClocks());
  await sampler.begin('run');
  await sampler.call();
  await sampler.warm({ type: 'warm', iterations: null, ms: 100, inlined: false });
  return (await sampler.close()).empty;
}

describe('a case', () => {
  test.each<[string, Case['fn'], boolean]>([
    ['that does nothing', () => undefined, true],
    ['that returns a constant', () => 42, true],
    ['that is asynchronous and does nothing', () => Promise.resolve(), true],
    ['that looks a number up', look, false],
    ['that waits for three promises', () => Promise.resolve().then(look).then(look), false],
  ])('%s', async (_, fn, expected) => {
    expect(await isEmpty({ fn })).toBe(expected);
  });

  test('that does nothing with the parameters that are made for it', async () => {
    const fn = () => undefined;
    expect(await isEmpty({ fn, computed: { parameters: [() => calls++], fn } })).toBe(true);
  });

  test('that throws after the calls that were measured is not empty, and fails nothing', async () => {
    let measured = 0;
    let isMeasured = false;
    const fn = () => {
      if (isMeasured && ++measured > 10_000) throw new Error('no more');
    };
    const benchmark = { name: 'case', before: [], after: [], beforeEach: [], afterEach: [], fn };
    const sampler = new Sampler(benchmark, { concurrency: 1, tiering: null }, await openClocks());
    await sampler.begin('run');
    await sampler.call();
    await sampler.warm({ type: 'warm', iterations: null, ms: 100, inlined: false });
    isMeasured = true;
    expect(await sampler.close()).toMatchObject({ empty: false });
    expect(measured).toBeGreaterThan(10_000);
  });

  test('is not called once its phase has ended', async () => {
    let isOpen = false;
    const fn = () => {
      if (!isOpen) throw new Error('closed');
    };
    const before = [() => void (isOpen = true)];
    const after = [() => void (isOpen = false)];
    expect(await isEmpty({ fn, before, after, hasPhases: true })).toBe(true);
  });
});
