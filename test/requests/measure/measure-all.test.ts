import { expect, test } from 'vitest';
import { unknownMachine, type Report } from '../../../src/core/results/measurement.js';
import type { RunRequest } from '../../../src/engine/measure/request.js';
import { emptySnapshot, type Project, type Snapshot } from '../../../src/engine/project/snapshot.js';
import { measureAll } from '../../../src/requests/measure/measure-all.js';

/** A project that others measure, too: `others` are being measured whenever it says something. */
class Shared implements Pick<Project, 'root' | 'snapshot' | 'onDidChange' | 'run'> {
  readonly root = '/w';
  readonly listeners = new Set<() => void>();
  snapshot: Snapshot = emptySnapshot;

  constructor(
    readonly others: readonly string[],
    readonly answer: (request: RunRequest) => Promise<readonly string[]>,
  ) {}

  onDidChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async run(request: RunRequest): Promise<Report> {
    const measuring = [...this.others, ...(request.budgets ?? [])].map((name) => ({
      budget: { name },
      state: { kind: 'measuring' },
    }));
    this.snapshot = { ...emptySnapshot, budgets: measuring as unknown as Snapshot['budgets'] };
    for (const listener of this.listeners) listener();
    const budgets = (await this.answer(request)).map((name) => ({ name })) as unknown as Report['budgets'];
    const nothing = { elapsedMs: 0, baseline: null, machine: unknownMachine, problems: [] };
    return { version: 1, verdict: 'pass', ...nothing, budgets };
  }
}

const progress = { show: () => undefined, hide: () => undefined };

const unchecked = async (project: Shared, request: RunRequest, signal: AbortSignal): Promise<unknown> => {
  const [one] = await measureAll([project as unknown as Project], { directory: '/w', signal, progress }, () => request);
  return one?.unchecked;
};

test('what others measure meanwhile was not interrupted', async () => {
  const controller = new AbortController();
  const whole = new Shared(['saved'], () => Promise.resolve(['mine']));
  expect(await unchecked(whole, { budgets: ['mine'] }, controller.signal)).toEqual([]);
  expect(await unchecked(whole, {}, controller.signal)).toEqual([]);
  const ended = new Shared(['saved'], () => (controller.abort(), Promise.resolve(['first'])));
  expect(await unchecked(ended, { budgets: ['first', 'second'] }, controller.signal)).toEqual(['second']);
});

test('nothing listens any more after a run that fails', async () => {
  const project = new Shared([], () => Promise.reject(new Error('bug')));
  await expect(unchecked(project, {}, new AbortController().signal)).rejects.toThrow('bug');
  expect(project.listeners.size).toBe(0);
});
