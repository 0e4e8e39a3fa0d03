import { Worker } from 'node:worker_threads';
import type { RunFailure } from '../core/results/measurement.js';
import type { Case } from './collect/case.js';
import { openClocks, type Clocks } from './sample/clock.js';
import { collect, type Collected } from './collect/collect.js';
import { observe } from './observe/observe.js';
import type { MeasureRequest, SideName, WorkerReply, WorkerRequest } from './protocol.js';
import { turn } from './sample/garbage.js';
import { CaseError, running, sample } from './sample/sample.js';
import { skipPlateau } from './sample/tiers.js';

/** A failure that the user's code caused, on one side. */
class Failure extends Error {
  constructor(
    readonly failure: RunFailure,
    readonly side: SideName | null,
  ) {
    super(failure.message);
  }
}

function reply(message: WorkerReply): void {
  // If this fails, the engine is gone, and nobody is left to tell.
  process.send?.(message, undefined, undefined, (error) => error !== null && end());
}

/** Kills this process and everything that the user's code has started. */
function end(): void {
  try {
    process.kill(-process.pid, 'SIGKILL');
  } catch {
    process.kill(process.pid, 'SIGKILL');
  }
}

/**
 * Ends this process group when the engine is gone: when the channel closes or, because an endless loop never notices that, when
 * a thread that looks once a second sees it. The engine passes its own process id, because it may be gone by now.
 */
function dieWith(parent: number): void {
  process.on('disconnect', end);
  const watch = `
    const parent = require('node:worker_threads').workerData;
    const alive = () => { try { return process.kill(parent, 0); } catch (error) { return error.code === 'EPERM'; } };
    setInterval(() => {
      if (process.ppid === parent && alive()) return;
      try { process.kill(-process.pid, 'SIGKILL'); } catch { process.kill(process.pid, 'SIGKILL'); }
    }, 1000);`;
  new Worker(watch, { eval: true, workerData: parent, stdout: true, stderr: true }).unref();
}

function describeError(error: unknown): string {
  if (error instanceof Error) return error.message.split('\n', 1)[0] ?? error.name;
  return String(error);
}

/** Returns where in the user's own code an error arose: the first frame of its stack that names one of their files. */
function place(error: unknown): Pick<RunFailure, 'file' | 'line' | 'column'> {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  for (const frame of stack.split('\n')) {
    const found = /\(?(?:file:\/\/)?([^()\s][^()]*?):(\d+):(\d+)\)?$/.exec(frame.trim().replace(/^at /, ''));
    if (found?.[1] === undefined || /node:|node_modules|\.mjs\?|dist[\\/]worker\.js/.test(found[1])) continue;
    return { file: found[1], line: Number(found[2]), column: Number(found[3]) };
  }
  return {};
}

type Cases = Extract<Collected, { kind: 'cases' }>;

async function load(bundle: string, wanted: string | null, side: SideName | null): Promise<Cases> {
  const collected = await collect(() => import(bundle), wanted);
  if (collected.kind === 'cases') return collected;
  const message = `the bench file threw while loading: ${describeError(collected.error)}`;
  throw new Failure({ kind: 'import', message, ...place(collected.error) }, side);
}

function find(loaded: Cases, name: string, side: SideName): Case {
  const found = loaded.cases.find((one) => one.name === name);
  if (found !== undefined) return found;
  throw new Failure({ kind: 'not-found', message: `the bench file has no benchmark "${name}"` }, side);
}

async function measure(request: MeasureRequest, clocks: Clocks): Promise<WorkerReply> {
  const cases: { side: SideName; benchmark: Case }[] = [];
  const ends: Cases['end'][] = [];
  for (const { side, bundle } of request.sides) {
    const loaded = await load(bundle, request.name, side);
    ends.push(loaded.end);
    cases.push({ side, benchmark: find(loaded, request.name, side) });
  }
  const measured = await sample(
    request,
    cases,
    clocks,
    () => reply({ type: 'sampling' }),
    (ms) => reply({ type: 'called', ms }),
  );
  // Let a last unhandled rejection surface before the answer.
  await turn();
  for (const end of ends) await end();
  return measured;
}

async function serve(request: WorkerRequest, clocks: Clocks): Promise<WorkerReply> {
  process.argv[1] = request.benchFile;
  // A request for the first call wants V8 as it is.
  const isCold = request.type === 'measure' && request.deadlineMs === 0;
  if (!isCold) skipPlateau();
  try {
    switch (request.type) {
      case 'discover':
        return { type: 'names', names: (await load(request.bundle, null, null)).cases.map((one) => one.name) };
      case 'measure':
        return await measure(request, clocks);
      case 'observe': {
        const loaded = await load(request.bundle, request.name, request.side);
        const found = { ...loaded, benchmark: find(loaded, request.name, request.side) };
        return await observe(request, found, describeError, (attempts) => reply({ type: 'attempts', attempts }));
      }
    }
  } catch (error) {
    return failed(error);
  }
}

/** Returns the reply to an error; `words` precede its message. */
function failed(error: unknown, words = 'the benchmark threw'): WorkerReply {
  if (error instanceof Failure) return { type: 'failed', failure: error.failure, side: error.side };
  const cause = error instanceof CaseError ? error.cause : error;
  const message = `${words}: ${describeError(cause)}`;
  return {
    type: 'failed',
    failure: { kind: 'threw', message, ...place(cause) },
    side: error instanceof CaseError ? error.side : running.side,
  };
}

/** Returns the reply to an uncaught error. If crashes are counted, it is one: outside Perf Budget it would end the process. */
function uncaught(request: WorkerRequest, error: unknown, origin: NodeJS.UncaughtExceptionOrigin): WorkerReply {
  if (request.type !== 'observe' || request.what.kind !== 'attempts')
    return failed(
      error,
      origin === 'unhandledRejection' ? 'the benchmark has an unhandled promise rejection' : undefined,
    );
  const message = `the benchmark crashed with an uncaught error: ${describeError(error)}`;
  return { type: 'failed', failure: { kind: 'crashed', message, ...place(error) }, side: request.side };
}

process.setSourceMapsEnabled(true);
// Removed, because bench files select their cases by the arguments after it.
dieWith(Number(process.argv.splice(2, 1)[0]));
const clocks = await openClocks();
process.once('message', (request: WorkerRequest) => {
  // A rejection or a timer that nothing awaits still comes from the user's code.
  process.on('uncaughtException', (error, origin) => reply(uncaught(request, error, origin)));
  void serve(request, clocks).then(reply);
});
reply({ type: 'ready' });
