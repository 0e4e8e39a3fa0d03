import assert from 'node:assert/strict';
import { once } from 'node:events';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import process from 'node:process';
import { Worker } from 'node:worker_threads';
import { setTimeout as sleep } from 'node:timers/promises';
import { commands, Range, Uri, window, workspace, type CodeLens } from 'vscode';
import { perfBudget } from './activation.js';

/** With 1,000 budgets: what the extension host has to wait for while they open, and at a save. Printed, never asserted. */
export async function opensAThousandBudgets() {
  const extension = perfBudget();
  const root = workspace.workspaceFolders?.[0]?.uri ?? Uri.file('/');
  const file = Uri.joinPath(root, 'src.js');
  const document = await workspace.openTextDocument(file);
  const editor = await window.showTextDocument(document);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const control = idleThread();
  delay.enable();
  // An idle thread is held up by the machine, too.
  const blocked = async (): Promise<string> => {
    const own = delay.max / 1e6;
    delay.reset();
    return `${own.toFixed(1)} ms (an idle thread ${(await control.longest()).toFixed(1)} ms)`;
  };
  const before = process.memoryUsage();
  assert.equal(extension.isActive, false);
  const started = performance.now();
  await extension.activate();
  const activation = performance.now() - started;
  await workspace.fs.copy(Uri.joinPath(root, 'budgets.json'), Uri.joinPath(root, 'perf-budget.jsonc'));
  const lenses = () => commands.executeCommand<CodeLens[]>('vscode.executeCodeLensProvider', file);
  for (let waited = 0; waited < 60_000 && (await lenses()).length < 1000; waited += 100) await sleep(100);
  assert.equal((await lenses()).length, 1000);
  const opening = await blocked();
  await editor.edit((edit) => edit.replace(new Range(0, 0, 0, 0), '// saved\n'));
  await document.save();
  // The run that answers is under way then.
  await sleep(2000);
  const saving = await blocked();
  for (let round = 0; round < 20; round++) await lenses();
  const drawing = await blocked();
  const after = process.memoryUsage();
  const grown = (of: 'rss' | 'heapUsed'): string => `${((after[of] - before[of]) / 1e6).toFixed(1)} MB`;
  await control.stop();
  const figures =
    `activation ${activation.toFixed(1)} ms; longest delay of the extension host: ` +
    `opening ${opening}, saving ${saving}, twenty times all lenses ${drawing}; ` +
    `memory: heap +${grown('heapUsed')}, the process with the engine's thread +${grown('rss')}`;
  await workspace.fs.writeFile(Uri.joinPath(file, '..', 'figures.txt'), Buffer.from(figures));
}

/** A thread that does nothing but see how long it is held up. */
function idleThread() {
  const worker = new Worker(
    `const { monitorEventLoopDelay } = require('node:perf_hooks');
     const delay = monitorEventLoopDelay({ resolution: 1 });
     delay.enable();
     const { parentPort } = require('node:worker_threads');
     parentPort.on('message', () => {
       parentPort.postMessage(delay.max / 1e6);
       delay.reset();
     });`,
    { eval: true },
  );
  return {
    longest: async (): Promise<number> => {
      worker.postMessage('');
      const [milliseconds] = (await once(worker, 'message')) as [number];
      return milliseconds;
    },
    stop: () => worker.terminate(),
  };
}
