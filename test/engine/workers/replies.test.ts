import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readReply } from '../../../src/engine/workers/replies.js';

const slice = { iterations: 3, wall: 12, cpu: 11, queued: null, waits: null, collections: 0, collecting: 0 };

const callFrame = { functionName: 'f', scriptId: '7', url: 'file:///a.mjs', lineNumber: 3, columnNumber: 0 };
const root = { id: 1, callFrame: { ...callFrame, lineNumber: -1, columnNumber: -1 }, hitCount: 0, children: [2] };
const leaf = { id: 2, callFrame, hitCount: 3, deoptReason: 'wrong map', positionTicks: [{ line: 4, ticks: 3 }] };
const profile = { nodes: [root, leaf], startTime: 1, endTime: 9, samples: [2, 1], timeDeltas: [5, -1] };
const profiled = (changes: object) => ({
  to: 1,
  reply: { type: 'profiled', iterations: 3, profile: { ...profile, ...changes } },
});

test.each([
  { type: 'ready', pid: 12 },
  { type: 'profiling' },
  { type: 'profiled', iterations: 3, profile },
  { type: 'sliced', slice, restarts: false },
  { type: 'timed', latencies: Float64Array.of(1, 2), batch: 1 },
  { type: 'observed', kind: 'cycles', points: [{ cycles: 1, bytes: 2 }] },
  { type: 'failed', failure: { kind: 'threw', message: 'the benchmark threw: no', line: 3 } },
])('a reply of the type $type is one', (reply) => {
  expect(readReply({ to: 1, reply })).toEqual({ to: 1, reply });
});

test.each([
  null,
  'ready',
  { type: 'ready', pid: 12 },
  { to: 1, reply: { type: 'ready', pid: -1 } },
  { to: 1, reply: { type: 'sliced', slice: { ...slice, wall: Infinity }, restarts: false } },
  { to: 1, reply: { type: 'sliced', slice: { ...slice, cpu: '11' }, restarts: false } },
  { to: 1, reply: { type: 'sliced', slice: { ...slice, iterations: -1 }, restarts: false } },
  { to: 1, reply: { type: 'timed', latencies: [1, 2], batch: 1 } },
  { to: 1, reply: { type: 'timed', latencies: Float64Array.of(NaN), batch: 1 } },
  { to: 1, reply: { type: 'measured', time: 1 } },
  { to: 1, reply: { type: 'failed', failure: { kind: 'passed', message: '' } } },
  { to: 1, reply: { type: 'names', names: [1], failures: [] } },
  { to: 1, reply: { type: 'profiled', iterations: 0.5, profile } },
  { to: 1, reply: { type: 'profiled', iterations: 1, profile: null } },
  profiled({ nodes: 'none' }),
  profiled({ endTime: NaN }),
  profiled({ nodes: [{ ...leaf, hitCount: -1 }] }),
  profiled({ nodes: [{ ...leaf, callFrame: { ...callFrame, lineNumber: -2 } }] }),
  profiled({ nodes: [{ ...leaf, callFrame: { ...callFrame, scriptId: '7'.repeat(100) } }] }),
  profiled({ nodes: [{ ...leaf, positionTicks: [{ line: 1, ticks: Infinity }] }] }),
  // A sample of nothing, samples without times, two nodes of one number, and calls that never end.
  profiled({ samples: [3, 1] }),
  profiled({ timeDeltas: [5] }),
  profiled({ nodes: [root, leaf, leaf] }),
  profiled({ nodes: [root, { ...leaf, children: [1] }] }),
  profiled({ nodes: [root, { ...leaf, children: [2] }] }),
  profiled({ nodes: [root, leaf, { ...leaf, id: 3, children: [2] }] }),
  profiled({ nodes: [{ ...root, children: [2, 2] }, leaf] }),
])('what cannot be a reply is none: %j', (message) => {
  expect(readReply(message)).toBeNull();
});

test('a profile with more nodes than a worker passes on is none', () => {
  const nodes = (count: number) => Array.from({ length: count }, (_, index) => ({ id: index + 1, callFrame }));
  expect(readReply(profiled({ nodes: nodes(100), samples: [], timeDeltas: [] }))).not.toBeNull();
  expect(readReply(profiled({ nodes: nodes(100_001), samples: [], timeDeltas: [] }))).toBeNull();
});

test('whatever arrives, reading it throws nothing', () => {
  fc.assert(fc.property(fc.anything(), (message) => readReply(message) === null));
});

test('a message that is put into a sentence is cut, and what nobody asks for is left out', () => {
  const failure = { kind: 'threw', message: 'x'.repeat(5000), verdict: 'pass' };
  expect(readReply({ to: 1, reply: { type: 'failed', failure } })).toEqual({
    to: 1,
    reply: { type: 'failed', failure: { kind: 'threw', message: 'x'.repeat(2000) } },
  });
});
