import { describe, expect, test } from 'vitest';
import { resemblesEmpty } from '../../../src/core/stats/empty.js';
import { emptyTime } from '../../../src/worker/sample/empty.js';
import { Sampler } from '../../../src/worker/sample/sampler.js';

const now = (): number => performance.now() * 1e6;
const none = { beforeEach: [], afterEach: [] };

describe('an iteration of nothing', () => {
  test('costs next to nothing, more where a promise is awaited, and is known for what it is', async () => {
    const plain = await emptyTime(none, { async: false, now });
    const awaited = await emptyTime(none, { async: true, now });
    expect(plain).toBeGreaterThan(0);
    expect(awaited).toBeGreaterThan(plain);
    expect(resemblesEmpty(plain, plain)).toBe(true);
    expect(resemblesEmpty(awaited, awaited)).toBe(true);
    expect(resemblesEmpty(2 * awaited, awaited)).toBe(false);
  });

  test('between hooks costs what the loop with hooks does, and no hook is called', async () => {
    let calls = 0;
    const hook = () => calls++;
    const hooked = await emptyTime({ beforeEach: [hook], afterEach: [hook] }, { async: false, now });
    expect(hooked).toBeGreaterThan(await emptyTime(none, { async: false, now }));
    expect(calls).toBe(0);
  });

  test('is known on a machine on which the call of an empty function takes 9 ns', async () => {
    const slowdown = 9 / (await emptyTime(none, { async: false, inlined: false, now }));
    const benchmark = { ...none, name: 'case', before: [], after: [], fn: () => undefined };
    const clocks = { wall: () => slowdown * now(), cpu: null, schedule: null };
    const sampler = new Sampler(benchmark, { concurrency: 1, tiering: null }, clocks);
    await sampler.begin('run');
    await sampler.call();
    const { pace } = await sampler.warm({ type: 'warm', iterations: null, ms: 200, inlined: false });
    expect(resemblesEmpty(pace, 2 * ((await sampler.close()).empty ?? NaN))).toBe(true);
  });
});
