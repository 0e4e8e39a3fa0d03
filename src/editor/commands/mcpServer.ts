import process from 'node:process';
import * as vscode from 'vscode';
import { nodePath, offersMcpServer } from '../session/settings.js';
import type { Session } from '../session/session.js';

/** As in `package.json`. */
const id = 'perfBudget.mcp';

/**
 * The same tools as an MCP server, for agents that take only those: if it were always there, VS Code's own agent would see every
 * tool twice. A host that knows no such servers gets none.
 */
export function mcpServer(session: Session, extension: vscode.Extension<unknown>): vscode.Disposable {
  const { lm } = vscode as { readonly lm?: Partial<typeof vscode.lm> };
  const register = lm?.registerMcpServerDefinitionProvider;
  if (register === undefined) return vscode.Disposable.from();
  const changed = new vscode.EventEmitter<void>();
  const provider: vscode.McpServerDefinitionProvider = {
    onDidChangeMcpServerDefinitions: changed.event,
    provideMcpServerDefinitions: async () => {
      if (!offersMcpServer()) return [];
      const roots = (await session.opened()).map(({ root }) => vscode.Uri.file(root));
      const all = vscode.workspace.workspaceFolders ?? [];
      const folders = all.filter((one) => roots.some((root) => vscode.workspace.getWorkspaceFolder(root) === one));
      return folders.map((one) => definitionFor(one, folders.length > 1, extension));
    },
  };
  const fire = (): void => changed.fire();
  const rootsNow = (): string => JSON.stringify(session.projects.map(({ root }) => root));
  let roots = rootsNow();
  return vscode.Disposable.from(
    changed,
    register(id, provider),
    // Which folders have a server depends on where budget files are, and nothing else says when one is written or deleted.
    session.onDidChange(() => {
      if (roots === rootsNow()) return;
      roots = rootsNow();
      fire();
    }),
    vscode.workspace.onDidChangeWorkspaceFolders(fire),
    vscode.workspace.onDidGrantWorkspaceTrust(fire),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('perfBudget.mcpServer') || event.affectsConfiguration('perfBudget.node')) fire();
    }),
  );
}

/** The server runs on VS Code's Node, which is new enough for it; what it measures runs on the user's. */
function definitionFor(
  { uri, name }: vscode.WorkspaceFolder,
  isOneOfSeveral: boolean,
  { extensionUri, packageJSON }: vscode.Extension<unknown>,
): vscode.McpStdioServerDefinition {
  const node = nodePath(uri.fsPath);
  const args = [
    vscode.Uri.joinPath(extensionUri, 'dist', 'cli.js').fsPath,
    'mcp',
    ...(node === null ? [] : ['--node', node]),
    ...(vscode.workspace.isTrusted ? [] : ['--untrusted']),
  ];
  const { version } = packageJSON as { readonly version: string };
  const label = isOneOfSeveral ? `Perf Budget (${name})` : 'Perf Budget';
  const server = new vscode.McpStdioServerDefinition(
    label,
    process.execPath,
    args,
    { ELECTRON_RUN_AS_NODE: '1' },
    version,
  );
  server.cwd = uri;
  return server;
}
