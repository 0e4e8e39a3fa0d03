import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import manifest from '../../../package.json' with { type: 'json' };
import { report } from '../../../src/report.js';
import { Collector } from '../../../src/worker/collect/collector.js';
import { standIns } from '../../../src/worker/collect/stand-ins.js';

const key = Symbol.for('perf-budget.collector');

test('reporting does nothing where nobody measures', () => {
  expect(Reflect.get(globalThis, key)).toBe(undefined);
  expect(report('time', NaN)).toBe(undefined);
});

test('the installed module reports to the collector that measures', () => {
  const collector = new Collector(null, standIns);
  Object.defineProperty(globalThis, key, { value: collector, configurable: true });
  try {
    for (const value of [1, 2, 6]) report('lost  messages', value, 'KB');
    report('hits', 4);
    expect(collector.reports.figures).toEqual([
      { name: 'lost messages', unit: 'KB', count: 3, mean: 3, standardError: Math.sqrt(14 / 2 / 3) },
      { name: 'hits', unit: null, count: 1, mean: 4, standardError: 0 },
    ]);
    collector.reports.restart();
    report('hits', 8);
    expect(collector.reports.figures.map(({ name, mean }) => [name, mean])).toEqual([
      ['lost messages', 3],
      ['hits', 8],
    ]);
    expect(() => report('time', 1)).toThrow('report(): "time" is a built-in metric; use another name');
    expect(() => report('rate', Infinity)).toThrow('report(): "rate" needs a finite number, not Infinity');
    expect(() => report(' ', 1)).toThrow('report() needs the name of a metric');
    expect(collector.reports.figures.map(({ name }) => name)).toEqual(['lost messages', 'hits']);
  } finally {
    Reflect.deleteProperty(globalThis, key);
  }
});

test('what bench files import is built, with its types', async () => {
  const { types, default: code } = manifest.exports['.'];
  const at = (file: string) => new URL(`../../../${file}`, import.meta.url);
  expect(Object.keys((await import(at(code).href)) as object)).toEqual(['report']);
  expect(readFileSync(at(types), 'utf8')).toContain(
    'export declare function report(name: string, value: number, unit?: string): void;',
  );
});
