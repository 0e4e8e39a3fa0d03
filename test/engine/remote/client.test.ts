import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { BroadcastChannel, type Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Project } from '../../../src/engine/project/snapshot.js';
import { Engine, type Outage } from '../../../src/engine/remote/client.js';
import { silent } from '../../../src/engine/util/log.js';
import { commit, git, remove, temporaryFolder, write } from '../repository.js';
import { scriptMeasurements } from '../scripted.js';
import { project as committed, work } from '../../cli/project.js';

scriptMeasurements();

const dist = path.resolve(import.meta.dirname, '../../../dist');
const options = { trusted: true, nodePath: null, workerPath: path.join(dist, 'worker.js') };
const limits = { heapMb: 192, firstMs: 20, healthyMs: 300_000, most: 3 };

/** Loads the engine as it was built, and does to its thread what a test asks for. */
const faults = `import { BroadcastChannel } from 'node:worker_threads';
await import(${JSON.stringify(pathToFileURL(path.join(dist, 'engine.js')).href)});
const ways = {
  exception: () => setImmediate(() => { throw new Error('thrown where nobody catches'); }),
  exit: () => process.exit(3),
  hang: () => { channel.postMessage('hangs'); for (;;); },
  memory: () => { for (const all = []; ; ) all.push(new Array(1e5).fill(all.length)); },
  rejection: () => void Promise.reject(new Error('rejected where nobody catches')),
};
const channel = new BroadcastChannel('fault');
channel.onmessage = ({ data }) => ways[data]();
channel.unref();
`;

let root: string;
let engine: Engine;
let project: Project;
let faulty: string;
const threads: Worker[] = [];
const outages: Outage[] = [];
const errors: string[] = [];
const saw = (worker: Worker): void => void threads.push(worker);

function started(most = limits.most): Engine {
  const log = { ...silent, error: (message: string) => void errors.push(message) };
  return new Engine(faulty, log, (outage) => void outages.push(outage), { ...limits, most });
}

beforeEach(async () => {
  for (const list of [threads, outages, errors]) list.length = 0;
  root = committed();
  faulty = path.join(temporaryFolder(), 'faulty.mjs');
  writeFileSync(faulty, faults);
  process.on('worker', saw);
  engine = started();
  project = await engine.open(path.join(root, 'perf-budget.jsonc'), options);
});

afterEach(async () => {
  process.off('worker', saw);
  await engine.dispose();
  remove(root);
  remove(path.dirname(faulty));
});

/** Does to the thread what a name in `faults` says, or ends it from outside. */
async function end(way: string): Promise<void> {
  const thread = threads.at(-1);
  const gone = new Promise((resolve) => thread?.once('exit', resolve));
  if (way === 'terminate') await thread?.terminate();
  else {
    const channel = new BroadcastChannel('fault');
    channel.postMessage(way);
    await gone;
    channel.close();
  }
}

const states = (): string[] =>
  project.snapshot.budgets.map(({ budget, state }) =>
    [budget.name, state.kind, ...(state.kind === 'known' ? [state.known.result.verdict] : [])].join(' '),
  );

/** Waits until the project says so. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await new Promise<void>((resolve) => {
      const forget = project.onDidChange(() => {
        forget();
        resolve();
      });
    });
  }
}

/** The processes that run in the project's folder. */
const running = (): string[] =>
  readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/cwd`).startsWith(root);
    } catch {
      return false;
    }
  });

describe.each(['terminate', 'exception', 'exit', 'memory'])('when the thread ends by %s', (way) => {
  test('it comes back, with what was known and what is asked for', async () => {
    expect((await project.run({})).verdict).toBe('pass');
    const known = ['steady known pass', 'growing known pass'];
    expect(states()).toEqual(known);
    const seen = new Set<string>();
    const lengths = new Set<number>();
    project.onDidChange(() => {
      for (const state of states()) seen.add(state);
      lengths.add(project.snapshot.budgets.filter(({ code }) => code !== null).length);
    });
    await end(way);
    // What is known stands while it is down, and what is asked waits for it.
    expect(states()).toEqual(known);
    const [baselines, rows, report] = await Promise.all([
      project.baselines(),
      project.history('steady', 10),
      project.run({}),
    ]);
    expect(baselines.all).toEqual([]);
    expect(rows.map(({ result }) => result.verdict)).toEqual(['pass']);
    expect(report.budgets.map(({ name, verdict, cached }) => [name, verdict, cached])).toEqual([
      ['steady', 'pass', true],
      ['growing', 'pass', false],
    ]);
    expect(outages).toEqual(['restarting']);
    expect(threads.length).toBe(2);
    expect(states()).toEqual(known);
    expect([...seen].filter((state) => state.includes('unmeasured'))).toEqual([]);
    // Neither a budget nor its place was gone for a moment.
    expect([...lengths]).toEqual([2]);
  });
});

test.runIf(process.platform === 'linux')('a benchmark that loops for ever ends with the thread', async () => {
  const looping = path.join(root, 'looping');
  const loop = `import { appendFileSync } from 'node:fs';
export function work() { appendFileSync(${JSON.stringify(looping)}, process.pid + '\\n'); for (;;); }`;
  write(root, { 'src/steady.ts': loop });
  const answer = project.run({}).catch(() => null);
  await vi.waitFor(() => expect(existsSync(looping)).toBe(true), 20_000);
  await end('terminate');
  write(root, { 'src/steady.ts': work(20_000) });
  const first = Number(readFileSync(looping, 'utf8').split('\n')[0]);
  await vi.waitFor(() => expect(existsSync(`/proc/${first}/cwd`)).toBe(false), 10_000);
  project.cancel();
  await answer;
});

test('a run and its budgets survive the end of the thread that measures them', async () => {
  const report = project.run({ fresh: true });
  await until(() => states().includes('steady measuring'));
  await end('terminate');
  expect(states()).toEqual(['steady unmeasured', 'growing unmeasured']);
  expect(project.snapshot.progress).toBe(null);
  expect((await report).budgets.map(({ name, verdict, cached }) => [name, verdict, cached])).toEqual([
    ['steady', 'pass', false],
    ['growing', 'pass', false],
  ]);
  if (process.platform === 'linux') {
    await engine.dispose();
    await vi.waitFor(() => expect(running()).toEqual([]), 10_000);
  }
});

test('saves and choices that were made while it was down count, and those that it was at', async () => {
  await project.run({});
  await project.capture({ name: 'v1', reason: '', automatic: false });
  expect(project.snapshot.baseline?.name).toBe('v1');
  write(root, { 'src/growing.ts': work(60_000) });
  project.filesChanged([path.join(root, 'src/growing.ts')]);
  await until(() => states().includes('growing measuring'));
  await end('terminate');
  write(root, { 'src/steady.ts': work(20_001) });
  project.filesChanged([path.join(root, 'src/steady.ts')]);
  const used = project.useBaseline(null);
  expect(await used).toEqual({ ok: true, value: null });
  await until(() => states().join() === 'steady known pass,growing known fail');
  expect(project.snapshot.baseline?.name).toBe('HEAD');
  const rows = await project.history('steady', 10);
  expect(rows.length).toBe(2);
});

test('a capture that the end interrupts is answered, and keeps nothing', async () => {
  await project.run({});
  const captured = project.capture({ name: 'v1', reason: '', automatic: false });
  await threads[0]?.terminate();
  expect(await captured).toEqual({
    ok: false,
    error:
      'Perf Budget ended unexpectedly, so what it had measured for the baseline is gone. Capture the baseline again.',
  });
  expect((await project.baselines()).all).toEqual([]);
  expect(existsSync(path.join(root, 'perf-budget.baselines/current'))).toBe(false);
  expect(git(root, 'for-each-ref', 'refs/perf-budget')).toBe('');
});

test('a call that two threads ended at is rejected, and the others are answered', async () => {
  await engine.dispose();
  engine = started(10);
  project = await engine.open(path.join(root, 'perf-budget.jsonc'), options);
  const report = project.run({ fresh: true });
  const refused = expect(report).rejects.toThrow('Perf Budget ended unexpectedly while it did this, twice.');
  await until(() => states().includes('steady measuring'));
  await end('terminate');
  await until(() => states().includes('steady measuring'));
  await end('terminate');
  const history = project.history('steady', 1);
  await refused;
  expect(await history).toEqual([]);
  expect(states()).toEqual(['steady unmeasured', 'growing unmeasured']);
  expect(outages).toEqual(['restarting']);
});

test('a bisection runs there, and says here how far it is', async () => {
  commit(root, { 'README.md': 'more' });
  const progress: unknown[] = [];
  const [head, before] = git(root, 'rev-list', 'HEAD').split('\n');
  const found = await project.bisect({ budget: 'growing', good: 'HEAD~1' }, (one) => progress.push(one));
  expect(found).toMatchObject({ ok: true, value: { outcome: 'no difference', tested: [{ verdict: 'same code' }] } });
  expect(progress).toEqual([{ kind: 'measuring', commit: head, against: before, done: 0, left: 2, isLonger: false }]);
  expect(await project.bisect({ budget: 'none' })).toEqual({
    ok: false,
    error: { kind: 'request', message: 'There is no budget "none".' },
  });
});

test('it stops after several ends in a row, says so, and starts again when it is asked to', async () => {
  await project.run({});
  const text = readFileSync(faulty, 'utf8');
  writeFileSync(faulty, 'process.exit(7);');
  await end('terminate');
  await vi.waitFor(() => expect(outages).toEqual(['restarting', 'stopped']), 10_000);
  expect(errors.filter((line) => line.includes('ended unexpectedly')).length).toBe(3);
  const stopped = 'Perf Budget has stopped. Restart it with the command Perf Budget: Restart.';
  await expect(project.run({})).rejects.toThrow(stopped);
  expect(await project.capture({ name: 'v1', reason: '', automatic: false })).toMatchObject({ ok: false });
  expect(states()).toEqual(['steady known pass', 'growing known pass']);
  write(root, { 'src/growing.ts': work(60_000) });
  project.filesChanged([path.join(root, 'src/growing.ts')]);
  writeFileSync(faulty, text);
  engine.restart();
  await until(() => states().includes('growing known fail'));
  expect(outages).toEqual(['restarting', 'stopped']);
});

test('it starts anew when it is asked to while it runs', async () => {
  const report = project.run({});
  await until(() => states().includes('steady measuring'));
  engine.restart();
  expect((await report).verdict).toBe('pass');
  expect(threads.length).toBe(2);
  expect([outages, errors]).toEqual([[], []]);
});

test('a rejection that nobody handles is logged, and ends nothing', async () => {
  const channel = new BroadcastChannel('fault');
  channel.postMessage('rejection');
  await vi.waitFor(() => expect(errors.join('\n')).toContain('rejected where nobody catches'), 10_000);
  channel.close();
  expect((await project.run({})).verdict).toBe('pass');
  expect(outages).toEqual([]);
  expect(threads.length).toBe(1);
});

test('what is disposed while it is down stays closed', async () => {
  await end('terminate');
  await project.dispose();
  await expect(project.run({})).rejects.toThrow('no project');
  await engine.dispose();
  await expect(project.run({})).rejects.toThrow();
  expect(outages).toEqual(['restarting']);
});

test('it closes though the thread hangs', async () => {
  const channel = new BroadcastChannel('fault');
  const hangs = new Promise((resolve) => (channel.onmessage = resolve));
  channel.postMessage('hang');
  await hangs;
  const asked = expect(project.baselines()).rejects.toThrow('Perf Budget is closed.');
  await engine.dispose();
  await asked;
  channel.close();
});
