import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { ListRootsRequestSchema, type CallToolResult, type Progress } from '@modelcontextprotocol/sdk/types.js';
import { afterEach, expect, test } from 'vitest';
import { definitions } from '../../src/requests/tools/definitions.js';
import { remove, temporaryFolder, write } from '../engine/repository.js';
import { benchFile, config, loneProject, project, work } from './project.js';
import { environment, expectEnded, perfBudget, processId, program } from './run.js';

const open: (() => Promise<unknown>)[] = [];
/** What the clients got that is not the protocol. */
const strays: Error[] = [];

afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
  expect(strays.splice(0)).toEqual([]);
});

/** Several real measurements, on a machine that may be busy. */
const slow = 180_000;

interface Served {
  readonly client: Client;
  readonly pid: number;
  /** What the program wrote to standard error. */
  readonly stderr: () => string;
  readonly call: (tool: string, args?: Readonly<Record<string, unknown>>, options?: CallOptions) => Promise<Answer>;
}

interface CallOptions {
  readonly signal?: AbortSignal;
  readonly onprogress?: (progress: Progress) => void;
}

interface Answer {
  readonly text: string;
  readonly document: Readonly<Record<string, unknown>> | undefined;
  readonly isError: boolean;
}

/** Starts the built program in a folder, and connects the SDK's own client to its streams. */
async function serve(
  cwd: string,
  args: readonly string[] = [],
  roots: readonly string[] | (() => Promise<readonly string[]>) | null = null,
): Promise<Served> {
  const transport = new StdioClientTransport({
    ...{ command: process.execPath, args: [program, 'mcp', ...args], cwd, env: environment },
    stderr: 'pipe',
  });
  const client = new Client({ name: 'test', version: '1' }, { capabilities: roots === null ? {} : { roots: {} } });
  if (roots !== null) {
    const uris =
      typeof roots === 'function' ? roots : () => Promise.resolve(roots.map((folder) => pathToFileURL(folder).href));
    client.setRequestHandler(ListRootsRequestSchema, async () => ({ roots: (await uris()).map((uri) => ({ uri })) }));
  }
  client.onerror = (error) => strays.push(error);
  let stderr = '';
  transport.stderr?.on('data', (chunk: Buffer) => (stderr += String(chunk)));
  open.push(() => client.close());
  await client.connect(transport);
  // With the schemas of the tools, the client checks each document against its own.
  await client.listTools();
  return {
    client,
    pid: transport.pid ?? 0,
    stderr: () => stderr,
    async call(name, given = {}, options = {}) {
      const found = (await client.callTool({ name, arguments: given }, undefined, options)) as CallToolResult;
      const { content, structuredContent: document, isError = false } = found;
      const text = content.map((part) => (part.type === 'text' ? part.text : part.type)).join('\n');
      return { text, document, isError };
    },
  };
}

function repository(): string {
  const root = project();
  open.push(() => Promise.resolve(remove(root)));
  return root;
}

/** Without what differs from run to run. */
const steady = (text: string): string => text.replaceAll(/[+−]?[\d,.]+(?= ?(?:%|ns|µs|ms|s)\b)/g, 'N');

test('the tools, and what each may do; the program ends with its input, and standard output has only the protocol', async () => {
  const root = repository();
  const { client, pid, stderr } = await serve(root);
  expect(client.getServerVersion()).toMatchObject({ name: 'perf-budget', title: 'Perf Budget' });
  expect(client.getInstructions()).toMatch(/Never loosen/);
  const { tools } = await client.listTools();
  expect(
    tools.map(({ name, annotations, inputSchema }) => [
      name,
      annotations?.readOnlyHint,
      Object.keys(inputSchema.properties ?? {}),
    ]),
  ).toEqual([
    ['perf_budget_check', false, ['budgets', 'files', 'against', 'folder']],
    ['perf_budget_explain', false, ['budgets', 'from', 'to', 'folder']],
    ['perf_budget_history', true, ['budget', 'limit', 'folder']],
    ['perf_budget_list', true, ['folder']],
    ['perf_budget_propose', false, ['benchmark', 'folder']],
  ]);
  for (const { annotations } of tools)
    expect(annotations).toMatchObject({ destructiveHint: false, openWorldHint: false });
  await client.close();
  await expectEnded([pid]);
  expect(stderr()).toBe('');
});

test(
  'a check says what a change cost, with progress; the broken budget is explained',
  async () => {
    const root = repository();
    write(root, { 'src/growing.ts': work(60_000) });
    const { call } = await serve(root);
    const seen: Progress[] = [];
    const check = await call(
      'perf_budget_check',
      { files: ['src/growing.ts'] },
      { onprogress: (one) => seen.push(one) },
    );
    expect(check.isError).toBe(false);
    expect(check.text).toMatch(/^✗ growing +[\d.]+ µs +\+\d+% \(\+\d+ … \+\d+\) +allowed 10% +src\/growing.ts:2$/m);
    expect(check.text).toMatch(/^growing is [\d.]+% slower than HEAD \(.*\); its budget allows 10%\.$/m);
    expect(check.text).toMatch(/i < 60000; i\+\+\) sum \+= i % 7; in work, src\/growing\.ts:4/);
    expect(check.text).not.toMatch(/steady/);
    expect(seen[0]).toMatchObject({ message: 'measuring, 0 of 1', progress: 0, total: 1 });
    expect(seen.map(({ progress }) => progress)).toEqual(
      seen.map(({ progress }) => progress).toSorted((a, b) => a - b),
    );
    // The document is that of the command line, which measures nothing again.
    const { stdout } = await perfBudget(root, ['check', 'growing', '--json', '-'], { isReal: true });
    const again = await call('perf_budget_check', { budgets: ['growing'] });
    const { elapsedMs, ...same } = JSON.parse(stdout) as Record<string, unknown>;
    expect({ ...again.document, elapsedMs: 0 }).toEqual({ ...same, elapsedMs: 0 });
    expect(elapsedMs).toBeTypeOf('number');

    const explained = await call('perf_budget_explain');
    expect(explained.text).toMatch(/^✗ growing {3}[\d.]+% slower than HEAD · 10% allowed$/m);
    expect(explained.text).toMatch(/^ +src\/growing\.ts:4 +for \(let i = 0; i < 60000/m);
    expect(explained.document).toMatchObject({
      version: 1,
      budgets: [{ name: 'growing', from: 'HEAD', notExplained: null }],
    });

    const history = await call('perf_budget_history', { budget: 'growing' });
    expect(history.text).toMatch(/\+ changes +[\d.]+ µs +\+\d+% \(.*\) vs HEAD +✗ fail$/m);
    expect(history.document).toMatchObject({ version: 1, budgets: [{ name: 'growing', runs: [{ verdict: 'fail' }] }] });
  },
  slow,
);

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

test(
  'every call sees the files as they are then: code, the configuration, and what is wrong with it',
  async () => {
    const root = repository();
    const { call } = await serve(root);
    const check = async (): Promise<string> => steady((await call('perf_budget_check', { budgets: ['growing'] })).text);
    expect(await check()).toMatch(/^✓ growing .*same code/);
    write(root, { 'src/growing.ts': work(80_000) });
    expect(await check()).toMatch(/^✗ growing /);
    write(root, { 'src/growing.ts': work(20_000) });
    expect(await check()).toMatch(/^✓ growing .*same code/);
    write(root, { 'perf-budget.jsonc': config.replace('"code": "src/growing.ts#work"', '"limit": ["time <= 1 ns"]') });
    expect(await check()).toMatch(/^✗ growing .*allowed N ns/);
    write(root, { 'perf-budget.jsonc': config.replace('time <= 1 s', 'tiem <= 1 s') });
    const wrong = await call('perf_budget_check');
    expect(wrong.isError).toBe(true);
    expect(wrong.text).toMatch(/perf-budget\.jsonc:4:\d+ +.*tiem.*time/);
    // One bad budget never silences the good ones.
    expect(wrong.text).toMatch(/✓ growing/);
    write(root, { 'perf-budget.jsonc': '{ "budgets": [' });
    const broken = await call('perf_budget_check', { budgets: ['growing'] });
    expect(broken).toMatchObject({
      isError: true,
      text: expect.stringMatching(/^perf-budget\.jsonc:1:\d+ /m) as string,
    });
  },
  slow,
);

test('what a request has wrong is said, with what was meant', async () => {
  const root = repository();
  const { call } = await serve(root);
  const said = async (tool: string, args: Readonly<Record<string, unknown>>): Promise<string> => {
    const { text, isError } = await call(tool, args);
    expect(isError).toBe(true);
    return text.replaceAll(root, 'ROOT');
  };
  expect(await said('perf_budget_check', { budgets: ['steedy'] })).toBe(
    'No budget matches "steedy". Did you mean "steady"?',
  );
  expect(await said('perf_budget_check', { files: ['src/stedy.ts'] })).toBe(
    'There is no file "src/stedy.ts" in ROOT. Did you mean "src/steady.ts"?',
  );
  expect(await said('perf_budget_check', { files: 'sourc/steady.ts' })).toBe('There is no folder sourc in ROOT.');
  for (const file of ['/etc/shado', '../elsewhere/a.ts'])
    expect(await said('perf_budget_check', { files: [file] })).toBe(
      `"${file}" is outside of the folders that are served: ROOT.`,
    );
  expect(await said('perf_budget_check', { budget: 'steady' })).toBe(
    'perf_budget_check takes no "budget". Did you mean "budgets"?',
  );
  expect(await said('perf_budget_check', { budgets: [1] })).toBe(
    '"budgets" of perf_budget_check must be a list of texts, such as ["parse"].',
  );
  expect(await said('perf_budget_check', { against: 'v9' })).toMatch(/^against v9: /);
  expect(await said('perf_budget_history', { limit: 0 })).toMatch(/must be a whole number from 1 to 10,000\.$/);
  expect(await said('perf_budget_check', { folder: '..' })).toBe(
    '".." is outside of the folders that are served: ROOT.',
  );
  expect(await said('perf_budget_chek', {})).toMatch(/^There is no tool "perf_budget_chek"\. The tools are /);
  expect(await said('perf_budget_propose', { benchmark: 'stedy' })).toMatch(
    /^No benchmark or budget is called "stedy"\. Did you mean "steady"\?$/,
  );
  remove(`${root}/perf-budget.jsonc`);
  expect(await said('perf_budget_check', {})).toMatch(
    /^No perf-budget\.jsonc in ROOT, .*Create one with perf-budget init\.$/,
  );
});

test(
  'budgets and benchmarks are listed, and budgets proposed; nothing is written',
  async () => {
    const root = repository();
    write(root, { 'bench/extra.bench.ts': benchFile('extra', "import { work } from '../src/steady.js';", 'work();') });
    const { call } = await serve(root);
    const listed = await call('perf_budget_list');
    expect(listed.text).toMatch(/^2 budgets, 3 benchmarks$/m);
    expect(listed.text).toMatch(/^ {2}extra +bench\/extra\.bench\.ts$/m);
    const proposed = await call('perf_budget_propose');
    expect(proposed.document).toEqual({
      version: 1,
      budgets: [{ name: 'extra', benchmark: 'extra' }],
      text: '    "extra": { "benchmark": "extra" },',
    });
    expect((await call('perf_budget_propose', { benchmark: 'steady' })).text).toMatch(
      /Call perf_budget_check first\.$/,
    );
    await call('perf_budget_check', { budgets: ['steady'] });
    const limit = await call('perf_budget_propose', { benchmark: 'steady' });
    expect(limit.text).toMatch(/^ {2}"time <= [\d.]+ µs"$/m);
    expect(limit.document).toMatchObject({
      budgets: [{ name: 'steady', limit: expect.stringMatching(/^time <= [\d.]+ µs$/) as string }],
    });
    remove(`${root}/perf-budget.jsonc`);
    const whole = await call('perf_budget_propose');
    expect(whole).toMatchObject({
      isError: false,
      text: expect.stringContaining('"steady": { "benchmark": "steady" }') as string,
    });
  },
  slow,
);

const endless = "import { appendFileSync } from 'node:fs';";
const endlessBody = (file: string): string =>
  `appendFileSync(${JSON.stringify(file)}, process.pid + '\\n'); for (const end = Date.now() + 30_000; Date.now() < end; );`;

function endlessProject(): { readonly root: string; readonly pids: string } {
  const folder = temporaryFolder();
  const pids = `${folder}/pids`;
  const root = loneProject('endless', endless, endlessBody(pids));
  open.push(() => Promise.resolve([root, folder].forEach(remove)));
  return { root, pids };
}

test('a cancelled request ends its measurement and its processes; the next one is answered', async () => {
  const { root, pids } = endlessProject();
  const { call } = await serve(root);
  const controller = new AbortController();
  const asked = call('perf_budget_check', {}, { signal: controller.signal });
  const refused = expect(asked).rejects.toThrow(/abort/i);
  const worker = await processId(pids);
  controller.abort();
  await refused;
  await expectEnded([worker]);
  expect((await call('perf_budget_list')).text).toMatch(/endless/);
});

test(
  'what is checked at once is measured one after the other',
  async () => {
    const root = temporaryFolder();
    open.push(() => Promise.resolve(remove(root)));
    const log = `${root}/calls`;
    const names = ['one', 'two'];
    const budgets = Object.fromEntries(names.map((name) => [name, { benchmark: name, limit: ['time <= 1 h'] }]));
    write(root, {
      'perf-budget.jsonc': JSON.stringify({ benchmarks: [{ files: '*.bench.ts' }], budgets }),
      ...Object.fromEntries(
        names.map((name) => {
          const said = (what: string): string => `appendFileSync(${JSON.stringify(log)}, '${name} ${what}\\n');`;
          const wait = 'for (const end = Date.now() + 5; Date.now() < end; );';
          const head = "import { appendFileSync } from 'node:fs';";
          return [`${name}.bench.ts`, benchFile(name, head, `${said('start')} ${wait} ${said('end')}`)];
        }),
      ),
    });
    const { call } = await serve(root);
    const checks = await Promise.all(names.map((name) => call('perf_budget_check', { budgets: [name] })));
    expect(checks.map(({ text }) => /^✓ (\w+)/.exec(text)?.[1])).toEqual(names);
    const lines = readFileSync(log, 'utf8').trim().split('\n');
    expect(lines.every((line, index) => line.endsWith(index % 2 === 0 ? 'start' : 'end'))).toBe(true);
    const who = lines.map((line) => line.split(' ')[0]);
    expect(who.filter((name, index) => name !== who[index - 1])).toEqual(names);
  },
  slow,
);

test('when the input ends in the middle of a measurement, no process is left', async () => {
  const { root, pids } = endlessProject();
  const { call, client, pid } = await serve(root);
  const asked = call('perf_budget_check').catch(() => null);
  const worker = await processId(pids);
  await client.close();
  await expectEnded([worker, pid]);
  await asked;
});

test('where the folder is not trusted, what runs its code is refused; the list and the history answer', async () => {
  const { root, pids } = endlessProject();
  const { call } = await serve(root, ['--untrusted']);
  for (const tool of ['perf_budget_check', 'perf_budget_explain', 'perf_budget_propose']) {
    expect(await call(tool)).toEqual({
      text: 'Nothing was run: this folder is not trusted, and measuring runs its code. Only perf_budget_list and perf_budget_history answer. The user can trust the folder in the editor, or start perf-budget mcp without --untrusted.',
      document: undefined,
      isError: true,
    });
  }
  expect(await call('perf_budget_list')).toMatchObject({
    isError: false,
    text: expect.stringMatching(/endless/) as string,
  });
  expect(await call('perf_budget_history')).toMatchObject({
    isError: false,
    text: expect.stringMatching(/Nothing has been/) as string,
  });
  expect(existsSync(pids)).toBe(false);
});

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

test('names of others are text in progress, too', async () => {
  const root = temporaryFolder();
  open.push(() => Promise.resolve(remove(root)));
  const budgets = { 'odd\u202e\nname': { manual: 'MB', limit: ['value < 3 MB'] } };
  write(root, { 'perf-budget.jsonc': JSON.stringify({ budgets }) });
  const { call } = await serve(root);
  const seen: Progress[] = [];
  const onprogress = (one: Progress): unknown => seen.push(one);
  await call('perf_budget_explain', { budgets: Object.keys(budgets) }, { onprogress });
  expect(seen[0]?.message).toBe(String.raw`explaining odd\u202e name, 0 of 1`);
});

test('init --agents prints the skill, and writes nothing', async () => {
  const root = temporaryFolder();
  open.push(() => Promise.resolve(remove(root)));
  const { code, stdout, stderr } = await perfBudget(root, ['init', '--agents']);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toBe(readFileSync('media/skills/perf-budget/SKILL.md', 'utf8'));
  // A skill is found by the name of its folder, and chosen by its description.
  expect(stdout).toMatch(/^---\nname: perf-budget\ndescription: .{50,1000}\n---\n/);
  for (const { name } of definitions) expect(stdout).toContain(`\`${name}\``);
  expect(readdirSync(root)).toEqual([]);
});
