import { expect, test } from 'vitest';
import { comparePrograms, programTime, type ProgramRun, type RunPair } from '../../../src/core/stats/program-runs.js';
import { random } from '../random.js';

/** Milliseconds of a program, and how other programs use the machine. */
interface World {
  readonly cpu: number;
  /** The spread of its processor time between runs. */
  readonly spread: number;
  readonly sleep?: number;
  /** The usual number of programs that wait for the same processor. */
  readonly load?: number;
  /** How much the load at one run is that of the run before. */
  readonly memory?: number;
  /** Whether some waits are far longer than others. */
  readonly isHeavy?: boolean;
}

/** A run on a processor whose scheduler gives each program 3 ms in turn, as measured beside three busy loops on two cores. */
function machine({ cpu, spread, sleep = 0, load = 0, memory = 0, isHeavy = false }: World, seed: number) {
  const { normal, uniform } = random(seed);
  let state = normal();
  return (factor: number, sleepFactor: number): ProgramRun => {
    state = memory * state + Math.sqrt(1 - memory ** 2) * normal();
    const used = cpu * factor * Math.exp(spread * normal());
    const others = load * Math.exp(0.7 * state);
    let queued = 0;
    for (let slice = 0; slice < Math.max(1, Math.round(used / 3)); slice++) {
      queued += 3 * others * (isHeavy ? Math.min(50, uniform() ** (-1 / 1.5) - 1) : -Math.log(uniform()));
    }
    return { wall: (used + sleep * sleepFactor + 0.5 + queued) * Math.exp(0.01 * normal()), cpu: used };
  };
}

interface Change {
  readonly factor?: number;
  readonly sleepFactor?: number;
  /** Whether this system cannot tell processor time. */
  readonly isBlind?: boolean;
}

/** What becomes of `time <= baseline + 10%` in 2 s, in shares of `checks`: the loop is that of `measureCommand`. */
function verdicts(world: World, { factor = 1, sleepFactor = 1, isBlind = false }: Change, checks = 60) {
  const run = machine(world, 7);
  const seen = { pass: 0, fail: 0, undecided: 0 };
  const once = (...factors: readonly [number, number]): ProgramRun => {
    const { wall, cpu } = run(...factors);
    return { wall, cpu: isBlind ? null : cpu };
  };
  const check = (): keyof typeof seen => {
    const pairs: RunPair[] = [];
    for (let spent = 0; ;) {
      const [first, second] = pairs.length % 2 === 0 ? ([true, false] as const) : ([false, true] as const);
      const one = once(first ? factor : 1, first ? sleepFactor : 1);
      const other = once(second ? factor : 1, second ? sleepFactor : 1);
      pairs.push(first ? { current: one, baseline: other } : { current: other, baseline: one });
      spent += one.wall + other.wall + 80;
      const { low, high, ratio } = comparePrograms(pairs).comparison;
      const verdict = high <= 1.1 ? 'pass' : low > 1.1 ? 'fail' : 'undecided';
      const isClaim = verdict === 'fail' || low > 1 || high < 1;
      const fits = spent * (1 + 1 / pairs.length) <= (verdict === 'undecided' && ratio > 1.1 ? 4000 : 2000);
      if (pairs.length >= (isClaim ? 5 : 3) && (verdict !== 'undecided' || !fits || pairs.length >= 48)) return verdict;
    }
  };
  for (let index = 0; index < checks; index++) seen[check()] += 1 / checks;
  return seen;
}

const short: World = { cpu: 1.2, spread: 0.12 };
const long: World = { cpu: 55, spread: 0.035 };
const busy = { load: 5, memory: 0.5 };
const stormy = { load: 5, memory: 0.9, isHeavy: true };

test.each([
  ['of a millisecond beside busy programs', { ...short, ...busy }],
  ['of a millisecond in storms', { ...short, ...stormy }],
  ['of 55 ms beside busy programs', { ...long, ...busy }],
  ['of 55 ms in storms', { ...long, ...stormy }],
  ['of 55 ms beside one program now and then', { ...long, load: 0.3, memory: 0.8 }],
  ['that sleeps beside busy programs', { cpu: 2, spread: 0.1, sleep: 100, ...busy }],
])('the same program %s never looks slower', (_, world) => {
  expect(verdicts(world, {}).fail).toBeLessThan(0.01);
});

test.each([
  { where: 'beside busy programs', world: { ...short, ...busy } },
  { where: 'beside busy programs', world: { ...long, ...busy } },
  { where: 'in storms', world: { ...long, ...stormy } },
])('20% more processor time is often found $where, and never passes', ({ world }) => {
  const { fail, pass } = verdicts(world, { factor: 1.2 });
  expect(fail).toBeGreaterThan(0.25);
  expect(pass).toBeLessThan(0.02);
});

test('30% more processor time is found beside busy programs more often than not', () => {
  expect(verdicts({ ...long, ...busy }, { factor: 1.3 }).fail).toBeGreaterThan(0.5);
});

test.each([
  { of: 'processor time', world: { cpu: 55, spread: 0.02 }, change: { factor: 1.2 } },
  {
    of: 'waiting, which processor time does not show',
    world: { cpu: 2, spread: 0.1, sleep: 100 },
    change: { sleepFactor: 1.2 },
  },
])('on a quiet machine 20% more $of is found, and nothing passes for slower', ({ world, change }) => {
  expect(verdicts(world, change).fail).toBeGreaterThan(0.98);
  expect(verdicts(world, {})).toEqual({ pass: expect.closeTo(1, 6) as number, fail: 0, undecided: 0 });
});

test('where nothing tells processor time, the same program beside busy programs hardly ever looks slower', () => {
  expect(verdicts({ ...long, ...busy }, { isBlind: true }).fail).toBeLessThan(0.025);
  expect(verdicts({ ...short, ...stormy }, { isBlind: true }).fail).toBeLessThan(0.025);
});

test('a program that waits for a processor is not proven to take longer than the processor time it used', () => {
  const run = machine({ ...long, ...busy }, 3);
  const runs = Array.from({ length: 8 }, () => run(1, 1));
  const { low, high, disturbed } = programTime(runs);
  expect(disturbed).toBe(true);
  expect(low).toBeLessThan(58);
  expect(high).toBeGreaterThan(200);
});

test.each([0.01, 0.03, 0.1, 0.3, 1])('the interval of a time holds the truth with a spread of %d', (spread) => {
  const { normal } = random(5);
  let held = 0;
  for (let round = 0; round < 400; round++) {
    const runs = Array.from({ length: 5 }, () => ({ wall: 100 * Math.exp(spread * normal()), cpu: null }));
    const { low, high } = programTime(runs);
    if (low <= 100 && 100 <= high) held++;
  }
  expect(held / 400).toBeGreaterThan(0.95);
});
