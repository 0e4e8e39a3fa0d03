import { describe, expect, test } from 'vitest';
import { defaultPrior, interval, type Prior } from '../../../src/core/stats/interval.js';
import {
  learnedPrior,
  noiseShortfall,
  noiseOf,
  resolvable,
  secondsFor,
  shortfallOf,
  type NoiseRow,
  type NoiseShortfall,
} from '../../../src/core/stats/noise.js';
import { noiseWords } from '../../../src/core/text/noise.js';
import { random } from '../random.js';

interface World {
  /** The usual spread between processes; benchmarks differ from it by half of it, up and down. */
  readonly sigma: number;
  /** How much the spread of one run differs from its benchmark's, and how often another program more than doubles it. */
  readonly weather: number;
  readonly storms: number;
}

const calm = { weather: 0, storms: 0 };
const changing = { weather: 0.3, storms: 0.1 };

const rounds = 2000;

/** Log-ratios of processes of one run in a world, of a benchmark with this usual spread. */
function drawer({ weather, storms }: World, { normal, uniform }: ReturnType<typeof random>) {
  return (usual: number, count: number): number[] => {
    const sigma = usual * Math.exp(weather * normal()) * (uniform() < storms ? 2.5 : 1);
    return Array.from({ length: count }, () => sigma * normal());
  };
}

interface Learned {
  /** The spread of one benchmark, and what so many days have taught of it. */
  readonly sigma: number;
  readonly prior: Prior;
}

/** Histories are what takes the time here: each is learned once, and asked with every number of processes. */
const known = new Map<string, readonly Learned[]>();

function learned(world: World, days: number): readonly Learned[] {
  const key = JSON.stringify([world, days]);
  const all = known.get(key) ?? histories(world, days);
  known.set(key, all);
  return all;
}

function histories(world: World, days: number): readonly Learned[] {
  const source = random(days);
  const run = drawer(world, source);
  return Array.from({ length: rounds }, () => {
    const usual = ['a', 'b', 'c', 'd'].map((name) => ({ name, sigma: world.sigma * Math.exp(0.5 * source.normal()) }));
    const rows: NoiseRow[] = [];
    for (let day = 0; day < days; day++) {
      for (const { name, sigma } of usual) {
        const ratios = run(sigma, 2 + Math.floor(3 * source.uniform()));
        const row = noiseOf(name, ratios, 'compared', day, learnedPrior(rows, name, day));
        if (row !== null) rows.push(row);
      }
    }
    return { sigma: usual[0]?.sigma ?? 0, prior: learnedPrior(rows, 'a', days) };
  });
}

/** How often the interval of unchanged code misses 1, and half its width, with the prior that `days` of runs have taught. */
function trial(world: World, days: number, processes: number, believed: 'learned' | 'default') {
  const run = drawer(world, random(days + processes));
  let missed = 0;
  let half = 0;
  for (const { sigma, prior } of learned(world, days)) {
    const { low, high } = interval(run(sigma, processes), believed === 'learned' ? prior : defaultPrior);
    if (low > 1 || high < 1) missed++;
    half += Math.log(high / low) / 2 / rounds;
  }
  return { missed: missed / rounds, half };
}

describe('the prior that a machine has learned', () => {
  test.each([0.006, 0.012, 0.03])(
    'where copies differ by %d misses one time in a hundred, and two while the weather changes',
    (sigma) => {
      for (const processes of [2, 4, 8]) {
        expect(trial({ sigma, ...calm }, 20, processes, 'learned').missed).toBeLessThan(0.01);
        expect(trial({ sigma, ...changing }, 20, processes, 'learned').missed).toBeLessThan(0.025);
        expect(trial({ sigma, ...changing }, 3, processes, 'learned').missed).toBeLessThan(0.025);
      }
    },
  );

  test('sees more on a quiet machine, most of all with few processes', () => {
    const quiet = { sigma: 0.006, ...calm };
    expect(trial(quiet, 20, 2, 'default').half / trial(quiet, 20, 2, 'learned').half).toBeGreaterThan(1.5);
    expect(trial(quiet, 20, 4, 'default').half / trial(quiet, 20, 4, 'learned').half).toBeGreaterThan(1.2);
  });

  test('cries wolf less on a noisy machine, also while the weather changes', () => {
    const loud = { sigma: 0.03, ...changing };
    const learned = trial(loud, 20, 2, 'learned').missed;
    expect(trial(loud, 20, 2, 'default').missed).toBeGreaterThan(1.4 * learned);
  });
});

const row = (benchmark: string, day: number, sigma: number, df: number): NoiseRow => ({
  ...{ benchmark, day, kind: 'compared', runs: 1, total: 0 },
  ...{ squares: df * sigma ** 2, df },
});

describe('what counts', () => {
  const believed = (rows: readonly NoiseRow[], today = 0): Prior => learnedPrior(rows, 'a', today);

  /** Variances, each with the observations that it is worth. */
  const pooled = (...parts: readonly (readonly [sigma: number, weight: number])[]): Prior => {
    const weight = parts.reduce((sum, [, one]) => sum + one, 0);
    const sigma = Math.sqrt(parts.reduce((sum, [one, share]) => sum + share * one ** 2, 0) / weight);
    return { sigma: expect.closeTo(sigma, 10) as number, weight: expect.closeTo(weight, 10) as number };
  };
  const { sigma, weight } = defaultPrior;
  const given = [sigma, weight] as const;

  test('nothing known is the default', () => {
    expect(believed([])).toEqual(pooled(given));
  });

  test('a past of its own counts half, up to eight', () => {
    expect(believed([row('a', 0, 0.01, 4)])).toEqual(pooled(given, [0.01, 2]));
    expect(believed([row('a', 0, 0.01, 8), row('a', 0, 0.01, 8)])).toEqual(pooled(given, [0.01, 8]));
    expect(believed([row('a', 0, 0.01, 500)])).toEqual(pooled(given, [0.01, 8]));
  });

  test('others tell of the machine, and none of them alone', () => {
    const machine = (...others: readonly (readonly [number, number])[]): Prior => ({
      ...pooled(given, ...others),
      weight: expect.closeTo(weight, 10) as number,
    });
    expect(believed([row('b', 0, 0.01, 6)])).toEqual(machine([0.01, 6]));
    expect(believed([row('b', 0, 0.01, 1000)])).toEqual(machine([0.01, 12]));
    expect(believed(['b', 'c', 'd'].map((name) => row(name, 0, 0.03, 99)))).toEqual(machine([0.03, 36]));
  });

  test('what is old counts less', () => {
    expect(believed([row('a', 0, 0.01, 16)], 7)).toEqual(pooled(given, [0.01, 4]));
    expect(believed([row('a', 0, 0.05, 16), row('a', 7, 0.01, 4)], 7)).toEqual(pooled(given, [0.05, 4], [0.01, 2]));
    expect(believed([row('a', 0, 0.01, 16)], 7000)).toEqual(pooled(given));
    // A clock that was set back makes nothing newer than today.
    expect(believed([row('a', 7, 0.01, 16)], 0)).toEqual(pooled(given, [0.01, 8]));
  });

  test('neither agreement nor chaos is believed without end', () => {
    const quiet = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => row(name, 0, 1e-6, 1000));
    expect(believed(quiet).sigma).toBe(0.008);
    expect(believed([row('a', 0, 5, 1000)]).sigma).toBe(0.25);
  });

  test('code beside itself also tells what all its processes share', () => {
    const ratios = [0.02, 0.04];
    expect(noiseOf('a', ratios, 'compared', 3, defaultPrior)).toEqual({
      ...{ benchmark: 'a', day: 3, kind: 'compared', runs: 1, df: 1 },
      total: expect.closeTo(0.03, 12) as number,
      squares: expect.closeTo(0.0002, 12) as number,
    });
    expect(noiseOf('a', ratios, 'same', 3, defaultPrior)).toEqual({
      ...{ benchmark: 'a', day: 3, kind: 'same', runs: 1, df: 2 },
      total: expect.closeTo(0.03, 12) as number,
      squares: expect.closeTo(0.002, 12) as number,
    });
    expect(noiseOf('a', [0.02], 'same', 3, defaultPrior)).toBe(null);
    expect(noiseOf('a', [0.02, NaN], 'same', 3, defaultPrior)).toBe(null);
  });
});

describe('what a machine can see', () => {
  test.each([2, 4, 9])('is the usual width of the interval of %d processes', (processes) => {
    const { normal } = random(processes);
    const prior = { sigma: 0.015, weight: 8 };
    const rounds = 1000;
    let half = 0;
    for (let round = 0; round < rounds; round++) {
      const { low, high } = interval(
        Array.from({ length: processes }, () => prior.sigma * normal()),
        prior,
      );
      half += Math.log(high / low) / 2 / rounds;
    }
    expect(Math.log(resolvable(prior, 2, processes / 2)) / half).toBeGreaterThan(0.85);
    expect(Math.log(resolvable(prior, 2, processes / 2)) / half).toBeLessThan(1.15);
    // Two processes are the least, however little time there is.
    expect(resolvable(prior, 2, 0.1)).toBe(resolvable(prior, 2, 1));
  });

  test.each([0.01, 0.03, 0.1])('in the time that %d takes it is that, and in less it is not', (tightness) => {
    for (const processesPerSecond of [0.5, 2, 8]) {
      const seconds = secondsFor(defaultPrior, processesPerSecond, tightness);
      expect(resolvable(defaultPrior, processesPerSecond, seconds)).toBeLessThanOrEqual(1 + tightness);
      const before = seconds - 1 / processesPerSecond;
      if (before * processesPerSecond >= 2) {
        expect(resolvable(defaultPrior, processesPerSecond, before)).toBeGreaterThan(1 + tightness);
      }
    }
  });

  test.each<[number, number, number, number, string | null]>([
    [0.062, 2, 0.03, 7.2, 'this machine can resolve 6.2% in 2 s, but the budget allows 3%: set "time": "8 s"'],
    [0.1149, 1.6149, 0.05, 41, 'this machine can resolve 11% in 1.6 s, but the budget allows 5%: set "time": "50 s"'],
    [0.3, 2, 0.025, 301, 'this machine can resolve 30% in 2 s, but the budget allows 2.5%: set "time": "6 min"'],
    [0.4, 2, 0.001, Infinity, 'this machine can resolve 40% in 2 s, but the budget allows 0.1%, and no time is enough'],
    [0.05, 2, 0.05, 2, null],
    [0.05, 2, 0, Infinity, null],
  ])('in words: %d in %d s for %d, which takes %d s', (seen, seconds, tightness, needed, words) => {
    const shortfall = shortfallOf(seen, seconds, tightness, needed);
    expect(shortfall && noiseWords(shortfall)).toBe(words);
  });

  const seenIn2s = resolvable(defaultPrior, 2, 2) - 1;
  const in2s = (tightness: number): NoiseShortfall | null =>
    shortfallOf(seenIn2s, 2, tightness, secondsFor(defaultPrior, 2, tightness));

  test('falls short of a tight budget, with the time that would do', () => {
    expect(in2s(0.2)).toBe(null);
    const needed = secondsFor(defaultPrior, 2, 0.01);
    expect(needed).toBeGreaterThan(10);
    expect(in2s(0.01)).toEqual({ kind: 'too-wide', seen: seenIn2s, seconds: 2, tightness: 0.01, needed });
    expect(secondsFor({ sigma: 0.25, weight: 4 }, 2, 0.001)).toBe(Infinity);
  });

  test('of a comparison is what its own interval shows, and its spread says how long it takes', () => {
    const of = (half: number) => ({
      ratio: 1,
      low: 1 / (1 + half),
      high: 1 + half,
      processes: 4,
      clock: 'cpu' as const,
    });
    const words = (comparison: ReturnType<typeof of>, tightness: number): string | null => {
      const shortfall = noiseShortfall(comparison, 2000, tightness);
      return shortfall && noiseWords(shortfall);
    };
    expect(words(of(seenIn2s), seenIn2s + 1e-6)).toBe(null);
    const usual = in2s(0.01);
    expect(words(of(seenIn2s), 0.01)).toBe(usual && noiseWords(usual));
    const seconds = (half: number): number => Number(/(\d+) s"$/.exec(words(of(half), 0.02) ?? '')?.[1]);
    // Twice the spread takes four times as long.
    expect(seconds(0.08) / seconds(0.04)).toBeGreaterThan(3);
    expect(seconds(0.08) / seconds(0.04)).toBeLessThan(5);
    expect(words({ ...of(0.2), processes: 1 }, 0.01)).toBe(
      'one process in 2 s is too few to compare: set "time": "110 s"',
    );
  });
});

describe('an outlier', () => {
  const withOutliers = (share: number): Prior => {
    const { normal, uniform } = random(11);
    const rows: NoiseRow[] = [];
    for (let day = 0; day < 30; day++) {
      for (let run = 0; run < 20; run++) {
        const ratios = [0, 0, 0, 0].map(() => 0.012 * normal() + (uniform() < share ? 0.12 * normal() : 0));
        const row = noiseOf('a', ratios, run % 2 === 0 ? 'same' : 'compared', day, learnedPrior(rows, 'a', day));
        if (row !== null) rows.push(row);
      }
    }
    return learnedPrior(rows, 'a', 30);
  };

  test('now and then leaves what is believed of the others nearly as it is', () => {
    expect(withOutliers(0.05).sigma / withOutliers(0).sigma).toBeLessThan(1.25);
  });

  test('a spread that was thought to be small is learned all the same', () => {
    const { normal } = random(12);
    const rows: NoiseRow[] = [];
    for (let run = 0; run < 300; run++) {
      const ratios = [0, 0, 0, 0].map(() => 0.1 * normal());
      const row = noiseOf('a', ratios, 'compared', run, learnedPrior(rows, 'a', run));
      if (row !== null) rows.push(row);
    }
    // A third of the weight stays with what other benchmarks show, which here is the default.
    expect(learnedPrior(rows, 'a', 300).sigma).toBeGreaterThan(0.065);
  });
});
