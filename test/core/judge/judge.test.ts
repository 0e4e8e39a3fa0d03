import { describe, expect, it } from 'vitest';
import type { Budget } from '../../../src/core/language/budget.js';
import { parseConfig } from '../../../src/core/config/config.js';
import { holdsForSameCode, isAnswerable, judge, judgeFailure, type Evidence } from '../../../src/core/judge/judge.js';
import { budgetResult } from '../../../src/core/text/result.js';
import type { BudgetResult, Measurement } from '../../../src/core/results/measurement.js';
import type { Comparison, Estimate } from '../../../src/core/stats/estimate.js';

type Checks = Readonly<Partial<Record<'target' | 'acceptable' | 'limit', readonly string[]>>>;

function read(checks: Checks, defaults: object = {}): Budget {
  const text = JSON.stringify({
    benchmarks: [{ files: 'b' }],
    budgets: { a: { benchmark: 'b/c', ...checks } },
    defaults,
  });
  const { config, problems } = parseConfig('/w/perf-budget.jsonc', text);
  const [budget] = config?.budgets ?? [];
  if (config === null || budget === undefined || problems.length > 0) throw new Error(JSON.stringify(problems));
  return budget;
}

const estimate = (value: number, half: number, samples = 100_000): Estimate => ({
  value,
  low: value - half,
  high: value + half,
  samples,
});

const ratio = (value: number, half: number): Comparison => ({
  ratio: value,
  low: value - half,
  high: value + half,
  processes: 4,
  clock: 'cpu',
});

const metrics = {
  time: estimate(8_100, 150),
  throughput: { value: 1e9 / 8_100, low: 1e9 / 8_250, high: 1e9 / 7_950, samples: 100_000 },
  p50: estimate(8_000, 100),
  p95: estimate(9_000, 200),
  max: estimate(20_000, 0),
};

const measurement: Measurement = {
  benchmark: 'b/c',
  current: { metrics },
  baseline: { metrics },
  comparison: ratio(0.97, 0.02),
  samples: 96,
  elapsedMs: 840,
  note: null,
};

const alone = (one: Measurement): Evidence => ({
  members: [{ name: one.benchmark, size: null, measurement: one, work: { amount: 1, counts: 'ops' } }],
  references: new Map(),
});

function judged(checks: Checks, changes: Partial<Measurement> = {}, defaults: object = {}): BudgetResult {
  const options = { cached: false, baselineName: 'HEAD' };
  return budgetResult(judge(read(checks, defaults), alone({ ...measurement, ...changes }), options));
}

/** The budget's verdict, its checks' and its sentence. */
function said(checks: Checks, changes: Partial<Measurement> = {}, defaults: object = {}): readonly string[] {
  const { verdict, checks: results, message } = judged(checks, changes, defaults);
  return [verdict, ...results.map((result) => `${result.check}: ${result.verdict}`), message];
}

const allowed = 'time <= baseline + 10%: pass';

describe('a machine that is too noisy for a bound on the old code', () => {
  const loud = { comparison: ratio(1.01, 0.08), elapsedMs: 2000 };
  const sees = 'this machine can resolve 8.3% in 2 s, but the budget allows 5%: set "time": "5 s"';

  it('is said to be so, with the time that would do', () => {
    const result = judged({ limit: ['time <= baseline + 5%'] }, loud);
    expect(result.checks).toMatchObject([{ verdict: 'undecided', note: sees }]);
    expect(result.message).toBe(`+1 ± 8% vs HEAD · ${sees}`);
    const upsideDown = judged({ limit: ['throughput >= baseline - 5%'] }, loud);
    expect(upsideDown.checks[0]?.note).toBe(sees.replace('5%: set "time": "5 s"', '5.3%: set "time": "4 s"'));
  });

  it('is not blamed where the change is what lies on the bound, or where it answers', () => {
    const close = { comparison: ratio(1.05, 0.02), elapsedMs: 2000 };
    expect(said({ limit: ['time <= baseline + 5%'] }, close)).toEqual([
      'undecided',
      'time <= baseline + 5%: undecided',
      '+5 ± 2% vs HEAD: too uncertain to tell whether time <= baseline + 5% holds',
    ]);
    const notes = judged({ limit: ['time <= baseline + 20%', 'time <= 8.1 us', 'p95 <= baseline'] }, loud).checks;
    expect(notes.map(({ verdict, note }) => [verdict, note])).toEqual([
      ['pass', null],
      ['undecided', null],
      ['undecided', null],
    ]);
  });
});

it('says everything of a budget that holds', () => {
  expect(judged({ target: ['throughput >= 100k ops/s'], limit: ['p95 <= 10 us'] })).toEqual({
    name: 'a',
    benchmark: 'b/c',
    verdict: 'pass',
    severity: null,
    cached: false,
    elapsedMs: 840,
    samples: 96,
    comparison: { ratio: 0.97, low: 0.95, high: 0.99 },
    compared: 'measured',
    checks: [
      {
        check: 'throughput >= 100k ops/s',
        level: 'target',
        verdict: 'pass',
        measured: { value: 1e9 / 8_100, low: 1e9 / 8_250, high: 1e9 / 7_950, unit: 'ops/s' },
        bound: { value: 100_000, unit: 'ops/s' },
        used: 0.81,
        note: null,
      },
      {
        check: 'p95 <= 10 us',
        level: 'limit',
        verdict: 'pass',
        measured: { value: 9, low: 8.8, high: 9.2, unit: 'us' },
        bound: { value: 10, unit: 'us' },
        used: 0.9,
        note: null,
      },
      {
        check: 'time <= baseline + 10%',
        level: 'limit',
        verdict: 'pass',
        measured: { value: 8.1, low: 7.95, high: 8.25, unit: 'us' },
        bound: { value: expect.closeTo((8.1 / 0.97) * 1.1) as number, unit: 'us' },
        used: expect.closeTo(0.97 / 1.1) as number,
        note: null,
      },
    ],
    message: 'p95 9.0 µs of 10 µs · −3% vs HEAD',
  });
});

describe('a bound that is a quantity', () => {
  it.each([
    ['time <= 10 us', 'pass', '8.1 µs of 10 µs · −3% vs HEAD'],
    ['time <= 8.25 us', 'pass', '8.1 µs of 8.25 µs · −3% vs HEAD'],
    ['time < 8.25 us', 'undecided', 'time is 8.1 µs: too uncertain to tell whether time < 8.25 us holds'],
    ['time <= 8 us', 'undecided', 'time is 8.1 µs: too uncertain to tell whether time <= 8 us holds'],
    ['time <= 7 us', 'fail', 'time is 8.1 µs; the limit is 7 µs'],
    ['time < 7.95 us', 'fail', 'time is 8.1 µs; the limit is 7.95 µs'],
    ['time >= 5 us', 'pass', '8.1 µs · at least 5 µs · −3% vs HEAD'],
    ['throughput >= 100k ops/s', 'pass', '123k ops/s · at least 100k ops/s · −3% vs HEAD'],
    ['throughput >= 200k ops/s', 'fail', 'throughput is 123k ops/s; the limit is at least 200k ops/s'],
    [
      'throughput > 123k ops/s',
      'undecided',
      'throughput is 123k ops/s: too uncertain to tell whether throughput > 123k ops/s holds',
    ],
    ['max <= 20 us', 'pass', 'max 20.0 µs of 20 µs · −3% vs HEAD'],
  ])('%s: %s', (check, verdict, message) => {
    expect(said({ limit: [check] })).toEqual([verdict, `${check}: ${verdict}`, allowed, message]);
  });

  it('is told apart from what was measured where the interval can', () => {
    const time = (half: number) => ({ current: { metrics: { time: estimate(10_040, half) } } });
    expect(said({ limit: ['time <= 10 us'] }, time(5)).at(-1)).toBe('time is 10.04 µs; the limit is 10 µs');
    expect(said({ limit: ['time <= 10 us'] }, time(90)).at(-1)).toBe(
      'time is 10.04 µs: too uncertain to tell whether time <= 10 us holds',
    );
  });

  it('has the slack of the tolerance', () => {
    const settings = { tolerance: '10%' };
    expect(said({ limit: ['time <= 7.6 us'] }, {}, settings)[0]).toBe('pass');
    expect(said({ limit: ['time <= 7.4 us'] }, {}, settings)[0]).toBe('undecided');
    expect(said({ limit: ['time <= 7 us'] }, {}, settings)[0]).toBe('fail');
    expect(said({ limit: ['throughput >= 130k ops/s'] }, {}, settings)[0]).toBe('pass');
    expect(said({ limit: ['time <= baseline'] }, { comparison: ratio(1.05, 0.01) }, settings)[0]).toBe('fail');
  });
});

describe('a bound on the baseline', () => {
  it.each([
    [
      'time <= baseline + 10%',
      ratio(1.162, 0.0145),
      'fail',
      '16% slower than HEAD (+14.8 … +17.7%); the budget allows 10%',
    ],
    ['time <= baseline + 10%', ratio(1.04, 0.03), 'pass', '8.1 µs · +4% vs HEAD'],
    [
      'time <= baseline + 10%',
      ratio(1.06, 0.06),
      'undecided',
      '+6 ± 6% vs HEAD: too uncertain to tell whether time <= baseline + 10% holds',
    ],
    ['time <= baseline', ratio(1.05, 0.02), 'fail', '5% slower than HEAD (+3 … +7%); the budget allows no slowdown'],
    [
      'time <= baseline - 10%',
      ratio(0.95, 0.02),
      'fail',
      '5% faster than HEAD (−7 … −3%); the budget requires 10% faster',
    ],
    [
      'time <= baseline * 3',
      ratio(3.5, 0.2),
      'fail',
      '250% slower than HEAD (+230 … +270%); the budget allows 3 times the time',
    ],
    [
      'throughput >= baseline - 20%',
      ratio(1.3, 0.02),
      'fail',
      '30% slower than HEAD (+28 … +32%); the budget allows 25%',
    ],
    ['throughput >= baseline - 20%', ratio(1.2, 0.02), 'pass', '123k ops/s · +20% vs HEAD'],
    ['throughput >= baseline + 5%', ratio(0.9, 0.01), 'pass', '123k ops/s · 10% faster than HEAD'],
  ])('%s of %o: %s', (check, comparison, verdict, message) => {
    expect(said({ limit: [check] }, { comparison })).toEqual([verdict, `${check}: ${verdict}`, message]);
  });

  it('is decided by the ratio that was measured in turns, not by the two sides', () => {
    const twice = { metrics: { ...metrics, time: estimate(4_000, 100) } };
    expect(said({}, { baseline: twice })).toEqual(['pass', allowed, '8.1 µs · −3% vs HEAD']);
  });

  it('is decided by the quotient of two sides for a metric that has no ratio of its own', () => {
    const slow = { current: { metrics: { ...metrics, p95: estimate(12_000, 200) } } };
    expect(said({ limit: ['p95 <= baseline + 20%'] }, slow)).toEqual([
      'fail',
      'p95 <= baseline + 20%: fail',
      'p95 is 12.0 µs; the limit is 10.8 µs (p95 <= baseline + 20%)',
    ]);
    expect(said({ limit: ['p95 <= baseline + 35%'] }, slow)[0]).toBe('undecided');
    expect(said({ limit: ['p95 <= baseline + 40%'] }, slow)[0]).toBe('pass');
  });

  it('holds where both sides are the same code, however unsure the figures', () => {
    const same = {
      current: { metrics: { ...metrics, p95: estimate(9_000, 8_000) } },
      comparison: { ...ratio(1, 0), processes: 0 },
    };
    expect(said({ limit: ['p95 <= baseline + 5%', 'time <= baseline'] }, same)).toEqual([
      'pass',
      'p95 <= baseline + 5%: pass',
      'time <= baseline: pass',
      '8.1 µs · same code as HEAD',
    ]);
  });

  const unmeasured = {
    ...{ current: { metrics: {} }, baseline: { metrics: {} }, unmeasured: true, samples: 0, elapsedMs: 0 },
    comparison: { ratio: 1, low: 1, high: 1, processes: 0, clock: 'wall' },
  } as const;

  it('holds without a figure where both sides are the same code and nothing ran', () => {
    expect(said({ limit: ['p95 <= baseline + 5%', 'throughput >= baseline - 5%'] }, unmeasured)).toEqual([
      'pass',
      'p95 <= baseline + 5%: pass',
      'throughput >= baseline - 5%: pass',
      'same code as HEAD',
    ]);
  });

  it.each([
    ['time <= baseline', true],
    ['time < baseline', false],
    ['time <= baseline - 5%', false],
    ['throughput >= baseline - 5%', true],
    ['throughput >= baseline + 5%', false],
    ['errors <= baseline', true],
    // A benchmark may report nothing of that name.
    ['rows <= baseline', false],
    ['time <= 1 s', false],
    ["time <= 'other' * 2", false],
  ])('%s holds for the same code without a figure: %s', (text, holds) => {
    const [check] = read({ limit: [text] }, {}).checks;
    expect(check && holdsForSameCode(check)).toBe(holds);
  });
});

// In the long run, after V8's last compiler, such code may be as fast as its budget asks. If it is fast enough already, it holds.
describe('code that may still become faster', () => {
  const note = 'in the long run it may be faster';
  const unsettled = { unsettled: true, note, comparison: ratio(1.5, 0.01) } as const;
  const verdictOf = (check: string, changes: Partial<Measurement> = {}): readonly unknown[] =>
    judged({ limit: [check] }, { ...unsettled, ...changes }).checks.map(({ verdict, note, unsettled: is }) => [
      verdict,
      note,
      is,
    ])[0] ?? [];

  it.each([
    'time <= baseline + 10%',
    'time <= 7 us',
    'throughput >= baseline - 10%',
    'throughput >= 200k ops/s',
    'p95 <= 5 us',
    'p50 <= baseline * 0.5',
    'max <= 10 us',
  ])('is no proof that it is too slow for %s', (check) => {
    expect(verdictOf(check)).toEqual(['undecided', note, true]);
    expect(verdictOf(check, { unsettled: false })[0]).toBe('fail');
    expect(said({ limit: [check] }, unsettled)[0]).toBe('undecided');
  });

  it.each(['time <= 10 us', 'time <= baseline * 2', 'throughput >= 100k ops/s', 'p95 <= 10 us'])(
    'is fast enough for %s',
    (check) => {
      expect(verdictOf(check)).toEqual(['pass', null, undefined]);
    },
  );

  it('breaks a bound that is not about its time', () => {
    const counted = {
      metrics: { ...metrics, allocated: estimate(5_000, 0), errors: { ...estimate(3, 0), samples: 100 } },
    };
    const both = { current: counted, comparison: ratio(1, 0.01) };
    expect(verdictOf('allocated <= 1 kB', both)[0]).toBe('fail');
    expect(verdictOf('errors <= 1', both)[0]).toBe('fail');
    expect(said({ limit: ['allocated <= 1 kB', 'time <= 7 us'] }, { ...unsettled, ...both }).slice(0, 3)).toEqual([
      'fail',
      'allocated <= 1 kB: fail',
      'time <= 7 us: undecided',
    ]);
  });
});

describe('without old code', () => {
  const fresh = { baseline: null, comparison: null, notCompared: 'sum does not exist at HEAD' };

  it('a budget does not pass, and says why', () => {
    expect(said({ limit: ['p95 <= 10 us'] }, fresh)).toEqual([
      'undecided',
      'p95 <= 10 us: pass',
      'time <= baseline + 10%: undecided',
      'p95 9.0 µs of 10 µs · not compared: sum does not exist at HEAD',
    ]);
    expect(judged({ limit: ['p95 <= 10 us'] }, fresh)).toMatchObject({
      compared: 'nothing',
      why: 'sum does not exist at HEAD',
    });
    expect(said({ acceptable: ['time <= baseline'], limit: ['p95 <= 10 us'] }, fresh)[0]).toBe('undecided');
    expect(said({ limit: ['p95 <= 8 us'] }, fresh)[0]).toBe('fail');
    expect(said({ acceptable: ['p95 <= 8 us'] }, fresh)[0]).toBe('undecided');
    expect(said({ limit: ['p95 <= 9 us'] }, fresh)[0]).toBe('undecided');
  });

  it('a target on it decides nothing', () => {
    expect(said({ target: ['time <= baseline'], limit: ['p95 <= 10 us'] }, fresh)[0]).toBe('pass');
  });

  it('a budget that asked for no comparison is what its other checks say if there is no baseline at all', () => {
    const { notCompared: note, ...without } = { ...fresh, notCompared: 'this is not a Git repository' };
    expect(said({ limit: ['p95 <= 10 us'] }, { ...without, note })[0]).toBe('pass');
    expect(said({ limit: ['p95 <= 10 us', 'time <= baseline + 5%'] }, { ...without, note })[0]).toBe('undecided');
  });

  it('code of which a part cannot be seen is not called the same', () => {
    const same = {
      comparison: { ...ratio(1, 0), processes: 0 },
      unseen: 'a.js loads a file that is only known at run time.',
    };
    expect(said({ limit: ['p95 <= 10 us'] }, same).at(-1)).toBe('p95 9.0 µs of 10 µs · nothing seen has changed');
    expect(judged({}, same)).toMatchObject({ verdict: 'pass', compared: 'same code', why: same.unseen });
  });

  it('a budget that asks for nothing else is undecided', () => {
    const note = 'not compared: sum does not exist at HEAD';
    expect(judged({}, fresh)).toMatchObject({
      verdict: 'undecided',
      severity: null,
      comparison: null,
      checks: [{ verdict: 'undecided', measured: { value: 8.1, unit: 'us' }, bound: null, used: null, note }],
      message: note,
    });
    expect(said({}, { baseline: null, comparison: null }).at(-1)).toBe('HEAD has no time to compare with');
  });

  it('no measuring answers what is asked about it', () => {
    const budget = read({ limit: ['p95 <= 10 us', 'time <= baseline'] });
    const answerable = (one: Measurement): readonly boolean[] => budget.checks.map((check) => isAnswerable(check, one));
    expect([answerable(measurement), answerable({ ...measurement, ...fresh })]).toEqual([
      [true, true],
      [true, false],
    ]);
  });
});

describe('a percentile', () => {
  const few = (samples: number) => ({ metrics: { ...metrics, 'p99.9': estimate(9_500, 10, samples) } });

  it('is not claimed with too few samples', () => {
    const note = 'p99.9 needs 10,000 samples; 4,100 were taken: set "time": "3 s"';
    expect(judged({ limit: ['p99.9 <= 1 us'] }, { current: few(4_100) })).toMatchObject({
      verdict: 'undecided',
      checks: [{ verdict: 'undecided', measured: { value: 9.5 }, note }, { verdict: 'pass' }],
      message: note,
    });
    expect(said({ limit: ['p99.9 <= 10 us'] }, { current: few(10_000) })[0]).toBe('pass');
  });

  it('needs them on both sides', () => {
    expect(said({ limit: ['p99.9 <= baseline'] }, { current: few(20_000), baseline: few(9_000) })).toEqual([
      'undecided',
      'p99.9 <= baseline: undecided',
      'p99.9 needs 10,000 samples; 9,000 were taken: set "time": "2 s"',
    ]);
  });

  it('that was not measured is undecided', () => {
    expect(said({ limit: ['p75 <= 10 us'] })).toEqual([
      'undecided',
      'p75 <= 10 us: undecided',
      allowed,
      'p75 was not measured',
    ]);
  });
});

describe('the levels', () => {
  const [good, bad, open] = ['time <= 10 us', 'time <= 7 us', 'time <= 8 us'];

  it.each<[string, Checks]>([
    ['fail', { limit: [good, bad, open], acceptable: [bad] }],
    ['undecided', { limit: [good, open], acceptable: [bad] }],
    ['warn', { limit: [good], acceptable: [bad, open], target: [bad] }],
    ['pass', { limit: [good], acceptable: [open], target: [bad] }],
  ])('make %s of %o', (verdict, checks) => {
    expect(judged(checks).verdict).toBe(verdict);
  });

  it('are told by their own words', () => {
    expect(said({ acceptable: [bad] }).at(-1)).toBe('time is 8.1 µs; 7 µs is acceptable');
    expect(said({ target: [bad] }).at(-1)).toBe('time is 8.1 µs; the target is 7 µs · −3% vs HEAD');
    expect(said({ target: ['time <= baseline - 10%'], limit: [good] }).at(-1)).toBe(
      '3% faster than HEAD (−5 … −1%); the target is 10% faster',
    );
  });

  it('lead with the check that is furthest over', () => {
    expect(said({ limit: ['time <= 7 us', 'p95 <= 5 us'] }).at(-1)).toBe('p95 is 9.0 µs; the limit is 5 µs');
  });
});

it('finds how severe a regression is', () => {
  const severity = (value: number, half: number, regression: object = {}) =>
    judged({}, { comparison: ratio(value, half) }, { regression }).severity;
  expect([
    severity(1.04, 0.01),
    severity(1.06, 0.01),
    severity(1.06, 0.07),
    severity(1.12, 0.01),
    severity(1.15, 0.01),
    severity(1.4, 0.1),
    severity(0.7, 0.01),
    severity(1.06, 0.01, { low: '7%' }),
  ]).toEqual([null, 'low', null, 'medium', 'high', 'critical', null, null]);
});

it('says why a benchmark could not run', () => {
  const budget = read({ limit: ['p95 <= 10 us'] });
  expect(judgeFailure(budget, { kind: 'threw', message: 'the benchmark threw: boom' })).toEqual({
    name: 'a',
    benchmark: 'b/c',
    verdict: 'error',
    severity: null,
    cached: false,
    elapsedMs: 0,
    samples: 0,
    comparison: null,
    compared: 'nothing',
    why: 'the benchmark threw: boom',
    checks: [],
    message: 'the benchmark threw: boom',
  });
});
