import { describe, expect, it } from 'vitest';
import type { Budget } from '../../../src/core/language/budget.js';
import { parseConfig } from '../../../src/core/config/config.js';
import { judge, standing, type Evidence, type Member } from '../../../src/core/judge/judge.js';
import { judgeManual } from '../../../src/core/judge/manual.js';
import { sumOf } from '../../../src/core/judge/sum.js';
import { budgetResult } from '../../../src/core/text/result.js';
import type { BudgetResult, Measurement } from '../../../src/core/results/measurement.js';
import { columns } from '../../../src/core/text/terminal.js';
import { random } from '../random.js';
import type { Comparison, Estimate } from '../../../src/core/stats/estimate.js';
import { resultTitle } from '../../../src/core/text/title.js';

/** The budget of an entry; `limit` and the like are in it. */
function read(entry: object): Budget {
  const text = JSON.stringify({ benchmarks: [{ files: 'b' }], budgets: { a: entry } });
  const { config, problems } = parseConfig('/w/perf-budget.jsonc', text);
  const [budget] = config?.budgets ?? [];
  if (budget === undefined || problems.length > 0) throw new Error(JSON.stringify(problems));
  return budget;
}

const estimate = (value: number, half = value / 50, samples = 1000): Estimate => ({
  value,
  low: value - half,
  high: value + half,
  samples,
});

const ratio = (value: number, half = 0.02, processes = 4): Comparison => ({
  ratio: value,
  low: value - half,
  high: value + half,
  processes,
  clock: 'cpu',
});

type Figures = Readonly<Record<string, Estimate>>;

const scale = ({ low, high }: Estimate, ratio: number) => ({ low: low / ratio, high: high / ratio });

function measured(metrics: Figures, comparison: Comparison | null = ratio(1), note: string | null = null): Measurement {
  const { time } = metrics;
  const was = time && comparison && { ...time, value: time.value / comparison.ratio, ...scale(time, comparison.ratio) };
  const baseline = comparison === null ? null : { metrics: was ? { ...metrics, time: was } : metrics };
  return { benchmark: '', current: { metrics }, baseline, comparison, samples: 40, elapsedMs: 500, note };
}

const work = { amount: 1, counts: 'ops' };
const member = (name: string, measurement: Measurement, more: Partial<Member> = {}): Member => ({
  ...{ name, size: null, measurement, work },
  ...more,
});

const alone = (measurement: Measurement, more: Partial<Member> = {}): Evidence => ({
  members: [member('one', measurement, more)],
  references: new Map(),
});

const all = (...members: readonly Member[]): Evidence => ({ members, references: new Map() });

const judged = (entry: object, evidence: Evidence): BudgetResult =>
  budgetResult(judge(read(entry), evidence, { cached: false, baselineName: 'HEAD' }));

const said = (result: BudgetResult): readonly string[] => [
  result.verdict,
  ...result.checks.map(({ check, verdict, benchmark }) => `${benchmark ?? 'all'}: ${check}: ${verdict}`),
  result.message,
];

describe('of several benchmarks', () => {
  const parser = { benchmark: 'parser/*', limit: ['p95 <= 10 us'] };
  const timed = (us: number, change: Comparison | null, note: string | null = null): Measurement =>
    measured({ time: estimate(us * 900), p95: estimate(us * 1000) }, change, note);

  it('the worst counts for each check, and is named', () => {
    const evidence = all(
      member('parser/small', timed(2, ratio(1.2))),
      member('parser/large', timed(12, ratio(1.01))),
      member('parser/other', timed(5, ratio(0.8))),
    );
    const result = judged(parser, evidence);
    expect(result).toEqual({
      name: 'a',
      benchmark: 'parser/*',
      verdict: 'fail',
      severity: 'critical',
      cached: false,
      elapsedMs: 1500,
      samples: 120,
      comparison: { ratio: 1.2, low: 1.18, high: 1.22 },
      compared: 'measured',
      checks: [
        {
          check: 'p95 <= 10 us',
          level: 'limit',
          verdict: 'fail',
          measured: { value: 12, low: 11.76, high: 12.24, unit: 'us' },
          bound: { value: 10, unit: 'us' },
          used: 1.2,
          note: null,
          benchmark: 'parser/large',
        },
        {
          check: 'time <= baseline + 10%',
          level: 'limit',
          verdict: 'fail',
          measured: { value: 1.8, low: 1.764, high: 1.836, unit: 'us' },
          bound: { value: expect.closeTo(1.65) as number, unit: 'us' },
          used: expect.closeTo(1.2 / 1.1) as number,
          note: null,
          benchmark: 'parser/small',
        },
      ],
      message: 'parser/large: p95 is 12.0 µs; the limit is 10 µs',
    });
    expect(resultTitle(result, 'HEAD')).toBe('✗ parser/large: p95 12.0 µs · 10 µs allowed · +20% vs HEAD');
  });

  it('a passing one tells its tightest figure and its largest change', () => {
    const evidence = all(member('parser/small', timed(2, ratio(1.05))), member('parser/large', timed(8, ratio(1))));
    expect(said(judged(parser, evidence))).toEqual([
      'pass',
      'parser/large: p95 <= 10 us: pass',
      'parser/small: time <= baseline + 10%: pass',
      'parser/large: p95 8.0 µs of 10 µs · parser/small: +5% vs HEAD',
    ]);
  });

  it('one that is undecided is worse than one that passes, however little is left of that', () => {
    const unsure = member('parser/unsure', timed(6, ratio(1.05, 0.08)));
    expect(said(judged(parser, all(unsure, member('parser/close', timed(9.7, ratio(1.08, 0.01))))))).toEqual([
      'undecided',
      'parser/close: p95 <= 10 us: pass',
      'parser/unsure: time <= baseline + 10%: undecided',
      'parser/unsure: +5 ± 8% vs HEAD: too uncertain to tell whether time <= baseline + 10% holds',
    ]);
  });

  it('one that is new leaves the answer to the others', () => {
    const note = 'bench/a.bench.ts does not exist at HEAD';
    const fresh = member('parser/new', timed(3, null, note));
    expect(said(judged(parser, all(fresh, member('parser/old', timed(2, ratio(1))))))).toEqual([
      'pass',
      'parser/new: p95 <= 10 us: pass',
      'parser/old: time <= baseline + 10%: pass',
      'parser/new: p95 3.00 µs of 10 µs · parser/old: ±0% vs HEAD',
    ]);
    expect(said(judged({ benchmark: 'parser/*' }, all(fresh, fresh)))).toEqual([
      'undecided',
      'parser/new: time <= baseline + 10%: undecided',
      `parser/new: ${note}`,
    ]);
  });
});

describe('growth', () => {
  const family = { benchmark: 'index/{files}', limit: ['time <= O(n)', 'time <= 1 s'] };
  const sizes = [100, 1000, 10_000, 100_000];
  const growing = (cost: (n: number) => number, list = sizes): Evidence =>
    all(...list.map((n) => member(`index/${n}`, measured({ time: estimate(cost(n)) }), { size: n })));

  it('is judged on all sizes at once, the other checks on the worst', () => {
    const result = judged(
      family,
      growing((n) => 50 * n),
    );
    const [growth, time, change] = result.checks;
    expect(growth).toEqual({
      check: 'time <= O(n)',
      level: 'limit',
      verdict: 'pass',
      measured: {
        value: expect.closeTo(1, 2) as number,
        low: expect.closeTo(1, 1) as number,
        high: expect.closeTo(1, 1) as number,
        unit: 'power of n',
      },
      bound: null,
      used: null,
      note: expect.stringMatching(/^time grows as n\^1\.00 \(0\.9\d to 1\.0\d\): O\(n\) holds$/) as string,
    });
    expect([time?.benchmark, time?.verdict, change?.verdict]).toEqual(['index/100000', 'pass', 'pass']);
    expect([result.verdict, result.message]).toEqual(['pass', 'index/100000: 5.0 ms of 1 s · index/100: ±0% vs HEAD']);
  });

  it('that is too fast fails, and its words are the message', () => {
    const result = judged(
      family,
      growing((n) => 5 * n ** 1.5),
    );
    expect([result.verdict, result.message]).toEqual([
      'fail',
      expect.stringMatching(/^time grows as n\^1\.50 \(1\.4\d to 1\.5\d\): faster than O\(n\)$/),
    ]);
    expect(resultTitle(result, 'HEAD')).toBe(`✗ ${result.message} · ±0% vs HEAD`);
  });

  it('that is too fast proves nothing of a size that may still become faster, and is worth a longer look', () => {
    const { members } = growing((n) => 5 * n ** 1.5);
    const last = members.at(-1);
    if (last === undefined) expect.fail('there are no sizes');
    const note = 'in the long run it may be faster';
    const unsettled = { ...last, measurement: { ...last.measurement, unsettled: true, note } };
    const evidence = all(...members.slice(0, -1), unsettled);
    expect(judged(family, evidence).checks[0]).toMatchObject({ verdict: 'undecided', note: `${last.name}: ${note}` });
    expect(standing(read(family), evidence)).toBe('suspected');
    const settled = all(...members.slice(0, -1), last);
    expect(judged(family, settled).checks[0]).toMatchObject({ verdict: 'fail' });
  });

  it('that too few sizes show is undecided, and says so', () => {
    const result = judged(
      family,
      growing((n) => n, [100, 1000]),
    );
    expect([result.verdict, result.checks[0]?.note, result.message]).toEqual([
      'undecided',
      'O(n) needs at least 3 sizes of 1 or more; there are 2',
      'O(n) needs at least 3 sizes of 1 or more; there are 2',
    ]);
  });
});

describe('a bound on another benchmark', () => {
  const race = { benchmark: 'scan/zig', limit: ["time <= 'scan/elixir' / 5"] };
  const against = (mine: Estimate, ...others: readonly Member[]): Evidence => ({
    members: [member('scan/zig', measured({ time: mine }), { size: 100 })],
    references: new Map([['scan/elixir', others]]),
  });
  const elixir = (value: Estimate, size: number | null = null): Member =>
    member('scan/elixir', measured({ time: value }), { size });

  it.each<[string, string, Estimate]>([
    ['pass', '18 ms of 20.0 ms · ±0% vs HEAD', estimate(18e6, 0.5e6)],
    [
      'undecided',
      "time is 20 ms: too uncertain to tell whether time <= 'scan/elixir' / 5 holds",
      estimate(20e6, 0.5e6),
    ],
    ['fail', "time is 23.0 ms; the limit is 20.0 ms (time <= 'scan/elixir' / 5)", estimate(23e6, 0.5e6)],
  ])('is held by the ratio and its interval: %s', (verdict, message, time) => {
    const result = judged(race, against(time, elixir(estimate(100e6, 2e6))));
    expect([result.verdict, result.message.replace(/\b(18|20)\.0 ms(?=:| of)/, '$1 ms')]).toEqual([verdict, message]);
    expect(result.checks[0]).toMatchObject({ bound: { value: expect.closeTo(20) as number, unit: 'ms' } });
  });

  it('of the same size, where the other is a family', () => {
    const others = [elixir(estimate(1e6), 10), elixir(estimate(100e6), 100)];
    expect(judged(race, against(estimate(18e6, 1e5), ...others)).verdict).toBe('pass');
    const result = judged(race, against(estimate(18e6, 1e5), ...others.slice(0, 1), elixir(estimate(1e6), 20)));
    expect(result.checks[0]?.note).toBe('"scan/elixir" matches 2 benchmarks, but none has the size of scan/zig');
  });

  it.each([
    [2000, 1_000_000, 500, 'pass'],
    [2001, 1_000_000, 500, 'fail'],
    [1, 5, 5, 'pass'],
    [7, 49, 7, 'pass'],
    [0, 49, 7, 'pass'],
  ])('that is counted is held exactly: %d of %d, a %dth', (mine, other, part, verdict) => {
    const counted = (value: number) => measured({ operations: { ...estimate(value, 0), unit: '' } });
    const evidence = {
      members: [member('compare/indexed', counted(mine))],
      references: new Map([['compare/nested', [member('compare/nested', counted(other))]]]),
    };
    const budget = { benchmark: 'compare/indexed', limit: [`operations <= 'compare/nested' / ${part}`] };
    expect(judged(budget, evidence).checks[0]?.verdict).toBe(verdict);
  });

  it('that lacks the metric says so', () => {
    const other = member('scan/elixir', measured({ throughput: estimate(1) }));
    expect(judged(race, against(estimate(1), other)).message).toBe('"scan/elixir": time was not measured');
  });
});

describe('a sum', () => {
  const start = { sum: ['plugin load', 'wasm load'], limit: ['time <= 2000 ms', 'time <= baseline + 10%'] };
  const phases = [
    { name: 'plugin load', measurement: measured({ time: estimate(600e6, 30e6) }, ratio(1.2, 0.04)) },
    { name: 'wasm load', measurement: measured({ time: estimate(1000e6, 40e6) }, ratio(1, 0.03)) },
  ];
  const total = (parts: typeof phases): Evidence => all(member('a', sumOf('a', parts), { parts }));

  it('has the sum of the parts, its interval, their weighted change, and the parts', () => {
    const result = judged(start, total(phases));
    // The old times are 500 and 1000 ms: shares of a third and two thirds.
    const change = (1.2 + 2 * 1) / 3;
    // They are known to 5 and 4%.
    const shares = [((1.2 - change) * 0.05) / 3, ((1 - change) * 0.04 * 2) / 3];
    const half = Math.hypot(0.04 / 3, (0.03 * 2) / 3, ...shares);
    expect(result).toEqual({
      name: 'a',
      benchmark: 'plugin load + wasm load',
      verdict: 'pass',
      severity: 'low',
      cached: false,
      elapsedMs: 1000,
      samples: 80,
      comparison: {
        ratio: expect.closeTo(change) as number,
        low: expect.closeTo(change - half) as number,
        high: expect.closeTo(change + half) as number,
      },
      compared: 'measured',
      checks: [
        {
          check: 'time <= 2000 ms',
          level: 'limit',
          verdict: 'pass',
          measured: { value: 1600, low: 1550, high: 1650, unit: 'ms' },
          bound: { value: 2000, unit: 'ms' },
          used: 0.8,
          note: null,
        },
        {
          check: 'time <= baseline + 10%',
          level: 'limit',
          verdict: 'pass',
          measured: { value: 1.6, low: 1.55, high: 1.65, unit: 's' },
          bound: { value: expect.closeTo((1.6 / change) * 1.1) as number, unit: 's' },
          used: expect.closeTo(change / 1.1) as number,
          note: null,
        },
      ],
      parts: [
        { name: 'plugin load', value: 600, unit: 'ms' },
        { name: 'wasm load', value: 1000, unit: 'ms' },
      ],
      message: '1.60 s of 2 s · +7% vs HEAD',
    });
  });

  it('of another figure has its parts in that one, and of code that is the same a ratio of exactly one', () => {
    const memory = (bytes: number, time: number) =>
      measured(
        { time: estimate(time), memory: { ...estimate(bytes, 0), unit: 'B' } },
        { ...ratio(1, 0), processes: 0 },
      );
    const parts = [
      { name: 'cache', measurement: memory(35e6, 919.6e6) },
      { name: 'buffers', measurement: memory(53_800, 2955.2e6) },
      { name: 'index', measurement: memory(1.6e6, 31.1e6) },
    ];
    const budget = { sum: ['cache', 'buffers', 'index'], limit: ['memory <= 120 MB'] };
    const result = judged(budget, total(parts));
    expect([result.parts, result.comparison, result.message]).toEqual([
      [
        { name: 'cache', value: 35, unit: 'MB' },
        { name: 'buffers', value: 0.0538, unit: 'MB' },
        { name: 'index', value: 1.6, unit: 'MB' },
      ],
      { ratio: 1, low: 1, high: 1 },
      'memory 36.7 MB of 120 MB · same code as HEAD',
    ]);
  });

  it('adds what adds up, and nothing else', () => {
    const metrics: Figures = {
      ...{ time: estimate(10), mean: estimate(11), cpu: estimate(9), allocated: estimate(100), rss: estimate(1e6) },
      ...{ errors: estimate(1, 0, 50), 'lost messages': { ...estimate(2, 0), unit: 'messages' } },
      ...{ p95: estimate(12), median: estimate(10), max: estimate(20), throughput: estimate(1e8) },
    };
    const { current } = sumOf('a', [
      { name: 'x', measurement: measured(metrics) },
      { name: 'y', measurement: measured(metrics) },
    ]);
    const added = Object.entries(current.metrics).map(([key, { value, samples, unit }]) => [key, value, samples, unit]);
    expect(added).toEqual([
      ['time', 20, 1000, undefined],
      ['mean', 22, 1000, undefined],
      ['cpu', 18, 1000, undefined],
      ['allocated', 200, 1000, undefined],
      ['rss', 2e6, 1000, undefined],
      ['errors', 2, 100, undefined],
      ['lost messages', 4, 1000, 'messages'],
    ]);
  });

  it('compares nothing where a part has no old code, and says which', () => {
    const parts = [...phases, { name: 'storage init', measurement: measured({ time: estimate(1e6) }, null) }];
    const result = judged(start, total(parts));
    expect([result.verdict, result.comparison, result.message]).toEqual([
      'undecided',
      null,
      '1.60 s of 2 s · storage init has no baseline to compare with',
    ]);
  });

  it('of code that has not changed is the same code; with one part that has, its share', () => {
    const same = phases.map((phase) => ({
      ...phase,
      measurement: { ...phase.measurement, comparison: ratio(1, 0, 0) },
    }));
    expect(judged(start, total(same)).message).toBe('1.60 s of 2 s · same code as HEAD');
    const [first, second] = [phases[0], same[1]];
    if (first === undefined || second === undefined) throw new Error('two phases');
    expect(sumOf('a', [first, second]).comparison).toMatchObject({
      processes: 4,
      ratio: expect.closeTo(3.2 / 3) as number,
    });
  });

  it('has intervals that miss the truth as rarely as those of its parts', () => {
    const { normal } = random(7);
    // Old times in ns, how well they are known, what they became, and how well that is known.
    const truth = [
      { old: 300, sigma: 0.05, ratio: 1.5, spread: 0.02 },
      { old: 50, sigma: 0.1, ratio: 1, spread: 0.05 },
      { old: 700, sigma: 0.03, ratio: 0.9, spread: 0.01 },
    ];
    const total = truth.reduce((sum, { old }) => sum + old, 0);
    const change = truth.reduce((sum, { old, ratio: r }) => sum + old * r, 0) / total;
    const z = 2.576;
    const rounds = 4000;
    const missed = { total: 0, change: 0 };
    for (let round = 0; round < rounds; round += 1) {
      const parts = truth.map(({ old, sigma, ratio: r, spread }, index) => {
        const was = old * (1 + normal() * sigma);
        const became = r + normal() * spread;
        const time = estimate(was * became, z * sigma * was * became);
        return { name: `${index}`, measurement: measured({ time }, ratio(became, z * spread)) };
      });
      const { baseline, comparison } = sumOf('a', parts);
      const time = baseline?.metrics['time'];
      if (time === undefined || time.low > total || time.high < total) missed.total += 1;
      if (comparison === null || comparison.low > change || comparison.high < change) missed.change += 1;
    }
    // 99% intervals, give or take four binomial standard deviations and what the first order leaves out.
    for (const share of [missed.total / rounds, missed.change / rounds]) {
      expect(share).toBeGreaterThan(0.01 - 4 * Math.sqrt((0.01 * 0.99) / rounds));
      expect(share).toBeLessThan(0.01 + 5 * Math.sqrt((0.01 * 0.99) / rounds));
    }
  });
});

describe('what is not a time', () => {
  const metrics: Figures = {
    ...{ time: estimate(1e6), throughput: { value: 1000, low: 980, high: 1020, samples: 1000 } },
    ...{ errors: estimate(3, 0, 1000), crashes: estimate(0, 0, 4), retained: estimate(-200, 500), rss: estimate(48e6) },
    'queue delay': { ...estimate(4e6, 1e5), unit: 'ms' },
    'lost messages': estimate(0, 0),
  };
  const one = (
    entry: object,
    more: Partial<Member> = {},
    comparison: Comparison | null = ratio(1),
  ): readonly string[] => said(judged({ benchmark: 'one', ...entry }, alone(measured(metrics, comparison), more)));
  const allowed = 'all: time <= baseline + 10%: pass';

  it.each([
    ['errors = 3', 'pass', 'errors 3 of 3 · ±0% vs HEAD'],
    ['errors = 0', 'fail', 'errors are 3; the limit is 0'],
    ['errors <= 1 %', 'pass', 'errors 0.3% of 1% · ±0% vs HEAD'],
    ['errors < 0.2 %', 'fail', 'errors are 0.3%; the limit is 0.2%'],
    ['crashes = 0', 'pass', 'crashes 0 of 0 · ±0% vs HEAD'],
    ['retained <= 1 KB', 'pass', 'retained −200 B of 1 KB · ±0% vs HEAD'],
    ['rss <= 40 MB', 'fail', 'rss is 48.0 MB; the limit is 40 MB'],
    ['errors <= baseline', 'pass', 'errors 3 · ±0% vs HEAD'],
    ['lost messages = 0', 'pass', 'lost messages 0 of 0 · ±0% vs HEAD'],
    ['queue delay <= 5 ms', 'pass', 'queue delay 4.0 ms of 5 ms · ±0% vs HEAD'],
  ])('%s: %s', (check, verdict, message) => {
    expect(one({ limit: [check, 'time <= baseline + 10%'] })).toEqual([
      verdict,
      `all: ${check}: ${verdict}`,
      allowed,
      message,
    ]);
  });

  it.each([
    ['lost frames = 0', 'the benchmark does not report lost frames; it reports queue delay, lost messages'],
    ['queue delay <= 5 MB', 'queue delay is reported in ms, but 5 MB is a size'],
    ['allocated <= 5 MB', 'allocated was not measured'],
    ['p95 <= 5 ms', 'p95 was not measured'],
  ])('%s: %s', (check, note) => {
    expect(one({ limit: [check] })).toEqual(['undecided', `all: ${check}: undecided`, allowed, note]);
  });

  it('against the old code is a quotient, also where there was nothing', () => {
    const was = (errors: number): Measurement => ({
      ...measured(metrics),
      baseline: { metrics: { ...metrics, errors: estimate(errors, 0, 1000) } },
    });
    const verdict = (errors: number): unknown => {
      const result = judged({ benchmark: 'one', limit: ['errors <= baseline'] }, alone(was(errors)));
      return [result.verdict, result.severity, result.checks[0]?.bound];
    };
    expect([verdict(0), verdict(2), verdict(3), verdict(4)]).toEqual([
      ['fail', 'critical', { value: 0, unit: '' }],
      ['fail', 'critical', { value: 2, unit: '' }],
      ['pass', null, { value: 3, unit: '' }],
      ['pass', null, { value: 4, unit: '' }],
    ]);
  });

  it.each([
    ['throughput > 10,000 lines/s', 'pass', '12.0M lines/s · at least 10k lines/s · ±0% vs HEAD'],
    ['throughput > 2k ops/s', 'fail', 'throughput is 1,000 ops/s; the limit is at least 2,000 ops/s'],
  ])('a rate counts the work: %s', (check, verdict, message) => {
    const lines = { amount: 12_000, counts: 'lines' };
    const result = one({ work: '12000 lines', limit: [check, 'time <= baseline + 10%'] }, { work: lines });
    expect([result[0], result[3]]).toEqual([verdict, message]);
  });

  it('a rate that is held against another figure is told in work', () => {
    const entry = { benchmark: 'one', work: '12000 lines', limit: ['throughput >= baseline - 10%'] };
    const lines = { amount: 12_000, counts: 'lines' };
    expect(judged(entry, alone(measured(metrics), { work: lines })).checks[0]).toMatchObject({
      measured: { value: 12e6, unit: 'lines/s' },
      bound: { value: 10.8e6, unit: 'lines/s' },
    });
  });
});

describe('what measuring on is worth', () => {
  const stands = (limit: readonly string[], evidence: Evidence, level = 'limit'): string =>
    standing(read({ benchmark: 'index/{n}', [level]: limit }), evidence);
  const time = (half: number, comparison: Comparison | null = ratio(1, 0.01)): Evidence =>
    alone(measured({ time: estimate(100, half), p95: estimate(100, half, 10) }, comparison), { size: 5 });
  const other = (half: number): Evidence => ({ ...time(half), references: new Map([['b', time(half).members]]) });

  it.each([
    ['passed', ['time <= 120 ns'], time(10)],
    ['open', ['time <= 105 ns'], time(10)],
    ['failed', ['time <= 50 ns', 'time <= 120 ns'], time(10)],
    ['open', ['time <= baseline + 10%'], time(1, ratio(1.08, 0.05))],
    ['passed', ['time <= baseline + 10%'], time(1, null)],
    ['open', ['p95 <= 500 ns'], time(1)],
    ['passed', ['p75 <= 500 ns'], time(1)],
    ['passed', ['lost = 0'], time(1)],
    ['passed', ['time <= O(n)'], time(1)],
    ['passed', ["time <= 'b'"], time(1)],
    ['open', ["time <= 'b'"], other(1)],
    ['failed', ["time <= 'b' / 2"], other(1)],
  ])('%s: %o', (expected, limit, evidence) => {
    expect(stands(limit, evidence)).toBe(expected);
  });

  it('a missed target is worth nothing', () => {
    expect([stands(['time <= 105 ns'], time(10), 'target'), stands(['time <= 50 ns'], time(10), 'target')]).toEqual([
      'passed',
      'passed',
    ]);
  });

  it('every one of several counts', () => {
    const sharp = time(1).members;
    const blurred = time(10).members;
    const check = ['time <= 105 ns'];
    expect([
      stands(check, { members: [...sharp, ...sharp], references: new Map() }),
      stands(check, { members: [...sharp, ...blurred], references: new Map() }),
    ]).toEqual(['passed', 'open']);
  });
});

describe('a figure recorded by hand', () => {
  const battery = read({ manual: '%/h', target: ['value < 0.5 %/h'], limit: ['value < 1 %/h'] });
  const now = Date.parse('2026-11-21T10:00:00Z');
  const recorded = (value: number, at = '2026-11-01', by = 'Ada'): BudgetResult =>
    budgetResult(judgeManual(battery, { value, at, by }, now));

  it('is judged as it is, and nothing runs', () => {
    expect(recorded(0.4)).toEqual({
      name: 'a',
      benchmark: '',
      verdict: 'pass',
      severity: null,
      cached: true,
      elapsedMs: 0,
      samples: 1,
      comparison: null,
      compared: 'nothing',
      checks: [
        {
          check: 'value < 0.5 %/h',
          level: 'target',
          verdict: 'pass',
          measured: { value: 0.4, low: 0.4, high: 0.4, unit: '%/h' },
          bound: { value: 0.5, unit: '%/h' },
          used: 0.8,
          note: null,
        },
        {
          check: 'value < 1 %/h',
          level: 'limit',
          verdict: 'pass',
          measured: { value: 0.4, low: 0.4, high: 0.4, unit: '%/h' },
          bound: { value: 1, unit: '%/h' },
          used: 0.4,
          note: null,
        },
      ],
      message: '0.4%/h of 0.5%/h · recorded 2026-11-01 by Ada',
    });
    expect(resultTitle(recorded(0.4), 'HEAD')).toBe('✓ 0.4%/h of 0.5%/h');
    expect(columns(recorded(0.4))).toEqual({ measured: '0.4%/h', change: '', allowed: 'allowed 0.5%/h' });
  });

  it.each([
    ['pass', 0.7, '2026-11-01', '', 'value is 0.7%/h; the target is 0.5%/h · recorded 2026-11-01'],
    ['fail', 1, '2026-11-21', 'Ada', 'value is 1%/h; the limit is 1%/h · recorded 2026-11-21 by Ada'],
    ['pass', 0.4, '2026-08-23', 'Ada', '0.4%/h of 0.5%/h · recorded 2026-08-23 by Ada'],
    ['pass', 0.4, '2026-08-22', 'Ada', '0.4%/h of 0.5%/h · recorded 2026-08-22 by Ada · stale: 91 days old'],
  ])('%s: %d, %s %s', (verdict, value, at, by, message) => {
    const result = recorded(value, at, by);
    expect([result.verdict, result.message]).toEqual([verdict, message]);
  });

  it('that is old says so everywhere', () => {
    const stale = 'stale: 112 days old';
    const [passing, failing] = [recorded(0.4, '2026-08-01'), recorded(2, '2026-08-01')];
    expect([...passing.checks, ...failing.checks].map(({ note }) => note)).toEqual([stale, stale, stale, stale]);
    expect([resultTitle(passing, 'HEAD'), resultTitle(failing, 'HEAD')]).toEqual([
      `✓ 0.4%/h of 0.5%/h · ${stale}`,
      `✗ 2%/h · 1%/h allowed · ${stale}`,
    ]);
    expect(columns(passing)).toEqual({ measured: '0.4%/h', change: stale, allowed: 'allowed 0.5%/h' });
  });

  it('that nobody recorded is undecided, and says how', () => {
    const note = 'nothing is recorded yet; run perf-budget record "a" <value>';
    const result = budgetResult(judgeManual(battery, null, now));
    expect([result.verdict, result.message, ...result.checks.map((check) => check.note)]).toEqual([
      'undecided',
      note,
      note,
      note,
    ]);
  });
});
