import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readReply } from '../../../src/engine/workers/replies.js';

const slice = { iterations: 3, wall: 12, cpu: 11, queued: null, waits: null, collections: 0, collecting: 0 };

test.each([
  { type: 'ready', pid: 12 },
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
])('what cannot be a reply is none: %j', (message) => {
  expect(readReply(message)).toBeNull();
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
