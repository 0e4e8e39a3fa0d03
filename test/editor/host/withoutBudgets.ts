import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { window, workspace } from 'vscode';
import { perfBudget } from './activation.js';

export async function sleepsWhilePeopleWork() {
  const [file] = await workspace.findFiles('*.ts');
  assert.ok(file);
  await window.showTextDocument(file);
  await sleep(3000);
  assert.equal(perfBudget().isActive, false);
}
