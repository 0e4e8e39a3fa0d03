import * as vscode from 'vscode';

/** What a run leaves may be megabytes, and few are looked at again. */
const kept = 5;

/** Makes a folder for one run in the folder `name` of ours, and removes the oldest of earlier runs. */
export async function runFolder(storage: vscode.Uri, name: string): Promise<vscode.Uri> {
  const { fs } = vscode.workspace;
  const all = vscode.Uri.joinPath(storage, name);
  await fs.createDirectory(all);
  const runs = (await fs.readDirectory(all)).map(([run]) => run).sort();
  for (const run of runs.slice(0, -(kept - 1))) await fs.delete(vscode.Uri.joinPath(all, run), { recursive: true });
  const own = vscode.Uri.joinPath(all, String(Date.now()));
  await fs.createDirectory(own);
  return own;
}
