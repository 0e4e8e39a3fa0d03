import { describe, expect, test } from 'vitest';
import {
  clockOf,
  hasFewCollections,
  isSettled,
  timeOf,
  usualTime,
  type Slice,
} from '../../../src/core/stats/slices.js';

/** A slice of ten iterations whose thread ran all the time. */
const slice = (changed: Partial<Slice> = {}): Slice => ({
  ...{ iterations: 10, wall: 1000, cpu: 1000, queued: 0, waits: 0, collections: 0, collecting: 0 },
  ...changed,
});

/** Slices of one iteration each that took so long by the processor's clock, and a thousand times as long by the wall's. */
const taking = (...times: readonly number[]): readonly Slice[] =>
  times.map((time) => slice({ iterations: 1, cpu: time, wall: 1000 * time }));

describe('the time of an iteration', () => {
  test('that is compared is the mean of the faster half, by the clock that is asked for', () => {
    expect(timeOf(taking(4, 1, 1e6, 2), 'cpu')).toBe(1.5);
    expect(timeOf(taking(4, 1, 1e6, 2), 'wall')).toBe(1500);
  });

  test('that is shown is the same, or by the clock of code that waits, leaves out the slowest fifth', () => {
    expect(usualTime(taking(4, 1, 1e6, 2), 'cpu')).toBe(1.5);
    expect(usualTime(taking(4, 1, 1e6, 2, 5), 'wall')).toBe(3000);
  });

  test('does not depend on how many there are in a slice', () => {
    const slices = [slice({ iterations: 100, cpu: 500 }), slice({ iterations: 2, cpu: 14 })];
    expect(timeOf(slices, 'cpu', 1)).toBe(6);
    expect(timeOf(slices, 'cpu')).toBe(5);
  });

  test('is that of the only slice', () => {
    expect(timeOf(taking(7), 'cpu')).toBe(7);
    expect(usualTime(taking(7), 'cpu')).toBe(7);
  });
});

describe('garbage collections', () => {
  /** Slices of ten iterations of 100 ns, some of them with a collection of 800 ns. */
  const collected = (quiet: number, others: number): readonly Slice[] => [
    ...Array.from({ length: quiet }, () => slice()),
    ...Array.from({ length: others }, () => slice({ cpu: 1800, wall: 1800, collections: 1, collecting: 700 })),
  ];

  test.each([
    // All collections are shared out among all iterations, although half of the slices, or four fifths, have none.
    ['few', 9, 1, 108],
    ['many', 5, 5, 140],
    ['most', 1, 3, 160],
    // With too few to tell what an iteration takes without a collection, each slice counts as it is.
    ['nearly all', 1, 4, 180 - 80 / 3],
    ['all', 0, 4, 180],
    ['none', 4, 0, 100],
  ])('are a part of the time where %s of the slices have one', (_, quiet, others, expected) => {
    const slices = collected(quiet, others);
    expect(timeOf(slices, 'cpu', 0.6)).toBeCloseTo(expected, 9);
    expect(timeOf(slices, 'wall', 0.6)).toBeCloseTo(expected, 9);
    if (quiet >= others) expect(usualTime(slices, 'cpu')).toBeCloseTo(expected, 9);
  });

  test('never take less than nothing', () => {
    const slices = [slice(), slice(), slice({ cpu: 900, collections: 1 })];
    expect(timeOf(slices, 'cpu')).toBe(100);
  });

  test.each([
    ['none', collected(20, 0), false],
    ['few', collected(20, 7), true],
    ['enough of them', collected(20, 8), false],
    ['few, which take next to nothing', collected(400, 7), false],
    ['enough of them in one slice', [slice({ cpu: 2000, collections: 8, collecting: 900 })], false],
  ])('call for more slices: %s', (_, slices, expected) => {
    expect(hasFewCollections(slices, 'cpu')).toBe(expected);
  });
});

describe('code is warm', () => {
  const halves = (early: number, late: number): readonly Slice[] =>
    taking(...Array<number>(4).fill(early), ...Array<number>(4).fill(late));

  test.each([
    [100, 100, true],
    [100, 97, true],
    [100, 96, false],
    [100, 50, false],
    [100, 200, true],
  ])('where slices of %f ns are followed by slices of %f ns: %s', (early, late, expected) => {
    expect(isSettled(halves(early, late), 'cpu')).toBe(expected);
    expect(isSettled(halves(early, late), 'wall')).toBe(expected);
  });

  test('as far as fewer than eight slices can tell', () => {
    expect(isSettled(taking(100, 100, 100, 50, 50, 50, 50), 'cpu')).toBe(true);
    expect(isSettled(taking(100, 100, 100, 100, 50, 50, 50, 50), 'cpu')).toBe(false);
    expect(isSettled([], 'cpu')).toBe(true);
  });

  test('where only a disturbance made some of the earlier slices slower', () => {
    expect(isSettled(taking(100, 900, 900, 100, 100, 100, 100, 100), 'cpu')).toBe(true);
  });

  test('by one clock, where it is cold by the other', () => {
    const slices = halves(100, 50).map((one) => ({ ...one, wall: 1000 }));
    expect(isSettled(slices, 'cpu')).toBe(false);
    expect(isSettled(slices, 'wall')).toBe(true);
  });
});

describe('the clock', () => {
  /** Four slices alike, of 4000 ns together. */
  const four = (changed: Partial<Slice>): readonly Slice[] => Array.from({ length: 4 }, () => slice(changed));

  test.each<[string, readonly Slice[], 'cpu' | 'wall']>([
    ['of what runs all the time', four({}), 'cpu'],
    ['of what sleeps in every slice', four({ cpu: 500, waits: 1 }), 'wall'],
    ['of what sleeps, but next to never', four({ cpu: 910, waits: 1 }), 'cpu'],
    ['of what other programs kept from running', four({ cpu: 500, queued: 450, waits: 1 }), 'cpu'],
    ['of what sleeps besides', four({ cpu: 500, queued: 350, waits: 1 }), 'wall'],
    ['of what waits for collections of its garbage', four({ cpu: 500, waits: 1, collecting: 425 }), 'cpu'],
    ['of what sleeps besides collections', four({ cpu: 500, waits: 1, collecting: 375 }), 'wall'],
    ['of what waits in a queue and for collections', four({ cpu: 500, queued: 200, waits: 1, collecting: 225 }), 'cpu'],
    ['of what a hypervisor kept from running', [...four({ cpu: 500 }).slice(1), slice({ waits: 1 })], 'cpu'],
    [
      'of what sleeps in every other slice',
      [...four({ cpu: 500 }).slice(2), ...four({ cpu: 500, waits: 1 }).slice(2)],
      'wall',
    ],
  ])('%s', (_, slices, expected) => {
    expect(clockOf(slices)).toBe(expected);
  });

  test.each([
    ['the queue is not', { queued: null }],
    ['the waits are not', { waits: null }],
    ['neither is', { queued: null, waits: null }],
  ])('goes by the missing time alone where %s known', (_, unknown) => {
    expect(clockOf(four({ cpu: 950, ...unknown }))).toBe('cpu');
    expect(clockOf(four({ cpu: 850, ...unknown }))).toBe('wall');
    expect(clockOf(four({ cpu: 850, collecting: 1000, ...unknown }))).toBe('wall');
    // One that tells nothing hides what the others tell.
    expect(clockOf([...four({ cpu: 800 }), slice({ cpu: 800, ...unknown })])).toBe('wall');
  });
});
