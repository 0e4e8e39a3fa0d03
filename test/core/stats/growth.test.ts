import { describe, expect, test } from 'vitest';
import { growths, type Growth } from '../../../src/core/language/budget.js';
import { judgeGrowth, type GrowthPoint, type GrowthResult } from '../../../src/core/stats/growth.js';
import { interval } from '../../../src/core/stats/interval.js';
import { growthWords } from '../../../src/core/text/growth.js';
import { random } from '../random.js';

const orders = {
  'O(1)': () => 1,
  'O(log n)': Math.log,
  'O(n)': (n: number) => n,
  'O(n log n)': (n: number) => n * Math.log(n),
  'O(n^2)': (n: number) => n ** 2,
} satisfies Record<Growth, (n: number) => number>;

const doubling = [64, 128, 256, 512, 1024, 2048, 4096];
const decades = [10, 100, 1000, 10_000];
/** Three sizes, the fewest that are judged. */
const three = [
  [1, 10, 100],
  [10, 100, 1000],
  [1, 100, 10_000],
  [64, 256, 1024],
  [100, 300, 900],
];
const wide = [1000, 4000, 16_000, 64_000, 256_000, 1_000_000];

interface World {
  readonly sizes: readonly number[];
  /** A start-up, in costs of the smallest size. */
  readonly startUp: number;
  /** How much a size differs from the smooth curve, and a process from the size's own mean. */
  readonly wiggle: number;
  readonly sigma: number;
}

const calm: World = { sizes: wide, startUp: 0, wiggle: 0.005, sigma: 0.01 };
const noisy: World = { sizes: wide, startUp: 0, wiggle: 0.03, sigma: 0.05 };

/** Every size measured in four processes, whose interval is the one that real measurements have. */
function family(f: (n: number) => number, world: World, normal: () => number): GrowthPoint[] {
  const first = f(world.sizes[0] ?? 1);
  return world.sizes.map((n) => {
    const log = Math.log(f(n) + world.startUp * first) + world.wiggle * normal();
    const { ratio, low, high } = interval([0, 0, 0, 0].map(() => log + world.sigma * normal()));
    return { n, value: { value: ratio, low, high, samples: 1000 } };
  });
}

function results(f: (n: number) => number, bound: Growth, world: World, rounds: number): GrowthResult[] {
  const { normal } = random(rounds + bound.length);
  return Array.from({ length: rounds }, () => judgeGrowth(family(f, world, normal), bound));
}

function share(all: readonly GrowthResult[], verdict: 'pass' | 'fail' | 'undecided'): number {
  return all.filter((one) => one.kind === 'judged' && one.verdict === verdict).length / all.length;
}

/** Exact figures. */
const exact = (f: (n: number) => number, sizes: readonly number[]): GrowthPoint[] =>
  sizes.map((n) => ({ n, value: { value: f(n), low: f(n), high: f(n), samples: 1 } }));

describe('what each order is called, in calm and noisy worlds', () => {
  const worlds = [calm, noisy].flatMap((world) =>
    [wide, doubling, decades].flatMap((sizes) => [0, 1, 10].map((startUp) => ({ ...world, sizes, startUp }))),
  );
  const pairs = growths.flatMap((truth) => growths.map((bound) => ({ truth, bound })));

  test.each(pairs)('$truth under $bound is never judged wrong', ({ truth, bound }) => {
    // A start-up under ten per cent of which hides all of a logarithm is not growth that anybody can see.
    const visible = worlds.filter(({ startUp }) => startUp === 0 || !['O(1)', 'O(log n)'].includes(truth));
    const wrong = growths.indexOf(truth) > growths.indexOf(bound) ? 'pass' : 'fail';
    const all = visible.flatMap((world) => results(orders[truth], bound, world, 8));
    expect(share(all, wrong)).toBeLessThanOrEqual(0.005);
  });

  const few = [calm, noisy].flatMap((world) =>
    three.flatMap((sizes) => [0, 1, 10].map((startUp) => ({ ...world, sizes, startUp }))),
  );

  test.each(pairs)('$truth under $bound is hardly ever judged wrong by three sizes', ({ truth, bound }) => {
    const visible = few.filter(({ startUp }) => startUp === 0 || !['O(1)', 'O(log n)'].includes(truth));
    // A logarithm of 1 is 0, and no cost is: it begins with the cost of a step.
    const f = (n: number): number => Math.max(orders[truth](n), 1);
    const wrong = growths.indexOf(truth) > growths.indexOf(bound) ? 'pass' : 'fail';
    const all = visible.flatMap((world) => results(f, bound, world, 20));
    expect(share(all, wrong)).toBeLessThanOrEqual(0.005);
  });

  test.each(growths.slice(0, -1))('calm figures answer whether it is %s or the next', (bound) => {
    const next = growths[growths.indexOf(bound) + 1] ?? bound;
    expect(share(results(orders[bound], bound, calm, 25), 'pass')).toBe(1);
    expect(share(results(orders[next], bound, calm, 25), 'fail')).toBe(1);
  });
});

test.each([
  [1, calm],
  [1, noisy],
  [1.5, noisy],
  [2, { ...noisy, sizes: doubling, startUp: 10 }],
  [1, { ...noisy, sizes: decades, startUp: 1 }],
])('the interval of the power %d holds it 96 times of 100, in a world of its own', (truth, world) => {
  const all = results((n) => n ** truth, 'O(n)', world, 300);
  const held = all.filter(
    (one) => one.kind === 'judged' && one.exponent.low <= truth && truth <= one.exponent.high,
  ).length;
  expect(held / all.length).toBeGreaterThan(0.96);
});

test('three sizes answer whether it is a line or a square, and 1 is one of them', () => {
  for (const sizes of [
    [1, 10, 100],
    [10, 100, 1000],
  ]) {
    const world = { ...calm, sizes };
    expect(share(results(orders['O(n)'], 'O(n)', world, 100), 'pass')).toBeGreaterThan(0.95);
    expect(share(results(orders['O(n^2)'], 'O(n)', world, 100), 'fail')).toBe(1);
    expect(share(results(orders['O(1)'], 'O(n)', world, 100), 'pass')).toBe(1);
    // A start-up of ten small sizes hides more of the curve; the answer may be open, but not wrong.
    expect(share(results(orders['O(n)'], 'O(n)', { ...world, startUp: 10 }, 100), 'fail')).toBe(0);
    expect(share(results(orders['O(n^2)'], 'O(n)', { ...world, startUp: 10 }, 100), 'pass')).toBe(0);
  }
});

test('a start-up of a hundred small sizes makes no line sublinear, and no square pass for a line', () => {
  const world = { ...noisy, startUp: 100 };
  const linear = results(orders['O(n)'], 'O(n)', world, 25);
  expect(share(linear, 'fail')).toBe(0);
  for (const one of linear)
    expect(one).toMatchObject({ kind: 'judged', fits: expect.arrayContaining(['O(n)']) as unknown });
  expect(share(results(orders['O(n^2)'], 'O(n)', world, 25), 'fail')).toBe(1);
  expect(share(results(orders['O(n^2)'], 'O(n log n)', world, 25), 'fail')).toBe(1);
});

test('n and n log n are told apart where the data can, and both are named where it cannot', () => {
  const named = (one: GrowthResult): string => (one.kind === 'judged' ? one.fits.join(' ') : one.refusal.kind);
  const few = { ...noisy, sizes: [100, 200, 400, 800] };
  expect(new Set(results(orders['O(n log n)'], 'O(n)', calm, 25).map(named))).toEqual(new Set(['O(n log n)']));
  expect(new Set(results(orders['O(n)'], 'O(n)', calm, 25).map(named))).toEqual(new Set(['O(n)']));
  const unclear = results(orders['O(n)'], 'O(n)', few, 50);
  expect(unclear.filter((one) => named(one).includes('O(n) O(n log n)')).length).toBeGreaterThan(40);
  expect(share(unclear, 'fail')).toBe(0);
});

test('caches that cost 1.3 times as much at the largest sizes break no order', () => {
  const cached = (f: (n: number) => number) => (n: number) => f(n) * (n > 50_000 ? 1.3 : 1);
  for (const bound of growths) expect(share(results(cached(orders[bound]), bound, calm, 30), 'fail')).toBe(0);
});

test('a cost that does not grow keeps every bound, and one between two orders fits neither', () => {
  for (const bound of growths) {
    expect(
      judgeGrowth(
        exact(() => 5, wide),
        bound,
      ),
    ).toMatchObject({ verdict: 'pass', fits: ['O(1)'], best: 'O(1)' });
  }
  expect(
    judgeGrowth(
      exact((n) => n ** 1.5, wide),
      'O(n log n)',
    ),
  ).toMatchObject({ verdict: 'fail', fits: [] });
});

describe('the words', () => {
  const f = (n: number): number => 0.001 * n * Math.log(n);
  test.each<[string, readonly GrowthPoint[], Growth, string]>([
    ['too few', exact(f, [100, 10_000]), 'O(n)', 'O(n) needs at least 3 sizes of 1 or more; there are 2'],
    ['one', exact(f, [100, 100]), 'O(n)', 'O(n) needs at least 3 sizes of 1 or more; there is 1'],
    ['from one on', exact(f, [0, 1, 8, 64]), 'O(log n)', 'O(log n) needs at least 3 sizes of 2 or more; there are 2'],
    [
      'too narrow',
      exact(f, [1000, 1500, 2000, 2500]),
      'O(n log n)',
      'O(n log n) needs sizes that span at least a factor of 8; 1000 to 2500 is a factor of 2.5',
    ],
    [
      'nothing',
      exact((n) => n - 100, [100, 200, 400, 1600]),
      'O(n)',
      'O(n) needs values above zero; at size 100 the value is 0',
    ],
    ['holds', exact(f, wide), 'O(n log n)', 'grows as n^1.10 (1.09 to 1.12): O(n log n) holds'],
    ['fails', exact(f, wide), 'O(n)', 'grows as n^1.10 (1.09 to 1.12): faster than O(n)'],
    ['flat', exact(() => 5, wide), 'O(n)', 'does not grow with n (n^−0.01 to 0.01): O(n) holds'],
    [
      'undecided',
      exact((n) => n, [100, 200, 400, 800]),
      'O(n)',
      'grows as n^1.00 (0.97 to 1.12): it may be O(n) or O(n log n); add more or larger sizes',
    ],
    [
      'hidden',
      exact((n) => 1000 + n, [10, 100, 200, 400]),
      'O(n)',
      'grows as a power of n that is still unknown (n^0.52 to 1.71): it may be O(1), O(n) or O(n log n); add more or larger sizes',
    ],
  ])('%s', (_, points, bound, words) => {
    expect(growthWords(judgeGrowth(points, bound))).toBe(words);
  });
});
