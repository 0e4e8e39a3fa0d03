import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import type { Config } from '../../../src/core/language/budget.js';
import type { BudgetResult } from '../../../src/core/results/measurement.js';
import type { MeasureRequest } from '../../../src/engine/measure/request.js';
import { RunQueue, type Task, type Work } from '../../../src/engine/project/run-queue.js';

const config = { budgets: [] } as unknown as Config;
const result = (name: string): BudgetResult => ({ name }) as BudgetResult;
const task = (run: readonly string[], more: Partial<Task> = {}): Task => ({ look: [], run, request: {}, ...more });

/** Measures nothing: a test finishes budgets itself, and an abort ends the run as it ends a real one. */
function scripted(overrides: Partial<Work> = {}) {
  const runs: {
    readonly budgets: readonly string[];
    readonly request: MeasureRequest;
    readonly signal: AbortSignal;
    readonly finish: (...names: readonly string[]) => void;
    readonly end: () => void;
    readonly fail: (error: Error) => void;
  }[] = [];
  const log: string[] = [];
  const taken: string[] = [];
  const work: Work = {
    begin: () => void log.push('begin'),
    prepare: () => Promise.resolve(config),
    reaches: () => true,
    spare: (budgets) => {
      if (budgets.length > 0) log.push(`spare ${budgets.join(' ')}`);
    },
    look: (_, budgets) => Promise.resolve(void log.push(`look ${budgets.join(' ')}`)),
    run: (_, budgets, request, signal, onResult) => {
      log.push(`run ${budgets.join(' ')}`);
      return new Promise<void>((resolve, reject) => {
        signal.addEventListener('abort', () => resolve());
        const finish = (...names: readonly string[]): void =>
          names.forEach((name) =>
            onResult(() => {
              taken.push(name);
              return result(name);
            }),
          );
        runs.push({ budgets, request, signal, finish, end: resolve, fail: reject });
      });
    },
    end: () => void log.push('end'),
    changed: (files) => Promise.resolve(task([...files])),
    failed: (error) => void log.push(String(error)),
    ...overrides,
  };
  return { queue: new RunQueue(work, 10), runs, log, taken };
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
  await started(runs, 2);
  expect(runs[1]?.budgets).toEqual(['b', 'c']);
  runs[1]?.end();
  await Promise.all([older, newer]);
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

test('a late result of the ended run answers neither the older task nor the newer one', async () => {
  const { queue, runs, taken } = scripted();
  const seen: string[] = [];
  const older = queue.start(task(['a'], { onResult: ({ name }) => void seen.push(`older ${name}`) }));
  await started(runs, 1);
  const newer = queue.start(task(['a'], { onResult: ({ name }) => void seen.push(`newer ${name}`) }));
  runs[0]?.finish('a');
  await started(runs, 2);
  expect([...seen, ...taken]).toEqual([]);
  expect(runs[1]?.budgets).toEqual(['a']);
  runs[1]?.finish('a');
  runs[1]?.end();
  await Promise.all([older, newer]);
  expect(seen).toEqual(['older a', 'newer a']);
});

test('what is taken over is measured as it was asked for, and its caller gets the results', async () => {
  const { queue, runs } = scripted();
  const seen: string[] = [];
  const again = task(['a', 'b'], { request: { fresh: true }, onResult: ({ name }) => void seen.push(name) });
  let isSettled = false;
  const older = queue.start(again).then(() => (isSettled = true));
  await started(runs, 1);
  expect(runs[0]?.request).toEqual({ fresh: new Set(['a', 'b']) });
  runs[0]?.finish('a');
  const newer = queue.start(task(['c'], { request: { files: ['c.ts'] } }));
  await started(runs, 2);
  expect(isSettled).toBe(false);
  expect(runs[1]?.budgets).toEqual(['b', 'c']);
  expect(runs[1]?.request).toEqual({ files: ['c.ts'], fresh: new Set(['b']) });
  runs[1]?.finish('b');
  // Its caller need not wait for what others want.
  await older;
  expect(seen).toEqual(['a', 'b']);
  runs[1]?.finish('c');
  runs[1]?.end();
  await newer;
});

test('tasks that want to be measured in another way get a run of their own, the newest first', async () => {
  const { queue, runs, log } = scripted();
  const capture = { capturing: true, fresh: true };
  const against = { against: 'v1', timeMs: 50 };
  const capturing = queue.start(task(['a', 'b'], { request: capture }));
  await started(runs, 1);
  const compared = queue.start(task(['a'], { request: against }));
  await started(runs, 2);
  const saved = queue.start(task(['b', 'c']));
  await started(runs, 3);
  expect([runs[2]?.budgets, runs[2]?.request]).toEqual([['b', 'c'], { fresh: new Set() }]);
  runs[2]?.finish('b', 'c');
  runs[2]?.end();
  await saved;
  await started(runs, 4);
  expect([runs[3]?.budgets, runs[3]?.request]).toEqual([['a'], { ...against, fresh: new Set() }]);
  runs[3]?.finish('a');
  runs[3]?.end();
  await compared;
  await started(runs, 5);
  expect([runs[4]?.budgets, runs[4]?.request]).toEqual([['a', 'b'], { capturing: true, fresh: new Set(['a', 'b']) }]);
  runs[4]?.finish('a', 'b');
  runs[4]?.end();
  await capturing;
  expect(log.filter((line) => line === 'end')).toEqual(['end']);
});

test('what an unfinished task has reported is measured again for it when the code changes', async () => {
  const { queue, runs } = scripted({ reaches: (name) => name === 'a' });
  const seen: string[] = [];
  const request = { capturing: true };
  const older = queue.start(task(['a', 'b', 'c'], { request, onResult: ({ name }) => void seen.push(name) }));
  await started(runs, 1);
  runs[0]?.finish('a', 'b');
  const newer = queue.start(task(['a', 'b', 'c'], { files: new Set(['a.ts']) }));
  await started(runs, 2);
  expect(runs[1]?.budgets).toEqual(['a']);
  runs[1]?.finish('a');
  runs[1]?.end();
  await newer;
  await started(runs, 3);
  expect(runs[2]?.budgets).toEqual(['c', 'a']);
  runs[2]?.finish('a', 'c');
  runs[2]?.end();
  await older;
  expect(seen).toEqual(['a', 'b', 'a', 'c']);
});

test('a signal ends what only its task wants', async () => {
  const { queue, runs } = scripted();
  const controller = new AbortController();
  const saved = queue.start(task(['a']));
  await started(runs, 1);
  const seen: string[] = [];
  const onResult = ({ name }: BudgetResult): void => void seen.push(name);
  const asked = queue.start(task(['b', 'c'], { signal: controller.signal, onResult }));
  await started(runs, 2);
  expect(runs[1]?.budgets).toEqual(['a', 'b', 'c']);
  runs[1]?.finish('b');
  controller.abort();
  await asked;
  expect(seen).toEqual(['b']);
  await started(runs, 3);
  expect(runs[2]?.budgets).toEqual(['a']);
  runs[2]?.end();
  await saved;
});

test('a task that waits for its run can be ended without a halt of the other', async () => {
  const { queue, runs } = scripted();
  const controller = new AbortController();
  const waiting = queue.start(task(['a'], { request: { capturing: true }, signal: controller.signal }));
  const saved = queue.start(task(['b']));
  await started(runs, 1);
  expect(runs[0]?.budgets).toEqual(['b']);
  controller.abort();
  await waiting;
  expect(runs[0]?.signal.aborted).toBe(false);
  runs[0]?.end();
  await saved;
  expect(runs.length).toBe(1);
});

test('a task whose signal has aborted does not start', async () => {
  const { queue, log } = scripted();
  await queue.start(task(['a'], { signal: AbortSignal.abort() }));
  expect(log).toEqual([]);
});

test('flush adds what a burst causes at once, and settled waits for all of it', async () => {
  const { queue, runs } = scripted();
  queue.filesChanged(['a'], true);
  await queue.flush();
  const asked = queue.start(task(['b']));
  let isSettled = false;
  const settled = queue.settled().then(() => (isSettled = true));
  await started(runs, 2);
  expect(runs[1]?.budgets).toEqual(['a', 'b']);
  expect(isSettled).toBe(false);
  runs[1]?.end();
  await Promise.all([asked, settled]);
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
  await started(runs, 2);
  expect(runs[1]?.budgets).toEqual(['a', 'b']);
  runs[1]?.end();
  await Promise.all([older, newer]);
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

test('any newer result will do for what only brings up to date what is shown', async () => {
  const { queue, runs } = scripted();
  const older = queue.start(task(['a', 'b'], { files: new Set(['a.ts']) }));
  await started(runs, 1);
  const capturing = queue.start(task(['a'], { request: { capturing: true } }));
  await started(runs, 2);
  runs[1]?.finish('a');
  runs[1]?.end();
  await capturing;
  await started(runs, 3);
  expect(runs[2]?.budgets).toEqual(['b']);
  runs[2]?.end();
  await older;
});

test('a task that follows ends nothing, and its budgets come next', async () => {
  const { queue, runs } = scripted();
  const first = queue.start(task(['a']));
  await started(runs, 1);
  const next = queue.start(task(['b'], { follows: true }));
  await turn();
  expect(runs[0]?.signal.aborted).toBe(false);
  runs[0]?.end();
  await first;
  await started(runs, 2);
  expect(runs[1]?.budgets).toEqual(['b']);
  runs[1]?.end();
  await next;
});

test('what follows while files are read waits for the next reading', async () => {
  const first = held<Config>();
  let count = 0;
  const { queue, runs } = scripted({ prepare: () => (++count === 1 ? first.promise : Promise.resolve(config)) });
  void queue.start(task(['a']));
  await turn();
  void queue.start(task(['b'], { follows: true }));
  first.release(config);
  await started(runs, 1);
  expect(runs[0]?.budgets).toEqual(['a']);
  runs[0]?.end();
  await started(runs, 2);
  expect([count, runs[1]?.budgets]).toEqual([2, ['b']]);
  runs[1]?.end();
  await queue.settled();
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
  const older = queue.start(task(['a']));
  await started(seen, 1);
  await queue.start(task(['b']));
  await older;
  expect(seen).toEqual(['a', 'a b']);
  expect(log).toEqual(['begin', 'begin', 'Error: broken', 'end']);
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
