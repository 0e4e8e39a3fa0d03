import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { perfBudget } from './activation.js';

const names = ['check', 'explain', 'history', 'list', 'propose'].map((name) => `perf_budget_${name}`);

async function call(name: string, input: object = {}, token?: vscode.CancellationToken): Promise<string> {
  const { content } = await vscode.lm.invokeTool(
    `perf_budget_${name}`,
    { input, toolInvocationToken: undefined },
    token,
  );
  return content.flatMap((part) => (part instanceof vscode.LanguageModelTextPart ? [part.value] : [])).join('\n');
}

export async function a_offersTheToolsAsTheyAreContributed() {
  for (let waited = 0; waited < 20_000 && !perfBudget().isActive; waited += 50) await sleep(50);
  for (let waited = 0; waited < 20_000 && !vscode.lm.tools.some(({ name }) => name === names[0]); waited += 50)
    await sleep(50);
  const ours = vscode.lm.tools.filter(({ name }) => name.startsWith('perf_budget_'));
  assert.deepEqual(ours.map(({ name }) => name).sort(), names);
  for (const { description, inputSchema } of ours) {
    assert.match(description, /budget/);
    assert.ok(inputSchema);
  }
}

export async function b_listsAndReadsWithoutAsking() {
  assert.match(await call('list'), /^1 budget, 2 benchmarks\n/);
  assert.match(await call('history'), /^Nothing has been measured yet/);
}

// A VS Code under test confirms by itself; what it asks is tested in `commands/agentTools.test.ts`.
export async function c_checksWhatWasChanged() {
  assert.match(await call('check'), /^✓ sum\b/m);
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  const file = `${folder?.uri.fsPath ?? ''}/src/sum.js`;
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace('i <= n', 'i <= 5 * n'));
  const broken = await call('check', { files: ['src/sum.js'] });
  assert.match(broken, /^✗ sum .* allowed 10%/m);
  assert.match(broken, /slower than HEAD/);
  assert.match(await call('check', { budgets: ['sun'] }), /^No budget matches "sun"\. Did you mean "sum"\?/);
}

export async function d_endsWithItsToken() {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  const file = `${folder?.uri.fsPath ?? ''}/src/sum.js`;
  const uri = vscode.Uri.file(file);
  writeFileSync(file, readFileSync(file, 'utf8').replace('i <= 5 * n', 'i <= 6 * n'));
  // Only what is open has lenses.
  await vscode.workspace.openTextDocument(uri);
  const source = new vscode.CancellationTokenSource();
  const checked = call('check', { files: ['src/sum.js'] }, source.token);
  const isMeasuring = async (): Promise<boolean> => {
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', uri);
    return lenses.some(({ command }) => command?.title.startsWith('measuring') === true);
  };
  for (let waited = 0; waited < 20_000 && !(await isMeasuring()); waited += 20) await sleep(20);
  assert.ok(await isMeasuring());
  source.cancel();
  await assert.rejects(checked);
  assert.match(await call('check', { files: ['src/sum.js'] }), /^✗ sum .* allowed 10%/m);
}
