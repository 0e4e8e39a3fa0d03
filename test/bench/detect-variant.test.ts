import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { transformSync } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { random } from '../core/random.js';
import { shuffled, variant } from './detect-variant.js';

const folder = path.join(import.meta.dirname, 'detect/workloads');
const sources = readdirSync(folder).map((file) => [file, readFileSync(path.join(folder, file), 'utf8')] as const);
const compiled = (text: string): string => transformSync(text, { loader: 'ts' }).code;

async function outcomes(text: string): Promise<unknown[]> {
  const url = `data:text/javascript,${encodeURIComponent(compiled(text))}`;
  const { work } = (await import(/* @vite-ignore */ url)) as { work: () => unknown };
  return [await work(), await work()];
}

const source = `export const items = 200;
const table = [1];

/** Doubled. */
function twice(value: number): number {
  return value * 2;
}

export async function work(): Promise<number> {
  let total = 0;
  for (let item = 0; item < items; item++) total += twice(table[0] ?? 0);
  return total;
}
`;

test('more items, another name, another order, a comment', () => {
  // Draws: move, the order of two functions, comment.
  const draws = [0, 0, 0];
  expect(variant(source, 0.03, '7', () => draws.shift() ?? 1)).toEqual({
    factor: 1.03,
    text: `// Edited: 7.
export const items = 206;
const table = [1];



export async function work(): Promise<number> {
  let total_7 = 0;
  for (let item = 0; item < items; item++) total_7 += twice(table[0] ?? 0);
  return total_7;
}

/** Doubled. */
function twice(value: number): number {
  return value * 2;
}
`,
  });
  expect(variant(source, 0, '8', () => 0.9)).toEqual({ factor: 1, text: source.replaceAll('total', 'total_8') });
});

test('there are at least eight kinds of work', () => {
  expect(sources.length).toBeGreaterThanOrEqual(8);
});

describe.each(sources)('%s', (_, workload) => {
  test('an unchanged one is other code that does the same', async () => {
    const { uniform } = random(3);
    const before = await outcomes(workload);
    for (let round = 0; round < 5; round++) {
      const { text, factor } = variant(workload, 0, `a${round}`, uniform);
      expect(factor).toBe(1);
      expect(compiled(text)).not.toBe(compiled(workload));
      expect(await outcomes(text)).toEqual(before);
    }
  });

  test('the slowdowns are exact', () => {
    const changes = [0.03, 0.05, 0.1, 0.2, 0.5, -0.1, -0.2];
    const factors = changes.map((change) => variant(workload, change, 'b', () => 0.9).factor);
    expect(factors).toEqual([1.03, 1.05, 1.1, 1.2, 1.5, 0.9, 0.8]);
  });
});

test('every order is as likely as every other', () => {
  const { uniform } = random(4);
  const seen = new Map<string, number>();
  for (let round = 0; round < 6000; round++) {
    const order = shuffled(['a', 'b', 'c'], uniform).join('');
    seen.set(order, (seen.get(order) ?? 0) + 1);
  }
  expect([...seen.keys()].sort()).toEqual(['abc', 'acb', 'bac', 'bca', 'cab', 'cba']);
  for (const count of seen.values()) expect(Math.abs(count - 1000)).toBeLessThan(120);
});
