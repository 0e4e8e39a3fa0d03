import { afterEach, expect, test, vi } from 'vitest';
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

const host = vi.hoisted(() => ({ isTrusted: true, tools: new Map<string, unknown>(), documents: [] as object[] }));

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
      workspaceFolders: [{ uri: { fsPath: '/repo' } }],
      get textDocuments() {
        return host.documents;
      },
      get isTrusted() {
        return host.isTrusted;
      },
    },
    l10n: { t: (sentence: string) => sentence },
    Disposable: { from: () => ({ dispose: () => undefined }) },
    MarkdownString: Text,
    LanguageModelDataPart: undefined,
    LanguageModelTextPart: Text,
    LanguageModelToolResult: ToolResult,
    CancellationError: class extends Error {},
  };
});

const { agentTools } = await import('../../../src/editor/commands/agentTools.js');
const session = { opened: () => Promise.reject(new Error('nothing may be opened')) } as unknown as Session;
agentTools(session);
const tool = (name: string): RegisteredTool => host.tools.get(`perf_budget_${name}`) as RegisteredTool;
const token = { isCancellationRequested: false, onCancellationRequested: () => ({ dispose: () => undefined }) };

afterEach(() => {
  host.isTrusted = true;
  host.documents = [];
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
  for (const name of ['explain', 'propose'])
    expect(tool(name).prepareInvocation({ input: {} })).toHaveProperty('confirmationMessages');
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
