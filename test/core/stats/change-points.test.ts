import { expect, test } from 'vitest';
import { changePoints } from '../../../src/core/stats/change-points.js';
import { random } from '../random.js';

/** Figures of a level with a spread of 3%, one in twenty of them an outlier of up to twice the level. */
function figures(source: ReturnType<typeof random>, level: number, count: number): number[] {
  return Array.from({ length: count }, () => {
    const noise = level * Math.exp(0.03 * source.normal());
    return source.uniform() < 0.05 ? noise * (1 + source.uniform()) : noise;
  });
}

test('a level that moves is found where it moves, with the medians of both sides', () => {
  const steps = [...Array<number>(20).fill(100), ...Array<number>(20).fill(112), ...Array<number>(15).fill(90)];
  expect(changePoints(steps)).toEqual([
    { at: 20, before: 100, after: 112 },
    { at: 40, before: 112, after: 90 },
  ]);
});

test('too few figures, equal ones and small steps have no change', () => {
  expect(changePoints([])).toEqual([]);
  expect(changePoints([1, 1, 1, 1, 2, 2, 2, 2])).toEqual([]);
  expect(changePoints(Array<number>(1000).fill(5))).toEqual([]);
  expect(changePoints([...Array<number>(50).fill(100), ...Array<number>(50).fill(102)])).toEqual([]);
});

test('one outlier, and a run of a few, is no change', () => {
  const values = Array<number>(60).fill(100);
  values[30] = 1000;
  values[45] = values[46] = values[47] = 300;
  expect(changePoints(values)).toEqual([]);
});

test('a drop and a return are both found', () => {
  const source = random(11);
  const values = [...figures(source, 100, 60), ...figures(source, 130, 40), ...figures(source, 100, 60)];
  const found = changePoints(values);
  expect(found).toHaveLength(2);
  expect(Math.abs((found[0]?.at ?? 0) - 60)).toBeLessThanOrEqual(3);
  expect(Math.abs((found[1]?.at ?? 0) - 100)).toBeLessThanOrEqual(3);
});

test('unchanged figures give a false one in fewer than one series of two hundred', () => {
  const source = random(7);
  let alarms = 0;
  for (let turn = 0; turn < 1000; turn++) if (changePoints(figures(source, 50, 100), { least: 0 }).length > 0) alarms++;
  // α is 0.005, and both Pettitt's approximation and Bonferroni's correction are on the safe side.
  expect(alarms).toBeLessThan(5);
});

test('a step of 5% among 100 figures is found in nearly every series, and within a few figures', () => {
  const source = random(5);
  let found = 0;
  let near = 0;
  for (let turn = 0; turn < 500; turn++) {
    const points = changePoints([...figures(source, 50, 50), ...figures(source, 52.5, 50)]);
    if (points.length > 0) found++;
    if (points.some(({ at }) => Math.abs(at - 50) <= 6)) near++;
  }
  expect(found).toBeGreaterThan(450);
  expect(near).toBeGreaterThan(430);
});

test('ten thousand figures with a hundred steps are taken apart', () => {
  const source = random(3);
  const values = Array.from({ length: 100 }, (_, step) => figures(source, step % 2 === 0 ? 100 : 120, 100)).flat();
  const found = changePoints(values);
  expect(found.length).toBeGreaterThan(95);
  expect(found.length).toBeLessThan(105);
});
