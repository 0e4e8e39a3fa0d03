import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { root } from '../host/install.mjs';
import { Workbench } from './workbench.js';
import { commitAll, removeFolder, sumFiles, temporaryFolder, writeFiles } from './workspaces.js';

/** Another extension of the same host, which ends the thread that was started last. */
const faulty = {
  'package.json': JSON.stringify({
    ...{ name: 'faulty', publisher: 'test', version: '0.0.1', engines: { vscode: '^1.90.0' } },
    ...{ main: './faulty.js', activationEvents: ['*'] },
    contributes: { commands: [{ command: 'faulty.end', title: 'Faulty: End the Engine' }] },
  }),
  'faulty.js': `const { commands } = require('vscode');
let engine;
exports.activate = () => {
  process.on('worker', (worker) => (engine = worker));
  commands.registerCommand('faulty.end', () => engine.terminate());
};
`,
};

const config = `{
  "benchmarks": [{ "files": "bench/*.bench.js" }],
  "budgets": { "sum": { "benchmark": "sum/small", "code": "src/sum.js#sum", "limit": ["time <= 1 s"] } },
}
`;

let folder: string;
let extension: string;

beforeEach(async () => {
  [folder, extension] = await Promise.all([temporaryFolder(), mkdtemp(path.join(tmpdir(), 'faulty-'))]);
  await writeFiles(folder, { ...sumFiles('// Adds up.'), 'perf-budget.jsonc': config });
  await commitAll(folder);
  await writeFiles(extension, faulty);
});

afterEach(async () => {
  await Promise.all([removeFolder(folder), removeFolder(extension)]);
});

test('the engine comes back when its thread is killed, and the window goes on as before', async () => {
  await using workbench = await Workbench.start({ folder, extensionDevelopmentPaths: [extension, root] });
  const told = async (): Promise<string[]> =>
    (await workbench.notifications()).filter((text) => text.startsWith('Perf Budget'));
  const shows = (verdict: RegExp): Promise<string[]> =>
    workbench.waitFor(
      () => workbench.codeLenses(),
      (titles) => titles.length === 1 && titles.every((title) => verdict.test(title)),
      60_000,
    );
  await workbench.openFile('src/sum.js');
  await workbench.command('Perf Budget: Run All Budgets');
  const [known] = await shows(/^✓ [\d.,]+ (ns|µs|ms) of 1 s/);
  await workbench.watchLenses();
  await workbench.command('Faulty: End the Engine');
  expect(await workbench.waitFor(told, (all) => all.length > 0, 20_000)).toEqual([
    'Perf Budget stopped unexpectedly and is restarting.',
  ]);
  await workbench.screenshot('restart');
  // The same message once more would take the place of this one.
  await workbench.command('Notifications: Clear All Notifications');
  await shows(/^✓ /);
  expect((await workbench.lensesSeen())[0]).toBe(known);
  expect((await workbench.lensesSeen()).filter((text) => !text.startsWith('✓'))).toEqual([]);
  // A second end of the same outage is not told again; saves count as ever.
  await workbench.command('Faulty: End the Engine');
  await workbench.openFile('src/sum.js');
  await workbench.replaceText('i % 7', 'i % 7 + Math.sqrt(i)');
  await workbench.save();
  await workbench.waitFor(
    () => workbench.lensesSeen(),
    // The verdict is about other code; which one it is depends on how busy the machine is.
    (seen) => seen.some((text) => text.includes('measuring')) && /^[✓✗?]/.test(seen.at(-1) ?? ''),
    60_000,
  );
  // On the screen it would have gone by now; here VS Code keeps it.
  await workbench.command('Notifications: Show Notifications');
  await workbench.page.locator('.notifications-center.visible').waitFor();
  expect(await told()).toEqual([]);
});
