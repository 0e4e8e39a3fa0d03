import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Session } from '../../../src/editor/session/session.js';
import { ok } from '../../../src/core/result.js';
import { emptySnapshot } from '../../../src/engine/project/snapshot.js';

type Work = (progress: object, token: object) => Promise<unknown>;

const host = vi.hoisted(() => ({
  run: null as ((key: object) => Promise<void>) | null,
  cancel: (): void => undefined,
  messages: [] as object[],
  shown: [] as string[],
}));

vi.mock('vscode', () => {
  const nothing = { dispose: () => undefined };
  return {
    commands: {
      registerCommand: (_: string, run: (key: object) => Promise<void>) => ((host.run = run), nothing),
      executeCommand: (command: string) => host.shown.push(command),
    },
    workspace: { isTrusted: true },
    window: {
      withProgress: (_: object, work: Work) =>
        work(
          { report: (message: object) => host.messages.push(message) },
          { onCancellationRequested: (cancel: () => void) => ((host.cancel = cancel), nothing) },
        ),
      showTextDocument: () => host.shown.push('document'),
    },
    l10n: { t: (sentence: string) => sentence },
    ProgressLocation: { Notification: 15 },
    Disposable: { from: () => nothing },
    Uri: { file: (fsPath: string) => ({ fsPath }) },
  };
});

const file = { file: '/repo/src/sum.js', old: null };
const found = ok({ baseline: { name: 'HEAD', commit: 'a' }, files: [file] });
let answer: (changes: typeof found) => void = () => undefined;
const project = {
  root: '/repo',
  snapshot: { ...emptySnapshot, progress: { done: 12, total: 40 } },
  changes: () => new Promise<typeof found>((resolve) => (answer = resolve)),
};
const view = { budget: { name: 'sum' }, state: { kind: 'unmeasured' }, code: null, also: [] };
const session = { projects: [project], find: () => ({ project, view }), onDidChange: () => undefined };
const { compareCommand } = await import('../../../src/editor/commands/compare.js');
compareCommand(session as unknown as Session);

beforeEach(() => {
  vi.useFakeTimers();
  Object.assign(host, { messages: [], shown: [] });
});

afterEach(() => {
  vi.useRealTimers();
});

test('after a cancel, no comparison opens, and the progress of a run that is none of it is not shown', async () => {
  const ended = host.run?.({});
  await vi.advanceTimersByTimeAsync(1500);
  host.cancel();
  await ended;
  answer(found);
  await vi.runAllTimersAsync();
  expect(host.messages).toEqual([]);
  expect(host.shown).toEqual([]);
});
