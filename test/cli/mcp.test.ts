import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { Progress } from '@modelcontextprotocol/sdk/types.js';
import { expect, test } from 'vitest';
import { definitions } from '../../src/requests/tools/definitions.js';
import { remove, temporaryFolder, write } from '../engine/repository.js';
import { benchFile, config, loneProject, work } from './project.js';
import { expectEnded, perfBudget, processId } from './run.js';
import { open, repository, serve, slow } from './served.js';

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
    expect((await call('perf_budget_propose')).text).toBe('Every benchmark that can have a budget has one.');
    write(root, { 'perf-budget.jsonc': '{ "budgets": [' });
    expect(await call('perf_budget_propose')).toMatchObject({
      isError: true,
      text: expect.stringMatching(/^perf-budget\.jsonc cannot be read\.\nperf-budget\.jsonc:1:\d+ /) as string,
    });
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

test(
  'proposing loads nothing that is ignored, and leaves what another file governs to that file',
  async () => {
    const root = repository();
    const marker = `${root}/loaded`;
    const extra = (name: string): string => benchFile(name, "import { work } from '../src/steady.js';", 'work();');
    const loads = `import { writeFileSync } from 'node:fs'; writeFileSync(${JSON.stringify(marker)}, '');\n`;
    write(root, {
      'perf-budget.jsonc': config.replace('{', '{ "defaults": { "ignore": ["fixtures/**"] },'),
      'bench/extra.bench.ts': extra('extra'),
      'fixtures/other.bench.ts': loads + extra('other'),
      // What has a budget is not called.
      'bench/steady.bench.ts': benchFile(
        'steady',
        `import { writeFileSync } from 'node:fs'; import { work } from '../src/steady.js';`,
        `writeFileSync(${JSON.stringify(marker)}, ''); work();`,
      ),
      'inner/perf-budget.jsonc': '{ "benchmarks": [{ "files": "bench/*.bench.ts" }], "budgets": {} }',
      'inner/src/steady.ts': 'export const work = () => Math.sqrt(2);',
      'inner/bench/inner.bench.ts': extra('inner'),
    });
    const { call } = await serve(root);
    const { document, text } = await call('perf_budget_propose');
    expect(document?.['budgets'], text).toEqual([
      { name: 'extra', benchmark: 'extra' },
      { name: 'inner', benchmark: 'inner' },
    ]);
    expect(existsSync(marker)).toBe(false);
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
