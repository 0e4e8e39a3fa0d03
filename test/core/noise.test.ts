import { describe, expect, test } from 'vitest';
import { defaultPrior, interval, type Prior } from '../../src/core/interval.js';
import { learnedPrior, noiseOf, resolvable, secondsFor, tooNoisy, type NoiseRow } from '../../src/core/noise.js';
import { random } from './random.js';

interface World {
  /** The usual spread between processes; benchmarks differ from it by half of it, up and down. */
  readonly sigma: number;
  /** How much the spread of one run differs from its benchmark's, and how often another program more than doubles it. */
  readonly weather: number;
  readonly storms: number;
}

const calm = { weather: 0, storms: 0 };
const changing = { weather: 0.3, storms: 0.1 };

/** How often the interval of unchanged code misses 1, and half its width, with the prior that `days` of runs have taught. */
function trial(world: World, days: number, forks: number, believed: 'learned' | 'default') {
  const { normal, uniform } = random(days + forks);
  const rounds = 2000;
  let missed = 0;
  let half = 0;
  for (let round = 0; round < rounds; round++) {
    const run = (usual: number, count: number): number[] => {
      const sigma = usual * Math.exp(world.weather * normal()) * (uniform() < world.storms ? 2.5 : 1);
      return Array.from({ length: count }, () => sigma * normal());
    };
    const usual = ['a', 'b', 'c', 'd'].map((name) => ({ name, sigma: world.sigma * Math.exp(0.5 * normal()) }));
    const rows = Array.from({ length: days }, (_, day) =>
      usual.flatMap(
        ({ name, sigma }) => noiseOf(name, run(sigma, 2 + Math.floor(3 * uniform())), 'compared', day) ?? [],
      ),
    ).flat();
    const prior = believed === 'learned' ? learnedPrior(rows, 'a', days) : defaultPrior;
    const { low, high } = interval(run(usual[0]?.sigma ?? 0, forks), prior);
    if (low > 1 || high < 1) missed++;
    half += Math.log(high / low) / 2 / rounds;
  }
  return { missed: missed / rounds, half };
}

describe('the prior that a machine has learned', () => {
  test.each([0.006, 0.012, 0.03])(
    'where copies differ by %d misses one time in a hundred, and two while the weather changes',
    (sigma) => {
      for (const forks of [2, 4, 8]) {
        expect(trial({ sigma, ...calm }, 20, forks, 'learned').missed).toBeLessThan(0.01);
        expect(trial({ sigma, ...changing }, 20, forks, 'learned').missed).toBeLessThan(0.02);
        expect(trial({ sigma, ...changing }, 3, forks, 'learned').missed).toBeLessThan(0.025);
      }
    },
  );

  test('sees three times as much on a quiet machine with two processes, and twice as much with four', () => {
    const quiet = { sigma: 0.006, ...calm };
    expect(trial(quiet, 20, 2, 'default').half / trial(quiet, 20, 2, 'learned').half).toBeGreaterThan(3);
    expect(trial(quiet, 20, 4, 'default').half / trial(quiet, 20, 4, 'learned').half).toBeGreaterThan(2);
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
  const believed = (rows: readonly NoiseRow[], today = 0): Prior => {
    const { sigma, weight } = learnedPrior(rows, 'a', today);
    return { sigma: Number(sigma.toFixed(4)), weight: Number(weight.toFixed(2)) };
  };

  test('nothing known is the default', () => {
    expect(believed([])).toEqual({ sigma: 0.025, weight: 4 });
  });

  test('a past of its own weighs more the longer it is, up to twelve', () => {
    expect(believed([row('a', 0, 0.01, 4)])).toEqual({ sigma: 0.0212, weight: 6 });
    expect(believed([row('a', 0, 0.01, 8), row('a', 0, 0.01, 8)])).toEqual({ sigma: 0.0166, weight: 12 });
    expect(believed([row('a', 0, 0.01, 500)])).toEqual({ sigma: 0.0166, weight: 12 });
  });

  test('others tell of the machine, and none of them alone', () => {
    expect(believed([row('b', 0, 0.01, 12)])).toEqual({ sigma: 0.0152, weight: 4 });
    expect(believed([row('b', 0, 0.01, 1000)])).toEqual({ sigma: 0.0152, weight: 4 });
    expect(believed(['b', 'c', 'd', 'e'].map((name) => row(name, 0, 0.01, 12)))).toEqual({ sigma: 0.0118, weight: 4 });
  });

  test('what is old counts less', () => {
    expect(believed([row('a', 0, 0.01, 16)], 7)).toEqual({ sigma: 0.019, weight: 8 });
    expect(believed([row('a', 0, 0.05, 100), row('a', 70, 0.01, 16)], 70)).toEqual({ sigma: 0.0169, weight: 12 });
    expect(believed([row('a', 0, 0.01, 16)], 700)).toEqual({ sigma: 0.025, weight: 4 });
    // A clock that was set back makes nothing newer than today.
    expect(believed([row('a', 7, 0.01, 16)], 0)).toEqual({ sigma: 0.0166, weight: 12 });
  });

  test('neither agreement nor chaos is believed without end', () => {
    const quiet = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => row(name, 0, 1e-6, 1000));
    expect(believed(quiet)).toEqual({ sigma: 0.008, weight: 12 });
    expect(believed([row('a', 0, 5, 1000)])).toEqual({ sigma: 0.25, weight: 12 });
  });

  test('code beside itself also tells what all its processes share', () => {
    const ratios = [0.02, 0.04];
    expect(noiseOf('a', ratios, 'compared', 3)).toEqual({
      ...{ benchmark: 'a', day: 3, kind: 'compared', runs: 1, df: 1 },
      total: expect.closeTo(0.03, 12) as number,
      squares: expect.closeTo(0.0002, 12) as number,
    });
    expect(noiseOf('a', ratios, 'same', 3)).toEqual({
      ...{ benchmark: 'a', day: 3, kind: 'same', runs: 1, df: 2 },
      total: expect.closeTo(0.03, 12) as number,
      squares: expect.closeTo(0.002, 12) as number,
    });
    expect(noiseOf('a', [0.02], 'same', 3)).toBe(null);
    expect(noiseOf('a', [0.02, NaN], 'same', 3)).toBe(null);
  });
});

describe('what a machine can see', () => {
  test('is the width of the interval that so many processes have', () => {
    const four = [1, -1, 1, -1].map((sign) => sign * 0.025 * Math.sqrt(3 / 4));
    expect(resolvable(defaultPrior, 2, 2)).toBeCloseTo(interval(four).high, 10);
    // Two processes are the least, however little time there is.
    expect(resolvable(defaultPrior, 2, 0.1)).toBe(resolvable(defaultPrior, 2, 1));
  });

  test.each([0.01, 0.03, 0.1])('in the time that %d takes it is that, and in less it is not', (tightness) => {
    for (const forksPerSecond of [0.5, 2, 8]) {
      const seconds = secondsFor(defaultPrior, forksPerSecond, tightness);
      expect(resolvable(defaultPrior, forksPerSecond, seconds)).toBeLessThanOrEqual(1 + tightness);
      const before = seconds - 1 / forksPerSecond;
      if (before * forksPerSecond >= 2) {
        expect(resolvable(defaultPrior, forksPerSecond, before)).toBeGreaterThan(1 + tightness);
      }
    }
  });

  test.each<[Prior, number, number, string | null]>([
    [defaultPrior, 2, 0.03, 'this machine can see 4.5 % in 2 s; the budget asks for 3 %: give it 4 s'],
    [defaultPrior, 2, 0.05, null],
    [{ sigma: 0.06, weight: 12 }, 2, 0.05, 'this machine can see 9.2 % in 2 s; the budget asks for 5 %: give it 6 s'],
    [{ sigma: 0.1, weight: 12 }, 4, 0.02, 'this machine can see 11 % in 4 s; the budget asks for 2 %: give it 90 s'],
    [{ sigma: 0.2, weight: 12 }, 2, 0.02, 'this machine can see 34 % in 2 s; the budget asks for 2 %: give it 6 min'],
    [
      { sigma: 0.25, weight: 12 },
      2,
      0.001,
      'this machine can see 45 % in 2 s; the budget asks for 0.1 %, which no time gives',
    ],
    [defaultPrior, 2, 0, null],
  ])('in words: %j in %d s for %d', (prior, seconds, tightness, words) => {
    expect(tooNoisy(prior, 2, seconds, tightness)).toBe(words);
  });
});
