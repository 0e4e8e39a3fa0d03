import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  fileNameOf,
  hasConflict,
  isBaselineName,
  readBaseline,
  writeBaseline,
  type BudgetFigures,
  type CapturedBaseline,
} from '../../../src/core/judge/baseline.js';
import { unknownMachine } from '../../../src/core/results/measurement.js';

const figures = (budget: string, metrics: BudgetFigures['metrics'] = {}): BudgetFigures => ({
  budget,
  benchmark: `${budget}/case`,
  verdict: 'pass',
  procedure: { warmup: 5, runs: 10, cooldownMs: 5000, timeMs: 2000 },
  metrics,
});

const baseline: CapturedBaseline = {
  name: 'v3.0.0',
  at: Date.UTC(2026, 10, 21, 4, 28),
  reason: 'The new parser "checks" its input',
  automatic: false,
  commit: '0123456789012345678901234567890123456789',
  uncommitted: { on: null },
  machine: { ...unknownMachine, cpu: 'Xeon', cores: 2, os: 'Linux', node: '24.21.0', virtual: true, memory: 8e9 },
  machineId: 'cad9b6c25cf695fe',
  accepts: ['parse takes 2.1 ms; its target is 2 ms.'],
  figures: [
    figures('parse', {
      time: { value: 2_123_456.7, low: 2_100_000, high: 2_150_000, samples: 96 },
      throughput: { value: 470.93, low: 465.1, high: 476.2, samples: 96 },
      p95: { value: 2_400_000, low: 2_300_000, high: 2_500_000, samples: 400 },
      rss: { value: 81_234_567, low: 81e6, high: 82e6, samples: 3 },
      errors: { value: 0, low: 0, high: 0, samples: 1000 },
      'lost messages': { value: 123_457, low: 123_457, high: 123_457, samples: 3 },
      drain: { value: 0.0612, low: 0.06, high: 0.0631, samples: 3, unit: '%/h' },
    }),
    figures('index'),
  ],
};

describe('the file of a baseline', () => {
  test('has a line a benchmark, in the order of the budgets’ names', () => {
    expect(writeBaseline(baseline)).toMatchInlineSnapshot(`
      "{
        "version": 1,
        "name": "v3.0.0",
        "captured": "2026-11-21T04:28:00.000Z",
        "automatic": false,
        "reason": "The new parser \\"checks\\" its input",
        "commit": "0123456789012345678901234567890123456789",
        "uncommitted": { "on": null },
        "machine": { "id": "cad9b6c25cf695fe", "cpu": "Xeon", "cores": 2, "os": "Linux", "node": "24.21.0", "power": null, "governor": null, "virtual": true, "memory": 8000000000 },
        "accepts": [
          "parse takes 2.1 ms; its target is 2 ms."
        ],
        "figures": [
          { "budget": "index", "benchmark": "index/case", "verdict": "pass", "metrics": {}, "procedure": { "warmup": 5, "runs": 10, "cooldown": "5 s", "time": "2 s" } },
          { "budget": "parse", "benchmark": "parse/case", "verdict": "pass", "metrics": { "drain": { "value": 0.0612, "low": 0.06, "high": 0.0631, "unit": "%/h", "samples": 3 }, "errors": { "value": 0, "low": 0, "high": 0, "unit": "", "samples": 1000 }, "lost messages": { "value": 123457, "low": 123457, "high": 123457, "unit": "", "samples": 3 }, "p95": { "value": 2.4, "low": 2.3, "high": 2.5, "unit": "ms", "samples": 400 }, "rss": { "value": 81.23, "low": 81, "high": 82, "unit": "MB", "samples": 3 }, "throughput": { "value": 470.9, "low": 465.1, "high": 476.2, "unit": "ops/s", "samples": 96 }, "time": { "value": 2.123, "low": 2.1, "high": 2.15, "unit": "ms", "samples": 96 } }, "procedure": { "warmup": 5, "runs": 10, "cooldown": "5 s", "time": "2 s" } }
        ]
      }
      "
    `);
  });

  test('is read as it was written, to four digits', () => {
    const text = writeBaseline(baseline);
    const read = readBaseline(text);
    const [index, parse] = [baseline.figures[1], baseline.figures[0]];
    const rounded = {
      ...parse?.metrics,
      time: { value: 2_123_000, low: 2_100_000, high: 2_150_000, samples: 96 },
      throughput: { value: 470.9, low: 465.1, high: 476.2, samples: 96 },
      rss: { value: 81_230_000, low: 81e6, high: 82e6, samples: 3 },
    };
    expect(read).toEqual({ ok: true, value: { ...baseline, figures: [index, { ...parse, metrics: rounded }] } });
    expect(read.ok && writeBaseline(read.value)).toBe(text);
  });

  test('says what is wrong with it', () => {
    const text = writeBaseline(baseline);
    const merge = text
      .replace('  "reason"', '<<<<<<< HEAD\n  "reason"')
      .replace('  "machine"', '=======\n>>>>>>> b\n  "machine"');
    const wrong = (of: string): string => {
      const read = readBaseline(of);
      return read.ok ? 'nothing' : read.error;
    };
    expect(
      [
        merge,
        '',
        '[]',
        '{}',
        text.replace('"version": 1', '"version": 2'),
        text.replace('"v3.0.0"', '"auto"'),
        text.replace('2026-11-21T', 'once '),
        text.replace('"id"', '"di"'),
        text.replace('"0123', '"--upload-pack=0123'),
      ].map(wrong),
    ).toEqual([
      'has a merge conflict',
      'is not valid JSON',
      'is not a captured baseline',
      'is not a captured baseline',
      'was written by a newer version of Perf Budget; update this one',
      'is not a captured baseline',
      'is not a captured baseline',
      'is not a captured baseline',
      'has an invalid commit',
    ]);
    expect(wrong(`\ufeff${text.replaceAll('\n', '\r\n')}`)).toBe('nothing');
  });

  test('costs a figure that cannot be read nothing but itself', () => {
    const text = writeBaseline(baseline)
      .replace('"value": 2.4,', '"value": "2.4",')
      .replace(/"unit": "MB"/, '"unit": "parsecs"')
      .replace('"budget": "index"', '"budget": 3');
    const read = readBaseline(text);
    expect(read.ok && read.value.figures.map(({ budget, metrics }) => [budget, Object.keys(metrics)])).toEqual([
      ['parse', ['drain', 'errors', 'lost messages', 'throughput', 'time']],
    ]);
  });

  test('is read whatever it holds', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => !readBaseline(text).ok));
    const parts = writeBaseline(baseline).split('"');
    fc.assert(
      fc.property(fc.nat(parts.length - 1), fc.jsonValue(), (at, value) => {
        readBaseline(parts.with(at, JSON.stringify(value)).join('"'));
      }),
    );
  });
});

describe('a name', () => {
  test('is anything but what means something else', () => {
    const good = ['v3.0.0', 'release/2', 'nightly 🌙', '..', 'Über uns'];
    const bad = ['', ' v1', 'v1 ', 'auto', 'HEAD', 'none', 'a\nb', '\u0007'];
    expect([...good, ...bad].filter(isBaselineName)).toEqual(good);
  });

  test('has a file that every system and git can hold', () => {
    expect(
      ['v3.0.0', 'release/2', 'release-2', 'Über', 'nightly 🌙', '..', '.hidden', 'con', 'a..b', 'v1.', 'x.lock'].map(
        (name) => fileNameOf(name),
      ),
    ).toMatchInlineSnapshot(`
      [
        "v3.0.0.json",
        "release-2.462261a3.json",
        "release-2.json",
        "Über.json",
        "nightly-.2b094740.json",
        "baseline.a3d4a70d.json",
        "hidden.4747f185.json",
        "con.f08dd14b.json",
        "a.b.91beab8e.json",
        "v1.b6eca032.json",
        "x.lock.a44dbc24.json",
      ]
    `);
    expect(fileNameOf('V1', ['v1.json'])).toMatch(/^V1\.[0-9a-f]{8}\.json$/);
    expect(fileNameOf('x'.repeat(300)).length).toBeLessThan(100);
  });

  test('shares its file with no other', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter(isBaselineName);
    fc.assert(
      fc.property(name, name, (a, b) => {
        const [fileA, fileB] = [fileNameOf(a), fileNameOf(b, [fileNameOf(a)])];
        expect(fileA).toMatch(/^[\p{L}\p{N}_+-][\p{L}\p{N}._+-]*\.json$/u);
        if (a !== b) expect(fileA.toLowerCase()).not.toBe(fileB.toLowerCase());
      }),
    );
  });
});

test('both sides of a merge are seen, and nothing that only looks like it', () => {
  expect(['<<<<<<< HEAD\na', 'a\n>>>>>>> b\n', '<<<<<<<'].map(hasConflict)).toEqual([true, true, true]);
  expect(['a <<<<<<< b', '<<<<<<<< x', '=======', ''].map(hasConflict)).toEqual([false, false, false, false]);
});
