import * as vscode from 'vscode';

const read = <T>(scope: vscode.ConfigurationScope, name: string, otherwise: T): T =>
  vscode.workspace.getConfiguration('perfBudget', scope).get<T>(name, otherwise);

/** Returns the Node that measures what is in a folder; null for the first on the PATH. */
export function nodePath(folder: string): string | null {
  const path = read<string>(vscode.Uri.file(folder), 'node', '');
  return path === '' ? null : path;
}

export const runsOnSave = (folder: string): boolean => read(vscode.Uri.file(folder), 'runOnSave', true);

/** Whether the tools are offered as an MCP server, too. */
export const offersMcpServer = (): boolean =>
  vscode.workspace.getConfiguration('perfBudget').get<boolean>('mcpServer', false);

export const showsLenses = (document: vscode.TextDocument): boolean => read(document, 'codeLens', true);

export const showsCauses = (document: vscode.TextDocument): boolean => read(document, 'causes.inline', true);

/** How serious a missed check is at most, where VS Code lists problems. */
export type ProblemSeverity = 'error' | 'warning' | 'information' | 'off';

export const problemSeverity = (folder: string): ProblemSeverity =>
  read<ProblemSeverity>(vscode.Uri.file(folder), 'severity', 'error');

export const showsVerdicts = (document: vscode.TextDocument): boolean => read(document, 'decoration', false);

export const showsMeter = (): boolean => vscode.workspace.getConfiguration('perfBudget').get('statusBar', true);
