import { atLoad, either, fast, inLoop, slow, slowHead, type Kind } from './kind.js';

// Messages to the engine that it did not ask the worker for. What is forged says that 10 ms are a nanosecond.

const failure = "{ kind: 'memory', message: 'forged' }";
const slice =
  '{ iterations: 1000000, wall: 1000000, cpu: 1000000, ns: 1, batch: 1, gc: 0, waits: 0, value: 1, elapsed: 1 }';
const forged: Readonly<Record<string, string>> = {
  ready: "{ type: 'ready' }",
  failed: `{ type: 'failed', failure: ${failure} }`,
  names: "{ type: 'names', names: ['forged', 'healthy'], failures: [] }",
  opened: "{ type: 'opened', hooks: 'none', others: ['healthy', 'forged'] }",
  called: `{ type: 'called', slice: ${slice}, overrides: false }`,
  warmed: "{ type: 'warmed', pace: 1, isHot: true }",
  sliced: `{ type: 'sliced', slice: ${slice}, restarts: false }`,
  timed: "{ type: 'timed', latencies: new Float64Array([1, 1, 1]), batch: 1 }",
  closed: "{ type: 'closed', mixed: false, empty: true, async: false }",
  finished: "{ type: 'finished' }",
  begun: "{ type: 'begun' }",
  ended: "{ type: 'ended' }",
  reached: "{ type: 'reached', cases: [{ name: 'bad', failure: 'forged', ms: 1, functions: [] }] }",
  observed: "{ type: 'observed', kind: 'running', figures: {} }",
  attempts: "{ type: 'attempts', attempts: { iterations: 1, errors: 1, message: 'forged' } }",
  measured: "{ type: 'measured', value: 1, time: 1 }",
};

/** It is never fast, whatever it says; and nobody believes the words that it has forged. */
const truth = { verdicts: ['fail', 'error', 'undecided'], limit: fast, message: /^(?!.*forged)/s } as const;

const junk: Readonly<Record<string, string>> = {
  'no object': 'null, undefined, 0, "", "ready", true, Symbol.iterator.description',
  'objects without a type': '{}, [], { type: null }, { type: 3 }, { type: {} }, { type: ["ready"] }',
  'unknown types': "{ type: 'gone' }, { type: '__proto__' }, { type: 'constructor' }, { type: 'toString' }",
  'parts missing': "{ type: 'sliced' }, { type: 'failed' }, { type: 'names' }, { type: 'opened' }, { type: 'timed' }",
  'a cmd of Node':
    "{ cmd: 'NODE_HANDLE' }, { cmd: 'NODE_DISCONNECT' }, { cmd: 'NODE_CLUSTER', act: 'exitedAfterDisconnect' }",
};

const sendAll = (messages: string): string => `for (const one of [${messages}]) try { process.send?.(one); } catch {}`;

export const channel: readonly Kind[] = [
  ...Object.entries(forged).flatMap(([type, text]): readonly Kind[] => [
    {
      name: `forges "${type}" in every iteration`,
      source: inLoop(`process.send?.(${text}); ${slow}`, slowHead),
      ...truth,
    },
  ]),
  {
    name: 'forges every reply while it is loaded',
    source: inLoop(slow, `${slowHead}\n${sendAll(Object.values(forged).join(', '))}`),
    ...truth,
  },
  {
    name: 'forges every reply from a timer',
    source: inLoop(
      slow,
      `${slowHead}\nsetInterval(() => { ${sendAll(Object.values(forged).join(', '))} }, 1).unref();`,
    ),
    ...truth,
  },
  ...Object.entries(junk).map(([name, text]): Kind => ({
    name: `sends ${name}`,
    source: inLoop(`${sendAll(text)} ${slow}`, slowHead),
    ...truth,
  })),
  {
    name: 'sends 100,000 messages',
    source: inLoop('if (left-- > 0) process.send?.({ type: "ready", left });', 'let left = 100_000;'),
    verdicts: either,
  },
  {
    name: 'sends 100 MB at once',
    source: inLoop('if (!sent) { sent = true; process.send?.("x".repeat(100_000_000)); }', 'let sent = false;'),
    verdicts: either,
  },
  {
    name: 'replaces process.send and process.emit',
    source: inLoop(slow, `${slowHead}\nprocess.send = () => true; process.emit = () => true;`),
    ...truth,
  },
  {
    name: 'wraps process.send to rewrite what is sent',
    source: inLoop(
      slow,
      `${slowHead}
const send = process.send?.bind(process);
process.send = ((message: any, ...rest: any[]) => send?.({ ...message, slice: ${slice}, pace: 1, forged: true }, ...rest)) as any;`,
    ),
    ...truth,
  },
  {
    name: 'listens to the requests and answers them itself',
    source: inLoop(slow, `${slowHead}\nprocess.on('message', () => { ${sendAll(Object.values(forged).join(', '))} });`),
    ...truth,
  },
  {
    name: 'disconnects',
    source: inLoop('process.disconnect?.();'),
    verdicts: either,
  },
  { name: 'disconnects while it is loaded', source: atLoad('process.disconnect?.();'), verdicts: either },
  {
    name: 'removes all listeners of process',
    source: atLoad('process.removeAllListeners();'),
    verdicts: either,
    isLong: true,
  },
  {
    name: 'removes all listeners in the loop',
    source: inLoop('process.removeAllListeners();'),
    verdicts: either,
    isLong: true,
  },
  {
    name: 'writes junk to its channel and to every other descriptor',
    source: inLoop(
      'for (let fd = 1; fd <= 10; fd++) try { writeSync(fd, \'{"type":"ready"}\\n\\0\\xff junk\'); } catch {}',
      "import { writeSync } from 'node:fs';",
    ),
    verdicts: either,
    isLong: true,
  },
  {
    name: 'closes descriptors 0 to 20',
    source: inLoop(
      'for (let fd = 0; fd <= 20; fd++) try { closeSync(fd); } catch {}',
      "import { closeSync } from 'node:fs';",
    ),
    verdicts: either,
    isLong: true,
  },
  {
    name: 'takes the channel for itself',
    source: inLoop(
      '',
      'const { channel } = process as any; channel?.unref?.(); channel?.close?.(); (process as any).channel = null;',
    ),
    verdicts: either,
    isLong: true,
  },
];
