import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, utimesSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { afterEach, expect, test } from 'vitest';
import { History } from '../../src/engine/history/history.js';
import { commit, git, remove, repository, temporaryFolder, write } from '../engine/repository.js';
import { environment, perfBudget, program, seen, type Ended } from './run.js';

const cleanups: (() => void)[] = [];

afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

const config = {
  benchmarks: [
    { name: 'registry', command: ['go', 'test', '-bench', '.'], reads: 'go' },
    { name: 'scan', command: ['hyperfine'], reads: 'hyperfine' },
  ],
  budgets: {
    sort: { benchmark: 'registry/BenchmarkSort', limit: ['time <= 1 ms', 'allocated <= 10 KB'] },
    lookup: { benchmark: 'registry/BenchmarkLookup/size={n}', limit: ['time <= 60 ns'] },
    both: { sum: ['sort', 'registry/BenchmarkJoin'], target: ['time <= 1 ns'] },
    fib: { benchmark: 'BenchmarkFib', limit: ['time <= 310 ns'] },
    loading: { benchmark: 'loading', limit: ['figure >= 90 %'] },
  },
};

const outputs = resolve(import.meta.dirname, '../fixtures/outputs');
const go = readFileSync(join(outputs, 'go.txt'), 'utf8');

function folder(): string {
  const root = temporaryFolder();
  cleanups.push(() => remove(root));
  write(root, { 'perf-budget.jsonc': JSON.stringify(config), 'go.txt': go });
  const at = Date.now() / 1000 - 3600;
  utimesSync(join(root, 'go.txt'), at, at);
  return root;
}

const recent = Date.now() - 24 * 60 * 60 * 1000;
const store = (value: number | string): string =>
  `window.BENCHMARK_DATA = ${JSON.stringify({
    lastUpdate: recent,
    repoUrl: '',
    entries: {
      Go: [recent - 400 * 24 * 60 * 60 * 1000, recent - 1000, recent].map((date, index) => ({
        ...{ commit: { id: `${index}`.repeat(40) }, date, tool: 'go' },
        benches: [{ name: 'BenchmarkFib', value, unit: 'ns/op', range: '± 1' }],
      })),
    },
  })}`;

/** What stands in the history, without what differs from day to day. */
async function rows(root: string): Promise<readonly unknown[]> {
  const history = await History.open(root, { readOnly: true });
  const all = Object.keys(config.budgets).flatMap((name) => history.rows(name, 100));
  history.close();
  return all.map(({ machine, commit: id, result, time }) => [
    ...[result.name, machine, id?.slice(0, 3) ?? null, result.verdict, time === null ? null : Math.round(time.value)],
    result.checks.map(({ check, verdict }) => `${check}: ${verdict}`),
  ]);
}

test('another tool’s results are judged and kept, once', async () => {
  const root = folder();
  const first = await perfBudget(root, ['import', '--format', 'go', 'go.txt']);
  expect(seen(first)).toBe('exit code 0\ngo.txt: 3 runs added.');
  const regression = 'time <= baseline + 10%: undecided';
  expect(await rows(root)).toEqual([
    ['sort', 'import:go', null, 'pass', 18507, ['time <= 1 ms: pass', 'allocated <= 10 KB: pass', regression]],
    ['lookup', 'import:go', null, expect.any(String), 14, ['time <= 60 ns: undecided', regression]],
    ['both', 'import:go', null, 'pass', expect.any(Number), ['time <= 1 ns: fail', regression]],
  ]);
  expect(seen(await perfBudget(root, ['import', '--format', 'go', 'go.txt']))).toBe(
    'exit code 0\ngo.txt: 0 runs added, 3 runs already known.',
  );
  // Somebody says that these are other runs.
  const dated = await perfBudget(root, ['import', '--format', 'go', 'go.txt', '--date', today(-2)]);
  expect(seen(dated)).toBe('exit code 0\ngo.txt: 3 runs added.');
  const history = await perfBudget(root, ['history', 'sort', '--json', '-']);
  const { budgets } = JSON.parse(history.stdout) as { budgets: { runs: { at: string; machine: string }[] }[] };
  const hour = new Date(Math.round(Date.now() - 3600_000)).toISOString().slice(0, 10);
  expect(budgets[0]?.runs.map(({ at, machine }) => [at.slice(0, 10), machine])).toEqual([
    [hour, 'import:go'],
    [new Date(`${today(-2)}T12:00`).toISOString().slice(0, 10), 'import:go'],
  ]);
  expect(
    seen(await perfBudget(root, ['history', 'sort']))
      .split('\n')
      .slice(0, 3),
  ).toEqual([
    'exit code 0',
    'when   commit   machine   time   change   verdict',
    'WHEN   –   import:go   TIME   ✓ pass',
  ]);
});

function today(days: number): string {
  const date = new Date(Date.now() + days * 24 * 60 * 60 * 1000);
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => `${part}`.padStart(2, '0')).join('-');
}

test('an imported verdict is no verdict of this machine', async () => {
  const root = folder();
  await perfBudget(root, ['import', '--format', 'go', 'go.txt']);
  const report = ['report', '--markdown', '-'];
  expect((await perfBudget(root, report)).stdout).toBe((await perfBudget(folder(), report)).stdout);
  const checked = await perfBudget(root, ['check', 'sort']);
  expect([checked.code, checked.stdout]).toEqual([2, expect.stringContaining('"go" is not on the PATH') as string]);
});

test('a whole store, with dates and commits; a figure in per cent; what no budget is about', async () => {
  const root = folder();
  const loading = JSON.stringify([
    { name: 'other', value: 1, unit: 'ms' },
    { name: 'loading', value: 95, unit: '%' },
  ]);
  write(root, { 'data.js': store(300), 'loading.json': loading });
  const ended = await perfBudget(root, ['import', '--format', 'github-action-benchmark', 'data.js', 'loading.json']);
  expect(seen(ended)).toBe(`exit code 0
data.js: 2 runs added, 1 run older than a year and not kept.
loading.json: 1 run added.
--- standard error
loading.json: no budget matches other.`);
  const machine = 'import:github-action-benchmark';
  const checks = ['time <= 310 ns: pass', 'time <= baseline + 10%: undecided'];
  expect(await rows(root)).toEqual([
    ['fib', machine, '222', 'pass', 300, checks],
    ['fib', machine, '111', 'pass', 300, checks],
    ['loading', machine, null, 'pass', null, ['figure >= 90 %: pass', 'time <= baseline + 10%: undecided']],
  ]);
});

test('what is exported as CSV comes back', async () => {
  const root = folder();
  write(root, { 'data.js': store(300) });
  await perfBudget(root, ['import', '--format', 'github-action-benchmark', 'data.js']);
  expect(seen(await perfBudget(root, ['export', '--format', 'csv', '--output', 'all.csv', 'fib']))).toBe(
    'exit code 0\n\n--- standard error\nWrote 2 runs to all.csv.',
  );
  const other = folder();
  write(other, { 'all.csv': readFileSync(join(root, 'all.csv')) });
  expect(seen(await perfBudget(other, ['import', '--format', 'csv', 'all.csv']))).toBe(
    'exit code 0\nall.csv: 2 runs added.',
  );
  expect(seen(await perfBudget(other, ['import', '--format', 'csv', 'all.csv']))).toBe(
    'exit code 0\nall.csv: 0 runs added, 2 runs already known.',
  );
  expect((await rows(other)).map((row) => (row as unknown[]).slice(0, 5))).toEqual([
    ['fib', 'import:csv', '222', 'pass', 300],
    ['fib', 'import:csv', '111', 'pass', 300],
  ]);
});

test('reads standard input', async () => {
  const root = folder();
  const child = spawn(process.execPath, [program, 'import', '--format', 'go', '-'], { cwd: root, env: environment });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stdin.end(go);
  const [code] = (await once(child, 'close')) as [number];
  expect([code, stdout]).toEqual([0, 'standard input: 3 runs added.\n']);
});

const formats =
  'csv, bencher, benchee, benchmarkdotnet, criterion, github-action-benchmark, go, google-benchmark, hyperfine, jmh, mitata, pytest-benchmark, tinybench, vitest';

test.each<[string, readonly string[], string]>([
  [
    'no format',
    ['import', 'go.txt'],
    "error: required option '--format <name>' not specified\nTry perf-budget --help.",
  ],
  [
    'an unknown format',
    ['import', '--format', 'x', 'go.txt'],
    `perf-budget: Unknown format "x". The formats are ${formats}.`,
  ],
  [
    'an unknown format to write',
    ['export', '--format', 'go'],
    'perf-budget: Unknown format "go". The formats are bencher, csv, github-action-benchmark, otlp.',
  ],
  [
    'no file',
    ['import', '--format', 'go', 'gone.txt'],
    'perf-budget: gone.txt: it cannot be read: ENOENT: no such file or directory.',
  ],
  [
    'another tool’s output',
    ['import', '--format', 'hyperfine', 'go.txt'],
    "perf-budget: go.txt: This is go's output, not hyperfine's: use --format go.",
  ],
  [
    'a damaged store',
    ['import', '--format', 'github-action-benchmark', 'data.js'],
    'perf-budget: data.js: This cannot be read as the data.js of github-action-benchmark. "entries.Go.0.benches.0.value" is "fast", not a number.',
  ],
  [
    'an address for another format',
    ['export', '--format', 'csv', '--to', 'http://127.0.0.1:1'],
    'perf-budget: --to works only with --format otlp.',
  ],
  [
    'an empty history',
    ['export', '--format', 'csv'],
    'perf-budget: Nothing to export as csv: nothing has been measured yet.',
  ],
  [
    'an unknown budget',
    ['export', '--format', 'csv', 'fob'],
    'perf-budget: No budget matches "fob". Did you mean "fib"?',
  ],
  ['no repository', ['history', '--share'], 'perf-budget: FOLDER is not in a Git repository.'],
  [
    'a budget to share',
    ['history', 'fib', '--share'],
    'perf-budget: --share shares the runs of every budget, so it takes no budget.',
  ],
])('refuses %s', async (_, args, message) => {
  const root = folder();
  write(root, { 'data.js': store('fast') });
  const ended = await perfBudget(root, args);
  expect([ended.code, ended.stdout, seen(ended).split('--- standard error\n')[1]]).toEqual([2, '', message]);
  expect(existsSync(join(root, '.perf-budget'))).toBe(false);
});

test('says what a format lacks', async () => {
  const root = await measured();
  const said = await Promise.all(
    ['bencher', 'github-action-benchmark'].map((format) => perfBudget(root, ['export', '--format', format])),
  );
  expect(said.map(({ code, stderr }) => [code, stderr])).toEqual([
    [2, 'perf-budget: Nothing to export as bencher: nothing has been measured on this machine.\n'],
    [
      2,
      'perf-budget: Nothing to export as github-action-benchmark: no run is of a commit without uncommitted changes.\n',
    ],
  ]);
});

test('one bad file keeps none of the others back', async () => {
  const root = folder();
  write(root, { 'short.json': readFileSync(join(outputs, 'hyperfine.json'), 'utf8').slice(0, 60) });
  const ended = await perfBudget(root, ['import', '--format', 'go', 'short.json', 'go.txt']);
  expect(ended.code).toBe(2);
  expect(ended.stdout).toBe('go.txt: 3 runs added.\n');
  expect(ended.stderr).toContain("short.json: This cannot be read as go's output.");
});

test('what fits no budget at all is a mistake', async () => {
  const root = folder();
  write(root, { 'a.json': JSON.stringify([{ name: 'other', value: 1, unit: 'ms' }]) });
  expect(seen(await perfBudget(root, ['import', '--format', 'github-action-benchmark', 'a.json']))).toBe(
    'exit code 2\na.json: 0 runs added.\n--- standard error\na.json: no budget matches other.',
  );
});

test('where no history can be kept it says that nothing is', async () => {
  const root = folder();
  write(root, { '.perf-budget': 'a file where the folder should be' });
  const ended = await perfBudget(root, ['import', '--format', 'go', 'go.txt']);
  expect([ended.code, ended.stdout]).toEqual([2, '']);
  expect(ended.stderr).toContain('Nothing was imported: ');
  expect(ended.stderr).toContain('.perf-budget cannot be written');
});

test('a file that cannot be written', async () => {
  const root = folder();
  await perfBudget(root, ['import', '--format', 'go', 'go.txt']);
  const ended = await perfBudget(root, ['export', '--format', 'csv', '--output', 'go.txt/folder.csv']);
  expect([ended.code, ended.stderr]).toEqual([
    2,
    'perf-budget: --output go.txt/folder.csv cannot be written: EEXIST: file already exists.\n',
  ]);
  expect(readdirSync(root).sort()).toEqual(['.perf-budget', 'go.txt', 'perf-budget.jsonc']);
});

interface Sent {
  readonly path: string;
  readonly type: string;
  readonly key: string;
  readonly body: string;
}

/** An endpoint on this machine; gives what it was sent. */
async function endpoint(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ url: string; bodies: Sent[]; close: () => void }> {
  const bodies: Sent[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      const header = (name: string): string => String(request.headers[name] ?? '');
      bodies.push({ path: request.url ?? '', type: header('content-type'), key: header('x-key'), body });
      answer(request, response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  cleanups.push(close);
  return { url: `http://127.0.0.1:${port}`, bodies, close };
}

async function measured(): Promise<string> {
  const root = folder();
  await perfBudget(root, ['import', '--format', 'go', 'go.txt']);
  return root;
}

const send = (root: string, url: string, env: Record<string, string> = {}): Promise<Ended> =>
  perfBudget(root, ['export', '--format', 'otlp', '--to', url], { env });

test('otlp goes to the endpoint that is named, as to a file', async () => {
  const root = await measured();
  const { url, bodies } = await endpoint((_, response) => response.end('{}'));
  const sent = await send(root, url, { OTEL_EXPORTER_OTLP_HEADERS: 'x-key=a%20b' });
  expect(seen(sent)).toBe(`exit code 0\n3 runs sent to ${url}.`);
  const written = await perfBudget(root, ['export', '--format', 'otlp']);
  expect(bodies).toEqual([{ path: '/v1/metrics', type: 'application/json', key: 'a b', body: written.stdout }]);
  await send(root, `${url}/other`);
  expect(bodies[1]?.path).toBe('/other');
});

test.each<[string, (response: ServerResponse) => void, string]>([
  [
    'a refusal',
    (response) => response.writeHead(401).end('who are you?\n'),
    'the server answered 401 Unauthorized: who are you?',
  ],
  [
    'another place',
    (response) => response.writeHead(302, { location: 'http://127.0.0.1:1' }).end(),
    'the server answered 302 Found',
  ],
  [
    'a part refused',
    (response) => response.end('{"partialSuccess":{"rejectedDataPoints":"2","errorMessage":"too old"}}'),
    'the server rejected 2 figures: too old',
  ],
  ['no answer', () => undefined, 'no answer in 0.3 s'],
])('otlp: the endpoint answers with %s', async (name, answer, message) => {
  const root = await measured();
  const { url } = await endpoint((_request, response) => answer(response));
  const ended = await send(root, url, name === 'no answer' ? { OTEL_EXPORTER_OTLP_TIMEOUT: '300' } : {});
  expect([ended.code, ended.stdout, ended.stderr]).toEqual([2, '', `perf-budget: --to ${url}: ${message}.\n`]);
});

test('otlp: no endpoint there', async () => {
  const root = await measured();
  const { url, close } = await endpoint((_, response) => response.end());
  close();
  await expectRefused(root, url, 'connection refused');
  await expectRefused(root, 'localhost:4318', 'it must be a URL such as http://localhost:4318/v1/metrics');
});

async function expectRefused(root: string, url: string, message: string): Promise<void> {
  const ended = await send(root, url);
  expect([ended.code, ended.stdout, ended.stderr]).toEqual([2, '', `perf-budget: --to ${url}: ${message}.\n`]);
}

test('Ctrl-C while an endpoint thinks', async () => {
  const root = await measured();
  let ask = (): void => undefined;
  const { url } = await endpoint(() => ask());
  const ended = await perfBudget(root, ['export', '--format', 'otlp', '--to', url], {
    running: (child) => (ask = () => void child.kill('SIGINT')),
  });
  expect([ended.code, ended.stdout, ended.stderr]).toEqual([130, '', 'Interrupted.\n']);
});

test('runs are shared with the remote that is named', async () => {
  const root = folder();
  repository(root);
  commit(root, { '.gitignore': '.perf-budget/\n' });
  git(root, 'init', '--quiet', '--bare', 'bare.git');
  const shared = await perfBudget(root, ['history', '--share', 'bare.git']);
  expect(seen(shared)).toBe(
    'exit code 0\n0 runs written, 0 runs from others read, in refs/notes/perf-budget here and on bare.git.',
  );
  expect(seen(await perfBudget(root, ['history', '--share', 'nowhere']))).toBe(
    "exit code 2\n\n--- standard error\nperf-budget: nowhere cannot be read: 'nowhere' does not appear to be a git repository.",
  );
});
