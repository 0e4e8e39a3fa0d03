import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import type { Config } from '../../../src/core/language/budget.js';
import type { BudgetResult } from '../../../src/core/results/measurement.js';
import { RunQueue, type Task, type Work } from '../../../src/engine/project/run-queue.js';

const config = { budgets: [] } as unknown as Config;
const result = (name: string): BudgetResult => ({ name }) as BudgetResult;
const task = (run: readonly string[], more: Partial<Task> = {}): Task => ({ look: [], run, request: {}, ...more });

/** Measures nothing: a test finishes budgets itself, and an abort ends the run as it ends a real one. */
function scripted(overrides: Partial<Work> = {}) {
  const runs: {
    readonly budgets: readonly string[];
    readonly signal: AbortSignal;
    readonly finish: (...names: readonly string[]) => void;
    readonly end: () => void;
    readonly fail: (error: Error) => void;
  }[] = [];
  const log: string[] = [];
  const work: Work = {
    begin: () => void log.push('begin'),
    prepare: () => Promise.resolve(config),
    reaches: () => true,
    look: (_, budgets) => Promise.resolve(void log.push(`look ${budgets.join(' ')}`)),
    run: (_, budgets, __, signal, onResult) => {
      log.push(`run ${budgets.join(' ')}`);
      return new Promise<void>((resolve, reject) => {
        signal.addEventListener('abort', () => resolve());
        const finish = (...names: readonly string[]): void => names.forEach((name) => onResult(result(name)));
        runs.push({ budgets, signal, finish, end: resolve, fail: reject });
      });
    },
    end: () => void log.push('end'),
    changed: (files) => Promise.resolve(task([...files])),
    failed: (error) => void log.push(String(error)),
    ...overrides,
  };
  return { queue: new RunQueue(work, 10), runs, log };
}

function held<T>(): { readonly promise: Promise<T>; readonly release: (value: T) => void } {
  let release: (value: T) => void = () => undefined;
  const promise = new Promise<T>((resolve) => (release = resolve));
  return { promise, release };
}

const started = (runs: readonly unknown[], count: number): Promise<void> =>
  vi.waitFor(() => expect(runs.length).toBe(count), { interval: 1 });

test('a newer run ends the older and takes over what it had not finished', async () => {
  const { queue, runs, log } = scripted();
  const older = queue.start(task(['a', 'b']));
  await started(runs, 1);
  runs[0]?.finish('a');
  const newer = queue.start(task(['c']));
  expect(runs[0]?.signal.aborted).toBe(true);
  await older;
  await started(runs, 2);
  expect(runs[1]?.budgets).toEqual(['b', 'c']);
  runs[1]?.end();
  await newer;
  expect(log).toEqual(['begin', 'run a b', 'begin', 'run b c', 'end']);
});

test('a newer run waits until the older has ended', async () => {
  const first = held<null>();
  let count = 0;
  const { queue, log } = scripted({
    run: async (_, [name]) => {
      log.push(`run ${name}`);
      if (++count === 1) await first.promise;
    },
  });
  const older = queue.start(task(['a']));
  await turn();
  const newer = queue.start(task(['b']));
  await turn();
  expect(log).toEqual(['begin', 'run a', 'begin']);
  first.release(null);
  await Promise.all([older, newer]);
  expect(log).toEqual(['begin', 'run a', 'begin', 'run a', 'end']);
});

test('a late result of the older run does not answer the newer one', async () => {
  const { queue, runs } = scripted();
  const older = queue.start(task(['a']));
  await started(runs, 1);
  const seen: string[] = [];
  const newer = queue.start(task(['a'], { onResult: ({ name }) => void seen.push(name) }));
  runs[0]?.finish('a');
  await older;
  await started(runs, 2);
  expect(seen).toEqual([]);
  expect(runs[1]?.budgets).toEqual(['a']);
  runs[1]?.finish('a');
  runs[1]?.end();
  await newer;
  expect(seen).toEqual(['a']);
});

test('what the older was to look at is looked at by the newer, but for what that measures', async () => {
  const first = held<Config>();
  let count = 0;
  const { queue, runs, log } = scripted({ prepare: () => (++count === 1 ? first.promise : Promise.resolve(config)) });
  const older = queue.start(task([], { look: ['a', 'b'] }));
  const newer = queue.start(task(['b']));
  first.release(config);
  await older;
  await started(runs, 1);
  expect(log).toEqual(['begin', 'begin', 'look a', 'run b']);
  runs[0]?.end();
  await newer;
});

test('only what the files reach is run, and what is taken over in any case', async () => {
  const { queue, runs } = scripted({ reaches: (name) => name === 'b' });
  const older = queue.start(task(['a']));
  await started(runs, 1);
  const newer = queue.start(task(['b', 'c'], { files: new Set(['b.ts']) }));
  await older;
  await started(runs, 2);
  expect(runs[1]?.budgets).toEqual(['a', 'b']);
  runs[1]?.end();
  await newer;
});

test('a signal ends its own run, and the queue is empty after it', async () => {
  const { queue, runs, log } = scripted();
  const controller = new AbortController();
  const run = queue.start(task(['a'], { signal: controller.signal }));
  await started(runs, 1);
  controller.abort();
  await run;
  expect(log).toEqual(['begin', 'run a', 'end']);
  const next = queue.start(task(['b']));
  await started(runs, 2);
  expect(runs[1]?.budgets).toEqual(['b']);
  runs[1]?.end();
  await next;
});

test('what was cancelled is not taken over', async () => {
  const { queue, runs } = scripted();
  const older = queue.start(task(['a']));
  await started(runs, 1);
  queue.cancel();
  const newer = queue.start(task(['b']));
  await older;
  await started(runs, 2);
  expect(runs[1]?.budgets).toEqual(['b']);
  runs[1]?.end();
  await newer;
});

test('a burst of saves is one run', async () => {
  const { queue, runs } = scripted();
  for (const file of ['a', 'b', 'a', 'c']) queue.filesChanged([file], true);
  await started(runs, 1);
  expect(runs[0]?.budgets).toEqual(['a', 'b', 'c']);
  await delay(30);
  expect(runs.length).toBe(1);
  runs[0]?.end();
});

test('a run that fails as it is ended does not stop the newer one', async () => {
  const seen: string[] = [];
  const { queue, log } = scripted({
    run: (_, budgets, __, signal) => {
      seen.push(budgets.join(' '));
      if (seen.length > 1) return Promise.resolve();
      return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('broken'))));
    },
  });
  const older = expect(queue.start(task(['a']))).rejects.toThrow('broken');
  await started(seen, 1);
  await queue.start(task(['b']));
  await older;
  expect(seen).toEqual(['a', 'a b']);
  expect(log).toEqual(['begin', 'begin', 'end']);
});

test('a run that fails by itself rejects and leaves the queue empty', async () => {
  const { queue, runs, log } = scripted();
  const failing = expect(queue.start(task(['a']))).rejects.toThrow('broken');
  await started(runs, 1);
  runs[0]?.fail(new Error('broken'));
  await failing;
  expect(log).toEqual(['begin', 'run a', 'end']);
  const next = queue.start(task(['b']));
  await started(runs, 2);
  expect(runs[1]?.budgets).toEqual(['b']);
  runs[1]?.end();
  await next;
});

test('a burst that fails is reported', async () => {
  const { queue, log } = scripted({ changed: () => Promise.reject(new Error('no such folder')) });
  queue.filesChanged(['a'], true);
  await vi.waitFor(() => expect(log).toEqual(['Error: no such folder']));
});

test('dispose ends the run and settles after it, and later saves do nothing', async () => {
  const { queue, runs, log } = scripted();
  const run = queue.start(task(['a']));
  await started(runs, 1);
  queue.filesChanged(['b'], true);
  await queue.dispose();
  expect(runs[0]?.signal.aborted).toBe(true);
  await run;
  queue.filesChanged(['c'], true);
  await delay(30);
  expect(log).toEqual(['begin', 'run a', 'end']);
});
