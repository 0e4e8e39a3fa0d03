// What the user's code has put in their place does not count.
import { setTimeout } from 'node:timers';
import { setFlagsFromString } from 'node:v8';
import { openChannel } from './channel.js';
import { dieWithEngine, end } from './parent.js';
import { unreachable } from '../core/result.js';
import { openClocks, type Clocks } from './sample/clock.js';
import { isA } from './collect/signal.js';
import { Failure, failureOf, find, load, type Cases } from './load.js';
import type {
  DiscoverRequest,
  FinishRequest,
  Numbered,
  ObserveRequest,
  OpenRequest,
  Replied,
  SideRequest,
  WorkerReply,
  WorkerRequest,
} from './protocol.js';
import { turn } from './sample/garbage.js';
import { describeError, thrownAt } from './observe/thrown-at.js';
import { openProfiler, Unprofiled } from './sample/profiler.js';
import { Sampler } from './sample/sampler.js';
import { observedTiering, useLastCompilerSoon } from './sample/tiers.js';

/** The limit for the hooks after a failure, in milliseconds. */
const abandonMs = 1000;

/** What this worker has loaded to be measured, and the benchmark that is open. */
let loaded: Cases | null = null;
let sampler: Sampler | null = null;

async function discover(request: DiscoverRequest): Promise<WorkerReply> {
  const { cases, failures } = await load(request, null, channel);
  const named = failures.map((one) => ({ name: one.name, failure: failureOf(one) }));
  return { type: 'names', names: cases.map(({ name }) => name), failures: named };
}

async function open(request: OpenRequest, clocks: Clocks): Promise<WorkerReply> {
  if (request.tiering !== null) useLastCompilerSoon(request.tiering);
  loaded ??= await load(request, request.name, channel);
  const found = find(loaded, request.name);
  // A loop of its own is called once for all iterations of a slice, so it must be replaced while it runs.
  if (found.loop !== undefined && request.tiering !== null) setFlagsFromString('--use-osr');
  if (request.profileUs !== undefined) openProfiler(request.profileUs);
  sampler = new Sampler(found, request, clocks);
  return { type: 'opened', hooks: sampler.hooks, others: loaded.together };
}

async function close(open: Sampler): Promise<WorkerReply> {
  const closed = await open.close();
  // Let a last unhandled rejection surface before the answer.
  await turn();
  sampler = null;
  return closed;
}

async function serve(request: WorkerRequest, clocks: Clocks): Promise<WorkerReply> {
  try {
    switch (request.type) {
      case 'discover':
        process.argv[1] = request.benchFile;
        return await discover(request);
      case 'observe': {
        process.argv[1] = request.benchFile;
        observing = request;
        useLastCompilerSoon(observedTiering);
        const { observe } = await import('./observe/observe.js');
        const loaded = await load(request, request.name, channel);
        const found = { ...loaded, benchmark: find(loaded, request.name) };
        return await observe(request, found, describeError, (attempts) => reply({ type: 'attempts', attempts }));
      }
      case 'reach': {
        process.argv[1] = request.benchFile;
        const { reach } = await import('./observe/reach.js');
        const found = await load(request, request.name, channel);
        const names = new Set([request.name, ...found.together]);
        for (const name of request.done) names.delete(name);
        const benchmarks = [...names].map((name) => find(found, name));
        return await reach(request, benchmarks, describeError);
      }
      case 'open':
        process.argv[1] = request.benchFile;
        return await open(request, clocks);
      case 'finish':
        await sampler?.end();
        await loaded?.end();
        return { type: 'finished' };
      case 'begin':
      case 'end':
      case 'call':
      case 'warm':
      case 'slice':
      case 'latency':
      case 'profile-start':
      case 'profile-stop':
      case 'close':
        if (sampler === null) throw new Error(`nothing is open to ${request.type}`);
        return await step(request, sampler);
    }
  } catch (error) {
    await abandon();
    return failed(error);
  }
}

/** Ends the phase in which the benchmark threw, because its hooks may have started a server. What they throw now is ignored. */
async function abandon(): Promise<void> {
  const left = sampler;
  sampler = null;
  if (left === null) return;
  const ended = left.end().catch(() => undefined);
  await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, abandonMs))]);
}

async function step(request: Exclude<SideRequest, OpenRequest | FinishRequest>, open: Sampler): Promise<WorkerReply> {
  switch (request.type) {
    case 'begin':
      await open.begin(request.mode);
      return { type: 'begun' };
    case 'end':
      await open.end();
      return { type: 'ended' };
    case 'call':
      return open.call();
    case 'warm':
      return open.warm(request);
    case 'slice':
      return open.slice(request.iterations);
    case 'latency':
      return open.latency(request);
    case 'profile-start':
      open.startProfile();
      return { type: 'profiling' };
    case 'profile-stop':
      return open.stopProfile();
    case 'close':
      return close(open);
    default:
      return unreachable(request);
  }
}

/** Returns the reply to an error; `words` precede its message. */
function failed(error: unknown, words = 'the benchmark threw'): WorkerReply {
  if (isA(error, Failure)) return { type: 'failed', failure: error.failure };
  if (isA(error, Unprofiled)) {
    const message = `the code could not be profiled: ${describeError(error.cause)}`;
    return { type: 'failed', failure: { kind: 'spawn', message } };
  }
  const message = `${words}: ${describeError(error)}`;
  return { type: 'failed', failure: { kind: 'threw', message, ...thrownAt(error) } };
}

let observing: ObserveRequest | null = null;

/** Returns the reply to an uncaught error. If crashes are counted, it is one: outside Perf Budget it would end the process. */
function uncaught(error: unknown, origin: NodeJS.UncaughtExceptionOrigin): WorkerReply {
  if (observing?.what.kind !== 'attempts')
    return failed(
      error,
      origin === 'unhandledRejection' ? 'the benchmark has an unhandled promise rejection' : undefined,
    );
  const message = `the benchmark crashed with an uncaught error: ${describeError(error)}`;
  return { type: 'failed', failure: { kind: 'crashed', message, ...thrownAt(error) } };
}

const clocks = await openClocks();
/** The request that is being answered. */
let asked = 0;
const channel = await openChannel((message) => void answer(message as Numbered<WorkerRequest>), end);

function reply(message: WorkerReply): void {
  channel.send({ to: asked, reply: message } satisfies Replied);
}

async function answer({ number, message }: Numbered<WorkerRequest>): Promise<void> {
  // A rejection or a timer that nothing awaits still comes from the user's code.
  if (asked === 0) process.on('uncaughtException', (error, origin) => reply(uncaught(error, origin)));
  asked = number;
  reply(await serve(message, clocks));
}

reply({ type: 'ready', pid: process.pid });
// No request is read before this is done.
dieWithEngine();
