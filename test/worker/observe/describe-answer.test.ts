import { createContext, runInContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { comparisonOfEqual, firstDifference, firstSpot } from '../../../src/core/results/answers.js';
import { describeAnswer } from '../../../src/worker/observe/describe-answer.js';

/** What comparing two answers finds, as two processes would. */
function compared(current: unknown, baseline: unknown): string {
  const spot = firstSpot([describeAnswer(current, null)], [describeAnswer(baseline, null)]);
  if (spot === null) return comparisonOfEqual([describeAnswer(current, null)]).kind;
  const shown = (answer: unknown) => describeAnswer(answer, spot.block).shown;
  const found = firstDifference(0, shown(current), shown(baseline));
  return found === null
    ? 'lost'
    : `${found.path === '' ? '' : `${found.path} `}${found.current}, was ${found.baseline}`;
}

class Point {
  readonly #hidden = 1;
  constructor(
    readonly x: number,
    readonly y: number,
  ) {}
  get hidden(): number {
    return this.#hidden;
  }
}

class Private {
  readonly #value: number;
  constructor(value: number) {
    this.#value = value;
  }
  get value(): number {
    return this.#value;
  }
}

class Money {
  readonly #cents: number;
  constructor(cents: number) {
    this.#cents = cents;
  }
  toJSON(): string {
    return (this.#cents / 100).toFixed(2);
  }
}

class Bag {
  readonly #items: readonly unknown[];
  constructor(...items: unknown[]) {
    this.#items = items;
  }
  [Symbol.iterator](): Iterator<unknown> {
    return this.#items[Symbol.iterator]();
  }
}

function circle(last: number): object {
  const one: { next?: object; last: number } = { last };
  one.next = { back: one };
  return one;
}

const list = (length: number, at = -1): { readonly id: number }[] =>
  Array.from({ length }, (_, id) => ({ id: id === at ? -1 : id }));

function deep(depth: number, end: unknown): unknown {
  let value = end;
  for (let i = 0; i < depth; i++) value = { next: value };
  return value;
}

const throwing = {
  get broken(): never {
    throw new Error('no');
  },
};

describe('the same', () => {
  test.each<[string, unknown, unknown]>([
    ['numbers that are none', Number.NaN, Number.NaN],
    ['properties in another order', { a: 1, b: { c: 2, d: 3 } }, { b: { d: 3, c: 2 }, a: 1 }],
    [
      'keys of a map in another order',
      new Map([
        ['a', 1],
        ['b', 2],
      ]),
      new Map([
        ['b', 2],
        ['a', 1],
      ]),
    ],
    ['items of a set in another order', new Set([1, 'x', 2]), new Set([2, 1, 'x'])],
    ['an instance and a plain object', new Point(1, 2), { x: 1, y: 2 }],
    ['one object twice and two equal ones', ((one) => [one, one])({ a: 1 }), [{ a: 1 }, { a: 1 }]],
    ['circles', circle(1), circle(1)],
    ['dates', new Date(5), new Date(5)],
    ['errors', new TypeError('no'), new TypeError('no')],
    ['functions inside', { a: 1, f: () => 1 }, { a: 1, f: () => 2 }],
    ['symbols', { [Symbol('a')]: 1 }, { [Symbol('a')]: 1 }],
    ['big numbers', 2n ** 80n, 2n ** 80n],
    ['views of the same bytes', new Uint8Array(3000).fill(7), new Uint8Array(3000).fill(7)],
    ['a deep list', deep(20_000, 1), deep(20_000, 1)],
    ['one with a form of its own', new Money(1999), new Money(1999)],
    [
      'what another realm returns',
      runInContext('({ a: [1, new Map([[1, 2]])] })', createContext()),
      { a: [1, new Map([[1, 2]])] },
    ],
    ['what throws when it is read', throwing, throwing],
  ])('%s', (_, current, baseline) => {
    expect(compared(current, baseline)).toBe('same');
  });
});

describe('another answer', () => {
  test.each<[unknown, unknown, string]>([
    [4, 5, '4, was 5'],
    [-0, 0, '-0, was 0'],
    [null, undefined, 'null, was undefined'],
    [1, 1n, '1, was 1n'],
    [1, '1', '1, was "1"'],
    [true, 'true', 'true, was "true"'],
    [{ items: [1, { id: 4 }] }, { items: [1, { id: 5 }] }, '.items[1].id 4, was 5'],
    [[1, 2], [1, 2, 3], 'array of 2, was array of 3'],
    [{ a: 1 }, { a: 1, b: undefined }, '{ a }, was { a, b }'],
    [{ 'a b': 1 }, { 'a b': 2 }, '["a b"] 1, was 2'],
    // eslint-disable-next-line no-sparse-arrays -- a hole is no undefined
    [[1, , 3], [1, undefined, 3], '[1] Symbol(empty), was undefined'],
    [new Map([['k', 1]]), new Map([['k', 2]]), '.get("k") 1, was 2'],
    [new Map([[1, 1]]), new Map([['1', 1]]), '.get(1) 1, was 1'],
    [new Set([1]), new Set([2]), '[0] 1, was 2'],
    [new Map([[{ a: 1 }, 1]]), new Map([[{ a: 2 }, 1]]), ' key 0.a 1, was 2'],
    [new Date(0), new Date(1), '1970-01-01T00:00:00.000Z, was 1970-01-01T00:00:00.001Z'],
    [new Date(Number.NaN), new Date(1), 'Invalid Date, was 1970-01-01T00:00:00.001Z'],
    [/a/g, /a/i, '/a/g, was /a/i'],
    [new Error('a'), new Error('b'), 'Error: a, was Error: b'],
    [new TypeError('a'), new Error('a'), 'TypeError: a, was Error: a'],
    [Object.assign([1], { index: 3 }), Object.assign([1], { index: 4 }), '.index 3, was 4'],
    [new Uint8Array(3000).fill(1, 2999), new Uint8Array(3000), '[2999] 1, was 0'],
    [new Float64Array([-0]), new Float64Array([0]), '[0] -0, was 0'],
    [new Uint8Array(2), new Uint16Array(2), 'Uint8Array of 2, was Uint16Array of 2'],
    [new Uint8Array([1]).buffer, new Uint8Array([2]).buffer, '[0] 1, was 2'],
    [new Money(1), new Money(2), '"0.01", was "0.02"'],
    [new Bag(1, 2), new Bag(1, 3), '[1] 2, was 3'],
    [new URL('http://a/b'), new URL('http://a/c'), '"http://a/b", was "http://a/c"'],
    [circle(1), circle(2), '.last 1, was 2'],
    [list(100_000, 99_999), list(100_000), '[99999].id -1, was 99999'],
    [deep(50, 1), deep(50, 2), `${'.next'.repeat(50)} 1, was 2`],
    [() => 1, 1, 'a function, was 1'],
    [
      `${'a'.repeat(5000)}X${'b'.repeat(5000)}`,
      `${'a'.repeat(5000)}Y${'b'.repeat(5000)}`,
      'character 5001 "Xbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb…", was "Y"'.replace('"Y"', `"Y${'b'.repeat(39)}…"`),
    ],
  ])('case %#', (current, baseline, words) => {
    expect(compared(current, baseline)).toBe(words);
  });
});

test.each<[unknown, unknown]>([
  [undefined, 'nothing'],
  [{ overriddenDuration: 5 }, 'nothing'],
  [null, null],
  [{ overriddenDuration: 5, items: 1 }, null],
  [() => 1, { opaque: 'a function' }],
  [new Private(1), { opaque: 'an instance of Private' }],
  [new WeakMap(), { opaque: 'an instance of WeakMap' }],
  [[1, 2].values(), 'an iterator'],
  [{}, null],
  [[], null],
])('%o has nothing to compare: %o', (answer, empty) => {
  const described = describeAnswer(answer, null);
  // The name of the class depends on the version of V8.
  if (empty === 'an iterator') expect(described.empty).toMatchObject({ opaque: expect.any(String) as string });
  else expect(described.empty).toEqual(empty);
});

test('an iterator is not read, because that would consume it', () => {
  const iterator = [1, 2].values();
  describeAnswer(iterator, null);
  expect([...iterator]).toEqual([1, 2]);
});
