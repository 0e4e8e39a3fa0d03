import { afterEach, expect, test, vi } from 'vitest';
import { emptySnapshot } from '../../../src/engine/project/snapshot.js';
import { definitions, inputSchema } from '../../../src/requests/tools/definitions.js';
import type { Session } from '../../../src/editor/session/session.js';
import { shownManifest } from '../../manifest.js';

interface Prepared {
  readonly invocationMessage: { readonly value: string };
  readonly confirmationMessages?: { readonly title: string; readonly message: { readonly value: string } };
}

interface RegisteredTool {
  prepareInvocation(options: { input: object }): Prepared;
  invoke(options: { input: object }, token: object): Promise<{ content: readonly { value: string }[] }>;
}

const host = vi.hoisted(() => ({
  isTrusted: true,
  folders: ['/repo'],
  tools: new Map<string, unknown>(),
  documents: [] as object[],
  projects: null as readonly Opened[] | null,
}));

vi.mock('vscode', () => {
  class Text {
    constructor(readonly value: string) {}
  }
  class ToolResult {
    constructor(readonly content: readonly unknown[]) {}
  }
  return {
    lm: { registerTool: (name: string, tool: unknown) => (host.tools.set(name, tool), { dispose: () => undefined }) },
    workspace: {
      get workspaceFolders() {
        return host.folders.map((fsPath) => ({ uri: { fsPath } }));
      },
      get textDocuments() {
        return host.documents;
      },
      getConfiguration: () => ({ get: (_: string, otherwise: unknown) => otherwise }),
      get isTrusted() {
        return host.isTrusted;
      },
    },
    Uri: { file: (fsPath: string) => ({ fsPath }) },
    l10n: { t: (sentence: string) => sentence },
    Disposable: { from: () => ({ dispose: () => undefined }) },
    MarkdownString: Text,
    LanguageModelDataPart: undefined,
    LanguageModelTextPart: Text,
    LanguageModelToolResult: ToolResult,
    CancellationError: class extends Error {},
  };
});

// What these would look in has no repository.
vi.mock('../../../src/requests/selection/revisions.js', () => ({ requireBaseline: () => Promise.resolve() }));

interface Opened {
  readonly root: string;
  readonly run: ReturnType<typeof vi.fn>;
  readonly reload: ReturnType<typeof vi.fn>;
}

const { agentTools } = await import('../../../src/editor/commands/agentTools.js');
const session = {
  log: { error: () => undefined },
  opened: () =>
    host.projects === null ? Promise.reject(new Error('nothing may be opened')) : Promise.resolve(host.projects),
  // As the only project, whatever is asked for.
  projectOf: () => host.projects?.[0] ?? null,
} as unknown as Session;
agentTools(session);
const tool = (name: string): RegisteredTool => host.tools.get(`perf_budget_${name}`) as RegisteredTool;
const token = { isCancellationRequested: false, onCancellationRequested: () => ({ dispose: () => undefined }) };

afterEach(() => {
  host.isTrusted = true;
  host.folders = ['/repo'];
  host.documents = [];
  host.projects = null;
});

test('what runs code asks first, and names of others are text', () => {
  const { invocationMessage, confirmationMessages } = tool('check').prepareInvocation({
    input: { budgets: ['[parse](command:evil)'], files: ['src/a.ts'] },
  });
  expect(invocationMessage.value).toBe(String.raw`Checking performance budgets: \[parse\]\(command:evil\), src/a\.ts`);
  expect(confirmationMessages?.title).toBe('Check Performance Budgets?');
  expect(confirmationMessages?.message.value).toBe(
    String.raw`This runs the benchmarks of this workspace, and so its code. Asked about: \[parse\]\(command:evil\), src/a\.ts. No file of yours is changed.`,
  );
  expect(
    ['explain', 'propose'].map((name) => tool(name).prepareInvocation({ input: {} }).confirmationMessages?.title),
  ).toEqual(['Explain a Performance Regression?', 'Propose a Performance Budget?']);
  for (const name of ['list', 'history'])
    expect(tool(name).prepareInvocation({ input: {} })).not.toHaveProperty('confirmationMessages');
});

test('in a workspace that is not trusted, what runs code is refused, without a question', async () => {
  host.isTrusted = false;
  for (const name of ['check', 'explain', 'propose']) {
    expect(tool(name).prepareInvocation({ input: {} })).not.toHaveProperty('confirmationMessages');
    const { content } = await tool(name).invoke({ input: {} }, token);
    expect(content.map(({ value }) => value)).toEqual([
      'Nothing was run: this workspace is not trusted, and measuring runs its code. Only perf_budget_list and perf_budget_history answer. The user can trust it with the command "Workspaces: Manage Workspace Trust".',
    ]);
  }
});

test('what is not saved is said beside what was measured', async () => {
  const document = (file: string, isDirty: boolean, scheme = 'file'): object => ({
    isDirty,
    uri: { scheme, fsPath: `/repo/${file}` },
  });
  host.documents = [document('src/a.ts', true), document('src/b.ts', false), document('c', true, 'untitled')];
  const ended = { content: [{ value: expect.stringMatching(unsaved) as string }] };
  expect(await tool('check').invoke({ input: { budgets: 1 } }, token)).toMatchObject(ended);
  // What measures nothing says nothing of it.
  expect(await tool('list').invoke({ input: { folder: 1 } }, token)).not.toMatchObject(ended);
});

const unsaved = /\n\nNot saved, so not measured as it stands: src\/a\.ts$/;

const report = { version: 1, verdict: 'pass', elapsedMs: 0, baseline: null, machine: {}, budgets: [], problems: [] };

/** An open project without budgets. */
const opened = (root: string): Opened => {
  const snapshot = { ...emptySnapshot, benchmarks: [] };
  const [run, reload] = [vi.fn(() => Promise.resolve(report)), vi.fn(() => Promise.resolve())];
  return Object.assign({ root, run, reload }, { snapshot, onDidChange: () => () => undefined });
};

test('after a call about another baseline, the editor shows again what it did', async () => {
  const project = opened('/repo');
  host.projects = [project];
  await tool('check').invoke({ input: {} }, token);
  expect(project.reload).not.toHaveBeenCalled();
  await tool('check').invoke({ input: { against: 'v1' } }, token);
  expect(project.run.mock.calls.map(([request]) => request as object)).toEqual([{}, { against: 'v1' }]);
  expect(project.reload.mock.calls).toEqual([[true]]);
  // Also if it fails: the run may have been the one that failed.
  project.run.mockRejectedValueOnce(new Error('gone'));
  await expect(tool('check').invoke({ input: { against: 'v1' } }, token)).rejects.toThrow('gone');
  expect(project.reload).toHaveBeenCalledTimes(2);
  await tool('explain').invoke({ input: { from: 'v1' } }, token);
  expect(project.reload).toHaveBeenCalledTimes(3);
});

const answerOf = async (name: string, input: object): Promise<string | undefined> =>
  (await tool(name).invoke({ input }, token)).content[0]?.value;

test('a folder outside of the workspace is refused, and the one around several folders means them', async () => {
  host.projects = [opened('/repo')];
  for (const name of ['check', 'list', 'propose']) {
    expect(await answerOf(name, { folder: '../elsewhere' })).toBe(
      '"../elsewhere" is outside of the folders of this workspace: /repo.',
    );
  }
  host.folders = ['/work/a', '/work/..b'];
  host.projects = [opened('/work/..b')];
  expect(await answerOf('list', { folder: '.' })).toMatch(/^0 budgets/);
  expect(await answerOf('list', { folder: '..b' })).toMatch(/^0 budgets/);
  expect(await answerOf('list', { folder: '../b' })).toBe(
    '"../b" is outside of the folders of this workspace: /work/a, /work/..b.',
  );
});

test('a folder without a file of its own is answered for by the project around it, and by no other', async () => {
  host.projects = [opened('/repo/a')];
  expect(await answerOf('list', { folder: 'a/src' })).toMatch(/^0 budgets/);
  expect(await answerOf('list', { folder: 'b' })).toBe(
    'No perf-budget.jsonc in b. Create one with the command "Perf Budget: Initialize".',
  );
});

test('the manifest contributes the same tools', () => {
  expect(
    shownManifest.contributes.languageModelTools.map((one) => [
      one.name,
      one.displayName,
      one.modelDescription,
      one.inputSchema,
    ]),
  ).toEqual(definitions.map((one) => [one.name, one.title, one.description, inputSchema(one)]));
});
