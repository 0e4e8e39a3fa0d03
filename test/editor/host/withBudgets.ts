import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { commands } from 'vscode';
import { perfBudget, type Manifest } from './activation.js';

// Runs first: what is exported is run by name.
export * from './writing.js';

export async function activatesByItself() {
  for (let waited = 0; waited < 20_000 && !perfBudget().isActive; waited += 50) await sleep(50);
  assert.equal(perfBudget().isActive, true);
  // An extension that failed to activate counts as active; asked again, it tells.
  await perfBudget().activate();
}

export async function registersEveryCommandItContributes() {
  const { contributes } = perfBudget().packageJSON as Manifest;
  const registered = new Set(await commands.getCommands(true));
  const contributed = contributes.commands.map(({ command }) => command);
  assert.notEqual(contributed.length, 0);
  assert.deepEqual(
    contributed.filter((command) => !registered.has(command)),
    [],
  );
}
