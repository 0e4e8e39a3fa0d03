import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Standing } from '../../../src/core/judge/judge.js';
import type { Measurement, RunFailure } from '../../../src/core/results/measurement.js';
import { measure, type MeasureOptions } from '../../../src/engine/measure/paired.js';
import type { Target } from '../../../src/engine/measure/target.js';
import type { BenchmarkRequest, Measured, MeasureRequest } from '../../../src/engine/workers/benchmark-workers.js';
import { coldNote, emptyNote, nothingNote } from '../../../src/core/text/measurement-notes.js';
import { measured, ScriptedWorkers, type Script } from '../scripted-workers.js';

// A process takes as long as its script says.
beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

const target: Target = {
  ...{ name: 'case', benchFile: '/a.bench.ts', current: 'file:///now.mjs', baseline: 'file:///old.mjs', note: null },
  ...{ latency: 'none', percentiles: [], observe: null, timeMs: 2000 },
  settings: { cycles: null, concurrency: 1, warmup: null, runs: null, isolation: 'bundle' },
};

const isMeasure = (request: BenchmarkRequest): request is MeasureRequest => request.type === 'measure';

/** Processes of 100 ms in which these are the nanoseconds of an iteration, process by process, the last one again and again. */
const times =
  (now: readonly number[], old = 100, rest: Partial<Omit<Measured, 'type' | 'sides'>> = {}): Script =>
  (request, count) => {
    if (!isMeasure(request)) throw new Error(`unexpected ${request.type}`);
    vi.advanceTimersByTime(100 + (rest.loadMs ?? 0));
    return measured(request, { current: now[Math.min(count, now.length) - 1] ?? NaN, baseline: old }, rest);
  };

async function run(
  script: Script,
  judge: (measurement: Measurement, count: number) => Standing,
  changes: Partial<Target> = {},
  options: Partial<MeasureOptions> = {},
) {
  const workers = new ScriptedWorkers(script);
  const events: string[] = [];
  const answer = await measure(
    { ...target, ...changes },
    workers,
    (measurement) => judge(measurement, workers.requests.length),
    {
      signal: new AbortController().signal,
      learn: (ratios) => events.push(`learned ${ratios.length}`),
      onMeasured: ({ busyMs, elapsedMs }) => events.push(`${busyMs} of ${elapsedMs} ms`),
      ...options,
    },
  );
  return {
    ...{ answer, events, processes: workers.requests.length },
    requests: workers.requests.map((one) => one.request),
    last: workers.requests.map((one) => one.options.isLast),
  };
}

test('stops after two processes when the answer is no claim', async () => {
  const { answer, events, processes } = await run(times([99, 101]), () => 'passed');
  expect(processes).toBe(2);
  expect(answer).toMatchObject({
    ok: true,
    value: { samples: 16, elapsedMs: 200, note: null },
  });
  if (!answer.ok) throw new Error(answer.error.kind);
  expect(answer.value.comparison).toMatchObject({ processes: 2, clock: 'cpu' });
  expect(answer.value.comparison?.ratio).toBeCloseTo(1, 3);
  expect(answer.value.baseline?.metrics['time']?.value).toBeCloseTo(100, 9);
  expect(events).toEqual(['learned 2', '200 of 200 ms']);
});

test('runs on while the answer is open, and stops with the first process after it', async () => {
  const { processes } = await run(times([99, 101]), (_, count) => (count < 7 ? 'open' : 'passed'));
  expect(processes).toBe(7);
});

test('asks for processes ahead unless the answer is expected to be the last', async () => {
  const passed = () => 'passed' as const;
  expect((await run(times([99, 101]), passed)).last).toEqual([false, true]);
  expect((await run(times([99, 101]), passed, {}, { isFollowed: () => true })).last).toEqual([false, false]);
  // A claim takes four; nobody knows when doubt ends.
  expect((await run(times([120, 121]), () => 'failed')).last).toEqual([false, false, false, true]);
  const doubt = await run(times([99, 101]), (_, count) => (count < 4 ? 'open' : 'passed'));
  expect(doubt.last).toEqual([false, true, false, false]);
});

test('alternates which side is loaded first', async () => {
  const { requests } = await run(times([99, 101]), (_, count) => (count < 4 ? 'open' : 'passed'));
  const first = requests.map((request) => (isMeasure(request) ? request.sides[0]?.side : null));
  expect(first).toEqual(['current', 'baseline', 'current', 'baseline']);
});

test('a failure stands on four processes', async () => {
  expect((await run(times([99, 101]), () => 'failed')).processes).toBe(4);
});

test('a failure gets its four processes where they cost more than the time', async () => {
  expect((await run(times([99, 101]), () => 'failed', { timeMs: 250 })).processes).toBe(4);
});

test('that the code became faster is a claim, and stands on four processes too', async () => {
  const { answer, processes } = await run(times([20, 21, 20, 21]), () => 'passed');
  expect(processes).toBe(4);
  expect(answer.ok && answer.value.comparison?.high).toBeLessThan(0.5);
});

test('and so is that it became slower, within what the budget allows', async () => {
  expect((await run(times([500, 501, 500, 501]), () => 'passed')).processes).toBe(4);
});

test.each([
  [60, 2],
  [40, 1],
])(
  'a process of 100 ms is followed by a second, but for a time of less than half of it: %s ms',
  async (timeMs, all) => {
    expect((await run(times([99, 101]), () => 'open', { timeMs })).processes).toBe(all);
  },
);

test('ends when another process would not fit into the time', async () => {
  expect((await run(times([99, 101]), () => 'open', { timeMs: 550 })).processes).toBe(5);
});

test('loading takes none of the time, and none of what is said to have passed', async () => {
  const { answer, events, processes } = await run(times([99, 101], 100, { loadMs: 3000 }), () => 'open', {
    timeMs: 550,
  });
  expect(processes).toBe(5);
  expect(answer).toMatchObject({ ok: true, value: { elapsedMs: 500 } });
  expect(events).toEqual(['learned 5', '500 of 500 ms']);
});

test('what looks like a regression gets twice the time', async () => {
  expect((await run(times([99, 101]), () => 'suspected', { timeMs: 550 })).processes).toBe(11);
});

test('ends with 48 processes, however much time there is', async () => {
  expect((await run(times([99, 101]), () => 'open', { timeMs: 1e6 })).processes).toBe(48);
});

test('runs as many processes as the settings ask for', async () => {
  const settings = { ...target.settings, runs: 6 };
  expect((await run(times([99, 101]), () => 'passed', { settings })).processes).toBe(6);
});

test('measures code that is the same once, and compares nothing', async () => {
  const { answer, requests } = await run(times([99, 101]), () => 'passed', { baseline: target.current });
  expect(requests.map((request) => isMeasure(request) && request.sides)).toEqual([
    [{ side: 'current', bundle: target.current }],
    [{ side: 'current', bundle: target.current }],
  ]);
  expect(answer).toMatchObject({ value: { comparison: { ratio: 1, low: 1, high: 1, processes: 0 } } });
});

/** The old code throws, in the second process only: what the first showed of it counts no longer. */
const brokenOld: Script = (request, count, options) =>
  isMeasure(request) && request.sides.length === 2 && count === 2
    ? { kind: 'threw', message: 'parse is not a function', side: 'baseline' }
    : times([99, 101])(request, count, options);

test('old code that cannot run costs the comparison, not the run', async () => {
  const { answer, requests } = await run(brokenOld, () => 'passed');
  expect(requests.map((request) => isMeasure(request) && request.sides.length)).toEqual([2, 2, 1, 1]);
  expect(answer).toMatchObject({
    ok: true,
    value: {
      ...{ baseline: null, comparison: null, samples: 16 },
      notCompared: 'the old code cannot run this benchmark: parse is not a function',
    },
  });
});

test('a failure of the present code is the answer', async () => {
  const failure: RunFailure = { kind: 'threw', message: 'no such file', side: 'current' };
  const { answer, events, processes } = await run(
    () => failure,
    () => 'passed',
  );
  expect(answer).toEqual({ ok: false, error: failure });
  expect(processes).toBe(1);
  expect(events).toEqual([]);
});

const observe = { running: false, cycles: null, attempts: { iterations: 10, concurrency: 1 }, baseline: false };

/** Three of ten iterations fail, and so does the process that would time them. */
const failing: Script = (request) =>
  request.type === 'observe'
    ? { type: 'observed', kind: 'attempts', attempts: { iterations: 10, errors: 3, message: 'timeout' } }
    : { kind: 'threw', message: 'timeout' };

test('where errors are counted, attempts that failed are figures', async () => {
  const { answer } = await run(failing, () => 'open', { observe, baseline: null });
  expect(answer).toMatchObject({
    ok: true,
    value: {
      current: { metrics: { errors: { value: 3, samples: 10 } } },
      note: '3 of 10 iterations failed, the first with: timeout',
    },
  });
});

test('where errors are counted, a benchmark that never ends is a failure still', async () => {
  const hanging: Script = (request, count, options) =>
    request.type === 'observe' ? failing(request, count, options) : { kind: 'timeout', message: 'it hangs' };
  const { answer } = await run(hanging, () => 'open', { observe, baseline: null });
  expect(answer).toEqual({ ok: false, error: { kind: 'timeout', message: 'it hangs' } });
});

test('an abort ends it', async () => {
  const controller = new AbortController();
  const workers = new ScriptedWorkers(() => null);
  const answer = measure(target, workers, () => 'open', { signal: controller.signal });
  await vi.waitFor(() => expect(workers.requests.length).toBe(1));
  controller.abort();
  expect(await answer).toEqual({ ok: false, error: { kind: 'aborted' } });
});

test.each([
  [null, false, null],
  [7, false, 7],
  [0, true, 0],
])('a warm-up of %s: only the first call counts is %s', async (warmup, cold, iterations) => {
  const { requests } = await run(times([99, 101]), () => 'passed', { settings: { ...target.settings, warmup } });
  expect(requests.map((request) => isMeasure(request) && [request.cold, request.warmup])).toEqual([
    [cold, iterations],
    [cold, iterations],
  ]);
});

test('first calls are asked for in pairs, in turns, and each is a sample', async () => {
  const { answer, requests } = await run(
    times([99, 101], 100, { slices: 2 }),
    (_, count) => (count < 2 ? 'open' : 'passed'),
    { settings: { ...target.settings, warmup: 0 } },
  );
  expect(requests.map((request) => isMeasure(request) && request.sides.map(({ side }) => side))).toEqual([
    ['current', 'baseline'],
    ['baseline', 'current'],
  ]);
  expect(answer).toMatchObject({ ok: true, value: { samples: 4 } });
});

test.each([
  ['no longer than an empty function', { asEmpty: true }, emptyNote(99)],
  ['no time at all', { nothing: true }, nothingNote(99)],
  ['its time', {}, null],
])('code that takes %s is told with a note of its own', async (_, facts, note) => {
  const { answer } = await run(times([99, 101], 100, facts), () => 'passed');
  expect(answer).toMatchObject({ ok: true, value: { note, comparison: { processes: 2 } } });
});

test('code that was not hot yet is told so', async () => {
  const hot = await run(times([99, 101]), () => 'passed');
  expect(hot.answer.ok && hot.answer.value.unsettled).toBe(undefined);
  const { answer, processes } = await run(times([99, 101], 100, { isHot: false }), () => 'passed');
  expect(answer).toMatchObject({ ok: true, value: { unsettled: true, note: coldNote() } });
  expect(processes).toBe(2);
});

test('what looks like a regression of such code is measured anew after a longer warm-up, once', async () => {
  const { answer, events, requests } = await run(times([120, 121], 100, { isHot: false }), () => 'suspected', {
    timeMs: 550,
  });
  const warmMs = requests.map((request) => isMeasure(request) && request.warmMs);
  expect(warmMs).toEqual([...Array<number>(11).fill(600), ...Array<number>(11).fill(1100)]);
  // What came before counts no longer.
  expect(answer).toMatchObject({ ok: true, value: { samples: 88, elapsedMs: 2200 } });
  expect(events).toEqual(['learned 11', '1100 of 1100 ms']);
});

test('what looks like a regression of hot code is not', async () => {
  const { requests } = await run(times([120, 121]), () => 'suspected', { timeMs: 550 });
  expect(new Set(requests.map((request) => isMeasure(request) && request.warmMs))).toEqual(new Set([600]));
});
