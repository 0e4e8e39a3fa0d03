import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { symlinkSync } from 'node:fs';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { remove, temporaryFolder, write } from '../engine/repository.js';
import { benchFile, config, work } from './project.js';
import { environment, program } from './run.js';
import { open, repository, serve, slow, type Answer } from './served.js';

test(
  'a changed file may be spelled through a link, or be deleted',
  async () => {
    const root = repository();
    const elsewhere = temporaryFolder();
    open.push(() => Promise.resolve(remove(elsewhere)));
    symlinkSync(root, `${elsewhere}/link`);
    const { call } = await serve(root);
    const linked = await call('perf_budget_check', { files: [`${elsewhere}/link/src/steady.ts`] });
    expect(linked).toMatchObject({ isError: false, document: { budgets: [{ name: 'steady' }] } });
    remove(`${root}/src/steady.ts`);
    const gone = await call('perf_budget_check', { files: ['src/steady.ts'] });
    expect(gone.document).toMatchObject({ budgets: [{ name: 'steady', verdict: 'error' }] });
  },
  slow,
);

test('several configurations are checked together, or one by its folder; a client that names roots gets those alone', async () => {
  const root = repository();
  const other = {
    'inner/perf-budget.jsonc': config.replaceAll(/"growing".*\n/g, ''),
    'inner/src/steady.ts': work(10_000),
    'inner/bench/steady.bench.ts': benchFile('steady', "import { work } from '../src/steady.js';", 'work();'),
  };
  write(root, other);
  const names = ({ document }: Answer): unknown =>
    (document?.['budgets'] as readonly { written: string; name: string }[]).map(({ name, written }) => [name, written]);
  const both = await serve(root);
  const all = [
    ['steady', 'perf-budget.jsonc:4'],
    ['growing', 'perf-budget.jsonc:5'],
    ['steady', 'inner/perf-budget.jsonc:4'],
  ];
  expect(names(await both.call('perf_budget_list'))).toEqual(all);
  expect(names(await both.call('perf_budget_list', { folder: 'inner' }))).toEqual(all.slice(2));
  expect((await both.call('perf_budget_check', { folder: 'inner' })).text).toMatch(/inner\/src\/steady\.ts:2/);
  const inner = await serve(root, [], [`${root}/inner`]);
  expect(names(await inner.call('perf_budget_list'))).toEqual(all.slice(2));
  expect(await inner.call('perf_budget_list', { folder: '.' })).toMatchObject({ isError: true });
  // However the client sorts them, the outer one comes first.
  const reversed = await serve(root, [], [`${root}/inner`, root]);
  expect(names(await reversed.call('perf_budget_list'))).toEqual(all);
  const nowhere = temporaryFolder();
  open.push(() => Promise.resolve(remove(nowhere)));
  const elsewhere = await serve(root, [], [nowhere]);
  expect(await elsewhere.call('perf_budget_check')).toMatchObject({
    isError: true,
    text: `No folder that the client names is in ${root}, where perf-budget mcp was started. Start it in the project, or with -C.`,
  });
});

test('a configuration above the folder governs it, unless the client names folders that do not have it', async () => {
  const root = repository();
  const above = await serve(`${root}/src`);
  expect((await above.call('perf_budget_list')).text).toMatch(/^2 budgets, 2 benchmarks$/m);
  const named = await serve(root, [], [`${root}/src`]);
  const said = `${root}/perf-budget.jsonc governs ${root}/src, but is outside of the folders that the client names. Open its folder in the client, and start perf-budget mcp there or with -C ${root}.`;
  for (const tool of ['perf_budget_list', 'perf_budget_propose'])
    expect(await named.call(tool)).toMatchObject({ isError: true, text: said });
});

test('a client that cannot say its roots is asked again; what is no folder here is none', async () => {
  const root = repository();
  let asked = 0;
  const { call } = await serve(root, [], () => {
    asked += 1;
    if (asked === 1) return Promise.reject(new Error('not yet'));
    return Promise.resolve(['file://elsewhere/project', pathToFileURL(root).href]);
  });
  expect(await call('perf_budget_list')).toMatchObject({
    isError: true,
    text: expect.stringMatching(
      /^The client did not say which folders it has open: .*not yet\. Call again, or open a folder in it\.$/,
    ) as string,
  });
  expect((await call('perf_budget_list')).text).toMatch(/^2 budgets/);
  await call('perf_budget_history');
  expect(asked).toBe(2);
});

test('the program ends with its input, although the client still owes it the roots', async () => {
  const root = repository();
  // The SDK's client would kill what does not end at once.
  const child = spawn(process.execPath, [program, 'mcp'], { cwd: root, env: environment, stdio: 'pipe' });
  open.push(() => Promise.resolve(child.kill('SIGKILL')));
  const send = (message: object): boolean => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  const client = { capabilities: { roots: {} }, clientInfo: { name: 'test', version: '1' } };
  send({ id: 1, method: 'initialize', params: { protocolVersion: '2025-06-18', ...client } });
  send({ method: 'notifications/initialized' });
  send({ id: 2, method: 'tools/call', params: { name: 'perf_budget_list', arguments: {} } });
  const ended = once(child, 'exit');
  let written = '';
  child.stdout.on('data', (chunk: Buffer) => {
    written += String(chunk);
    if (written.includes('"roots/list"')) child.stdin.end();
  });
  expect(await ended).toEqual([0, null]);
}, 30_000);
