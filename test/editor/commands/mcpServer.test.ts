import { afterEach, expect, test, vi } from 'vitest';
import type { Session } from '../../../src/editor/session/session.js';

interface Definition {
  readonly label: string;
  readonly args: readonly string[];
  readonly env: object;
  readonly version: string;
  readonly cwd: { readonly fsPath: string };
}

interface Provider {
  provideMcpServerDefinitions(): Promise<readonly Definition[]>;
}

interface FakeHost {
  isTrusted: boolean;
  folders: readonly string[];
  settings: Readonly<Record<string, unknown>>;
  provider: Provider | null;
  fired: number;
}

const host = vi.hoisted((): FakeHost => ({
  isTrusted: true,
  folders: ['/repo'],
  settings: {},
  provider: null,
  fired: 0,
}));

vi.mock('vscode', () => {
  const subscribe = () => ({ dispose: () => undefined });
  const workspaceFolders = () => host.folders.map((fsPath) => ({ uri: { fsPath }, name: fsPath.slice(1) }));
  let folders = workspaceFolders();
  return {
    lm: {
      registerMcpServerDefinitionProvider: (_: string, provider: Provider) => ((host.provider = provider), subscribe()),
    },
    workspace: {
      get workspaceFolders() {
        return (folders = workspaceFolders());
      },
      getWorkspaceFolder: ({ fsPath }: { fsPath: string }) => folders.find(({ uri }) => fsPath.startsWith(uri.fsPath)),
      getConfiguration: () => ({
        get: (key: string, fallback?: unknown) => host.settings[key] ?? fallback,
      }),
      get isTrusted() {
        return host.isTrusted;
      },
      onDidChangeWorkspaceFolders: subscribe,
      onDidGrantWorkspaceTrust: subscribe,
      onDidChangeConfiguration: subscribe,
    },
    EventEmitter: class {
      event = subscribe;
      fire = () => host.fired++;
    },
    Uri: {
      file: (fsPath: string) => ({ fsPath }),
      joinPath: ({ fsPath }: { fsPath: string }, ...parts: string[]) => ({ fsPath: [fsPath, ...parts].join('/') }),
    },
    Disposable: { from: () => ({ dispose: () => undefined }) },
    McpStdioServerDefinition: class {
      constructor(
        readonly label: string,
        readonly command: string,
        readonly args: readonly string[],
        readonly env: object,
        readonly version: string,
      ) {}
    },
  };
});

const { mcpServer } = await import('../../../src/editor/commands/mcpServer.js');
const listeners: (() => void)[] = [];
const session = {
  projects: [] as object[],
  opened: () => Promise.resolve(['/repo/packages/a', '/repo', '/other'].map((root) => ({ root }))),
  onDidChange: (listener: () => void) => listeners.push(listener),
};
const extension = { extensionUri: { fsPath: '/extension' }, packageJSON: { version: '1.2.3' } };
mcpServer(session as unknown as Session, extension as unknown as Parameters<typeof mcpServer>[1]);
const provided = async (): Promise<readonly Definition[]> => (await host.provider?.provideMcpServerDefinitions()) ?? [];

afterEach(() => {
  Object.assign(host, { isTrusted: true, folders: ['/repo'], settings: {} });
});

test('there is no server unless it is asked for', async () => {
  expect(await provided()).toEqual([]);
});

test('a folder gets one server, on the Node that is set', async () => {
  host.settings = { mcpServer: true };
  const [one, ...others] = await provided();
  expect(others).toEqual([]);
  expect(one).toMatchObject({ label: 'Perf Budget', version: '1.2.3', cwd: { fsPath: '/repo' } });
  expect(one).toMatchObject({ args: ['/extension/dist/cli.js', 'mcp'], env: { ELECTRON_RUN_AS_NODE: '1' } });
  host.settings = { mcpServer: true, node: '/usr/bin/node' };
  expect((await provided())[0]?.args).toEqual(['/extension/dist/cli.js', 'mcp', '--node', '/usr/bin/node']);
});

test('where the workspace is not trusted, the server runs nothing', async () => {
  Object.assign(host, { isTrusted: false, settings: { mcpServer: true } });
  expect((await provided())[0]?.args).toEqual(['/extension/dist/cli.js', 'mcp', '--untrusted']);
});

test('each folder with budgets has a server of its own, with its name', async () => {
  Object.assign(host, { folders: ['/repo', '/other', '/empty'], settings: { mcpServer: true } });
  const all = await provided();
  expect(all.map(({ label, cwd }) => [label, cwd.fsPath])).toEqual([
    ['Perf Budget (repo)', '/repo'],
    ['Perf Budget (other)', '/other'],
  ]);
});

test('a budget file that is written or deleted changes what is provided, a verdict does not', () => {
  const changes = (projects: readonly object[]): number => {
    const before = host.fired;
    session.projects = [...projects];
    for (const listener of listeners) listener();
    return host.fired - before;
  };
  const [a, b] = [{ root: '/repo' }, { root: '/other' }];
  expect([changes([]), changes([a]), changes([a]), changes([a, b]), changes([b])]).toEqual([0, 1, 0, 1, 1]);
});
